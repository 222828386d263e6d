// SPDX-License-Identifier: Apache-2.0
// A tokenizer section read in place. `init(checking:)` proves every id, offset and state index once; encoding and
// decoding then run without checks. Spec: specs/tokenizer.md.

/// Tables of a tokenizer over mapped bytes that the view does not own.
public struct TokenizerView: @unchecked Sendable {
  public let kind: TokenizerKind
  public let tokenCount: Int
  /// Ids of the tokens, or nil where the source has none.
  public let bos: UInt32?
  public let eos: UInt32?
  public let unknown: UInt32?
  public let pad: UInt32?
  /// Bytes of the longest token.
  public let longestTokenByteCount: Int

  let base: UnsafeRawPointer
  let flags: UInt32
  let symbolCount: Int
  let prefixCount: Int
  let suffixCount: Int

  let tokenOffsets: UnsafePointer<UInt32>
  let tokenBytes: UnsafePointer<UInt8>
  let tokenFlags: UnsafePointer<UInt8>
  let byteTokens: UnsafePointer<UInt32>
  let pairSlots: UnsafePointer<UInt32>
  let pairSlotCount: Int
  let pairs: UnsafePointer<UInt64>
  let pairCount: Int
  let wordSlots: UnsafePointer<UInt32>
  let wordSlotCount: Int
  let priorities: UnsafePointer<UInt32>?
  let added: UnsafePointer<AddedToken>
  let addedCount: Int
  let addedFirst: UnsafePointer<UInt32>
  let ends: UnsafePointer<UInt32>
  let endCount: Int
  let classes: ClassTables
  let stages: UnsafePointer<StageRecord>
  let stageCount: Int
  let transitions: UnsafePointer<UInt16>
  let normalizer: NormalizerTables?
  let steps: UnsafePointer<StepRecord>
  let stepCount: Int
  /// The vocabulary's trie, then those of the steps.
  let trie: UnsafePointer<UInt64>
  let rewrites: UnsafePointer<RewriteRecord>
  let rewriteBytes: UnsafePointer<UInt8>
  let unknownScore: Float
  let wordCodePointsMax: Int

  /// - Throws: the first broken rule, T-01 to T-25 in that order of checking.
  /// - Complexity: O(bytes). Allocates nothing.
  public init(checking bytes: UnsafeRawBufferPointer) throws(TokenizerError) {
    let section = try TokenizerSection(checking: bytes)
    base = section.base
    kind = section.kind
    flags = section.flags
    tokenCount = section.tokenCount
    symbolCount = section.symbolCount
    bos = section.optionalID(TokenizerLayout.bosOffset)
    eos = section.optionalID(TokenizerLayout.eosOffset)
    unknown = section.optionalID(TokenizerLayout.unknownOffset)
    pad = section.optionalID(TokenizerLayout.padOffset)
    prefixCount = Int(section.u16(TokenizerLayout.prefixCountOffset))
    suffixCount = Int(section.u16(TokenizerLayout.suffixCountOffset))
    longestTokenByteCount = Int(section.u32(TokenizerLayout.longestTokenOffset))
    tokenOffsets = section.pointer(.tokenOffsets)
    tokenBytes = section.pointer(.tokenBytes)
    tokenFlags = section.pointer(.tokenFlags)
    byteTokens = section.pointer(.byteTokens)
    pairSlots = section.pointer(.pairSlots)
    pairSlotCount = section.count(.pairSlots, of: UInt32.self)
    pairs = section.pointer(.pairs)
    pairCount = section.count(.pairs, of: UInt64.self)
    wordSlots = section.pointer(.wordSlots)
    wordSlotCount = section.count(.wordSlots, of: UInt32.self)
    priorities = section.byteCount(.priorities) > 0 ? section.pointer(.priorities) : nil
    added = section.pointer(.added)
    addedCount = section.count(.added, of: AddedToken.self)
    addedFirst = section.pointer(.addedFirst)
    ends = section.pointer(.ends)
    endCount = section.count(.ends, of: UInt32.self)
    classes = ClassTables(
      first: section.pointer(.classFirst), middle: section.pointer(.classMiddle), last: section.pointer(.classLast),
      classCount: Int(section.u16(TokenizerLayout.classCountOffset)))
    stages = section.pointer(.stages)
    stageCount = Int(section.u16(TokenizerLayout.stageCountOffset))
    transitions = section.pointer(.transitions)
    normalizer = NormalizerTables(section)
    steps = section.pointer(.steps)
    stepCount = section.count(.steps, of: StepRecord.self)
    trie = section.pointer(.trie)
    rewrites = section.pointer(.rewrites)
    rewriteBytes = section.pointer(.rewriteBytes)
    unknownScore = Float(bitPattern: section.u32(TokenizerLayout.unknownScoreOffset))
    wordCodePointsMax = Int(section.u32(TokenizerLayout.wordCodePointsOffset))
    try section.checkTables()
  }

  /// Whether `id` ends a generated text.
  public func isEnd(_ id: UInt32) -> Bool {
    for index in 0..<endCount where ends[index] == id { return true }
    return false
  }

  /// Ids that end a generated text, ascending.
  public var endTokens: UnsafeBufferPointer<UInt32> { UnsafeBufferPointer(start: ends, count: endCount) }

  /// Ids put before and behind a text when special tokens are asked for.
  public var prefix: UnsafeBufferPointer<UInt32> { affix(TokenizerLayout.prefixOffset, prefixCount) }
  public var suffix: UnsafeBufferPointer<UInt32> { affix(TokenizerLayout.suffixOffset, suffixCount) }

  private func affix(_ offset: Int, _ count: Int) -> UnsafeBufferPointer<UInt32> {
    UnsafeBufferPointer(start: (base + offset).assumingMemoryBound(to: UInt32.self), count: count)
  }

  /// The bytes that a token stands for, or nil where there is no such token. They need not be UTF-8.
  public func bytes(of id: UInt32) -> UnsafeBufferPointer<UInt8>? {
    guard Int(id) < tokenCount else { return nil }
    let start = Int(tokenOffsets[Int(id)])
    return UnsafeBufferPointer(start: tokenBytes + start, count: Int(tokenOffsets[Int(id) &+ 1]) &- start)
  }

  public func isSpecial(_ id: UInt32) -> Bool {
    Int(id) < tokenCount && tokenFlags[Int(id)] & TokenizerLayout.tokenIsSpecial != 0
  }

  func has(_ flag: UInt32) -> Bool { flags & flag != 0 }
}

/// An entry of the table of added tokens: 12 bytes, sorted by the bytes that are looked for.
struct AddedToken: BitwiseCopyable {
  var id: UInt32
  var flags: UInt32
  /// The symbol whose bytes are looked for: the token itself, or its normalized form.
  var symbol: UInt32
}

/// A stage of the splitter: 8 bytes.
struct StageRecord: BitwiseCopyable {
  var firstTransition: UInt32
  var stateCount: UInt16
  var behaviour: UInt16
}

/// From code point to class, in three stages of 6 bits (specs/tokenizer.md §6).
struct ClassTables {
  let first: UnsafePointer<UInt8>
  let middle: UnsafePointer<UInt16>
  let last: UnsafePointer<UInt8>
  let classCount: Int

  @inline(__always)
  func classOf(_ codePoint: UInt32) -> Int {
    let block = Int(first[Int(codePoint >> 12)]) &<< 6
    let leaf = Int(middle[block | Int(codePoint >> 6 & 63)]) &<< 6
    return Int(last[leaf | Int(codePoint & 63)])
  }
}
