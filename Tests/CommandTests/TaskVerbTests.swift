// SPDX-License-Identifier: Apache-2.0
// The task verbs against transformers' pipelines: tiny random models in Tasks, made by Tools/make-task-fixtures.
import Foundation
import Testing

@Suite(.enabled(if: Place.hasProgram, "no hardtack beside the tests: swift build -c release --product hardtack"))
struct TaskVerbTests {
  static let folder = Place.root.appendingPathComponent("Tests/CommandTests/Tasks")
  static let models: [String] =
    (try? FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()) ?? []

  @Test("there are models of every task")
  func modelsExist() {
    for task in ["classify", "tag", "answer", "rerank", "fill", "embed"] {
      #expect(Self.models.contains { $0.hasPrefix(task) }, "\(task)")
    }
  }

  @Test("every line is what the pipeline gives", arguments: models)
  func pipeline(name: String) throws {
    let workplace = try Workplace()
    let source = Self.folder.appendingPathComponent(name)
    let packed = try workplace.run("hardtack pack \(source.path) -o m.tack --weights keep")
    try #require(packed.status == 0, "\(packed.errors)")
    let data = try Data(contentsOf: source.appendingPathComponent("expected.json"))
    let cases = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
    #expect(!cases.isEmpty)
    for item in cases {
      let arguments = try #require(item["arguments"] as? [String])
      let input = workplace.url.appendingPathComponent("in")
      try Data((item["input"] as? String ?? "").utf8).write(to: input)
      let words = arguments.dropFirst().map { "\"\($0.replacingOccurrences(of: "\"", with: "\\\""))\"" }
      // Alone and together with others in a call a text has the same bits: one chunk holds one text, the other many.
      var answers: [Data] = []
      for chunk in [60, 2048] {
        let line = "hardtack \(arguments[0]) m.tack \(words.joined(separator: " ")) --chunk \(chunk) -t 1 < in"
        let answer = try workplace.run(line)
        try #require(answer.status == 0, "\(line)\n\(answer.errors)")
        answers.append(answer.output)
      }
      #expect(answers[0] == answers[1], "\(name) \(arguments)")
      let found = try String(decoding: answers[0], as: UTF8.self).split(separator: "\n").map {
        try JSONSerialization.jsonObject(with: Data($0.utf8))
      }
      let expected = try #require(item["lines"] as? [Any])
      if let wrong = difference(found, expected, at: "") { Issue.record("\(name) \(arguments): \(wrong)") }
    }
  }

  /// Scores to the six places that are written, and what logits of 2·10⁻⁴ standard deviations do to them.
  private func difference(_ found: Any, _ expected: Any, at path: String) -> String? {
    switch (found, expected) {
    case (let found as [Any], let expected as [Any]):
      guard found.count == expected.count else { return "\(path): \(found.count) items, expected \(expected.count)" }
      for (index, pair) in zip(found, expected).enumerated() {
        if let wrong = difference(pair.0, pair.1, at: "\(path)/\(index)") { return wrong }
      }
      return nil
    case (let found as [String: Any], let expected as [String: Any]):
      for (key, value) in expected {
        guard let own = found[key] else { return "\(path): no \(key)" }
        if let wrong = difference(own, value, at: "\(path)/\(key)") { return wrong }
      }
      return nil
    case (let found as String, let expected as String):
      return found == expected ? nil : "\(path): \(found), expected \(expected)"
    case (let found as Double, let expected as Double):
      return abs(found - expected) <= 2e-5 * max(1, abs(expected)) ? nil : "\(path): \(found), expected \(expected)"
    default: return "\(path): \(found), expected \(expected)"
    }
  }

  @Test("documents show what is answered", arguments: ["tasks.md", "tasks-retrieval.md"])
  func document(name: String) throws {
    let text = try String(contentsOf: Place.root.appendingPathComponent("docs/\(name)"), encoding: .utf8)
    let workplace = try Workplace()
    for name in Self.models {
      let source = Self.folder.appendingPathComponent(name).path
      try #require(try workplace.run("hardtack pack \(source) -o \(name).tack").status == 0)
    }
    var (command, expected, count) = ("", [String](), 0)
    func check() throws {
      if command.isEmpty { return }
      let answer = try workplace.run(command + " 2>&1")
      let found = String(decoding: answer.output, as: UTF8.self).split(separator: "\n").map(String.init)
      #expect(found == expected, "\(command)")
      count += 1
      (command, expected) = ("", [])
    }
    var isInside = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        try check()
        isInside = line == "```console"
      } else if isInside, line.hasPrefix("$ ") {
        try check()
        command = String(line.dropFirst(2))
      } else if isInside {
        expected.append(String(line))
      }
    }
    #expect(count >= 10)
  }
}
