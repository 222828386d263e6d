// SPDX-License-Identifier: Apache-2.0
// Why a checkpoint folder was refused.

/// Why a folder of safetensors files and JSON documents was refused.
public enum CheckpointError: Explained, Equatable {
  case file(FileError)
  case noConfig(folder: String, found: [String])
  case noWeights(folder: String, found: [String])
  case json(path: String, JSONError)
  case notObject(path: String, found: String)
  case safetensors(path: String, SafetensorsError)
  // The index of a sharded checkpoint.
  case noWeightMap(path: String, found: String)
  case badShardName(path: String, tensor: String, found: String)
  case shardNotString(path: String, tensor: String, found: String)
  case tooManyShards(path: String, found: Int, atMost: Int)
  case missingShard(path: String, shard: String)
  case tensorNotInShard(tensor: String, shard: String)
  case tensorNotInIndex(tensor: String, shard: String)
  /// The index says one shard, another one has it too.
  case tensorInOtherShard(tensor: String, shard: String, indexed: String)

  public var message: String {
    switch self {
    case .file(let error): error.message
    case .noConfig(let folder, let found): "\(quoted(folder)) has no config.json; it holds \(Self.list(found))"
    case .noWeights(let folder, let found):
      "\(quoted(folder)) has neither model.safetensors nor model.safetensors.index.json; it holds \(Self.list(found))"
    case .json(let path, let error): "\(quoted(path)) is not JSON: \(error.message)"
    case .notObject(let path, let found): "\(quoted(path)) holds \(found), expected a JSON object"
    case .safetensors(let path, let error): "\(quoted(path)): \(error.message)"
    case .noWeightMap(let path, let found): "\(quoted(path)): \"weight_map\" is \(found), expected an object"
    case .badShardName(let path, let tensor, let found):
      "\(quoted(path)) places tensor \(quoted(tensor)) in \(quoted(found)), "
        + "expected the name of a .safetensors file in the same folder"
    case .shardNotString(let path, let tensor, let found):
      "\(quoted(path)) places tensor \(quoted(tensor)) in \(found), expected a file name"
    case .tooManyShards(let path, let found, let atMost):
      "\(quoted(path)) names \(found) files, expected at most \(atMost)"
    case .missingShard(let path, let shard): "\(quoted(path)) names \(quoted(shard)), which does not exist"
    case .tensorNotInShard(let tensor, let shard):
      "the index places tensor \(quoted(tensor)) in \(quoted(shard)), which does not hold it"
    case .tensorNotInIndex(let tensor, let shard):
      "\(quoted(shard)) holds tensor \(quoted(tensor)), which the index does not name"
    case .tensorInOtherShard(let tensor, let shard, let indexed):
      "\(quoted(shard)) holds tensor \(quoted(tensor)), which the index places in \(quoted(indexed))"
    }
  }

  public var hint: String? {
    switch self {
    case .file(let error): return error.hint
    case .noConfig: return "give the folder that holds config.json, model.safetensors and tokenizer.json"
    case .noWeights(_, let found):
      let isPickled = found.contains { $0.hasSuffix(".bin") || $0.hasSuffix(".pt") || $0.hasSuffix(".pth") }
      return isPickled ? "load it with transformers and save it with safe_serialization=True" : nil
    case .safetensors(_, let error): return error.hint
    case .missingShard: return "the download stopped early; fetch the missing file"
    default: return nil
    }
  }

  private static func list(_ names: [String]) -> String {
    if names.isEmpty { return "nothing" }
    let shown = names.prefix(6).map { quoted($0) }.joined(separator: ", ")
    return names.count > 6 ? shown + " and \(names.count - 6) more" : shown
  }
}
