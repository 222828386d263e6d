// SPDX-License-Identifier: Apache-2.0
// What Python knows of characters, as far as templates ask.

enum TemplateUnicode {
  @inline(never)
  static func isSpace(_ c: UInt32) -> Bool {
    if c < 0x80 { return c == 32 || (c >= 9 && c <= 13) || (c >= 28 && c <= 31) }
    switch c {
    case 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: return true
    default: return false
    }
  }

  static func isDigit(_ c: UInt32) -> Bool { c >= 48 && c <= 57 }

  static func isLetter(_ c: UInt32) -> Bool {
    if c < 0x80 { return (c | 32) >= 97 && (c | 32) <= 122 }
    return c == 0xAA || c == 0xB5 || c == 0xBA || (c >= 0xC0 && c != 0xD7 && c != 0xF7 && c < 0x2000) || c > 0x2C00
  }

  static func isPrintable(_ c: UInt32) -> Bool {
    switch c {
    case 0..<0xA1, 0xAD, 0x600...0x605, 0x61C, 0x6DD, 0x70F, 0x8E2, 0x1680, 0x180E, 0x2000...0x200F, 0x2028...0x202F,
      0x205F...0x206F, 0x3000, 0xD800...0xF8FF, 0xFEFF, 0xFFF0...0xFFFB, 0xE0000...0x10FFFF:
      return false
    default: return true
    }
  }

  @inline(never)
  static func isCased(_ c: UInt32) -> Bool {
    if c < 0x80 { return (c | 32) >= 97 && (c | 32) <= 122 }
    return upper(c) != c || lower(c) != c || expansion(c, isTitle: false) != nil || c == 0xAA || c == 0xBA
  }

  static func isCaseIgnorable(_ c: UInt32) -> Bool {
    c == 39 || c == 46 || c == 58 || c == 94 || c == 96 || c == 0xA8 || c == 0xAD || c == 0xAF || c == 0xB4
      || c == 0xB7 || c == 0xB8 || (c >= 0x2B0 && c < 0x370) || c == 0x2019
  }

  @inline(never)
  static func lower(_ c: UInt32) -> UInt32 {
    if c < 0x80 { return c >= 65 && c <= 90 ? c + 32 : c }
    return mapped(c, toUpper: false)
  }

  @inline(never)
  static func upper(_ c: UInt32) -> UInt32 {
    if c < 0x80 { return c >= 97 && c <= 122 ? c - 32 : c }
    return mapped(c, toUpper: true)
  }

  static func title(_ c: UInt32) -> UInt32 { upper(c) }

  static func expansion(_ c: UInt32, isTitle: Bool) -> (UInt32, UInt32, UInt32)? {
    c == 0xDF ? (0x53, isTitle ? 0x73 : 0x53, 0) : nil
  }

  private static func mapped(_ c: UInt32, toUpper: Bool) -> UInt32 {
    switch c {
    case 0xC0...0xDE where c != 0xD7 && !toUpper: return c + 32
    case 0xE0...0xFE where c != 0xF7 && toUpper: return c - 32
    case 0x391...0x3A9 where !toUpper: return c + 32
    case 0x3B1...0x3C9 where toUpper && c != 0x3C2: return c - 32
    case 0x410...0x42F where !toUpper: return c + 32
    case 0x430...0x44F where toUpper: return c - 32
    default: return c
    }
  }
}
