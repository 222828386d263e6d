// SPDX-License-Identifier: Apache-2.0
// The flags of `embed` and `index`, and the words behind an index: files, or a question.
import Format
import Retrieval

/// What becomes of a text that is longer than the model takes.
enum LongText: UInt8 { case cut, average, refuse }

/// What `embed` is asked for.
struct VectorChoice {
  var isInt8 = false
  var long = LongText.cut
}

/// What `index` is asked for.
struct IndexChoice {
  var hitCount = 5
  var passageTokens = 200
  var overlapTokens = -1
  var reader: Word?
  var writer: Word?
}

extension Options {
  mutating func takeVectors(_ word: Word, _ cursor: inout ArgumentCursor) throws(Failure) -> Bool {
    if word.equals("--no-normalize") {
      raw = true
    } else if word.equals("--int8") {
      vectors.isInt8 = true
    } else if word.equals("--long") {
      let value = try cursor.value(of: word)
      if value.equals("average") {
        vectors.long = .average
      } else if value.equals("refuse") {
        vectors.long = .refuse
      } else if !value.equals("cut") {
        throw .value("--long", value, takes: "cut, average or refuse")
      }
    } else {
      return false
    }
    return true
  }

  mutating func takeSearch(_ word: Word, _ cursor: inout ArgumentCursor) throws(Failure) -> Bool {
    if word.equals("-k") || word.equals("--hits") {
      index.hitCount = try cursor.value(of: word).integer("--hits", 1, IndexLimits.hitCountMax)
    } else if word.equals("--reader") {
      index.reader = try cursor.value(of: word)
    } else if word.equals("--writer") {
      index.writer = try cursor.value(of: word)
    } else {
      return false
    }
    return true
  }

  mutating func takePassages(_ word: Word, _ cursor: inout ArgumentCursor) throws(Failure) -> Bool {
    if word.equals("--passage-tokens") {
      index.passageTokens = try cursor.value(of: word).integer("--passage-tokens", 1, 512)
    } else if word.equals("--overlap-tokens") {
      index.overlapTokens = try cursor.value(of: word).integer("--overlap-tokens", 0, 511)
    } else {
      return false
    }
    return true
  }
}

/// The words behind the index.
struct WordsBehind {
  private var cursor: ArgumentCursor

  init(_ options: Options) { cursor = ArgumentCursor(options.arguments, from: options.firstRest + 1) }

  /// The next word that is neither a flag nor a flag's value.
  mutating func next() -> Word? {
    while let word = cursor.next() {
      if word.count < 2 || word[0] != 45 { return word }
      let isAlone = word.equals("--json") || word.equals("--jsonl") || word.equals("-v") || word.equals("--verbose")
      if !isAlone { _ = cursor.next() }
    }
    return nil
  }
}
