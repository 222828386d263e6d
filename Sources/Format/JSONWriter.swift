// SPDX-License-Identifier: Apache-2.0
// JSON from bytes and integers, through a small buffer of the caller: no String, no allocation.

/// Takes what has been written so far. It is called with at least one byte each time.
public typealias JSONSink = (UnsafeRawBufferPointer) -> Void

/// Writes JSON into `room` and hands it to a sink whenever that is full. `sink` goes into every call, since a closure
/// that does not escape cannot be kept. Call `flush` at the end.
public struct JSONWriter {
  private let room: UnsafeMutableRawBufferPointer
  private var count = 0

  /// `room` has at least one byte.
  public init(_ room: UnsafeMutableRawBufferPointer) { self.room = room }

  public mutating func flush(_ sink: JSONSink) {
    if count > 0 { sink(UnsafeRawBufferPointer(rebasing: room[0..<count])) }
    count = 0
  }

  /// One byte as it is.
  public mutating func byte(_ byte: UInt8, _ sink: JSONSink) {
    if count == room.count { flush(sink) }
    room[count] = byte
    count += 1
  }

  /// ASCII text as it is: punctuation, keys.
  public mutating func raw(_ text: StaticString, _ sink: JSONSink) {
    let bytes = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    for value in bytes { byte(value, sink) }
  }

  /// A string in quotes. `"`, `\` and control characters below U+0020 are escaped, all else is left as it is.
  public mutating func string(_ text: UnsafeRawBufferPointer, _ sink: JSONSink) {
    byte(0x22, sink)
    for value in text {
      if value < 0x20 {
        raw("\\u00", sink)
        hex(value, sink)
      } else {
        if value == 0x22 || value == 0x5C { byte(0x5C, sink) }
        byte(value, sink)
      }
    }
    byte(0x22, sink)
  }

  /// A string in quotes, ASCII without anything to escape.
  public mutating func string(_ text: StaticString, _ sink: JSONSink) {
    byte(0x22, sink)
    raw(text, sink)
    byte(0x22, sink)
  }

  /// Decimal digits.
  public mutating func number(_ value: UInt64, _ sink: JSONSink) {
    var place: UInt64 = 1
    while value / place >= 10 { place *= 10 }
    while place > 0 {
      byte(48 + UInt8(value / place % 10), sink)
      place /= 10
    }
  }

  /// A digest as a string of 64 lower-case hexadecimal digits.
  public mutating func digest(_ value: Digest, _ sink: JSONSink) {
    byte(0x22, sink)
    hexLittleEndian(value.0, sink)
    hexLittleEndian(value.1, sink)
    hexLittleEndian(value.2, sink)
    hexLittleEndian(value.3, sink)
    byte(0x22, sink)
  }

  private mutating func hexLittleEndian(_ value: UInt64, _ sink: JSONSink) {
    for i in 0..<8 { hex(UInt8(truncatingIfNeeded: value >> UInt64(8 * i)), sink) }
  }

  private mutating func hex(_ value: UInt8, _ sink: JSONSink) {
    hexDigit(value >> 4, sink)
    hexDigit(value & 15, sink)
  }

  private mutating func hexDigit(_ value: UInt8, _ sink: JSONSink) { byte(value + (value < 10 ? 48 : 87), sink) }
}
