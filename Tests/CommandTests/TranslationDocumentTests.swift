// SPDX-License-Identifier: Apache-2.0
// docs/tasks-translate.md: every command in it is run, with the fixtures of RuntimeTests and a tiny chat model.
import Foundation
import Testing

@Suite(.enabled(if: Place.hasProgram, "no hardtack beside the tests: swift build -c release --product hardtack"))
struct TranslationDocumentTests {
  private static let document = Place.root.appendingPathComponent("docs/tasks-translate.md")

  /// A folder with the bundles that the document names.
  private func workplace() throws -> Workplace {
    let workplace = try Workplace()
    let fixtures = Place.root.appendingPathComponent("Tests/RuntimeTests/Fixtures").path
    for name in ["marian", "t5-relu"] {
      try #require(try workplace.run("hardtack pack \(fixtures)/\(name) -o \(name).tack").status == 0)
    }
    try #require(try workplace.run("make-tiny-model tiny --chat && hardtack pack tiny -o tiny.tack").status == 0)
    return workplace
  }

  @Test("docs/tasks-translate.md shows what is answered")
  func document() throws {
    let workplace = try workplace()
    var (command, expected, count, isInside) = ("", [Substring](), 0, false)
    let text = try String(contentsOf: Self.document, encoding: .utf8)
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      let isCommand = isInside && line.hasPrefix("$ ")
      if line.hasPrefix("```") || isCommand {
        if !command.isEmpty {
          let answer = try workplace.run("\(command) 2>&1")
          let found = String(decoding: answer.output, as: UTF8.self).split(separator: "\n")
          #expect(found == expected.filter { !$0.isEmpty }, "\(command)")
          count += 1
        }
        (command, expected) = (isCommand ? String(line.dropFirst(2)) : "", [])
        if !isCommand { isInside = line == "```console" }
      } else if isInside {
        expected.append(line)
      }
    }
    #expect(count >= 11)
  }

  @Test("plan counts the beams, and a run takes no more", arguments: [1, 4, 8])
  func plan(beams: Int) throws {
    let workplace = try workplace()
    let line = "hardtack plan marian.tack --json --beam \(beams)"
    let plan = try #require(
      try JSONSerialization.jsonObject(with: workplace.run(line).output) as? [String: Any])
    let regions = try #require(plan["regions"] as? [String: Int])
    #expect(regions["beams"] == 96 * 8 * beams)
    #expect(regions.values.reduce(0) { $0 + ($1 + 63) / 64 * 64 } == plan["arena_bytes"] as? Int)
    let most = try #require(plan["arena_bytes"] as? Int)
    let run = "hardtack translate marian.tack --beam \(beams) Rain"
    #expect(try workplace.run("\(run) --max-memory \(most)").status == 0)
    #expect(try workplace.run("\(run) --max-memory \(most - 1) --context 96 --kv f32").status == 4)
  }
}
