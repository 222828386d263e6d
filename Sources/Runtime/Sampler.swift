// SPDX-License-Identifier: Apache-2.0
// From logits to a token: penalties, temperature, top-k, top-p, min-p, one draw. Order: specs/numerics.md §9.
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
}

/// A candidate: 8 bytes of the arena's sampler room.
private struct Candidate {
  /// Above every id: Limits.rowCountMax is 2^22.
  static let mark: UInt32 = 1 << 31
  var logit: Float
  var id: UInt32

  /// Higher logit first, then lower id: a total order, so that sorting is the same everywhere.
  static func isBefore(_ a: Candidate, _ b: Candidate) -> Bool {
    a.logit != b.logit ? a.logit > b.logit : a.id < b.id
  }
}

/// Draws tokens. Works in the arena's sampler room; allocates nothing.
public struct Sampler {
  public let options: SamplerOptions
  private var random: RandomStream
  private let room: UnsafeMutablePointer<Candidate>

  /// `room`: 8 bytes for each id of the vocabulary.
  public init(_ options: SamplerOptions, room: UnsafeMutableRawPointer) {
    self.options = options
    random = RandomStream(seed: options.seed)
    self.room = room.assumingMemoryBound(to: Candidate.self)
  }

  /// The next token for logits f32 (vocab) after the tokens `history`. A NaN counts as −∞, so that there is an order;
  /// a best logit that is not finite is taken at once. At most O(vocab · log vocab + history), whatever the logits.
  public mutating func sample(_ logits: UnsafeBufferPointer<Float>, history: UnsafeBufferPointer<UInt32>) -> UInt32 {
    for id in 0..<logits.count { room[id] = Candidate(logit: ordered(logits[id]), id: UInt32(id)) }
    penalize(history)
    let first = best(logits.count)
    guard options.temperature > 0, first.logit.isFinite else { return first.id }
    var count = logits.count
    if options.topK > 0, options.topK < count {
      partition(count, keeping: options.topK)
      count = options.topK
    }
    let top = first.logit
    if options.minP > 0 { count = keepMinP(count, top) }
    // Sorting pays only for what is kept: top-p of a whole vocabulary first drops what cannot matter.
    if options.topP < 1 { count = keepNegligible(count, top) }
    sort(count)
    return draw(count, top)
  }

  private func ordered(_ logit: Float) -> Float { logit.isNaN ? -.infinity : logit }

  /// Once for each token of `history`: those done are marked in a bit that no id has.
  private func penalize(_ history: UnsafeBufferPointer<UInt32>) {
    if options.repetitionPenalty == 1, options.presencePenalty == 0 { return }
    for id in history where room[Int(id)].id & Candidate.mark == 0 {
      let logit = room[Int(id)].logit
      room[Int(id)] = Candidate(
        logit: ordered(
          (logit > 0 ? logit / options.repetitionPenalty : logit * options.repetitionPenalty)
            - options.presencePenalty), id: id | Candidate.mark)
    }
    for id in history { room[Int(id)].id = id }
  }

  private func best(_ count: Int) -> Candidate {
    var best = room[0]
    for i in 1..<max(count, 1) where Candidate.isBefore(room[i], best) { best = room[i] }
    return best
  }

  /// Keeps candidates with p ≥ minP · p(best): before temperature, as the ratio of their exponentials.
  private func keepMinP(_ count: Int, _ top: Float) -> Int {
    var kept = 0
    for i in 0..<count where ht_exp(room[i].logit - top) >= options.minP {
      room[kept] = room[i]
      kept += 1
    }
    return kept
  }

  /// Drops candidates whose probability is zero in f32 beside the best one's.
  private func keepNegligible(_ count: Int, _ top: Float) -> Int {
    var kept = 0
    for i in 0..<count where ht_exp((room[i].logit - top) / options.temperature) > 0x1p-30 {
      room[kept] = room[i]
      kept += 1
    }
    return kept
  }

  /// Moves the `keeping` first candidates of the order to the front: quickselect, median of three. There are orders that
  /// are quadratic for that, and a bundle could make them: after 64 rounds it sorts instead.
  private func partition(_ count: Int, keeping: Int) {
    var (low, high) = (0, count - 1)
    var roundsLeft = 64
    while low < high {
      if roundsLeft == 0 { return sort(count) }
      roundsLeft -= 1
      let middle = low + (high - low) / 2
      if Candidate.isBefore(room[middle], room[low]) { swap(middle, low) }
      if Candidate.isBefore(room[high], room[low]) { swap(high, low) }
      if Candidate.isBefore(room[high], room[middle]) { swap(high, middle) }
      let pivot = room[middle]
      var (i, j) = (low, high)
      while i <= j {
        while Candidate.isBefore(room[i], pivot) { i += 1 }
        while Candidate.isBefore(pivot, room[j]) { j -= 1 }
        if i <= j {
          swap(i, j)
          i += 1
          j -= 1
        }
      }
      if keeping - 1 <= j { high = j } else if keeping - 1 >= i { low = i } else { return }
    }
  }

  private func swap(_ a: Int, _ b: Int) {
    let kept = room[a]
    room[a] = room[b]
    room[b] = kept
  }

  /// Heapsort: no recursion, no memory, n log n at worst.
  private func sort(_ count: Int) {
    var start = count / 2
    while start > 0 {
      start -= 1
      sift(start, count)
    }
    var end = count
    while end > 1 {
      end -= 1
      swap(0, end)
      sift(0, end)
    }
  }

  private func sift(_ start: Int, _ end: Int) {
    var root = start
    while 2 * root + 1 < end {
      var child = 2 * root + 1
      if child + 1 < end, Candidate.isBefore(room[child], room[child + 1]) { child += 1 }
      if !Candidate.isBefore(room[root], room[child]) { return }
      swap(root, child)
      root = child
    }
  }

  /// Top-p over the sorted candidates, then one draw: sums in order, so the same on every ISA.
  private mutating func draw(_ sorted: Int, _ top: Float) -> UInt32 {
    var total: Float = 0
    for i in 0..<sorted { total += ht_exp((room[i].logit - top) / options.temperature) }
    var count = sorted
    if options.topP < 1 {
      var sum: Float = 0
      for i in 0..<sorted {
        sum += ht_exp((room[i].logit - top) / options.temperature)
        if sum >= options.topP * total {
          count = i + 1
          break
        }
      }
      total = sum
    }
    let point = random.unit() * total
    var sum: Float = 0
    for i in 0..<count {
      sum += ht_exp((room[i].logit - top) / options.temperature)
      if point < sum { return room[i].id }
    }
    return room[max(count - 1, 0)].id
  }
}
