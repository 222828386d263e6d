// SPDX-License-Identifier: Apache-2.0
// String literals of templates: Python's escapes.

extension TemplateLexer {
  /// A literal between two `quote`s, from `start` on. Returns its bytes and the offset behind it.
  static func string(
    _ text: [UInt8], from start: Int, quote: UInt8
  ) throws(TemplateMistake) -> (bytes: [UInt8], end: Int) {
    var out: [UInt8] = []
    var at = start + 1
    while at < text.count {
      let c = text[at]
      if c == quote { return (out, at + 1) }
      at += 1
      if c != 92 {
        out.append(c)
        continue
      }
      guard at < text.count else { break }
      try escape(text, &at, &out)
    }
    throw TemplateMistake(offset: start, reason: "this string has no end")
  }

  private static func escape(_ text: [UInt8], _ at: inout Int, _ out: inout [UInt8]) throws(TemplateMistake) {
    let c = text[at]
    at += 1
    switch c {
    case 10: break
    case 92, 39, 34: out.append(c)
    case 97: out.append(7)
    case 98: out.append(8)
    case 102: out.append(12)
    case 110: out.append(10)
    case 114: out.append(13)
    case 116: out.append(9)
    case 118: out.append(11)
    case 48...55:
      var value = UInt32(c - 48)
      for _ in 0..<2 where at < text.count && (48...55).contains(text[at]) {
        value = value * 8 + UInt32(text[at] - 48)
        at += 1
      }
      append(value, &out)
    case 120: try hex(text, &at, digits: 2, &out)
    case 117: try hex(text, &at, digits: 4, &out)
    case 85: try hex(text, &at, digits: 8, &out)
    case 78: throw TemplateMistake(offset: at - 2, reason: "\\N{…} in a string is not supported")
    default:
      out.append(92)
      out.append(c)
    }
  }

  private static func hex(
    _ text: [UInt8], _ at: inout Int, digits: Int, _ out: inout [UInt8]
  ) throws(TemplateMistake) {
    let end = at + digits
    guard end <= text.count, let value = UInt32(String(decoding: text[at..<end], as: UTF8.self), radix: 16),
      UnicodeScalar(value) != nil
    else { throw TemplateMistake(offset: at - 2, reason: "a malformed escape in a string") }
    append(value, &out)
    at = end
  }

  private static func append(_ value: UInt32, _ out: inout [UInt8]) {
    if let scalar = UnicodeScalar(value) { out.append(contentsOf: Array(String(scalar).utf8)) }
  }

  mutating func string(_ quote: UInt8) throws(TemplateMistake) {
    let (bytes, end) = try Self.string(text, from: at, quote: quote)
    add(.string(bytes), at: at)
    at = end
  }
}
