// SPDX-License-Identifier: Apache-2.0
// The conformance section as an attacker would write it: specs/bundle.md §5.7.
import Board
import CKernels
import Format
import Runtime
import Testing
import TestBundles

@Suite("Hostile conformance vectors")
struct ConformanceVectorTests {
  private static let opened = Result { try OpenBundle(ProgramVector("valid_layer").file) }

  private func vector(_ words: [Int: UInt32] = [:]) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: ConformanceVector.byteCount)
    let all = [0: 1, 4: 3, 16: 19, 20: 0, 24: 7].merging(words) { $1 }
    for (at, word) in all { for i in 0..<4 { bytes[at + i] = UInt8(truncatingIfNeeded: word >> UInt32(8 * i)) } }
    return bytes
  }

  private func isTaken(_ bytes: [UInt8]) throws -> Bool {
    let program = try ConformanceVectorTests.opened.get().program
    let memory = FencedMemory(byteCountMax: bytes.count)
    return ConformanceVector(checking: memory.place(bytes, atEnd: true), program) != nil
  }

  @Test("a vector that is as the specification says, and each way not to be")
  func each() throws {
    #expect(try isTaken(vector()))
    #expect(try isTaken(vector([8: HT_KV_COUNT.rawValue - 1])))
    let bad: [[Int: UInt32]] = [
      [0: 0], [0: 2], [4: 0], [4: 17], [4: .max], [8: HT_KV_COUNT.rawValue], [12: 1], [16: 20], [24: .max], [28: 1],
      [76: 1], [80: 1], [92: 1],
    ]
    for words in bad { #expect(try !isTaken(vector(words)), "\(words)") }
  }

  @Test("random words are refused, or run")
  func random() throws {
    var random = Seeded(1)
    let bundle = try ConformanceVectorTests.opened.get()
    var taken = 0
    for _ in 0..<20_000 {
      let interesting: [UInt32] = [0, 1, 2, 3, 15, 16, 17, 19, 20, 64, 65, 1 << 31, .max]
      var words: [Int: UInt32] = [:]
      for _ in 0..<(1 + random.below(3)) { words[4 * random.below(24)] = interesting[random.below(interesting.count)] }
      let bytes = vector(words)
      let memory = FencedMemory(byteCountMax: bytes.count)
      guard let found = ConformanceVector(checking: memory.place(bytes, atEnd: true), bundle.program) else { continue }
      taken += 1
      guard taken % 50 == 0 else { continue }
      let options = bundle.options(context: found.ids.count, chunk: 1, kv: found.kv)
      try bundle.withSession(options) { _ = try conformanceDigest(&$0, found.ids) }
    }
    #expect(taken > 100)
  }
}
