// SPDX-License-Identifier: Apache-2.0
// Ids that Hugging Face tokenizers, SentencePiece and llama.cpp agree on, for well-known vocabularies.

import Foundation
import ModelFiles
import Packager
import Testing
import Text

@Suite("Reference rows")
struct ReferenceRowsTests {
  static let names = [
    "smollm2", "gpt-2", "llama-bpe", "qwen2", "qwen35", "llama-spm", "phi-3", "gemma3", "starcoder", "refact",
    "command-r", "mpt",
  ]

  @Test(
    "Well-known vocabularies give the ids of the engines that know them",
    .enabled(
      if: TextReference.reference != nil && TextReference.sources != nil,
      "reference data absent: set HARDTACK_REFERENCE and HARDTACK_SOURCES"),
    arguments: names)
  func vocabulary(name: String) throws {
    let source = TextReference.sources! + "/\(name).gguf"
    guard FileManager.default.fileExists(atPath: source) else {
      try Test.cancel("\(source) is absent")
    }
    let tokenizer = try TestTokenizer(gguf: source)
    var judged = 0
    var misses: [String] = []
    for row in try TextReference.rows(TextReference.reference! + "/tokenizers/\(name).jsonl") {
      let text = row["text"]!.string!
      if row["agree"]?.bool != false {
        judged += 1
        check(try tokenizer.encode(text), row["ids"]!, text, &misses)
        if let decoded = row["decoded"]?.string {
          let found = try tokenizer.decode(row["ids"]!.array!.map { UInt32($0.int!) }, skipsSpecial: false)
          if !found.utf8.elementsEqual(decoded.utf8) {
            misses.append("\(text.debugDescription) decodes to \(found.debugDescription)")
          }
        }
      }
      if let special = row["ids_parse_special"], row["parse_special_agree"]?.bool == true {
        judged += 1
        check(try tokenizer.encode(text, parseSpecial: true), special, text, &misses)
      }
    }
    print("\(name): \(judged - misses.count) of \(judged) rows, \(tokenizer.bytes.count) bytes")
    #expect(misses.isEmpty, "\(misses.count) of \(judged), first: \(misses.prefix(5).joined(separator: "\n"))")
  }

  private func check(_ found: [UInt32], _ expected: JSONValue, _ text: String, _ misses: inout [String]) {
    let expected = expected.array!.map { UInt32($0.int!) }
    if found != expected { misses.append("\(text.debugDescription): \(found), expected \(expected)") }
  }
}

@Suite("GGUF fixtures")
struct GGUFRowsTests {
  static let names: [String] = {
    guard let folder = TextReference.reference else { return [] }
    let all = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/gguf")) ?? []
    return all.filter { !$0.contains(".") && !$0.hasPrefix("bert") }.sorted()  // WordPiece: not yet
  }()

  @Test(
    "Every text gives the source's own ids, special tokens included",
    .enabled(if: TextReference.reference != nil, "reference data absent: set HARDTACK_REFERENCE"), arguments: names)
  func rows(name: String) throws {
    let folder = TextReference.reference! + "/gguf/\(name)"
    let tokenizer = try TestTokenizer(gguf: folder + "/model.gguf")
    let reference = try JSONValue(parsing: Array(Data(contentsOf: URL(fileURLWithPath: folder + "/ref.json"))))
    var misses: [String] = []
    var judged = 0
    for row in reference["tokenize"]!.array! where row["agree"]?.bool != false {
      judged += 1
      let text = row["text"]!.string!
      let found = try tokenizer.encode(text, addSpecial: true, parseSpecial: true)
      let expected = row["ids"]!.array!.map { UInt32($0.int!) }
      if found != expected { misses.append("\(text.debugDescription): \(found), expected \(expected)") }
    }
    #expect(judged > 0)
    #expect(misses.isEmpty, "\(name): \(misses.count) of \(judged), first: \(misses.prefix(4).joined(separator: "\n"))")
  }
}

@Suite("Speed")
struct TokenizerSpeedTests {
  @Test(
    "Megabytes a second",
    .enabled(
      if: ProcessInfo.processInfo.environment["HARDTACK_BENCH_TEXT"] != nil && TextReference.sources != nil,
      "HARDTACK_BENCH_TEXT names no text"), arguments: ["smollm2", "llama-bpe", "qwen2", "llama-spm"])
  func speed(name: String) throws {
    let path = ProcessInfo.processInfo.environment["HARDTACK_BENCH_TEXT"]!
    var text = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    while text.count < 8 << 20 { text += text }
    let clock = ContinuousClock()
    var tokenizer: TestTokenizer!
    let source = try TokenizerSource(gguf: try GGUFFile(path: TextReference.sources! + "/\(name).gguf"))
    let compiling = try clock.measure { tokenizer = try TestTokenizer(source: source) }
    let opening = try clock.measure { _ = try TokenizerView(checking: UnsafeRawBufferPointer(tokenizer.bytes)) }
    var count = 0
    let elapsed = try clock.measure { count = try tokenizer.encode(text, options: EncodeOptions()).count }
    let word = [UInt8](repeating: 0x61, count: 1 << 20)
    let long = try clock.measure { _ = try tokenizer.encode(word, options: EncodeOptions()) }
    var state: UInt64 = 1
    let random = word.map { letter in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return letter + UInt8((state >> 33) % 26)
    }
    let noise = try clock.measure { _ = try tokenizer.encode(random, options: EncodeOptions()) }
    print(
      "\(name): \(Double(text.count) / elapsed.seconds / 1e6) MB/s, \(count) tokens; 1 MiB word \(long), of noise",
      "\(noise); compiled in \(compiling), opened in \(opening)")
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
