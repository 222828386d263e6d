// SPDX-License-Identifier: Apache-2.0
// Finds the tokens that are taken out of a text before it is split: leftmost first, the longest of those at one place.

struct AddedMatch {
  var start: Int
  var end: Int
  var id: UInt32
}

extension TokenizerView {
  /// The next added token in `text[start..<end]`, white space that it swallows included.
  ///
  /// - Parameters:
  ///   - special: whether special tokens count; the others always do.
  ///   - trusted: for each byte of `text`, whether it may be part of a special token; nil: every one may.
  ///   - normalized: which of the two passes this is: over the text as it came, or over the normalized text.
  func nextAdded(
    _ text: UnsafePointer<UInt8>, from start: Int, to end: Int, special: Bool, normalized: Bool,
    trusted: UnsafePointer<UInt8>? = nil
  ) -> AddedMatch? {
    if addedCount == 0 { return nil }
    var position = start
    while position < end {
      let byte = Int(text[position])
      let low = Int(addedFirst[byte])
      let high = Int(addedFirst[byte &+ 1])
      if low < high {
        // Special tokens count as far as the bytes are trusted.
        var trustedEnd = special ? end : position
        if special, let trusted {
          trustedEnd = position
          while trustedEnd < end, trusted[trustedEnd] != 0, trustedEnd &- position < longestTokenByteCount {
            trustedEnd &+= 1
          }
        }
        let entry = longest(text, position, end, low, high, specialEnd: trustedEnd, normalized: normalized)
        if entry >= 0 { return stripped(text, from: start, to: end, position, added[entry]) }
      }
      position &+= 1
    }
    return nil
  }

  private func tokenLength(_ entry: Int) -> Int {
    let id = Int(added[entry].id)
    return Int(tokenOffsets[id &+ 1] &- tokenOffsets[id])
  }

  private func tokenByte(_ entry: Int, _ index: Int) -> UInt8 {
    tokenBytes[Int(tokenOffsets[Int(added[entry].id)]) &+ index]
  }

  /// Narrows the sorted entries `low..<high`, which share the first byte, byte by byte; -1 where none counts.
  private func longest(
    _ text: UnsafePointer<UInt8>, _ position: Int, _ end: Int, _ low: Int, _ high: Int, specialEnd: Int,
    normalized: Bool
  ) -> Int {
    var (low, high) = (low, high)
    var depth = 1
    var best = -1
    while low < high {
      if tokenLength(low) == depth {  // the shortest is first
        let flags = added[low].flags
        let isNormalized = flags & TokenizerLayout.addedIsNormalized != 0
        let isSpecial = flags & TokenizerLayout.addedIsSpecial != 0
        if isNormalized == normalized, !isSpecial || position &+ depth <= specialEnd { best = low }
        low &+= 1
      }
      if position &+ depth >= end { break }
      let byte = text[position &+ depth]
      low = bound(low, high, depth) { $0 < byte }
      high = bound(low, high, depth) { $0 <= byte }
      depth &+= 1
    }
    return best
  }

  /// The first entry of `low..<high` whose byte at `index` fails the test.
  @inline(__always)
  private func bound(_ low: Int, _ high: Int, _ index: Int, _ test: (UInt8) -> Bool) -> Int {
    var (low, high) = (low, high)
    while low < high {
      let middle = (low &+ high) >> 1
      if test(tokenByte(middle, index)) { low = middle &+ 1 } else { high = middle }
    }
    return low
  }

  private func stripped(
    _ text: UnsafePointer<UInt8>, from start: Int, to end: Int, _ position: Int, _ entry: AddedToken
  ) -> AddedMatch {
    var match = AddedMatch(start: position, end: position, id: entry.id)
    match.end &+= Int(tokenOffsets[Int(entry.id) &+ 1] &- tokenOffsets[Int(entry.id)])
    if entry.flags & TokenizerLayout.addedStripsLeft != 0 {
      while match.start > start {
        var before = match.start &- 1
        while before > start && text[before] & 0xC0 == 0x80 { before &-= 1 }
        if !UTF8Bytes.isWhiteSpace(UTF8Bytes.codePoint(text + before)) { break }
        match.start = before
      }
    }
    if entry.flags & TokenizerLayout.addedStripsRight != 0 {
      while match.end < end, UTF8Bytes.isWhiteSpace(UTF8Bytes.codePoint(text + match.end)) {
        match.end &+= UTF8Bytes.length(lead: text[match.end])
      }
    }
    return match
  }
}
