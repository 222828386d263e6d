// SPDX-License-Identifier: Apache-2.0
// From scores of tokens to entities, token by token: the aggregation strategies of transformers' pipeline, and schemes
// that also mark where an entity ends. Constant memory, whatever the length of the text.
import Format
import Runtime

/// How tokens become entities.
public enum TagStrategy: UInt8, Sendable {
  /// Every token by itself.
  case none
  /// Neighbours of one entity.
  case simple
  /// Words by their first token, by the mean of all, by the surest; then as `simple`.
  case first, average, max
}

/// A token and where it stands in the text.
public struct TagToken: Sendable {
  /// Among those of the text.
  public var index: Int
  /// Bytes of the text.
  public var begin: Int
  public var end: Int
  /// Whether it goes on with the word of the token before.
  public var isContinuation: Bool

  public init(index: Int, begin: Int, end: Int, isContinuation: Bool) {
    (self.index, self.begin, self.end, self.isContinuation) = (index, begin, end, isContinuation)
  }
}

/// What was found: label `label` (with `none` itself, else its entity's name counts), in bytes of the text.
public struct TaggedEntity: Sendable {
  public var label: Int
  public var score: Float
  /// Index of its first token.
  public var index: Int
  public var begin: Int
  public var end: Int
}

/// Takes tokens in the order of the text and gives entities in that order.
public struct Tagger {
  private let record: TaskRecord
  private let strategy: TagStrategy
  /// f32 (labels): sums of the word's scores.
  private let sums: UnsafeMutableBufferPointer<Float>
  private var wordTokens = 0
  private var word = TaggedEntity(label: 0, score: 0, index: 0, begin: 0, end: 0)
  private var groupWords = 0
  private var group = TaggedEntity(label: 0, score: 0, index: 0, begin: 0, end: 0)
  private var lastRole = LabelRole.outside

  /// `sums`: room for a number a label, which `average` needs.
  public init(_ record: TaskRecord, _ strategy: TagStrategy, sums: UnsafeMutablePointer<Float>) {
    (self.record, self.strategy) = (record, strategy)
    self.sums = UnsafeMutableBufferPointer(start: sums, count: record.labelCount)
  }

  /// The next token, with scores f32 (labels). `body` gets what has become whole.
  public mutating func take(
    _ scores: UnsafeBufferPointer<Float>, _ token: TagToken, _ body: (TaggedEntity) -> Void
  ) {
    let best = indexOfLargest(scores)
    let own = TaggedEntity(
      label: best, score: scores[best], index: token.index, begin: token.begin, end: token.end)
    switch strategy {
    case .none: if record.label(best).role != .outside { body(own) }
    case .simple: join(own, body)
    default:
      if wordTokens == 0 || !token.isContinuation {
        endWord(body)
        (word, wordTokens) = (own, 0)
        if strategy == .average { for i in sums.indices { sums[i] = 0 } }
      }
      wordTokens += 1
      word.end = token.end
      if strategy == .average {
        for i in sums.indices { sums[i] += scores[i] }
      } else if strategy == .max, own.score > word.score {
        (word.label, word.score) = (best, own.score)
      }
    }
  }

  /// Where the entity begins that is not whole yet; nil when none is under way.
  public var openBegin: Int? {
    if groupWords > 0, record.label(group.label).role != .outside { return group.begin }
    return wordTokens > 0 ? word.begin : nil
  }

  /// After the last token of a text.
  public mutating func finish(_ body: (TaggedEntity) -> Void) {
    endWord(body)
    endGroup(body)
  }

  private mutating func endWord(_ body: (TaggedEntity) -> Void) {
    if wordTokens == 0 { return }
    if strategy == .average {
      for i in sums.indices { sums[i] /= Float(wordTokens) }
      word.label = indexOfLargest(UnsafeBufferPointer(sums))
      word.score = sums[word.label]
    }
    wordTokens = 0
    join(word, body)
  }

  /// Adds a word to the group, or begins another.
  private mutating func join(_ word: TaggedEntity, _ body: (TaggedEntity) -> Void) {
    let label = record.label(word.label)
    let begins = label.role == .begins || label.role == .alone || lastRole == .ends || lastRole == .alone
    lastRole = label.role
    if groupWords > 0, !begins, label.entity == group.label {
      groupWords += 1
      group.score += word.score
      group.end = word.end
      return
    }
    endGroup(body)
    group = word
    group.label = label.entity
    groupWords = 1
  }

  private mutating func endGroup(_ body: (TaggedEntity) -> Void) {
    guard groupWords > 0 else { return }
    group.score /= Float(groupWords)
    groupWords = 0
    if record.label(group.label).role != .outside { body(group) }
  }
}
