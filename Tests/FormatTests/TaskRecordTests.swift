// SPDX-License-Identifier: Apache-2.0
// Every vector of specs/vectors/labels gives exactly its error, and no damage makes a record be read beyond its end.
import Format
import Foundation
import Testing

@Suite("Task record")
struct TaskRecordTests {
  struct LabelVector: CustomStringConvertible, Sendable {
    var name: String
    var bytes: [UInt8]
    var expect: String
    var description: String { name }

    static let folder = root.appendingPathComponent("specs/vectors/labels")
    static let all: [LabelVector] = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
      .filter { $0.hasSuffix(".tack") }.sorted().map { file in
        let base = folder.appendingPathComponent(String(file.dropLast(5)))
        let lines = ((try? String(contentsOf: base.appendingPathExtension("txt"), encoding: .utf8)) ?? "")
          .split(separator: "\n")
        return LabelVector(
          name: String(file.dropLast(5)),
          bytes: (try? Data(contentsOf: base.appendingPathExtension("tack"))).map { [UInt8]($0) } ?? [],
          expect: lines.first { $0.hasPrefix("expect: ") }.map { String($0.dropFirst(8)) } ?? "")
      }
  }

  /// The error as specs/labels.md spells it; reads all that an accepted record gives.
  private func outcome(_ bytes: UnsafeRawBufferPointer) -> String {
    do throws(TaskRecordError) {
      let record = try TaskRecord(checking: bytes)
      var sum = record.lengthMax
      for index in 0..<record.labelCount {
        let label = record.label(index)
        for byte in label.text { sum &+= Int(byte) }
        sum &+= label.entityName.count
        #expect(label.entity <= index)
      }
      for index in 0..<record.promptCount { sum &+= record.prompt(index).name.count + record.prompt(index).text.count }
      let counts = record.pairCounts
      for index in 0..<(counts.before + counts.between + counts.behind) { sum &+= Int(record.pairToken(index).id) }
      withExtendedLifetime(sum) {}
      return "valid"
    } catch { return "\(error)" }
  }

  @Test("each gives exactly its error", arguments: LabelVector.all)
  func vector(_ vector: LabelVector) {
    let memory = FencedMemory(byteCountMax: vector.bytes.count)
    for atEnd in [true, false] { #expect(outcome(memory.place(vector.bytes, atEnd: atEnd)) == vector.expect) }
  }

  @Test("every rule has one")
  func everyRule() {
    let rules = Set(LabelVector.all.map { $0.name.prefix(4) })
    for number in 1...16 { #expect(rules.contains(Substring((number < 10 ? "L-0" : "L-") + "\(number)"))) }
  }

  @Test("says what it holds")
  func contents() throws {
    func record(_ name: String) throws -> [UInt8] { try #require(LabelVector.all.first { $0.name == name }).bytes }
    try record("valid_tag").withUnsafeBytes { bytes in
      let record = try TaskRecord(checking: bytes)
      #expect(record.kind == .tag && record.scheme == .inside && record.labelCount == 3 && !record.hasPair)
      #expect(record.label(0).role == .outside && record.label(1).role == .begins && record.label(2).role == .inside)
      #expect(record.label(2).entity == 1 && String(decoding: record.label(2).entityName, as: UTF8.self) == "X")
    }
    try record("valid_answer").withUnsafeBytes { bytes in
      let record = try TaskRecord(checking: bytes)
      #expect(record.pairCounts == (1, 1, 1) && record.pairTypes == (0, 1) && record.answerMax == 15)
      #expect(record.pairToken(2) == (3, 1))
    }
    try record("valid_prompts").withUnsafeBytes { bytes in
      let record = try TaskRecord(checking: bytes)
      #expect(record.prompt(named: "query").map { String(decoding: $0, as: UTF8.self) } == "find:\n\t")
      #expect(record.prompt(named: "passage")?.count == 0 && record.prompt(named: "quer") == nil && record.isUnit)
    }
  }

  @Test("no damage is read beyond the record's end")
  func damage() {
    var random = Seeded(11)
    let memory = FencedMemory(byteCountMax: 512)
    var refused = 0
    for vector in LabelVector.all where vector.expect == "valid" {
      for _ in 0..<5_000 {
        var bad = vector.bytes
        for _ in 0...random.below(2) {
          let at = random.below(bad.count)
          bad[at] = random.below(2) == 0 ? bad[at] ^ (1 << UInt8(random.below(8))) : UInt8(random.below(256))
        }
        if random.below(8) == 0 {
          bad.removeLast(random.below(40))
          if bad.count > 12 { bad[8] = UInt8(bad.count & 255) }
        }
        if outcome(memory.place(bad, atEnd: true)) != "valid" { refused += 1 }
      }
    }
    #expect(refused > 5_000)
  }
}
