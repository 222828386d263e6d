// SPDX-License-Identifier: Apache-2.0
// Where a sentence ends, by its punctuation: for tasks that take a text sentence by sentence.

/// A sentence of a text, as byte offsets: its own bytes, and the white space up to the next one.
public struct Sentence: Sendable {
  public var start: Int
  public var end: Int
  public var next: Int
}

/// The sentence of UTF-8 `text` that begins at or behind `offset`; nil when only white space is left. A line end always
/// ends one.
///
/// A mark `. ! ? …` ends one where white space follows, behind closing quotes and brackets; a full stop does not behind
/// a single letter or one of the abbreviations below (some of them only before a number), nor before a small letter.
/// Marks of Chinese and Japanese need no space behind them.
public func nextSentence(_ text: UnsafeRawBufferPointer, from offset: Int) -> Sentence? {
  var start = offset
  while start < text.count, isBlank(text[start]) { start += 1 }
  if start == text.count { return nil }
  var at = start
  while at < text.count, text[at] != 10 {
    let length = markByteCount(text, at)
    if length == 0 {
      at += 1
      continue
    }
    let mark = at
    at = skipClosers(text, at + length)
    let isFull = length == 3 && text[mark] == 0xE3 || length == 3 && text[mark] == 0xEF
    if at < text.count, !isBlank(text[at]), !isFull { continue }
    if text[mark] == 46, goesOn(text, start, mark, at) { continue }
    break
  }
  var end = at
  while end > start, isBlank(text[end - 1]) { end -= 1 }
  var next = at
  while next < text.count, isBlank(text[next]) { next += 1 }
  return Sentence(start: start, end: end, next: next)
}

private func isBlank(_ byte: UInt8) -> Bool { byte == 32 || (byte >= 9 && byte <= 13) }

/// Bytes of the mark at `at` that can end a sentence; 0: none is there.
private func markByteCount(_ text: UnsafeRawBufferPointer, _ at: Int) -> Int {
  let first = text[at]
  if first == 46 || first == 33 || first == 63 { return 1 }
  if at + 1 < text.count, first == 0xD8, text[at + 1] == 0x9F { return 2 }  // ؟
  guard at + 2 < text.count, first >= 0xE0 else { return 0 }
  switch (first, text[at + 1], text[at + 2]) {
  case (0xE2, 0x80, 0xA6), (0xE0, 0xA5, 0xA4), (0xE3, 0x80, 0x82), (0xEF, 0xBC, 0x81), (0xEF, 0xBC, 0x9F):
    return 3  // … । 。 ！ ？
  default: return 0
  }
}

/// Behind more marks, closing quotes and brackets.
private func skipClosers(_ text: UnsafeRawBufferPointer, _ start: Int) -> Int {
  var at = start
  while at < text.count {
    switch text[at] {
    case 33, 34, 39, 41, 46, 63, 93: at += 1
    case 0xC2 where at + 1 < text.count && text[at + 1] == 0xBB: at += 2  // »
    case 0xE2 where at + 2 < text.count && text[at + 1] == 0x80 && text[at + 2] >= 0x98 && text[at + 2] <= 0x9F:
      at += 3  // ’ ” “
    case 0xE3 where at + 2 < text.count && text[at + 1] == 0x80 && (text[at + 2] == 0x8D || text[at + 2] == 0x8F):
      at += 3  // 」 』
    default: return at
    }
  }
  return at
}

/// Whether the full stop at `mark` ends no sentence: `after` is behind what closes it.
private func goesOn(_ text: UnsafeRawBufferPointer, _ start: Int, _ mark: Int, _ after: Int) -> Bool {
  var next = after
  while next < text.count, isBlank(text[next]) {
    if text[next] == 10 { return false }
    next += 1
  }
  if next < text.count, text[next] >= 97, text[next] <= 122 { return true }
  var first = mark
  while first > start, !isBlank(text[first - 1]), text[first - 1] != 40, text[first - 1] != 34 { first -= 1 }
  let word = UnsafeRawBufferPointer(rebasing: text[first..<mark])
  if word.count == 1 { return isLetter(word[0]) && word[0] != 73 }  // but "I."
  let isNumber = next < text.count && text[next] >= 48 && text[next] <= 57
  if isNumber, contains(" no nr fig vol p pp ", word) { return true }
  return contains(" mr mrs ms dr prof st vs e.g i.e z.b bzw u.s jr sr hr fr mme ", word)
}

private func isLetter(_ byte: UInt8) -> Bool { byte | 32 >= 97 && byte | 32 <= 122 }

/// Whether the list has the word between two spaces, letters of either case.
private func contains(_ list: StaticString, _ word: UnsafeRawBufferPointer) -> Bool {
  var at = 0
  while at + word.count + 1 < list.utf8CodeUnitCount {
    if list.utf8Start[at] == 32, list.utf8Start[at + word.count + 1] == 32 {
      var i = 0
      while i < word.count, (isLetter(word[i]) ? word[i] | 32 : word[i]) == list.utf8Start[at + 1 + i] { i += 1 }
      if i == word.count { return true }
    }
    at += 1
  }
  return false
}
