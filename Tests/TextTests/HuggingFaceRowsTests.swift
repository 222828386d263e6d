// SPDX-License-Identifier: Apache-2.0
// Tokenizers made, and run over random texts, by Hugging Face's library: Tools/make_tokenizer_fixtures.py.

import Foundation
import ModelFiles
import Packager
import Testing
import Text

@Suite("Hugging Face rows")
struct HuggingFaceRowsTests {
  private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
  private static let fuzz = ProcessInfo.processInfo.environment["HARDTACK_TEXT_FUZZ"]

  static func names(in folder: URL) -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(".jsonl") && !$0.hasSuffix(".sp.jsonl") }.map { String($0.dropLast(6)) }.sorted()
  }

  @Test("Every fixture gives the library's pieces, ids and texts", arguments: names(in: fixtures))
  func fixture(name: String) throws {
    try Self.compare(folder: Self.fixtures, name: name)
  }

  @Test("There are fixtures")
  func fixturesExist() {
    #expect(Self.names(in: Self.fixtures).count >= 39)
  }

  @Test(
    "A large random set does too", .enabled(if: fuzz != nil, "HARDTACK_TEXT_FUZZ names no folder of rows"),
    arguments: fuzz.map { names(in: URL(fileURLWithPath: $0)) } ?? [])
  func fuzzed(name: String) throws {
    try Self.compare(folder: URL(fileURLWithPath: Self.fuzz!), name: name)
  }

  static func compare(folder: URL, name: String) throws {
    let bytes = try Data(contentsOf: folder.appending(path: name + ".json"))
    let json = JSONFields(document: "tokenizer.json", object: try JSONValue(parsing: Array(bytes)).object!)
    let tokenizer = try TestTokenizer(source: try TokenizerSource(json: json))
    var misses: [String] = []
    var count = 0
    for row in try TextReference.rows(folder.appending(path: name + ".jsonl").path) {
      count += 1
      let text = row["text"]!.string!
      func check(_ key: String, _ found: [UInt32]) {
        let expected = row[key]!.array!.map { UInt32($0.int!) }
        if found != expected { misses.append("\(key) of \(text.debugDescription): \(found), expected \(expected)") }
      }
      if row["plain"] != nil { check("plain", try tokenizer.encode(text)) }
      let ids = try tokenizer.encode(text, parseSpecial: true)
      check("ids", ids)
      check("all", try tokenizer.encode(text, addSpecial: true, parseSpecial: true))
      if row["pieces"] != nil { check("pieces", try tokenizer.pieceByteCounts(text)) }
      guard let expected = row["decoded"]?.string else { continue }
      let decoded = try tokenizer.decode(ids, skipsSpecial: false)
      if !decoded.utf8.elementsEqual(expected.utf8) {
        let (found, wanted) = (decoded.debugDescription, expected.debugDescription)
        misses.append("\(text.debugDescription) decodes to \(found), not \(wanted)")
      }
    }
    #expect(count > 0)
    let first = misses.prefix(4).joined(separator: "\n")
    #expect(misses.isEmpty, "\(name): \(misses.count) of \(count) rows, first: \(first)")
  }
}

extension TestTokenizer {
  /// Lengths of what the splitter cuts.
  func pieceByteCounts(_ text: String) throws -> [UInt32] {
    try Array(text.utf8).withUnsafeBufferPointer { bytes in
      var splitter = Splitter(view, text: bytes)
      var result: [UInt32] = []
      while let piece = try splitter.next() { result.append(UInt32(piece.end - piece.start)) }
      return result
    }
  }

  func decode(_ ids: [UInt32], skipsSpecial: Bool) throws -> String {
    var detokenizer = Detokenizer(skipsSpecial: skipsSpecial)
    var text: [UInt8] = []
    try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Detokenizer.byteCountMax(view)) { buffer in
      for id in ids { text += buffer[..<(try detokenizer.append(id, view, into: buffer))] }
      text += buffer[..<(try detokenizer.finish(into: buffer))]
    }
    return String(validating: text, as: UTF8.self) ?? "(not UTF-8)"
  }
}
