// SPDX-License-Identifier: Apache-2.0
// Why a GGUF file was refused: one case a rule, with what was found, what was expected and where.

/// The part of a GGUF file that was being read. Records are counted from 0.
public enum GGUFPart: Equatable, Sendable, CustomStringConvertible {
  case header
  case metadata(index: Int)
  case tensor(index: Int)

  public var description: String {
    switch self {
    case .header: "the header"
    case .metadata(let index): "metadata entry \(index)"
    case .tensor(let index): "tensor record \(index)"
    }
  }
}

/// Why a GGUF file, or a question to its metadata, was refused. Offsets count from the start of the file.
public enum GGUFError: Explained, Equatable {
  case file(FileError)
  // The header.
  case notGGUF(found: [UInt8])
  case bigEndian
  case unsupportedVersion(found: UInt32)
  case tensorCountTooLarge(found: UInt64, atMost: Int)
  case metadataCountTooLarge(found: UInt64, atMost: Int)
  // Any part.
  case truncated(part: GGUFPart, offset: Int, need: UInt64, have: Int)
  // Metadata.
  case keyTooLong(index: Int, found: Int, atMost: Int)
  case keyNotUTF8(index: Int, offset: Int)
  case duplicateKey(name: String, first: Int, second: Int)
  case unknownValueType(key: String, found: UInt32, offset: Int)
  case arrayTooDeep(key: String, atMost: Int)
  case badAlignment(found: String)
  // Tensors.
  case nameTooLong(index: Int, found: Int, atMost: Int)
  case nameNotUTF8(index: Int, offset: Int)
  case duplicateTensor(name: String, first: Int, second: Int)
  case tooManyDimensions(tensor: String, found: UInt32, atMost: Int)
  case zeroDimension(tensor: String, dimension: Int)
  case shapeOverflow(tensor: String, dimensions: [UInt64])
  case unknownType(tensor: String, found: UInt32)
  case withdrawnType(tensor: String, name: String)
  case rowNotWholeBlocks(tensor: String, type: ElementType, rowElementCount: Int)
  case misaligned(tensor: String, offset: UInt64, alignment: Int)
  case pastEnd(tensor: String, offset: UInt64, byteCount: Int, dataByteCount: Int)
  case overlap(first: String, second: String)
  // Questions to the metadata.
  case missingKey(key: String)
  case wrongType(key: String, found: String, expected: String)

  public var message: String {
    switch self {
    case .file(let error): error.message
    case .notGGUF(let found): "not a GGUF file: it starts with \(Self.hex(found)), expected 47 47 55 46 (\"GGUF\")"
    case .bigEndian: "GGUF file is big-endian, expected little-endian"
    case .unsupportedVersion(let found): "GGUF version \(found), expected 2 or 3"
    case .tensorCountTooLarge(let found, let atMost):
      "header promises \(found) tensors, the file has room for at most \(atMost)"
    case .metadataCountTooLarge(let found, let atMost):
      "header promises \(found) metadata entries, the file has room for at most \(atMost)"
    case .truncated(let part, let offset, let need, let have):
      "\(part) needs \(need) bytes at byte \(offset), the file has \(have) left"
    case .keyTooLong(let index, let found, let atMost):
      "the key of metadata entry \(index) has \(found) bytes, expected at most \(atMost)"
    case .keyNotUTF8(let index, let offset): "the key of metadata entry \(index), at byte \(offset), is not UTF-8"
    case .duplicateKey(let name, let first, let second):
      "metadata key \(quoted(name)) appears twice, as entries \(first) and \(second)"
    case .unknownValueType(let key, let found, let offset):
      "metadata key \(quoted(key)) has value type \(found) at byte \(offset), expected 0 to 12"
    case .arrayTooDeep(let key, let atMost):
      "metadata key \(quoted(key)) has arrays more than \(atMost) deep"
    case .badAlignment(let found): "general.alignment is \(found), expected a power of two"
    default: tensorMessage
    }
  }

  private var tensorMessage: String {
    switch self {
    case .nameTooLong(let index, let found, let atMost):
      "the name of tensor record \(index) has \(found) bytes, expected at most \(atMost)"
    case .nameNotUTF8(let index, let offset): "the name of tensor record \(index), at byte \(offset), is not UTF-8"
    case .duplicateTensor(let name, let first, let second):
      "tensor \(quoted(name)) appears twice, as records \(first) and \(second)"
    case .tooManyDimensions(let tensor, let found, let atMost):
      "tensor \(quoted(tensor)) has \(found) dimensions, expected at most \(atMost)"
    case .zeroDimension(let tensor, let dimension):
      "tensor \(quoted(tensor)) has no elements: dimension \(dimension) is 0"
    case .shapeOverflow(let tensor, let dimensions):
      "tensor \(quoted(tensor)) has dimensions \(dimensions), more elements than a file can hold"
    case .unknownType(let tensor, let found):
      "tensor \(quoted(tensor)) has type number \(found), which no GGUF known here defines"
    case .withdrawnType(let tensor, let name):
      "tensor \(quoted(tensor)) has type \(name), which GGUF has withdrawn"
    case .rowNotWholeBlocks(let tensor, let type, let rowElementCount):
      "tensor \(quoted(tensor)) has rows of \(rowElementCount) elements, "
        + "expected a multiple of \(type.elementsPerBlock) for \(type.name)"
    case .misaligned(let tensor, let offset, let alignment):
      "tensor \(quoted(tensor)) starts at byte \(offset) of the data, expected a multiple of \(alignment)"
    case .pastEnd(let tensor, let offset, let byteCount, let dataByteCount):
      "tensor \(quoted(tensor)) takes \(byteCount) bytes at byte \(offset) of the data, which has \(dataByteCount)"
    case .overlap(let first, let second): "tensors \(quoted(first)) and \(quoted(second)) overlap in the file"
    case .missingKey(let key): "metadata key \(quoted(key)) is missing"
    case .wrongType(let key, let found, let expected):
      "metadata key \(quoted(key)) is \(found), expected \(expected)"
    default: "the GGUF file is refused"
    }
  }

  public var hint: String? {
    switch self {
    case .file(let error): error.hint
    case .notGGUF(let found) where ["ggml", "lmgg", "tjgg", "algg", "fmgg"].contains(Self.ascii(found)):
      "this is a format older than GGUF; convert the original model with a current llama.cpp"
    case .bigEndian: "convert it with gguf_convert_endian.py, or take the little-endian file"
    case .unsupportedVersion(let found) where found == 1: "convert the original model with a current llama.cpp"
    case .unsupportedVersion: "a newer hardtack may read it"
    case .truncated, .pastEnd, .tensorCountTooLarge, .metadataCountTooLarge:
      "the file is damaged or its download stopped early; fetch it again"
    case .withdrawnType: "take a file made with a current llama.cpp"
    default: nil
    }
  }

  private static func ascii(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined(separator: " ")
  }
}
