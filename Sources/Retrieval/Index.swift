// SPDX-License-Identifier: Apache-2.0
// The one door through which an index comes, and what can be asked of it. Spec: specs/index.md. Opening looks at the
// header, the roots and the heads of the segments; `verify` at every byte.
import Format
import Storage

/// A checked index over a mapped file, which must stay as it is up to `committedByteCount`.
public struct Index: @unchecked Sendable {
  let file: UnsafeRawBufferPointer
  let root: IndexRoot
  /// Dimensions of a vector.
  public let dimensionCount: Int
  /// The identity of the bundle that made the vectors.
  public let identity: Digest

  /// - Throws: the first rule of specs/index.md §7 that the file breaks, I-01 to I-11.
  public init(checking file: UnsafeRawBufferPointer) throws(IndexError) {
    let need = IndexHeader.byteCountOfPages
    guard file.count >= need else { throw .truncated(have: UInt64(file.count), need: UInt64(need)) }
    guard file.u64(0) == IndexHeader.magic else { throw .badMagic }
    guard file.u32(8) == IndexLimits.versionMax else {
      throw .versionUnknown(found: file.u32(8), known: IndexLimits.versionMax)
    }
    guard Index.headerDigest(file) == file.digest(IndexHeader.digestAt) else { throw .headerDigestDiffers }
    let dimensions = file.u32(12)
    guard dimensions >= 1, dimensions <= IndexLimits.dimensionCountMax else {
      throw .dimensionsOutOfRange(found: dimensions)
    }
    guard file.part(16, 16).isZero else { throw .reservedNotZero(offset: 16) }
    guard file.part(64, 32).isZero else { throw .reservedNotZero(offset: 64) }
    guard file.part(IndexHeader.byteCount, IndexHeader.pageByteCount - IndexHeader.byteCount).isZero else {
      throw .reservedNotZero(offset: UInt64(IndexHeader.byteCount))
    }
    dimensionCount = Int(dimensions)
    identity = file.digest(32)
    self.file = file
    root = try Index.newestRoot(file)
    try checkSegments()
  }

  static func headerDigest(_ file: UnsafeRawBufferPointer) -> Digest {
    withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { room in
      blake2b256(file.baseAddress!, IndexHeader.digestAt, room.baseAddress!)
      return UnsafeRawBufferPointer(room).digest(0)
    }
  }

  private static func newestRoot(_ file: UnsafeRawBufferPointer) throws(IndexError) -> IndexRoot {
    let first = IndexRoot(file, page: 1)
    let second = IndexRoot(file, page: 2)
    guard var root = second ?? first else { throw .noRoot }
    var page = second == nil ? 1 : 2
    if let first, first.generation > root.generation { (root, page) = (first, 1) }
    guard IndexRoot.offset(generation: root.generation) == page * IndexHeader.pageByteCount,
      root.committedByteCount >= UInt64(IndexHeader.byteCountOfPages), root.committedByteCount % 64 == 0,
      root.committedByteCount <= IndexLimits.fileByteCountMax, root.passageCount <= IndexLimits.passageCountMax,
      root.segmentCount <= IndexLimits.segmentCountMax
    else { throw .rootMalformed(page: UInt32(page)) }
    guard root.committedByteCount <= UInt64(file.count) else {
      throw .truncated(have: UInt64(file.count), need: root.committedByteCount)
    }
    return root
  }

  /// Walks the heads: each in its place, and all of them those that the root was written for.
  private func checkSegments() throws(IndexError) {
    var chain = file.digest(IndexHeader.digestAt)
    var at = IndexHeader.byteCountOfPages
    let end = Int(root.committedByteCount)
    var passageCount: UInt64 = 0
    var index: UInt64 = 0
    while index < root.segmentCount {
      guard end - at >= SegmentLayout.headByteCount else { throw .totalsDiffer }
      try checkHead(at, index, passageCount, chain, end)
      chain = file.digest(at + SegmentLayout.chainAt)
      passageCount += UInt64(file.u32(at + 16))
      at = segment(at: at).end
      index += 1
    }
    guard at == end, passageCount == root.passageCount, chain == root.chain else { throw .totalsDiffer }
  }

  private func checkHead(
    _ at: Int, _ index: UInt64, _ firstPassage: UInt64, _ chain: Digest, _ end: Int
  ) throws(IndexError) {
    let head = file.part(at, SegmentLayout.headByteCount)
    guard digestOfTwo(head.part(0, SegmentLayout.chainAt), chain) == head.digest(SegmentLayout.chainAt) else {
      throw .chainDiffers(segment: index)
    }
    guard head.u64(8) == firstPassage else { throw .segmentMalformed(segment: index, field: .firstPassage) }
    let limit = UInt32(IndexLimits.segmentPassageCountMax)
    guard head.u32(16) >= 1, head.u32(16) <= limit else {
      throw .segmentMalformed(segment: index, field: .passageCount)
    }
    guard head.u32(20) >= 1, head.u32(20) <= limit else {
      throw .segmentMalformed(segment: index, field: .sourceCount)
    }
    guard head.u64(24) <= UInt64(IndexLimits.segmentTextByteCountMax) else {
      throw .segmentMalformed(segment: index, field: .textByteCount)
    }
    guard head.part(64, 32).isZero else { throw .segmentMalformed(segment: index, field: .reserved) }
    let byteCount = segment(at: at).layout.byteCount
    guard head.u64(0) == UInt64(byteCount), byteCount <= end - at else {
      throw .segmentMalformed(segment: index, field: .byteCount)
    }
  }

  /// Columns of a stored vector.
  var columnCount: Int { aligned(dimensionCount, to: 32) }

  /// The segment whose head, which is in bounds, lies at `at`.
  func segment(at: Int) -> Segment { Segment(file, at: at, columnCount: columnCount) }

  /// Calls `body` with each segment in order.
  func forEachSegment<Failure: Error>(_ body: (Segment) throws(Failure) -> Void) throws(Failure) {
    var at = IndexHeader.byteCountOfPages
    while at < Int(root.committedByteCount) {
      let segment = segment(at: at)
      try body(segment)
      at = segment.end
    }
  }
}

/// What an index holds.
public struct IndexStats {
  public var passageCount: UInt64 = 0
  public var segmentCount: UInt64 = 0
  /// Commits so far.
  public var generation: UInt64 = 0
  public var committedByteCount: UInt64 = 0
  /// Bytes behind the last commit, from a writer that was killed: the next one cuts them off.
  public var tornByteCount: UInt64 = 0
  /// Bytes that every search reads.
  public var scannedByteCount: UInt64 = 0
  public var textByteCount: UInt64 = 0
}

extension Index {
  public var passageCount: Int { Int(root.passageCount) }

  public var stats: IndexStats {
    var stats = IndexStats()
    stats.passageCount = root.passageCount
    stats.segmentCount = root.segmentCount
    stats.generation = root.generation
    stats.committedByteCount = root.committedByteCount
    stats.tornByteCount = UInt64(file.count) - root.committedByteCount
    forEachSegment { segment in
      stats.scannedByteCount += UInt64(segment.layout.lows - segment.layout.scales)
      stats.textByteCount += UInt64(segment.layout.textByteCount)
    }
    return stats
  }

  /// Refuses an index whose vectors another bundle made (I-14).
  public func require(identity: Digest, dimensionCount: Int) throws(IndexError) {
    guard identity == self.identity else { throw .otherModel }
    guard dimensionCount == self.dimensionCount else {
      throw .dimensionsDiffer(found: UInt32(clamping: dimensionCount), expected: UInt32(self.dimensionCount))
    }
  }

  /// Every byte of every segment against its digest (I-12), and every record (I-13).
  public func verify() throws(IndexError) {
    var index: UInt64 = 0
    try forEachSegment { segment throws(IndexError) in
      let head = SegmentLayout.headByteCount
      let body = file.part(segment.start + head, segment.layout.byteCount - head)
      guard sectionDigest(of: body) == file.digest(segment.start + 32) else { throw .bodyDigestDiffers(segment: index) }
      for row in 0..<segment.layout.passageCount {
        _ = try passage(segment.firstPassage + UInt32(row), in: segment)
      }
      index += 1
    }
  }
}
