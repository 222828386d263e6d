// SPDX-License-Identifier: Apache-2.0
// The flags of the task verbs, and where their texts come from: the arguments, or standard input, a line each.
import CSystem
import Format
import Tasks

/// What the task verbs are asked for, beside the options of all verbs.
struct TaskChoice {
  var minScore: Float = -.infinity
  var truncates = false
  var question: Word?
  var context: Word?
  var query: Word?
  var strategy = TagStrategy.simple
  var top = 0
  /// Whether "no answer" is one.
  var allowsNone = false
}

extension Options {
  mutating func takeTask(_ word: Word, _ cursor: inout ArgumentCursor) throws(Failure) -> Bool {
    if word.equals("--all") {
      all = true
    } else if word.equals("--truncate") {
      task.truncates = true
    } else if word.equals("--or-none") {
      task.allowsNone = true
    } else if word.equals("--min-score") {
      task.minScore = try cursor.value(of: word).decimal("--min-score", -1e6, 1e6)
    } else if word.equals("--top") {
      task.top = try cursor.value(of: word).integer("--top", 1, 1 << 20)
    } else if word.equals("--question") {
      task.question = try cursor.value(of: word)
    } else if word.equals("--query") {
      task.query = try cursor.value(of: word)
    } else if word.equals("--strategy") {
      task.strategy = try tagStrategy(try cursor.value(of: word))
    } else {
      return false
    }
    return true
  }
}

private func tagStrategy(_ name: Word) throws(Failure) -> TagStrategy {
  if name.equals("none") { return .none }
  if name.equals("simple") { return .simple }
  if name.equals("first") { return .first }
  if name.equals("average") { return .average }
  if name.equals("max") { return .max }
  throw .value("--strategy", name, takes: "none, simple, first, average or max")
}

/// The texts of a verb in order.
struct TextSource {
  private var reader: LineReader?
  private let isJSON: Bool
  private let arguments: Arguments
  private var indexes: UInt64

  /// Texts of the arguments are those words behind the bundle that are no flags; without any, lines of standard input.
  init(_ options: Options) throws(Failure) {
    arguments = options.arguments
    indexes = options.restIndexes
    isJSON = options.lines
    if indexes == 0 {
      if sys_is_terminal(0) != 0 { throw .usage("which text? As an argument, or a line each on standard input", nil) }
      reader = try LineReader(0)
    }
  }

  /// Whether a text that cannot be judged stops the verb: one that a person typed does.
  var isStream: Bool { reader != nil }

  /// Whether the next text is here already: waiting for it takes no time.
  var hasNext: Bool { reader == nil ? indexes != 0 : reader!.hasLine }

  /// The next text, valid until the one after it.
  mutating func next() throws(Failure) -> Word? {
    if reader == nil {
      if indexes == 0 { return nil }
      let index = indexes.trailingZeroBitCount
      indexes &= indexes - 1
      return arguments[index]
    }
    guard let line = try reader!.next() else { return nil }
    if isJSON { return try decodeJSONString(line) }
    let text = UnsafeRawBufferPointer(line)
    return text.last == 13 ? Word(rebasing: text.dropLast()) : text
  }
}
