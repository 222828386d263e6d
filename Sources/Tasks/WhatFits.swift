// SPDX-License-Identifier: Apache-2.0
// Where to cut a text that is too long for a model.
import Text

/// Behind the space that is nearest to the middle of UTF-8 `text`; where there is none, in front of the character
/// there. Nil: it is all one.
func middleOfWords(_ text: UnsafeRawBufferPointer) -> Int? {
  let half = text.count / 2
  for distance in 0..<max(half - 1, 0) {
    if text[half - distance] == 32 { return half - distance + 1 }
    if text[half + distance] == 32 { return half + distance + 1 }
  }
  var at = half
  while at > 0, text[at] & 0xC0 == 0x80 { at -= 1 }
  return at > 0 ? at : nil
}

/// Where a range of `text` has to end for `fits` to be true of it: halved, between words, until it is, or all one.
public func endOfWhatFits<E: Error>(
  _ text: UnsafeRawBufferPointer, in range: Range<Int>, fits: (Range<Int>) throws(E) -> Bool
) throws(E) -> Int {
  var range = range
  while try !fits(range) {
    guard let middle = middleOfWords(UnsafeRawBufferPointer(rebasing: text[range])) else { break }
    range = range.lowerBound..<(range.lowerBound + middle)
  }
  return range.upperBound
}

/// Where the sentences of `text` from `sentence` on that fit together end; of a sentence that does not fit alone, where
/// the part of it that does ends. A rest of `byteCountMax` bytes or more is known not to fit as a whole.
public func endOfWhatFits<E: Error>(
  _ text: UnsafeRawBufferPointer, from sentence: Sentence, byteCountMax: Int, fits: (Range<Int>) throws(E) -> Bool
) throws(E) -> Int {
  let first = sentence.start
  // The whole rest first: mostly it is all there is.
  if text.count - first < byteCountMax, try fits(first..<text.count) { return text.count }
  var (end, next) = (first, sentence)
  while try fits(first..<next.end) {
    end = next.end
    guard let another = nextSentence(text, from: next.next) else { return end }
    next = another
  }
  return end > first ? end : try endOfWhatFits(text, in: first..<sentence.end, fits: fits)
}
