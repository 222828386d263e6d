// SPDX-License-Identifier: Apache-2.0
// Where sentences end, by simple rules that are written down: specs/index.md §10.
import Format

/// Sentences of a text, one after the other without a gap: each has the blanks behind it.
public struct Sentences {
  public let text: UnsafeRawBufferPointer
  /// A sentence that is longer is cut, behind a blank if it has one.
  public let byteCountMax: Int
  /// Whether every line is by itself, and a number with a dot ends a sentence.
  private let isByLine: Bool

  public init(_ text: UnsafeRawBufferPointer, byteCountMax: Int, isByLine: Bool = false) {
    self.text = text
    self.byteCountMax = max(byteCountMax, 4)
    self.isByLine = isByLine
  }

  /// The end of the sentence that begins at `start`, which is inside the text.
  @inline(never)
  public func end(from start: Int) -> Int {
    let limit = start + min(byteCountMax, text.count - start)
    var at = start
    while at < limit {
      let count = characterByteCount(at)
      if at + count > limit { break }
      let ending = ending(at, count)
      at += count
      if ending == .none { continue }
      if ending == .always || isSentenceEnd(dotAt: at - count, start) {
        let closed = ending == .paragraph ? at : afterClosing(at)
        return afterBlanks(closed <= limit ? closed : at, limit)
      }
    }
    return limit == text.count && at == limit ? limit : cut(start, at)
  }

  private enum Ending { case none, beforeBlank, always, paragraph }

  private func characterByteCount(_ at: Int) -> Int { max(1, utf8SequenceByteCount(text, at: at)) }

  private func ending(_ at: Int, _ count: Int) -> Ending {
    if text[at] == 0x0A { return isByLine || isBlankLine(at + 1) ? .paragraph : .none }
    if isAmong("!.?…‼⁇⁈⁉։؟۔", at, count) { return .beforeBlank }
    return count > 1 && isAmong("\u{2029}。！．？｡।॥።។။།", at, count) ? .always : .none
  }

  /// Whether the character at `at`, of so many bytes, is in the list.
  @inline(never)
  private func isAmong(_ list: StaticString, _ at: Int, _ count: Int) -> Bool {
    if count == 1, text[at] >= 0x80 { return false }  // no character
    let bytes = UnsafeRawBufferPointer(start: list.utf8Start, count: list.utf8CodeUnitCount)
    var i = 0
    while i &+ count <= bytes.count {
      var same = 0
      while same < count, bytes[i &+ same] == text[at &+ same] { same &+= 1 }
      if same == count { return true }
      i &+= 1
    }
    return false
  }

  /// Whether the line from `at` on is empty or blank, and another begins behind it; or the text ends.
  private func isBlankLine(_ at: Int) -> Bool {
    var i = at
    while i < text.count, i - at < 64, text[i] == 0x20 || text[i] == 0x09 || text[i] == 0x0D { i += 1 }
    return i < text.count && text[i] == 0x0A
  }

  /// Whether the sign at `dotAt` ends a sentence: a blank or the end follows it and its brackets and quotes; and when
  /// it is a dot, no small letter comes next, and no abbreviation, initial or ordinal goes before.
  private func isSentenceEnd(dotAt: Int, _ start: Int) -> Bool {
    if text[dotAt] == 0x0A { return true }
    let next = afterClosing(dotAt + characterByteCount(dotAt))
    guard next == text.count || blankByteCount(next) > 0 else { return false }
    if text[dotAt] != 0x2E { return true }
    let word = afterBlanks(next, min(next + 64, text.count))
    if word < text.count, text[word] >= 0x61, text[word] <= 0x7A { return false }
    return !isAbbreviation(dotAt, start, next: word)
  }

  /// - Parameter next: where the next word begins.
  private func isAbbreviation(_ dotAt: Int, _ start: Int, next: Int) -> Bool {
    var begin = dotAt
    var digitCount = 0
    while begin > start, dotAt - begin <= 8, isLetterOrDigit(text[begin - 1]) {
      begin -= 1
      if text[begin] < 0x3A { digitCount += 1 }
    }
    let count = dotAt - begin
    if digitCount > 0 { return !isByLine && digitCount == count && count <= 2 }
    if count == 1 { return text[begin] < 0x80 && text[begin] != 0x49 }  // an initial; but "I" is a word
    if count == 2, text[begin] | 0x20 == 0x6E, text[begin + 1] | 0x20 == 0x6F {  // "No. 5"
      return next < text.count && text[next] &- 0x30 < 10
    }
    return count >= 2 && count <= 8 && isListed(begin, count)
  }

  private func isLetterOrDigit(_ byte: UInt8) -> Bool {
    byte >= 0x80 || byte &- 0x30 < 10 || (byte | 0x20) &- 0x61 < 26
  }

  private func isListed(_ begin: Int, _ count: Int) -> Bool {
    let list: StaticString = """
       mr mrs ms dr prof rev gen sen rep st mt jr sr vs nr nos fig figs eq sec vol pp cf approx dept ed eds al \
      abb bzw ca vgl bspw sog tel str hr fr abs mme mlle sra sig ing\u{20}
      """
    let bytes = UnsafeRawBufferPointer(start: list.utf8Start, count: list.utf8CodeUnitCount)
    for at in 1..<(bytes.count - count) where bytes[at - 1] == 0x20 && bytes[at + count] == 0x20 {
      var same = 0
      while same < count, bytes[at + same] == text[begin + same] | 0x20 { same += 1 }
      if same == count { return true }
    }
    return false
  }

  /// Behind further signs, closing brackets and quotes.
  @inline(never)
  private func afterClosing(_ from: Int) -> Int {
    var at = from
    while at < text.count, at - from < 64 {
      let count = characterByteCount(at)
      if !isAmong("!\"').?]}»’”›。」』】！）？", at, count) { break }
      at += count
    }
    return at
  }

  /// Behind the blanks from `at` on, at most to `limit`.
  @inline(never)
  public func afterBlanks(_ at: Int, _ limit: Int) -> Int {
    var at = at
    while at < limit, blankByteCount(at) > 0, at + blankByteCount(at) <= limit { at += blankByteCount(at) }
    return min(at, limit)
  }

  /// Bytes of the blank at `at`: white space of ASCII, no-break, typographic and ideographic spaces, line separators.
  @inline(never)
  public func blankByteCount(_ at: Int) -> Int {
    guard at < text.count else { return 0 }
    switch text[at] {
    case 0x09...0x0D, 0x20: return 1
    case 0xC2: return at + 1 < text.count && (text[at + 1] == 0xA0 || text[at + 1] == 0x85) ? 2 : 0
    case 0xE2:
      guard at + 2 < text.count, text[at + 1] == 0x80 else { return 0 }
      let last = text[at + 2]
      return last <= 0x8A || last == 0xA8 || last == 0xA9 || last == 0xAF ? 3 : 0
    case 0xE3: return at + 2 < text.count && text[at + 1] == 0x80 && text[at + 2] == 0x80 ? 3 : 0
    default: return 0
    }
  }

  /// The end of `start ..< end` without the blanks behind it.
  public func beforeBlanks(_ start: Int, _ end: Int) -> Int {
    var (at, kept) = (start, start)
    while at < end {
      let count = blankByteCount(at)
      at += max(count, 1)
      if count == 0 { kept = at }
    }
    return kept
  }

  /// Where a text that must be cut before `limit` is cut: behind its last blank, else there.
  public func cut(_ start: Int, _ limit: Int) -> Int {
    var at = limit
    while at > start {
      at -= 1
      if text[at] & 0xC0 != 0x80, blankByteCount(at) > 0, at + blankByteCount(at) <= limit {
        return at + blankByteCount(at) > start ? at + blankByteCount(at) : limit
      }
    }
    return limit
  }
}

/// A sentence of a text, as byte offsets: its own bytes, and the white space up to the next one.
public struct Sentence: Sendable {
  public var start: Int
  public var end: Int
  public var next: Int
}

/// The sentence of UTF-8 `text` that begins at or behind `offset`; nil when only white space is left. A line end always
/// ends one.
public func nextSentence(_ text: UnsafeRawBufferPointer, from offset: Int) -> Sentence? {
  let sentences = Sentences(text, byteCountMax: text.count, isByLine: true)
  let start = sentences.afterBlanks(offset, text.count)
  if start == text.count { return nil }
  let next = sentences.end(from: start)
  return Sentence(start: start, end: sentences.beforeBlanks(start, next), next: next)
}
