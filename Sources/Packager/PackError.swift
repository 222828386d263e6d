// SPDX-License-Identifier: Apache-2.0
// Why a model was not packed.
import Foundation
import ModelFiles

/// What the packager refuses, always by name.
public enum PackError: Explained {
  case unknownArchitecture(found: String, known: [String])
  case missingTensor(name: String, because: String)
  case unknownTensor(name: String, summary: String, family: String)
  case wrongShape(tensor: String, found: [Int], expected: [Int])
  case unsupportedType(tensor: String, type: String)
  case requantizeNeeded(tensor: String, type: String, wanted: String)
  case notFinite(tensor: String, format: String)
  case mixedKinds(first: String, second: String)
  case badSetting(key: String, found: String, expected: String)
  case limit(what: String, found: Int, limit: Int)
  /// A head whose labels have no names.
  case labelsMissing(count: Int)
  case emittedBundleRefused(String)
  case source(any Explained)
  case template(TemplateCompileError)
  case unreadable(path: String, reason: String)
  case output(path: String, reason: String, errno: Int32)

  public var message: String {
    switch self {
    case .unknownArchitecture(let found, let known):
      "architecture \(quoted(found)) is not known; known are \(known.joined(separator: ", "))"
    case .missingTensor(let name, let because): "tensor \(quoted(name)) is missing: \(because)"
    case .unknownTensor(let name, let summary, let family):
      "tensor \(quoted(name)) (\(summary)) has no place in a \(family) model: dropping it would change the results"
    case .wrongShape(let tensor, let found, let expected):
      "tensor \(quoted(tensor)) has the shape \(found), the configuration asks for \(expected)"
    case .unsupportedType(let tensor, let type): "tensor \(quoted(tensor)) is \(type), which cannot be held exactly"
    case .requantizeNeeded(let tensor, let type, let wanted):
      "tensor \(quoted(tensor)) is \(type) already; making it \(wanted) would lose precision twice"
    case .notFinite(let tensor, let format):
      "tensor \(quoted(tensor)) has numbers that are not finite, or that \(format) cannot hold"
    case .mixedKinds(let first, let second):
      "tensors \(quoted(first)) and \(quoted(second)) read the same activations, one as floats, the other as integers"
    case .badSetting(let key, let found, let expected): "\(key) is \(found), expected \(expected)"
    case .limit(let what, let found, let limit): "\(what) is \(found), the limit is \(limit)"
    case .labelsMissing(let count):
      "id2label of config.json is missing: the model has \(count) labels, and nothing says what they are"
    case .emittedBundleRefused(let why): "the bundle that was just written is refused by its own reader: \(why)"
    case .source(let error): error.message
    case .template(let error): error.message
    case .unreadable(let path, let reason): "cannot read \(quoted(path)): \(reason)"
    case .output(let path, let reason, _): "cannot write \(quoted(path)): \(reason)"
    }
  }

  public var hint: String? {
    switch self {
    case .unsupportedType:
      "--requantize cannot read this type either: take a file of the model in other blocks, such as Q4_K_M or BF16"
    case .mixedKinds:
      "--requantize with --weights q8, q6 or q4 converts it, and reports the error of each tensor"
    case .requantizeNeeded: "--weights keep holds it as it is; --requantize converts all the same"
    case .labelsMissing: "--labels A,B,… names them, in the order in which the model was trained"
    case .unknownTensor: "the checkpoint may be of another architecture, or carry an adapter that was not merged"
    case .source(let error): error.hint
    case .template: "--no-template packs the model without it; `chat` and `render` then have none"
    case .output(_, _, ENOSPC): "free some space, or write to another disk"
    case .output(_, _, ENOENT): "the folder must be there already"
    case .emittedBundleRefused: "this is a mistake of the packager: please report it with the model's name"
    default: nil
    }
  }
}
