// SPDX-License-Identifier: Apache-2.0
// `run B`: complete a text, token by token, streamed; then one status line.
import CKernels
import CSystem
import Format
import Ops
import Runtime
import Tasks
import Text

func run(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  var options = try Options(arguments, flags: .json | .compute | .memory | .sampling | .ids | .prompt)
  if options.count < 0 { options.count = 64 }
  guard (options.ids == nil) != (options.prompt == nil) else { throw .usage("give either -p TEXT or --ids", nil) }
  let bundle = try OpenBundle(options.bundle!)
  let program = try bundle.program()
  let kernels = try chooseKernels(options.isa)
  if options.verbose { writeKernels(kernels, &io) }
  let needed = try promptCountMax(options, bundle) + options.count
  var session = try startSession(program, try options.plan(program, contextNeeded: needed), kernels)
  let ids: UnsafeBufferPointer<UInt32>
  if let list = options.ids {
    ids = try parseIDs(list, &session)
  } else {
    ids = try encodePrompt(options.prompt!, raw: options.raw, try bundle.tokenizer(), session)
  }
  guard ids.count > 0 else { throw .usage("the prompt is empty", nil) }
  let end = try EndIDs(bundle, isIgnored: options.ignoreEnd)
  let hasText = bundle.view.head.section(.tokenizer) != nil
  var printer = TokenPrinter(
    isJSON: options.json,
    text: hasText ? try TextPrinter(try bundle.tokenizer(), skipsSpecial: true, isAtStart: false) : nil)
  let generation = Generation(count: options.count, sampler: options.sampler)
  let summary: Summary
  do throws(SessionError) {
    summary = try generate(&session, prompt: ids, generation, isEnd: { end.contains($0) }) { token in
      printer.token(token, &io)
    }
  } catch { throw .session(error) }
  try printer.finish(summary, made: session, &io)
  writeStatus(summary, bundle, session.plan, program, &io)
  return 0
}

/// Tokens that the prompt may have at most, as far as that is known before there is an arena.
private func promptCountMax(_ options: Options, _ bundle: OpenBundle) throws(Failure) -> Int {
  guard let list = options.ids else { return 0 }
  var count = 0
  try list.forEachNumber("--ids", { _ in count += 1 })
  return count
}

/// The prompt's ids, in the arena. `raw`: without the tokens that the tokenizer adds, and none read out of the text.
private func encodePrompt(
  _ text: Word, raw: Bool, _ tokenizer: TokenizerView, _ session: borrowing Session
) throws(Failure) -> UnsafeBufferPointer<UInt32> {
  let room = UnsafeMutableBufferPointer(start: session.idRoom, count: session.plan.options.context - session.past)
  do throws(TokenizerError) {
    let count = try tokenizer.encode(
      text, options: EncodeOptions(addSpecial: !raw, parseSpecial: !raw), scratch: session.text, into: room)
    return UnsafeBufferPointer(start: UnsafePointer(room.baseAddress!), count: count)
  } catch { throw .tokenizer(error) }
}

private func writeKernels(_ kernels: UnsafePointer<ht_kernels>, _ io: inout IO) {
  io.error.text("kernels: ")
  io.error.cString(ht_isa_name(kernels.pointee.isa))
  io.error.byte(10)
  io.error.flush()
}

/// What a run prints, each token flushed as it comes: its text; without a tokenizer its id; with --json the array of
/// ids (the first line is the first token), then text and end.
private struct TokenPrinter {
  let isJSON: Bool
  private var text: TextPrinter?
  private var count = 0

  init(isJSON: Bool, text: TextPrinter?) {
    self.isJSON = isJSON
    self.text = text
  }

  mutating func token(_ id: UInt32, _ io: inout IO) {
    if isJSON {
      io.out.text(count == 0 ? "{\"ids\":[" : ",")
    } else if text != nil {
      // An id that the model made and the tokenizer lacks has no text.
      try? text!.token(id, isJSON: false, &io)
      io.out.flush()
      return
    }
    io.out.say("%\n", UInt64(id))
    io.out.flush()
    count += 1
  }

  mutating func finish(_ summary: Summary, made session: borrowing Session, _ io: inout IO) throws(Failure) {
    if !isJSON {
      try text?.finish(isJSON: false, &io)
      if text != nil { io.out.byte(10) }
      return
    }
    if count == 0 { io.out.text("{\"ids\":[") }
    io.out.byte(93)
    if text != nil {
      io.out.text(",\"text\":\"")
      for id in summary.made(session) { try? text!.token(id, isJSON: true, &io) }
      try text!.finish(isJSON: true, &io)
      io.out.byte(34)
    }
    io.out.say(",\"prompt_tokens\":%,\"stop\":\"", summary.promptCount)
    io.out.text(summary.stop.name)
    io.out.text("\"}\n")
  }
}
