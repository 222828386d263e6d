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

  /// - Throws: the first rule of specs/index.md §7 that the file breaks, I-01 to I-11.
  public init(checking file: UnsafeRawBufferPointer) throws(IndexError) {
    let need = IndexHeader.byteCountOfPages
    guard file.count >= need else { throw .truncated(need: UInt64(need)) }
    guard file.u64(0) == IndexHeader.magic else { throw .badMagic }
    guard file.u32(8) == IndexLimits.versionMax else { throw .versionUnknown(file.u32(8)) }
    guard file.hasDigest(IndexHeader.digestAt, of: 0, IndexHeader.digestAt, nil) else { throw .headerDigestDiffers }
    dimensionCount = Int(file.u32(12))
    guard dimensionCount >= 1, dimensionCount <= IndexLimits.dimensionCountMax else {
      throw .dimensionsOutOfRange(dimensionCount)
    }
    let end = IndexHeader.byteCount
    guard file.part(16, 16).isZero, file.part(64, 32).isZero, file.part(end, IndexHeader.pageByteCount - end).isZero
    else { throw .reservedNotZero }
    self.file = file
    root = try Index.newestRoot(file)
    try checkSegments()
  }

  /// The newest root; of equal ones the second.
  private static func newestRoot(_ file: UnsafeRawBufferPointer) throws(IndexError) -> IndexRoot {
    var page = 0
    var root = IndexRoot()
    for candidate in 1...2 {
      let at = IndexHeader.pageByteCount * candidate
      guard file.hasDigest(at + IndexRoot.digestAt, of: at, IndexRoot.digestAt, IndexHeader.digestAt),
        page == 0 || file.u64(at) >= root.generation
      else { continue }
      root = IndexRoot(file, at: at)
      page = candidate
    }
    guard page > 0 else { throw .noRoot }
    guard root.offset == page * IndexHeader.pageByteCount,
      root.committedByteCount >= UInt64(IndexHeader.byteCountOfPages), root.committedByteCount % 64 == 0,
      root.committedByteCount <= IndexLimits.fileByteCountMax, root.passageCount <= IndexLimits.passageCountMax,
      root.segmentCount <= IndexLimits.segmentCountMax
    else { throw .rootMalformed(page: page) }
    guard root.committedByteCount <= UInt64(file.count) else { throw .truncated(need: root.committedByteCount) }
    return root
  }

  /// Walks the heads: each in its place, and all of them those that the root was written for.
  private func checkSegments() throws(IndexError) {
    let end = Int(root.committedByteCount)
    var at = IndexHeader.byteCountOfPages
    var chainAt = IndexHeader.digestAt
    var passageCount: UInt64 = 0
    var index: UInt64 = 0
    while index < root.segmentCount {
      guard end - at >= Segment.headByteCount else { throw .totalsDiffer }
      guard file.hasDigest(at + Segment.chainAt, of: at, Segment.chainAt, chainAt) else { throw .chainDiffers(index) }
      let segment = segment(at: at)
      let limit = IndexLimits.segmentPassageCountMax
      guard segment.passageCount >= 1, segment.passageCount <= limit, segment.sourceCount >= 1,
        segment.sourceCount <= limit, file.u64(at + 24) <= UInt64(IndexLimits.segmentTextByteCountMax),
        file.u64(at + 8) == passageCount, file.u64(at) == UInt64(segment.end - at), segment.end <= end,
        file.part(at + 64, 32).isZero
      else { throw .segmentMalformed(index) }
      chainAt = at + Segment.chainAt
      passageCount += UInt64(segment.passageCount)
      at = segment.end
      index += 1
    }
    guard at == end, passageCount == root.passageCount,
      isSame(file.baseAddress! + chainAt, file.baseAddress! + root.offset + IndexRoot.chainAt)
    else { throw .totalsDiffer }
  }

  /// The identity of the bundle that made the vectors.
  public var identity: Digest { file.digest(32) }

  /// Columns of a stored vector.
  var columnCount: Int { aligned(dimensionCount, to: 32) }

  /// The segment whose head, which is in bounds, lies at `at`.
  @inline(never)
  func segment(at: Int) -> Segment { Segment(file, at: at, columnCount: columnCount) }

  /// The segment at `at`, which moves to the next one; nil behind the last.
  func nextSegment(_ at: inout Int) -> Segment? {
    if at >= Int(root.committedByteCount) { return nil }
    let segment = segment(at: at)
    at = segment.end
    return segment
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
    var at = IndexHeader.byteCountOfPages
    while let segment = nextSegment(&at) {
      stats.scannedByteCount += UInt64(segment.lows - segment.scales)
      stats.textByteCount += UInt64(segment.textByteCount)
    }
    return stats
  }

  /// Refuses an index whose vectors another bundle made (I-14).
  public func require(identity: Digest, dimensionCount: Int) throws(IndexError) {
    guard identity == self.identity else { throw .otherModel }
    guard dimensionCount == self.dimensionCount else { throw .dimensionsDiffer(dimensionCount) }
  }

  /// Every byte of every segment against its digest (I-12), and every record (I-13).
  public func verify() throws(IndexError) {
    var at = IndexHeader.byteCountOfPages
    var index: UInt64 = 0
    while let segment = nextSegment(&at) {
      let digest = sectionDigest(of: file.part(segment.scales, segment.end - segment.scales))
      guard digest == file.digest(segment.start + 32) else { throw .bodyDigestDiffers(index) }
      for row in 0..<segment.passageCount { _ = try passage(segment.firstPassage + UInt32(row), in: segment) }
      index += 1
    }
  }
}
