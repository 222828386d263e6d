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
package struct Ranking: ~Copyable {
  package var model: TaskModel
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

  package init(_ model: consuming TaskModel) throws(Failure) {
    let columns = model.session.row(0, of: model.record.entry).count
    room = try mapRoom(12 * model.lengthMax + 4 * columns)
    let ids = room.baseAddress!.assumingMemoryBound(to: UInt32.self)
    pair = PairRoom(ids: ids, types: ids + model.lengthMax)
    own = room.baseAddress! + 8 * model.lengthMax
    isPair = model.record.kind == .rerank
    self.model = model
  }

  /// Goes on with another query.
  package mutating func ask(_ query: UnsafeRawBufferPointer) throws(Failure) {
    if query.count == 0 { throw .input("the query is empty", nil) }
    model.session.startBatch()
    if isPair {
      let asked = try model.encodePart(query)
      queryCount = asked.count
      let least = queryCount + model.record.pairCount + 1
      guard least <= model.lengthMax else { throw model.tooLong(least) }
      own.copyMemory(from: asked.baseAddress!, byteCount: 4 * queryCount)
    } else {
      let text = try behind(model.record.prompt(named: "query"), query)
      try model.run(try model.encode(text))
      let row = model.session.row(0, of: .embedding)
      own.copyMemory(from: row.baseAddress!, byteCount: 4 * row.count)
      model.session.startBatch()
    }
  }

  package mutating func unmap() {
    model.unmap()
    sys_unmap(room.baseAddress!, room.count)
    if let base = prompted.baseAddress { sys_unmap(base, prompted.count) }
  }

  /// Adds passage `index`. What is in the batch goes to `body` first where that leaves no room: indexes and scores.
  package mutating func add(
    _ text: UnsafeRawBufferPointer, _ index: Int, _ body: (Int, Float) throws(Failure) -> Void
  ) throws(Failure) {
    if text.count == 0 { throw .input("the passage is empty", nil) }
    var ids: UnsafeBufferPointer<UInt32>
    if isPair {
      let passage = try model.encodePart(text)
      let count = queryCount + passage.count + model.record.pairCount
      guard count <= model.lengthMax else { throw model.tooLong(count) }
      let asked = UnsafeBufferPointer(start: own.assumingMemoryBound(to: UInt32.self), count: queryCount)
      pair.put(asked, passage, model.record)
      ids = UnsafeBufferPointer(start: UnsafePointer(pair.ids), count: count)
    } else {
      let prompt = model.record.prompt(named: "passage") ?? model.record.prompt(named: "document")
      ids = try model.encode(try behind(prompt, text))
    }
    if !model.session.hasRoom(for: ids.count) { try flush(body) }
    if model.session.batchCount == 0 { firstIndex = index }
    try model.add(ids, types: isPair ? UnsafePointer(pair.types) : nil)
  }

  /// Scores of the batch, which is empty then.
  package mutating func flush(_ body: (Int, Float) throws(Failure) -> Void) throws(Failure) {
    if model.session.batchCount == 0 { return }
    try model.run()
    for index in 0..<model.session.batchCount {
      let row = model.session.row(index, of: model.record.entry)
      if isPair { model.session.score(row, model.record.function) }
      try body(firstIndex + index, isPair ? row[0] : cosine(own.assumingMemoryBound(to: Float.self), row))
    }
    model.session.startBatch()
  }

  /// The text behind what the model wants before it, valid until the next.
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
