// SPDX-License-Identifier: Apache-2.0
// Bytes, characters and word borders for the recognisers. Outside the window every byte is 0, which belongs to nothing.
import Format

struct PatternText {
  let bytes: UnsafeRawBufferPointer

  // Called, not copied: the recognisers have a hundred of these, and are reached by few bytes of a text.
  subscript(_ at: Int) -> UInt8 {
    @inline(never) get { UInt(bitPattern: at) < UInt(bitPattern: bytes.count) ? bytes[at] : 0 }
  }

  /// Bytes of the word character at `at`; 0 when there is none. specs: docs/patterns.md, Words.
  @inline(never)
  func wordByteCount(at: Int) -> Int {
    let byte = self[at]
    if byte < 0x80 { return isASCIIWord(byte) ? 1 : 0 }
    let count = utf8SequenceByteCount(bytes, at: at)
    return count > 0 && isWordCodePoint(codePoint(at, count)) ? count : 0
  }

  /// Whether a word character ends before `at`.
  @inline(never)
  func isWord(before at: Int) -> Bool { wordByteCount(before: at) > 0 }

  /// Its bytes.
  @inline(never)
  func wordByteCount(before at: Int) -> Int {
    var start = at - 1
    while start > at - 4, self[start] & 0xC0 == 0x80 { start -= 1 }
    let count = start >= 0 && start < bytes.count ? wordByteCount(at: start) : 0
    return start + count == at ? count : 0
  }

  @inline(never)
  func isWord(at: Int) -> Bool { wordByteCount(at: at) > 0 }

  /// Whether digits go on behind `at` after one of . , - / :, as in a longer number, a date or a version.
  @inline(never)
  func isNumberGoingOn(at: Int) -> Bool {
    if isWord(at: at) { return true }
    switch self[at] {
    case 0x2C, 0x2D, 0x2E, 0x2F: return isASCIIDigit(self[at + 1])
    default: return false
    }
  }

  /// The same before `at`, backwards.
  @inline(never)
  func isNumberComing(before at: Int) -> Bool {
    if isWord(before: at) { return true }
    switch self[at - 1] {
    case 0x2B, 0x2C, 0x2D, 0x2E, 0x2F: return isASCIIDigit(self[at - 2])
    default: return false
    }
  }

  /// Bytes of a blank at `at`: space, no-break space, narrow no-break space.
  @inline(never)
  func blankByteCount(at: Int) -> Int {
    switch self[at] {
    case 0x20: 1
    case 0xC2: self[at + 1] == 0xA0 ? 2 : 0
    case 0xE2: self[at + 1] == 0x80 && self[at + 2] == 0xAF ? 3 : 0
    default: 0
    }
  }

  /// Bytes of a hyphen at `at`: hyphen-minus, hyphen, no-break hyphen.
  @inline(never)
  func hyphenByteCount(at: Int) -> Int {
    if self[at] == 0x2D { return 1 }
    return self[at] == 0xE2 && self[at + 1] == 0x80 && (self[at + 2] == 0x90 || self[at + 2] == 0x91) ? 3 : 0
  }

  private func codePoint(_ at: Int, _ count: Int) -> UInt32 {
    var value = UInt32(bytes[at]) & (count == 2 ? 0x1F : count == 3 ? 0x0F : 0x07)
    for i in 1..<count { value = value << 6 | UInt32(bytes[at + i] & 0x3F) }
    return value
  }
}

func isASCIIDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
func isASCIIWord(_ byte: UInt8) -> Bool {
  isASCIILetter(byte) || isASCIIDigit(byte) || byte == 0x5F
}
func isASCIILetter(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }

/// Which of the ranges holds `value`; a range is its first and last number, of `digitCount` digits each.
@inline(never)
func rangeIndex(of value: Int, in ranges: StaticString, digitCount: Int) -> Int? {
  var numbers = (0, 0)
  for at in 0..<ranges.utf8CodeUnitCount {
    numbers.1 = 10 * numbers.1 + Int(ranges.utf8Start[at] & 15)
    if at % digitCount != digitCount - 1 { continue }
    let index = at / digitCount
    if index % 2 == 1, numbers.0 <= value, value <= numbers.1 { return index / 2 }
    numbers = (numbers.1, 0)
  }
  return nil
}

/// Whether a code point beyond ASCII belongs to a word: letters, marks and digits of scripts that put blanks between
/// words. Scripts that do not (Han, kana, Thai, and Hangul, whose particles follow a name at once) are borders.
private func isWordCodePoint(_ value: UInt32) -> Bool {
  switch value {
  case 0x80...0xBF: value == 0xAA || value == 0xB5 || value == 0xBA
  case 0xD7, 0xF7: false
  case 0x0E00...0x0EFF, 0x1000...0x109F, 0x1100...0x11FF, 0x1780...0x17FF: false  // Thai, Lao, Burmese, jamo, Khmer
  case 0x2000...0x2BFF, 0x2E00...0xA63F, 0xA960...0xA97F, 0xAC00...0xFAFF: false
  case 0xFE10...0xFE6F, 0xFF00...0xFF0F, 0xFF1A...0xFF20, 0xFF3B...0xFF40, 0xFF5B...0xFFFF: false
  case 0x1F000...: false
  default: true
  }
}
