// SPDX-License-Identifier: Apache-2.0
// The arguments of `index`: an action, then what it works on.
import Format
import Retrieval

struct IndexOptions {
  let arguments: Arguments
  var action: Word
  private var positionals = InlineArray<3, UInt32>(repeating: 0)
  private(set) var positionalCount = 0
  var json = false
  var lines = false
  var hitCount = 5
  var passageTokens = 0
  var overlapTokens = -1
  var threads = 0
  var isa: Word?

  init(_ arguments: Arguments) throws(Failure) {
    self.arguments = arguments
    var cursor = ArgumentCursor(arguments, from: 2)
    guard let action = cursor.next() else {
      throw .usage("index what? build, add, search, stats or verify", nil)
    }
    self.action = action
    while let word = cursor.next() {
      if word.count < 2 || word[0] != 45 {
        if positionalCount < 3 { positionals[positionalCount] = UInt32(cursor.index - 1) }
        positionalCount += 1
      } else if word.equals("--json") {
        json = true
      } else if word.equals("--jsonl") {
        lines = true
      } else if word.equals("-k") || word.equals("--hits") {
        hitCount = try cursor.value(of: word).integer("--hits", 1, IndexLimits.hitCountMax)
      } else if word.equals("--passage-tokens") {
        passageTokens = try cursor.value(of: word).integer("--passage-tokens", 1, 512)
      } else if word.equals("--overlap-tokens") {
        overlapTokens = try cursor.value(of: word).integer("--overlap-tokens", 0, 511)
      } else if word.equals("--threads") || word.equals("-t") {
        threads = try cursor.value(of: word).integer("--threads", 1, 64)
      } else if word.equals("--isa") {
        isa = try cursor.value(of: word)
      } else {
        throw .usage("this verb has no flag", word)
      }
    }
  }

  /// The word after the action, and so on.
  func positional(_ index: Int, _ question: StaticString) throws(Failure) -> Word {
    guard index < positionalCount else { throw .usage(question, nil) }
    return arguments[Int(positionals[index])]
  }

  /// Calls `body` with each word from the third on.
  func forEachFile(_ body: (Word) throws(Failure) -> Void) throws(Failure) {
    guard positionalCount > 2 else { throw .usage("which files?", nil) }
    var cursor = ArgumentCursor(arguments, from: Int(positionals[2]))
    while let word = cursor.next() {
      if word.count < 2 || word[0] != 45 {
        try body(word)
      } else if !word.equals("--json"), !word.equals("--jsonl") {
        _ = cursor.next()
      }
    }
  }
}
