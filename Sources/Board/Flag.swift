// SPDX-License-Identifier: Apache-2.0
// Every flag of every verb: its names, which verbs take it, what follows it. Options.swift reads them.
import Format
import Retrieval
import Tasks

/// A flag, in the order of ``names``.
enum Flag: UInt8 {
  // Nothing follows.
  case json, jsonl, verbose, ignoreEnd, raw, all, hash, noSpecial, offsets, noNormalize, int8, program, tensors, plan
  case truncate, orNone, patternsOnly, reportText
  // A word.
  case isa, maxMemory, kv, threads, ids, prompt, file, messages, stop, system, onFull, output, outputName, typeIDs
  case depths, question, query, strategy, patterns, only, except, with, key, report, long, reader, writer
  // A whole number.
  case context, chunk, count, topK, seed, logprobs, draft, beams, top, hits, passageTokens, overlapTokens
  // A decimal number.
  case temperature, topP, minP, repetitionPenalty, presencePenalty, lengthPenalty, minScore

  static var firstWord: Flag { .isa }
  static var firstNumber: Flag { .context }
  static var firstDecimal: Flag { .temperature }
  static var caseCount: Int { Int(Flag.minScore.rawValue) + 1 }

  /// A line a flag, its names with blanks between.
  private static var names: StaticString {
    """
    --json
    --jsonl
    --verbose -v
    --ignore-eos
    --raw
    --all
    --hash
    --no-special
    --offsets
    --no-normalize
    --int8
    --program
    --tensors
    --plan
    --truncate
    --or-none
    --patterns-only
    --report-text
    --isa
    --max-memory
    --kv
    --threads -t
    --ids
    --prompt -p
    --file -f
    --messages
    --stop
    --system
    --on-full
    --out -o
    --output
    --type-ids
    -d
    --question
    --query
    --strategy
    --patterns
    --only
    --except
    --with
    --key
    --report
    --long
    --reader
    --writer
    --context -c
    --chunk
    --count -n
    --top-k
    --seed
    --logprobs
    --draft
    --beam
    --top
    --hits -k
    --passage-tokens
    --overlap-tokens
    --temperature
    --top-p
    --min-p
    --repetition-penalty
    --presence-penalty
    --length-penalty
    --min-score

    """
  }

  /// The flag that is spelled so.
  init?(named word: Word) {
    let names = Word(start: Flag.names.utf8Start, count: Flag.names.utf8CodeUnitCount)
    var (line, start) = (UInt8(0), 0)
    for at in 0..<names.count where names[at] <= 32 {
      if word.equals(Word(rebasing: names[start..<at])) {
        self.init(rawValue: line)
        return
      }
      if names[at] == 10 { line += 1 }
      start = at + 1
    }
    return nil
  }

  /// Verbs that take one of a group take all of it.
  var group: FlagSet {
    switch self {
    case .json: .json
    case .jsonl: .lines
    case .verbose, .isa, .threads: .compute
    case .context, .chunk, .kv, .maxMemory: .memory
    case .temperature, .topK, .topP, .minP, .repetitionPenalty, .presencePenalty, .seed, .ignoreEnd: .sampling
    case .count: .count
    case .prompt: .prompt
    case .file: .file
    case .messages, .raw, .logprobs: .completion
    case .stop, .draft: .answer
    case .system, .onFull: .chat
    case .ids: .ids
    case .output: .output
    case .all: .all
    case .hash, .typeIDs: .logits
    case .outputName: .outputName
    case .noSpecial: .noSpecial
    case .offsets: .offsets
    case .noNormalize, .int8, .long: .vectors
    case .program, .tensors, .plan: .inspect
    case .depths: .depths
    case .truncate: .truncate
    case .orNone, .question: .question
    case .minScore: .minScore
    case .top: .top
    case .query: .query
    case .strategy: .strategy
    case .patterns, .patternsOnly, .only, .except, .with, .key, .report, .reportText: .redaction
    case .beams: .beams
    case .lengthPenalty: .lengthPenalty
    case .hits: .hits
    case .reader, .writer: .ask
    case .passageTokens, .overlapTokens: .passages
    }
  }

  /// What a whole number may be.
  var range: (least: Int, most: Int) {
    switch self {
    case .context: (1, Limits.contextLengthMax)
    case .chunk: (1, Limits.chunkLengthMax)
    case .topK: (0, Limits.rowCountMax)
    case .seed: (0, Int.max)
    case .logprobs: (1, LogProbabilities.countMax)
    case .draft: (0, Limits.chunkLengthMax - 1)
    case .beams: (1, Limits.beamCountMax)
    case .top: (1, 1 << 20)
    case .hits: (1, IndexLimits.hitCountMax)
    case .passageTokens: (1, 512)
    case .overlapTokens: (0, 511)
    default: (0, Limits.contextLengthMax)
    }
  }

  /// What a decimal number may be.
  var decimalRange: (least: Float, most: Float) {
    switch self {
    case .temperature: (0, 100)
    case .topP, .minP: (0, 1)
    case .repetitionPenalty: (0.01, 100)
    case .presencePenalty: (-100, 100)
    case .lengthPenalty: (-10, 10)
    default: (-1e6, 1e6)
    }
  }
}

/// Which flags a verb takes: a set of groups; and how many words stand behind the bundle.
struct FlagSet {
  let rawValue: UInt64

  private init(_ bit: UInt64) { rawValue = 1 << bit }
  private init(rawValue: UInt64) { self.rawValue = rawValue }

  static var none: FlagSet { FlagSet(rawValue: 0) }
  static var json: FlagSet { FlagSet(0) }
  static var lines: FlagSet { FlagSet(1) }
  static var compute: FlagSet { FlagSet(2) }
  static var memory: FlagSet { FlagSet(3) }
  static var sampling: FlagSet { FlagSet(4) }
  static var count: FlagSet { FlagSet(5) }
  static var prompt: FlagSet { FlagSet(6) }
  static var file: FlagSet { FlagSet(7) }
  static var completion: FlagSet { FlagSet(8) }
  static var answer: FlagSet { FlagSet(9) }
  static var chat: FlagSet { FlagSet(10) }
  static var ids: FlagSet { FlagSet(11) }
  static var output: FlagSet { FlagSet(12) }
  static var outputName: FlagSet { FlagSet(13) }
  static var all: FlagSet { FlagSet(14) }
  static var logits: FlagSet { FlagSet(15) }
  static var noSpecial: FlagSet { FlagSet(16) }
  static var offsets: FlagSet { FlagSet(17) }
  static var vectors: FlagSet { FlagSet(18) }
  static var inspect: FlagSet { FlagSet(19) }
  static var depths: FlagSet { FlagSet(20) }
  static var truncate: FlagSet { FlagSet(21) }
  static var question: FlagSet { FlagSet(22) }
  static var minScore: FlagSet { FlagSet(23) }
  static var top: FlagSet { FlagSet(24) }
  static var query: FlagSet { FlagSet(25) }
  static var strategy: FlagSet { FlagSet(26) }
  static var redaction: FlagSet { FlagSet(27) }
  static var beams: FlagSet { FlagSet(28) }
  static var lengthPenalty: FlagSet { FlagSet(29) }
  static var hits: FlagSet { FlagSet(30) }
  static var ask: FlagSet { FlagSet(31) }
  static var passages: FlagSet { FlagSet(32) }
  /// One word behind the bundle.
  static var text: FlagSet { FlagSet(40) }
  /// Any number of words behind the bundle.
  static var words: FlagSet { FlagSet(41) }

  static func | (a: FlagSet, b: FlagSet) -> FlagSet { FlagSet(rawValue: a.rawValue | b.rawValue) }
  func contains(_ other: FlagSet) -> Bool { rawValue & other.rawValue != 0 }
}
