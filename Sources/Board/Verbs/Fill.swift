// SPDX-License-Identifier: Apache-2.0
// `fill B TEXT`: words that could stand where the text has the mask.
import Format
import Ops
import Runtime
import Tasks
import Text

func fill(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try Options(arguments, flags: .json | .compute | .memory | .lines | .words | .task)
  var model = try openTask(options, .fill, sequences: 1)
  var texts = try TextSource(options)
  var printer = try TextPrinter(model.tokenizer, skipsSpecial: false)
  var code: Int32 = 0
  var line = 0
  while let text = try texts.next() {
    line += 1
    do throws(Failure) {
      try fill(text, &model, &printer, options, isJSON: texts.isStream || options.json, &io)
    } catch {
      guard texts.isStream else { throw error }
      let failure = error
      noteLine(failure, line, &code, &io)
    }
    if !texts.hasNext { io.out.flush() }
  }
  return code
}

private func fill(
  _ text: Word, _ model: inout TaskModel, _ printer: inout TextPrinter, _ options: Options, isJSON: Bool,
  _ io: inout IO
) throws(Failure) {
  guard text.count > 0, let mask = model.record.mask else { throw .input("the text is empty", nil) }
  // The mask is a special token, and to be spelled out in the text is what it is for.
  let ids = try model.room.encode(model.tokenizer, text, EncodeOptions())
  guard ids.count <= model.lengthMax else { throw model.tooLong(ids.count) }
  var maskCount = 0
  for id in ids where id == mask { maskCount += 1 }
  guard maskCount > 0 else {
    throw .input("the text has no mask; it is spelled", model.tokenizer.bytes(of: mask).map { Word($0) })
  }
  model.session.startBatch()
  try model.add(ids)
  try model.run()
  var isFirst = true
  if isJSON { io.out.byte(91) }
  for index in 0..<ids.count where ids[index] == mask {
    _ = model.session.run(.maskLogits, rows: index..<(index + 1))
    let row = model.session.row(0, of: .maskLogits)
    model.session.score(row, .softmax)
    if isJSON { io.out.text(isFirst ? "[" : ",[") } else if !isFirst { io.out.byte(10) }
    isFirst = false
    try writeWords(row, &printer, options.task.top > 0 ? options.task.top : 5, isJSON: isJSON, &io)
    if isJSON { io.out.byte(93) }
  }
  if isJSON { io.out.text("]\n") }
}

private func writeWords(
  _ row: UnsafeBufferPointer<Float>, _ printer: inout TextPrinter, _ count: Int, isJSON: Bool, _ io: inout IO
) throws(Failure) {
  var rank = 0
  var failure: Failure?
  forEachLargest(row, count) { best in
    if isJSON {
      io.out.text(rank > 0 ? ",{\"token\":" : "{\"token\":")
      io.out.number(best)
      io.out.text(",\"text\":\"")
    }
    do throws(Failure) {
      try printer.token(UInt32(best), isJSON: isJSON, &io)
      try printer.finish(isJSON: isJSON, &io)
    } catch { failure = error }
    io.out.text(isJSON ? "\",\"score\":" : "\t")
    io.out.decimal(Double(row[best]), places: 6)
    io.out.byte(isJSON ? 125 : 10)
    rank += 1
  }
  if let failure { throw failure }
}
