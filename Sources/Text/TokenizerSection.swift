// SPDX-License-Identifier: Apache-2.0
// The frame of a tokenizer section: header and table directory, checked before anything in a table is looked at.

struct TokenizerSection {
  let base: UnsafeRawPointer
  let kind: TokenizerKind
  let flags: UInt32
  let tokenCount: Int
  let symbolCount: Int

  /// Rules T-01 to T-12: afterwards every table lies where it should and is as long as the counts ask.
  init(checking bytes: UnsafeRawBufferPointer) throws(TokenizerError) {
    guard let start = bytes.baseAddress, bytes.count >= TokenizerLayout.headerByteCount else {
      throw .truncated(have: UInt64(bytes.count), need: UInt64(TokenizerLayout.headerByteCount))
    }
    guard UInt(bitPattern: start) % 8 == 0 else {
      throw .misaligned(addressModulo8: UInt8(UInt(bitPattern: start) % 8))
    }
    base = start
    func u16(_ offset: Int) -> UInt16 { UInt16(littleEndian: start.load(fromByteOffset: offset, as: UInt16.self)) }
    func u32(_ offset: Int) -> UInt32 { UInt32(littleEndian: start.load(fromByteOffset: offset, as: UInt32.self)) }
    guard u32(0) == TokenizerLayout.magic else { throw .wrongMagic(found: u32(0)) }
    let version = u16(TokenizerLayout.versionOffset)
    guard version == TokenizerLayout.version else {
      throw .unknownVersion(found: version, known: TokenizerLayout.version)
    }
    guard let kind = TokenizerKind(rawValue: u16(TokenizerLayout.kindOffset)) else {
      throw .unknownKind(found: u16(TokenizerLayout.kindOffset))
    }
    self.kind = kind
    flags = u32(TokenizerLayout.flagsOffset)
    let known = Self.knownFlags(kind)
    guard flags & ~known == 0 else { throw .unknownFlags(found: flags, known: known) }
    let stated = UInt64(u32(TokenizerLayout.byteCountOffset))
    guard stated == UInt64(bytes.count), bytes.count <= TokenizerLayout.byteCountMax else {
      throw .byteCountWrong(found: UInt64(bytes.count), stated: stated)
    }
    var reserved = TokenizerLayout.reservedOffset
    while reserved < TokenizerLayout.headerByteCount {
      guard u32(reserved) == 0 else { throw .reservedNotZero(offset: UInt32(reserved)) }
      reserved += 4
    }
    tokenCount = Int(u32(TokenizerLayout.tokenCountOffset))
    symbolCount = Int(u32(TokenizerLayout.symbolCountOffset))
    guard symbolCount <= TokenizerLayout.symbolsMax else {
      throw .overLimit(table: 0, found: UInt64(symbolCount), limit: UInt64(TokenizerLayout.symbolsMax))
    }
    try checkDirectory(byteCount: bytes.count)
    try checkSizes()
  }

  /// The flags that mean something to a kind.
  private static func knownFlags(_ kind: TokenizerKind) -> UInt32 {
    switch kind {
    case .byteLevelBPE: TokenizerLayout.flagSpansTrimmed | TokenizerLayout.flagSpansKeepFirst
    case .wordPiece: TokenizerLayout.flagDecodedSpaceDropped
    case .sentencePieceBPE, .unigram: TokenizerLayout.flagsKnown
    }
  }

  func u16(_ offset: Int) -> UInt16 { UInt16(littleEndian: base.load(fromByteOffset: offset, as: UInt16.self)) }
  func u32(_ offset: Int) -> UInt32 { UInt32(littleEndian: base.load(fromByteOffset: offset, as: UInt32.self)) }

  func offset(_ table: Int) -> Int { Int(u32(TokenizerLayout.directoryOffset + 8 * table)) }
  func byteCount(_ table: TokenizerTable) -> Int { Int(u32(TokenizerLayout.directoryOffset + 8 * table.rawValue + 4)) }

  func pointer<Element: BitwiseCopyable>(_ table: TokenizerTable) -> UnsafePointer<Element> {
    (base + offset(table.rawValue)).assumingMemoryBound(to: Element.self)
  }

  func count<Element: BitwiseCopyable>(_ table: TokenizerTable, of _: Element.Type) -> Int {
    byteCount(table) / MemoryLayout<Element>.stride
  }

  func optionalID(_ offset: Int) -> UInt32? {
    let id = u32(offset)
    return id == TokenizerLayout.none ? nil : id
  }

  /// T-09, T-10: tables in order, each at the next multiple of 8, zeros between them, the last one ending the section.
  private func checkDirectory(byteCount: Int) throws(TokenizerError) {
    var end = TokenizerLayout.headerByteCount
    for table in 0..<TokenizerLayout.tableCount {
      let aligned = (end + 7) & ~7
      let found = offset(table)
      let length = Int(u32(TokenizerLayout.directoryOffset + 8 * table + 4))
      guard found == aligned else {
        throw .tableMisplaced(table: UInt8(table), offset: UInt32(found), expected: UInt32(aligned))
      }
      guard aligned + length <= byteCount else {
        throw .truncated(have: UInt64(byteCount), need: UInt64(aligned + length))
      }
      try checkPadding(end..<aligned)
      end = aligned + length
    }
    let aligned = (end + 7) & ~7
    guard aligned == byteCount else { throw .byteCountWrong(found: UInt64(byteCount), stated: UInt64(aligned)) }
    try checkPadding(end..<aligned)
  }

  private func checkPadding(_ range: Range<Int>) throws(TokenizerError) {
    for offset in range where base.load(fromByteOffset: offset, as: UInt8.self) != 0 {
      throw .paddingNotZero(offset: UInt32(offset))
    }
  }

  private func expect(_ table: TokenizerTable, _ expected: Int) throws(TokenizerError) {
    guard byteCount(table) == expected else { throw wrongSize(table, expected) }
  }

  private func wrongSize(_ table: TokenizerTable, _ expected: Int) -> TokenizerError {
    .tableByteCountWrong(table: UInt8(table.rawValue), found: UInt32(byteCount(table)), expected: UInt32(expected))
  }

  /// Whole elements, at least `least` and at most `most` of them.
  private func expect(_ table: TokenizerTable, of stride: Int, least: Int, most: Int) throws(TokenizerError) {
    let count = byteCount(table) / stride
    guard count * stride == byteCount(table), count >= least else {
      throw wrongSize(table, max(count, least) * stride)
    }
    guard count <= most else {
      throw .overLimit(table: UInt8(table.rawValue), found: UInt64(count), limit: UInt64(most))
    }
  }

  /// T-11, T-12.
  private func checkSizes() throws(TokenizerError) {
    guard tokenCount > 0, tokenCount <= symbolCount else {
      throw .overLimit(table: 0, found: UInt64(tokenCount), limit: UInt64(symbolCount))
    }
    try expect(.tokenOffsets, 4 * (symbolCount + 1))
    try expect(.tokenBytes, Int(u32(offset(0) + 4 * symbolCount)))
    try expect(.tokenFlags, tokenCount)
    try expect(.byteTokens, 1024)
    try expect(.pairSlots, of: 4, least: 1, most: 1 << 26)
    try expect(.pairs, of: 8, least: 0, most: TokenizerLayout.pairsMax)
    try expect(.wordSlots, of: 4, least: 1, most: 1 << 26)
    let isByPriority = kind == .unigram || kind == .sentencePieceBPE && byteCount(.priorities) > 0
    try expect(.priorities, isByPriority ? 4 * symbolCount : 0)
    try expect(.added, of: 12, least: 0, most: symbolCount)
    try expect(.addedFirst, 4 * 257)
    try expect(.ends, of: 4, least: 0, most: TokenizerLayout.endTokensMax)
    let stageCount = Int(u16(TokenizerLayout.stageCountOffset))
    let classCount = Int(u16(TokenizerLayout.classCountOffset))
    let allStages = byteCount(.stages) / 8
    try expect(.stages, of: 8, least: stageCount, most: TokenizerLayout.stagesMax)
    guard stageCount <= TokenizerLayout.stagesMax else {
      throw .overLimit(
        table: UInt8(TokenizerTable.stages.rawValue), found: UInt64(stageCount),
        limit: UInt64(TokenizerLayout.stagesMax))
    }
    guard classCount <= TokenizerLayout.classesMax, (classCount > 0) == (allStages > 0) else {
      throw .overLimit(
        table: UInt8(TokenizerTable.classLast.rawValue), found: UInt64(classCount),
        limit: UInt64(TokenizerLayout.classesMax))
    }
    if allStages == 0 {
      try expect(.classFirst, 0)
      try expect(.classMiddle, 0)
      try expect(.classLast, 0)
      try expect(.transitions, 0)
    } else {
      try expect(.classFirst, 272)
      try expect(.classMiddle, of: 128, least: 1, most: 256)
      try expect(.classLast, of: 64, least: 2, most: 1 << 16)
      try expect(.transitions, of: 2, least: 1, most: TokenizerLayout.stagesMax << 20)
    }
    let affix = max(u16(TokenizerLayout.prefixCountOffset), u16(TokenizerLayout.suffixCountOffset))
    guard affix <= TokenizerLayout.affixMax else {
      throw .overLimit(table: 255, found: UInt64(affix), limit: UInt64(TokenizerLayout.affixMax))
    }
    try checkNormalizerSizes()
    try expect(.steps, of: 16, least: 0, most: TokenizerLayout.stepsMax)
    try expect(.trie, of: 8, least: 0, most: TokenizerLayout.trieUnitsMax)
    try expect(.rewrites, of: 8, least: 0, most: TokenizerLayout.rewritesMax)
    try expect(.rewriteBytes, of: 1, least: 0, most: 1 << 24)
  }

  private func checkNormalizerSizes() throws(TokenizerError) {
    if byteCount(.normalFirst) == 0 {
      try expect(.normalMiddle, 0)
      try expect(.normalLast, 0)
      try expect(.normalData, 0)
      try expect(.normalPairs, 0)
    } else {
      try expect(.normalFirst, 272)
      try expect(.normalMiddle, of: 128, least: 1, most: 256)
      try expect(.normalLast, of: 128, least: 1, most: 1 << 16)
      try expect(.normalData, of: 8, least: 1, most: 1 << 16)
      try expect(.normalPairs, of: 8, least: 0, most: 1 << 16)
    }
  }
}
