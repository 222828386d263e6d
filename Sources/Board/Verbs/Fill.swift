// SPDX-License-Identifier: Apache-2.0
// `fill B TEXT`: words that could stand where the text has the mask.
import Format
import Ops
import Runtime
import Tasks
import Text

func fill(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try Options(arguments, flags: .json | .compute | .memory | .lines | .words | .top)
  let model = try openTask(options, .fill, sequences: 1)
  var printer = try TextPrinter(model.pointee.tokenizer, skipsSpecial: false)
  let isJSON = options.isStream || options.has(.json)
  let count = options.integer(.top) ?? 5
  return try forEachText(options, &io) { text, _, io throws(Failure) in
    let masks = try model.pointee.encodeMasks(text)
    for index in 0..<masks.count {
      let row = model.pointee.scores(ofMask: masks[index])
      if isJSON { io.out.text(index == 0 ? "[[" : ",[") } else if index > 0 { io.out.byte(10) }
      try writeWords(row, &printer, count, isJSON: isJSON, &io)
      if isJSON { io.out.byte(93) }
    }
    if isJSON { io.out.text("]\n") }
  } flush: { _ throws(Failure) in
  }
}

extension TaskModel {
  /// Runs `text`, and returns which of its tokens are masks.
  package mutating func encodeMasks(_ text: UnsafeRawBufferPointer) throws(Failure) -> UnsafeBufferPointer<UInt32> {
    guard text.count > 0, let mask = record.mask else { throw emptyText }
    // The mask is a special token, and to be spelled out in the text is what it is for.
    let ids = try room.encode(tokenizer, text, EncodeOptions())
    guard ids.count <= lengthMax else { throw tooLong(ids.count) }
    session.startBatch()
    try add(ids)
    let start = UnsafeMutablePointer(mutating: ids.baseAddress!)
    var count = 0
    for index in 0..<ids.count where ids[index] == mask {
      start[count] = UInt32(index)
      count += 1
    }
    if count == 0 {
      throw .input("the text has no mask; it is spelled", tokenizer.bytes(of: mask).map { Word($0) })
    }
    try run()
    return UnsafeBufferPointer(start: start, count: count)
  }

  /// f32 (vocab): how likely each token is where the token `index` of the text is a mask.
  package mutating func scores(ofMask index: UInt32) -> UnsafeBufferPointer<Float> {
    _ = session.run(.maskLogits, rows: Int(index)..<(Int(index) + 1))
    let row = session.row(0, of: .maskLogits)
    session.score(row, .softmax)
    return row
  }
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
    if isJSON { io.out.byte(34) }
    io.out.score(row[best], isJSON: isJSON)
    io.out.byte(isJSON ? 125 : 10)
    rank += 1
  }
  if let failure { throw failure }
}
