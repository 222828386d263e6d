// SPDX-License-Identifier: Apache-2.0
// The second reader, in Python and from the specification alone, gives the same answer on good and on damaged indexes.
import Foundation
import Retrieval
import Testing

private let reader = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent().appendingPathComponent("Tools/index_reader.py").path

private func second(_ contents: [UInt8]) throws -> String {
  let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString + ".tix")
  try Data(contents).write(to: path)
  defer { try? FileManager.default.removeItem(at: path) }
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = ["python3", reader, path.path, "--verify"]
  let output = Pipe()
  process.standardOutput = output
  try process.run()
  let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  return said.hasPrefix("refused: ") ? String(said.dropFirst(9).dropLast()) : said
}

/// The rule that was broken, or the numbers in the order of the reader's line.
private func first(_ contents: [UInt8]) -> String {
  let memory = Aligned(contents)
  defer { withExtendedLifetime(memory) {} }
  do throws(IndexError) {
    let index = try Index(checking: memory.view)
    try index.verify()
    let stats = index.stats
    return "\(stats.passageCount) \(index.dimensionCount) \(stats.segmentCount) \(stats.generation) "
      + "\(stats.committedByteCount) \(stats.tornByteCount) \(stats.scannedByteCount) \(stats.textByteCount)"
  } catch {
    let rule = error.rule.rawValue
    return rule <= 14 ? "I-\(rule < 10 ? "0" : "")\(rule)" : "\(error)"
  }
}

@Suite("The second reader of indexes", .serialized)
struct ReaderTests {
  @Test("gives the same answer")
  func same() throws {
    let file = try IndexFile(5)
    var random = Seeded(state: 21)
    for add in 0..<3 {
      try file.add(
        (0..<(9 * add + 1)).map {
          Given(source: "é\($0 / 2)", offset: UInt64($0 * 4), text: "text\($0)", vector: random.direction(5))
        })
    }
    let contents = file.bytes, heads = Forge.heads(contents)
    var rules: Set<String> = []
    for round in 0..<60 {
      var other = contents
      switch round % 4 {
      case 0: other = Array(contents[0..<Int.random(in: 0...contents.count, using: &random)])
      case 1: other[Int.random(in: 0..<contents.count, using: &random)] ^= 1 << UInt8(round % 8)
      default:
        let start = (heads + [0, 4096, 8192]).randomElement(using: &random)!
        let field = [0, 8, 12, 16, 20, 24, 64].randomElement(using: &random)!
        let value = [0, 1, 64, 65_537, 1 << 31].randomElement(using: &random)! as UInt64
        Forge.put(value, 4, in: &other, at: start + field)
        if round % 4 == 3 { Forge.seal(&other, heads) }
      }
      if round == 0 { other = contents }
      let answer = try second(other)
      rules.insert(answer)
      let numbers = answer.split { !$0.isNumber }.prefix(8).joined(separator: " ")
      #expect((answer.hasPrefix("{") ? numbers : answer) == first(other), "round \(round)")
    }
    #expect(rules.count > 6)
  }
}
