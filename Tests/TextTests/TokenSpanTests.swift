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
  }
}

extension TestTokenizer {
  /// Ids and spans, special tokens taken from the text and put around it.
  func spans(_ text: String) throws -> (ids: [UInt32], spans: [TokenSpan]) {
    let text = Array(text.utf8)
    let scratch = UnsafeMutableRawBufferPointer.allocate(
      byteCount: view.encodeScratchByteCount(textByteCount: text.count, withSpans: true), alignment: 8)
    defer { scratch.deallocate() }
    let capacity = view.tokenCountMax(textByteCount: text.count)
    var spans = [TokenSpan](repeating: TokenSpan(begin: .max, end: .max), count: capacity)
    let ids = try [UInt32](unsafeUninitializedCapacity: capacity) { ids, count in
      count = try text.withUnsafeBytes { bytes in
        try spans.withUnsafeMutableBufferPointer {
          try view.encode(bytes, scratch: scratch, into: ids, spans: $0.baseAddress)
        }
      }
    }
    return (ids, Array(spans[..<ids.count]))
  }
}
