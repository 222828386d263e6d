// SPDX-License-Identifier: Apache-2.0
// Exact search: every stored vector is scored with 8 bits by the kernels, the best of them anew with 16 bits and the
// query as it is. Ties go to the lower passage. Spec: specs/index.md §8.
import CKernels
import Format

/// A found passage.
public struct Hit: BitwiseCopyable {
  /// Inner product of query and stored vector: the cosine where both are normalised.
  public var score: Float
  public var passage: UInt32

  public init(score: Float = 0, passage: UInt32 = 0) {
    self.score = score
    self.passage = passage
  }

  /// A number that sorts as hits do: the larger, the better. Of equal scores (0 and -0 are) the lower passage.
  var key: UInt64 {
    let bits = (score + 0).bitPattern
    let ordered = bits >> 31 == 0 ? bits | 1 << 31 : ~bits
    return UInt64(ordered) << 32 | UInt64(~passage)
  }

  init(key: UInt64) {
    let ordered = UInt32(truncatingIfNeeded: key >> 32)
    score = Float(bitPattern: ordered >> 31 == 1 ? ordered & 0x7FFF_FFFF : ~ordered)
    passage = ~UInt32(truncatingIfNeeded: key)
  }
}

extension Index {
  /// Scored in one call of a kernel.
  private static let blockPanelCount = 128

  /// Candidates that are weighed again for `hitCount` hits: the error of 8 bits must not push one of the hits below.
  private static func candidateCountMax(hitCount: Int) -> Int { 8 * hitCount + 56 }

  /// Bytes of scratch memory, aligned to 64, for a search for up to `hitCountMax` hits.
  public static func searchScratchByteCount(dimensionCount: Int, hitCountMax: Int) -> Int {
    aligned(dimensionCount, to: 64) + 64 * blockPanelCount
      + aligned(8 * candidateCountMax(hitCount: hitCountMax), to: 64)
  }

  /// The best passages for `query`, best first, into `hits`, of which there are at most `IndexLimits.hitCountMax`.
  ///
  /// - Parameter query: f32 (dimensionCount), normalised if the stored vectors are.
  /// - Returns: how many there are; fewer than `hits.count` only when the index has fewer.
  /// - Throws: `dimensionsDiffer`, `vectorNotFinite`, `scratchTooSmall`.
  /// - Complexity: reads `stats.scannedByteCount` bytes, in order.
  @inline(never)
  public func search(
    _ query: UnsafeBufferPointer<Float>, kernels: UnsafePointer<ht_kernels>, scratch: UnsafeMutableRawBufferPointer,
    into hits: UnsafeMutableBufferPointer<Hit>
  ) throws(IndexError) -> Int {
    guard query.count == dimensionCount else { throw .dimensionsDiffer(query.count) }
    let hitCount = min(hits.count, IndexLimits.hitCountMax)
    let need = Index.searchScratchByteCount(dimensionCount: dimensionCount, hitCountMax: hitCount)
    guard scratch.count >= need else { throw .scratchTooSmall(need: need) }
    guard let largest = largestMagnitude(query) else { throw .vectorNotFinite }
    if hitCount == 0 { return 0 }
    let quants = scratch.baseAddress!
    quantize(query, largest, quants)
    let scores = quants + aligned(dimensionCount, to: 64)
    var best = BestKeys(
      start: (scores + 64 * Index.blockPanelCount).assumingMemoryBound(to: UInt64.self),
      capacity: Index.candidateCountMax(hitCount: hitCount))
    var at = IndexHeader.byteCountOfPages
    while let segment = nextSegment(&at) {
      scan(segment, quants, scores.assumingMemoryBound(to: Float.self), kernels, &best)
    }
    weigh(query, best)
    sortDescending(best.start, best.count)
    let count = min(hitCount, best.count)
    for index in 0..<count { hits[index] = Hit(key: best.start[index]) }
    return count
  }

  /// The query as the kernels want it; its scale changes no order.
  @inline(never)
  private func quantize(_ query: UnsafeBufferPointer<Float>, _ largest: Float, _ out: UnsafeMutableRawPointer) {
    out.initializeMemory(as: UInt8.self, repeating: 0, count: columnCount)
    let inverse = 127 / largest
    guard inverse < .infinity else { return }
    for i in 0..<query.count {
      out.storeBytes(of: Int8(truncatingIfNeeded: nearest(query[i] * inverse)), toByteOffset: i, as: Int8.self)
    }
  }

  @inline(never)
  private func scan(
    _ segment: Segment, _ query: UnsafeMutableRawPointer, _ scores: UnsafeMutablePointer<Float>,
    _ kernels: UnsafePointer<ht_kernels>, _ best: inout BestKeys
  ) {
    let base = file.baseAddress!
    var first = 0
    while first < segment.passageCount {
      let rowCount = min(16 &* Index.blockPanelCount, segment.passageCount &- first)
      kernels.pointee.search(
        (base + segment.vectors + first &* columnCount).assumingMemoryBound(to: Int8.self),
        (base + segment.scales + 4 &* first).assumingMemoryBound(to: Float.self),
        query.assumingMemoryBound(to: Int8.self), columnCount, (rowCount &+ 15) / 16, scores)
      for row in 0..<rowCount where scores[row] > best.threshold {
        best.insert(Hit(score: scores[row], passage: segment.firstPassage &+ UInt32(truncatingIfNeeded: first &+ row)))
      }
      first &+= rowCount
    }
  }

  /// Scores the candidates anew.
  @inline(never)
  private func weigh(_ query: UnsafeBufferPointer<Float>, _ best: BestKeys) {
    let base = UnsafeMutableRawPointer(mutating: file.baseAddress!)
    var at = IndexHeader.byteCountOfPages
    while let segment = nextSegment(&at) {
      for index in 0..<best.count {
        var hit = Hit(key: best.start[index])
        let row = Int(hit.passage) &- Int(segment.firstPassage)
        guard row >= 0, row < segment.passageCount else { continue }
        let code = VectorCode(
          panel: base + segment.vectors + row / 16 &* 16 &* columnCount, row: row % 16,
          lows: base + segment.lows + row &* columnCount)
        let score = Float(code.dot(query) * Double(file.f32(segment.scales &+ 4 &* row)) / 256)
        hit.score = score.isNaN ? -.infinity : score
        best.start[index] = hit.key
      }
    }
  }
}

/// The keys of the best hits so far, the worst of them first.
private struct BestKeys {
  let start: UnsafeMutablePointer<UInt64>
  let capacity: Int
  var count = 0
  /// What a score must be above to come in. A scale that is no number gives none such.
  var threshold = -Float.infinity

  @inline(never)
  mutating func insert(_ hit: Hit) {
    if count < capacity {
      start[count] = hit.key
      count &+= 1
      if count < capacity { return }
      sortDescending(start, count)
      // The order of a heap, the least in front: an ascending list has it.
      for i in 0..<(count / 2) { (start[i], start[count &- 1 &- i]) = (start[count &- 1 &- i], start[i]) }
    } else {
      start[0] = hit.key
      sink(start, count, 0)
    }
    threshold = Hit(key: start[0]).score
  }
}

/// Sorts by a heap, the largest first.
@inline(never)
public func sortDescending(_ keys: UnsafeMutablePointer<UInt64>, _ count: Int) {
  var from = count / 2
  while from > 0 {
    from &-= 1
    sink(keys, count, from)
  }
  var end = count
  while end > 1 {
    end &-= 1
    (keys[0], keys[end]) = (keys[end], keys[0])
    sink(keys, end, 0)
  }
}

/// Lets the key at `from` sink until those below it are greater.
@inline(never)
private func sink(_ keys: UnsafeMutablePointer<UInt64>, _ count: Int, _ from: Int) {
  let key = keys[from]
  var at = from
  while true {
    var child = 2 &* at &+ 1
    if child >= count { break }
    if child &+ 1 < count, keys[child &+ 1] < keys[child] { child &+= 1 }
    if keys[child] >= key { break }
    keys[at] = keys[child]
    at = child
  }
  keys[at] = key
}
