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
