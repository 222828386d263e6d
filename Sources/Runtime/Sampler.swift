// SPDX-License-Identifier: Apache-2.0
// From logits to a token: penalties, temperature, top-k, top-p, min-p, one draw. Spec: specs/numerics.md §9.
// Start at `sample`. It passes over the vocabulary a few times, cheaply, and puts in order only what may be drawn.
import CKernels

/// How a token is chosen. `temperature` 0 is greedy: the largest logit, the smallest id among equals.
public struct SamplerOptions: Equatable, Sendable {
  public var temperature: Float = 0
  /// Candidates kept; 0: all.
  public var topK = 0
  /// Smallest set of candidates whose probabilities reach this; 1: all.
  public var topP: Float = 1
  /// Candidates whose probability is below this share of the best one's go; 0: none.
  public var minP: Float = 0
  /// Logits of tokens that have occurred are divided (when positive) or multiplied by this; 1: unchanged.
  public var repetitionPenalty: Float = 1
  /// Taken once from the logits of tokens that have occurred.
  public var presencePenalty: Float = 0
  public var seed: UInt64 = 0

  public init() {}

  var hasPenalties: Bool { repetitionPenalty != 1 || presencePenalty != 0 }
}

/// Draws tokens. Works in the arena's sampler room; allocates nothing.
public struct Sampler {
  /// Candidates less likely than this share of the best one are never drawn: the random number is no finer.
  private static let weightMin: Float = 0x1p-30

  public let options: SamplerOptions
  private let kernels: UnsafePointer<ht_kernels>
  private var random: RandomStream
  /// f32 (vocab): logits, then weights, each candidate's probability as a share of the best one's.
  private let weights: UnsafeMutablePointer<Float>
  /// u32 (vocab): ids, a heap.
  private let ids: UnsafeMutablePointer<UInt32>
  private let vocab: Int

  /// `room`: 8 bytes for each id of the vocabulary.
  public init(
    _ options: SamplerOptions, vocab: Int, kernels: UnsafePointer<ht_kernels>, room: UnsafeMutableRawPointer
  ) {
    self.options = options
    self.vocab = vocab
    self.kernels = kernels
    random = RandomStream(seed: options.seed)
    weights = room.assumingMemoryBound(to: Float.self)
    ids = (room + 4 * vocab).assumingMemoryBound(to: UInt32.self)
  }

  /// The next token for logits f32 (vocab) after the tokens `history`.
  public mutating func sample(_ logits: UnsafeBufferPointer<Float>, history: UnsafeBufferPointer<UInt32>) -> UInt32 {
    if !(options.temperature > 0), !options.hasPenalties { return largest(logits.baseAddress!) }
    for id in 0..<vocab { weights[id] = ranked(logits[id]) }
    if options.hasPenalties { penalize(history) }
    let best = largest(weights)
    if !(options.temperature > 0) { return best }
    let top = weights[Int(best)]
    let temperature = options.temperature
    // The best is at 0 even where it is infinite: no difference of two infinities is taken.
    for id in 0..<vocab { weights[id] = weights[id] == top ? 0 : (weights[id] - top) / temperature }
    var total = kernels.pointee.exp_sum(weights, 0, vocab, weights)
    let isCut = options.topK > 0 && options.topK < vocab
    let last = isCut ? lastOf(options.topK) : 0
    let (count, kept, reached) = keep(isCut ? last : nil)
    if isCut { total = reached }
    return draw(count, kept, total) ?? best
  }

  /// A NaN, which no sound model gives, ranks as −∞, whatever its sign and bits.
  @inline(__always) private func ranked(_ logit: Float) -> Float { logit == logit ? logit : -.infinity }

  /// Σ exp(logits − shift) in 16 lanes and the tree of specs/numerics.md §2. Works in this sampler's room, which is
  /// free between two tokens.
  public func expSum(_ logits: UnsafeBufferPointer<Float>, shift: Float) -> Float {
    for id in 0..<vocab { weights[id] = ranked(logits[id]) }
    return kernels.pointee.exp_sum(weights, shift, vocab, weights)
  }

  /// The id of the largest number, the smallest among equals. By the bits as integers, whose order is total.
  private func largest(_ numbers: UnsafePointer<Float>) -> UInt32 {
    func key(_ number: Float) -> Int32 {
      let bits = Int32(bitPattern: (ranked(number) + 0).bitPattern)  // −0 + 0 is +0
      return bits ^ (bits >> 31 & 0x7fff_ffff)
    }
    var most = Int32.min
    for id in 0..<vocab { most = max(most, key(numbers[id])) }
    var id = 0
    while id < vocab - 1, key(numbers[id]) != most { id += 1 }
    return UInt32(id)
  }

  /// Each token of the history once.
  private func penalize(_ history: UnsafeBufferPointer<UInt32>) {
    let seen = ids  // as bits
    seen.update(repeating: 0, count: (vocab + 31) / 32)
    for token in history {
      let id = Int(token)
      if seen[id / 32] >> UInt32(id % 32) & 1 != 0 { continue }
      seen[id / 32] |= 1 << UInt32(id % 32)
      let logit = weights[id]
      weights[id] =
        (logit > 0 ? logit / options.repetitionPenalty : logit * options.repetitionPenalty) - options.presencePenalty
    }
  }

  /// Higher weight first, then lower id: a total order, so that it is the same everywhere.
  private func isBefore(_ a: UInt32, _ b: UInt32) -> Bool {
    let (x, y) = (weights[Int(a)], weights[Int(b)])
    return x != y ? x > y : a < b
  }

  /// The last of the `count` first ids of the order: a heap of so many, its last on top, takes each id that is better.
  private func lastOf(_ count: Int) -> UInt32 {
    for id in 0..<count { ids[id] = UInt32(id) }
    heapify(count) { isBefore($1, $0) }
    var bound = weights[Int(ids[0])]
    for id in count..<vocab where weights[id] > bound {
      ids[0] = UInt32(id)
      sift(0, count) { isBefore($1, $0) }
      bound = weights[Int(ids[0])]
    }
    return ids[0]
  }

  /// Collects the candidates in order of id: up to `last` in the order, and neither below min-p nor negligible. Returns
  /// how many, the sum of their weights, and the sum with those that were below.
  private func keep(_ last: UInt32?) -> (count: Int, kept: Float, reached: Float) {
    let least = max(options.minP, Sampler.weightMin)
    let lastWeight = last.map { weights[Int($0)] } ?? -1
    var (count, kept, reached) = (0, Float(0), Float(0))
    for id in 0..<vocab where weights[id] >= lastWeight {
      let weight = weights[id]
      if let last, weight == lastWeight, UInt32(id) > last { continue }
      if last != nil { reached += weight }
      if weight < least { continue }
      ids[count] = UInt32(id)
      count += 1
      kept += weight
    }
    return (count, kept, reached)
  }

  /// Takes candidates from the best down until top-p is reached, and draws one of them; nil when there is none.
  private mutating func draw(_ count: Int, _ kept: Float, _ total: Float) -> UInt32? {
    if count == 0 { return nil }
    heapify(count) { isBefore($0, $1) }
    let unit = random.unit()
    var taken = 0
    var sum: Float = 0
    if options.topP >= 1 {
      while taken < count, taken == 0 || sum <= unit * kept { sum += take(&taken, of: count) }
      return ids[count - taken]
    }
    while taken < count, taken == 0 || sum < options.topP * total { sum += take(&taken, of: count) }
    let point = unit * sum
    sum = 0
    for index in 0..<taken {
      let id = ids[count - 1 - index]
      sum += weights[Int(id)]
      if point < sum { return id }
    }
    return ids[count - taken]
  }

  /// Moves the best of the heap behind it, where those taken before are, and returns its weight.
  private func take(_ taken: inout Int, of count: Int) -> Float {
    let id = ids[0]
    taken += 1
    ids[0] = ids[count - taken]
    ids[count - taken] = id
    sift(0, count - taken) { isBefore($0, $1) }
    return weights[Int(id)]
  }

  private func heapify(_ count: Int, _ isAbove: (UInt32, UInt32) -> Bool) {
    var start = count / 2
    while start > 0 {
      start -= 1
      sift(start, count, isAbove)
    }
  }

  private func sift(_ start: Int, _ end: Int, _ isAbove: (UInt32, UInt32) -> Bool) {
    var root = start
    while 2 * root + 1 < end {
      var child = 2 * root + 1
      if child + 1 < end, isAbove(ids[child + 1], ids[child]) { child += 1 }
      if !isAbove(ids[child], ids[root]) { return }
      let moved = ids[root]
      ids[root] = ids[child]
      ids[child] = moved
      root = child
    }
  }
}
