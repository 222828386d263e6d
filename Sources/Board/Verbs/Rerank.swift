// SPDX-License-Identifier: Apache-2.0
// `rerank B --query Q`: how well each passage goes with a query: by a cross-encoder that reads both together, or by the
// cosine of two vectors. The best first; with --jsonl as they come.
import CSystem
import Format
import Ops
import Runtime
import Tasks
import Text

func rerank(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try Options(arguments, flags: .json | .compute | .memory | .lines | .words | .task)
  guard let query = options.task.query else { throw .usage("--query is missing", nil) }
  var ranking = try openRanking(options, query, &io)
  var texts = try TextSource(options)
  var code: Int32 = 0
  var line = 0
  while let text = try texts.next() {
    line += 1
    do throws(Failure) {
      try ranking.add(text, &io)
    } catch {
      guard texts.isStream else { throw error }
      let failure = error
      try ranking.flush(&io)
      if options.lines { ranking.passageCount += 1 } else { try ranking.keep(-.infinity) }
      noteLine(failure, line, &code, &io, hasLines: options.lines)
    }
    if !texts.hasNext {
      try ranking.flush(&io)
      io.out.flush()
    }
  }
  if !options.lines { ranking.writeSorted(options, &io) }
  return code
}

private struct RankingQuery {
  var ids = UnsafeBufferPointer<UInt32>(start: nil, count: 0)
  var vector = UnsafeBufferPointer<Float>(start: nil, count: 0)
}

private struct RankingRoom {
  var ids: UnsafeMutablePointer<UInt32>
  var keys: UnsafeMutableRawBufferPointer
}

private func openRanking(_ options: Options, _ text: Word, _ io: inout IO) throws(Failure) -> Ranking {
  var model = try openTask(options, .rerank, or: .embed, sequences: batchCountMax)
  let ids = try mapRoom(8 * model.lengthMax).assumingMemoryBound(to: UInt32.self)
  let room = RankingRoom(ids: ids.baseAddress!, keys: try mapRoom(65_536))
  guard text.count > 0 else { throw .input("the query is empty", nil) }
  var query = RankingQuery()
  if model.record.kind == .rerank {
    query.ids = try copied(try model.encodePart(text))
    let least = query.ids.count + model.record.pairCount + 1
    guard least <= model.lengthMax else { throw model.tooLong(least) }
  } else {
    try model.add(try model.encode(try prompted(text, model.record.prompt(named: "query")), &io))
    try model.run()
    let row = model.session.row(0, of: .embedding)
    let copy = try mapRoom(4 * row.count).assumingMemoryBound(to: Float.self)
    copy.baseAddress!.update(from: row.baseAddress!, count: row.count)
    query.vector = UnsafeBufferPointer(copy)
    model.session.startBatch()
  }
  return Ranking(model, query, room, options)
}

/// Passages under way, and the scores of those that are through.
private struct Ranking: ~Copyable {
  var model: TaskModel
  let isStream: Bool
  /// The query's ids alone; or its vector.
  let query: UnsafeBufferPointer<UInt32>
  private let vector: UnsafeBufferPointer<Float>
  private let isPair: Bool
  private var pair: PairRoom
  var passageCount = 0
  /// Keys that sort: scores, then the other way round the passages.
  private var keys: UnsafeMutableRawBufferPointer

  init(_ model: consuming TaskModel, _ query: RankingQuery, _ room: RankingRoom, _ options: Options) {
    isStream = options.lines
    isPair = model.record.kind == .rerank
    pair = PairRoom(ids: room.ids, types: room.ids + model.lengthMax)
    keys = room.keys
    self.query = query.ids
    vector = query.vector
    self.model = model
  }

  mutating func add(_ text: Word, _ io: inout IO) throws(Failure) {
    if !isPair {
      let prompt = model.record.prompt(named: "passage") ?? model.record.prompt(named: "document")
      let ids = try model.encode(try prompted(text, prompt), &io)
      if !model.session.hasRoom(for: ids.count) { try flush(&io) }
      return try model.add(ids)
    }
    guard text.count > 0 else { throw .input("the passage is empty", nil) }
    let passage = try model.encodePart(text)
    let count = query.count + passage.count + model.record.pairCount
    guard count <= model.lengthMax else { throw model.tooLong(count) }
    pair.put(query, passage, model.record)
    if !model.session.hasRoom(for: count) { try flush(&io) }
    try model.add(UnsafeBufferPointer(start: UnsafePointer(pair.ids), count: count), types: UnsafePointer(pair.types))
  }

  /// Scores of the batch, which is empty then.
  mutating func flush(_ io: inout IO) throws(Failure) {
    let count = model.session.batchCount
    if count == 0 { return }
    try model.run()
    for index in 0..<count {
      let row = model.session.row(index, of: model.record.entry)
      var score = row[0]
      if isPair {
        model.session.score(row, model.record.function)
        score = row[0]
      } else {
        score = cosine(vector, row)
      }
      if isStream {
        write(score, passageCount, isJSON: true, &io)
        passageCount += 1
      } else {
        try keep(score)
      }
    }
    model.session.startBatch()
  }

  mutating func keep(_ score: Float) throws(Failure) {
    if 8 * (passageCount + 1) > keys.count {
      let larger = try mapRoom(2 * keys.count)
      larger.baseAddress!.copyMemory(from: keys.baseAddress!, byteCount: keys.count)
      sys_unmap(keys.baseAddress!, keys.count)
      keys = larger
    }
    let bits = score.bitPattern
    let ordered = bits >> 31 == 0 ? bits | 1 << 31 : ~bits
    keys.storeBytes(
      of: UInt64(ordered) << 32 | UInt64(~UInt32(truncatingIfNeeded: passageCount)), toByteOffset: 8 * passageCount,
      as: UInt64.self)
    passageCount += 1
  }

  /// The best first; of equals the earlier passage.
  mutating func writeSorted(_ options: Options, _ io: inout IO) {
    let list = keys.assumingMemoryBound(to: UInt64.self)
    sortDescending(list.baseAddress!, passageCount)
    for rank in 0..<(options.task.top > 0 ? min(options.task.top, passageCount) : passageCount) {
      let ordered = UInt32(list[rank] >> 32)
      let score = Float(bitPattern: ordered >> 31 == 1 ? ordered & 0x7FFF_FFFF : ~ordered)
      if score < options.task.minScore || score == -.infinity { break }
      write(score, Int(~UInt32(truncatingIfNeeded: list[rank])), isJSON: options.json, &io)
    }
  }

  private func write(_ score: Float, _ passage: Int, isJSON: Bool, _ io: inout IO) {
    if isJSON {
      io.out.say("{\"passage\":%,\"score\":", passage)
      io.out.decimal(Double(score), places: 6)
      io.out.text("}\n")
    } else {
      io.out.decimal(Double(score), places: 6)
      io.out.say("\t%\n", passage)
    }
  }
}

/// The cosine of two vectors, summed in f64 from the first column to the last.
private func cosine(_ a: UnsafeBufferPointer<Float>, _ b: UnsafeBufferPointer<Float>) -> Float {
  var (product, first, second) = (0.0, 0.0, 0.0)
  for i in 0..<a.count {
    product += Double(a[i]) * Double(b[i])
    first += Double(a[i]) * Double(a[i])
    second += Double(b[i]) * Double(b[i])
  }
  let length = (first * second).squareRoot()
  return length > 0 ? Float(product / length) : 0
}

/// Ids that stay: those of a room are gone with the next text.
private func copied(_ ids: UnsafeBufferPointer<UInt32>) throws(Failure) -> UnsafeBufferPointer<UInt32> {
  let room = try mapRoom(4 * ids.count).assumingMemoryBound(to: UInt32.self)
  room.baseAddress!.update(from: ids.baseAddress!, count: ids.count)
  return UnsafeBufferPointer(room)
}

/// The text behind what the model wants before it.
private func prompted(_ text: Word, _ prompt: Word?) throws(Failure) -> Word {
  guard let prompt, prompt.count > 0, text.count > 0 else { return text }
  let room = try mapRoom(prompt.count + text.count)
  room.baseAddress!.copyMemory(from: prompt.baseAddress!, byteCount: prompt.count)
  (room.baseAddress! + prompt.count).copyMemory(from: text.baseAddress!, byteCount: text.count)
  return Word(room)
}

/// Heap sort, the largest first.
private func sortDescending(_ keys: UnsafeMutablePointer<UInt64>, _ count: Int) {
  func sift(_ start: Int, _ end: Int) {
    var root = start
    while 2 * root + 1 < end {
      var child = 2 * root + 1
      if child + 1 < end, keys[child + 1] < keys[child] { child += 1 }
      if keys[root] <= keys[child] { return }
      (keys[root], keys[child]) = (keys[child], keys[root])
      root = child
    }
  }
  var start = count / 2
  while start > 0 {
    start -= 1
    sift(start, count)
  }
  var end = count
  while end > 1 {
    end -= 1
    (keys[0], keys[end]) = (keys[end], keys[0])
    sift(0, end)
  }
}
