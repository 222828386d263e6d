// SPDX-License-Identifier: Apache-2.0
// The command line against its transcripts, and what no transcript can tell: a full disk, and being killed.
import Foundation
import Testing

@Suite(.enabled(if: Place.hasProgram, "no hardtack beside the tests: swift build -c release --product hardtack"))
struct CommandTests {
  static let transcripts: [String] =
    (try? FileManager.default.contentsOfDirectory(atPath: Place.transcripts.path).filter { $0.hasSuffix(".txt") }
      .sorted()) ?? []

  @Test("there are transcripts")
  func transcriptsExist() { #expect(Self.transcripts.count >= 6) }

  @Test("answers as the transcript says", arguments: transcripts)
  func transcript(name: String) throws {
    let text = try String(contentsOf: Place.transcripts.appendingPathComponent(name), encoding: .utf8)
    let workplace = try Workplace()
    for step in try steps(of: text) {
      let answer = try workplace.run(step.command)
      let at = "\(name):\(step.line): \(step.command)"
      if step.isPreparation {
        try #require(answer.status == 0, "\(at)\n\(answer.errors)")
        continue
      }
      #expect(answer.status == step.status, "\(at)\n\(answer.errors)")
      if let wrong = difference(answer.errors, from: step.errors) { Issue.record("\(at)\nstandard error: \(wrong)") }
      let output = String(decoding: answer.output, as: UTF8.self)
      if let wrong = difference(output, from: step.output) { Issue.record("\(at)\nstandard output: \(wrong)") }
      let left = try workplace.listing().filter { $0.hasSuffix(".tmp") || $0.hasSuffix(".mappable") }
      #expect(left.isEmpty, "\(at): left behind")
    }
  }

  @Test("placeholders stand for what they say, and for nothing else")
  func placeholders() {
    #expect(matches("packed a.tack: 12 bytes, 0.5 s  #0af3", "packed a.tack: <n> bytes, <n> s  #<hex>"))
    #expect(!matches("packed a.tack: x bytes", "packed a.tack: <n> bytes"))
    #expect(!matches("a (b", "a [b"))
    #expect(difference("a\nb\nc\n", from: ["a", "<lines>", "c"]) == nil)
    #expect(difference("a\nc\n", from: ["a", "<lines>", "c"]) == nil)
    #expect(difference("a\nb\n", from: ["a", "<lines>", "c"]) != nil)
    #expect(difference("a\n", from: []) != nil)
    #expect(difference("", from: ["a"]) != nil)
    #expect(throws: TranscriptError.self) { try steps(of: "| an answer") }
  }
}
