// SPDX-License-Identifier: Apache-2.0
// Every rule of specs/tokenizer.md §10 is broken once by itself; then random damage, which may do anything but crash.

import Foundation
import ModelFiles
import Packager
import Testing
import Text

/// A section to be damaged.
struct SectionBytes {
  var bytes: [UInt8]

  /// Of a fixture: `added` has splits, added tokens and NFC; `pieces` is SentencePiece by a list of merges.
  init(fixture name: String) throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
    let json = try JSONValue(parsing: Array(Data(contentsOf: folder.appending(path: name + ".json"))))
    bytes = try compileTokenizer(
      try TokenizerSource(json: JSONFields(document: "tokenizer.json", object: json.object!)))
  }

  func u32(_ offset: Int) -> UInt32 {
    bytes[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  mutating func set(_ value: some FixedWidthInteger, at offset: Int) {
    withUnsafeBytes(of: value.littleEndian) { for (index, byte) in $0.enumerated() { bytes[offset + index] = byte } }
  }

  func offset(_ table: TokenizerTable) -> Int { Int(u32(TokenizerLayout.directoryOffset + 8 * table.rawValue)) }
  func byteCount(_ table: TokenizerTable) -> Int { Int(u32(TokenizerLayout.directoryOffset + 8 * table.rawValue + 4)) }

  func error() -> TokenizerError? {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(bytes.count, 1), alignment: 64)
    defer { copy.deallocate() }
    copy.copyBytes(from: bytes)
    do throws(TokenizerError) {
      _ = try TokenizerView(checking: UnsafeRawBufferPointer(rebasing: copy[..<bytes.count]))
      return nil
    } catch { return error }
  }
}

@Suite("A reader of tokenizer sections must reject")
struct HostileSectionTests {
  let valid: SectionBytes

  init() throws { valid = try SectionBytes(fixture: "added") }

  private func broken(_ change: (inout SectionBytes) -> Void) -> TokenizerError? {
    var copy = valid
    change(&copy)
    return copy.error()
  }

  @Test("nothing of a valid section")
  func accepted() { #expect(valid.error() == nil) }

  @Test("T-01 a cut section", arguments: [0, 255])
  func truncated(count: Int) {
    #expect(broken { $0.bytes = Array($0.bytes[..<count]) } == .truncated(have: UInt64(count), need: 320))
  }

  @Test("T-01 a table past the end")
  func tablePastEnd() {
    let table = TokenizerLayout.tableCount - 1
    let end = UInt64(valid.offset(.rewriteBytes)) + 0xFFFF_FFF0
    #expect(
      broken { $0.set(UInt32(0xFFFF_FFF0), at: TokenizerLayout.directoryOffset + 8 * table + 4) }
        == .truncated(have: UInt64(valid.bytes.count), need: end))
  }

  @Test("T-02 an odd address")
  func misaligned() {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: valid.bytes.count + 8, alignment: 8)
    defer { copy.deallocate() }
    let shifted = UnsafeMutableRawBufferPointer(rebasing: copy[4..<4 + valid.bytes.count])
    shifted.copyBytes(from: valid.bytes)
    #expect(throws: TokenizerError.misaligned(addressModulo8: 4)) {
      try TokenizerView(checking: UnsafeRawBufferPointer(shifted))
    }
  }

  @Test("T-03 to T-08 a wrong header")
  func header() {
    #expect(broken { $0.bytes[0] = 0x68 } == .wrongMagic(found: TokenizerLayout.magic | 0x20))
    #expect(broken { $0.set(UInt16(1), at: 4) } == .unknownVersion(found: 1, known: 2))
    #expect(broken { $0.set(UInt16(9), at: 6) } == .unknownKind(found: 9))
    #expect(broken { $0.set(UInt32(1), at: 12) } == .unknownFlags(found: 1, known: 48))
    let count = UInt64(valid.bytes.count)
    #expect(broken { $0.set(UInt32(8), at: 8) } == .byteCountWrong(found: count, stated: 8))
    #expect(broken { $0.bytes += [0] } == .byteCountWrong(found: count + 1, stated: count))
    #expect(broken { $0.set(UInt32(1), at: 300) } == .reservedNotZero(offset: 300))
  }

  @Test("T-09 a table that is moved")
  func misplaced() {
    let offset = UInt32(valid.offset(.tokenBytes))
    #expect(
      broken { $0.set(offset + 8, at: TokenizerLayout.directoryOffset + 8) }
        == .tableMisplaced(table: 1, offset: offset + 8, expected: offset))
  }

  @Test("T-10 a byte between tables")
  func padding() throws {
    let table = try #require((0..<25).first { valid.byteCount(TokenizerTable(rawValue: $0)!) % 8 != 0 })
    let place = TokenizerTable(rawValue: table)!
    let end = valid.offset(place) + valid.byteCount(place)
    #expect(broken { $0.bytes[end] = 1 } == .paddingNotZero(offset: UInt32(end)))
  }

  @Test("T-11, T-12 counts that do not fit the tables")
  func counts() {
    let tokens = valid.u32(16)
    #expect(
      broken {
        $0.set(tokens + 1, at: 20); $0.set(tokens + 1, at: 16)
      }
        == .tableByteCountWrong(table: 0, found: 4 * (tokens + 1), expected: 4 * (tokens + 2)))
    #expect(broken { $0.set(UInt32(1 << 22), at: 20) } == .overLimit(table: 0, found: 1 << 22, limit: 1 << 21))
    #expect(broken { $0.set(UInt32(0), at: 16) } == .overLimit(table: 0, found: 0, limit: UInt64(tokens)))
    #expect(broken { $0.set(UInt16(5), at: 40) } == .overLimit(table: 255, found: 5, limit: 4))
    #expect(broken { $0.set(UInt16(9), at: 82) } == .tableByteCountWrong(table: 14, found: 8, expected: 72))
  }

  @Test("T-13, T-14, T-21 wrong tokens")
  func tokens() {
    let offsets = valid.offset(.tokenOffsets)
    #expect(broken { $0.set(UInt32(1), at: offsets) } == .tokenBoundsWrong(index: 0))
    #expect(broken { $0.set(UInt32(1 << 30), at: offsets + 12) } == .tokenBoundsWrong(index: 2))
    let flags = valid.offset(.tokenFlags)
    #expect(broken { $0.bytes[flags + 7] = 0x80 } == .tokenFlagsWrong(index: 7, found: 0x80))
    let longest = valid.u32(44)
    #expect(broken { $0.set(longest - 1, at: 44) } == .longestTokenWrong(found: longest, stated: longest - 1))
  }

  @Test("T-15 ids that do not exist")
  func ids() {
    let count = valid.u32(16)
    #expect(
      broken { $0.set(count, at: 24) } == .idOutOfRange(table: 255, index: 24, found: count, count: count))
    #expect(broken { $0.set(count, at: 48) } == .idOutOfRange(table: 255, index: 48, found: count, count: count))
    #expect(broken { $0.set(UInt32(0), at: 60) } == .idOutOfRange(table: 255, index: 60, found: 0, count: count))
    let bytes = valid.offset(.byteTokens)
    #expect(
      broken { $0.set(count, at: bytes + 40) } == .idOutOfRange(table: 3, index: 10, found: count, count: count))
    let pairs = valid.offset(.pairs)
    #expect(
      broken { $0.set(UInt64(count) << 21, at: pairs + 8) }
        == .idOutOfRange(table: 5, index: 1, found: count, count: count))
    let slots = valid.offset(.pairSlots)
    let used = stride(from: 0, to: valid.byteCount(.pairSlots), by: 4).first { valid.u32(slots + $0) != .max }!
    #expect(
      broken { $0.set(UInt32(0xFF_FFF0), at: slots + used) }
        == .idOutOfRange(
          table: 4, index: UInt32(used / 4), found: 0xFF_FFF0, count: UInt32(valid.byteCount(.pairs) / 8)))
  }

  @Test("T-16 slots without an empty one")
  func slots() {
    let slots = valid.offset(.wordSlots)
    let count = valid.byteCount(.wordSlots) / 4
    #expect(
      broken { copy in for slot in 0..<count { copy.set(UInt32(0), at: slots + 4 * slot) } }
        == .slotsTooFull(table: 6, run: UInt32(count), limit: 1024))
  }

  @Test("T-17 added tokens out of order")
  func added() {
    let added = valid.offset(.added)
    let (first, second) = (valid.u32(added + 8), valid.u32(added + 20))
    #expect(
      broken {
        $0.set(second, at: added + 8); $0.set(first, at: added + 20)
      } == .addedTokenWrong(index: 1))
    #expect(broken { $0.set(UInt32(32), at: added + 4) } == .addedTokenWrong(index: 0))
    #expect(broken { $0.set(UInt32(1 << 20), at: added + 8) } == .addedTokenWrong(index: 0))
    let bytes = valid.offset(.tokenBytes) + Int(valid.u32(valid.offset(.tokenOffsets) + 4 * Int(first)))
    #expect(broken { $0.bytes[bytes] = 0xC3 } == .addedTokenWrong(index: 0))
    let starts = valid.offset(.addedFirst)
    #expect(broken { $0.set(UInt32(1), at: starts) } == .addedTokenWrong(index: 0))
  }

  @Test("T-18 to T-20 wrong automata")
  func automata() {
    let first = valid.offset(.classFirst)
    #expect(broken { $0.bytes[first + 9] = 255 } == .classTableWrong(table: 11, index: 9, found: 255))
    let middle = valid.offset(.classMiddle)
    #expect(broken { $0.set(UInt16(1), at: middle) } == .classTableWrong(table: 12, index: 0, found: 1))
    let last = valid.offset(.classLast)
    #expect(broken { $0.bytes[last + 70] = 254 } == .classTableWrong(table: 13, index: 70, found: 254))
    let stages = valid.offset(.stages)
    #expect(broken { $0.set(UInt16(3), at: stages + 6) } == nil)
    #expect(broken { $0.set(UInt16(6), at: stages + 6) } == .stageWrong(index: 0))
    #expect(broken { $0.set(UInt32(1), at: stages) } == .stageWrong(index: 0))
    let transitions = valid.offset(.transitions)
    #expect(broken { $0.set(UInt16(0x0FFF), at: transitions + 2) } == .transitionWrong(index: 1, found: 0x0FFF))
    #expect(broken { $0.set(UInt16(0x1000), at: transitions) } == .transitionWrong(index: 0, found: 0x1000))
  }

  @Test("T-22 wrong normalizer tables")
  func normalizer() {
    let data = valid.offset(.normalData)
    #expect(broken { $0.set(UInt64(1), at: data) } == .normalizerWrong(table: 19, index: 0))
    #expect(broken { $0.set(UInt64(1) << 60, at: data + 8) } == .normalizerWrong(table: 19, index: 1))
    let pairs = valid.offset(.normalPairs)
    #expect(broken { $0.set(UInt64(0x10FFFF) << 42, at: pairs) } == .normalizerWrong(table: 20, index: 1))
    #expect(broken { $0.set(UInt64(0x1FFFFF), at: pairs) } == .normalizerWrong(table: 20, index: 0))
  }

  @Test("T-23 to T-26 wrong steps, tries, rewrites and scores")
  func steps() throws {
    let valid = try SectionBytes(fixture: "unigram_map")
    func broken(_ change: (inout SectionBytes) -> Void) -> TokenizerError? {
      var copy = valid
      change(&copy)
      return copy.error()
    }
    #expect(valid.error() == nil)
    let steps = valid.offset(.steps)
    #expect(broken { $0.set(UInt16(9), at: steps) } == .stepWrong(index: 0))
    #expect(broken { $0.set(UInt16(2), at: steps + 2) } == .stepWrong(index: 0))
    #expect(broken { $0.set(UInt32(0), at: steps + 12) } == .stepWrong(index: 0))
    #expect(broken { $0.set(UInt32(65), at: steps + 12) } == .stepWrong(index: 0))
    #expect(broken { $0.set(UInt32(0), at: steps + 4) } == .stepWrong(index: 0))
    let units = valid.u32(TokenizerLayout.vocabularyUnitsOffset)
    #expect(broken { $0.set(UInt32(1 << 20), at: steps + 8) } == .trieWrong(firstUnit: units))
    let trie = valid.offset(.trie)
    #expect(broken { $0.set(UInt64(1) << 60, at: trie + 800) } == .trieWrong(firstUnit: 0))
    #expect(broken { $0.set(UInt64(0xFF_FFFF) << 33, at: trie + 808) } == .trieWrong(firstUnit: 0))
    #expect(broken { $0.set(UInt64(0xFF_FFFF) << 9, at: trie + 816) } == .trieWrong(firstUnit: 0))
    #expect(broken { $0.set(UInt32(0), at: TokenizerLayout.vocabularyUnitsOffset) } == .trieWrong(firstUnit: 0))
    let rewrites = valid.offset(.rewrites)
    #expect(broken { $0.set(UInt32(1 << 20), at: rewrites) } == .rewriteWrong(index: 0))
    #expect(broken { $0.set(UInt32(1 << 20), at: rewrites + 4) } == .rewriteWrong(index: 0))
    #expect(broken { $0.bytes[$0.offset(.rewriteBytes)] = 0xC3 } != nil)
    let scores = valid.offset(.priorities)
    #expect(broken { $0.set(Float.nan.bitPattern, at: scores + 20) } == .scoreWrong(index: 5))
    #expect(
      broken { $0.set(Float.infinity.bitPattern, at: TokenizerLayout.unknownScoreOffset) }
        == .scoreWrong(index: valid.u32(16)))
  }

  @Test(
    "Random damage gives an error or some ids, never a crash",
    arguments: ["added", "pieces", "llama3", "smollm", "unigram_map", "bert", "lower", "prefixed", "pieces_single"])
  func mutations(fixture: String) throws {
    let valid = try SectionBytes(fixture: fixture)
    var random = SeededGenerator(seed: 11)
    let texts = [
      "", "a b  c\n", "The ships couldn't é́é ạ̈ 각 한글 <s> </s>ship ships漢 <tool>▁▁ x\u{10FFFF}\u{0}12345",
      String(repeating: "ab", count: 300),
    ]
    let count = Int(ProcessInfo.processInfo.environment["HARDTACK_FUZZ"] ?? "") ?? 100
    var opened = 0
    for _ in 0..<count {
      var copy = valid
      for _ in 0...Int.random(in: 0..<3, using: &random) {
        let place = Int.random(in: 0..<copy.bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: copy.bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: copy.bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: copy.set(UInt16.random(in: 0...15, using: &random), at: min(place, copy.bytes.count - 2) & ~1)
        default: copy.set(UInt32.random(in: 0...700, using: &random), at: min(place, copy.bytes.count - 4) & ~3)
        }
      }
      guard copy.error() == nil else { continue }
      opened += 1
      let tokenizer = try TestTokenizer(copy.bytes)
      for text in texts {
        for special in [false, true] {
          guard let ids = try? tokenizer.encode(text, addSpecial: special, parseSpecial: special) else { continue }
          #expect(ids.allSatisfy { $0 < tokenizer.view.tokenCount })
          #expect(try tokenizer.decode(ids, skipsSpecial: special) != "(not UTF-8)")
          let spans = try tokenizer.spans(text, addSpecial: special, parseSpecial: special)
          #expect(spans.ids == ids)
          #expect(spans.spans.allSatisfy { $0.begin <= $0.end && $0.end <= text.utf8.count || spans.ids != ids })
        }
      }
    }
    #expect(opened > 0)
  }
}

/// SplitMix64: the same numbers on every machine.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
