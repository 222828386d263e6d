// SPDX-License-Identifier: Apache-2.0
// The sampler against a plain one that sorts everything, against probabilities, and with logits that no sound model
// gives.
import CKernels
import CSystem
import Testing

import Runtime

@Suite("The sampler")
struct SamplerTests {
  private static let isas: [ht_isa] = (0..<HT_ISA_COUNT.rawValue).map { ht_isa(rawValue: $0) }.filter {
    ht_kernels_of($0) != nil && ht_isa_available($0, sys_auxiliary(16))
  }

  /// Draws `count` ids from the same logits.
  private func draws(
    _ logits: [Float], _ options: SamplerOptions, history: [UInt32] = [], count: Int, isa: ht_isa = HT_ISA_SCALAR
  ) -> [UInt32] {
    let room = UnsafeMutableRawPointer.allocate(byteCount: 8 * logits.count, alignment: 64)
    defer { room.deallocate() }
    var sampler = Sampler(options, vocab: logits.count, kernels: ht_kernels_of(isa)!, room: room)
    return logits.withUnsafeBufferPointer { logits in
      history.withUnsafeBufferPointer { history in (0..<count).map { _ in sampler.sample(logits, history: history) } }
    }
  }

  /// specs/numerics.md §9 by sorting; without penalties.
  private func plain(_ logits: [Float], _ options: SamplerOptions, _ random: inout RandomStream) -> UInt32 {
    let top = logits.max()!
    let all = logits.enumerated().map { (id: UInt32($0), w: ht_exp(($1 - top) / options.temperature)) }
    var lanes = [Float](repeating: 0, count: 16)
    for (id, w) in all { lanes[Int(id) % 16] += w }
    for half in [8, 4, 2, 1] { for i in 0..<half { lanes[i] += lanes[i + half] } }
    var total = lanes[0]
    var sorted = all.sorted { $0.w != $1.w ? $0.w > $1.w : $0.id < $1.id }
    if options.topK > 0, options.topK < logits.count {
      sorted = Array(sorted.prefix(options.topK))
      total = sorted.sorted { $0.id < $1.id }.reduce(0) { $0 + $1.w }
    }
    sorted = sorted.filter { $0.w >= max(options.minP, 0x1p-30) }
    var sum = sorted.sorted { $0.id < $1.id }.reduce(0) { $0 + $1.w }
    if options.topP < 1 {
      var taken = 1
      sum = sorted[0].w
      while taken < sorted.count, sum < options.topP * total {
        sum += sorted[taken].w
        taken += 1
      }
      sorted = Array(sorted.prefix(taken))
    }
    let point = random.unit() * sum
    var reached: Float = 0
    for (id, w) in sorted {
      reached += w
      if reached > point { return id }
    }
    return sorted.last!.id
  }

  private func logits(_ count: Int, seed: UInt64, spread: Float) -> [Float] {
    var random = RandomStream(seed: seed)
    return (0..<count).map { _ in ((random.unit() + random.unit() + random.unit()) * spread * 64).rounded() / 64 }
  }

  @Test("gives what sorting the whole vocabulary gives, on every ISA", arguments: isas)
  func agreesWithPlain(isa: ht_isa) {
    for (index, vocab) in [1, 2, 17, 100, 1000].enumerated() {
      for topK in [0, 1, 5, 40] {
        for topP: Float in [0, 0.3, 0.95, 1] {
          for minP: Float in [0, 0.1] {
            var options = SamplerOptions()
            options.temperature = [0.1, 0.8, 1.5][(index + topK) % 3]
            (options.topK, options.topP, options.minP, options.seed) = (topK, topP, minP, UInt64(index))
            let logits = logits(vocab, seed: UInt64(vocab), spread: 6)
            var random = RandomStream(seed: options.seed)
            let expected = (0..<12).map { _ in plain(logits, options, &random) }
            #expect(draws(logits, options, count: 12, isa: isa) == expected, "\(vocab) \(options)")
          }
        }
      }
    }
  }

  @Test("draws each candidate as often as its probability says")
  func frequencies() {
    let probabilities: [Double] = [0.4, 0.25, 0.2, 0.1, 0.05]
    let logits: [Float] = [3.6888795, 3.218876, 2.9957323, 2.3025851, 1.609438]  // ln of 40, 25, 20, 10, 5
    var options = SamplerOptions()
    options.temperature = 1
    let count = 40_000
    let found = draws(logits, options, count: count)
    for (id, p) in probabilities.enumerated() {
      let share = Double(found.count { $0 == id }) / Double(count)
      #expect(abs(share - p) < 5 * (p * (1 - p) / Double(count)).squareRoot(), "\(id): \(share)")
    }
    options.topP = 0.6  // 0.4 does not reach it, 0.65 does
    #expect(Set(draws(logits, options, count: 500)) == [0, 1])
    (options.topP, options.minP) = (1, 0.3)  // of 0.4
    #expect(Set(draws(logits, options, count: 500)) == [0, 1, 2])
    (options.minP, options.topK) = (0, 4)
    #expect(Set(draws(logits, options, count: 500)) == [0, 1, 2, 3])
  }

  @Test("greedy: the largest, the smallest id among equals")
  func greedy() {
    #expect(draws([1, 3, 2, 3], SamplerOptions(), count: 1) == [1])
    #expect(draws([-2, -1, -3], SamplerOptions(), count: 1) == [1])
    #expect(draws([-0.0, 0.0, -1], SamplerOptions(), count: 1) == [0])
    var options = SamplerOptions()
    (options.temperature, options.topK) = (1, 1)
    #expect(draws([1, 3, 2, 3], options, count: 3) == [1, 1, 1])
  }

  @Test("penalties count a token of the history once")
  func penalties() {
    var options = SamplerOptions()
    options.repetitionPenalty = 2
    #expect(draws([4, 2.5, -1], options, history: [0, 0, 0], count: 1) == [1])
    #expect(draws([4, 1.5, -1], options, history: [0, 0, 0], count: 1) == [0])
    #expect(draws([-4, -2.5, -2], options, history: [2, 2], count: 1) == [1])
    (options.repetitionPenalty, options.presencePenalty) = (1, 1)
    #expect(draws([4, 3.5, 3.25], options, history: [0, 1, 1, 0], count: 1) == [2])
    #expect(draws([4, 2.5, 2.25], options, history: [0, 1, 1, 0], count: 1) == [0])
  }

  @Test("logits that no sound model gives: an id all the same")
  func unsound() {
    for bad: Float in [.nan, .infinity, -.infinity, .greatestFiniteMagnitude, -.greatestFiniteMagnitude] {
      for logits in [[bad, 1, 2], [1, bad, 2], [bad, bad, bad]] {
        for temperature: Float in [0, 1e-30, 1] {
          for topK in [0, 2] {
            var options = SamplerOptions()
            (options.temperature, options.topK, options.topP) = (temperature, topK, 0.9)
            #expect(draws(logits, options, count: 2).allSatisfy { $0 < 3 })
          }
        }
      }
    }
  }
}
