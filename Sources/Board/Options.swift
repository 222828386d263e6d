// SPDX-License-Identifier: Apache-2.0
// What the arguments of a verb ask for, read in place. A flag that a verb does not have is refused, never ignored.
import CKernels
import Format
import Runtime
import Tasks

/// The arguments behind the verb. Words point into them.
struct Options {
  let arguments: Arguments
  /// The first argument that is no flag.
  var bundle: Word?
  /// The second, and where it is.
  var rest: Word?
  var firstRest = 0
  /// For each flag that was given the argument of its value, or else its own.
  private var places = InlineArray<80, UInt32>(repeating: 0)
  /// Where the texts of `--stop` are among the arguments.
  private(set) var stopCount = 0
  private var stopIndexes = InlineArray<16, UInt32>(repeating: 0)
  var threads = 0
  var context = 0
  var chunk = 0
  /// Nil: f32 for float weights, f16 for integer ones.
  var kv: ht_kv?
  var maxMemory: UInt64 = 0

  /// Reads arguments from index `first` on.
  init(_ arguments: Arguments, from first: Int = 2, flags: FlagSet) throws(Failure) {
    precondition(Flag.caseCount <= 80)
    self.arguments = arguments
    var cursor = ArgumentCursor(arguments, from: first)
    while let word = cursor.next() {
      if word.count < 2 || word[0] != 45 {
        try takePlain(word, at: cursor.index - 1, flags)
        continue
      }
      guard let flag = Flag(named: word), flags.contains(flag.group) else {
        throw .usage("this verb has no flag", word)
      }
      if flag.rawValue >= Flag.firstWord.rawValue {
        let value = try cursor.value(of: word)
        try check(value, of: flag, word, flags)
        if flag == .stop { try takeStop(value, at: cursor.index - 1) }
      }
      places[Int(flag.rawValue)] = UInt32(cursor.index - 1)
    }
    if bundle == nil, !has(.patternsOnly) { throw .usage("which bundle?", nil) }
    threads =
      has(.threads) && !flags.contains(.depths) ? try word(.threads)!.integer(Board.word("--threads"), 1, 64) : 0
    context = flags.contains(.question) ? 0 : integer(.context) ?? 0
    chunk = integer(.chunk) ?? 0
    if let name = word(.kv) { kv = try kvKind(name) }
    if let name = word(.onFull), !slides, !name.equals("stop") {
      throw .value("--on-full", name, takes: "stop or slide")
    }
    if let word = word(.maxMemory) { maxMemory = try word.byteCount("--max-memory") }
  }

  private mutating func takePlain(_ word: Word, at index: Int, _ flags: FlagSet) throws(Failure) {
    if bundle == nil {
      bundle = word
      return
    }
    guard flags.contains(.words) || rest == nil && flags.contains(.text) else {
      throw .usage("one argument too many:", word)
    }
    if rest == nil { (rest, firstRest) = (word, index) }
  }

  private func check(_ value: Word, of flag: Flag, _ name: Word, _ flags: FlagSet) throws(Failure) {
    if flag.rawValue < Flag.firstNumber.rawValue { return }
    if flag.rawValue >= Flag.firstDecimal.rawValue {
      _ = try value.decimal(name, flag.decimalRange.least, flag.decimalRange.most)
    } else if flag != .context || !flags.contains(.question) {  // there it is a file
      _ = try value.integer(name, flag.range.least, flag.range.most)
    }
  }

  private mutating func takeStop(_ text: Word, at index: Int) throws(Failure) {
    guard text.count > 0, text.count <= StopTexts.byteCountMax else {
      throw .value("--stop", text, takes: "a text of 1 … 256 bytes")
    }
    guard stopCount < StopTexts.countMax else { throw .usage("--stop takes 16 texts at most", text) }
    stopIndexes[stopCount] = UInt32(index)
    stopCount += 1
  }

  func has(_ flag: Flag) -> Bool { places[Int(flag.rawValue)] != 0 }

  /// The value of a flag that was given; the last, if several times.
  func word(_ flag: Flag) -> Word? { has(flag) ? arguments[Int(places[Int(flag.rawValue)])] : nil }

  /// The same as a number. It has been checked.
  func integer(_ flag: Flag) -> Int? {
    guard let word = word(flag) else { return nil }
    var at = 0
    return word.number(&at)
  }

  func decimal(_ flag: Flag) -> Float? {
    guard let word = word(flag) else { return nil }
    return try? word.decimal(word, -.infinity, .infinity)
  }

  /// Text `index` of `--stop`.
  func stop(_ index: Int) -> Word { arguments[Int(stopIndexes[index])] }

  /// Tokens to make; negative if nothing was said.
  var count: Int { integer(.count) ?? -1 }

  var draft: Int { integer(.draft) ?? 0 }

  /// Rows of logits that a call must be able to give.
  var outputsNeeded: Int { draft + 1 }

  /// Whether an old turn may go when a conversation is full.
  var slides: Bool { word(.onFull)?.equals("slide") == true }

  /// Whether texts come as lines of standard input.
  var isStream: Bool { rest == nil }

  var sampler: SamplerOptions {
    var sampler = SamplerOptions()
    sampler.temperature = decimal(.temperature) ?? sampler.temperature
    sampler.topK = integer(.topK) ?? sampler.topK
    sampler.topP = decimal(.topP) ?? sampler.topP
    sampler.minP = decimal(.minP) ?? sampler.minP
    sampler.repetitionPenalty = decimal(.repetitionPenalty) ?? sampler.repetitionPenalty
    sampler.presencePenalty = decimal(.presencePenalty) ?? sampler.presencePenalty
    if let seed = integer(.seed) { sampler.seed = UInt64(seed) }
    return sampler
  }
}

/// The arguments from one on that are neither flags nor their values.
struct PlainWords {
  private var cursor: ArgumentCursor

  init(_ options: Options, from index: Int) { cursor = ArgumentCursor(options.arguments, from: index) }

  mutating func next() -> Word? {
    while let word = cursor.next() {
      if word.count < 2 || word[0] != 45 { return word }
      if let flag = Flag(named: word), flag.rawValue >= Flag.firstWord.rawValue { _ = cursor.next() }
    }
    return nil
  }
}

private func kvKind(_ name: Word) throws(Failure) -> ht_kv {
  if name.equals("f16") { return HT_KV_F16 }
  if name.equals("q8") { return HT_KV_Q8 }
  if name.equals("f32") { return HT_KV_F32 }
  throw .value("--kv", name, takes: "f32, f16 or q8")
}

func kvName(_ kv: ht_kv) -> StaticString {
  switch kv {
  case HT_KV_F16: "f16"
  case HT_KV_Q8: "q8"
  default: "f32"
  }
}
