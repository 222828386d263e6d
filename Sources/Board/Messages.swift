// SPDX-License-Identifier: Apache-2.0
// What a failure says to a person: found, expected, where; then a hint when there is something to do.
import CSystem
import Format
import Ops
import Retrieval
import Runtime
import Text

extension Writer {
  /// `PROGRAM: error: …` and, where it helps, `hint: …`.
  mutating func failure(_ failure: Failure, program: StaticString) {
    text(program)
    text(": error: ")
    switch failure.reason {
    case .usage(let what, let word):
      text(what)
      quoted(word)
      helpHint(program)
    case .range(let flag, let word, let least, let most):
      safe(flag)
      text(" takes ")
      bound(least)
      text(" … ")
      bound(most)
      notThis(word, program)
    case .value(let flag, let word, let takes):
      text(flag)
      text(" takes ")
      text(takes)
      notThis(word, program)
    case .file(let what, let path, let errno):
      text(what)
      quoted(path)
      text(": ")
      errnoText(errno)
    case .bundle(let error, let path): bundle(error, path, program)
    case .program(let error, let path):
      safe(path)
      text(": the program of this bundle is refused: ")
      programText(error)
      text("\nhint: pack the model again; a bundle that was damaged or made by hand is not run")
    case .noProgram(let path):
      safe(path)
      text(" has no program: it was packed with --tokenizer-only")
    case .noTokenizer(let path):
      safe(path)
      text(" has no tokenizer: it was packed with --no-tokenizer\nhint: give token ids with --ids")
    case .tokenizer(let error): tokenizer(error)
    case .noChat(let path): noChat(path, program)
    case .conversationTooLong: conversationTooLong()
    case .state(let error, let path): state(error, path)
    case .noTemplate(let path):
      safe(path)
      text(" has no chat template: its model came without one, or it was packed with --no-template")
    case .template(let error, let path):
      safe(path)
      text(": ")
      templateError(error, isJSON: false)
    case .input(let what, let word):
      text(what)
      quoted(word)
    case .emptyPrompt:
      text("the prompt is empty, and the tokenizer puts nothing before it\nhint: give at least one token to go on from")
    case .plan(let error): plan(error)
    case .memory(let need, let errno):
      say("cannot map an arena of % bytes: ", need)
      errnoText(errno)
      text("\nhint: a smaller --context or --chunk needs less; `plan` shows what takes the memory")
    case .session(let error): session(error)
    case .index(let error, let path): index(error, path)
    case .storage(let error, let source, let target):
      storage(error, source: source, target: target, program: program)
    case .isaMissing(let name):
      text("this processor or this build has no kernels named")
      quoted(name)
      text("\nhint: without --isa the best set that the processor runs is chosen")
    }
    byte(10)
  }

  private mutating func conversationTooLong() {
    text("the conversation has more text than this context has room for")
    text("\nhint: /reset begins anew, --on-full slide drops old turns, --context N makes more room")
  }

  private mutating func noChat(_ path: Word, _ program: StaticString) {
    safe(path)
    text(" cannot chat: it has no chat template. Its model is a base model, or it was packed with --no-template")
    text("\nhint: `")
    text(program)
    text(" run` completes a text with it")
  }

  private mutating func notThis(_ word: Word, _ program: StaticString) {
    text(", not")
    quoted(word)
    helpHint(program)
  }

  private mutating func helpHint(_ program: StaticString) {
    text("\nhint: ")
    text(program)
    text(" help lists the verbs and their flags")
  }

  private mutating func bound(_ value: Double) {
    if value.magnitude < 1e15 {
      decimal(value, places: value == Double(Int(value)) ? 0 : 2)
    } else {
      text("2^63 - 1")  // the only one of that size
    }
  }

  private mutating func quoted(_ word: Word?) {
    guard let word else { return }
    text(" \"")
    safe(word)
    byte(34)
  }

  mutating func errnoText(_ errno: Int32) {
    switch errno {
    case 2: text("there is no such file")
    case 12: text("out of memory")
    case 13: text("permission denied")
    case 20: text("a part of the path is not a folder")
    case 21: text("it is a folder")
    case 22: text("it is empty or not a regular file")
    case 28: text("the disk is full")
    default:
      say("system error %", Int(errno))
    }
  }

  private mutating func bundle(_ error: BundleError, _ path: Word, _ program: StaticString) {
    safe(path)
    if case .compressed = error {
      text(" is compressed for shipping and cannot be mapped\nhint: ")
      text(program)
      text(" expand ")
      safe(path)
      return text(" -o EXPANDED.tack")
    }
    text(" is refused: ")
    bundleText(error)
  }

  private mutating func tokenizer(_ error: TokenizerError) {
    switch error {
    case .textNotUTF8(let offset):
      say("the text is not UTF-8 at byte %", offset)
    case .textTooLong(let found, let limit):
      say("the text has % bytes, the limit is %", found, limit)
    case .scratchTooSmall(let have, let need):
      say(
        "a word of this text needs % bytes of work room, the plan has %\nhint: a longer --context has more", need, have)
    case .outputFull(let capacity):
      say("the text has more tokens than the context has room for: %", capacity)
      contextHint()
    case .unknownToken(let id, let count):
      say("token % does not exist: the tokenizer has ids 0 … %", UInt64(id), UInt64(count) - 1)
    case .splitTooSlow: text("the text keeps the splitter from finding an end [T-45]")
    default: text("the tokenizer of this bundle is refused; pack the model again")
    }
  }

  private mutating func plan(_ error: PlanError) {
    switch error {
    case .contextOutOfRange(let asked, let limit):
      say("a context of % tokens was asked for, the model takes 1 … %", asked, limit)
    case .chunkOutOfRange(let asked, let limit):
      say("a chunk of % tokens was asked for, this context takes 1 … %", asked, limit)
    case .threadsOutOfRange(let asked, let limit):
      say("% threads were asked for, 1 … % can be had", asked, limit)
    case .beamsOutOfRange(let asked, let limit):
      say("% beams were asked for, this bundle takes 1 … %", asked, limit)
    case .overflow: text("the arena would be larger than memory can be")
    case .doesNotFit(let error):
      say("--max-memory is % bytes, the smallest plan needs %", error.limit, error.need)
    }
  }

  private mutating func contextHint() { text("\nhint: --context N makes it longer, up to what the model takes") }

  private mutating func session(_ error: SessionError) {
    switch error {
    case .arenaTooSmall(let have, let need):
      say("the arena has % bytes, the plan needs %", have, need)
    case .threadStart(let errno):
      text("cannot start a thread: ")
      errnoText(errno)
    case .contextFull(let have, let need):
      say("the text needs % tokens, the context has %", need, have)
      contextHint()
    case .tokenOutOfRange(let token, let vocab):
      say("token % does not exist: the model has ids 0 … %", UInt64(token), UInt64(vocab - 1))
    case .typeOutOfRange(let type, let count):
      say("type % does not exist: the model has 0 … %", UInt64(type), UInt64(count - 1))
    case .batchFull(let have, let need):
      say("the texts need % tokens together, a call has %", need, have)
    case .noLogits: text("this bundle writes no text: it is an encoder")
    case .noEncoder: text("this bundle encodes no text: it is a decoder")
    case .nothingEncoded: text("this bundle writes the text of a source: `run` and `translate` read one")
    }
  }
}
