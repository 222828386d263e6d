// SPDX-License-Identifier: Apache-2.0
// Beam search for the text of a source, as transformers' generate defines it: the B best sequences go on; of the
// candidates those among the B best that end are kept by sum of log-probabilities divided by length^penalty; when it
// ends is ``EarlyStopping``. What the session's rules forbid is forbidden behind the softmax: the others' probabilities
// do not become larger. All in double, so that the same logits give the same text everywhere. Start at `beamSearch`.
import Format
import Runtime

/// When a search has enough, of which B texts that have ended are part in any case.
public enum EarlyStopping: Sendable {
  /// The best that goes on is, at the length that it has, no better than the worst of them.
  case off
  /// As soon as there are B.
  case on
  /// The best that goes on would not be better at the greatest length either.
  case never
}

/// How a search goes.
public struct BeamOptions: Sendable {
  /// Tokens at most, the end token included.
  public var count: Int
  public var lengthPenalty = 1.0
  public var stopping = EarlyStopping.off
  /// What is `count` tokens long ends there, at no cost: `forced_eos_token_id`.
  public var forcesEnd = false

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

/// A text that may go on with `token`, or that does go on with its cache in slot `token`.
private struct Candidate {
  var score: Double
  var token: UInt32
  /// Which of the texts that go on it continues, or the node of its own last token.
  var from: UInt32
}

/// Up to 16 candidates, the best first; of equals the one that came first.
private struct Candidates {
  let base: UnsafeMutablePointer<Candidate>
  var count = 0
  let capacity: Int

  subscript(index: Int) -> Candidate {
    get { base[index] }
    nonmutating set { base[index] = newValue }
  }

  /// What a candidate must exceed.
  var worst: Double { count < capacity ? -.infinity : base[capacity - 1].score }

  mutating func insert(_ score: Double, _ token: UInt32, _ from: UInt32) {
    guard score > worst else { return }
    var at = count < capacity ? count : capacity &- 1
    while at > 0, base[at &- 1].score < score {
      base[at] = base[at &- 1]
      at &-= 1
    }
    base[at] = Candidate(score: score, token: token, from: from)
    if count < capacity { count &+= 1 }
  }
}

/// Writes the text of the source that `session` has encoded, with `session.plan.options.beams` sequences side by side.
/// `session.rules` hold. Behind it the session holds no sequence that could go on.
@inline(never)
public func beamSearch(
  _ session: inout Session, start: UInt32, _ options: BeamOptions, isEnd: (UInt32) -> Bool
) throws(SessionError) -> BeamResult {
  var result = BeamResult()
  var failure: SessionError?
  withUnsafeTemporaryAllocation(of: Candidate.self, capacity: 64) { room in
    var search = BeamSearch(session, start: start, options, room.baseAddress!)
    do throws(SessionError) { result = try search.run(&session, start: start, isEnd: isEnd) } catch { failure = error }
  }
  if let failure { throw failure }
  return result
}

private struct BeamSearch {
  private let beams: Int
  private let options: BeamOptions
  /// The sequences that go on: sum of log-probabilities, slot of the cache, node of the last token.
  private var running: Candidates
  /// This step's best, and the best of those that do not end.
  private var all: Candidates
  private var open: Candidates
  /// The texts that are kept: score, the token behind their node, or `none` for the end.
  private var kept: Candidates
  private static let none = UInt32.max

  init(
    _ session: borrowing Session, start: UInt32, _ options: BeamOptions, _ room: UnsafeMutablePointer<Candidate>
  ) {
    let beams = session.plan.options.beams
    (self.beams, self.options) = (beams, options)
    running = Candidates(base: room, capacity: beams)
    all = Candidates(base: room + 16, capacity: beams)
    open = Candidates(base: room + 32, capacity: beams)
    kept = Candidates(base: room + 48, capacity: beams)
    // At the start all beams are one: the others add nothing.
    for beam in 0..<beams {
      running[beam] = Candidate(score: beam == 0 ? 0 : -.infinity, token: UInt32(beam), from: BeamSearch.none)
    }
    session.tokenRoom[0] = start
  }

  mutating func run(
    _ session: inout Session, start: UInt32, isEnd: (UInt32) -> Bool
  ) throws(SessionError) -> BeamResult {
    let limit = min(options.count, session.plan.options.context - 1)
    for step in 0..<limit {
      let (running, room) = (running, session.beamRoom)
      try session.stepBeams(
        { step == 0 ? start : room[2 * Int(running[$0].from)] }, slot: { Int(running[$0].token) })
      let isLast = step + 1 == limit
      rank(session, step, forced: isLast && options.forcesEnd, isEnd: isEnd)
      let length = power(step + 1)
      keep(length, isEnd: isEnd, isLast: isLast)
      goOn(session, step)
      let isFar = options.stopping == .never && options.lengthPenalty > 0
      if isDone(isFar ? power(limit) : length) { break }
    }
    session.rewind(to: 0)
    return finish(session)
  }

  /// Fills `all` and `open` from the rows of logits, with nothing but the end where it is forced.
  @inline(never)
  private mutating func rank(_ session: borrowing Session, _ step: Int, forced: Bool, isEnd: (UInt32) -> Bool) {
    (all.count, open.count) = (0, 0)
    let numbers = session.sampler(SamplerOptions())
    for beam in 0..<beams where running[beam].score > -.infinity {
      let from = UInt32(truncatingIfNeeded: beam)
      if forced {
        all.insert(running[beam].score, session.rules.ends[0], from)
        continue
      }
      let row = session.logitsRow(beam)
      let base = running[beam].score + LogProbabilities(row, numbers).shift
      trace(session, running[beam].from, count: step)
      session.forbid(beam, length: step &+ 1)
      for id in 0..<row.count {
        let (token, score) = (UInt32(truncatingIfNeeded: id), base + Double(row[id]))
        // What is not one of the best that go on is none of the best.
        guard score > open.worst else { continue }
        all.insert(score, token, from)
        if !isEnd(token) { open.insert(score, token, from) }
      }
    }
  }

  /// Writes the `count` tokens up to a node into `tokenRoom`, from index 1 on.
  private func trace(_ session: borrowing Session, _ last: UInt32, count: Int) {
    let (text, room) = (session.tokenRoom, session.beamRoom)
    var (at, node) = (count, Int(last))
    while at > 0 {
      text[at] = room[2 &* node]
      node = Int(room[2 &* node &+ 1])
      at &-= 1
    }
  }

  /// Keeps those of the best that end here: all of them in the last step.
  private mutating func keep(_ length: Double, isEnd: (UInt32) -> Bool, isLast: Bool) {
    for index in 0..<all.count {
      let one = all[index]
      let ends = isEnd(one.token)
      guard ends || isLast else { continue }
      kept.insert(one.score / length, ends ? BeamSearch.none : one.token, running[Int(one.from)].from)
    }
    if isLast { open.count = 0 }
  }

  /// Makes the best that do not end the sequences of the next step. Each takes its parent's slot, or a copy of it.
  @inline(never)
  private mutating func goOn(_ session: borrowing Session, _ step: Int) {
    let room = session.beamRoom
    var (taken, waits) = (UInt32(0), UInt32(0))
    for beam in 0..<beams {
      let isOpen = beam < open.count
      var one = isOpen ? open[beam] : Candidate(score: -.infinity, token: 0, from: 0)
      let parent = running[Int(one.from)]
      let node = step &* beams &+ beam
      (room[2 &* node], room[2 &* node &+ 1]) = (one.token, parent.from)
      (one.token, one.from) = (parent.token, UInt32(truncatingIfNeeded: node))
      open[beam] = one
      let bit = 1 &<< parent.token
      if taken & bit != 0 { waits |= 1 &<< UInt32(truncatingIfNeeded: beam) }
      taken |= bit
    }
    while waits != 0 {
      let (beam, free) = (waits.trailingZeroBitCount, (~taken).trailingZeroBitCount)
      if open[beam].score > -.infinity { session.copyBeam(Int(open[beam].token), to: free) }
      open.base[beam].token = UInt32(truncatingIfNeeded: free)
      taken |= taken &+ 1
      waits &= waits &- 1
    }
    (running, open) = (open, running)
  }

  /// Whether nothing that goes on can still count, for a text of the length whose power is `length`.
  private func isDone(_ length: Double) -> Bool {
    if running[0].score == -.infinity { return true }
    return kept.count == beams && (options.stopping == .on || running[0].score / length <= kept.worst)
  }

  /// Writes out the best text.
  @inline(never)
  private func finish(_ session: borrowing Session) -> BeamResult {
    var result = BeamResult()
    guard kept.count > 0 else { return result }
    let best = kept[0]
    result.score = best.score
    result.isEnded = best.token == BeamSearch.none
    // Nodes of a step are numbered together: its number tells the length.
    result.count = best.from == BeamSearch.none ? 0 : Int(best.from) / beams + 1
    trace(session, best.from, count: result.count)
    if !result.isEnded {
      result.count += 1
      session.tokenRoom[result.count] = best.token
    }
    return result
  }

  /// length^penalty, by operations that IEEE 754 rounds in one way only.
  @inline(never)
  private func power(_ length: Int) -> Double {
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
