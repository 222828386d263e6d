// SPDX-License-Identifier: Apache-2.0
// The flags of `run` and `chat`: where the prompt comes from, what ends an answer, what is told of it.
import Format
import Tasks

extension Options {
  mutating func takePrompt(_ word: Word, _ cursor: inout ArgumentCursor) throws(Failure) -> Bool {
    if word.equals("-p") || word.equals("--prompt") {
      prompt = try cursor.value(of: word)
    } else if word.equals("-f") || word.equals("--file") {
      promptFile = try cursor.value(of: word)
    } else if word.equals("--messages") {
      messages = try cursor.value(of: word)
    } else if word.equals("--raw") {
      raw = true
    } else if word.equals("--logprobs") {
      logProbabilities = try cursor.value(of: word).integer("--logprobs", 1, LogProbabilities.countMax)
    } else {
      return false
    }
    return true
  }

  mutating func takeAnswer(_ word: Word, _ cursor: inout ArgumentCursor) throws(Failure) -> Bool {
    if word.equals("--stop") {
      let text = try cursor.value(of: word)
      guard text.count > 0, text.count <= StopTexts.byteCountMax else {
        throw .value("--stop", text, takes: "a text of 1 … 256 bytes")
      }
      guard stopCount < StopTexts.countMax else { throw .usage("--stop takes 16 texts at most", text) }
      stopIndexes[stopCount] = UInt32(cursor.index - 1)
      stopCount += 1
    } else if word.equals("--draft") {
      draft = try cursor.value(of: word).integer("--draft", 0, Limits.chunkLengthMax - 1)
    } else {
      return false
    }
    return true
  }

  mutating func takeChat(_ word: Word, _ cursor: inout ArgumentCursor) throws(Failure) -> Bool {
    if word.equals("--system") {
      system = try cursor.value(of: word)
    } else if word.equals("--on-full") {
      let value = try cursor.value(of: word)
      slides = value.equals("slide")
      guard slides || value.equals("stop") else { throw .value("--on-full", value, takes: "stop or slide") }
    } else {
      return false
    }
    return true
  }

  mutating func takeTranslation(_ word: Word, _ cursor: inout ArgumentCursor) throws(Failure) -> Bool {
    if word.equals("-f") || word.equals("--file") {
      promptFile = try cursor.value(of: word)
    } else if word.equals("-n") || word.equals("--count") {
      count = try cursor.value(of: word).integer("-n", 1, Limits.contextLengthMax)
    } else if word.equals("--length-penalty") {
      lengthPenalty = try cursor.value(of: word).decimal("--length-penalty", -10, 10)
    } else {
      return false
    }
    return true
  }

  /// Text `index` of `--stop`.
  func stop(_ index: Int) -> Word { arguments[Int(stopIndexes[index])] }

  /// Rows of logits that a call must be able to give.
  var outputsNeeded: Int { draft + 1 }
}
