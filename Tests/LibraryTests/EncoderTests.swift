// SPDX-License-Identifier: Apache-2.0
// The calls of `Encoder` against what the verbs are held to: transformers' answers of the same tiny models.
import Foundation
import Hardtack
import Testing

private let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .appendingPathComponent("CommandTests/Tasks")

/// The bundle of a fixture, and the answers that it has to give.
private func opened(_ name: String) throws -> (Encoder, [(arguments: [String], input: [String], lines: [Any])]) {
  let path = FileManager.default.temporaryDirectory.path + "/hardtack-encoder-\(UUID().uuidString).tack"
  defer { try? FileManager.default.removeItem(atPath: path) }
  let source = folder.appendingPathComponent(name)
  try Model.pack(source.path, to: path)
  let json = try JSONSerialization.jsonObject(with: Data(contentsOf: source.appendingPathComponent("expected.json")))
  let cases = try #require(json as? [[String: Any]]).map { item in
    let input = (item["input"] as? String ?? "").split(separator: "\n", omittingEmptySubsequences: false)
    return (item["arguments"] as? [String] ?? [], input.map(String.init), item["lines"] as? [Any] ?? [])
  }
  return (try Encoder(Model(path: path), threads: 1), cases)
}

private func near(_ found: Float, _ expected: Any?) -> Bool {
  guard let expected = expected as? Double else { return false }
  return abs(Double(found) - expected) <= 2e-5 * max(1, abs(expected))
}

@Suite("Encoders in a Swift program")
struct EncoderTests {
  @Test("classify", arguments: ["classify", "classify-multi", "classify-regression"])
  func classify(name: String) throws {
    let (encoder, cases) = try opened(name)
    #expect(encoder.verb == "classify" && !encoder.labels.isEmpty)
    var checked = 0
    for item in cases where item.arguments.contains("--all") {
      let texts = item.arguments.contains("--jsonl") ? try item.input.filter { !$0.isEmpty }.map(decoded) : item.input
      let results = try encoder.classify(texts.filter { !$0.isEmpty }, top: nil)
      for (result, line) in zip(results, item.lines) {
        let expected = try #require(line as? [[String: Any]])
        #expect(result.count == expected.count)
        for (own, other) in zip(result, expected) {
          #expect(own.label == other["label"] as? String && near(own.score, other["score"]))
          checked += 1
        }
      }
    }
    #expect(checked > 0)
    #expect(throws: HardtackError.self) { try encoder.fill("x") }
    #expect(throws: HardtackError.self) { try encoder.classify("") }
    let long = String(repeating: "word ", count: 500)
    #expect(throws: HardtackError.self) { try encoder.classify(long) }
    #expect(try encoder.classify("no").count == 1)
  }

  private func decoded(_ line: String) throws -> String {
    try #require(try JSONSerialization.jsonObject(with: Data(line.utf8), options: .fragmentsAllowed) as? String)
  }

  @Test("tag", arguments: ["tag", "tag-bytes", "tag-lower", "tag-unigram"])
  func tag(name: String) throws {
    let (encoder, cases) = try opened(name)
    var checked = 0
    for item in cases {
      let at = item.arguments.firstIndex(of: "--strategy")
      let strategies: [String: EntityStrategy] = [
        "none": .none, "simple": .simple, "first": .first, "average": .average, "max": .max,
      ]
      let strategy = try #require(strategies[at.map { item.arguments[$0 + 1] } ?? "simple"])
      let texts = item.arguments.contains("--jsonl") ? try item.input.filter { !$0.isEmpty }.map(decoded) : item.input
      for (text, line) in zip(texts, item.lines) {
        let expected = try #require(line as? [[String: Any]])
        let found = try encoder.entities(in: text, strategy: strategy)
        #expect(found.count == expected.count, "\(text)")
        for (own, other) in zip(found, expected) {
          #expect(own.label == other["entity"] as? String && near(own.score, other["score"]))
          #expect(own.text == other["text"] as? String && own.text == text[own.range])
          checked += 1
        }
      }
    }
    #expect(checked > 10)
  }

  @Test("answer", arguments: ["answer", "answer-bytes"])
  func answer(name: String) throws {
    let (encoder, _) = try opened(name)
    let context = "The Fram is a ship that was built in 1892. Zürich has none."
    let answers = try encoder.answer("When was she built?", in: context, top: 3)
    #expect(answers.count == 3 && answers[0].score >= answers[1].score)
    for answer in answers {
      #expect(!answer.text.isEmpty && context[answer.range] == answer.text)
      #expect(Array(context.utf8)[answer.bytes].elementsEqual(answer.text.utf8))
    }
    let long = String(repeating: "The Fram is a ship. ", count: 300)
    #expect(try encoder.answer("When was she built?", in: long).count == 1)
    #expect(throws: HardtackError.self) { try encoder.answer("", in: context) }
    #expect(throws: HardtackError.self) { try encoder.answer("x", in: "") }
  }

  @Test("embed: the vectors of sentence-transformers, of texts that are not cut")
  func embed() throws {
    let (encoder, cases) = try opened("embed")
    let first = try #require(cases.first { $0.arguments == ["embed", "--jsonl"] })
    let texts = try first.input.filter { !$0.isEmpty }.map(decoded)
    var checked = 0
    for (text, line) in zip(texts, first.lines) {
      guard let vector = try? encoder.embed(text) else { continue }  // too long
      let expected = try #require(line as? [Double])
      #expect(vector.count == expected.count && zip(vector, expected).allSatisfy { near($0, $1) })
      checked += 1
    }
    #expect(checked > 1)
    #expect(throws: HardtackError.self) { try encoder.classify("no") }
    #expect(throws: HardtackError.self) { try encoder.embed(String(repeating: "Ada ", count: 2000)) }
  }

  @Test("rerank, and again with another query")
  func rerank() throws {
    let (encoder, _) = try opened("rerank")
    let passages = ["she works for the harbour", "the Fram is a ship"]
    let ranks = try encoder.rerank("what is the ship's name", passages)
    #expect(ranks.map(\.index) == [1, 0])
    #expect(abs(ranks[0].score - 0.881620) < 2e-5 && abs(ranks[1].score + 0.381173) < 2e-5)
    _ = try encoder.rerank("no", passages)
    #expect(try encoder.rerank("what is the ship's name", passages) == ranks)
    let many = (0..<100).map { "the Fram is a ship \($0)" }
    let scores = try encoder.rerank("no", many)
    for rank in scores { #expect(try encoder.rerank("no", [many[rank.index]])[0].score == rank.score) }
  }

  @Test("fill")
  func fill() throws {
    let (encoder, _) = try opened("fill-bert")
    let masks = try encoder.fill("the ship is [MASK] in Oslo", top: 3)
    #expect(masks.count == 1 && masks[0].map(\.text) == ["frid", "m", "d"])
    #expect(abs(masks[0][0].score - 0.695980) < 2e-5)
    let error = #expect(throws: HardtackError.self) { try encoder.fill("the ship is in Oslo") }
    #expect(error?.message == "the text has no mask; it is spelled \"[MASK]\"")
  }
}
