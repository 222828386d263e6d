// SPDX-License-Identifier: Apache-2.0
// Reads a context with a question, however long it is, through windows that overlap, several in a call where there is
// room; and says where the answers stand.
import CSystem
import Format
import Ops
import Runtime
import Tasks
import Text

/// A model that answers, and a context that it has read.
struct AnswerReader: ~Copyable {
  var model: TaskModel
  private var questionRoom = EncodeRoom()
  private let room: UnsafeMutableRawBufferPointer
  private var pair: PairRoom

  init(_ model: consuming TaskModel) throws(Failure) {
    room = try mapRoom(8 * model.lengthMax)
    let ids = room.baseAddress!.assumingMemoryBound(to: UInt32.self)
    pair = PairRoom(ids: ids, types: ids + model.lengthMax)
    self.model = model
  }

  /// The best answers of `text`, at most `count`.
  mutating func read(
    _ question: UnsafeRawBufferPointer, _ text: UnsafeRawBufferPointer, count: Int
  ) throws(Failure) -> AnswerSearch {
    let asked = try questionRoom.encode(model.tokenizer, question, .content)
    if asked.count == 0 { throw .input("the question is empty", nil) }
    let ids = try model.room.encode(model.tokenizer, text, .content, withSpans: true)
    if ids.count == 0 { throw .input("the context is empty", nil) }
    let room = model.lengthMax - asked.count - model.record.pairCount
    guard room > 1 else { throw .input("the question leaves no room for the context", nil) }
    let stride = model.record.stride < room ? model.record.stride : room / 2
    let windows = Windows(tokenCount: ids.count, room: room, stride: stride)
    var search = AnswerSearch(wanted: count, lengthMax: model.record.answerMax)
    var taken = 0
    for index in 0..<windows.count {
      pair.put(asked, UnsafeBufferPointer(rebasing: ids[windows[index]]), model.record)
      if !model.session.hasRoom(for: pair.count) { try take(&search, windows, &taken) }
      try model.add(
        UnsafeBufferPointer(start: UnsafePointer(pair.ids), count: pair.count), types: UnsafePointer(pair.types))
    }
    try take(&search, windows, &taken)
    return search
  }

  /// What the windows of the batch say, from `taken` on.
  private mutating func take(
    _ search: inout AnswerSearch, _ windows: Windows, _ taken: inout Int
  ) throws(Failure) {
    try model.run()
    for index in 0..<model.session.batchCount {
      let window = windows[taken]
      let first = Int(model.session.sequence(index)!.firstToken)
      search.take(
        context: pair.secondStart..<(pair.secondStart + window.count), contextStart: window.lowerBound,
        hasNull: model.record.pairCounts.before > 0
      ) { UnsafeMutablePointer(mutating: model.session.row(first + $0, of: .tokenLogits).baseAddress!) }
      taken += 1
    }
    model.session.startBatch()
  }

  /// The bytes of an answer of the last context, widened to whole words.
  func bytes(of span: AnswerSpan, in text: UnsafeRawBufferPointer) -> Range<Int> {
    guard let spans = model.room.spans else { return 0..<0 }
    let edges = WordEdges(text, model.tokenizer.kind)
    let begin = edges.begin(Int(spans[span.first].begin))
    return begin..<max(begin, edges.end(Int(spans[span.last].end)))
  }
}
