// SPDX-License-Identifier: Apache-2.0
// `rerank B --query Q`: how well each passage goes with a query. The best first; with --jsonl as they come.
import CSystem
import Format
import Tasks

func rerank(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try Options(
    arguments, flags: .json | .compute | .memory | .lines | .words | .query | .truncate | .minScore | .top)
  guard let query = options.word(.query) else { throw .usage("--query is missing", nil) }
  let least = options.minScore(-.infinity)
  let top = options.integer(.top) ?? .max
  var ranking = try Ranking(openTask(options, .rerank, or: .embed, sequences: batchCountMax))
  try ranking.ask(query)
  var ranks = Ranks(keys: try mapRoom(65_536))
  let isLines = options.has(.jsonl)
  let code = try forEachText(options, &io, empty: isLines ? "null\n" : "") { text, index, io throws(Failure) in
    try ranking.add(text, index) { passage, score throws(Failure) in
      if isLines { writeRank(score, passage, isJSON: true, &io) } else { try ranks.keep(score, passage) }
    }
    ranking.model.pointee.noteCut(&io)
  } flush: { io throws(Failure) in
    try ranking.flush { passage, score throws(Failure) in
      if isLines { writeRank(score, passage, isJSON: true, &io) } else { try ranks.keep(score, passage) }
    }
  }
  ranks.sort()
  for rank in 0..<min(ranks.count, top) {
    let (score, passage) = ranks[rank]
    if score < least { break }
    writeRank(score, passage, isJSON: options.has(.json), &io)
  }
  return code
}

@inline(never)
private func writeRank(_ score: Float, _ passage: Int, isJSON: Bool, _ io: inout IO) {
  if isJSON {
    io.out.say("{\"passage\":%", passage)
    io.out.score(score, isJSON: true)
    io.out.text("}\n")
  } else {
    io.out.decimal(Double(score), places: 6)
    io.out.say("\t%\n", passage)
  }
}

/// Passages that are through, as keys that sort: scores, then the other way round the passages.
private struct Ranks {
  var keys: UnsafeMutableRawBufferPointer
  private(set) var count = 0

  init(keys: UnsafeMutableRawBufferPointer) { self.keys = keys }

  private var list: UnsafeMutablePointer<UInt64> { keys.baseAddress!.assumingMemoryBound(to: UInt64.self) }

  subscript(rank: Int) -> (Float, Int) {
    let ordered = UInt32(list[rank] >> 32)
    return (
      Float(bitPattern: ordered >> 31 == 1 ? ordered & 0x7FFF_FFFF : ~ordered),
      Int(~UInt32(truncatingIfNeeded: list[rank]))
    )
  }

  @inline(never)
  mutating func keep(_ score: Float, _ passage: Int) throws(Failure) {
    if 8 * (count + 1) > keys.count {
      let larger = try mapRoom(2 * keys.count)
      larger.baseAddress!.copyMemory(from: keys.baseAddress!, byteCount: keys.count)
      sys_unmap(keys.baseAddress!, keys.count)
      keys = larger
    }
    let bits = score.bitPattern
    let ordered = bits >> 31 == 0 ? bits | 1 << 31 : ~bits
    list[count] = UInt64(ordered) << 32 | UInt64(~UInt32(truncatingIfNeeded: passage))
    count += 1
  }

  /// Heap sort, the best first; of equals the earlier passage.
  mutating func sort() {
    var (start, end) = (count / 2, count)
    while end > 1 {
      if start > 0 {
        start -= 1
      } else {
        end -= 1
        (list[0], list[end]) = (list[end], list[0])
      }
      var root = start
      while 2 * root + 1 < end {
        var child = 2 * root + 1
        if child + 1 < end, list[child + 1] < list[child] { child += 1 }
        if list[root] <= list[child] { break }
        (list[root], list[child]) = (list[child], list[root])
        root = child
      }
    }
  }
}
