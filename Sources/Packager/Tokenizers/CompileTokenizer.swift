// SPDX-License-Identifier: Apache-2.0
// Compiles a tokenizer to the section that the board reads in place. Start at `compileTokenizer`; specs/tokenizer.md.

import ModelFiles
import Text

public enum TokenizerCompileError: Explained, Equatable {
  case regex(RegexError)
  case automaton(pattern: String, AutomatonError)
  case tooManySplits(found: Int, limit: Int)
  case duplicateMerge(first: Int, second: Int)
  case idOutOfRange(part: String, found: Int, count: Int)
  case countsDiffer(part: String, found: Int, expected: Int)
  case duplicateToken(text: String)
  case overLimit(part: String, found: Int, limit: Int)
  case charsmap(String)
  case missing(part: String)
  /// The section does not open: a mistake of the compiler, or a limit that it did not look at.
  case section(TokenizerError)

  public var message: String {
    switch self {
    case .regex(let error): "the pre-tokenizer has \(error)"
    case .automaton(let pattern, let problem): "the pre-tokenizer's regex \(quoted(pattern)) \(Self.prose(problem))"
    case .tooManySplits(let found, let limit): "the pre-tokenizer has \(found) steps, at most \(limit) fit"
    case .duplicateMerge(let first, let second): "merges \(first) and \(second) are the same pair"
    case .idOutOfRange(let part, let found, let count): "\(part) is token \(found), but there are \(count) tokens"
    case .countsDiffer(let part, let found, let expected): "\(part): \(found), expected \(expected)"
    case .duplicateToken(let text): "two tokens stand for \(quoted(text))"
    case .overLimit(let part, let found, let limit): "\(part): \(found), at most \(limit)"
    case .charsmap(let problem): "the normalizer's map has \(problem)"
    case .missing(let part): "the tokenizer has no \(part)"
    case .section(let error): "the tokenizer section is refused by its own reader: \(error)"
    }
  }

  private static func prose(_ problem: AutomatonError) -> String {
    switch problem {
    case .lookaheadInside: "has a lookahead that is not at its end, which is not supported"
    case .possessiveMatters: "has a possessive quantifier that would stop a match, which is not supported"
    case .matchesEmpty: "matches the empty text"
    case .neverMatches: "matches nothing"
    case .tooLarge: "needs too large an automaton"
    }
  }
}

/// Compiles a tokenizer. The same source gives the same bytes.
///
/// - Returns: a section that `TokenizerView` has accepted.
public func compileTokenizer(_ source: TokenizerSource) throws(TokenizerCompileError) -> [UInt8] {
  var compiler = TokenizerCompiler(source)
  return try compiler.run()
}

struct TokenizerCompiler {
  private(set) var source: TokenizerSource
  var tables = TokenizerTables()
  private var tokenCount: Int { source.tokens.count }

  init(_ source: TokenizerSource) { self.source = source }

  mutating func run() throws(TokenizerCompileError) -> [UInt8] {
    try checkSource()
    source.splits = try CompiledSplits.effective(source.splits)
    writeHeader()
    writeTokenFlags()
    tables.set(.wordSlots, [TokenizerLayout.none])
    tables.set(.pairSlots, [TokenizerLayout.none])
    var symbols = source.tokens
    var vocabulary: [UInt64] = []
    switch source.model {
    case .byteLevelBPE: try writeMerges(source.merges)
    case .sentencePieceBPE: symbols = try writePieces()
    case .unigram: vocabulary = try writeUnigram()
    case .wordPiece:
      vocabulary = try vocabularyTrie()
      tables.set(UInt32(source.wordCodePointsMax), at: TokenizerLayout.wordCodePointsOffset)
      guard source.unknown != nil else { throw .missing(part: "token for unknown words") }
    }
    tables.set(headerFlags | tables.flags, at: TokenizerLayout.flagsOffset)
    tables.set(UInt32(vocabulary.count), at: TokenizerLayout.vocabularyUnitsOffset)
    let steps = try CompiledSteps(source, vocabulary: vocabulary, stageCount: source.splits.count)
    try writeSplits(steps.regexes)
    try writeSteps(steps)
    writeSymbols(symbols)
    tables.set(.addedFirst, [UInt32](repeating: 0, count: 257))
    symbols = try writeAdded(symbols)
    if source.model == .byteLevelBPE { tables.set(.wordSlots, try HashSlots.filled(try wholeWords())) }
    let bytes = tables.laidOut()
    _ = try Self.open(bytes) { _ in 0 }
    return bytes
  }

  private var headerFlags: UInt32 {
    var flags: UInt32 = 0
    if source.model != .byteLevelBPE, source.dropsDecodedSpace { flags |= TokenizerLayout.flagDecodedSpaceDropped }
    if source.model == .sentencePieceBPE || source.model == .unigram {
      if source.piecesBeginWithSpace { flags |= TokenizerLayout.flagPiecesBeginWithSpace }
      if source.fusesUnknown { flags |= TokenizerLayout.flagUnknownFused }
    }
    if source.model == .byteLevelBPE, source.trimsSpans {
      flags |= TokenizerLayout.flagSpansTrimmed
      if source.keepsFirstSpace { flags |= TokenizerLayout.flagSpansKeepFirst }
    }
    return flags
  }

  /// Runs `body` over a view of the section.
  static func open<Result>(
    _ bytes: [UInt8], _ body: (TokenizerView) -> Result
  ) throws(TokenizerCompileError) -> Result {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 64)
    defer { copy.deallocate() }
    copy.copyBytes(from: bytes)
    do throws(TokenizerError) {
      return body(try TokenizerView(checking: UnsafeRawBufferPointer(copy)))
    } catch { throw .section(error) }
  }

  static func hash(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.withUnsafeBufferPointer { TokenizerLayout.hash($0.baseAddress!, $0.count) }
  }

  // MARK: checks

  private func checkSource() throws(TokenizerCompileError) {
    guard tokenCount > 0, tokenCount <= TokenizerLayout.symbolsMax else {
      throw .overLimit(part: "tokens", found: tokenCount, limit: TokenizerLayout.symbolsMax)
    }
    guard source.roles.count == tokenCount else {
      throw .countsDiffer(part: "token types", found: source.roles.count, expected: tokenCount)
    }
    for id in 0..<tokenCount where source.tokens[id].count > TokenizerLayout.tokenByteCountMax {
      throw .overLimit(
        part: "bytes of token \(id)", found: source.tokens[id].count, limit: TokenizerLayout.tokenByteCountMax)
    }
    for (part, ids) in [
      ("the tokens before a text", source.prefix), ("the tokens behind a text", source.suffix),
      ("an end token", source.ends), ("an added token", source.added.map(\.id)),
      ("a byte's token", source.byteTokens.compactMap { $0 }),
      ("BOS, EOS, UNK or PAD", [source.bos, source.eos, source.unknown, source.pad].compactMap { $0 }),
    ] {
      for id in ids where id >= tokenCount { throw .idOutOfRange(part: part, found: Int(id), count: tokenCount) }
    }
    for (part, count, limit) in [
      ("tokens before a text", source.prefix.count, TokenizerLayout.affixMax),
      ("tokens behind a text", source.suffix.count, TokenizerLayout.affixMax),
      ("end tokens", source.ends.count, TokenizerLayout.endTokensMax),
    ] where count > limit { throw .overLimit(part: part, found: count, limit: limit) }
  }

  // MARK: tables of every kind

  private mutating func writeHeader() {
    tables.set(TokenizerLayout.magic, at: 0)
    tables.set(TokenizerLayout.version, at: TokenizerLayout.versionOffset)
    let kind: TokenizerKind =
      switch source.model {
      case .byteLevelBPE: .byteLevelBPE
      case .sentencePieceBPE: .sentencePieceBPE
      case .unigram: .unigram
      case .wordPiece: .wordPiece
      }
    tables.set(kind.rawValue, at: TokenizerLayout.kindOffset)
    tables.set(UInt32(tokenCount), at: TokenizerLayout.tokenCountOffset)
    tables.set(source.bos, at: TokenizerLayout.bosOffset)
    tables.set(source.eos, at: TokenizerLayout.eosOffset)
    tables.set(source.unknown, at: TokenizerLayout.unknownOffset)
    tables.set(source.pad, at: TokenizerLayout.padOffset)
    tables.set(UInt16(source.prefix.count), at: TokenizerLayout.prefixCountOffset)
    tables.set(UInt16(source.suffix.count), at: TokenizerLayout.suffixCountOffset)
    for index in 0..<TokenizerLayout.affixMax {
      let prefix: UInt32? = index < source.prefix.count ? source.prefix[index] : nil
      let suffix: UInt32? = index < source.suffix.count ? source.suffix[index] : nil
      tables.set(prefix, at: TokenizerLayout.prefixOffset + 4 * index)
      tables.set(suffix, at: TokenizerLayout.suffixOffset + 4 * index)
    }
    tables.set(.byteTokens, source.byteTokens.map { $0 ?? TokenizerLayout.none })
    tables.set(.ends, Set(source.ends).sorted())
  }

  private mutating func writeTokenFlags() {
    tables[.tokenFlags] = source.roles.map { role in
      switch role {
      case .normal: 0
      case .special: TokenizerLayout.tokenIsSpecial
      case .added: TokenizerLayout.tokenIsAdded
      case .byte: TokenizerLayout.tokenIsByte
      case .unknown: TokenizerLayout.tokenIsUnknown | TokenizerLayout.tokenIsSpecial
      case .unused, .unlisted: TokenizerLayout.tokenIsUnused
      }
    }
  }

  /// Tokens and, behind them, the symbols that only occur while merging.
  mutating func writeSymbols(_ symbols: ByteStrings) {
    tables.set(UInt32(symbols.count), at: TokenizerLayout.symbolCountOffset)
    tables.set(.tokenOffsets, symbols.offsets.map { UInt32($0) })
    tables[.tokenBytes] = symbols.bytes
    let longest = (0..<symbols.count).map { symbols[$0].count }.max() ?? 0
    tables.set(UInt32(longest), at: TokenizerLayout.longestTokenOffset)
  }

  mutating func writeMerges(_ merges: [TokenizerSource.Merge]) throws(TokenizerCompileError) {
    guard merges.count <= TokenizerLayout.pairsMax else {
      throw .overLimit(part: "merges", found: merges.count, limit: TokenizerLayout.pairsMax)
    }
    var first: [UInt64: Int] = [:]
    first.reserveCapacity(merges.count)
    for (index, merge) in merges.enumerated() {
      let largest = Int(max(merge.left, merge.right, merge.merged))
      guard largest < TokenizerLayout.symbolsMax else {
        throw .idOutOfRange(part: "a merge", found: largest, count: tokenCount)
      }
      if let known = first.updateValue(index, forKey: TokenizerLayout.pairKey(merge.left, merge.right)) {
        throw .duplicateMerge(first: known, second: index)
      }
    }
    let keys = merges.map { TokenizerLayout.pairKey($0.left, $0.right) }
    tables.set(.pairs, zip(keys, merges).map { key, merge in key | UInt64(merge.merged) << 42 })
    tables.set(.pairSlots, try HashSlots.filled(keys.enumerated().map { (UInt32($0), TokenizerLayout.mixed($1)) }))
  }

  // MARK: byte-level BPE

  private mutating func writeSplits(_ regexes: [String]) throws(TokenizerCompileError) {
    let count = source.splits.count + regexes.count
    guard count <= TokenizerLayout.stagesMax else {
      throw .tooManySplits(found: count, limit: TokenizerLayout.stagesMax)
    }
    if count == 0 { return }
    let compiled = try CompiledSplits(source.splits, regexes: regexes)
    tables.set(UInt16(compiled.classes.count), at: TokenizerLayout.classCountOffset)
    tables.set(UInt16(source.splits.count), at: TokenizerLayout.stageCountOffset)
    let stages = compiled.classTables
    tables[.classFirst] = stages.first
    tables.set(.classMiddle, stages.middle)
    tables[.classLast] = stages.last
    var records: [UInt8] = []
    for stage in compiled.stages {
      for value in [stage.firstTransition, UInt32(stage.stateCount) | UInt32(stage.behaviour) << 16] {
        withUnsafeBytes(of: value.littleEndian) { records.append(contentsOf: $0) }
      }
    }
    tables[.stages] = records
    tables.set(.transitions, compiled.transitions)
  }

  private mutating func writeSteps(_ steps: CompiledSteps) throws(TokenizerCompileError) {
    tables[.steps] = steps.records
    tables.set(.trie, steps.trie)
    tables.set(.rewrites, steps.rewrites)
    tables[.rewriteBytes] = steps.rewriteBytes
    if steps.needsForms { try writeNFC() }
  }

  /// Words that may be taken whole: all tokens where words bypass merging, else those that merging gives back.
  private func wholeWords() throws(TokenizerCompileError) -> [(index: UInt32, hash: UInt64)] {
    let candidates = (0..<tokenCount).filter { source.roles[$0] == .normal && source.tokens[$0].count > 1 }
    let words: [Int]
    if source.wordsBypassMerges {
      words = candidates
    } else {
      let longest = candidates.map { source.tokens[$0].count }.max() ?? 0
      words = try Self.open(tables.laidOut()) { view in
        let scratch = UnsafeMutableRawBufferPointer.allocate(
          byteCount: TokenizerView.mergeScratchByteCount(wordByteCount: longest), alignment: 8)
        defer { scratch.deallocate() }
        return candidates.filter { id in
          source.tokens[id].withUnsafeBufferPointer { view.mergesToOne($0, into: UInt32(id), scratch: scratch) }
        }
      }
    }
    var seen = Set<ArraySlice<UInt8>>()
    return words.filter { seen.insert(source.tokens[$0]).inserted }.map { (UInt32($0), Self.hash(source.tokens[$0])) }
  }
}
