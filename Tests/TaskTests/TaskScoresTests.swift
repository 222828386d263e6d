// SPDX-License-Identifier: Apache-2.0
// Scores and spans against transformers on the reference models, and what tiny models cannot show: schemes that mark
// ends, windows.
import CKernels
import Format
import Foundation
import Ops
import Runtime
import Tasks
import Testing
import TestBundles

@Suite("Scores of tasks")
struct TaskScoresTests {
  static let folder = ProcessInfo.processInfo.environment["HARDTACK_REFERENCE"].map { $0 + "/models" } ?? ""
  static let models: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
    .filter { $0.contains("-seqcls") || $0.contains("-qa") }.sorted()

  @Test("probabilities, and the best span", .enabled(if: !models.isEmpty, "set HARDTACK_REFERENCE"), arguments: models)
  func reference(name: String) throws {
    let path = "\(Self.folder)/\(name)"
    let json = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path + "/ref.json")))
    let cases = try #require((json as? [String: Any])?["cases"] as? [[String: Any]])
    let bundle = try OpenBundle(try packed(path).bytes)
    for item in cases where item["padded"] as? Bool == false {
      let ids = try #require(item["input_ids"] as? [[UInt32]])[0]
      let options = bundle.options(context: ids.count, chunk: ids.count, kv: HT_KV_F32)
      try bundle.withSession(options) { session in
        session.startBatch()
        let types = (item["token_type_ids"] as? [[UInt32]])?[0] ?? ids.map { _ in 0 }
        try ids.withUnsafeBufferPointer { ids in
          try types.withUnsafeBufferPointer {
            try session.add(ids, types: bundle.program.typeCount == 0 ? nil : $0.baseAddress)
          }
        }
        try session.encode()
        if let expected = item["probs"] as? [[Double]] {
          let ran = session.run(.sequenceLogits)
          #expect(ran)
          let row = session.row(0, of: .sequenceLogits)
          session.score(row, .softmax)
          for (own, other) in zip(row, expected[0]) { #expect(abs(Double(own) - other) < 2e-5) }
        } else if let expected = item["best_span_max15"] as? [[Double]] {
          let ran = session.run(.tokenLogits)
          #expect(ran)
          var search = AnswerSearch(wanted: 1, lengthMax: 15)
          var rows: [UnsafeMutablePointer<Float>] = []
          for t in ids.indices {
            rows.append(UnsafeMutablePointer(mutating: session.row(t, of: .tokenLogits).baseAddress!))
          }
          search.take(context: 0..<ids.count, contextStart: 0, hasNull: false) { rows[$0] }
          #expect(search[0].first == Int(expected[0][0]) && search[0].last == Int(expected[0][1]))
        }
      }
    }
  }

  @Test("every token is in a window, and neighbours share a stride")
  func windows() {
    for count in 0...40 {
      for room in 2...9 {
        for stride in 0..<room {
          let windows = Windows(tokenCount: count, room: room, stride: stride)
          var end = 0
          for index in 0..<windows.count {
            let window = windows[index]
            #expect(window.count <= room && (index == 0 ? window.lowerBound == 0 : window.lowerBound == end - stride))
            #expect(window.upperBound > end || count == 0)
            end = window.upperBound
          }
          #expect(end == count)
        }
      }
    }
  }

  @Test("labels that mark ends: one entity each, however they follow one another")
  func ends() throws {
    let labels = ["O", "B-X", "I-X", "E-X", "S-X"]
    var record = [UInt8](repeating: 0, count: 128)
    record.withUnsafeMutableBytes { out in
      out.put(TaskRecord.magic, at: 0)
      out.put(TaskRecord.version, at: 4)
      out.put(TaskKind.tag.rawValue, at: 6)
      out.put(UInt16(1), at: 12)
      out.put(TagScheme.ends.rawValue, at: 14)
      out.put(UInt32(labels.count), at: 16)
      out.put(UInt32(60), at: 24)
      out.put(TaskRecord.none, at: 36)
      out.put(TaskRecord.none, at: 44)
    }
    var offset: UInt32 = 0
    for (index, label) in labels.enumerated() {
      let (role, prefix) = Array(label.utf8).withUnsafeBytes { TagScheme.ends.role(of: $0) }
      let words = [
        offset, UInt32(label.utf8.count), UInt32(role.rawValue) | UInt32(prefix) << 16, UInt32(min(index, 1)),
      ]
      for word in words { record += (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) } }
      offset += words[1]
    }
    record += labels.joined().utf8
    record[8] = UInt8(record.count)
    try record.withUnsafeBytes { bytes in
      let record = try TaskRecord(checking: bytes)
      var sums = [Float](repeating: 0, count: labels.count)
      var found: [[Int]] = []
      sums.withUnsafeMutableBufferPointer { room in
        var tagger = Tagger(record, .simple, sums: room.baseAddress!)
        for (index, best) in [1, 2, 3, 4, 4, 0, 1, 3, 2, 1].enumerated() {
          let scores: [Float] = labels.indices.map { $0 == best ? 0.6 : 0.1 }
          scores.withUnsafeBufferPointer {
            tagger.take($0, TagToken(index: index, begin: index, end: index + 1, isContinuation: false)) {
              found.append([$0.begin, $0.end])
            }
          }
        }
        tagger.finish { found.append([$0.begin, $0.end]) }
      }
      #expect(found == [[0, 3], [3, 4], [4, 5], [6, 8], [8, 9], [9, 10]])
    }
  }
}
