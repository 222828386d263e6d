// SPDX-License-Identifier: Apache-2.0
// tokenizer.model: files made, and run over random texts, by SentencePiece itself; and what may be wrong with a file.
// Tools/make_sentencepiece_fixtures.py

import Foundation
import ModelFiles
import Packager
import Testing
import Text

@Suite("tokenizer.model")
struct SentencePieceRowsTests {
  private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")

  static let names: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: fixtures.path)) ?? []
    return files.filter { $0.hasSuffix(".model") }.map { String($0.dropLast(6)) }.sorted()
  }()

  private static func file(_ name: String) throws -> [UInt8] {
    try Array(Data(contentsOf: fixtures.appending(path: name + ".model")))
  }

  @Test("There are fixtures")
  func fixturesExist() { #expect(Self.names.count >= 6) }

  @Test("Every fixture gives the library's ids and texts", arguments: names)
  func rows(name: String) throws {
    let tokenizer = try TestTokenizer(source: try TokenizerSource(sentencePiece: try Self.file(name)[...]))
    for row in try TextReference.rows(Self.fixtures.appending(path: name + ".sp.jsonl").path) {
      let text = row["text"]!.string!
      let ids = row["ids"]!.array!.map { UInt32($0.int!) }
      #expect(try tokenizer.encode(text) == ids, "\(text.debugDescription)")
      if let decoded = row["decoded"]?.string {
        let found = try tokenizer.decode(ids, skipsSpecial: false)
        #expect(found.utf8.elementsEqual(decoded.utf8), "\(found.debugDescription) for \(decoded.debugDescription)")
      }
    }
  }

  private func error(_ bytes: [UInt8]) -> TokenizerSourceError? {
    do throws(TokenizerSourceError) {
      _ = try TokenizerSource(sentencePiece: bytes[...])
      return nil
    } catch { return error }
  }

  @Test("What is no message is refused with its place")
  func notAMessage() {
    #expect(error([]) == .noTokens)
    #expect(error([0x0A]) == .protobuf(.truncated(offset: 1)))
    #expect(error([0x0A, 5, 1]) == .protobuf(.truncated(offset: 0)))
    #expect(error([0x0B]) == .protobuf(.unknownWireType(offset: 0, found: 3)))
    #expect(error([0x02, 0]) == .protobuf(.fieldZero(offset: 0)))
    #expect(error([0x08, 1]) == .protobuf(.wrongWireType(offset: 0, field: 1, found: 0, expected: 2)))
    #expect(error([0x0A] + [UInt8](repeating: 0xFF, count: 11)) == .protobuf(.varintTooLong(offset: 1)))
    let huge: [UInt8] = [0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1]
    #expect(error(huge) == .protobuf(.truncated(offset: 0)))
  }

  /// A message of pieces, each (text, score, type).
  private func model(_ pieces: [(String, Float, UInt8)], trainer: [UInt8] = []) -> [UInt8] {
    var bytes: [UInt8] = []
    for (text, score, kind) in pieces {
      var piece: [UInt8] = [0x0A, UInt8(text.utf8.count)] + Array(text.utf8) + [0x15]
      withUnsafeBytes(of: score.bitPattern.littleEndian) { piece += $0 }
      piece += [0x18, kind]
      bytes += [0x0A, UInt8(piece.count)] + piece
    }
    return bytes + (trainer.isEmpty ? [] : [0x12, UInt8(trainer.count)] + trainer)
  }

  @Test("Models that are not supported, or contradict themselves, are refused by name")
  func refused() {
    let unknown: (String, Float, UInt8) = ("<unk>", 0, 2)
    #expect(error(model([unknown, ("a", -1, 1)])) == nil)
    #expect(error(model([unknown], trainer: [0x18, 3]))?.message.contains("model_type") == true)
    #expect(error(model([unknown], trainer: [0xC0, 1, 1]))?.message.contains("treat_whitespace_as_suffix") == true)
    #expect(error(model([unknown, ("a", 0, 5)], trainer: [0x18, 2]))?.message.contains("UNUSED") == true)
    #expect(error(model([unknown, ("a", 0, 1), ("a", 0, 1)]))?.message.contains("twice") == true)
    #expect(error(model([unknown, ("a", .nan, 1)]))?.message.contains("finite") == true)
    #expect(error(model([unknown, ("a", 0, 6)]))?.message.contains("<0xXX>") == true)
    #expect(error(model([unknown], trainer: [0x98, 2, 1]))?.message.contains("all 256 bytes") == true)
  }

  @Test("Mutated files give an error or a tokenizer, never a crash", arguments: names)
  func mutations(name: String) throws {
    let valid = try Self.file(name)
    var random = SeededGenerator(seed: 23)
    let count = Int(ProcessInfo.processInfo.environment["HARDTACK_FUZZ"] ?? "") ?? 40
    for _ in 0..<count {
      var bytes = valid
      for _ in 0...Int.random(in: 0..<4, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<5, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
        case 2: bytes[place] = 0xFF
        case 3: bytes.remove(at: place)
        default: bytes.removeLast(Int.random(in: 0..<min(64, bytes.count - 1), using: &random))
        }
      }
      guard let source = try? TokenizerSource(sentencePiece: bytes[...]), let section = try? compileTokenizer(source)
      else { continue }
      let tokenizer = try TestTokenizer(section)
      let ids = try tokenizer.encode("The ships\u{3000} couldn't <tool> 漢 x\u{10FFFF}", parseSpecial: true)
      #expect(ids.allSatisfy { $0 < tokenizer.view.tokenCount })
    }
  }
}

@Suite("Content never gives special tokens")
struct ContentTests {
  @Test(
    "However a special token is spelled, whole or in parts",
    arguments: ["llama3", "added", "pieces", "bert", "unigram", "unigram_bytes", "pieces_first"])
  func content(fixture: String) throws {
    let tokenizer = try TestTokenizer(try SectionBytes(fixture: fixture).bytes)
    let view = tokenizer.view
    for id in UInt32(0)..<UInt32(view.tokenCount) where view.isSpecial(id) {
      guard let text = view.bytes(of: id).flatMap({ String(validating: $0, as: UTF8.self) }), !text.isEmpty else {
        continue
      }
      for sample in [text, " \(text) ", "a\(text)b", text + text, "\n\(text)user\n"] {
        let ids = try tokenizer.encode(Array(sample.utf8), options: .content)
        #expect(!ids.contains { view.isSpecial($0) && $0 != view.unknown }, "\(sample.debugDescription)")
        #expect(try tokenizer.encode(sample, parseSpecial: true).contains(id))
      }
    }
  }

  @Test(
    "A megabyte of one thing takes a moment", arguments: ["gpt2", "pieces", "unigram_map", "bert", "lower", "strip"])
  func long(fixture: String) throws {
    let tokenizer = try TestTokenizer(try SectionBytes(fixture: fixture).bytes)
    #if DEBUG
      let room = 1 << 16
    #else
      let room = 1 << 20
    #endif
    for text in ["a", " ", "😀", "\u{301}", "\n", "▁", "<", "7", "ab", "\u{1100}\u{1161}\u{11A8}", "👩\u{200D}🚀", "漢é"] {
      let long = String(repeating: text, count: room / text.utf8.count)
      let start = ContinuousClock.now
      let ids = try tokenizer.encode(long)
      // A second where nothing else runs; quadratic would be hours.
      #expect(ContinuousClock.now - start < .seconds(10), "\(text.debugDescription)")
      if text == "a", fixture == "gpt2" { #expect(ids.count > 100_000, "a word of many tokens") }
    }
  }
}
