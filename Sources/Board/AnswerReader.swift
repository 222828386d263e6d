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
package struct AnswerReader {
  package let model: UnsafeMutablePointer<TaskModel>
  private var questionRoom = EncodeRoom()
  private let room: UnsafeMutableRawBufferPointer
  private var pair: PairRoom

  package init(_ model: UnsafeMutablePointer<TaskModel>) throws(Failure) {
    self.model = model
    room = try mapRoom(8 * model.pointee.lengthMax)
    let ids = room.baseAddress!.assumingMemoryBound(to: UInt32.self)
    pair = PairRoom(ids: ids, types: ids + model.pointee.lengthMax)
  }

  package mutating func unmap() {
    questionRoom.unmap()
    sys_unmap(room.baseAddress!, room.count)
  }

  /// The best answers of `text`, at most `count`.
  @inline(never)
  package mutating func read(
    _ question: UnsafeRawBufferPointer, _ text: UnsafeRawBufferPointer, count: Int
  ) throws(Failure) -> AnswerSearch {
    let asked = try questionRoom.encode(model.pointee.tokenizer, question, .content)
    if asked.count == 0 { throw .input("the question is empty", nil) }
    let ids = try model.pointee.room.encode(model.pointee.tokenizer, text, .content, withSpans: true)
    if ids.count == 0 { throw .input("the context is empty", nil) }
    let room = model.pointee.lengthMax - asked.count - model.pointee.record.pairCount
    guard room > 1 else { throw .input("the question leaves no room for the context", nil) }
    let stride = model.pointee.record.stride < room ? model.pointee.record.stride : room / 2
    let windows = Windows(tokenCount: ids.count, room: room, stride: stride)
    var search = AnswerSearch(wanted: count, lengthMax: model.pointee.record.answerMax)
    var taken = 0
    for index in 0..<windows.count {
      pair.put(asked, UnsafeBufferPointer(rebasing: ids[windows[index]]), model.pointee.record)
      if !model.pointee.session.hasRoom(for: pair.count) { try take(&search, windows, &taken) }
      try model.pointee.add(
        UnsafeBufferPointer(start: UnsafePointer(pair.ids), count: pair.count), types: UnsafePointer(pair.types))
    }
    try take(&search, windows, &taken)
    return search
  }

  /// What the windows of the batch say, from `taken` on.
  @inline(never)
  private mutating func take(
    _ search: inout AnswerSearch, _ windows: Windows, _ taken: inout Int
  ) throws(Failure) {
    try model.pointee.run()
    for index in 0..<model.pointee.session.batchCount {
      let window = windows[taken]
      let first = Int(model.pointee.session.sequence(index)!.firstToken)
      search.take(
        context: pair.secondStart..<(pair.secondStart + window.count), contextStart: window.lowerBound,
        hasNull: model.pointee.record.pairCounts.before > 0
      ) { UnsafeMutablePointer(mutating: model.pointee.session.row(first + $0, of: .tokenLogits).baseAddress!) }
      taken += 1
    }
    model.pointee.session.startBatch()
  }

  /// The bytes of an answer of the last context, widened to whole words.
  @inline(never)
  package func bytes(of span: AnswerSpan, in text: UnsafeRawBufferPointer) -> Range<Int> {
    guard let spans = model.pointee.room.spans else { return 0..<0 }
    let edges = WordEdges(text, model.pointee.tokenizer.kind)
    let begin = edges.begin(Int(spans[span.first].begin))
    return begin..<max(begin, edges.end(Int(spans[span.last].end)))
  }
}
