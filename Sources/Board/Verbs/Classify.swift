// SPDX-License-Identifier: Apache-2.0
// `classify B TEXT…`: the label of each text and its score. Lines that are here already share a call; each gives the
// bits that it gives alone.
import Format
import Ops
import Runtime
import Tasks

func classify(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try Options(arguments, flags: .json | .compute | .memory | .lines | .words | .task)
  var model = try openTask(options, .classify, sequences: batchCountMax)
  var texts = try TextSource(options)
  var code: Int32 = 0
  var line = 0
  while let text = try texts.next() {
    line += 1
    do throws(Failure) {
      let ids = try model.encode(text, &io)
      if !model.session.hasRoom(for: ids.count) { try writeLabels(&model, options, isJSON: texts.isStream, &io) }
      try model.add(ids)
    } catch {
      guard texts.isStream else { throw error }
      // What came before it comes first.
      let failure = error
      try writeLabels(&model, options, isJSON: true, &io)
      noteLine(failure, line, &code, &io)
    }
    if !texts.hasNext {
      try writeLabels(&model, options, isJSON: texts.isStream, &io)
      io.out.flush()
    }
  }
  return code
}

/// The answers for the batch, which is empty then.
private func writeLabels(
  _ model: inout TaskModel, _ options: Options, isJSON: Bool, _ io: inout IO
) throws(Failure) {
  if model.session.batchCount == 0 { return }
  try model.run()
  let isJSON = isJSON || options.json
  let record = model.record
  for index in 0..<model.session.batchCount {
    let row = model.session.row(index, of: .sequenceLogits)
    model.session.score(row, record.function)
    let least = options.task.minScore > -.infinity ? options.task.minScore : record.threshold
    let isMany = options.all || options.task.top > 0
    if isJSON, isMany { io.out.byte(91) }
    var count = 0
    forEachLargest(row, options.task.top > 0 ? options.task.top : options.all ? row.count : 1) { best in
      if count > 0 { io.out.text(isJSON ? "," : "\n") }
      count += 1
      // A regression has no label to fall short of.
      let isEnough = row[best] >= least || (record.threshold == least && record.function == .none)
      io.out.label(isEnough || isMany ? record.label(best).text : nil, row[best], isJSON: isJSON)
    }
    if isJSON, isMany { io.out.byte(93) }
    io.out.byte(10)
  }
  model.session.startBatch()
}
