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
}

/// A passage that may be among the best, and the segment that holds it.
private struct Candidate: BitwiseCopyable {
  var score: Float
  var passage: UInt32
  var segmentStart: Int

  /// Whether this one comes after `other`.
  func isWorse(than other: Candidate) -> Bool {
    score < other.score || (score == other.score && passage > other.passage)
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
      + aligned(MemoryLayout<Candidate>.size * candidateCountMax(hitCount: hitCountMax), to: 64)
  }

  /// The best passages for `query`, best first, into `hits`, of which there are at most `IndexLimits.hitCountMax`.
  ///
  /// - Parameter query: f32 (dimensionCount), normalised if the stored vectors are.
  /// - Returns: how many there are; fewer than `hits.count` only when the index has fewer.
  /// - Throws: `dimensionsDiffer`, `vectorNotFinite`, `scratchTooSmall`.
  /// - Complexity: reads `stats.scannedByteCount` bytes, in order.
  public func search(
    _ query: UnsafeBufferPointer<Float>, kernels: UnsafePointer<ht_kernels>, scratch: UnsafeMutableRawBufferPointer,
    into hits: UnsafeMutableBufferPointer<Hit>
  ) throws(IndexError) -> Int {
    try require(identity: identity, dimensionCount: query.count)
    let hitCount = min(hits.count, IndexLimits.hitCountMax)
    let need = Index.searchScratchByteCount(dimensionCount: dimensionCount, hitCountMax: hitCount)
    guard scratch.count >= need else { throw .scratchTooSmall(have: UInt64(scratch.count), need: UInt64(need)) }
    guard let largest = largestMagnitude(query) else { throw .vectorNotFinite }
    if hitCount == 0 { return 0 }
    let quants = scratch.baseAddress!
    quantize(query, largest, quants)
    let scores = quants + aligned(dimensionCount, to: 64)
    var best = CandidateHeap(
      start: (scores + 64 * Index.blockPanelCount).assumingMemoryBound(to: Candidate.self),
      capacity: Index.candidateCountMax(hitCount: hitCount))
    forEachSegment { segment in
      scan(segment, quants, scores.assumingMemoryBound(to: Float.self), kernels, &best)
    }
    weigh(query, &best)
    let count = min(hitCount, best.count)
    for index in 0..<count { hits[index] = Hit(score: best.start[index].score, passage: best.start[index].passage) }
    return count
  }

  /// The query as the kernels want it; its scale changes no order.
  private func quantize(_ query: UnsafeBufferPointer<Float>, _ largest: Float, _ out: UnsafeMutableRawPointer) {
    out.initializeMemory(as: UInt8.self, repeating: 0, count: columnCount)
    let inverse = 127 / largest
    guard inverse < .infinity else { return }
    for i in 0..<query.count {
      out.storeBytes(of: Int8(truncatingIfNeeded: nearest(query[i] * inverse)), toByteOffset: i, as: Int8.self)
    }
  }

  private func scan(
    _ segment: Segment, _ query: UnsafeMutableRawPointer, _ scores: UnsafeMutablePointer<Float>,
    _ kernels: UnsafePointer<ht_kernels>, _ best: inout CandidateHeap
  ) {
    let base = file.baseAddress! + segment.start
    let layout = segment.layout
    var panel = 0
    while panel < layout.panelCount {
      let panelCount = min(Index.blockPanelCount, layout.panelCount - panel)
      kernels.pointee.search(
        (base + layout.vectors + 16 * panel * columnCount).assumingMemoryBound(to: Int8.self),
        (base + layout.scales + 64 * panel).assumingMemoryBound(to: Float.self),
        query.assumingMemoryBound(to: Int8.self), columnCount, panelCount, scores)
      let rowCount = min(16 * panelCount, layout.passageCount - 16 * panel)
      var row = 0
      while row < rowCount {
        if scores[row] > best.threshold {
          let passage = segment.firstPassage &+ UInt32(truncatingIfNeeded: 16 * panel &+ row)
          best.insert(Candidate(score: scores[row], passage: passage, segmentStart: segment.start))
        }
        row &+= 1
      }
      panel += panelCount
    }
  }

  /// Scores the candidates anew and sorts them, best first.
  private func weigh(_ query: UnsafeBufferPointer<Float>, _ best: inout CandidateHeap) {
    for index in 0..<best.count {
      let candidate = best.start[index]
      let segment = segment(at: candidate.segmentStart)
      let base = UnsafeMutableRawPointer(mutating: file.baseAddress! + segment.start)
      let row = Int(candidate.passage - segment.firstPassage)
      let code = VectorCode(
        panel: base + segment.layout.vectors + row / 16 * 16 * columnCount, row: row % 16,
        lows: base + segment.layout.lows + row * columnCount)
      let scale = file.f32(segment.start + segment.layout.scales + 4 * row)
      let score = Float(code.dot(query) * Double(scale) / 256)
      best.start[index].score = score.isNaN ? -.infinity : score
    }
    best.sort()
  }
}

/// The best candidates so far, the worst of them first.
private struct CandidateHeap {
  let start: UnsafeMutablePointer<Candidate>
  let capacity: Int
  var count = 0
  /// What a score must be above to come in. A scale that is no number gives none such.
  var threshold = -Float.infinity

  mutating func insert(_ candidate: Candidate) {
    if count == capacity {
      start[0] = candidate
      sink(0)
    } else {
      var at = count
      count += 1
      start[at] = candidate
      while at > 0, start[at].isWorse(than: start[(at - 1) / 2]) {
        swap(at, (at - 1) / 2)
        at = (at - 1) / 2
      }
    }
    if count == capacity { threshold = start[0].score }
  }

  private mutating func swap(_ a: Int, _ b: Int) {
    let kept = start[a]
    start[a] = start[b]
    start[b] = kept
  }

  private mutating func sink(_ from: Int) {
    var at = from
    while true {
      var worst = at
      let left = 2 * at + 1
      if left < count, start[left].isWorse(than: start[worst]) { worst = left }
      if left + 1 < count, start[left + 1].isWorse(than: start[worst]) { worst = left + 1 }
      if worst == at { return }
      swap(at, worst)
      at = worst
    }
  }

  /// Best first. No heap any more.
  mutating func sort() {
    let all = count
    var from = all / 2
    while from > 0 {
      from -= 1
      sink(from)
    }
    while count > 1 {
      count -= 1
      swap(0, count)
      sink(0)
    }
    count = all
  }
}
