// SPDX-License-Identifier: Apache-2.0
// Standard input line by line, in a mapping that grows with the longest line: `--jsonl`.
import CSystem
import Format

/// Reads lines from a descriptor. The bytes of a line are valid until the next call, and may be changed in place.
struct LineReader {
  private let descriptor: Int32
  private var room: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0
  private var isAtEnd = false

  init(_ descriptor: Int32) throws(Failure) {
    self.descriptor = descriptor
    room = try LineReader.map(65_536)
  }

  private static func map(_ byteCount: Int) throws(Failure) -> UnsafeMutableRawBufferPointer {
    var base: UnsafeMutableRawPointer?
    let errno = sys_map_anonymous(byteCount, &base)
    guard errno == 0 else { throw .memory(need: UInt64(byteCount), errno: errno) }
    return UnsafeMutableRawBufferPointer(start: base, count: byteCount)
  }

  /// Whether `next` would not wait for more.
  var hasLine: Bool {
    var at = start
    while at < end, room[at] != 10 { at += 1 }
    return at < end || isAtEnd && start < end
  }

  /// The next line without its LF, or nil at the end.
  mutating func next() throws(Failure) -> UnsafeMutableRawBufferPointer? {
    var scanned = start
    while true {
      while scanned < end, room[scanned] != 10 { scanned += 1 }
      if scanned < end || (isAtEnd && scanned > start) {
        let line = UnsafeMutableRawBufferPointer(rebasing: room[start..<scanned])
        start = min(scanned + 1, end)
        return line
      }
      if isAtEnd { return nil }
      scanned -= start
      try fill()
      scanned += start
    }
  }

  /// Moves what is left to the front, grows when there is no room, reads more.
  private mutating func fill() throws(Failure) {
    if start > 0 {
      room.baseAddress!.copyMemory(from: room.baseAddress! + start, byteCount: end - start)
      (start, end) = (0, end - start)
    }
    if end == room.count {
      let larger = try LineReader.map(room.count * 2)
      larger.baseAddress!.copyMemory(from: room.baseAddress!, byteCount: end)
      sys_unmap(room.baseAddress!, room.count)
      room = larger
    }
    var got = 0
    // What is there: whoever writes a line may wait for its answer before the next.
    let errno = sys_read_some(descriptor, room.baseAddress! + end, room.count - end, &got)
    guard errno == 0 else { throw .file("cannot read standard input", path: Word(start: nil, count: 0), errno: errno) }
    if got == 0 { isAtEnd = true }
    end += got
  }
}

/// Decodes the JSON string that `line` is, in place (the text is never longer), and returns it. RFC 8259 §7.
func decodeJSONString(_ line: UnsafeMutableRawBufferPointer) throws(Failure) -> UnsafeRawBufferPointer {
  var at = 0
  var end = line.count
  while at < end, line[at] == 32 || line[at] == 9 || line[at] == 13 { at += 1 }
  while end > at, line[end - 1] == 32 || line[end - 1] == 9 || line[end - 1] == 13 { end -= 1 }
  guard end - at >= 2, line[at] == 34, line[end - 1] == 34 else {
    throw .input("a line is not a JSON string:", Word(rebasing: UnsafeRawBufferPointer(line)[at..<end]))
  }
  at += 1
  end -= 1
  var out = 0
  while at < end {
    let c = line[at]
    if c < 32 || c == 34 { throw .input("a JSON string has a bare quote or control character", nil) }
    at += 1
    if c != 92 {
      line[out] = c
      out += 1
      continue
    }
    guard at < end else { throw .input("a JSON string ends in a backslash", nil) }
    let escape = line[at]
    at += 1
    if escape == 117 {
      out += put(try unicodeEscape(line, &at, end), line, out)
    } else {
      line[out] = try simpleEscape(escape)
      out += 1
    }
  }
  return UnsafeRawBufferPointer(rebasing: line[0..<out])
}

private func simpleEscape(_ c: UInt8) throws(Failure) -> UInt8 {
  switch c {
  case 34, 92, 47: c
  case 98: 8
  case 102: 12
  case 110: 10
  case 114: 13
  case 116: 9
  default: throw .input("a JSON string has an unknown escape", nil)
  }
}

/// The code point of `\uXXXX`, or of a pair of surrogates; half a pair is U+FFFD.
private func unicodeEscape(
  _ line: UnsafeMutableRawBufferPointer, _ at: inout Int, _ end: Int
) throws(Failure) -> UInt32 {
  let first = try hexUnit(line, &at, end)
  guard (0xD800..<0xE000).contains(first) else { return first }
  guard first < 0xDC00, at + 6 <= end, line[at] == 92, line[at + 1] == 117 else { return 0xFFFD }
  var next = at + 2
  let second = try hexUnit(line, &next, end)
  guard (0xDC00..<0xE000).contains(second) else { return 0xFFFD }
  at = next
  return 0x10000 + (first - 0xD800) << 10 + (second - 0xDC00)
}

private func hexUnit(_ line: UnsafeMutableRawBufferPointer, _ at: inout Int, _ end: Int) throws(Failure) -> UInt32 {
  guard at + 4 <= end else { throw .input("a JSON string has a cut \\u escape", nil) }
  var value: UInt32 = 0
  for i in 0..<4 {
    let c = line[at + i]
    switch c {
    case 48...57: value = value << 4 | UInt32(c - 48)
    case 97...102: value = value << 4 | UInt32(c - 87)
    case 65...70: value = value << 4 | UInt32(c - 55)
    default: throw .input("a JSON string has a malformed \\u escape", nil)
    }
  }
  at += 4
  return value
}

/// Writes a code point as UTF-8 over the escape that it came from, which was longer. Returns its bytes.
private func put(_ scalar: UInt32, _ line: UnsafeMutableRawBufferPointer, _ out: Int) -> Int {
  if scalar < 0x80 {
    line[out] = UInt8(scalar)
    return 1
  }
  if scalar < 0x800 {
    line[out] = 0xC0 | UInt8(scalar >> 6)
    line[out + 1] = 0x80 | UInt8(scalar & 63)
    return 2
  }
  if scalar < 0x10000 {
    line[out] = 0xE0 | UInt8(scalar >> 12)
    line[out + 1] = 0x80 | UInt8(scalar >> 6 & 63)
    line[out + 2] = 0x80 | UInt8(scalar & 63)
    return 3
  }
  line[out] = 0xF0 | UInt8(scalar >> 18)
  line[out + 1] = 0x80 | UInt8(scalar >> 12 & 63)
  line[out + 2] = 0x80 | UInt8(scalar >> 6 & 63)
  line[out + 3] = 0x80 | UInt8(scalar & 63)
  return 4
}
