// SPDX-License-Identifier: Apache-2.0
// Finds the tokens that are taken out of a text before it is split: leftmost first, the longest of those at one place.

struct AddedMatch {
  var start: Int
  var end: Int
  var id: UInt32
  /// What the token is to its neighbours: `TokenizerLayout.atSpecial` or `.atAdded`.
  var border: UInt16
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
        let specialEnd = special ? trustedEnd(trusted, position, end) : position
        let entry = longest(text, position, end, low, high, specialEnd: specialEnd, normalized: normalized)
        if entry >= 0 {
          if standsAlone(text, start, end, position, entry) {
            return stripped(text, from: start, to: end, position, added[entry])
          }
          position &+= tokenLength(entry)
          continue
        }
      }
      position &+= 1
    }
    return nil
  }

  private func tokenLength(_ entry: Int) -> Int {
    let symbol = Int(added[entry].symbol)
    return Int(tokenOffsets[symbol &+ 1] &- tokenOffsets[symbol])
  }

  private func tokenByte(_ entry: Int, _ index: Int) -> UInt8 {
    tokenBytes[Int(tokenOffsets[Int(added[entry].symbol)]) &+ index]
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

  /// A token that must be a word by itself has no character of a word on either side.
  private func standsAlone(
    _ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ position: Int, _ entry: Int
  ) -> Bool {
    guard added[entry].flags & TokenizerLayout.addedIsWord != 0 else { return true }
    let behind = position &+ tokenLength(entry)
    if behind < end, isWordCharacter(text + behind) { return false }
    if position <= start { return true }
    var before = position &- 1
    while before > start && text[before] & 0xC0 == 0x80 { before &-= 1 }
    return !isWordCharacter(text + before)
  }

  private func isWordCharacter(_ text: UnsafePointer<UInt8>) -> Bool {
    for index in 0..<stepCount where steps[index].operation == TokenizerLayout.stepWordCharacters {
      var work = 0
      let characters = ByteTrie(units: trie + Int(steps[index].first))
      return characters.longest(text, UTF8Bytes.length(lead: text[0]), steps: &work) != nil
    }
    return false
  }

  private func stripped(
    _ text: UnsafePointer<UInt8>, from start: Int, to end: Int, _ position: Int, _ entry: AddedToken
  ) -> AddedMatch {
    let isSpecial = entry.flags & TokenizerLayout.addedIsSpecial != 0
    var match = AddedMatch(
      start: position, end: position, id: entry.id,
      border: isSpecial ? TokenizerLayout.atSpecial : TokenizerLayout.atAdded)
    match.end &+= Int(tokenOffsets[Int(entry.symbol) &+ 1] &- tokenOffsets[Int(entry.symbol)])
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
