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
  var reader = try AnswerReader(openTask(options, .answer, sequences: batchCountMax))
  let search = try reader.read(question, text, count: max(options.task.top, 1))
  write(search, text, reader, options, &io)
  return 0
}

/// A line for each answer, the best first; where there is none, that.
private func write(
  _ search: AnswerSearch, _ text: Word, _ reader: borrowing AnswerReader, _ options: Options, _ io: inout IO
) {
  let least = max(options.task.minScore, reader.model.record.threshold)
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
    let place = reader.bytes(of: span, in: text)
    let (begin, end) = (place.lowerBound, place.upperBound)
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
