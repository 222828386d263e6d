// SPDX-License-Identifier: Apache-2.0
// `index ask B INDEX QUESTION --reader QA.tack | --writer CHAT.tack`: an answer from the best passages, which it cites.
import CSystem
import Format
import Ops
import Retrieval
import Runtime
import Tasks

func askIndex(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try Options(arguments, from: 3, flags: .json | .compute | .words | .hits | .ask)
  var words = PlainWords(options, from: options.firstRest + 1)
  guard let question = words.next() else { throw .usage("which question?", nil) }
  guard (options.word(.reader) == nil) != (options.word(.writer) == nil) else {
    throw .usage("give --reader QA.tack or --writer CHAT.tack", nil)
  }
  // All memory before the first work: two models that do not fit together say so at once.
  var searcher = try IndexSearcher(options)
  var second = options
  second.bundle = options.word(.reader) ?? options.word(.writer)
  if options.word(.reader) != nil {
    var reader = try AnswerReader(openTask(second, .answer, sequences: batchCountMax))
    note(searcher, reader.model.pointee.session.plan.byteCount, &io)
    try searcher.find(question, &io)
    return try read(question, &searcher, &reader, options, &io)
  }
  let bundle = try OpenBundle(second.bundle!)
  let program = try bundle.program()
  guard program.entry(.step) != nil, !program.hasSource else { throw .input("this bundle cannot chat", nil) }
  var writer = try Translator(
    second, bundle, program,
    prefix: """
      Answer the question from the numbered passages alone, in a few words. Cite the passages that you use, like [1].


      """)
  let plan = try second.plan(program)
  var session = try startSession(program, plan, try chooseKernels(options.word(.isa)))
  note(searcher, plan.byteCount, &io)
  try searcher.find(question, &io)
  return try write(question, searcher, &writer, &session, options, &io)
}

@inline(never)
private func note(_ searcher: borrowing IndexSearcher, _ byteCount: Int, _ io: inout IO) {
  io.error.say("memory: % bytes to search, % to answer\n", searcher.byteCount, byteCount)
  io.error.flush()
}

// MARK: the part of a passage

/// The best answer of all passages, with the bytes of the document that it stands at.
@inline(never)
private func read(
  _ question: Word, _ searcher: inout IndexSearcher, _ reader: inout AnswerReader, _ options: Options, _ io: inout IO
) throws(Failure) -> Int32 {
  var (best, score, place) = (-1, reader.model.pointee.record.threshold, 0..<0)
  for rank in 0..<searcher.count {
    let text = try searcher.passage(rank).text
    let search = try reader.read(question, text, count: 1)
    guard search.count > 0, search[0].score > score else { continue }
    (best, score, place) = (rank, search[0].score, reader.bytes(of: search[0], in: text))
  }
  if best < 0 {
    io.out.text(options.has(.json) ? "{\"answer\": null}\n" : "none\n")
    return 1
  }
  let passage = try searcher.passage(best)
  let part = Word(rebasing: passage.text[place])
  let begin = passage.sourceOffset + UInt64(place.lowerBound)
  if options.has(.json) { io.out.text("{\"answer\": ") }
  if options.has(.json) { io.out.json(part) } else { io.out.line(part) }
  io.out.text(options.has(.json) ? ", \"answer_score\": " : "\t")
  io.out.decimal(Double(score), places: 6)
  io.out.say(options.has(.json) ? ", \"bytes\": [%, %], " : "\t%\t%\n[1]  ", begin, begin + UInt64(part.count))
  try searcher.write(best, isJSON: options.has(.json), &io)
  if options.has(.json) { io.out.byte(10) }
  return 0
}

// MARK: a text

/// What the model writes, and the passages that it was given, of which it cites some.
@inline(never)
private func write(
  _ question: Word, _ searcher: borrowing IndexSearcher, _ writer: inout Translator, _ session: inout Session,
  _ options: Options, _ io: inout IO
) throws(Failure) -> Int32 {
  var byteCount = question.count + 64
  for rank in 0..<searcher.count { byteCount += try searcher.passage(rank).text.count + 32 }
  var request = Writer(-1, buffer: try mapRoom(byteCount))
  var count = searcher.count
  while true {
    try request.passages(question, searcher, count)
    if try writer.encode(request.written).count <= writer.capacity(session) { break }
    guard count > 1 else { throw .input("not even one passage fits into the context", nil) }
    count -= 1
  }
  if count < searcher.count { io.error.say("% of % passages fit\n", count, searcher.count) }
  if options.has(.json) { io.out.text("{\"answer\": \"") }
  var citations = Citations()
  try writer.write(request.written, &session) { text in
    citations.take(text)
    if options.has(.json) { for c in text { io.out.jsonByte(c) } } else { io.out.bytes(text) }
    if !options.has(.json) { io.out.flush() }
  }
  io.out.text(options.has(.json) ? "\", \"passages\": [" : "\n")
  for rank in 0..<count {
    let isCited = citations.contains(rank + 1)
    if options.has(.json) {
      io.out.say(rank == 0 ? "{\"n\": %, \"cited\": " : ", {\"n\": %, \"cited\": ", rank + 1)
      io.out.text(isCited ? "true, " : "false, ")
    } else {
      if !isCited, !citations.isEmpty { continue }  // of an answer that cites none, all that it had
      io.out.say("[%]  ", rank + 1)
    }
    try searcher.write(rank, isJSON: options.has(.json), &io)
  }
  if options.has(.json) { io.out.text("]}\n") }
  return 0
}

extension Writer {
  /// The best passages, numbered, and the question: from the start of the buffer, which has room.
  @inline(never)
  fileprivate mutating func passages(
    _ question: Word, _ searcher: borrowing IndexSearcher, _ count: Int
  ) throws(Failure) {
    restart()
    for rank in 0..<count {
      say("[%] ", rank + 1)
      line(try searcher.passage(rank).text)
      text("\n\n")
    }
    text("Question: ")
    bytes(question)
  }
}

/// Which numbers in brackets a text has, up to 63.
private struct Citations {
  private var found: UInt64 = 0
  private var number: Int?
  var isEmpty: Bool { found == 0 }

  func contains(_ number: Int) -> Bool { number < 64 && found >> UInt64(number) & 1 == 1 }

  @inline(never)
  mutating func take(_ text: Word) {
    for c in text {
      if c == 91 {
        number = 0
      } else if let n = number, c >= 48, c <= 57, n < 64 {
        number = 10 * n + Int(c - 48)
      } else {
        if c == 93, let n = number, n > 0, n < 64 { found |= 1 << UInt64(n) }
        number = nil
      }
    }
  }
}
