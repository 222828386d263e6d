// SPDX-License-Identifier: Apache-2.0
// Flags of all verbs, read from the arguments in place. A flag that a verb does not have is refused, never ignored.
import CKernels
import Format
import Runtime

/// Which flags a verb takes: a set.
struct FlagSet {
  let rawValue: UInt32
  static let json = FlagSet(rawValue: 1 << 0)
  /// --threads -t, --isa, -v
  static let compute = FlagSet(rawValue: 1 << 1)
  /// --context, --chunk, --kv, --max-memory
  static let memory = FlagSet(rawValue: 1 << 2)
  /// -n, --temperature … --seed, --ignore-eos
  static let sampling = FlagSet(rawValue: 1 << 3)
  static let ids = FlagSet(rawValue: 1 << 4)
  static let prompt = FlagSet(rawValue: 1 << 5)
  static let logits = FlagSet(rawValue: 1 << 6)
  static let lines = FlagSet(rawValue: 1 << 7)
  static let noSpecial = FlagSet(rawValue: 1 << 8)
  static let output = FlagSet(rawValue: 1 << 9)
  static let inspect = FlagSet(rawValue: 1 << 10)
  static let bench = FlagSet(rawValue: 1 << 11)
  /// --stop, --draft
  static let answer = FlagSet(rawValue: 1 << 12)
  /// --system, --on-full
  static let chat = FlagSet(rawValue: 1 << 13)
  /// --no-normalize
  static let vectors = FlagSet(rawValue: 1 << 14)
  /// --min-score, --truncate, --question, …
  static let task = FlagSet(rawValue: 1 << 17)
  /// --context is a file.
  static let question = FlagSet(rawValue: 1 << 16)
  /// Any number of words behind the bundle; `lines` alone takes one.
  static let words = FlagSet(rawValue: 1 << 15)
  /// -f, -n, --length-penalty
  static let translation = FlagSet(rawValue: 1 << 25)
  /// --beam
  static let beams = FlagSet(rawValue: 1 << 26)
  /// --offsets
  static let offsets = FlagSet(rawValue: 1 << 24)
  static let none = FlagSet(rawValue: 0)

  static func | (a: FlagSet, b: FlagSet) -> FlagSet { FlagSet(rawValue: a.rawValue | b.rawValue) }
  func contains(_ other: FlagSet) -> Bool { rawValue & other.rawValue != 0 }
}

/// What the arguments ask for. Words point into the arguments.
struct Options {
  /// Arguments that are no flags: the first is the bundle.
  var bundle: Word?
  var rest: Word?
  var firstRest = 0
  /// Which arguments, of the first 64, are neither flags nor the bundle: a set.
  var restIndexes: UInt64 = 0
  var task = TaskChoice()
  var json = false
  var verbose = false
  var threads = 0
  var isa: Word?
  var context = 0
  var chunk = 0
  /// Nil: f32 for float weights, f16 for integer ones.
  var kv: ht_kv?
  var maxMemory: UInt64 = 0
  var count = -1
  var sampler = SamplerOptions()
  var ignoreEnd = false
  var ids: Word?
  var prompt: Word?
  var promptFile: Word?
  var messages: Word?
  var raw = false
  var logProbabilities = 0
  var draft = 0
  /// Where the texts of `--stop` are among the arguments.
  var stopCount = 0
  var stopIndexes = InlineArray<16, UInt32>(repeating: 0)
  var beams = 0
  var lengthPenalty: Float?
  var system: Word?
  var slides = false
  let arguments: Arguments
  var all = false
  var hash = false
  var outputPath: Word?
  var outputName: Word?
  var typeIDs: Word?
  var lines = false
  var noSpecial = false
  var offsets = false
  var program = false
  var tensors = false
  var plan = false
  var prefill: Word?
  var depths: Word?
  var threadList: Word?

  /// Reads arguments from index 2 on.
  init(_ arguments: Arguments, flags: FlagSet) throws(Failure) {
    self.arguments = arguments
    var cursor = ArgumentCursor(arguments, from: 2)
    while let word = cursor.next() {
      if word.count < 2 || word[0] != 45 {
        let index = cursor.index - 1
        if bundle != nil, flags.contains(.task | .translation) {
          guard index < 64 else { throw .usage("too many texts: on standard input there is no limit", nil) }
          restIndexes |= 1 << UInt64(index)
        }
        if bundle == nil {
          bundle = word
        } else if rest == nil, flags.contains(.lines | .translation) {
          rest = word
          firstRest = index
        } else if !flags.contains(.words) {
          throw .usage("one argument too many:", word)
        }
        continue
      }
      if try takeCommon(word, flags, &cursor) { continue }
      if flags.contains(.question), word.equals("--context") {
        task.context = try cursor.value(of: word)
        continue
      }
      if flags.contains(.task), try takeTask(word, &cursor) { continue }
      if flags.contains(.memory), try takeMemory(word, &cursor) { continue }
      if flags.contains(.prompt), try takePrompt(word, &cursor) { continue }
      if flags.contains(.answer), try takeAnswer(word, &cursor) { continue }
      if flags.contains(.translation), try takeTranslation(word, &cursor) { continue }
      if flags.contains(.chat), try takeChat(word, &cursor) { continue }
      if flags.contains(.sampling), try takeSampling(word, &cursor) { continue }
      if flags.contains(.logits), try takeLogits(word, &cursor) { continue }
      if flags.contains(.inspect), takeInspect(word) { continue }
      if flags.contains(.bench), try takeBench(word, &cursor) { continue }
      throw .usage("this verb has no flag", word)
    }
    guard bundle != nil else { throw .usage("which bundle?", nil) }
  }

  private mutating func takeCommon(
    _ word: Word, _ flags: FlagSet, _ cursor: inout ArgumentCursor
  ) throws(Failure) -> Bool {
    if flags.contains(.json), word.equals("--json") {
      json = true
    } else if flags.contains(.compute), word.equals("-v") || word.equals("--verbose") {
      verbose = true
    } else if flags.contains(.compute), word.equals("--isa") {
      isa = try cursor.value(of: word)
    } else if flags.contains(.compute), word.equals("--threads") || word.equals("-t") {
      let value = try cursor.value(of: word)
      if flags.contains(.bench) { threadList = value } else { threads = try value.integer("--threads", 1, 64) }
    } else if flags.contains(.ids), word.equals("--ids") {
      ids = try cursor.value(of: word)
    } else if flags.contains(.output), word.equals("-o") || word.equals("--out") {
      outputPath = try cursor.value(of: word)
    } else if flags.contains(.lines), word.equals("--jsonl") {
      lines = true
    } else if flags.contains(.noSpecial), word.equals("--no-special") {
      noSpecial = true
    } else if flags.contains(.vectors), word.equals("--no-normalize") {
      raw = true
    } else if flags.contains(.offsets), word.equals("--offsets") {
      offsets = true
    } else if flags.contains(.beams), word.equals("--beam") {
      beams = try cursor.value(of: word).integer("--beam", 1, Limits.beamCountMax)
    } else {
      return false
    }
    return true
  }

  private mutating func takeMemory(_ word: Word, _ cursor: inout ArgumentCursor) throws(Failure) -> Bool {
    if word.equals("--context") || word.equals("-c") {
      context = try cursor.value(of: word).integer("--context", 1, Limits.contextLengthMax)
    } else if word.equals("--chunk") {
      chunk = try cursor.value(of: word).integer("--chunk", 1, Limits.chunkLengthMax)
    } else if word.equals("--max-memory") {
      maxMemory = try cursor.value(of: word).byteCount("--max-memory")
    } else if word.equals("--kv") {
      let name = try cursor.value(of: word)
      kv = try kvKind(name)
    } else {
      return false
    }
    return true
  }

  private mutating func takeSampling(_ word: Word, _ cursor: inout ArgumentCursor) throws(Failure) -> Bool {
    if word.equals("-n") || word.equals("--count") {
      count = try cursor.value(of: word).integer("-n", 0, Limits.contextLengthMax)
    } else if word.equals("--temperature") {
      sampler.temperature = try cursor.value(of: word).decimal("--temperature", 0, 100)
    } else if word.equals("--top-k") {
      sampler.topK = try cursor.value(of: word).integer("--top-k", 0, Limits.rowCountMax)
    } else if word.equals("--top-p") {
      sampler.topP = try cursor.value(of: word).decimal("--top-p", 0, 1)
    } else if word.equals("--min-p") {
      sampler.minP = try cursor.value(of: word).decimal("--min-p", 0, 1)
    } else if word.equals("--repetition-penalty") {
      sampler.repetitionPenalty = try cursor.value(of: word).decimal("--repetition-penalty", 0.01, 100)
    } else if word.equals("--presence-penalty") {
      sampler.presencePenalty = try cursor.value(of: word).decimal("--presence-penalty", -100, 100)
    } else if word.equals("--seed") {
      sampler.seed = UInt64(try cursor.value(of: word).integer("--seed", 0, Int.max))
    } else if word.equals("--ignore-eos") {
      ignoreEnd = true
    } else {
      return false
    }
    return true
  }

  private mutating func takeLogits(_ word: Word, _ cursor: inout ArgumentCursor) throws(Failure) -> Bool {
    if word.equals("--all") {
      all = true
    } else if word.equals("--hash") {
      hash = true
    } else if word.equals("--output") {
      outputName = try cursor.value(of: word)
    } else if word.equals("--type-ids") {
      typeIDs = try cursor.value(of: word)
    } else {
      return false
    }
    return true
  }

  private mutating func takeInspect(_ word: Word) -> Bool {
    if word.equals("--program") {
      program = true
    } else if word.equals("--tensors") {
      tensors = true
    } else if word.equals("--plan") {
      plan = true
    } else {
      return false
    }
    return true
  }

  private mutating func takeBench(_ word: Word, _ cursor: inout ArgumentCursor) throws(Failure) -> Bool {
    if word.equals("-p") {
      prefill = try cursor.value(of: word)
    } else if word.equals("-n") {
      count = try cursor.value(of: word).integer("-n", 0, Limits.contextLengthMax)
    } else if word.equals("-d") {
      depths = try cursor.value(of: word)
    } else {
      return false
    }
    return true
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
