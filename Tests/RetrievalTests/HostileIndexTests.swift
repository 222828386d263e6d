// SPDX-License-Identifier: Apache-2.0
// Indexes that were damaged, cut, or made to harm: a typed error or what was committed, never a crash.
import CKernels
import Foundation
import Retrieval
import Testing

/// Opens and uses everything, and says how much that was; nil when it was refused at the door.
private func useAll(_ contents: [UInt8]) -> (passageCount: Int, tornByteCount: UInt64)? {
  let memory = Aligned(contents)
  defer { withExtendedLifetime(memory) {} }
  guard let index = try? Index(checking: memory.view) else { return nil }
  _ = index.stats
  try? index.verify()
  for passage in 0..<UInt32(min(index.passageCount, 100)) { _ = try? index.passage(passage) }
  let query = [Float](repeating: 0.5, count: index.dimensionCount)
  for isa in kernelTables { _ = try? found(index, query, count: 5, isa: isa) }
  return (index.passageCount, index.stats.tornByteCount)
}

private func smallIndex() throws -> IndexFile {
  let file = try IndexFile(5)
  var random = Seeded(state: 1)
  for add in 0..<3 {
    try file.add(
      (0..<(3 + add)).map {
        Given(source: "name \($0 / 2)", offset: UInt64($0 * 4), text: "text\($0)", vector: random.direction(5))
      })
  }
  return file
}

@Suite("Hostile indexes")
struct HostileIndexTests {
  @Test("every byte flipped: refused, or the commits before it")
  func flips() throws {
    let contents = try smallIndex().bytes
    let counts: Set = [0, 3, 7, 12]
    var refused = 0, found = 0
    for at in contents.indices {
      // Most of the two pages of roots is unused: a few of its bytes will do.
      if (4096..<12288).contains(at), at % 4096 > 128, at % 509 != 0 { continue }
      for flip: UInt8 in [0x01, 0x80, 0xFF] {
        var damaged = contents
        damaged[at] ^= flip
        guard let index = useAll(damaged) else {
          refused += 1
          continue
        }
        found += 1
        #expect(counts.contains(index.passageCount), "byte \(at)")
        if at >= 12288 {  // under a digest, whatever it is
          let memory = Aligned(damaged)
          defer { withExtendedLifetime(memory) {} }
          #expect(throws: IndexError.self, "byte \(at)") { try Index(checking: memory.view).verify() }
        }
      }
    }
    #expect(refused > 500 && found > 500)
  }

  @Test("cut anywhere: refused, for what was committed is gone; longer: what was committed")
  func cuts() throws {
    let contents = try smallIndex().bytes
    for count in stride(from: 0, to: contents.count, by: 13) { #expect(useAll(Array(contents[0..<count])) == nil) }
    for more in [1, 63, 64, 100_000] {
      let index = try #require(useAll(contents + [UInt8](repeating: 0x5A, count: more)))
      #expect(index.passageCount == 12 && index.tornByteCount == UInt64(more))
    }
  }

  @Test("fields of any value under right digests: no crash")
  func fields() throws {
    let contents = try smallIndex().bytes
    var random = Seeded(state: 77)
    let values: [UInt64] = [
      0, 1, 2, 15, 16, 17, 255, 65_535, 65_536, 65_537, 1 << 31, 1 << 32 - 1, 1 << 32, 1 << 63, .max,
    ]
    for round in 0..<6_000 {
      var forged = contents
      let heads = Forge.heads(forged)
      for _ in 0...(round % 3) {
        let value = values.randomElement(using: &random)!
        let head = heads.randomElement(using: &random)!
        switch Int.random(in: 0..<4, using: &random) {
        case 0: Forge.put(value, 4, in: &forged, at: head + [16, 20].randomElement(using: &random)!)
        case 1: Forge.put(value, 8, in: &forged, at: head + [0, 8, 24].randomElement(using: &random)!)
        case 2:
          let page = 4096 * Int.random(in: 1...2, using: &random)
          Forge.put(value, 8, in: &forged, at: page + [0, 8, 16, 24].randomElement(using: &random)!)
        default:
          Forge.put(value, 4, in: &forged, at: Int.random(in: heads[0] + 128..<forged.count - 4, using: &random))
        }
      }
      Forge.seal(&forged, heads)
      _ = useAll(forged)
    }
  }

  @Test("records that lead out of their segment are refused when they are read")
  func records() throws {
    var contents = try smallIndex().bytes
    let heads = Forge.heads(contents)
    let records = heads[0] + 128 + 64 + 2 * 16 * 32
    for (offset, value) in [(0, 9), (4, 5_000), (8, 1_000_000), (12, 0x8000_0000)] as [(Int, UInt64)] {
      let kept = contents
      Forge.put(value, 4, in: &contents, at: records + offset)
      Forge.seal(&contents, heads)
      let memory = Aligned(contents)
      defer { withExtendedLifetime(memory) {} }
      let index = try Index(checking: memory.view)
      #expect(throws: IndexError.recordMalformed(0)) { try index.passage(0) }
      #expect(throws: IndexError.self) { try index.verify() }
      #expect(try String(decoding: index.passage(1).text, as: UTF8.self) == "text1")
      contents = kept
    }
  }
}
