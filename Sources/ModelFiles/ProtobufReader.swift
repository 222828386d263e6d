// SPDX-License-Identifier: Apache-2.0
// Reads the wire format of Protocol Buffers, field by field, over bytes that anybody may have written. Every length is
// checked against what is left; fields of unknown number are the caller's to skip, groups are refused.

public enum ProtobufError: Explained, Equatable {
  /// `offset` counts from the start of the file.
  case truncated(offset: Int)
  case varintTooLong(offset: Int)
  case wrongWireType(offset: Int, field: Int, found: Int, expected: Int)
  case unknownWireType(offset: Int, found: Int)
  case fieldZero(offset: Int)

  public var message: String {
    switch self {
    case .truncated(let offset): "the file ends within the field at byte \(offset)"
    case .varintTooLong(let offset): "the number at byte \(offset) has more than 64 bits"
    case .wrongWireType(let offset, let field, let found, let expected):
      "field \(field) at byte \(offset) has wire type \(found), expected \(expected)"
    case .unknownWireType(let offset, let found): "the field at byte \(offset) has the unknown wire type \(found)"
    case .fieldZero(let offset): "the field at byte \(offset) has number 0"
    }
  }
}

/// The fields of one message, in order.
public struct ProtobufReader: Sendable {
  public enum Value: Sendable {
    case varint(UInt64)
    case fixed64(UInt64)
    case bytes(ArraySlice<UInt8>)
    case fixed32(UInt32)

    var wireType: Int {
      switch self {
      case .varint: 0
      case .fixed64: 1
      case .bytes: 2
      case .fixed32: 5
      }
    }
  }

  public struct Field: Sendable {
    public let number: Int
    public let value: Value
    public let offset: Int

    private func wrong(_ expected: Int) -> ProtobufError {
      .wrongWireType(offset: offset, field: number, found: value.wireType, expected: expected)
    }

    public func bytes() throws(ProtobufError) -> ArraySlice<UInt8> {
      guard case .bytes(let bytes) = value else { throw wrong(2) }
      return bytes
    }

    /// An `int32` or an enum: negative numbers are written with 64 bits.
    public func int() throws(ProtobufError) -> Int {
      guard case .varint(let number) = value else { throw wrong(0) }
      return Int(Int64(bitPattern: number))
    }

    public func bool() throws(ProtobufError) -> Bool { try int() != 0 }

    public func float() throws(ProtobufError) -> Float {
      guard case .fixed32(let bits) = value else { throw wrong(5) }
      return Float(bitPattern: bits)
    }
  }

  private let bytes: ArraySlice<UInt8>
  private var position: Int

  public init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  /// The next field, nil at the end of the message.
  public mutating func next() throws(ProtobufError) -> Field? {
    guard position < bytes.endIndex else { return nil }
    let start = position
    let key = try varint()
    guard let number = Int(exactly: key >> 3), number > 0 else { throw .fieldZero(offset: start) }
    let value: Value
    switch key & 7 {
    case 0: value = .varint(try varint())
    case 1: value = .fixed64(try fixed(8))
    case 2:
      let count = try varint()
      guard count <= UInt64(bytes.endIndex - position) else { throw .truncated(offset: start) }
      value = .bytes(bytes[position..<position + Int(count)])
      position += Int(count)
    case 5: value = .fixed32(UInt32(truncatingIfNeeded: try fixed(4)))
    default: throw .unknownWireType(offset: start, found: Int(key & 7))
    }
    return Field(number: number, value: value, offset: start)
  }

  private mutating func varint() throws(ProtobufError) -> UInt64 {
    let start = position
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard position < bytes.endIndex else { throw .truncated(offset: start) }
      let byte = bytes[position]
      position += 1
      if shift == 63, byte > 1 { throw .varintTooLong(offset: start) }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw .varintTooLong(offset: start)
  }

  private mutating func fixed(_ count: Int) throws(ProtobufError) -> UInt64 {
    guard bytes.endIndex - position >= count else { throw .truncated(offset: position) }
    var value: UInt64 = 0
    for index in 0..<count { value |= UInt64(bytes[position + index]) << UInt64(8 * index) }
    position += count
    return value
  }
}
