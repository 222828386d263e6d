// SPDX-License-Identifier: Apache-2.0
// `answer B --question Q --context FILE`: the part of a context that answers a question, or that none does.
import Format
import Tasks
import Text

func answer(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try Options(arguments, flags: .json | .compute | .memory | .question | .minScore | .top)
  guard let question = options.word(.question) else { throw .usage("--question is missing", nil) }
  guard let path = options.word(.context) else { throw .usage("--context is missing: a file, or -", nil) }
  let text = path.equals("-") ? try readAll(0) : try mappedFile(path)
  var reader = try AnswerReader(openTask(options, .answer, sequences: batchCountMax))
  let least = options.minScore(reader.model.pointee.record.threshold)
  let search = try reader.read(question, text, count: options.integer(.top) ?? 1)
  if let none = search.none(allowed: options.has(.orNone), least) {
    if options.has(.json) {
      io.out.found("answer", nil, none, text: nil, nil)
    } else {
      io.out.text("none")
      io.out.score(none, isJSON: false)
    }
    io.out.byte(10)
    return 0
  }
  var characters = CharacterOffsets(text)
  for rank in 0..<search.count where search[rank].score >= least {
    let place = reader.bytes(of: search[rank], in: text)
    let part = Word(rebasing: text[place])
    if options.has(.json) {
      io.out.found("answer", part, search[rank].score, text: nil, Place(place, &characters))
    } else {
      io.out.field(part)
      io.out.score(search[rank].score, isJSON: false)
      io.out.say("\t%\t%", place.lowerBound, place.upperBound)
    }
    io.out.byte(10)
  }
  return 0
}

extension AnswerSearch {
  /// The score of there being no answer, or of the best one where that is too low; nil where there is one.
  package func none(allowed: Bool, _ least: Float) -> Float? {
    if count == 0 || allowed && nullScore > self[0].score { return nullScore }
    return self[0].score < least ? self[0].score : nil
  }
}
