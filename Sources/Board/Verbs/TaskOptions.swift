// SPDX-License-Identifier: Apache-2.0
// The flags of the task verbs, and where their texts come from: the arguments, or standard input, a line each.
import CSystem
import Format
import Runtime
import Tasks

extension Options {
  /// Scores below are nothing: those of `--min-score`, or else `threshold`.
  @inline(never)
  func minScore(_ threshold: Float) -> Float {
    decimal(.minScore) ?? threshold
  }

  @inline(never)
  func strategy() throws(Failure) -> TagStrategy {
    guard let name = word(.strategy) else { return .simple }
    guard let index = name.index(among: "none\nsimple\nfirst\naverage\nmax\n", separator: 10) else {
      throw .value("--strategy", name, takes: "none, simple, first, average or max")
    }
    return TagStrategy(rawValue: UInt8(index))!
  }
}

/// A text of the program as a word.
func word(_ text: StaticString) -> Word { text.word }

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
  private var words: PlainWords
  private var word: Word?

  /// Texts of the arguments are those words behind the bundle that are no flags; without any, lines of standard input.
  init(_ options: Options) throws(Failure) {
    words = PlainWords(options, from: options.firstRest)
    isJSON = options.has(.jsonl)
    if options.isStream {
      if sys_is_terminal(0) != 0 { throw .usage("which text? As an argument, or a line each on standard input", nil) }
      reader = try LineReader(0)
    } else {
      word = words.next()
    }
  }

  /// Whether the next text is here already: waiting for it takes no time.
  var hasNext: Bool { reader == nil ? word != nil : reader!.hasLine }

  /// The next text, valid until the one after it.
  mutating func next() throws(Failure) -> Word? {
    if reader == nil {
      let text = word
      if text != nil { word = words.next() }
      return text
    }
    guard let line = try reader!.next() else { return nil }
    if isJSON { return try decodeJSONString(line) }
    let text = UnsafeRawBufferPointer(line)
    return text.last == 13 ? Word(rebasing: text.dropLast()) : text
  }
}

/// Hands every text to `take`, with its number from 0, and calls `flush` when no other text is here. A text of a stream
/// that is refused is told of, and its line is `empty`; the others go on, unless `stopsAtFailure`. Returns the exit
/// code.
@inline(never)
func forEachText(
  _ options: Options, _ io: inout IO, empty: StaticString = "null\n", stopsAtFailure: Bool = false,
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
      guard options.isStream, !stopsAtFailure else { throw error }
      let failure = error
      code = failure.exitCode
      // What came before it comes first.
      try flush(&io)
      io.out.text(empty)
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
