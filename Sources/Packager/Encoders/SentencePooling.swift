// SPDX-License-Identifier: Apache-2.0
// How an encoder makes one vector of a text: as sentence-transformers' modules.json says, as GGUF says, or the mean.
import ModelFiles
import Ops

/// From hidden rows to an embedding.
struct SentencePooling: Equatable {
  var mode = Pool.Mode.mean
  /// Whether the model itself makes vectors of length 1.
  var isUnit = false

  /// sentence-transformers' own default, the mean.
  init() {}

  /// Of a folder. Without modules.json it is the default.
  init(_ folder: CheckpointFolder) throws {
    guard let modules = try folder.json("modules.json") else { return }
    guard let modules = modules.array else {
      throw PackError.badSetting(key: "modules.json", found: modules.summary, expected: "an array of modules")
    }
    for (index, module) in modules.enumerated() {
      guard let module = module.object, let type = module["type"]?.string else {
        throw PackError.badSetting(key: "modules.json", found: "\(module)", expected: "a module with a type")
      }
      switch type.split(separator: ".").last {
      case "Transformer" where index == 0: break
      case "Pooling" where index == 1: try readPooling(folder, path: module["path"]?.string ?? "")
      case "Normalize" where index >= 2: isUnit = true
      default:
        throw PackError.badSetting(
          key: "modules.json", found: type, expected: "Transformer, then Pooling, then Normalize or nothing")
      }
    }
  }

  private mutating func readPooling(_ folder: CheckpointFolder, path: String) throws {
    let name = path.isEmpty ? "config.json" : "\(path)/config.json"
    guard let config = try folder.fields(name) else {
      throw PackError.badSetting(key: "modules.json", found: "a Pooling without \(name)", expected: "its settings")
    }
    let modes: [(String, Pool.Mode)] = [
      ("pooling_mode_cls_token", .first), ("pooling_mode_mean_tokens", .mean), ("pooling_mode_max_tokens", .max),
      ("pooling_mode_mean_sqrt_len_tokens", .meanByRoot), ("pooling_mode_lasttoken", .last),
    ]
    var chosen: [Pool.Mode] = []
    for (key, mode) in modes where try config.bool(key, default: false) { chosen.append(mode) }
    let weighted = try config.bool("pooling_mode_weightedmean_tokens", default: false)
    guard chosen.count == 1, !weighted, try config.bool("include_prompt", default: true) else {
      throw PackError.badSetting(
        key: name, found: "\(chosen.count + (weighted ? 1 : 0)) modes of pooling",
        expected: "one of cls, mean, max, mean_sqrt_len, lasttoken, prompt included")
    }
    mode = chosen[0]
  }

  /// Of `bert.pooling_type`; nil where the file asks for none.
  init?(gguf type: Int, key: String) throws(PackError) {
    switch type {
    case 0: return nil
    case 1: mode = .mean
    case 2: mode = .first
    case 3: mode = .last
    default: throw .badSetting(key: key, found: "\(type)", expected: "0 none, 1 mean, 2 cls or 3 last")
    }
  }
}
