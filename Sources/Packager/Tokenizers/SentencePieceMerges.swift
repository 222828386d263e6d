// SPDX-License-Identifier: Apache-2.0
// SentencePiece merges any two neighbours whose joined text is a piece, the best score first. As a table: every way to
// cut a piece into two symbols is a pair, and its priority is the piece's. A source that lists its merges is taken at
// its word: those pairs, in that order.

import ModelFiles

struct SentencePieceMerges {
  private static let workMax = 1 << 30

  /// All tokens, then the characters of pieces that are no tokens themselves.
  private(set) var symbols: ByteStrings
  private(set) var merges: [TokenizerSource.Merge] = []
  /// By symbol; lower is sooner. Pieces of equal score are equal. Empty where the merges are listed.
  private(set) var priorities: [UInt32] = []
  /// Symbols of one character.
  private(set) var characters: [UInt32] = []
  /// No piece has a space behind something else, so a text may be cut before such spaces.
  private(set) var wordsBeginAtSpaces = true

  init(_ source: TokenizerSource) throws(TokenizerCompileError) {
    symbols = source.tokens
    let isListed = !source.merges.isEmpty
    let pieces = source.roles.indices.filter { id in
      let role = source.roles[id]
      return !source.tokens[id].isEmpty && (role == .normal || (isListed && (role == .added || role == .special)))
    }
    // Every cut of every piece is looked up: square in a piece's length, which real ones keep small.
    let work = pieces.reduce(0) { $0 + source.tokens[$1].count * source.tokens[$1].count }
    guard work <= Self.workMax else {
      throw .overLimit(part: "squares of the pieces' lengths", found: work, limit: Self.workMax)
    }
    var ids: [ArraySlice<UInt8>: UInt32] = [:]
    ids.reserveCapacity(pieces.count)
    // An added token may be spelled like a piece (two spaces, and ▁▁): then the piece is what text gives.
    for isAdded in [false, true] {
      for piece in pieces where (source.roles[piece] != .normal) == isAdded {
        let bytes = source.tokens[piece]
        if ids[bytes] == nil {
          ids[bytes] = UInt32(piece)
        } else if !isAdded {
          throw .duplicateToken(text: String(decoding: bytes, as: UTF8.self))
        }
      }
    }
    for piece in pieces {
      for character in Self.characters(source.tokens[piece]) where ids[character] == nil {
        ids[character] = UInt32(symbols.count)
        symbols.append(character)
      }
    }
    for piece in pieces {
      let bytes = source.tokens[piece]
      let parts = Self.characters(bytes)
      if parts.count == 1, ids[bytes] == UInt32(piece) { characters.append(UInt32(piece)) }
      for (before, after) in zip(parts, parts.dropFirst()) {
        if after.first == 0x20, before.first != 0x20 { wordsBeginAtSpaces = false }
        if isListed { continue }
        if let left = ids[bytes[..<after.startIndex]], let right = ids[bytes[after.startIndex...]] {
          merges.append(.init(left: left, right: right, merged: UInt32(piece)))
        }
      }
    }
    characters += (source.tokens.count..<symbols.count).map { UInt32($0) }
    if isListed {
      merges = source.merges
    } else {
      priorities = Self.priorities(source, pieces, count: symbols.count)
    }
  }

  /// Cut before every byte that does not continue a character.
  private static func characters(_ bytes: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    var result: [ArraySlice<UInt8>] = []
    var start = bytes.startIndex
    for index in bytes.indices.dropFirst() where bytes[index] & 0xC0 != 0x80 {
      result.append(bytes[start..<index])
      start = index
    }
    result.append(bytes[start...])
    return result
  }

  private static func priorities(_ source: TokenizerSource, _ pieces: [Int], count: Int) -> [UInt32] {
    var result = [UInt32](repeating: .max - 1, count: count)
    var rank: UInt32 = 0
    var last: Float?
    for piece in pieces.sorted(by: { (-source.scores[$0], $0) < (-source.scores[$1], $1) }) {
      if let last, last != source.scores[piece] { rank += 1 }
      last = source.scores[piece]
      result[piece] = rank
    }
    return result
  }
}
