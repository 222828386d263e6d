// SPDX-License-Identifier: Apache-2.0
// Reads little-endian fields from a GGUF header. Every read is checked against the end of the file.

/// A position in the file's bytes. Nothing is copied and nothing allocated.
struct GGUFCursor {
  let bytes: UnsafeRawBufferPointer
  private(set) var offset: Int
  /// Named in errors.
  var part: GGUFPart

  init(_ bytes: UnsafeRawBufferPointer, at offset: Int, part: GGUFPart) {
    self.bytes = bytes
    self.offset = offset
    self.part = part
  }

  var leftCount: Int { bytes.count - offset }

  mutating func integer<T: FixedWidthInteger>(_: T.Type) throws(GGUFError) -> T {
    let width = MemoryLayout<T>.size
    try require(UInt64(width))
    defer { offset += width }
    return T(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: T.self))
  }

  /// A string: its length in 8 bytes, then as many bytes of any content.
  mutating func string() throws(GGUFError) -> Range<Int> {
    let byteCount = try integer(UInt64.self)
    try require(byteCount)
    let start = offset
    offset += Int(byteCount)
    return start..<offset
  }

  mutating func skip(_ byteCount: UInt64) throws(GGUFError) {
    try require(byteCount)
    offset += Int(byteCount)
  }

  private func require(_ byteCount: UInt64) throws(GGUFError) {
    guard byteCount <= UInt64(leftCount) else {
      throw .truncated(part: part, offset: offset, need: byteCount, have: leftCount)
    }
  }

  /// Steps over a value of `type`, proving that it lies inside the file.
  mutating func skipValue(type: GGUFValueType, key: Range<Int>, depth: Int = 0) throws(GGUFError) {
    switch type {
    case .string: _ = try string()
    case .array:
      guard depth < ReaderLimits.ggufArrayDepthMax else {
        throw .arrayTooDeep(key: text(key), atMost: ReaderLimits.ggufArrayDepthMax)
      }
      let elementType = try valueType(key: key)
      let count = try integer(UInt64.self)
      if let width = elementType.fixedByteCount {
        let (byteCount, overflow) = count.multipliedReportingOverflow(by: UInt64(width))
        try skip(overflow ? .max : byteCount)
      } else {
        // Before the walk: an element of any kind takes eight bytes or more.
        let (least, overflow) = count.multipliedReportingOverflow(by: 8)
        try require(overflow ? .max : least)
        for _ in 0..<count { try skipValue(type: elementType, key: key, depth: depth + 1) }
      }
    default: try skip(UInt64(type.fixedByteCount!))
    }
  }

  mutating func valueType(key: Range<Int>) throws(GGUFError) -> GGUFValueType {
    let start = offset
    let number = try integer(UInt32.self)
    guard let type = GGUFValueType(rawValue: number) else {
      throw .unknownValueType(key: text(key), found: number, offset: start)
    }
    return type
  }

  /// The bytes of `range` as text for a message or a name already known to be UTF-8.
  func text(_ range: Range<Int>) -> String {
    String(decoding: bytes[range], as: UTF8.self)
  }
}
