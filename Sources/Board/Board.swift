// SPDX-License-Identifier: Apache-2.0
// The verbs that workstation and board share: from argv to a verb to an exit code. Called by the C `main` of `tack`,
// and by `hardtack` for these verbs, so that both give the same bytes.
import CSystem
import Format

@c(board_main)
public func boardMain(_ argc: Int32, _ argv: UnsafePointer<UnsafePointer<CChar>>) -> Int32 {
  let name: StaticString = "tack"
  sys_say_traps(UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self))
  return runBoard(program: "tack", argc, argv)
}

/// Runs verb `argv[1]` and returns the exit code.
///
/// - Parameter template: a compiled template that stands for the bundle of `render`.
public func runBoard(
  program: StaticString, _ argc: Int32, _ argv: UnsafePointer<UnsafePointer<CChar>>,
  template: UnsafeRawBufferPointer? = nil
) -> Int32 {
  let arguments = Arguments(argc, argv)
  return run(program) { io throws(Failure) in try dispatch(arguments, &io, template) }
}

/// Opens the bundle at `path` with its program and tokenizer, as every verb does, and says what is wrong with it.
/// Returns the exit code: 0 when it can be run.
public func checkBundle(program: StaticString, path: UnsafePointer<CChar>) -> Int32 {
  var byteCount = 0
  while path[byteCount] != 0 { byteCount += 1 }
  let path = Word(start: path, count: byteCount)
  return run(program) { _ throws(Failure) in
    let bundle = try OpenBundle(path)
    _ = try bundle.program()
    if bundle.view.head.section(.tokenizer) != nil { _ = try bundle.tokenizer() }
    return 0
  }
}

/// Runs `body` between standard output and standard error; a failure becomes prose and an exit code.
private func run(_ program: StaticString, _ body: (inout IO) throws(Failure) -> Int32) -> Int32 {
  var room: UnsafeMutableRawPointer?
  let roomByteCount = 65_536
  guard sys_map_anonymous(roomByteCount, &room) == 0, let room else { return 5 }
  var io = IO(program: program, room: UnsafeMutableRawBufferPointer(start: room, count: roomByteCount))
  var code: Int32
  do throws(Failure) {
    code = try body(&io)
  } catch {
    io.out.flush()
    io.error.failure(error, program: program)
    code = error.exitCode
  }
  io.out.flush()
  io.error.flush()
  // EPIPE: whoever read has seen enough.
  if io.out.failure != 0, code == 0 { code = io.out.failure == 32 ? 0 : 5 }
  sys_unmap(room, roomByteCount)
  return code
}

private func dispatch(
  _ arguments: Arguments, _ io: inout IO, _ template: UnsafeRawBufferPointer?
) throws(Failure) -> Int32 {
  guard arguments.count >= 2 else {
    help(&io)
    return 2
  }
  let verb = arguments[1]
  if arguments.count == 3, arguments[2].equals("--help") || arguments[2].equals("-h") {
    help(&io)
    return 0
  }
  if verb.equals("inspect") { return try inspect(arguments, &io) }
  if verb.equals("plan") { return try plan(arguments, &io) }
  if verb.equals("verify") { return try verifyBundle(arguments, &io) }
  if verb.equals("run") { return try run(arguments, &io) }
  if verb.equals("tokenize") { return try tokenize(arguments, &io) }
  if verb.equals("detokenize") { return try detokenize(arguments, &io) }
  if verb.equals("expand") { return try expandBundle(arguments, &io) }
  if verb.equals("render") {
    return try render(arguments, &io, section: template)
  }
  if verb.equals("chat") {
    return try chat(arguments, &io)
  }
  if verb.equals("logits") { return try logits(arguments, &io) }
  if verb.equals("translate") { return try translate(arguments, isSummary: false, &io) }
  if verb.equals("summarise") || verb.equals("summarize") { return try translate(arguments, isSummary: true, &io) }
  if verb.equals("embed") { return try embed(arguments, &io) }
  if verb.equals("classify") { return try classify(arguments, &io) }
  if verb.equals("tag") { return try tag(arguments, &io) }
  if verb.equals("redact") { return try redact(arguments, &io) }
  if verb.equals("answer") { return try answer(arguments, &io) }
  if verb.equals("rerank") { return try rerank(arguments, &io) }
  if verb.equals("fill") { return try fill(arguments, &io) }
  if verb.equals("index") { return try index(arguments, &io) }
  if verb.equals("bench") { return try bench(arguments, &io) }
  if verb.equals("selftest") { return try selftest(arguments, &io) }
  if verb.equals("help") || verb.equals("--help") || verb.equals("-h") {
    help(&io)
    return 0
  }
  throw .usage("there is no verb", verb)
}

private func help(_ io: inout IO) {
  io.out.text("usage: ")
  io.out.text(io.program)
  io.out.text(
    """
     VERB BUNDLE …

      inspect B [--json]                what is in a bundle [--program] [--tensors] [--plan]
      plan B [--json] [--beam N]        the memory that a run will use, to the byte
      verify B                          every byte against its digest
      expand F -o B                     the mappable form of a compressed bundle; F may be - for standard input
      selftest B                        the bundle's own vectors, on every kernel set of this processor
      run B -p TEXT | -f FILE | …       complete a text; without either: standard input. [--messages FILE.json | --ids
                                        1,2,3] [--raw | --no-special] [--json [--logprobs N]]
      tokenize B TEXT | --jsonl         ids of a text [--no-special] [--offsets: and the bytes that each came from];
                                        --jsonl: a JSON string a line from standard input
      detokenize B IDS | --jsonl        the way back

    """)
  io.out.text(
    "  chat B                            talk to a model [--system TEXT] [--on-full stop|slide]; /help there\n")
  io.out.text("  render B MESSAGES.json | --jsonl  the prompt that the model's chat template gives\n")
  io.out.text(
    """
      translate B TEXT… | -f FILE       sentence by sentence; without either: standard input, line by line [--json |
                                        --jsonl] [--beam N] [--length-penalty X] [-n N]
      summarise B TEXT… | -f FILE       the whole text, in parts where it is too long; the same flags
      embed B TEXT… | --jsonl           vectors of texts, or of lines from standard input [--json] [-o F.npy] [--int8]
                                        [--no-normalize] [--long cut|average|refuse]
      classify B TEXT…                  labels of texts, or of lines from standard input [--all] [--min-score X]
                                        [--truncate]
      tag B TEXT…                       entities and where they stand [--strategy none|simple|first|average|max]
      redact B | --patterns-only        text of any length without its entities [-f FILE] [--with TEXT] [--key FILE]
                                        [--report FILE [--report-text]] [--only|--except LABELS] [--patterns LABELS]
      answer B --question Q --context F the part of a file that answers, or none [--or-none] [--min-score X] [--top N]
      rerank B --query Q PASSAGE…       passages, the best first; or lines from standard input; --jsonl: as they come
      fill B TEXT                       what could stand where the text has the mask [--top N]
      index build|add B INDEX FILES     passages of files and their vectors [--passage-tokens N] [--overlap-tokens N]
      index search B INDEX TEXT         the passages that are nearest in meaning [-k N] [--json | --jsonl]
      index ask B INDEX TEXT            an answer from them [--reader QA.tack | --writer CHAT.tack] [-k N] [--json]
      index stats|verify INDEX          what is in it [--json]; every byte against its digest
      logits B --ids 1,2,3              [--all] [-o F.npy] [--hash] [--type-ids 0,0,1 --output NAME]
      bench B                           [-p 128,512] [-n 64] [-d 0,1024] [-t 1,2] [--json]

    compute:  --threads N (-t)  --isa NAME  -v
    memory:   --context N  --chunk N  --kv f32|f16|q8  --max-memory 512M
    sampling: -n N  --temperature X  --top-k N  --top-p X  --min-p X  --seed N
              --repetition-penalty X  --presence-penalty X  --ignore-eos  --stop TEXT (up to 16)  --draft N
    exit:     0 done, 1 the answer is no, 2 usage, 3 bad input, 4 does not fit, 5 the system failed

    """)
}
