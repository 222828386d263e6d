// SPDX-License-Identifier: Apache-2.0
// `translate B`: sentence by sentence, lines stay lines. `summarise B`: the whole text, in parts of as many sentences
// as fit; the summaries of several parts are summarised again.
import CSystem
import Format
import Ops
import Runtime
import Tasks
import Text

func translate(_ arguments: Arguments, isSummary: Bool, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try Options(
    arguments, flags: .json | .compute | .memory | .file | .count | .lengthPenalty | .beams | .lines | .words)
  let (hasTexts, hasFile) = (!options.isStream, options.word(.file) != nil)
  if hasTexts && hasFile || options.has(.jsonl) && (hasTexts || hasFile) {
    throw .usage("give texts, -f FILE, or --jsonl", nil)
  }
  let bundle = try OpenBundle(options.bundle!)
  let program = try bundle.program()
  let record = try? TaskRecord(checking: bundle.view.bytes(of: .labels))
  guard program.hasSource || isSummary && record == nil && program.entry(.step) != nil else {
    throw wrongTask(record?.kind, program)
  }
  if let other = Manifest(bundle.view).value("task"), other.equals(isSummary ? "translate" : "summarise") {
    throw wrongTask(isSummary ? .translate : .summarise, program)
  }
  if program.hasSource, options.chunk > 0 { throw .usage("a source is read whole: --chunk says nothing", nil) }
  let ask: StaticString = program.hasSource ? "summarize: " : "Summarize the following text in a few sentences.\n\n"
  let task = try Translator(options, bundle, program, prefix: isSummary ? ask : "")
  let plan = try options.plan(program, beams: task.beams)
  options.noteChoice(plan, program, &io)
  let kernels = try chooseKernels(options.word(.isa))
  if options.has(.verbose) { writeKernels(kernels, &io) }
  var writer = TaskWriter(
    task, try startSession(program, plan, kernels), isJSON: options.has(.json) || options.has(.jsonl),
    isSummary: isSummary)
  return try writer.writeAll(options, &io)
}

/// Without the white space behind it.
private func trimmed(_ text: Word) -> Word {
  var end = text.count
  while end > 0, text[end - 1] <= 32 { end -= 1 }
  return Word(rebasing: text[0..<end])
}

/// Bytes that grow: what has been written so far.
private struct Collected {
  private var room = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private var count = 0
  /// Why something is missing.
  private var failure: Failure?

  mutating func bytes() throws(Failure) -> Word {
    if let failure { throw failure }
    return Word(start: room.baseAddress, count: count)
  }

  mutating func add(_ text: Word) {
    if count + text.count > room.count {
      do throws(Failure) {
        let larger = try mapRoom(2 * (count + text.count) + 4096)
        larger.copyMemory(from: Word(start: room.baseAddress, count: count))
        free()
        room = larger
      } catch { failure = error }
      if failure != nil { return }
    }
    UnsafeMutableRawBufferPointer(rebasing: room[count...]).copyMemory(from: text)
    count += text.count
  }

  mutating func add(_ text: StaticString) { add(Word(start: text.utf8Start, count: text.utf8CodeUnitCount)) }

  func free() { if let base = room.baseAddress { sys_unmap(base, room.count) } }
}

/// Prints what a translator writes.
private struct TaskWriter: ~Copyable {
  private var task: Translator
  private var session: Session
  private let isJSON: Bool
  private let isSummary: Bool

  init(_ task: Translator, _ session: consuming Session, isJSON: Bool, isSummary: Bool) {
    (self.task, self.isJSON, self.isSummary) = (task, isJSON, isSummary)
    self.session = session
  }

  /// The texts of the arguments, of a file, or of standard input.
  @inline(never)
  mutating func writeAll(_ options: Options, _ io: inout IO) throws(Failure) -> Int32 {
    if options.word(.file) != nil || isSummary && options.isStream && !options.has(.jsonl) {
      let isInput = options.word(.file)?.equals("-") ?? true
      try write(trimmed(isInput ? try readAll(0) : try mappedFile(options.word(.file)!)), &io)
      return 0
    }
    let isLine = options.isStream
    return try forEachText(options, &io, empty: isJSON ? "null\n" : "\n") { text, _, io throws(Failure) in
      try write(text, isLine: isLine, &io)
      io.out.flush()
    } flush: { _ throws(Failure) in
    }
  }

  /// What the task makes of one text, and a line end. A line of a text may be empty.
  mutating func write(_ text: Word, isLine: Bool = false, _ io: inout IO) throws(Failure) {
    guard isUTF8(text) else { throw .input("the text is not UTF-8", nil) }
    guard nextSentence(text, from: 0) != nil || isLine && !isJSON else { throw .input("the text is empty", nil) }
    if isSummary { try summary(text, &io) } else { try translation(text, &io) }
    io.out.text(isJSON ? "}\n" : "\n")
  }

  /// Sentence by sentence, with the line ends of the text and a space where it has other white space or none.
  private mutating func translation(_ text: Word, _ io: inout IO) throws(Failure) {
    var (whole, isFirst) = (Collected(), true)
    if isJSON { io.out.text("{\"sentences\":[") }
    var next = nextSentence(text, from: 0)
    while let sentence = next {
      var at = sentence.start
      while at < sentence.end {
        let end = try endOfWhatFits(text, in: at..<sentence.end) { part throws(Failure) in try fits(text, part) }
        let bytes = trimmed(Word(rebasing: text[at..<end]))
        if isJSON, !isFirst { io.out.byte(44) }
        isFirst = false
        if isJSON { io.out.say("{\"bytes\":[%,%],\"text\":\"", at, at + bytes.count) }
        try part(bytes, &io, isPrinted: true, isCollected: isJSON, &whole)
        if isJSON { details(&io) }
        at = end
        if at < sentence.end { separate(" ", &whole, &io) }
      }
      next = nextSentence(text, from: sentence.next)
      if next == nil { break }
      var lines = 0
      for i in sentence.end..<sentence.next where text[i] == 10 {
        separate("\n", &whole, &io)
        lines += 1
      }
      if lines == 0 { separate(" ", &whole, &io) }
    }
    if isJSON {
      io.out.text("],\"text\":")
      io.out.json(try whole.bytes())
      whole.free()
    }
  }

  @inline(never)
  private func separate(_ text: StaticString, _ whole: inout Collected, _ io: inout IO) {
    if isJSON { whole.add(text) } else { io.out.text(text) }
  }

  /// Parts of as many sentences as fit; what they give is taken again while it is several parts.
  private mutating func summary(_ text: Word, _ io: inout IO) throws(Failure) {
    if isJSON { io.out.text("{\"text\":\"") }
    var (text, before, round) = (trimmed(text), Collected(), 0)
    while true {
      var written = Collected()
      var parts = 0
      var next = nextSentence(text, from: 0)
      while let sentence = next {
        // Without the white space in front: a line end may be a token.
        let end = try endOfWhatFits(text, from: sentence, byteCountMax: 64 * task.capacity(session)) {
          part throws(Failure) in try fits(text, part)
        }
        let isWhole = parts == 0 && end == text.count
        if parts > 0 { written.add("\n") }
        try part(
          trimmed(Word(rebasing: text[sentence.start..<end])), &io, isPrinted: isWhole, isCollected: !isWhole, &written)
        if isWhole { return isJSON ? details(&io) : () }
        next = nextSentence(text, from: end)
        parts += 1
      }
      io.error.say("a text of % bytes is summarised in % parts\n", text.count, parts)
      io.error.flush()
      let summaries = try written.bytes()
      round += 1
      // Summaries that do not become shorter are what there is.
      if round == 8 || summaries.count >= text.count || nextSentence(summaries, from: 0) == nil {
        printed(summaries, isJSON, &io)
        return io.out.text(isJSON ? "\"" : "")
      }
      before.free()
      (text, before) = (trimmed(summaries), written)
    }
  }

  /// One call of the model.
  @inline(never)
  private mutating func part(
    _ text: Word, _ io: inout IO, isPrinted: Bool, isCollected: Bool, _ collected: inout Collected
  ) throws(Failure) {
    let isJSON = isJSON
    try task.write(text, &session) {
      if isCollected { collected.add($0) }
      if isPrinted { printed($0, isJSON, &io) }
    }
  }

  private mutating func fits(_ text: Word, _ part: Range<Int>) throws(Failure) -> Bool {
    try task.encode(Word(rebasing: text[part])).count <= task.capacity(session)
  }

  /// What else there is to say of the last part.
  private func details(_ io: inout IO) {
    io.out.text("\",\"ids\":[")
    for index in 0..<task.madeCount {
      if index > 0 { io.out.byte(44) }
      io.out.number(UInt64(session.tokenRoom[task.madeFrom + index]))
    }
    io.out.say("],\"source_tokens\":%", task.sourceCount)
    if let score = task.score {
      io.out.text(",\"score\":")
      io.out.decimal(score, places: 6)
    }
    io.out.text(",\"stop\":\"")
    io.out.text(task.stop.name)
    io.out.text(isSummary ? "\"" : "\"}")
  }
}

private func printed(_ text: Word, _ isJSON: Bool, _ io: inout IO) {
  if isJSON { for c in text { io.out.jsonByte(c) } } else { io.out.bytes(text) }
  if !isJSON { io.out.flush() }
}
