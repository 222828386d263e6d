// SPDX-License-Identifier: Apache-2.0
// Bytes to a file descriptor through a buffer in given memory: text, numbers, JSON. Nothing is allocated.
import CSystem
import Format

/// Buffered output. `flush` when a person or a program waits for what has been written.
struct Writer {
  let descriptor: Int32
  private let buffer: UnsafeMutableRawBufferPointer
  private var count = 0
  /// The errno of the first write that failed; nothing is written after it.
  private(set) var failure: Int32 = 0

  init(_ descriptor: Int32, buffer: UnsafeMutableRawBufferPointer) {
    self.descriptor = descriptor
    self.buffer = buffer
  }

  /// Bytes that wait in the buffer.
  var fill: Int { count }

  /// Those bytes.
  var written: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: buffer[0..<count]) }

  /// Forgets them.
  mutating func restart() { count = 0 }

  mutating func flush() {
    if count > 0, failure == 0 { failure = sys_write(descriptor, buffer.baseAddress!, count) }
    count = 0
  }

  mutating func byte(_ byte: UInt8) {
    if count == buffer.count { flush() }
    buffer[count] = byte
    count += 1
  }

  mutating func bytes(_ bytes: UnsafeRawBufferPointer) {
    if bytes.count > buffer.count - count {
      flush()
      if bytes.count > buffer.count {
        if failure == 0 { failure = sys_write(descriptor, bytes.baseAddress!, bytes.count) }
        return
      }
    }
    if bytes.count > 0 { (buffer.baseAddress! + count).copyMemory(from: bytes.baseAddress!, byteCount: bytes.count) }
    count += bytes.count
  }

  mutating func text(_ text: StaticString) {
    bytes(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// `text` with each `%` replaced by the next of the numbers. A line in one call: the image has many.
  @inline(never)
  mutating func say(_ text: StaticString, _ a: UInt64 = 0, _ b: UInt64 = 0, _ c: UInt64 = 0) {
    var (next, second, third) = (a, b, c)
    for c in UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount) {
      guard c == 37 else {
        byte(c)
        continue
      }
      number(next)
      (next, second, third) = (second, third, 0)
    }
  }

  /// The same of numbers that are not negative.
  mutating func say(_ text: StaticString, _ a: Int, _ b: Int = 0, _ c: Int = 0) {
    say(text, UInt64(bitPattern: Int64(a)), UInt64(bitPattern: Int64(b)), UInt64(bitPattern: Int64(c)))
  }

  @inline(never)
  mutating func number(_ value: UInt64) {
    withUnsafeTemporaryAllocation(byteCount: 20, alignment: 1) { digits in
      var at = 20
      var rest = value
      repeat {
        at -= 1
        digits[at] = UInt8(48 + rest % 10)
        rest /= 10
      } while rest > 0
      bytes(UnsafeRawBufferPointer(rebasing: digits[at...]))
    }
  }

  /// A number that is not negative, with blanks before it.
  mutating func number(_ value: Int, width: Int) {
    var digits = 1
    var rest = value / 10
    while rest > 0 {
      digits += 1
      rest /= 10
    }
    while digits < width {
      byte(32)
      digits += 1
    }
    number(UInt64(value))
  }

  mutating func number(_ value: Int) {
    if value < 0 { byte(45) }
    number(UInt64(value.magnitude))
  }

  /// Fixed point with `places` digits after the point; what is not finite becomes `null`, which JSON can hold.
  mutating func decimal(_ value: Double, places: Int) {
    guard value.isFinite, value.magnitude < 1e15 else { return text("null") }
    var unit: UInt64 = 1
    for _ in 0..<places { unit *= 10 }
    let scaled = UInt64(value.magnitude * Double(unit) + 0.5)
    if value < 0, scaled > 0 { byte(45) }
    number(scaled / unit)
    if places == 0 { return }
    byte(46)
    var digit = unit / 10
    while digit > 0 {
      byte(UInt8(48 + scaled / digit % 10))
      digit /= 10
    }
  }

  /// Bytes in the unit that a person reads: `18.2 MiB`.
  mutating func size(_ byteCount: UInt64) {
    if byteCount < 1024 {
      number(byteCount)
      text(" B")
    } else if byteCount < 1 << 20 {
      decimal(Double(byteCount) / 1024, places: 1)
      text(" KiB")
    } else if byteCount < 1 << 30 {
      decimal(Double(byteCount) / 1_048_576, places: 1)
      text(" MiB")
    } else {
      decimal(Double(byteCount) / 1_073_741_824, places: 2)
      text(" GiB")
    }
  }

  @inline(never)
  mutating func hex(_ digest: Digest, digits: Int = 64) {
    withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { room in
      room.put(digest, at: 0)
      for i in 0..<digits {
        let nibble = room[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15
        byte(nibble < 10 ? 48 + nibble : 87 + nibble)
      }
    }
  }

  /// `bytes`, which are UTF-8, as a JSON string with the fewest escapes.
  mutating func json(_ bytes: UnsafeRawBufferPointer) {
    byte(34)
    for c in bytes { jsonByte(c) }
    byte(34)
  }

  /// One byte inside a JSON string.
  mutating func jsonByte(_ c: UInt8) {
    switch c {
    case 34, 92:
      byte(92)
      byte(c)
    case 0..<32:
      text("\\u00")
      byte(c < 16 ? 48 : 49)
      byte(c % 16 < 10 ? 48 + c % 16 : 87 + c % 16)
    default: byte(c)
    }
  }

  /// A name from a hostile file for a message: control bytes as dots, at most 120 bytes.
  mutating func safe(_ name: UnsafeRawBufferPointer) {
    for c in name.prefix(120) { byte(c < 32 || c == 127 ? 46 : c) }
  }
}

extension Writer {
  mutating func cString(_ text: UnsafePointer<CChar>) {
    var at = 0
    while text[at] != 0 {
      byte(UInt8(bitPattern: text[at]))
      at += 1
    }
  }
}
