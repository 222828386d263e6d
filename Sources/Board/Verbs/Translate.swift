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
  let options = try Options(arguments, flags: .json | .compute | .memory | .translation)
  let bundle = try OpenBundle(options.bundle!)
  let program = try bundle.program()
  guard program.hasSource || isSummary && program.entry(.step) != nil else {
    throw .input("this bundle cannot do that: it is no encoder-decoder", nil)
  }
  guard program.hasSource || options.beams < 2 else { throw .usage("--beam is for an encoder-decoder", nil) }
  let ask: StaticString = program.hasSource ? "summarize: " : "Summarize the following text in a few sentences.\n\n"
  let task = try Translator(options, bundle, program, prefix: isSummary ? ask : "")
  let plan = try options.plan(program, beams: task.beams)
  options.noteChoice(plan, program, &io)
  var writer = TaskWriter(task, isJSON: options.json)
  var session = try startSession(program, plan, try chooseKernels(options.isa))
  if isSummary {
    try writer.summary(try wholeText(options), &session, &io)
  } else if options.rest != nil || options.promptFile.map({ !$0.equals("-") }) == true {
    try writer.text(try wholeText(options), &session, &io)
  } else {
    if sys_is_terminal(0) != 0 { throw .usage("give a text, -f FILE, or a text on standard input", nil) }
    var reader = try LineReader(0)
    while let line = try reader.next() {
      try writer.text(Word(line), &session, &io)
      if !options.json { io.out.byte(10) }
      io.out.flush()
    }
    return 0
  }
  if !options.json { io.out.byte(10) }
  return 0
}

/// The text among the arguments, of `-f`, or of standard input.
private func wholeText(_ options: Options) throws(Failure) -> Word {
  if let text = options.rest { return text }
  if let path = options.promptFile, !path.equals("-") { return trimmed(try mappedFile(path)) }
  return trimmed(try readAll(0))
}

/// Without the line ends behind the last line.
private func trimmed(_ text: Word) -> Word {
  var end = text.count
  while end > 0, text[end - 1] == 10 || text[end - 1] == 13 { end -= 1 }
  return Word(rebasing: text[0..<end])
}

/// Bytes that grow: what has been written so far.
private struct Collected {
  private var room = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private(set) var count = 0
  var bytes: Word { Word(start: room.baseAddress, count: count) }

  mutating func add(_ text: Word) throws(Failure) {
    if count + text.count > room.count {
      let larger = try mapRoom(2 * (count + text.count) + 4096)
      if let base = room.baseAddress {
        larger.baseAddress!.copyMemory(from: base, byteCount: count)
        sys_unmap(base, room.count)
      }
      room = larger
    }
    if text.count > 0 { (room.baseAddress! + count).copyMemory(from: text.baseAddress!, byteCount: text.count) }
    count += text.count
  }
}

/// Prints what a translator writes.
private struct TaskWriter {
  private var task: Translator
  private let isJSON: Bool

  init(_ task: Translator, isJSON: Bool) {
    self.task = task
    self.isJSON = isJSON
  }

  /// Sentence by sentence, with the line ends of the text and a space where it has other white space or none.
  mutating func text(_ text: Word, _ session: inout Session, _ io: inout IO) throws(Failure) {
    var at = 0
    while let sentence = nextSentence(text, from: at) {
      try part(text, sentence.start, sentence.end, &session, &io)
      at = sentence.next
      if isJSON || at == text.count { continue }
      var lines = 0
      for i in sentence.end..<at where text[i] == 10 { lines += 1 }
      if lines == 0 { io.out.byte(32) }
      for _ in 0..<lines { io.out.byte(10) }
    }
  }

  /// One call, or, where the context is too short for the text, two halves of it, cut between words.
  private mutating func part(
    _ text: Word, _ start: Int, _ end: Int, _ session: inout Session, _ io: inout IO
  ) throws(Failure) {
    let bytes = Word(rebasing: text[start..<end])
    if try task.encode(bytes).count > task.capacity(session), let cut = middle(bytes) {
      try part(text, start, start + cut, &session, &io)
      if !isJSON { io.out.byte(32) }
      return try part(text, start + cut, end, &session, &io)
    }
    if isJSON { open(bytes, start, end, &io) }
    try task.write(bytes, &session) { print($0, isJSON, &io) }
    if isJSON { close(&session, &io) }
    io.out.flush()
  }

  /// Behind the space that is nearest to the middle; where there is none, the character there. Nil: it is all one.
  private func middle(_ text: Word) -> Int? {
    let half = text.count / 2
    for distance in 0..<max(half - 1, 0) {
      if text[half - distance] == 32 { return half - distance + 1 }
      if text[half + distance] == 32 { return half + distance + 1 }
    }
    var at = half
    while at > 0, text[at] & 0xC0 == 0x80 { at -= 1 }
    return at > 0 ? at : nil
  }

  /// Parts of as many sentences as fit; what they give is taken again while it is several parts.
  mutating func summary(_ text: Word, _ session: inout Session, _ io: inout IO) throws(Failure) {
    var (text, round) = (text, 0)
    while true {
      var written = Collected()
      var (at, parts) = (0, 0)
      while let sentence = nextSentence(text, from: at) {
        // Without the white space in front: a line end may be a token.
        let end = try fitting(text, sentence, session)
        let whole = parts == 0 && end == text.count
        let bytes = Word(rebasing: text[sentence.start..<end])
        if whole, isJSON { open(bytes, 0, text.count, &io) }
        if parts > 0 { try written.add(Word(start: ("\n" as StaticString).utf8Start, count: 1)) }
        var failure: Failure?
        try task.write(bytes, &session) { piece in
          if whole { return print(piece, isJSON, &io) }
          do throws(Failure) { try written.add(piece) } catch { failure = error }
        }
        if let failure { throw failure }
        if whole {
          if isJSON { close(&session, &io) }
          return
        }
        (at, parts) = (end, parts + 1)
      }
      round += 1
      // Summaries that do not become shorter are what there is.
      if parts == 0 || round == 8 || written.count >= text.count {
        if isJSON { io.out.text("{\"text\":\"") }
        print(written.bytes, isJSON, &io)
        if isJSON { io.out.text("\"}\n") }
        return
      }
      text = written.bytes
    }
  }

  /// Where the sentences from `sentence` on that fit into the context together end.
  private mutating func fitting(
    _ text: Word, _ sentence: Sentence, _ session: borrowing Session
  ) throws(Failure) -> Int {
    let context = task.capacity(session)
    var sentence = sentence
    let first = sentence.start
    // The whole rest first: mostly it is all there is.
    if try task.encode(Word(rebasing: text[first...])).count <= context { return text.count }
    var end = first
    while try task.encode(Word(rebasing: text[first..<sentence.end])).count <= context {
      end = sentence.end
      guard let next = nextSentence(text, from: sentence.next) else { return end }
      sentence = next
    }
    if end > first { return end }
    // A sentence that is too long is cut between words.
    var length = sentence.end - first
    while try task.encode(Word(rebasing: text[first..<(first + length)])).count > context {
      guard let cut = middle(Word(rebasing: text[first..<(first + length)])) else {
        throw .session(.contextFull(have: UInt64(context), need: UInt64(context) + 1))
      }
      length = cut
    }
    return first + length
  }

  private func open(_ source: Word, _ start: Int, _ end: Int, _ io: inout IO) {
    io.out.say("{\"start\":%,\"end\":%,\"source\":\"", start, end)
    for c in source { io.out.jsonByte(c) }
    io.out.text("\",\"text\":\"")
  }

  private func close(_ session: inout Session, _ io: inout IO) {
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
    io.out.text("\"}\n")
  }
}

private func print(_ text: Word, _ isJSON: Bool, _ io: inout IO) {
  if isJSON { for c in text { io.out.jsonByte(c) } } else { io.out.bytes(text) }
  if !isJSON { io.out.flush() }
}
