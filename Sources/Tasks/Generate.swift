// SPDX-License-Identifier: Apache-2.0
// Complete a sequence: prefill the prompt, then sample and decode until an end.
import Runtime

/// How long and how.
public struct Generation: Sendable {
  /// Tokens at most.
  public var count: Int
  public var sampler: SamplerOptions

  public init(count: Int, sampler: SamplerOptions) {
    self.count = count
    self.sampler = sampler
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

  public var name: StaticString {
    switch self {
    case .length: "length"
    case .end: "end"
    case .context: "context"
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

  /// The tokens that were made. The last one was not fed, but lies behind those that were.
  public func made(_ session: borrowing Session) -> UnsafeBufferPointer<UInt32> {
    UnsafeBufferPointer(rebasing: session.tokenRoom[madeFrom..<(madeFrom + madeCount)])
  }
}

/// Feeds `prompt` and calls `emit` with each token that follows, an end token excepted.
public func generate(
  _ session: inout Session, prompt: UnsafeBufferPointer<UInt32>, _ options: Generation,
  isEnd: (UInt32) -> Bool, emit: (UInt32) -> Void
) throws(SessionError) -> Summary {
  var summary = Summary()
  summary.promptCount = prompt.count
  session.warm(positions: min(session.past + prompt.count + options.count, session.plan.options.context))
  let start = secondsNow()
  try session.feed(prompt, firstOutput: prompt.count - 1) { _, _ in }
  let decodeStart = secondsNow()
  summary.prefillSeconds = decodeStart - start
  var sampler = session.sampler(options.sampler)
  var made = 0
  summary.madeFrom = session.past
  while made < options.count {
    if session.past == session.plan.options.context {
      summary.stop = .context
      break
    }
    let token = sampler.sample(session.logitsRow(0), history: session.tokens)
    if isEnd(token) {
      summary.stop = .end
      break
    }
    emit(token)
    session.tokenRoom[session.past] = token
    made += 1
    summary.madeCount = made
    if made == options.count { break }
    try withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 1) { one throws(SessionError) in
      one[0] = token
      try session.feed(UnsafeBufferPointer(one), firstOutput: 0) { _, _ in }
    }
    summary.decodeCount += 1
  }
  summary.decodeSeconds = secondsNow() - decodeStart
  return summary
}
