// SPDX-License-Identifier: Apache-2.0
// What is wrong with, or not supported in, a source's tokenizer. Always by name.

public enum TokenizerSourceError: Explained, Equatable {
  case gguf(GGUFError)
  case json(document: String, JSONError)
  case field(JSONFieldError)
  case checkpoint(CheckpointError)
  case file(FileError)
  /// Of tokenizer.model.
  case protobuf(ProtobufError)
  /// A part that is there but not understood: `part` says where, `found` what.
  case unsupported(part: String, found: String, known: [String])
  case missing(part: String)
  case wrongType(part: String, found: String, expected: String)
  case countsDiffer(part: String, found: Int, expected: Int)
  case duplicateToken(text: String, first: Int, second: Int)
  case unknownToken(part: String, text: String)
  case idOutOfRange(part: String, found: Int, count: Int)
  case noTokens
  case tooManyTokens(found: Int, limit: Int)

  public var message: String {
    switch self {
    case .gguf(let error): return error.message
    case .json(let document, let error): return "\(document): \(error.message)"
    case .field(let error): return error.message
    case .checkpoint(let error): return error.message
    case .file(let error): return error.message
    case .protobuf(let error): return "tokenizer.model: \(error.message)"
    case .unsupported(let part, let found, let known):
      let list = known.isEmpty ? "" : "; known: " + known.joined(separator: ", ")
      return "\(part) is \(quoted(found)), which is not supported\(list)"
    case .missing(let part): return "\(part) is missing"
    case .wrongType(let part, let found, let expected): return "\(part) is \(found), expected \(expected)"
    case .countsDiffer(let part, let found, let expected):
      return "\(part) has \(found) elements, expected \(expected)"
    case .duplicateToken(let text, let first, let second):
      return "token \(quoted(text)) is in the vocabulary twice, as \(first) and \(second)"
    case .unknownToken(let part, let text): return "\(part) names \(quoted(text)), which is no token"
    case .idOutOfRange(let part, let found, let count):
      return "\(part) is token \(found), but there are \(count) tokens"
    case .noTokens: return "the vocabulary is empty"
    case .tooManyTokens(let found, let limit): return "the vocabulary has \(found) tokens, at most \(limit) fit"
    }
  }
}
