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
    return upper(c) != c || lower(c) != c || expansion(c) != nil || c == 0xAA || c == 0xBA
  }

  static func isCaseIgnorable(_ c: UInt32) -> Bool {
    c == 39 || c == 46 || c == 58 || c == 94 || c == 96 || c == 0xA8 || c == 0xAD || c == 0xAF || c == 0xB4
      || c == 0xB7 || c == 0xB8 || (c >= 0x2B0 && c < 0x370) || c == 0x2019
  }

  /// The number in `count` characters of a table.
  @inline(never)
  private static func number(_ table: StaticString, _ at: Int, _ count: Int) -> UInt32 {
    var value: UInt32 = 0
    for index in at..<at + count { value = value << 6 | UInt32(table.utf8Start[index] &- 48) }
    return value
  }

  /// A letter's other case by the runs of upper and lower case, read forwards or backwards.
  private static func mapped(_ c: UInt32, toUpper: Bool) -> UInt32 {
    let runs = lowerRuns
    for at in stride(from: 0, to: runs.utf8CodeUnitCount, by: 8) {
      let first = number(runs, at, 3)
      let image = number(runs, at + 5, 3)
      let step = number(runs, at + 4, 1)
      let (from, to) = toUpper ? (image, first) : (first, image)
      // A stride is 1 or 2.
      let isInside = c >= from && c &- from < number(runs, at + 3, 1) &* step && (c &- from) & (step &- 1) == 0
      if isInside { return to &+ c &- from }
    }
    return c
  }

  @inline(never)
  static func lower(_ c: UInt32) -> UInt32 {
    if c < 0x80 { return c >= 65 && c <= 90 ? c + 32 : c }
    return isCaseless(c) ? c : mapped(c, toUpper: false)
  }

  @inline(never)
  static func upper(_ c: UInt32) -> UInt32 {
    if c < 0x80 { return c >= 97 && c <= 122 ? c - 32 : c }
    if isCaseless(c) { return c }
    let exceptions = upperExceptions
    for at in stride(from: 0, to: exceptions.utf8CodeUnitCount, by: 6) where number(exceptions, at, 3) == c {
      return number(exceptions, at + 3, 3)
    }
    return mapped(c, toUpper: true)
  }

  /// A quick no for the scripts without case that fill whole texts.
  private static func isCaseless(_ c: UInt32) -> Bool {
    (c >= 0x590 && c < 0x10A0) || (c >= 0x2E80 && c < 0xA640) || (c >= 0xAC00 && c < 0xFB00) || c >= 0x1E944
  }

  /// Upper case at the start of a word.
  static func title(_ c: UInt32) -> UInt32 {
    switch c {
    case 0x1C4...0x1CC: return (c - 0x1C4) / 3 * 3 + 0x1C5
    case 0x1F1...0x1F3: return 0x1F2
    case 0x10D0...0x10FF: return c
    default: return upper(c)
    }
  }

  /// The letters whose upper case is several, as far as they are Latin: those letters in lower case.
  static func expansion(_ c: UInt32) -> (UInt32, UInt32, UInt32)? {
    switch c {
    case 0xDF: return (0x73, 0x73, 0)
    case 0x1F0: return (0x6A, 0x30C, 0)
    case 0xFB00: return (0x66, 0x66, 0)
    case 0xFB01: return (0x66, 0x69, 0)
    case 0xFB02: return (0x66, 0x6C, 0)
    case 0xFB03: return (0x66, 0x66, 0x69)
    case 0xFB04: return (0x66, 0x66, 0x6C)
    case 0xFB05, 0xFB06: return (0x73, 0x74, 0)
    default: return nil
    }
  }
}
