// SPDX-License-Identifier: Apache-2.0
// What goes into an index comes out of it, whole, in order, after any number of adds; and the search is right.
import CKernels
import CSystem
import Foundation
import Retrieval
import Testing

private func passages(_ count: Int, _ dimensionCount: Int, seed: UInt64) -> [Given] {
  var random = Seeded(state: seed)
  return (0..<count).map { i in
    Given(
      source: "doc\(i / 7)", offset: UInt64(i % 7 * 10), text: "passage \(i % 7) …",
      vector: random.direction(dimensionCount))
  }
}

@Suite("An index")
struct IndexTests {
  @Test("gives back names, offsets and texts after many adds", arguments: [1, 31, 32, 100], [1, 16, 64])
  func roundTrip(dimensionCount: Int, batch: Int) throws {
    let file = try IndexFile(dimensionCount)
    var all: [Given] = []
    for (add, count) in [1, 15, 16, 17, 0, 100].enumerated() {
      let more = passages(count, dimensionCount, seed: UInt64(add))
      try file.add(more, batchPassageCount: batch)
      all += more
    }
    let memory = Aligned(file.bytes)
    defer { withExtendedLifetime(memory) {} }
    let index = try Index(checking: memory.view)
    try index.verify()
    #expect(index.passageCount == all.count && index.stats.passageCount == UInt64(all.count))
    #expect(index.stats.tornByteCount == 0)
    for (i, given) in all.enumerated() {
      let passage = try index.passage(UInt32(i))
      #expect(String(decoding: passage.sourceName, as: UTF8.self) == given.source)
      #expect(passage.sourceOffset == given.offset)
      #expect(String(decoding: passage.text, as: UTF8.self) == given.text)
    }
    #expect(throws: IndexError.noSuchPassage(UInt32(all.count))) { try index.passage(UInt32(all.count)) }
  }

  @Test("keeps the bytes that passages share once")
  func overlap() throws {
    let file = try IndexFile(8)
    let document = "One two three. Four five six. Seven eight nine."
    let starts = [0, 15, 30]
    var random = Seeded(state: 3)
    try file.add(
      starts.map { start in
        let bytes = Array(document.utf8)[start..<min(start + 30, document.utf8.count)]
        return Given(
          source: "a.txt", offset: UInt64(start), text: String(decoding: bytes, as: UTF8.self),
          vector: random.direction(8))
      })
    let memory = Aligned(file.bytes)
    defer { withExtendedLifetime(memory) {} }
    let index = try Index(checking: memory.view)
    #expect(index.stats.textByteCount == UInt64("a.txt".utf8.count + document.utf8.count))
    #expect(try String(decoding: index.passage(1).text, as: UTF8.self) == "Four five six. Seven eight nin")
  }

  @Test("finds what a search in double finds, by every instruction set, ties by number")
  func search() throws {
    var random = Seeded(state: 11)
    for dimensionCount in [3, 32, 100, 384] {
      let file = try IndexFile(dimensionCount)
      var given = passages(700, dimensionCount, seed: UInt64(dimensionCount))
      for copy in 1...5 { given[copy * 100].vector = given[50].vector }
      try file.add(given, batchPassageCount: 256)
      let memory = Aligned(file.bytes)
      defer { withExtendedLifetime(memory) {} }
      let index = try Index(checking: memory.view)
      for _ in 0..<20 {
        let query = random.direction(dimensionCount)
        let hits = try found(index, query, count: 10)
        let exact = given.enumerated().map { i, g in
          (i, zip(g.vector, query).reduce(0.0) { $0 + Double($1.0) * Double($1.1) })
        }.sorted { ($1.1, $0.0) < ($0.1, $1.0) }
        // Never a passage that is worse than the tenth by more than the code's error; scores to that error.
        let tenth = exact[9].1
        for hit in hits {
          let score = exact.first { $0.0 == Int(hit.passage) }!.1
          #expect(abs(Double(hit.score) - score) < 3e-5)
          #expect(score > tenth - 3e-5)
        }
        for isa in kernelTables {
          let other = try found(index, query, count: 10, isa: isa)
          #expect(other.map(\.passage) == hits.map(\.passage))
          #expect(other.map(\.score.bitPattern) == hits.map(\.score.bitPattern))
        }
      }
      let ties = try found(index, given[50].vector, count: 6)
      #expect(ties.map(\.passage) == [50, 100, 200, 300, 400, 500])
      #expect(try found(index, given[50].vector, count: 1024).count == 700)
    }
  }

  @Test("recall@10 against float is 0.99 or more, on random and on clustered vectors", arguments: [false, true])
  func recall(isClustered: Bool) throws {
    let dimensionCount = 384, count = 20_000, queryCount = 40
    var random = Seeded(state: isClustered ? 5 : 6)
    let centres = (0..<20).map { _ in random.direction(dimensionCount) }
    func vector(_ i: Int) -> [Float] {
      if !isClustered { return random.direction(dimensionCount) }
      let around = random.direction(dimensionCount)
      return normalised(zip(centres[i % 20], around).map { $0 + 0.2 * $1 })
    }
    let given = (0..<count).map { Given(source: "s", offset: UInt64($0), text: "x", vector: vector($0)) }
    let file = try IndexFile(dimensionCount)
    try file.add(given, batchPassageCount: 4096)
    let memory = Aligned(file.bytes)
    defer { withExtendedLifetime(memory) {} }
    let index = try Index(checking: memory.view)
    var same = 0
    for q in 0..<queryCount {
      let query = vector(q)
      let scores = given.map { g in
        g.vector.withUnsafeBufferPointer { v in
          query.withUnsafeBufferPointer { q in
            var sum = 0.0
            for i in 0..<dimensionCount { sum += Double(v[i]) * Double(q[i]) }
            return sum
          }
        }
      }
      let best = Set(scores.indices.sorted { scores[$0] > scores[$1] }.prefix(10))
      let hits = try found(index, query, count: 10, isa: kernelTables.last!)
      same += hits.filter { best.contains(Int($0.passage)) }.count
    }
    #expect(Double(same) / Double(10 * queryCount) >= 0.99)
  }

  @Test("refuses what cannot be stored, and stays as it was")
  func refusals() throws {
    let file = try IndexFile(4)
    let good = Given(source: "s", offset: 0, text: "good", vector: [1, 0, 0, 0])
    try file.add([good])
    let before = file.bytes
    func refused(_ passage: Given) -> IndexError? {
      do { try file.add([passage]) } catch { return error as? IndexError }
      return nil
    }
    #expect(refused(Given(source: "s", offset: 0, text: "x", vector: [1, .nan, 0, 0])) == .vectorNotFinite)
    #expect(refused(Given(source: "s", offset: 0, text: "x", vector: [1])) == .dimensionsDiffer(1))
    let long = String(repeating: "x", count: 65_537)
    #expect(
      refused(Given(source: "s", offset: 0, text: long, vector: good.vector))
        == .passageTooLong(65_537))
    #expect(
      refused(Given(source: long, offset: 0, text: "x", vector: good.vector))
        == .nameTooLong(65_537))
    #expect(file.bytes == before)
    let memory = Aligned(before)
    defer { withExtendedLifetime(memory) {} }
    let index = try Index(checking: memory.view)
    #expect(throws: IndexError.otherModel) { try index.require(identity: (1, 2, 3, 5), dimensionCount: 4) }
    #expect(throws: IndexError.vectorNotFinite) { try found(index, [1, .infinity, 0, 0], count: 1) }
    #expect(try found(index, [0, 0, 0, 0], count: 3).map(\.passage) == [0])
  }

  @Test("takes documents: every byte is in a passage, and a passage is found by its own words")
  func documents() throws {
    let file = try IndexFile(64)
    let texts = (0..<5).map { d in
      (0..<40).map { "Sentence \($0) of text \(d) has the word w\(d * 40 + $0). " }.joined() + "\n"
    }
    // A bag of words stands for a model.
    func embed(_ text: UnsafeRawBufferPointer, _ vector: UnsafeMutableBufferPointer<Float>) {
      vector.update(repeating: 0)
      for word in String(decoding: text, as: UTF8.self).split(whereSeparator: { " .".contains($0) }) {
        var random = Seeded(state: word.utf8.reduce(7) { $0 &* 31 &+ UInt64($1) })
        for i in 0..<64 { vector[i] += random.gaussian() }
      }
      _ = vector.update(from: normalised(Array(vector)))
    }
    try file.withDescriptor { descriptor in
      let batch = IndexBatch(dimensionCount: 64, passageCountMax: 16)
      let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: batch.scratchByteCount, alignment: 64)
      defer { scratch.deallocate() }
      var writer = try IndexWriter(descriptor, batch: batch, scratch: scratch)
      for (d, text) in texts.enumerated() {
        let name = Aligned(Array("doc\(d)".utf8)), contents = Aligned(Array(text.utf8))
        defer { withExtendedLifetime((name, contents)) {} }
        try writer.beginSource(name.view)
        var splitter = PassageSplitter(contents.view, PassageLimits(tokenCountMax: 30, overlapTokenCountMax: 10))
        var count = 0
        // Vectors come behind their passages, three at a time, as those of a call do.
        var waiting: [[Float]] = []
        func give() throws {
          for vector in waiting { try vector.withUnsafeBufferPointer { try writer.append(vector: $0) } }
          waiting = []
        }
        while let range = splitter.next(tokenCount: {
          String(decoding: $0, as: UTF8.self).split(separator: " ").count
        }) {
          let passage = UnsafeRawBufferPointer(rebasing: contents.view[range])
          if !writer.hasRoom(for: passage) {
            try give()
            try writer.commit()
          }
          try writer.append(offset: UInt64(range.lowerBound), text: passage)
          var vector = [Float](repeating: 0, count: 64)
          vector.withUnsafeMutableBufferPointer { embed(splitter.withoutBlanks(range), $0) }
          waiting.append(vector)
          if waiting.count == 3 { try give() }
          count += 1
        }
        try give()
        #expect(count > 10)
        if d % 2 == 0 { try writer.commit() }
      }
      try writer.commit()
    }
    let memory = Aligned(file.bytes)
    defer { withExtendedLifetime(memory) {} }
    let index = try Index(checking: memory.view)
    try index.verify()
    var seen = texts.map { [Bool](repeating: false, count: $0.utf8.count) }
    for number in 0..<UInt32(index.passageCount) {
      let passage = try index.passage(number)
      let d = Int(String(decoding: passage.sourceName, as: UTF8.self).dropFirst(3))!
      let range = Int(passage.sourceOffset)..<(Int(passage.sourceOffset) + passage.text.count)
      #expect(Array(passage.text) == Array(Array(texts[d].utf8)[range]))
      for i in range { seen[d][i] = true }
      var query = [Float](repeating: 0, count: 64)
      query.withUnsafeMutableBufferPointer { embed(passage.text, $0) }
      #expect(try found(index, query, count: 1).map(\.passage) == [number])
    }
    #expect(seen.allSatisfy { $0.allSatisfy { $0 } })
  }

  @Test("has one writer at a time")
  func oneWriter() throws {
    let file = try IndexFile(4)
    try file.withDescriptor { first in
      #expect(sys_lock(first) == 0)
      do {
        try file.add([])
        Issue.record("a second writer came in")
      } catch { #expect(error as? IndexError == .inUse) }
    }
    try file.add([])
  }
}
