// SPDX-License-Identifier: Apache-2.0
// Beam search for the text of a source, as transformers' generate defines it with early_stopping off: the B best
// sequences go on; of the candidates those among the B best that end are kept by sum of log-probabilities divided by
// length^penalty; it ends when B are kept and the best that goes on, as long as it is, is no better than the worst.
// All in double, so that the same logits give the same text everywhere. Start at `beamSearch`.
import Format
import Runtime

/// How a search goes.
public struct BeamOptions: Sendable {
  /// Tokens at most, the end token included.
  public var count: Int
  public var lengthPenalty = 1.0

  public init(count: Int, lengthPenalty: Double = 1) {
    self.count = count
    self.lengthPenalty = lengthPenalty
  }
}

/// The best text of a search: `count` tokens in `session.tokenRoom` from index 1 on, the end token excepted.
public struct BeamResult: Sendable {
  public var count = 0
  /// Sum of log-probabilities, the end token's included, divided by length^penalty.
  public var score = -Double.infinity
  /// Whether it came to an end token.
  public var isEnded = false
}

/// Up to 16 candidates, the best first; of equals the one that came first.
private struct Candidates {
  var scores = InlineArray<16, Double>(repeating: -.infinity)
  var tokens = InlineArray<16, UInt32>(repeating: 0)
  var beams = InlineArray<16, UInt32>(repeating: 0)
  var count = 0
  let capacity: Int

  init(_ capacity: Int) { self.capacity = capacity }

  /// What a candidate must exceed.
  var worst: Double { count < capacity ? -.infinity : scores[capacity - 1] }

  mutating func insert(_ score: Double, _ token: UInt32, _ beam: UInt32) {
    guard score > worst else { return }
    var at = min(count, capacity - 1)
    while at > 0, scores[at - 1] < score {
      (scores[at], tokens[at], beams[at]) = (scores[at - 1], tokens[at - 1], beams[at - 1])
      at -= 1
    }
    (scores[at], tokens[at], beams[at]) = (score, token, beam)
    count = min(count + 1, capacity)
  }
}

/// Writes the text of the source that `session` has encoded, with `session.plan.options.beams` sequences side by side.
/// `session.never` are never made. Behind it the session holds no sequence that could go on.
public func beamSearch(
  _ session: inout Session, start: UInt32, _ options: BeamOptions, isEnd: (UInt32) -> Bool
) throws(SessionError) -> BeamResult {
  var search = BeamSearch(session, start: start, options)
  for step in 0..<min(options.count, session.plan.options.context - 1) {
    let (tokens, slots) = (search.tokens, search.slots)
    try session.stepBeams({ tokens[$0] }, slot: { slots[$0] })
    search.rank(session, isEnd: isEnd)
    let length = search.power(step + 1)
    search.keep(session, length, isEnd: isEnd, isLast: step + 1 == min(options.count, session.plan.options.context - 1))
    search.goOn(session, step)
    if search.isDone(length) { break }
  }
  _ = session.rewind(to: 0)
  return search.finish(session)
}

private struct BeamSearch {
  let beams: Int
  let options: BeamOptions
  /// Of the sequences that go on: last token, node of it, slot of the cache, sum of log-probabilities.
  var tokens = InlineArray<16, UInt32>(repeating: 0)
  var nodes = InlineArray<16, UInt32>(repeating: 0)
  var slots = InlineArray<16, Int>(repeating: 0)
  var scores = InlineArray<16, Double>(repeating: -.infinity)
  /// This step's best, and the best of those that do not end.
  private var all: Candidates
  private var open: Candidates
  /// The texts that are kept: `beams` are nodes, `tokens` what follows; `none`: the end.
  private var kept: Candidates
  private static let none = UInt32.max

  init(_ session: borrowing Session, start: UInt32, _ options: BeamOptions) {
    beams = session.plan.options.beams
    self.options = options
    (all, open, kept) = (Candidates(beams), Candidates(beams), Candidates(beams))
    for beam in 0..<beams { (tokens[beam], nodes[beam], slots[beam]) = (start, BeamSearch.none, beam) }
    // At the start all beams are one: the others add nothing.
    scores[0] = 0
  }

  /// Fills `all` and `open` from the rows of logits.
  mutating func rank(_ session: borrowing Session, isEnd: (UInt32) -> Bool) {
    (all, open) = (Candidates(beams), Candidates(beams))
    let numbers = session.sampler(SamplerOptions())
    for beam in 0..<beams where scores[beam] > -.infinity {
      let row = session.logitsRow(beam)
      let base = scores[beam] + LogProbabilities(row, numbers).shift
      var least = min(all.worst, open.worst) - base
      for id in 0..<row.count where Double(row[id]) > least {
        let (token, score) = (UInt32(id), base + Double(row[id]))
        if session.never.contains(token) { continue }
        all.insert(score, token, UInt32(beam))
        if !isEnd(token) { open.insert(score, token, UInt32(beam)) }
        least = min(all.worst, open.worst) - base
      }
    }
  }

  /// Keeps those of the best that end here: all of them in the last step.
  mutating func keep(_ session: borrowing Session, _ length: Double, isEnd: (UInt32) -> Bool, isLast: Bool) {
    for index in 0..<all.count {
      let ends = isEnd(all.tokens[index])
      guard ends || isLast else { continue }
      kept.insert(
        all.scores[index] / length, ends ? BeamSearch.none : all.tokens[index], nodes[Int(all.beams[index])])
    }
    if isLast { open.count = 0 }
  }

  /// Makes the best that do not end the sequences of the next step. Each takes its parent's slot, or a copy of it.
  mutating func goOn(_ session: borrowing Session, _ step: Int) {
    let room = session.beamRoom
    let (oldNodes, oldSlots) = (nodes, slots)
    var taken: UInt32 = 0
    var waits: UInt32 = 0
    for beam in 0..<beams {
      let parent = beam < open.count ? Int(open.beams[beam]) : 0
      tokens[beam] = beam < open.count ? open.tokens[beam] : 0
      scores[beam] = beam < open.count ? open.scores[beam] : -.infinity
      let node = step * beams + beam
      (room[2 * node], room[2 * node + 1]) = (tokens[beam], oldNodes[parent])
      nodes[beam] = UInt32(node)
      slots[beam] = oldSlots[parent]
      if taken >> UInt32(slots[beam]) & 1 != 0 { waits |= 1 << UInt32(beam) }
      taken |= 1 << UInt32(slots[beam])
    }
    var free = 0
    for beam in 0..<beams where waits >> UInt32(beam) & 1 != 0 {
      while taken >> UInt32(free) & 1 != 0 { free += 1 }
      if scores[beam] > -.infinity { session.copyBeam(slots[beam], to: free) }
      slots[beam] = free
      taken |= 1 << UInt32(free)
    }
  }

  /// Whether nothing that goes on can still count, for a text of the length whose power is `length`.
  func isDone(_ length: Double) -> Bool {
    open.count == 0 || (kept.count == beams && scores[0] / length <= kept.worst)
  }

  /// Writes out the best text.
  func finish(_ session: borrowing Session) -> BeamResult {
    var result = BeamResult()
    guard kept.count > 0 else { return result }
    let room = session.beamRoom
    result.score = kept.scores[0]
    result.isEnded = kept.tokens[0] == BeamSearch.none
    var count = result.isEnded ? 0 : 1
    var node = kept.beams[0]
    while node != BeamSearch.none {
      count += 1
      node = room[2 * Int(node) + 1]
    }
    result.count = count
    let text = session.tokenRoom
    if !result.isEnded { text[count] = kept.tokens[0] }
    var at = result.isEnded ? count : count - 1
    node = kept.beams[0]
    while node != BeamSearch.none {
      text[at] = room[2 * Int(node)]
      at -= 1
      node = room[2 * Int(node) + 1]
    }
    return result
  }

  /// length^penalty, by operations that IEEE 754 rounds in one way only.
  func power(_ length: Int) -> Double {
    if options.lengthPenalty == 1 { return Double(length) }
    return exponential(options.lengthPenalty * naturalLogarithm(Double(length)))
  }
}

/// eˣ for |x| below 700: x = k·ln 2 + r with |r| ≤ ln 2 / 2, eʳ by its series.
func exponential(_ x: Double) -> Double {
  let scaled = x * 1.442_695_040_888_963_4
  let k = Int(scaled + (scaled < 0 ? -0.5 : 0.5))
  let r = x - Double(k) * 0.693_147_180_559_945_3
  var sum = 1.0
  var n = 16.0  // 0.3466^17 / 17! < 10^-22
  while n >= 1 {
    sum = 1 + sum * r / n
    n -= 1
  }
  return sum * Double(bitPattern: UInt64(max(1, min(2046, k + 1023))) << 52)
}
