// SPDX-License-Identifier: Apache-2.0
// Where in a context the answer stands: the pairs of start and end whose probabilities have the largest product, over
// all windows. As transformers' pipeline for questions has it.
import Runtime

/// A stretch of tokens of the context.
public struct AnswerSpan: Sendable {
  public var first: Int
  public var last: Int
  public var score: Float
}

/// The best spans so far, the best first.
public struct AnswerSearch {
  public static let countMax = 16
  private let wanted: Int
  private let lengthMax: Int
  private var best = InlineArray<16, AnswerSpan>(repeating: AnswerSpan(first: 0, last: 0, score: 0))
  public private(set) var count = 0
  /// The smallest score that a window gives to there being no answer in it.
  public private(set) var nullScore: Float = 1

  public init(wanted: Int, lengthMax: Int) {
    (self.wanted, self.lengthMax) = (min(wanted, Self.countMax), lengthMax)
  }

  public subscript(index: Int) -> AnswerSpan { best[index] }

  /// A window: `row(t)` gives the two logits of token t of the sequence, which become probabilities. Tokens of
  /// `context` may be an answer; the first of the sequence, where `hasNull`, stands for none. `contextStart`: index in
  /// the whole context of the window's first token.
  @inline(never)
  public mutating func take(
    context: Range<Int>, contextStart: Int, hasNull: Bool, _ row: (Int) -> UnsafeMutablePointer<Float>
  ) {
    for column in 0..<2 {
      var most = hasNull ? row(0)[column] : -Float.infinity
      for t in context where row(t)[column] > most { most = row(t)[column] }
      var sum = 0.0
      if hasNull {
        row(0)[column] = exponential(row(0)[column] - most)
        sum = Double(row(0)[column])
      }
      for t in context {
        row(t)[column] = exponential(row(t)[column] - most)
        sum += Double(row(t)[column])
      }
      for t in context { row(t)[column] = Float(Double(row(t)[column]) / sum) }
      if hasNull { row(0)[column] = Float(Double(row(0)[column]) / sum) }
    }
    nullScore = min(nullScore, hasNull ? row(0)[0] * row(0)[1] : 0)
    for first in context {
      for last in first..<min(first + lengthMax, context.upperBound) {
        let offset = contextStart - context.lowerBound
        add(AnswerSpan(first: first + offset, last: last + offset, score: row(first)[0] * row(last)[1]))
      }
    }
  }

  /// Keeps a span if it is among the best; the same one, seen by two windows, with the better score.
  @inline(never)
  private mutating func add(_ span: AnswerSpan) {
    if count == wanted, !(span.score > best[count - 1].score) { return }
    var at = 0
    while at < count, best[at].score >= span.score {
      if best[at].first == span.first, best[at].last == span.last { return }
      at += 1
    }
    var end = at
    while end < count, best[end].first != span.first || best[end].last != span.last { end += 1 }
    if end == count, count < wanted { count += 1 }
    var index = min(end, count - 1)
    while index > at {
      best[index] = best[index - 1]
      index -= 1
    }
    best[at] = span
  }
}
