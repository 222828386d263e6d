// SPDX-License-Identifier: Apache-2.0
// The flags of the task verbs, and where their texts come from: the arguments, or standard input, a line each.
import CSystem
import Format
import Runtime
import Tasks

/// A flag of the task verbs, in the order of `taskFlagNames`.
enum TaskFlag: UInt32 {
  // Without a value.
  case all, truncate, orNone, patternsOnly, reportText
  // With one.
  case minScore, top, question, query, strategy, patterns, only, except, with, key, report, file

  var bit: UInt32 { 1 << rawValue }
}

private let taskFlagNames: StaticString = """
  --all
  --truncate
  --or-none
  --patterns-only
  --report-text
  --min-score
  --top
  --question
  --query
  --strategy
  --patterns
  --only
  --except
  --with
  --key
  --report
  -f
  --file

  """

/// What the task verbs are asked for, beside the options of all verbs.
struct TaskChoice {
  /// A bit for each flag.
  fileprivate var given: UInt32 = 0
  /// Which arguments their values are.
  fileprivate var indexes = InlineArray<17, UInt32>(repeating: 0)
  /// A file that `answer` reads.
  var context: Word?
}

extension Options {
  mutating func takeTask(_ word: Word, _ cursor: inout ArgumentCursor) throws(Failure) -> Bool {
    guard var index = word.index(among: taskFlagNames, separator: 10) else { return false }
    index = min(index, Int(TaskFlag.file.rawValue))  // has two names
    task.given |= 1 << UInt32(index)
    if index >= TaskFlag.minScore.rawValue {
      _ = try cursor.value(of: word)
      task.indexes[index] = UInt32(cursor.index - 1)
    }
    return true
  }

  /// Refuses what the verb does not take: `flags` are the bits of what it does.
  func checkTask(_ flags: UInt32) throws(Failure) {
    let others = task.given & ~flags
    if others == 0 { return }
    var at = 0
    for _ in 0..<others.trailingZeroBitCount { at += taskFlagNames.part(from: at, to: 10).count + 1 }
    throw .usage("this verb has no flag", taskFlagNames.part(from: at, to: 10))
  }

  func has(_ flag: TaskFlag) -> Bool { task.given & flag.bit != 0 }

  /// The value of a flag.
  @inline(never)
  func word(_ flag: TaskFlag) -> Word? { has(flag) ? arguments[Int(task.indexes[Int(flag.rawValue)])] : nil }

  /// Scores below are nothing: those of `--min-score`, or else `threshold`.
  @inline(never)
  func minScore(_ threshold: Float) throws(Failure) -> Float {
    guard let word = word(.minScore) else { return threshold }
    return try word.decimal("--min-score", -1e6, 1e6)
  }

  @inline(never)
  func top(_ usual: Int) throws(Failure) -> Int {
    guard let word = word(.top) else { return usual }
    return try word.integer("--top", 1, 1 << 20)
  }

  @inline(never)
  func strategy() throws(Failure) -> TagStrategy {
    guard let name = word(.strategy) else { return .simple }
    guard let index = name.index(among: "none\nsimple\nfirst\naverage\nmax\n", separator: 10) else {
      throw .value("--strategy", name, takes: "none, simple, first, average or max")
    }
    return TagStrategy(rawValue: UInt8(index))!
  }

  /// Whether texts come as lines of standard input.
  var isStream: Bool { restIndexes == 0 }
}

extension StaticString {
  /// The bytes from `at` up to the next `separator`.
  func part(from at: Int, to separator: UInt8) -> Word {
    var end = at
    while utf8Start[end] != separator { end += 1 }
    return Word(start: utf8Start + at, count: end - at)
  }

  var word: Word { Word(start: utf8Start, count: utf8CodeUnitCount) }
}

extension UnsafeRawBufferPointer {
  func equals(_ other: Word) -> Bool {
    if count != other.count { return false }
    for i in 0..<count where self[i] != other[i] { return false }
    return true
  }

  /// Which of the names this is; `separator` stands behind each of them.
  func index(among names: StaticString, separator: UInt8) -> Int? {
    var (at, index) = (0, 0)
    while at < names.utf8CodeUnitCount {
      let name = names.part(from: at, to: separator)
      if equals(name) { return index }
      at += name.count + 1
      index += 1
    }
    return nil
  }
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

/// Hands every text to `take`, with its number from 0, and calls `flush` when no other text is here. A text of a stream
/// that is refused is told of, and its line is `null` if `hasNulls`; the others go on. Returns the exit code.
@inline(never)
func forEachText(
  _ options: Options, _ io: inout IO, hasNulls: Bool,
  _ take: (Word, Int, inout IO) throws(Failure) -> Void, flush: (inout IO) throws(Failure) -> Void
) throws(Failure) -> Int32 {
  var texts = try TextSource(options)
  var code: Int32 = 0
  var index = 0
  while true {
    guard let text = try texts.next() else { return code }
    do throws(Failure) {
      try take(text, index, &io)
    } catch {
      guard options.isStream else { throw error }
      let failure = error
      code = failure.exitCode
      // What came before it comes first.
      try flush(&io)
      if hasNulls { io.out.text("null\n") }
      io.error.say("line %: ", index + 1)
      io.error.failure(failure, program: io.program)
      io.error.flush()
    }
    index += 1
    if !texts.hasNext {
      try flush(&io)
      io.out.flush()
    }
  }
}
