// SPDX-License-Identifier: Apache-2.0
// `answer B --question Q --context FILE`: the part of a context that answers a question, or that none does.
import Format
import Ops
import Runtime
import Tasks
import Text

func answer(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try Options(arguments, flags: .json | .compute | .memory | .task | .question)
  guard let question = options.task.question else { throw .usage("--question is missing", nil) }
  guard let path = options.task.context else { throw .usage("--context is missing: a file, or -", nil) }
  let text = path.equals("-") ? try readAll(0) : try mappedFile(path)
  guard question.count > 0 else { throw .input("the question is empty", nil) }
  guard text.count > 0 else { throw .input("the context is empty", nil) }
  var model = try openTask(options, .answer, sequences: 1)
  var questionRoom = EncodeRoom()
  let asked = try questionRoom.encode(model.tokenizer, question, .content)
  let ids = try model.room.encode(model.tokenizer, text, .content, withSpans: true)
  let room = model.lengthMax - asked.count - model.record.pairCount
  guard room > 1 else { throw .input("the question leaves no room for the context", nil) }
  guard let spans = model.room.spans, ids.count > 0 else { throw .input("the context is empty", nil) }
  let stride = model.record.stride < room ? model.record.stride : room / 2
  let windows = Windows(tokenCount: ids.count, room: room, stride: stride)
  var search = AnswerSearch(wanted: max(options.task.top, 1), lengthMax: model.record.answerMax)
  let memory = try mapRoom(8 * model.lengthMax).assumingMemoryBound(to: UInt32.self).baseAddress!
  var pair = PairRoom(ids: memory, types: memory + model.lengthMax)
  for index in 0..<windows.count {
    let window = windows[index]
    pair.put(asked, UnsafeBufferPointer(rebasing: ids[window]), model.record)
    model.session.startBatch()
    let input = UnsafeBufferPointer(start: UnsafePointer(pair.ids), count: pair.count)
    try model.add(input, types: UnsafePointer(pair.types))
    try model.run()
    search.take(
      context: pair.secondStart..<(pair.secondStart + window.count), contextStart: window.lowerBound,
      hasNull: model.record.pairCounts.before > 0
    ) { UnsafeMutablePointer(mutating: model.session.row($0, of: .tokenLogits).baseAddress!) }
  }
  write(search, text, spans, WordEdges(text, model.tokenizer.kind), model.record, options, &io)
  return 0
}

/// A line for each answer, the best first; where there is none, that.
private func write(
  _ search: AnswerSearch, _ text: Word, _ spans: UnsafeMutablePointer<TokenSpan>, _ edges: WordEdges,
  _ record: TaskRecord, _ options: Options, _ io: inout IO
) {
  let least = max(options.task.minScore, record.threshold)
  let isNone = search.count == 0 || options.task.allowsNone && search.nullScore > search[0].score
  if isNone || search[0].score < least {
    let score = isNone ? search.nullScore : search[0].score
    io.out.text(options.json ? "{\"answer\":null,\"score\":" : "none\t")
    io.out.decimal(Double(score), places: 6)
    io.out.text(options.json ? "}\n" : "\n")
    return
  }
  var characters = CharacterOffsets(text)
  for rank in 0..<search.count where search[rank].score >= least {
    let span = search[rank]
    let begin = edges.begin(Int(spans[span.first].begin))
    let end = max(begin, edges.end(Int(spans[span.last].end)))
    let part = Word(rebasing: text[begin..<end])
    if options.json {
      io.out.text("{\"answer\":")
      io.out.json(part)
      io.out.text(",\"score\":")
      io.out.decimal(Double(span.score), places: 6)
      io.out.place(begin, end, &characters)
      io.out.text("}\n")
    } else {
      for c in part { io.out.byte(c < 32 ? 32 : c) }
      io.out.byte(9)
      io.out.decimal(Double(span.score), places: 6)
      io.out.say("\t%\t%\n", begin, end)
    }
  }
}
