// SPDX-License-Identifier: Apache-2.0
// The tables of SentencePiece BPE, unigram and WordPiece.

import ModelFiles
import Text

extension TokenizerCompiler {
  /// SentencePiece BPE. Returns the symbols: tokens, then the characters that are none.
  mutating func writePieces() throws(TokenizerCompileError) -> ByteStrings {
    let pieces = try SentencePieceMerges(source)
    try writeMerges(pieces.merges)
    tables.set(.priorities, pieces.priorities)
    let characters = pieces.characters.map { id in (id, Self.hash(pieces.symbols[Int(id)])) }
    tables.set(.wordSlots, try HashSlots.filled(characters))
    if pieces.wordsBeginAtSpaces { tables.flags |= TokenizerLayout.flagWordsBeginAtSpaces }
    return pieces.symbols
  }

  /// Scores, and the trie of the pieces.
  mutating func writeUnigram() throws(TokenizerCompileError) -> [UInt64] {
    // What a character costs that has no piece: 10 less than the worst piece.
    let normal = source.roles.indices.filter { source.roles[$0] == .normal || source.roles[$0] == .unlisted }
    let least = normal.map { source.scores[$0] }.min() ?? 0
    tables.set((least - 10).bitPattern, at: TokenizerLayout.unknownScoreOffset)
    tables.set(.priorities, source.scores.map(\.bitPattern))
    if !normal.contains(where: { Self.hasInnerSpace(source.tokens[$0]) }) {
      tables.flags |= TokenizerLayout.flagWordsBeginAtSpaces
    }
    guard source.unknown != nil || source.byteTokens.allSatisfy({ $0 != nil }) else {
      throw .missing(part: "token for unknown characters")
    }
    return try vocabularyTrie()
  }

  private static func hasInnerSpace(_ bytes: ArraySlice<UInt8>) -> Bool {
    zip(bytes, bytes.dropFirst()).contains { $0 != 0x20 && $1 == 0x20 }
  }

  /// Normal tokens by their bytes; of several with the same bytes the one with the best score, then the first.
  func vocabularyTrie() throws(TokenizerCompileError) -> [UInt64] {
    var best: [ArraySlice<UInt8>: UInt32] = [:]
    for id in source.roles.indices {
      let role = source.roles[id]
      let counts = role == .normal || role == .unlisted || (source.model == .wordPiece && role == .unknown)
      guard counts, !source.tokens[id].isEmpty else { continue }
      let bytes = source.tokens[id]
      if let other = best[bytes] {
        guard source.model == .unigram, source.scores[Int(other)] < source.scores[id] else { continue }
      }
      best[bytes] = UInt32(id)
    }
    let entries = best.map { (key: $0.key, value: $0.value) }
    return try ByteTrieBuilder.units(entries, sharing: false)
  }
}
