// SPDX-License-Identifier: Apache-2.0
// Logarithms of probabilities against Foundation's, on every instruction set to the bit.
import CKernels
import Foundation
import Runtime
import TestBundles
import Testing

import Tasks

@Suite("Logarithms of probabilities")
struct NumbersTests {
  @Test("are those of a softmax, the same bits on every instruction set")
  func values() throws {
    var random = Seeded(3)
    for vocab in [1, 5, 16, 77, 1000] {
      var logits = (0..<vocab).map { _ in 12 * random.uniform() }
      if vocab > 5 { logits[3] = .nan }
      let sound = logits.map { $0.isNaN ? -.infinity : Double($0) }
      let sum = log(sound.reduce(0) { $0 + exp($1) })
      let best = sound.indices.sorted { sound[$0] != sound[$1] ? sound[$0] > sound[$1] : $0 < $1 }
      var reference: [UInt64]?
      for isa in availableISAs {
        let room = UnsafeMutableRawPointer.allocate(byteCount: 8 * vocab, alignment: 64)
        defer { room.deallocate() }
        let sampler = Sampler(SamplerOptions(), vocab: vocab, kernels: ht_kernels_of(isa)!, room: room)
        var found: [(UInt32, Double)] = []
        logits.withUnsafeBufferPointer { logits in
          let row = LogProbabilities(logits, sampler)
          row.forEachBest(10) { found.append(($0.id, $0.value)) }
          if vocab > 5 { #expect(row.value(of: 3).isNaN) }
        }
        #expect(found.map { Int($0.0) } == Array(best.prefix(min(10, vocab > 5 ? vocab - 1 : vocab))))
        for (id, value) in found { #expect(abs(value - (sound[Int(id)] - sum)) < 1e-5) }
        let bits = found.map(\.1.bitPattern)
        #expect(bits == reference ?? bits, "\(isaName(isa))")
        reference = bits
      }
    }
  }
}
