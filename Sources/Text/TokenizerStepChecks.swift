// SPDX-License-Identifier: Apache-2.0
// What the normalizer's steps, the tries, the rewrites and the scores must hold: T-23 to T-26.

extension TokenizerSection {
  func checkSteps() throws(TokenizerError) {
    try checkRewrites()
    let vocabularyUnits = Int(u32(TokenizerLayout.vocabularyUnitsOffset))
    let usesTrie = kind == .unigram || kind == .wordPiece
    guard usesTrie == (vocabularyUnits > 0) else { throw .trieWrong(firstUnit: 0) }
    var nextUnit = 0
    if vocabularyUnits > 0 { try checkTrie(&nextUnit, unitCount: vocabularyUnits, valueCount: tokenCount) }
    let steps: UnsafePointer<StepRecord> = pointer(.steps)
    var growth: UInt64 = 1
    for index in 0..<count(.steps, of: StepRecord.self) {
      guard isStep(steps[index]) else { throw .stepWrong(index: UInt32(index)) }
      growth *= UInt64(steps[index].growth)
      guard growth <= 1024 else { throw .stepWrong(index: UInt32(index)) }
      if hasTrie(steps[index]) {
        guard Int(steps[index].first) == nextUnit else { throw .stepWrong(index: UInt32(index)) }
        try checkTrie(
          &nextUnit, unitCount: Int(steps[index].count), valueCount: count(.rewrites, of: RewriteRecord.self))
      }
    }
    guard nextUnit == count(.trie, of: UInt64.self) else { throw .trieWrong(firstUnit: UInt32(nextUnit)) }
    try checkScores()
  }

  private func hasTrie(_ step: StepRecord) -> Bool {
    step.operation == TokenizerLayout.stepRewrite || step.operation == TokenizerLayout.stepWordCharacters
  }

  private func checkTrie(_ nextUnit: inout Int, unitCount: Int, valueCount: Int) throws(TokenizerError) {
    let units: UnsafePointer<UInt64> = pointer(.trie)
    guard unitCount <= count(.trie, of: UInt64.self) - nextUnit,
      ByteTrie(units: units + nextUnit).check(unitCount: unitCount, valueCount: valueCount)
    else { throw .trieWrong(firstUnit: UInt32(nextUnit)) }
    nextUnit += unitCount
  }

  /// T-23: a known operation with known flags, and what it names is there.
  private func isStep(_ step: StepRecord) -> Bool {
    guard step.growth >= 1, step.growth <= TokenizerLayout.growthMax else { return false }
    let known: UInt16
    switch step.operation {
    case TokenizerLayout.stepRewrite: return step.flags & ~TokenizerLayout.rewriteIsOfLast == 0
    case TokenizerLayout.stepWordCharacters: return step.flags == 0
    case TokenizerLayout.stepReplace:
      let stageCount = count(.stages, of: StageRecord.self)
      return step.flags == 0 && step.first < stageCount && step.first >= UInt32(u16(TokenizerLayout.stageCountOffset))
        && Int(step.count) < count(.rewrites, of: RewriteRecord.self)
    case TokenizerLayout.stepNormalForm:
      known = TokenizerLayout.formComposes
      if byteCount(.normalFirst) == 0 || step.growth < 3 { return false }
    case TokenizerLayout.stepSpaces: known = 127
    case TokenizerLayout.stepStrip: known = TokenizerLayout.stripsLeft | TokenizerLayout.stripsRight
    case TokenizerLayout.stepPrefix:
      known =
        7 | TokenizerLayout.prefixUnlessSpace | TokenizerLayout.prefixIsLate | TokenizerLayout.prefixStandsAlone
      if step.growth < 2 { return false }
    default: return false
    }
    return step.flags & ~known == 0 && step.first == 0 && step.count == 0
  }

  /// T-25: bytes that are there and are UTF-8.
  private func checkRewrites() throws(TokenizerError) {
    let rewrites: UnsafePointer<RewriteRecord> = pointer(.rewrites)
    let bytes: UnsafePointer<UInt8> = pointer(.rewriteBytes)
    for index in 0..<count(.rewrites, of: RewriteRecord.self) {
      let rewrite = rewrites[index]
      guard rewrite.length & ~RewriteRecord.known == 0,
        Int(rewrite.offset) + rewrite.byteCount <= byteCount(.rewriteBytes),
        UTF8Bytes.validated(bytes + Int(rewrite.offset), rewrite.byteCount) == rewrite.byteCount
      else { throw .rewriteWrong(index: UInt32(index)) }
    }
  }

  /// T-26: finite scores, so that sums of them can be compared.
  private func checkScores() throws(TokenizerError) {
    guard kind == .unigram else {
      guard u32(TokenizerLayout.unknownScoreOffset) == 0 else { throw .scoreWrong(index: UInt32(tokenCount)) }
      return
    }
    let scores: UnsafePointer<UInt32> = pointer(.priorities)
    for index in 0..<symbolCount where !Float(bitPattern: scores[index]).isFinite {
      throw .scoreWrong(index: UInt32(index))
    }
    guard Float(bitPattern: u32(TokenizerLayout.unknownScoreOffset)).isFinite else {
      throw .scoreWrong(index: UInt32(tokenCount))
    }
  }
}
