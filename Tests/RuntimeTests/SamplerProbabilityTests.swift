// SPDX-License-Identifier: Apache-2.0
// The sampler against probabilities computed in double here, and its generator against published numbers.
import CKernels
import Foundation
import Runtime
import Testing
import TestBundles

/// Room of the sampler, with something of a session around it.
private final class Room {
  let base: UnsafeMutableRawPointer
  init(_ count: Int) { base = .allocate(byteCount: 8 * count, alignment: 64) }
  deinit { base.deallocate() }
}

private func options(
  temperature: Float = 1, topK: Int = 0, topP: Float = 1, minP: Float = 0, repetition: Float = 1,
  presence: Float = 0, seed: UInt64 = 0
) -> SamplerOptions {
  var options = SamplerOptions()
  (options.temperature, options.topK, options.topP, options.minP) = (temperature, topK, topP, minP)
  (options.repetitionPenalty, options.presencePenalty, options.seed) = (repetition, presence, seed)
  return options
}

private func draws(_ logits: [Float], _ options: SamplerOptions, count: Int, history: [UInt32] = []) -> [UInt32] {
  let room = Room(logits.count)
  var sampler = Sampler(options, vocab: logits.count, kernels: ht_kernels_of(HT_ISA_SCALAR)!, room: room.base)
  return logits.withUnsafeBufferPointer { logits in
    history.withUnsafeBufferPointer { history in
      (0..<count).map { _ in sampler.sample(logits, history: history) }
    }
  }
}

/// Probability of each id, as the options say, in double and by another way: sort everything, then cut.
private func probabilities(_ logits: [Float], _ o: SamplerOptions, history: [UInt32] = []) -> [Double] {
  var x = logits.map(Double.init)
  for id in Set(history).map(Int.init) {
    x[id] =
      (x[id] > 0 ? x[id] / Double(o.repetitionPenalty) : x[id] * Double(o.repetitionPenalty))
      - Double(o.presencePenalty)
  }
  var kept = x.indices.sorted { x[$0] != x[$1] ? x[$0] > x[$1] : $0 < $1 }
  if o.topK > 0 { kept = Array(kept.prefix(o.topK)) }
  let best = x[kept[0]]
  if o.minP > 0 { kept = kept.filter { exp((x[$0] - best) / Double(o.temperature)) >= Double(o.minP) } }
  var weights = kept.map { exp((x[$0] - best) / Double(o.temperature)) }
  if o.topP < 1 {
    let total = weights.reduce(0, +)
    var (sum, count) = (0.0, 0)
    while sum < Double(o.topP) * total, count < kept.count {
      sum += weights[count]
      count += 1
    }
    (kept, weights) = (Array(kept.prefix(count)), Array(weights.prefix(count)))
  }
  let total = weights.reduce(0, +)
  var all = [Double](repeating: 0, count: x.count)
  for (id, weight) in zip(kept, weights) { all[id] = weight / total }
  return all
}

@Suite("The sampler's probabilities")
struct SamplerProbabilityTests {
  private static func randomLogits(_ count: Int, seed: UInt64, spread: Float = 3) -> [Float] {
    var random = Seeded(seed)
    return (0..<count).map { _ in spread * (random.uniform() + random.uniform()) }
  }

  private static let settings = [
    options(), options(temperature: 0.5), options(temperature: 2), options(topK: 5), options(topP: 0.7),
    options(minP: 0.1), options(temperature: 0.8, topK: 20, topP: 0.9), options(repetition: 1.5),
    options(presence: 1.2), options(topK: 10, repetition: 1.3, presence: 0.5),
  ]

  @Test("draws come as often as they should, and nothing that was cut comes", arguments: settings.indices)
  func frequencies(index: Int) {
    var o = Self.settings[index]
    o.seed = 1234 + UInt64(index)
    let logits = Self.randomLogits(60, seed: UInt64(index))
    let history: [UInt32] = [3, 5, 3, 3, 17, 59, 0, 5]
    let expected = probabilities(logits, o, history: history)
    let count = 40_000
    var seen = [Int](repeating: 0, count: logits.count)
    for id in draws(logits, o, count: count, history: history) { seen[Int(id)] += 1 }
    for id in logits.indices {
      if expected[id] == 0 { #expect(seen[id] == 0, "id \(id) was cut") }
      // Six standard deviations of a binomial, and one draw.
      let deviation = (expected[id] * (1 - expected[id]) * Double(count)).squareRoot()
      #expect(abs(Double(seen[id]) - expected[id] * Double(count)) <= 6 * deviation + 1, "id \(id)")
    }
  }

  @Test("a large vocabulary, and cuts of every size, keep what a full sort keeps")
  func cuts() {
    let logits = Self.randomLogits(2_000, seed: 9, spread: 5)
    for k in [1, 2, 3, 40, 999, 1_999, 2_000, 6_000] {
      let o = options(topK: k, seed: UInt64(k))
      let expected = probabilities(logits, o)
      for id in draws(logits, o, count: 40) { #expect(expected[Int(id)] > 0, "top-k \(k)") }
    }
    for p: Float in [0.001, 0.1, 0.5, 0.9, 0.999] {
      let o = options(topP: p, seed: 5)
      let expected = probabilities(logits, o)
      for id in draws(logits, o, count: 40) { #expect(expected[Int(id)] > 0, "top-p \(p)") }
    }
  }

  @Test("one seed, one stream of tokens; another seed, another")
  func seeds() {
    let logits = Self.randomLogits(100, seed: 1)
    let one = draws(logits, options(seed: 1), count: 200)
    #expect(draws(logits, options(seed: 1), count: 200) == one)
    #expect(draws(logits, options(seed: 2), count: 200) != one)
  }

  @Test("greedy takes the largest, and of equals the smallest id")
  func greedy() {
    #expect(draws([1, 5, 5, 2], options(temperature: 0), count: 1) == [1])
    #expect(draws([0, 0, 0], options(temperature: 0), count: 1) == [0])
    #expect(draws([-3, -1, -2], options(temperature: 0), count: 1) == [1])
    #expect(draws([1, 5, 5, 2], options(temperature: 0, repetition: 2), count: 1, history: [1]) == [2])
    #expect(draws([1, 5, 5, 2], options(topK: 1), count: 20) == [UInt32](repeating: 1, count: 20))
    #expect(draws([1, 5, 5, 2], options(temperature: -1), count: 1) == [1])
    #expect(draws([1, 5, 5, 2], options(temperature: .nan), count: 1) == [1])
  }

  @Test("penalties count a token once, however often it occurred, and also when it is negative")
  func penalties() {
    // 4 / 2 − 1 = 1 and −1·2 − 1 = −3: the other, 0.5, wins against the second only.
    #expect(draws([4, 0.5], options(temperature: 0, repetition: 2, presence: 1), count: 1, history: [0, 0, 0]) == [0])
    #expect(draws([4, 1.5], options(temperature: 0, repetition: 2, presence: 1), count: 1, history: [0, 0]) == [1])
    #expect(draws([-1, -2.5], options(temperature: 0, repetition: 2, presence: 0), count: 1, history: [0]) == [0])
    #expect(draws([-1, -1.5], options(temperature: 0, repetition: 2, presence: 0), count: 1, history: [0]) == [1])
  }

  @Test("no order of logits is quadratic for top-k")
  func killer() {
    // Orders that hurt a median of three: ascending halves interleaved, organ pipes, all equal, sawtooth.
    let count = 1 << 17
    let orders: [[Float]] = [
      (0..<count).map { Float($0 % 2 == 0 ? $0 / 2 : count / 2 + $0 / 2) },
      (0..<count).map { Float(min($0, count - $0)) }, [Float](repeating: 1, count: count),
      (0..<count).map { Float($0 % 7) }, medianKiller(count),
    ]
    for order in orders {
      let logits = order.map { $0 / Float(count) }
      for k in [1, count / 2, count - 1] {
        let begun = ContinuousClock().now
        _ = draws(logits, options(topK: k), count: 1)
        #expect(ContinuousClock().now - begun < .seconds(3))
      }
    }
  }

  /// McIlroy's adversary in its static form: each partition of a median of three takes off two elements.
  private func medianKiller(_ count: Int) -> [Float] {
    let half = count / 2
    return (1...count).map { i in
      i <= half ? Float(i % 2 == 1 ? i : half + i - 1) : Float(2 * (i - half))
    }.map { -$0 }
  }

  @Test("a long history costs one look at each of its tokens")
  func longHistory() {
    let logits = Self.randomLogits(1_000, seed: 8)
    let history = spreadIDs(1 << 20, vocab: 1_000)
    let begun = ContinuousClock().now
    _ = draws(logits, options(repetition: 1.1), count: 1, history: history)
    #expect(ContinuousClock().now - begun < .seconds(3))
  }
}

@Suite("Random stream")
struct RandomStreamTests {
  @Test("gives the numbers that pcg32-demo prints for seed 42, sequence 54")
  func published() {
    var stream = RandomStream(seed: 42, sequence: 54)
    let first: [UInt32] = [0xa15c_02b7, 0x7b47_f409, 0xba1d_3330, 0x83d2_f293, 0xbfa4_784b, 0xcbed_606e]
    #expect((0..<6).map { _ in stream.next() } == first)
  }

  @Test("the sampler's sequence, from the generator's definition")
  func definition() {
    // state ← state·a + c; the word is rotated by its upper five bits.
    var state: UInt64 = 0
    func step() { state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407 }
    step()
    state &+= 2024
    step()
    var stream = RandomStream(seed: 2024)
    for _ in 0..<1000 {
      let x = UInt32(truncatingIfNeeded: (state ^ (state / (1 << 18))) / (1 << 27))
      let turn = Int(state / (1 << 59))
      let expected = turn == 0 ? x : x / (1 << UInt32(turn)) | x &* (1 << UInt32(32 - turn))
      #expect(stream.next() == expected)
      step()
    }
  }

  @Test("units are below one, and evenly spread")
  func units() {
    var stream = RandomStream(seed: 3)
    var buckets = [Int](repeating: 0, count: 16)
    for _ in 0..<160_000 {
      let x = stream.unit()
      #expect(x >= 0 && x < 1)
      buckets[Int(x * 16)] += 1
    }
    for bucket in buckets { #expect(abs(bucket - 10_000) < 600) }
  }
}
