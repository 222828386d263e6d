// SPDX-License-Identifier: Apache-2.0
// Why a safetensors file was refused: one case a rule.

/// Why a safetensors file was refused. Byte offsets count from the start of the tensor data unless said otherwise.
public enum SafetensorsError: Explained, Equatable {
  case file(FileError)
  case tooShort(byteCount: Int)
  case headerTooLarge(found: UInt64, atMost: Int)
  case headerPastEnd(headerByteCount: UInt64, fileByteCount: Int)
  /// The header does not start with `{`.
  case notSafetensors(found: UInt8)
  case json(JSONError)
  case metadataNotStrings(key: String)
  /// A tensor's name, `__metadata__`, or a key within that.
  case duplicateKey(String)
  case entryNotObject(tensor: String)
  case missingField(tensor: String, field: String)
  case duplicateField(tensor: String, field: String)
  case unknownType(tensor: String, found: String)
  case tooManyDimensions(tensor: String, atMost: Int)
  case shapeOverflow(tensor: String)
  /// The elements do not fill whole bytes: only types narrower than a byte can break this.
  case notWholeBytes(tensor: String, type: ElementType, elementCount: Int)
  case badOffsets(tensor: String)
  case offsetsReversed(tensor: String, start: Int, end: Int)
  case wrongByteCount(tensor: String, found: Int, expected: Int, type: ElementType, shape: [Int])
  case pastEnd(tensor: String, end: Int, dataByteCount: Int)
  case overlap(tensor: String, start: Int, previousEnd: Int)
  case hole(tensor: String, start: Int, previousEnd: Int)
  case trailingBytes(dataByteCount: Int, tensorsEnd: Int)

  public var message: String {
    switch self {
    case .file(let error): error.message
    case .tooShort(let byteCount): "not a safetensors file: \(byteCount) bytes, expected 8 or more"
    case .headerTooLarge(let found, let atMost): "safetensors header of \(found) bytes, expected at most \(atMost)"
    case .headerPastEnd(let headerByteCount, let fileByteCount):
      "safetensors header of \(headerByteCount) bytes in a file of \(fileByteCount)"
    case .notSafetensors(let found): "not a safetensors file: byte 8 is \(found), expected 123 ('{')"
    case .json(let error): "the safetensors header is not as expected: \(error.message)"
    case .metadataNotStrings(let key): "__metadata__ key \(quoted(key)) is not a string"
    case .duplicateKey(let name): "\(quoted(name)) appears twice in the safetensors header"
    case .entryNotObject(let tensor): "the entry of tensor \(quoted(tensor)) is not a JSON object"
    case .missingField(let tensor, let field): "the entry of tensor \(quoted(tensor)) has no \"\(field)\""
    case .duplicateField(let tensor, let field): "the entry of tensor \(quoted(tensor)) has \(quoted(field)) twice"
    case .unknownType(let tensor, let found):
      "tensor \(quoted(tensor)) has dtype \(quoted(found)), which safetensors does not define"
    case .tooManyDimensions(let tensor, let atMost):
      "tensor \(quoted(tensor)) has more than \(atMost) dimensions"
    case .shapeOverflow(let tensor): "tensor \(quoted(tensor)) has more elements than a file can hold"
    case .notWholeBytes(let tensor, let type, let elementCount):
      "tensor \(quoted(tensor)) has \(elementCount) elements of \(type.name), which do not fill whole bytes"
    default: placeMessage
    }
  }

  private var placeMessage: String {
    switch self {
    case .badOffsets(let tensor): "\"data_offsets\" of tensor \(quoted(tensor)) are not two"
    case .offsetsReversed(let tensor, let start, let end):
      "tensor \(quoted(tensor)) ends at byte \(end) of the data, before its start at \(start)"
    case .wrongByteCount(let tensor, let found, let expected, let type, let shape):
      "tensor \(quoted(tensor)) has \(found) bytes, expected \(expected) for \(type.name) \(shape)"
    case .pastEnd(let tensor, let end, let dataByteCount):
      "tensor \(quoted(tensor)) ends at byte \(end) of the data, which has \(dataByteCount)"
    case .overlap(let tensor, let start, let previousEnd):
      "tensor \(quoted(tensor)) starts at byte \(start) of the data, where the one before it ends at \(previousEnd)"
    case .hole(let tensor, let start, let previousEnd):
      "tensor \(quoted(tensor)) starts at byte \(start) of the data, expected \(previousEnd): "
        + "the bytes between belong to no tensor"
    case .trailingBytes(let dataByteCount, let tensorsEnd):
      "the data has \(dataByteCount) bytes, the tensors end at \(tensorsEnd)"
    default: "the safetensors file is refused"
    }
  }

  public var hint: String? {
    switch self {
    case .file(let error): error.hint
    case .tooShort, .headerPastEnd, .pastEnd: "the file is damaged or its download stopped early; fetch it again"
    default: nil
    }
  }
}
