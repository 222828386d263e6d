// SPDX-License-Identifier: Apache-2.0
// How well passages go with a query: by a cross-encoder that reads both together, or by the cosine of two vectors.
// Passages that are here already share a call.
import CSystem
import Format
import Ops
import Runtime
import Tasks
import Text

/// A query, and the passages of a call.
package struct Ranking {
  package let model: UnsafeMutablePointer<TaskModel>
  private let isPair: Bool
  /// u32 (2 · lengthMax): a pair; then the query's ids alone, or its vector.
  private let room: UnsafeMutableRawBufferPointer
  private var pair: PairRoom
  private let own: UnsafeMutableRawPointer
  private var queryCount = 0
  /// A text behind the prompt of its kind.
  private var prompted = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  /// Of the first passage of the batch.
  private var firstIndex = 0

  package init(_ model: UnsafeMutablePointer<TaskModel>) throws(Failure) {
    let columns = model.pointee.session.row(0, of: model.pointee.record.entry).count
    room = try mapRoom(12 * model.pointee.lengthMax + 4 * columns)
    let ids = room.baseAddress!.assumingMemoryBound(to: UInt32.self)
    pair = PairRoom(ids: ids, types: ids + model.pointee.lengthMax)
    own = room.baseAddress! + 8 * model.pointee.lengthMax
    isPair = model.pointee.record.kind == .rerank
    self.model = model
  }

  /// Goes on with another query.
  @inline(never)
  package mutating func ask(_ query: UnsafeRawBufferPointer) throws(Failure) {
    if query.count == 0 { throw .input("the query is empty", nil) }
    model.pointee.session.startBatch()
    if isPair {
      let asked = try model.pointee.encodePart(query)
      queryCount = asked.count
      let least = queryCount + model.pointee.record.pairCount + 1
      guard least <= model.pointee.lengthMax else { throw model.pointee.tooLong(least) }
      own.copyMemory(from: asked.baseAddress!, byteCount: 4 * queryCount)
    } else {
      let text = try behind(model.pointee.record.prompt(named: "query"), query)
      try model.pointee.run(try model.pointee.encode(text))
      let row = model.pointee.session.row(0, of: .embedding)
      own.copyMemory(from: row.baseAddress!, byteCount: 4 * row.count)
      model.pointee.session.startBatch()
    }
  }

  package mutating func unmap() {
    sys_unmap(room.baseAddress!, room.count)
    if let base = prompted.baseAddress { sys_unmap(base, prompted.count) }
  }

  /// Adds passage `index`. What is in the batch goes to `body` first where that leaves no room: indexes and scores.
  @inline(never)
  package mutating func add(
    _ text: UnsafeRawBufferPointer, _ index: Int, _ body: (Int, Float) throws(Failure) -> Void
  ) throws(Failure) {
    if text.count == 0 { throw .input("the passage is empty", nil) }
    var ids: UnsafeBufferPointer<UInt32>
    if isPair {
      let passage = try model.pointee.encodePart(text)
      let count = queryCount + passage.count + model.pointee.record.pairCount
      guard count <= model.pointee.lengthMax else { throw model.pointee.tooLong(count) }
      let asked = UnsafeBufferPointer(start: own.assumingMemoryBound(to: UInt32.self), count: queryCount)
      pair.put(asked, passage, model.pointee.record)
      ids = UnsafeBufferPointer(start: UnsafePointer(pair.ids), count: count)
    } else {
      let prompt = model.pointee.record.prompt(named: "passage") ?? model.pointee.record.prompt(named: "document")
      ids = try model.pointee.encode(try behind(prompt, text))
    }
    if !model.pointee.session.hasRoom(for: ids.count) { try flush(body) }
    if model.pointee.session.batchCount == 0 { firstIndex = index }
    try model.pointee.add(ids, types: isPair ? UnsafePointer(pair.types) : nil)
  }

  /// Scores of the batch, which is empty then.
  @inline(never)
  package mutating func flush(_ body: (Int, Float) throws(Failure) -> Void) throws(Failure) {
    if model.pointee.session.batchCount == 0 { return }
    try model.pointee.run()
    for index in 0..<model.pointee.session.batchCount {
      let row = model.pointee.session.row(index, of: model.pointee.record.entry)
      if isPair { model.pointee.session.score(row, model.pointee.record.function) }
      try body(firstIndex + index, isPair ? row[0] : cosine(own.assumingMemoryBound(to: Float.self), row))
    }
    model.pointee.session.startBatch()
  }

  /// The text behind what the model wants before it, valid until the next.
  @inline(never)
  private mutating func behind(_ prompt: Word?, _ text: Word) throws(Failure) -> Word {
    guard let prompt, prompt.count > 0 else { return text }
    let count = prompt.count + text.count
    if prompted.count < count {
      if let base = prompted.baseAddress { sys_unmap(base, prompted.count) }
      prompted = UnsafeMutableRawBufferPointer(start: nil, count: 0)
      prompted = try mapRoom(2 * count)
    }
    prompted.baseAddress!.copyMemory(from: prompt.baseAddress!, byteCount: prompt.count)
    (prompted.baseAddress! + prompt.count).copyMemory(from: text.baseAddress!, byteCount: text.count)
    return Word(rebasing: UnsafeRawBufferPointer(prompted)[0..<count])
  }
}

/// The cosine of two vectors, summed in f64 from the first column to the last.
private func cosine(_ a: UnsafePointer<Float>, _ b: UnsafeBufferPointer<Float>) -> Float {
  var (product, first, second) = (0.0, 0.0, 0.0)
  for i in 0..<b.count {
    product += Double(a[i]) * Double(b[i])
    first += Double(a[i]) * Double(a[i])
    second += Double(b[i]) * Double(b[i])
  }
  let length = (first * second).squareRoot()
  return length > 0 ? Float(product / length) : 0
}
