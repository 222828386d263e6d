// SPDX-License-Identifier: Apache-2.0
// Where everything lies in an index file: specs/index.md §3 to §5.
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
  static let digestAt = 64

  var generation: UInt64
  var committedByteCount: UInt64
  var passageCount: UInt64
  var segmentCount: UInt64
  var chain: Digest

  /// Where the root of a generation lies.
  static func offset(generation: UInt64) -> Int {
    IndexHeader.pageByteCount * (1 + Int(truncatingIfNeeded: generation & 1))
  }

  /// The root in `page` (1 or 2) when its digest is right.
  init?(_ file: UnsafeRawBufferPointer, page: Int) {
    let bytes = file.part(page * IndexHeader.pageByteCount, IndexRoot.byteCount)
    guard IndexRoot.digest(bytes, header: file.digest(IndexHeader.digestAt)) == bytes.digest(IndexRoot.digestAt) else {
      return nil
    }
    generation = bytes.u64(0)
    committedByteCount = bytes.u64(8)
    passageCount = bytes.u64(16)
    segmentCount = bytes.u64(24)
    chain = bytes.digest(32)
  }

  /// Of an index without passages.
  init(empty header: Digest) {
    generation = 0
    committedByteCount = UInt64(IndexHeader.byteCountOfPages)
    passageCount = 0
    segmentCount = 0
    chain = header
  }

  func write(into room: UnsafeMutableRawBufferPointer, header: Digest) {
    room.put(generation, at: 0)
    room.put(committedByteCount, at: 8)
    room.put(passageCount, at: 16)
    room.put(segmentCount, at: 24)
    room.put(chain, at: 32)
    room.put(IndexRoot.digest(UnsafeRawBufferPointer(room), header: header), at: IndexRoot.digestAt)
  }

  /// The digest of a root's fields: over them and the header's digest, so that a root of another index is none.
  private static func digest(_ bytes: UnsafeRawBufferPointer, header: Digest) -> Digest {
    digestOfTwo(bytes.part(0, digestAt), header)
  }
}

/// BLAKE2b-256 of up to 96 bytes and of a digest behind them.
func digestOfTwo(_ bytes: UnsafeRawBufferPointer, _ digest: Digest) -> Digest {
  withUnsafeTemporaryAllocation(byteCount: 160, alignment: 8) { room in
    room.baseAddress!.copyMemory(from: bytes.baseAddress!, byteCount: bytes.count)
    room.put(digest, at: bytes.count)
    blake2b256(UnsafeRawPointer(room.baseAddress!), bytes.count + 32, room.baseAddress! + 128)
    return UnsafeRawBufferPointer(room).digest(128)
  }
}

/// The parts of a segment, as offsets from its start. All but the last are multiples of 16.
struct SegmentLayout {
  static let headByteCount = 128
  static let chainAt = 96
  static let passageByteCount = 16
  static let sourceByteCount = 40

  let passageCount: Int
  let sourceCount: Int
  let textByteCount: Int
  /// Columns of a stored vector: the dimensions, padded to 32.
  let columnCount: Int

  var panelCount: Int { (passageCount + 15) / 16 }
  var scales: Int { SegmentLayout.headByteCount }
  var vectors: Int { scales + 64 * panelCount }
  var lows: Int { vectors + 16 * panelCount * columnCount }
  var passages: Int { lows + 16 * panelCount * columnCount }
  var sources: Int { passages + SegmentLayout.passageByteCount * passageCount }
  var text: Int { sources + SegmentLayout.sourceByteCount * sourceCount }
  var byteCount: Int { aligned(text + textByteCount, to: 64) }
}

/// One segment of an index that has been checked.
struct Segment {
  let start: Int
  let firstPassage: UInt32
  let layout: SegmentLayout

  @inline(never)
  init(_ file: UnsafeRawBufferPointer, at start: Int, columnCount: Int) {
    self.start = start
    firstPassage = UInt32(truncatingIfNeeded: file.u64(start + 8))
    layout = SegmentLayout(
      passageCount: Int(file.u32(start + 16)), sourceCount: Int(file.u32(start + 20)),
      textByteCount: Int(file.u64(start + 24)), columnCount: columnCount)
  }

  var end: Int { start + layout.byteCount }
}
