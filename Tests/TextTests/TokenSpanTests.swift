// SPDX-License-Identifier: Apache-2.0
// Where tokens come from: Hugging Face's offsets (Tools/make_offset_fixtures.py), and what holds of any text.

import Foundation
import ModelFiles
import Packager
import Testing
import Text

@Suite("Token spans")
struct TokenSpanTests {
  private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
  private static let offsets = fixtures.appending(path: "Offsets")
  private static let fuzz = ProcessInfo.processInfo.environment["HARDTACK_OFFSET_FUZZ"]

  @Test("The library's offsets, in bytes", arguments: HuggingFaceRowsTests.names(in: offsets))
  func fixture(name: String) throws { try Self.compare(folder: Self.offsets, name: name) }

  @Test(
    "Of a large random set too", .enabled(if: fuzz != nil, "HARDTACK_OFFSET_FUZZ names no folder of rows"),
    arguments: fuzz.map { HuggingFaceRowsTests.names(in: URL(fileURLWithPath: $0)) } ?? [])
  func fuzzed(name: String) throws { try Self.compare(folder: URL(fileURLWithPath: Self.fuzz!), name: name) }

  private static func tokenizer(_ folder: URL, _ name: String) throws -> TestTokenizer {
    let own = folder.appending(path: name + ".json")
    let file = FileManager.default.fileExists(atPath: own.path) ? own : fixtures.appending(path: name + ".json")
    let object = try JSONValue(parsing: Array(try Data(contentsOf: file))).object!
    return try TestTokenizer(source: try TokenizerSource(json: JSONFields(document: "tokenizer.json", object: object)))
  }

  private static func compare(folder: URL, name: String) throws {
    let tokenizer = try tokenizer(folder, name)
    var misses: [String] = []
    var (count, otherIDs) = (0, 0)
    for row in try TextReference.rows(folder.appending(path: name + ".jsonl").path) {
      count += 1
      let text = row["text"]!.string!
      let found = try tokenizer.spans(text)
      try check(text, found, tokenizer)
      let ids = row["ids"]!.array!.map { UInt32($0.int!) }
      if ids != found.ids {
        otherIDs += 1
        continue
      }
      let expected = row["offsets"]!.array!.map { [UInt32($0.array![0].int!), UInt32($0.array![1].int!)] }
      let spans = found.spans.map { [$0.begin, $0.end] }
      let continues = zip(found.ids, found.spans).map { id, span in
        Array(text.utf8).withUnsafeBytes { tokenizer.view.continuesWord(id, span, in: $0) }
      }
      if expected == spans, continues != row["continues"]!.array!.map(\.bool!) {
        misses.append("\(text.debugDescription): \(continues) continue words")
      }
      if expected != spans {
        let place = zip(expected, spans).enumerated().first { $1.0 != $1.1 }!.offset
        misses.append("\(text.debugDescription) at \(place): \(spans[place]), expected \(expected[place])")
      }
    }
    #expect(count > 0)
    if fuzz != nil { print("OFFSETS \(name): \(misses.count) differ, \(otherIDs) other ids, of \(count)") }
    let first = misses.prefix(4).joined(separator: "\n")
    #expect(misses.isEmpty, "\(name): \(misses.count) of \(count) rows, first: \(first)")
  }

  /// What holds of all spans: within the text, between characters, ascending; the ids are those without spans.
  private static func check(
    _ text: String, _ found: (ids: [UInt32], spans: [TokenSpan]), _ tokenizer: TestTokenizer
  ) throws {
    #expect(found.ids == (try tokenizer.encode(text, addSpecial: true, parseSpecial: true)))
    let bytes = Array(text.utf8)
    func isBorder(_ at: UInt32) -> Bool { at == bytes.count || at < bytes.count && bytes[Int(at)] & 0xC0 != 0x80 }
    let inner = found.spans.dropFirst(tokenizer.view.prefix.count).dropLast(tokenizer.view.suffix.count)
    for span in inner {
      #expect(span.begin <= span.end && isBorder(span.begin) && isBorder(span.end), "\(text.debugDescription)")
    }
    for (one, next) in zip(inner, inner.dropFirst()) {
      #expect(one.begin <= next.begin && one.end <= next.end, "\(text.debugDescription): \(one) \(next)")
    }
    bytes.withUnsafeBytes { raw in
      var offsets = CharacterOffsets(raw)
      for span in inner {
        let slice = String(decoding: bytes[Int(span.begin)..<Int(span.end)], as: UTF8.self)
        let (begin, end) = (offsets.character(atByte: span.begin), offsets.character(atByte: span.end))
        let scalars = text.unicodeScalars.dropFirst(begin).prefix(end - begin)
        #expect(String(String.UnicodeScalarView(scalars)).utf8.elementsEqual(slice.utf8), "\(text.debugDescription)")
      }
    }
  }

  @Test(
    "Without a normalizer every byte of the text is some token's", arguments: ["gpt2", "llama3", "cased", "smollm"])
  func covers(name: String) throws {
    let tokenizer = try Self.tokenizer(Self.fixtures, name)
    for row in try TextReference.rows(Self.offsets.appending(path: name + ".jsonl").path) {
      let text = row["text"]!.string!
      var end: UInt32 = 0
      for span in try tokenizer.spans(text, addSpecial: false).spans {
        #expect(span.begin <= end, "\(text.debugDescription)")
        end = span.end
      }
      #expect(Int(end) == text.utf8.count)
    }
  }

  @Test(
    "Less scratch gives the same spans, or an error", arguments: ["bert", "unigram_map", "nfkc", "prefixed", "pieces"])
  func scratch(name: String) throws {
    let tokenizer = try Self.tokenizer(Self.fixtures, name)
    let text = "The ships couldn't é́é ạ̈ 각 <s>ship ㎏ ﬁ ½ \u{3000}İ 漢 x\u{1}12345"
    let expected = try tokenizer.spans(text)
    let need = tokenizer.view.encodeScratchByteCount(textByteCount: text.utf8.count, withSpans: true)
    var failures = 0
    for byteCount in stride(from: 8, to: need, by: 13) {
      do {
        #expect(try tokenizer.spans(text, scratchByteCount: byteCount) == expected)
      } catch TokenizerError.scratchTooSmall { failures += 1 }
    }
    #expect(failures > 0)
  }
}

extension TestTokenizer {
  /// Ids and spans.
  func spans(
    _ text: String, addSpecial: Bool = true, parseSpecial: Bool = true, scratchByteCount: Int? = nil
  ) throws -> (ids: [UInt32], spans: [TokenSpan]) {
    let text = Array(text.utf8)
    let need = view.encodeScratchByteCount(textByteCount: text.count, withSpans: true)
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: scratchByteCount ?? need, alignment: 8)
    defer { scratch.deallocate() }
    let capacity = view.tokenCountMax(textByteCount: text.count)
    let options = EncodeOptions(addSpecial: addSpecial, parseSpecial: parseSpecial)
    var spans = [TokenSpan](repeating: TokenSpan(begin: .max, end: .max), count: capacity)
    let ids = try [UInt32](unsafeUninitializedCapacity: capacity) { ids, count in
      count = try text.withUnsafeBytes { bytes in
        try spans.withUnsafeMutableBufferPointer {
          try view.encode(bytes, options: options, scratch: scratch, into: ids, spans: $0.baseAddress)
        }
      }
    }
    return (ids, Array(spans[..<ids.count]))
  }
}
