// SPDX-License-Identifier: Apache-2.0
// The values of GGUF metadata. Strings and arrays are views of the mapped file: a vocabulary of 150,000 strings costs
// one table of offsets, and only when it is asked for.

/// The type numbers of GGUF metadata.
public enum GGUFValueType: UInt32, Sendable, CaseIterable {
  case uint8 = 0, int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64, float64

  /// Bytes of one value, nil for strings and arrays.
  var fixedByteCount: Int? {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .uint64, .int64, .float64: 8
    case .string, .array: nil
    }
  }

  public var isInteger: Bool {
    switch self {
    case .uint8, .int8, .uint16, .int16, .uint32, .int32, .uint64, .int64: true
    default: false
    }
  }

  public var isFloat: Bool { self == .float32 || self == .float64 }
}

/// One metadata value.
public enum GGUFValue: Sendable {
  case uint8(UInt8), int8(Int8), uint16(UInt16), int16(Int16), uint32(UInt32), int32(Int32)
  case uint64(UInt64), int64(Int64), float32(Float), float64(Double), bool(Bool)
  case string(GGUFString)
  case array(GGUFArray)

  /// The value as an integer of `type`, nil when it is none or does not fit.
  public func integer<T: FixedWidthInteger>(_: T.Type = T.self) -> T? {
    switch self {
    case .uint8(let value): T(exactly: value)
    case .int8(let value): T(exactly: value)
    case .uint16(let value): T(exactly: value)
    case .int16(let value): T(exactly: value)
    case .uint32(let value): T(exactly: value)
    case .int32(let value): T(exactly: value)
    case .uint64(let value): T(exactly: value)
    case .int64(let value): T(exactly: value)
    default: nil
    }
  }

  /// The value as a double: of a float, or of an integer that a double holds exactly.
  public var double: Double? {
    switch self {
    case .float32(let value): Double(value)
    case .float64(let value): value
    default: integer(Int64.self).flatMap { Double(exactly: $0) }
    }
  }

  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  public var array: GGUFArray? {
    if case .array(let value) = self { value } else { nil }
  }

  public var stringBytes: GGUFString? {
    if case .string(let value) = self { value } else { nil }
  }

  /// Type and value, for messages and listings: `uint32 7`, `array of 32000 strings`.
  public var summary: String {
    switch self {
    case .uint8(let value): "uint8 \(value)"
    case .int8(let value): "int8 \(value)"
    case .uint16(let value): "uint16 \(value)"
    case .int16(let value): "int16 \(value)"
    case .uint32(let value): "uint32 \(value)"
    case .int32(let value): "int32 \(value)"
    case .uint64(let value): "uint64 \(value)"
    case .int64(let value): "int64 \(value)"
    case .float32(let value): "float32 \(value)"
    case .float64(let value): "float64 \(value)"
    case .bool(let value): "bool \(value)"
    case .string(let value): "string \(quoted(value.description))"
    case .array(let value): "an array of \(value.count) × \(value.elementType)"
    }
  }
}

/// A string of the file: bytes, which need not be UTF-8.
public struct GGUFString: Sendable, CustomStringConvertible {
  let file: FileBytes
  let range: Range<Int>

  public var byteCount: Int { range.count }

  /// Calls `body` with the bytes, valid during the call.
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try body(UnsafeRawBufferPointer(rebasing: file.bytes[range]))
  }

  public var bytes: [UInt8] { Array(file.bytes[range]) }

  /// The text, nil when the bytes are not UTF-8.
  public var text: String? { String(validating: file.bytes[range], as: UTF8.self) }

  /// The text with replacement characters for what is not UTF-8.
  public var description: String { String(decoding: file.bytes[range], as: UTF8.self) }
}

/// An array of the file.
public struct GGUFArray: Sendable {
  public let elementType: GGUFValueType
  public let count: Int
  let file: FileBytes
  /// Of the first element.
  let offset: Int

  /// All elements in order, decoded as they are asked for. Arrays of arrays can only be read so.
  public var values: some Sequence<GGUFValue> {
    let (file, elementType) = (file, elementType)
    var cursor = GGUFCursor(file.bytes, at: offset, part: .header)
    return (0..<count).lazy.map { _ in GGUFValue.decode(type: elementType, file: file, cursor: &cursor) }
  }

  /// The elements of an array of integers or floats, by position; nil for other element types.
  public var numbers: GGUFNumberArray? {
    elementType.isInteger || elementType.isFloat || elementType == .bool ? GGUFNumberArray(array: self) : nil
  }

  /// The elements of an array of strings, by position; nil for other element types.
  public var strings: GGUFStringArray? {
    elementType == .string ? GGUFStringArray(array: self) : nil
  }
}

/// Numbers, read in place.
public struct GGUFNumberArray: RandomAccessCollection, Sendable {
  let array: GGUFArray
  public var elementType: GGUFValueType { array.elementType }
  public var startIndex: Int { 0 }
  public var endIndex: Int { array.count }

  public subscript(index: Int) -> GGUFValue {
    precondition(index >= 0 && index < array.count)
    var cursor = GGUFCursor(
      array.file.bytes, at: array.offset + index * elementType.fixedByteCount!, part: .header)
    return GGUFValue.decode(type: elementType, file: array.file, cursor: &cursor)
  }
}

/// Strings, found through a table of 8 bytes a string, which is what their lengths take in the file.
public struct GGUFStringArray: RandomAccessCollection, Sendable {
  let array: GGUFArray
  /// Where each string's length lies.
  private let offsets: [Int]

  public var startIndex: Int { 0 }
  public var endIndex: Int { array.count }

  init(array: GGUFArray) {
    self.array = array
    var cursor = GGUFCursor(array.file.bytes, at: array.offset, part: .header)
    offsets = [Int](unsafeUninitializedCapacity: array.count) { buffer, filledCount in
      for index in 0..<array.count {
        buffer.initializeElement(at: index, to: cursor.offset)
        _ = GGUFValue.decode(type: .string, file: array.file, cursor: &cursor)
      }
      filledCount = array.count
    }
  }

  public subscript(index: Int) -> GGUFString {
    var cursor = GGUFCursor(array.file.bytes, at: offsets[index], part: .header)
    guard let range = try? cursor.string() else { preconditionFailure("checked when the file was opened") }
    return GGUFString(file: array.file, range: range)
  }
}

extension GGUFValue {
  /// Decodes a value that ``GGUFCursor/skipValue(type:key:depth:)`` has proven. A failure here means that the file
  /// was changed under the mapping, which is outside of what is defended against.
  static func decode(type: GGUFValueType, file: FileBytes, cursor: inout GGUFCursor) -> GGUFValue {
    do throws(GGUFError) {
      switch type {
      case .uint8: return .uint8(try cursor.integer(UInt8.self))
      case .int8: return .int8(try cursor.integer(Int8.self))
      case .uint16: return .uint16(try cursor.integer(UInt16.self))
      case .int16: return .int16(try cursor.integer(Int16.self))
      case .uint32: return .uint32(try cursor.integer(UInt32.self))
      case .int32: return .int32(try cursor.integer(Int32.self))
      case .uint64: return .uint64(try cursor.integer(UInt64.self))
      case .int64: return .int64(try cursor.integer(Int64.self))
      case .float32: return .float32(Float(bitPattern: try cursor.integer(UInt32.self)))
      case .float64: return .float64(Double(bitPattern: try cursor.integer(UInt64.self)))
      case .bool: return .bool(try cursor.integer(UInt8.self) != 0)
      case .string: return .string(GGUFString(file: file, range: try cursor.string()))
      case .array:
        let elementType = try cursor.valueType(key: 0..<0)
        let count = Int(try cursor.integer(UInt64.self))
        let array = GGUFArray(elementType: elementType, count: count, file: file, offset: cursor.offset)
        if let width = elementType.fixedByteCount {
          try cursor.skip(UInt64(count * width))
        } else {
          for _ in 0..<count { try cursor.skipValue(type: elementType, key: 0..<0, depth: 1) }
        }
        return .array(array)
      }
    } catch {
      preconditionFailure("the file changed while it was open: \(error.message)")
    }
  }
}
