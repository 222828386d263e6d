// SPDX-License-Identifier: Apache-2.0
// Complete a sequence: prefill the prompt, then sample and decode until an end. With a draft, several tokens are
// decoded in one call and those that the sampler would not have drawn are forgotten: Draft.swift.
// Start at `decode`. Invariant: the tokens are the same whatever the draft, the chunk and the thread count.
import Runtime

/// How long and how.
public struct Generation: Sendable {
  /// Tokens at most.
  public var count: Int
  public var sampler: SamplerOptions
  /// Tokens of a draft at most; 0: none.
  public var draft = 0

  public init(count: Int, sampler: SamplerOptions, draft: Int = 0) {
    self.count = count
    self.sampler = sampler
    self.draft = draft
  }
}

/// Why a generation ended.
public enum Stop: Equatable, Sendable {
  /// `count` tokens were made.
  case length
  /// An end-of-sequence id came.
  case end
  /// The context has no room.
  case context
  /// One of the stop texts came.
  case text
  /// Somebody asked for it.
  case interrupt

  public var name: StaticString {
    switch self {
    case .length: "length"
    case .end: "end"
    case .context: "context"
    case .text: "text"
    case .interrupt: "interrupt"
    }
  }
}

/// What a generation did.
public struct Summary: Sendable {
  public var promptCount = 0
  public var prefillSeconds = 0.0
  /// Tokens that were decoded: one less than were made, since the first comes from prefill.
  public var decodeCount = 0
  public var decodeSeconds = 0.0
  public var stop = Stop.length
  /// Tokens that were made.
  public var madeCount = 0
  /// Position in the sequence of the first one.
  public var madeFrom = 0
  /// Tokens that drafts proposed, and those of them that were right.
  public var draftedCount = 0
  public var acceptedCount = 0
  /// Tokens that were run a second time, since the sequence became long for rope.
  public var recomputedCount = 0

  public init() {}

  /// The tokens that were made. The last one was not fed, but lies behind those that were.
  public func made(_ session: borrowing Session) -> UnsafeBufferPointer<UInt32> {
    UnsafeBufferPointer(rebasing: session.tokenRoom[madeFrom..<(madeFrom + madeCount)])
  }

  /// Adds what a later generation of the same run did.
  public mutating func add(_ other: Summary) {
    promptCount += other.promptCount
    prefillSeconds += other.prefillSeconds
    decodeCount += other.decodeCount
    decodeSeconds += other.decodeSeconds
    madeCount += other.madeCount
    draftedCount += other.draftedCount
    acceptedCount += other.acceptedCount
    recomputedCount += other.recomputedCount
    stop = other.stop
  }
}

/// A token that was made, and the row that it was sampled from: f32 (vocab), before penalties and temperature.
public struct MadeToken {
  public var id: UInt32
  public var logits: UnsafeBufferPointer<Float>
}

/// Feeds `prompt`, which must not be empty, and calls `emit` with each token that follows, an end token excepted.
///
/// - Parameters:
///   - isInterrupted: asked between the chunks of the prompt and before each token.
///   - emit: a reason to stop behind this token, or nil.
public func generate(
  _ session: inout Session, prompt: UnsafeBufferPointer<UInt32>, _ options: Generation,
  isEnd: (UInt32) -> Bool, isInterrupted: () -> Bool = { false }, emit: (MadeToken) -> Stop?
) throws(SessionError) -> Summary {
  var sampler = session.sampler(options.sampler)
  return try generate(
    &session, prompt: prompt, options, &sampler, isEnd: isEnd, isInterrupted: isInterrupted, emit: emit)
}

/// The same with a sampler that goes on from where it is.
public func generate(
  _ session: inout Session, prompt: UnsafeBufferPointer<UInt32>, _ options: Generation, _ sampler: inout Sampler,
  isEnd: (UInt32) -> Bool, isInterrupted: () -> Bool = { false }, emit: (MadeToken) -> Stop?
) throws(SessionError) -> Summary {
  var summary = Summary()
  let context = session.plan.options.context
  guard prompt.count <= context - session.past else {
    throw .contextFull(have: UInt64(context), need: UInt64(session.past + prompt.count))
  }
  // Whoever has nothing to say cannot be answered: no row of logits would be there.
  precondition(prompt.count > 0, "an empty prompt")
  session.warm(positions: min(session.past + prompt.count + options.count, context))
  let start = secondsNow()
  let recomputed = session.recomputedCount
  // A prompt with which the sequence becomes long for rope goes in one call: then nothing of it is computed twice.
  let original = session.ropeOriginalContext
  let becomesLong = original > 0 && session.past <= original && session.past + prompt.count > original
  var fed = 0
  while fed < prompt.count, !isInterrupted() {
    let part = becomesLong ? prompt.count : min(session.plan.options.chunk, prompt.count - fed)
    let isLast = fed + part == prompt.count
    let ids = UnsafeBufferPointer(rebasing: prompt[fed..<(fed + part)])
    try session.feed(ids, firstOutput: isLast ? part - 1 : part) { _, _ in }
    fed += part
  }
  let decodeStart = secondsNow()
  summary.promptCount = fed
  summary.prefillSeconds = decodeStart - start
  summary.madeFrom = session.past
  summary.stop = .interrupt
  if fed == prompt.count {
    try decode(&session, options, &sampler, &summary, isEnd: isEnd, isInterrupted: isInterrupted, emit: emit)
  }
  summary.decodeSeconds = secondsNow() - decodeStart
  summary.recomputedCount = session.recomputedCount - recomputed
  return summary
}

/// Samples from the row that is there and goes on.
private func decode(
  _ session: inout Session, _ options: Generation, _ sampler: inout Sampler, _ summary: inout Summary,
  isEnd: (UInt32) -> Bool, isInterrupted: () -> Bool, emit: (MadeToken) -> Stop?
) throws(SessionError) {
  let context = session.plan.options.context
  let tokens = session.tokenRoom
  /// Tokens that are sure. Row `row` of `rowCount` follows them; what lies behind them is a draft.
  var length = session.past
  var (row, rowCount) = (0, 1)
  summary.stop = .length
  while summary.madeCount < options.count {
    summary.stop = length == context ? .context : isInterrupted() ? .interrupt : .length
    if summary.stop != .length { break }
    let logits = session.logitsRow(row)
    let token = sampler.sample(logits, history: UnsafeBufferPointer(rebasing: tokens[0..<length]))
    if isEnd(token) {
      summary.stop = .end
      break
    }
    let reason = emit(MadeToken(id: token, logits: logits))
    let isDrafted = row + 1 < rowCount && tokens[length] == token
    tokens[length] = token
    summary.madeCount += 1
    if isDrafted { summary.acceptedCount += 1 }
    if let reason {
      summary.stop = reason
      break
    }
    if summary.madeCount == options.count { break }
    summary.decodeCount += 1
    if isDrafted {
      length += 1
      row += 1
      continue
    }
    try keep(&session, length)
    let drafted = propose(
      UnsafeBufferPointer(rebasing: tokens[0...length]), into: tokens,
      countMax: draftMax(session, options, left: options.count - summary.madeCount - 1))
    summary.draftedCount += drafted
    let ids = UnsafeBufferPointer(rebasing: UnsafeBufferPointer(tokens)[length...(length + drafted)])
    try session.feed(ids, firstOutput: 0) { _, _ in }
    length += 1
    (row, rowCount) = (0, drafted + 1)
  }
  try keep(&session, length)
}

/// How long a draft may be: one call must take it, with a row of logits for each, nothing is drafted that cannot be
/// said any more, and no draft makes a sequence long for rope before a token does.
private func draftMax(_ session: borrowing Session, _ options: Generation, left: Int) -> Int {
  if options.draft == 0 { return 0 }
  let plan = session.plan.options
  var room = min(min(plan.outputs, plan.chunk), plan.context - session.past) - 1
  let original = session.ropeOriginalContext
  if original > 0, session.past < original { room = min(room, original - session.past - 1) }
  return max(0, min(options.draft, min(room, left)))
}

/// Forgets what comes after the first `count` tokens. What the cache has lost meanwhile is computed again.
public func keep(_ session: inout Session, _ count: Int) throws(SessionError) {
  if session.past <= count || session.rewind(to: count) == count { return }
  let ids = UnsafeBufferPointer(rebasing: UnsafeBufferPointer(session.tokenRoom)[session.past..<count])
  try session.feed(ids, firstOutput: ids.count) { _, _ in }
}
