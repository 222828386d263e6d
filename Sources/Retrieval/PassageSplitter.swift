// SPDX-License-Identifier: Apache-2.0
// A document as passages: whole sentences as long as they fit, each passage beginning with the last sentences of the
// one before. specs/index.md §10.
import Format
import Text

/// How long passages are, in tokens as the caller counts them.
public struct PassageLimits: BitwiseCopyable, Sendable {
  public var tokenCountMax: Int
  /// Of the sentences that a passage shares with the one before it: less than `tokenCountMax`.
  public var overlapTokenCountMax: Int

  public init(tokenCountMax: Int, overlapTokenCountMax: Int) {
    self.tokenCountMax = max(tokenCountMax, 1)
    self.overlapTokenCountMax = max(0, min(overlapTokenCountMax, self.tokenCountMax - 1))
  }

  /// A passage is no longer, whatever its tokens: a bound of the work on text without blanks.
  public var byteCountMax: Int { min(16 * tokenCountMax + 64, IndexLimits.passageByteCountMax) }
}

/// Passages of a document that lies in memory, in order.
public struct PassageSplitter {
  private let sentences: Sentences
  private let limits: PassageLimits
  private var start: Int
  private var covered: Int  // what earlier passages hold ends there

  public init(_ text: UnsafeRawBufferPointer, _ limits: PassageLimits) {
    sentences = Sentences(text, byteCountMax: limits.byteCountMax)
    self.limits = limits
    start = sentences.afterBlanks(0, text.count)
    covered = start
  }

  /// A passage without the blanks at its end; it begins with none.
  public func withoutBlanks(_ passage: Range<Int>) -> UnsafeRawBufferPointer {
    let end = sentences.beforeBlanks(passage.lowerBound, passage.upperBound)
    return sentences.text.part(passage.lowerBound, end - passage.lowerBound)
  }

  /// The next passage, as bytes of the document; nil at its end. It has the blanks behind its last sentence.
  ///
  /// - Parameter tokenCount: how many tokens a part of the text has, for a parameter that is always a part of the text.
  /// - Complexity: O(log passage) calls a passage where a sentence does not fit, else two a sentence.
  @inline(never)
  public mutating func next(tokenCount: (UnsafeRawBufferPointer) -> Int) -> Range<Int>? {
    guard covered < sentences.text.count else { return nil }
    var (end, count) = whole(tokenCount)
    if end <= covered, start < covered {  // the next sentence does not fit behind the overlap
      start = covered
      (end, count) = whole(tokenCount)
    }
    if end == start {  // nor alone
      end = longestStart(sentences.end(from: start), tokenCount)
      count = limits.tokenCountMax
    }
    return taken(end, count, tokenCount)
  }

  /// The end of the sentences from `start` on that fit, and their tokens.
  @inline(never)
  private func whole(_ tokenCount: (UnsafeRawBufferPointer) -> Int) -> (end: Int, count: Int) {
    var (end, count) = (start, 0)
    while end < sentences.text.count {
      let next = sentences.end(from: end)
      let more = tokenCount(sentences.text.part(end, next - end))
      if count + more > limits.tokenCountMax || next - start > limits.byteCountMax { break }
      (end, count) = (next, count + more)
    }
    return (end, count)
  }

  /// The passage `start ..< end`; and where the next one begins: behind as many of its sentences as exceed the overlap.
  @inline(never)
  private mutating func taken(
    _ end: Int, _ count: Int, _ tokenCount: (UnsafeRawBufferPointer) -> Int
  ) -> Range<Int> {
    let passage = start..<end
    covered = end
    var rest = count
    while start < end, rest > limits.overlapTokenCountMax || start == passage.lowerBound {
      let next = min(sentences.end(from: start), end)
      rest -= tokenCount(sentences.text.part(start, next - start))
      start = next
    }
    return passage
  }

  /// The end of the longest start of a sentence too long that has few enough tokens: at a blank if there is one.
  @inline(never)
  private func longestStart(_ end: Int, _ tokenCount: (UnsafeRawBufferPointer) -> Int) -> Int {
    let text = sentences.text
    var (fits, over) = (start, end)
    while true {
      let middle = characterStart(fits + (over - fits) / 2, after: fits)
      if middle <= fits || middle >= over { break }
      if tokenCount(text.part(start, middle - start)) <= limits.tokenCountMax { fits = middle } else { over = middle }
    }
    if fits == start { return over }  // one character of more tokens than that: it goes in whole
    return sentences.cut(start, fits)
  }

  /// The first start of a character at or before `at`, or the first after `least` where there is none between.
  private func characterStart(_ at: Int, after least: Int) -> Int {
    var i = at
    while i > least, sentences.text[i] & 0xC0 == 0x80 { i -= 1 }
    if i > least { return i }
    i = least + 1
    while i < sentences.text.count, sentences.text[i] & 0xC0 == 0x80 { i += 1 }
    return i
  }
}
