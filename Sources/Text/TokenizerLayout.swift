// SPDX-License-Identifier: Apache-2.0
// The tokenizer section's numbers: header offsets, table indexes, limits, hashes. Writer and reader share this file.
// Spec: specs/tokenizer.md §3 to §5.

public enum TokenizerLayout {
  /// "HTTK", little-endian.
  public static let magic: UInt32 = 0x4B54_5448
  public static let version: UInt16 = 2
  public static let headerByteCount = 320
  public static let directoryOffset = 88
  public static let tableCount = 25
  public static let none: UInt32 = 0xFFFF_FFFF

  // Header offsets.
  public static let versionOffset = 4
  public static let kindOffset = 6
  public static let byteCountOffset = 8
  public static let flagsOffset = 12
  public static let tokenCountOffset = 16
  public static let symbolCountOffset = 20
  public static let bosOffset = 24
  public static let eosOffset = 28
  public static let unknownOffset = 32
  public static let padOffset = 36
  public static let prefixCountOffset = 40
  public static let suffixCountOffset = 42
  public static let longestTokenOffset = 44
  public static let prefixOffset = 48
  public static let suffixOffset = 64
  public static let classCountOffset = 80
  public static let stageCountOffset = 82
  /// f32: the score of a character without a token; unigram only.
  public static let unknownScoreOffset = 84
  /// Units of the vocabulary's trie, ahead of the steps' tries.
  public static let vocabularyUnitsOffset = 288
  /// Code points of the longest word that is cut into pieces; WordPiece only.
  public static let wordCodePointsOffset = 292
  public static let reservedOffset = 296

  // Limits.
  public static let byteCountMax = 1 << 30
  /// Three symbol ids share 63 bits of a pair record.
  public static let symbolsMax = 1 << 21
  public static let pairsMax = 1 << 24
  public static let tokenByteCountMax = 1 << 16
  public static let addedTokenByteCountMax = 1024
  public static let affixMax = 4
  public static let stagesMax = 8
  public static let statesMax = 4096
  public static let classesMax = 255
  public static let endTokensMax = 64
  /// Occupied hash slots in a row.
  public static let probesMax = 1024
  public static let textByteCountMax = 1 << 28
  public static let stepsMax = 16
  /// Bytes out for a byte in, of one step and of all of them multiplied.
  public static let growthMax: UInt32 = 64
  public static let trieUnitsMax = 1 << 24
  public static let rewritesMax = 1 << 20

  /// Slots hold an index in the low 24 bits and a tag in the high 8; all ones is empty.
  public static let slotIndexMask: UInt32 = 0x00FF_FFFF

  // Flags of the header.
  /// A piece that does not begin with a space gets one in front.
  public static let flagPiecesBeginWithSpace: UInt32 = 1
  public static let flagWordsBeginAtSpaces: UInt32 = 2
  /// The first byte of a decoded text is left out if it is a space.
  public static let flagDecodedSpaceDropped: UInt32 = 4
  /// UNK behind UNK is one.
  public static let flagUnknownFused: UInt32 = 8
  /// Spans of tokens leave out the spaces at their ends.
  public static let flagSpansTrimmed: UInt32 = 16
  /// The span of a text's first token keeps its first space if it is the only one.
  public static let flagSpansKeepFirst: UInt32 = 32
  public static let flagsKnown: UInt32 = 15

  // What a step of the normalizer does.
  public static let stepRewrite: UInt16 = 1
  public static let stepNormalForm: UInt16 = 2
  public static let stepSpaces: UInt16 = 3
  public static let stepStrip: UInt16 = 4
  public static let stepPrefix: UInt16 = 5
  public static let stepReplace: UInt16 = 6
  /// Not a step: the trie of the characters of words, for added tokens that must stand alone.
  public static let stepWordCharacters: UInt16 = 7

  // Flags of steps. Where a stretch begins, and the same where it ends, eight times as high.
  public static let atText: UInt16 = 1
  public static let atSpecial: UInt16 = 2
  public static let atAdded: UInt16 = 4
  public static let endShift: UInt16 = 3
  /// Of `stepPrefix`: not where a space stands already.
  public static let prefixUnlessSpace: UInt16 = 64
  /// Of `stepPrefix`: done for each stretch between all added tokens, behind the other steps.
  public static let prefixIsLate: UInt16 = 128
  /// Of `stepPrefix`: done even where nothing stands before an added token that is not special.
  public static let prefixStandsAlone: UInt16 = 256
  /// Of `stepSpaces`: runs become one space.
  public static let spacesCollapse: UInt16 = 64
  /// Of `stepNormalForm`.
  public static let formComposes: UInt16 = 1
  /// Of `stepStrip`.
  public static let stripsLeft: UInt16 = 1
  public static let stripsRight: UInt16 = 2
  public static let stripsBoth: UInt16 = 3
  /// Of `stepRewrite`: what takes the place of something comes from the last character of that.
  public static let rewriteIsOfLast: UInt16 = 1

  // Flags of a token.
  public static let tokenIsSpecial: UInt8 = 1
  public static let tokenIsAdded: UInt8 = 2
  public static let tokenIsByte: UInt8 = 4
  public static let tokenIsUnknown: UInt8 = 8
  public static let tokenIsUnused: UInt8 = 16
  public static let tokenFlagsKnown: UInt8 = 31

  // Flags of an added token.
  public static let addedStripsLeft: UInt32 = 1
  public static let addedStripsRight: UInt32 = 2
  public static let addedIsNormalized: UInt32 = 4
  public static let addedIsSpecial: UInt32 = 8
  public static let addedIsWord: UInt32 = 16
  public static let addedFlagsKnown: UInt32 = 31

  // What becomes of a stage's matches and of the gaps between them.
  public static let behaviourIsolated: UInt16 = 0
  public static let behaviourMatchesRemoved: UInt16 = 1
  public static let behaviourGapsRemoved: UInt16 = 2
  /// A match joins the gap before it; behind it; neighbouring matches are one.
  public static let behaviourMergedWithPrevious: UInt16 = 3
  public static let behaviourMergedWithNext: UInt16 = 4
  public static let behaviourContiguous: UInt16 = 5

  /// Bits of a transition: the state, where its match ends, the same at the end of the text.
  public static let transitionStateMask: UInt16 = 0x0FFF
  public static let transitionAcceptShift: UInt16 = 12
  public static let transitionEndShift: UInt16 = 14

  /// Mixes 64 bits; the slot is the high half scaled to the slot count, the tag the low byte.
  @inline(__always)
  public static func mixed(_ key: UInt64) -> UInt64 {
    var hash = (key ^ (key >> 32)) &* 0x9E37_79B9_7F4A_7C15
    hash = (hash ^ (hash >> 29)) &* 0xBF58_476D_1CE4_E5B9
    return hash ^ (hash >> 32)
  }

  @inline(__always)
  public static func slot(_ hash: UInt64, slotCount: Int) -> Int {
    Int(truncatingIfNeeded: ((hash >> 32) &* UInt64(truncatingIfNeeded: slotCount)) >> 32)
  }

  @inline(__always)
  public static func tag(_ hash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: hash & 0xFF) << 24 }

  @inline(__always)
  public static func pairKey(_ left: UInt32, _ right: UInt32) -> UInt64 { UInt64(left) | UInt64(right) << 21 }

  /// Hash of a byte string: eight bytes at a time, the last ones padded with zeros, then the length.
  @inline(__always)
  public static func hash(_ bytes: UnsafePointer<UInt8>, _ byteCount: Int) -> UInt64 {
    let raw = UnsafeRawPointer(bytes)
    var hash: UInt64 = UInt64(truncatingIfNeeded: byteCount)
    var offset = 0
    while byteCount &- offset >= 8 {
      let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      hash = mixed(hash ^ word)
      offset &+= 8
    }
    if offset < byteCount {
      var word: UInt64 = 0
      var shift: UInt64 = 0
      while offset < byteCount {
        word |= UInt64(bytes[offset]) &<< shift
        shift &+= 8
        offset &+= 1
      }
      hash = mixed(hash ^ word)
    }
    return hash
  }
}

/// What a section tokenizes with.
public enum TokenizerKind: UInt16, Sendable {
  case byteLevelBPE = 1
  case sentencePieceBPE = 2
  case unigram = 3
  case wordPiece = 4
}

/// The tables of a section, in the order in which they lie.
public enum TokenizerTable: Int, Sendable {
  case tokenOffsets, tokenBytes, tokenFlags, byteTokens
  case pairSlots, pairs, wordSlots, priorities
  case added, addedFirst, ends
  case classFirst, classMiddle, classLast, stages, transitions
  case normalFirst, normalMiddle, normalLast, normalData, normalPairs
  case steps, trie, rewrites, rewriteBytes
}
