// SPDX-License-Identifier: Apache-2.0
// Why a tokenizer section was refused (T-01 …) or a call failed (T-40 …). Rules: specs/tokenizer.md §10.

/// Numbers, never text. `table` is an index of the section's table directory.
public enum TokenizerError: Error, Equatable, Sendable {
  case truncated(have: UInt64, need: UInt64)  // T-01
  case misaligned(addressModulo8: UInt8)  // T-02
  case wrongMagic(found: UInt32)  // T-03
  case unknownVersion(found: UInt16, known: UInt16)  // T-04
  case unknownKind(found: UInt16)  // T-05
  case unknownFlags(found: UInt32, known: UInt32)  // T-06
  case byteCountWrong(found: UInt64, stated: UInt64)  // T-07
  case reservedNotZero(offset: UInt32)  // T-08
  case tableMisplaced(table: UInt8, offset: UInt32, expected: UInt32)  // T-09
  case paddingNotZero(offset: UInt32)  // T-10
  case tableByteCountWrong(table: UInt8, found: UInt32, expected: UInt32)  // T-11
  case overLimit(table: UInt8, found: UInt64, limit: UInt64)  // T-12
  case tokenBoundsWrong(index: UInt32)  // T-13
  case tokenFlagsWrong(index: UInt32, found: UInt8)  // T-14
  case idOutOfRange(table: UInt8, index: UInt32, found: UInt32, count: UInt32)  // T-15
  case slotsTooFull(table: UInt8, run: UInt32, limit: UInt32)  // T-16
  case addedTokenWrong(index: UInt32)  // T-17
  case classTableWrong(table: UInt8, index: UInt32, found: UInt32)  // T-18
  case stageWrong(index: UInt32)  // T-19
  case transitionWrong(index: UInt32, found: UInt16)  // T-20
  case longestTokenWrong(found: UInt32, stated: UInt32)  // T-21
  case normalizerWrong(table: UInt8, index: UInt32)  // T-22
  case stepWrong(index: UInt32)  // T-23
  case trieWrong(firstUnit: UInt32)  // T-24
  case rewriteWrong(index: UInt32)  // T-25
  /// A score, by token, or the unknown score, at the number of tokens.
  case scoreWrong(index: UInt32)  // T-26

  /// The text to encode is not UTF-8 from this byte on.
  case textNotUTF8(offset: UInt64)  // T-40
  case textTooLong(found: UInt64, limit: UInt64)  // T-41
  case scratchTooSmall(have: UInt64, need: UInt64)  // T-42
  case outputFull(capacity: UInt64)  // T-43
  case unknownToken(id: UInt32, count: UInt32)  // T-44
  /// An automaton kept reading far past where its matches end.
  case splitTooSlow(limit: UInt64)  // T-45
}
