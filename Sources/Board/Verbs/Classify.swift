// SPDX-License-Identifier: Apache-2.0
// `classify B TEXT…`: the label of each text and its score. Lines that are here already share a call; each gives the
// bits that it gives alone.
import Format
import Ops
import Runtime
import Tasks

func classify(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try Options(
    arguments, flags: .json | .compute | .memory | .lines | .words | .all | .truncate | .minScore | .top)
  let model = try openTask(options, .classify, sequences: batchCountMax)
  let writer = LabelWriter(
    record: model.pointee.record, least: options.minScore(model.pointee.record.threshold),
    count: options.integer(.top) ?? (options.has(.all) ? model.pointee.record.labelCount : 1),
    isMany: options.has(.all) || options.has(.top), isJSON: options.isStream || options.has(.json))
  return try forEachText(options, &io) { text, _, io throws(Failure) in
    try model.pointee.classify(adding: text) { writer.write($0, &io) }
    model.pointee.noteCut(&io)
  } flush: { io throws(Failure) in
    try model.pointee.classify { writer.write($0, &io) }
  }
}

private struct LabelWriter {
  let record: TaskRecord
  let least: Float
  let count: Int
  let isMany: Bool
  let isJSON: Bool

  /// The labels of a text with these scores.
  @inline(never)
  func write(_ row: UnsafeBufferPointer<Float>, _ io: inout IO) {
    var rank = 0
    if isJSON, isMany { io.out.byte(91) }
    forEachLargest(row, count) { best in
      if rank > 0 { io.out.text(isJSON ? "," : "\n") }
      rank += 1
      let isEnough = isMany || record.isEnough(row[best], least)
      let label = isEnough ? record.label(best).text : nil
      if isJSON { return io.out.found("label", label, row[best], text: nil, nil) }
      io.out.bytes(label ?? ("none" as StaticString).word)
      io.out.score(row[best], isJSON: false)
    }
    io.out.text(isJSON && isMany ? "]\n" : "\n")
  }
}

extension TaskModel {
  /// Adds a text to the batch; where that has no room `body` gets what is in it first.
  package mutating func classify(
    adding text: UnsafeRawBufferPointer, _ body: (UnsafeBufferPointer<Float>) -> Void
  ) throws(Failure) {
    let ids = try encode(text)
    if !session.hasRoom(for: ids.count) { try classify(body) }
    try add(ids)
  }

  /// Runs the batch, which is empty then, and calls `body` with the scores of each text, f32 (labels).
  package mutating func classify(_ body: (UnsafeBufferPointer<Float>) -> Void) throws(Failure) {
    if session.batchCount == 0 { return }
    try run()
    for index in 0..<session.batchCount {
      let row = session.row(index, of: .sequenceLogits)
      session.score(row, record.function)
      body(row)
    }
    session.startBatch()
  }
}

extension TaskRecord {
  /// Whether a label with this score is one. A regression has none to fall short of, unless that is asked for.
  package func isEnough(_ score: Float, _ least: Float) -> Bool {
    score >= least || (threshold == least && function == .none)
  }
}
