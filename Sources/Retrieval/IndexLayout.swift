// SPDX-License-Identifier: Apache-2.0
// Where everything lies in an index file, and the digests that hold it together: specs/index.md §3 to §5.
import Format
import Storage

/// The largest counts and sizes of an index. specs/index.md §6.
public enum IndexLimits {
  public static let versionMax: UInt32 = 1
  public static let dimensionCountMax = 4_096
  public static let fileByteCountMax: UInt64 = 1 << 44
  public static let passageCountMax: UInt64 = 1 << 32 - 1
  public static let segmentCountMax: UInt64 = 1 << 24
  /// Of one segment.
  public static let segmentPassageCountMax = 65_536
  public static let segmentTextByteCountMax = 1 << 32
  public static let passageByteCountMax = 1 << 16
  public static let nameByteCountMax = 4_096
  /// Hits of one search.
  public static let hitCountMax = 1_024
}

/// The first bytes of the file, 128 of a page of 4,096.
enum IndexHeader {
  static let byteCount = 128
  static let magic: UInt64 = 0x0A1A_0A0D_5849_5489  // 89 "TIX" CR LF SUB LF
  static let digestAt = 96
  static let pageByteCount = 4_096
  /// Where the first segment starts: behind the header and two roots.
  static let byteCountOfPages = 3 * pageByteCount
}

/// What is committed: the newest of the two roots. 96 bytes at the start of a page.
struct IndexRoot {
  static let byteCount = 96
  static let chainAt = 32
  static let digestAt = 64

  var generation: UInt64 = 0
  var committedByteCount = UInt64(IndexHeader.byteCountOfPages)
  var passageCount: UInt64 = 0
  var segmentCount: UInt64 = 0

  /// Of an index without passages.
  init() {}

  init(_ file: UnsafeRawBufferPointer, at: Int) {
    generation = file.u64(at)
    committedByteCount = file.u64(at + 8)
    passageCount = file.u64(at + 16)
    segmentCount = file.u64(at + 24)
  }

  /// Where the root of a generation lies.
  var offset: Int { IndexHeader.pageByteCount * (1 + Int(truncatingIfNeeded: generation & 1)) }
}

/// BLAKE2b-256 of up to 96 bytes and, where there are any, of 32 more behind them.
@inline(never)
func hash(
  _ bytes: UnsafeRawPointer, _ byteCount: Int, _ more: UnsafeRawPointer?, into out: UnsafeMutableRawPointer
) {
  withUnsafeTemporaryAllocation(byteCount: 128, alignment: 8) { room in
    let base = room.baseAddress!
    base.copyMemory(from: bytes, byteCount: byteCount)
    if let more { (base + byteCount).copyMemory(from: more, byteCount: 32) }
    blake2b256(base, more == nil ? byteCount : byteCount &+ 32, out)
  }
}

extension UnsafeRawBufferPointer {
  /// Whether the 32 bytes at `digestAt` are the digest of so many bytes at `at`, and of the 32 at `more`.
  @inline(never)
  func hasDigest(_ digestAt: Int, of at: Int, _ byteCount: Int, _ more: Int?) -> Bool {
    withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { room in
      hash(baseAddress! + at, byteCount, more.map { baseAddress! + $0 }, into: room.baseAddress!)
      return isSame(baseAddress! + digestAt, room.baseAddress!)
    }
  }
}

/// Whether two digests are the same.
@inline(never)
func isSame(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer) -> Bool {
  var difference: UInt64 = 0
  for at in stride(from: 0, to: 32, by: 8) {
    difference |=
      a.loadUnaligned(fromByteOffset: at, as: UInt64.self)
      ^ b.loadUnaligned(fromByteOffset: at, as: UInt64.self)
  }
  return difference == 0
}

/// One segment: what its head says, and where its parts lie. All but the last are multiples of 16.
struct Segment {
  static let headByteCount = 128
  static let chainAt = 96
  static let passageByteCount = 16
  static let sourceByteCount = 40

  let start: Int
  let firstPassage: UInt32
  let passageCount: Int
  let sourceCount: Int
  let textByteCount: Int
  // Offsets in the file.
  let scales: Int
  let vectors: Int
  let lows: Int
  let passages: Int
  let sources: Int
  let text: Int
  let end: Int

  /// - Parameter columnCount: of a stored vector: the dimensions, padded to 32.
  @inline(never)
  init(
    start: Int, firstPassage: UInt32, passageCount: Int, sourceCount: Int, textByteCount: Int, columnCount: Int
  ) {
    let panelCount = (passageCount &+ 15) / 16
    (self.start, self.firstPassage) = (start, firstPassage)
    (self.passageCount, self.sourceCount, self.textByteCount) = (passageCount, sourceCount, textByteCount)
    scales = start &+ Segment.headByteCount
    vectors = scales &+ 64 &* panelCount
    let byteCount = 16 &* panelCount &* columnCount
    lows = vectors &+ byteCount
    passages = lows &+ byteCount
    sources = passages &+ Segment.passageByteCount &* passageCount
    text = sources &+ Segment.sourceByteCount &* sourceCount
    end = (text &+ textByteCount &+ 63) & ~63
  }

  /// The segment whose head lies at `start`. Its counts are within the limits.
  init(_ file: UnsafeRawBufferPointer, at start: Int, columnCount: Int) {
    self.init(
      start: start, firstPassage: UInt32(truncatingIfNeeded: file.u64(start + 8)),
      passageCount: Int(file.u32(start + 16)), sourceCount: Int(file.u32(start + 20)),
      textByteCount: Int(truncatingIfNeeded: file.u64(start + 24)), columnCount: columnCount)
  }
}
