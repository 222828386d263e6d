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
  let options = try Options(
    arguments,
    flags: .json | .compute | .memory | .sampling | .count | .ids | .prompt | .file | .completion | .answer
      | .noSpecial)
  let count = options.integer(.count) ?? 64
  try options.checkPrompt()
  let bundle = try OpenBundle(options.bundle!)
  let program = try bundle.program()
  let kernels = try chooseKernels(options.word(.isa))
  if options.has(.verbose) { writeKernels(kernels, &io) }
  let hasText = bundle.view.head.section(.tokenizer) != nil
  if !hasText, options.stopCount > 0 { throw .noTokenizer(path: bundle.path) }
  let text = options.word(.ids) == nil ? try promptIDs(options, bundle) : nil
  var promptCount = text?.count ?? 0
  try options.word(.ids)?.forEachNumber("--ids", { _ in promptCount += 1 })
  guard promptCount > 0 else { throw .emptyPrompt }
  let start = program.hasSource ? try TextStart(bundle, program) : nil
  let plan = try options.plan(
    program, outputs: options.outputsNeeded,
    contextNeeded: start == nil ? promptCount + count : max(promptCount, count + 1))
  options.noteChoice(plan, program, &io)
  var session = try startSession(program, plan, kernels)
  var ids: UnsafeBufferPointer<UInt32>
  if let text { ids = try text.move(to: session) } else { ids = try parseIDs(options.word(.ids)!, &session) }
  let end = try EndIDs(bundle, isIgnored: options.has(.ignoreEnd))
  var printer = TokenPrinter(
    options, text: hasText ? try TextPrinter(try bundle.tokenizer(), skipsSpecial: true, isAtStart: false) : nil)
  let generation = Generation(count: count, sampler: options.sampler, draft: options.draft)
  var sampler = session.sampler(options.sampler)
  var summary: Summary
  let begin = secondsNow()
  do throws(SessionError) { if let start { ids = try start.read(ids, &session) } } catch { throw .session(error) }
  let sourceSeconds = secondsNow() - begin
  do throws(SessionError) {
    // What `emit` needs of the session, which is being changed while it is called.
    let numbers = session.sampler(options.sampler)
    summary = try generate(&session, prompt: ids, generation, &sampler, isEnd: { end.contains($0) }) { made in
      printer.token(made, numbers, &io) ? .text : nil
    }
  } catch { throw .session(error) }
  if start != nil {
    summary.promptCount = promptCount
    summary.prefillSeconds += sourceSeconds
  }
  try printer.finish(summary, made: session, &io)
  writeStatus(summary, bundle, session.plan, program, &io)
  return 0
}

/// The ids of a prompt that is a text, or messages through the chat template.
///
/// `--raw`: without the tokens that the tokenizer adds, and none read out of the text; `--no-special`: none read out.
private func promptIDs(_ options: Options, _ bundle: OpenBundle) throws(Failure) -> MappedIDs {
  let tokenizer = try bundle.tokenizer()
  if let path = options.word(.messages) { return try messageIDs(path, tokenizer, bundle) }
  let text = try options.promptText()!
  let encoding = EncodeOptions(
    addSpecial: !options.has(.raw), parseSpecial: !options.has(.raw) && !options.has(.noSpecial))
  return try encodeMapped(text, encoding, tokenizer)
}

/// The prompt that the chat template gives for the messages in a file. Only what the template itself wrote can be a
/// special token.
private func messageIDs(
  _ path: Word, _ tokenizer: TokenizerView, _ bundle: OpenBundle
) throws(Failure) -> MappedIDs {
  var prompt = try bundle.promptTemplate()
  let input = try messagesInput(try mappedFile(path))
  let marked: MarkedText
  do throws(TemplateError) {
    marked = try prompt.renderMarked(input, in: try prompt.room(for: input, copies: 2))
  } catch { throw .template(error, path: path) }
  return try encodeMapped(marked.text, .rendered(marked), tokenizer)
}

func writeKernels(_ kernels: UnsafePointer<ht_kernels>, _ io: inout IO) {
  io.error.text("kernels: ")
  io.error.cString(ht_isa_name(kernels.pointee.isa))
  io.error.byte(10)
  io.error.flush()
}

/// What a run prints, each token flushed as it comes: its text; without a tokenizer its id; with --json the array of
/// ids or, with --logprobs, of tokens (the first line is the first token), then text and end.
private struct TokenPrinter {
  private let isJSON: Bool
  private let logProbabilities: Int
  private var text: TextPrinter?
  private var count = 0

  init(_ options: Options, text: TextPrinter?) {
    isJSON = options.has(.json)
    logProbabilities = options.integer(.logprobs) ?? 0
    self.text = text
    self.text?.addStops(options)
  }

  /// Returns true when a stop text has come.
  mutating func token(_ made: MadeToken, _ numbers: Sampler, _ io: inout IO) -> Bool {
    if !isJSON, text != nil {
      // An id that the model made and the tokenizer lacks has no text.
      let isStopped = try? text!.token(made.id, isJSON: false, &io)
      io.out.flush()
      return isStopped ?? false
    }
    if isJSON { separate(&io) }
    if logProbabilities > 0 { writeLogProbabilities(made, numbers, &io) } else { io.out.say("%\n", UInt64(made.id)) }
    io.out.flush()
    count += 1
    return text?.isStopped(by: made.id) ?? false
  }

  private func separate(_ io: inout IO) {
    if count > 0 { return io.out.byte(44) }
    io.out.text(logProbabilities > 0 ? "{\"tokens\":[" : "{\"ids\":[")
  }

  private func writeLogProbabilities(_ made: MadeToken, _ numbers: Sampler, _ io: inout IO) {
    let row = LogProbabilities(made.logits, numbers)
    io.out.say("{\"id\":%,\"logprob\":", UInt64(made.id))
    io.out.decimal(row.value(of: made.id), places: 6)
    io.out.text(",\"top\":[")
    var isFirst = true
    row.forEachBest(logProbabilities) { best in
      if !isFirst { io.out.byte(44) }
      isFirst = false
      io.out.say("{\"id\":%,\"logprob\":", UInt64(best.id))
      io.out.decimal(best.value, places: 6)
      io.out.byte(125)
    }
    io.out.text("]}\n")
  }

  mutating func finish(_ summary: Summary, made session: borrowing Session, _ io: inout IO) throws(Failure) {
    if !isJSON {
      try text?.finish(isJSON: false, &io)
      if text != nil { io.out.byte(10) }
      return
    }
    let made = summary.made(session)
    if count == 0 { separate(&io) }
    io.out.byte(93)
    if logProbabilities > 0 {
      io.out.text(",\"ids\":[")
      for index in 0..<made.count {
        if index > 0 { io.out.byte(44) }
        io.out.number(UInt64(made[index]))
      }
      io.out.byte(93)
    }
    if text != nil {
      io.out.text(",\"text\":\"")
      text!.stream.restart()
      for id in made { _ = try? text!.token(id, isJSON: true, &io) }
      try text!.finish(isJSON: true, &io)
      io.out.byte(34)
    }
    io.out.say(",\"prompt_tokens\":%,\"stop\":\"", summary.promptCount)
    io.out.text(summary.stop.name)
    io.out.text("\",\"timings\":{\"prefill_ms\":")
    io.out.decimal(1000 * summary.prefillSeconds, places: 3)
    io.out.text(",\"decode_ms\":")
    io.out.decimal(1000 * summary.decodeSeconds, places: 3)
    io.out.say(
      ",\"decoded_tokens\":%,\"drafted_tokens\":%,\"accepted_tokens\":%}}\n", summary.decodeCount,
      summary.draftedCount, summary.acceptedCount)
  }
}
