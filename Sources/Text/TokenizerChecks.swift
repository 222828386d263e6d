// SPDX-License-Identifier: Apache-2.0
// What the tables of a section must hold so that encoding and decoding need no checks: T-13 to T-22.
// The rest: TokenizerStepChecks.swift.

extension TokenizerSection {
  func checkTables() throws(TokenizerError) {
    try checkTokens()
    try checkHeaderIDs()
    try checkMerges()
    try checkAdded()
    try checkClasses()
    try checkStages()
    if let normalizer = NormalizerTables(self) { try normalizer.check() }
    try checkSteps()
  }

  private func fail(
    _ table: TokenizerTable, _ index: Int, _ found: UInt32, _ count: Int
  ) -> TokenizerError {
    .idOutOfRange(table: UInt8(table.rawValue), index: UInt32(index), found: found, count: UInt32(count))
  }

  private func checkTokens() throws(TokenizerError) {
    let offsets: UnsafePointer<UInt32> = pointer(.tokenOffsets)
    var longest: UInt32 = 0
    guard offsets[0] == 0 else { throw .tokenBoundsWrong(index: 0) }
    for index in 0..<symbolCount {
      let (start, end) = (offsets[index], offsets[index &+ 1])
      guard start <= end, end &- start <= TokenizerLayout.tokenByteCountMax, end <= byteCount(.tokenBytes) else {
        throw .tokenBoundsWrong(index: UInt32(index))
      }
      longest = max(longest, end &- start)
    }
    let flags: UnsafePointer<UInt8> = pointer(.tokenFlags)
    for index in 0..<tokenCount where flags[index] & ~TokenizerLayout.tokenFlagsKnown != 0 {
      throw .tokenFlagsWrong(index: UInt32(index), found: flags[index])
    }
    let stated = u32(TokenizerLayout.longestTokenOffset)
    guard longest == stated else { throw .longestTokenWrong(found: longest, stated: stated) }
  }

  private func checkHeaderIDs() throws(TokenizerError) {
    let single =
      [
        TokenizerLayout.bosOffset, TokenizerLayout.eosOffset, TokenizerLayout.unknownOffset, TokenizerLayout.padOffset,
      ] as InlineArray<4, Int>
    for index in single.indices {
      let id = u32(single[index])
      guard id == TokenizerLayout.none || id < tokenCount else {
        throw .idOutOfRange(table: 255, index: UInt32(single[index]), found: id, count: UInt32(tokenCount))
      }
    }
    try checkAffix(TokenizerLayout.prefixOffset, count: u16(TokenizerLayout.prefixCountOffset))
    try checkAffix(TokenizerLayout.suffixOffset, count: u16(TokenizerLayout.suffixCountOffset))
    let ends: UnsafePointer<UInt32> = pointer(.ends)
    for index in 0..<count(.ends, of: UInt32.self) where ends[index] >= tokenCount {
      throw fail(.ends, index, ends[index], tokenCount)
    }
    let bytes: UnsafePointer<UInt32> = pointer(.byteTokens)
    for index in 0..<256 where bytes[index] != TokenizerLayout.none && bytes[index] >= tokenCount {
      throw fail(.byteTokens, index, bytes[index], tokenCount)
    }
  }

  private func checkAffix(_ offset: Int, count: UInt16) throws(TokenizerError) {
    for index in 0..<TokenizerLayout.affixMax {
      let id = u32(offset + 4 * index)
      guard index < count ? id < tokenCount : id == TokenizerLayout.none else {
        throw .idOutOfRange(table: 255, index: UInt32(offset + 4 * index), found: id, count: UInt32(tokenCount))
      }
    }
  }

  private func checkMerges() throws(TokenizerError) {
    let pairs: UnsafePointer<UInt64> = pointer(.pairs)
    let pairCount = count(.pairs, of: UInt64.self)
    let limit = UInt64(symbolCount)
    let mask: UInt64 = (1 << 21) - 1
    for index in 0..<pairCount {
      let pair = pairs[index]
      for part in 0..<3 where pair >> UInt64(21 * part) & mask >= limit {
        throw fail(.pairs, index, UInt32(pair >> UInt64(21 * part) & mask), symbolCount)
      }
      guard pair >> 63 == 0 else { throw fail(.pairs, index, UInt32(pair >> 32), symbolCount) }
    }
    try checkSlots(.pairSlots, indexCount: pairCount)
    try checkSlots(.wordSlots, indexCount: symbolCount)
  }

  /// Indexes in range, and an empty slot soon enough after any place, going round.
  private func checkSlots(_ table: TokenizerTable, indexCount: Int) throws(TokenizerError) {
    let slots: UnsafePointer<UInt32> = pointer(table)
    let slotCount = count(table, of: UInt32.self)
    var run = 0
    var longest = 0
    var needed = 0  // one more than the largest index
    // Without a branch on what is in a slot, which nobody can foretell: a vocabulary has a million of them.
    for index in 0..<slotCount {
      let slot = slots[index]
      let isEmpty = (UInt64(~slot) &- 1) >> 63
      let keep = Int(truncatingIfNeeded: isEmpty &- 1)
      run = (run &+ 1) & keep
      longest = max(longest, run)
      needed = max(needed, (Int(slot & TokenizerLayout.slotIndexMask) &+ 1) & keep)
    }
    guard needed <= indexCount else {
      var index = 0
      while slots[index] == TokenizerLayout.none || slots[index] & TokenizerLayout.slotIndexMask < indexCount {
        index &+= 1
      }
      throw fail(table, index, slots[index] & TokenizerLayout.slotIndexMask, indexCount)
    }
    var firstEmpty = 0
    while firstEmpty < slotCount, slots[firstEmpty] != TokenizerLayout.none { firstEmpty &+= 1 }
    longest = firstEmpty == slotCount ? slotCount : max(longest, run + firstEmpty)
    guard firstEmpty < slotCount, longest <= TokenizerLayout.probesMax else {
      throw .slotsTooFull(
        table: UInt8(table.rawValue), run: UInt32(longest), limit: UInt32(TokenizerLayout.probesMax))
    }
  }

  /// T-17: known flags, ids in range, bytes strictly ascending, and the table of first bytes as the entries make it.
  private func checkAdded() throws(TokenizerError) {
    let added: UnsafePointer<AddedToken> = pointer(.added)
    let offsets: UnsafePointer<UInt32> = pointer(.tokenOffsets)
    let bytes: UnsafePointer<UInt8> = pointer(.tokenBytes)
    let first: UnsafePointer<UInt32> = pointer(.addedFirst)
    let count = count(.added, of: AddedToken.self)
    var next = 0
    for byte in 0..<256 {
      guard first[byte] == next else { throw .addedTokenWrong(index: UInt32(next)) }
      while next < count {
        let entry = added[next]
        guard entry.id < tokenCount, entry.symbol < symbolCount,
          entry.flags & ~TokenizerLayout.addedFlagsKnown == 0
        else { throw .addedTokenWrong(index: UInt32(next)) }
        let start = Int(offsets[Int(entry.symbol)])
        let length = Int(offsets[Int(entry.symbol) &+ 1]) &- start
        guard length > 0, length <= TokenizerLayout.addedTokenByteCountMax,
          UTF8Bytes.validated(bytes + start, length) == length
        else {
          throw .addedTokenWrong(index: UInt32(next))
        }
        if Int(bytes[start]) != byte { break }
        if next > 0 {
          let previous = Int(offsets[Int(added[next &- 1].symbol)])
          let previousLength = Int(offsets[Int(added[next &- 1].symbol) &+ 1]) &- previous
          guard Self.precedes(bytes + previous, previousLength, bytes + start, length) else {
            throw .addedTokenWrong(index: UInt32(next))
          }
        }
        next &+= 1
      }
    }
    guard next == count, first[256] == count else { throw .addedTokenWrong(index: UInt32(next)) }
  }

  private static func precedes(
    _ lower: UnsafePointer<UInt8>, _ lowerCount: Int, _ upper: UnsafePointer<UInt8>, _ upperCount: Int
  ) -> Bool {
    var index = 0
    while index < lowerCount && index < upperCount {
      if lower[index] != upper[index] { return lower[index] < upper[index] }
      index &+= 1
    }
    return lowerCount < upperCount
  }

  private func checkClasses() throws(TokenizerError) {
    guard byteCount(.classFirst) > 0 else { return }
    func fail(_ table: TokenizerTable, _ index: Int, _ found: Int) -> TokenizerError {
      .classTableWrong(table: UInt8(table.rawValue), index: UInt32(index), found: UInt32(found))
    }
    let first: UnsafePointer<UInt8> = pointer(.classFirst)
    let middle: UnsafePointer<UInt16> = pointer(.classMiddle)
    let last: UnsafePointer<UInt8> = pointer(.classLast)
    let middleBlocks = byteCount(.classMiddle) / 128
    let lastBlocks = byteCount(.classLast) / 64
    let classCount = Int(u16(TokenizerLayout.classCountOffset))
    for index in 0..<272 where first[index] >= middleBlocks { throw fail(.classFirst, index, Int(first[index])) }
    for index in 0..<middleBlocks * 64 where middle[index] >= lastBlocks {
      throw fail(.classMiddle, index, Int(middle[index]))
    }
    for index in 0..<lastBlocks * 64 where last[index] >= classCount {
      throw fail(.classLast, index, Int(last[index]))
    }
    for block in 0..<2 where Int(middle[Int(first[0]) * 64 + block]) != block {
      throw fail(.classMiddle, block, Int(middle[Int(first[0]) * 64 + block]))
    }
  }

  /// T-19, T-20: stages share the transitions without gap; targets exist; nothing follows the dead state.
  private func checkStages() throws(TokenizerError) {
    let stages: UnsafePointer<StageRecord> = pointer(.stages)
    let transitions: UnsafePointer<UInt16> = pointer(.transitions)
    let transitionCount = count(.transitions, of: UInt16.self)
    let classCount = Int(u16(TokenizerLayout.classCountOffset))
    var next = 0
    for index in 0..<count(.stages, of: StageRecord.self) {
      let stage = stages[index]
      let states = Int(stage.stateCount)
      guard Int(stage.firstTransition) == next, states >= 2, states <= TokenizerLayout.statesMax,
        stage.behaviour <= TokenizerLayout.behaviourContiguous, transitionCount - next >= states * classCount
      else { throw .stageWrong(index: UInt32(index)) }
      for entry in next..<next + states * classCount {
        let transition = transitions[entry]
        let target = transition & TokenizerLayout.transitionStateMask
        guard target < stage.stateCount, target != 0 || transition == 0,
          transition >> TokenizerLayout.transitionAcceptShift & 3 <= 2,
          transition >> TokenizerLayout.transitionEndShift <= 2
        else { throw .transitionWrong(index: UInt32(entry), found: transition) }
      }
      next += states * classCount
    }
    guard next == transitionCount else { throw .stageWrong(index: UInt32(count(.stages, of: StageRecord.self))) }
  }
}
