// SPDX-License-Identifier: Apache-2.0
// Header and section table, checked: all that a reader of a stream has before the sections arrive. Rules B-01 to B-15.

/// The proven head of a bundle, in either form. Sections are read in place.
public struct BundleHead {
  public let header: Header
  /// BLAKE2b-256 over kinds, byte counts and digests of the sections: the same for both forms of a bundle.
  public let identity: Digest
  /// Whether the sections lie as they are mapped; else this is the form for shipping.
  public let isMappable: Bool
  private let table: UnsafeRawBufferPointer

  /// Bytes of the head of the bundle whose first 128 bytes are `start`.
  public static func byteCount(start: UnsafeRawBufferPointer) throws(BundleError) -> Int {
    Header.headByteCount(sectionCount: Int(try Header(checking: start).sectionCount))
  }

  /// Checks `bytes`, which hold at least the head. They must outlive the value.
  public init(checking bytes: UnsafeRawBufferPointer, blake2b: Blake2b256) throws(BundleError) {
    header = try Header(checking: bytes)
    let headByteCount = Header.headByteCount(sectionCount: Int(header.sectionCount))
    guard bytes.count >= headByteCount else {  // B-01
      throw .truncated(have: UInt64(bytes.count), need: UInt64(headByteCount))
    }
    let head = bytes.part(0, headByteCount)
    guard BundleHead.headDigest(head, blake2b) == head.digest(Header.digestOffset) else {  // B-06
      throw .headerDigestDiffers
    }
    guard head.u32(12) == 0 else { throw .reservedNotZero(offset: 12) }  // B-07
    guard head.part(40, 24).isZero else { throw .reservedNotZero(offset: 40) }
    isMappable = header.requiredFeatures & Header.featureCompressed == 0
    identity = head.digest(Header.identityOffset)
    table = head.part(Header.byteCount, headByteCount - Header.byteCount)
    try BundleHead.checkTable(table, header: header, headByteCount: headByteCount)
    guard BundleHead.identity(of: table, blake2b) == identity else { throw .identityDiffers }  // B-19
  }

  public var sectionCount: Int { Int(header.sectionCount) }

  /// Section `index` of the table, below `sectionCount`.
  public func section(_ index: Int) -> Section {
    let at = index * Section.byteCount
    var section = Section(
      kind: SectionKind(rawValue: table.u32(at)) ?? .manifest, byteCount: table.u64(at + 24),
      digest: table.digest(at + 32))
    section.storage = table.u32(at + 4)
    section.offset = table.u64(at + 8)
    section.storedByteCount = table.u64(at + 16)
    return section
  }

  /// The section of that kind, if there is one.
  public func section(_ kind: SectionKind) -> Section? {
    for index in 0..<sectionCount where section(index).kind == kind { return section(index) }
    return nil
  }

  /// B-09 to B-15: known kinds in ascending order, each exactly where the one before it leaves off.
  private static func checkTable(
    _ table: UnsafeRawBufferPointer, header: Header, headByteCount: Int
  ) throws(BundleError) {
    let mappable = header.requiredFeatures & Header.featureCompressed == 0
    var end = UInt64(headByteCount)
    var kindBefore: UInt32 = 0
    for i in 0..<Int(header.sectionCount) {
      let at = i * Section.byteCount
      let index = UInt16(i)
      let kind = table.u32(at)
      guard SectionKind(rawValue: kind) != nil else { throw .sectionKindUnknown(index: index, kind: kind) }
      guard kind > kindBefore else { throw .sectionsUnsorted(index: index) }
      kindBefore = kind
      let storage = table.u32(at + 4)
      guard storage == Section.storagePlain || storage == Section.storageBlocks else {
        throw .sectionStorageUnknown(index: index, storage: storage)
      }
      let stored = table.u64(at + 16)
      let byteCount = table.u64(at + 24)
      guard storage == Section.storagePlain ? stored == byteCount : !mappable,
        byteCount <= Limits.fileByteCountMax, stored <= Limits.fileByteCountMax
      else { throw .sectionStorageInconsistent(index: index) }
      let offset = table.u64(at + 8)
      let expected = Section.start(after: end, byteCount: byteCount, mappable: mappable)
      guard let expected, offset == expected else {
        throw .sectionMisplaced(index: index, offset: offset, expected: expected ?? .max)
      }
      end = offset + stored  // both are far below 2^63: offset was derived from such ends
      guard end <= header.fileByteCount else {
        throw .sectionOutOfBounds(index: index, end: end, fileByteCount: header.fileByteCount)
      }
    }
    guard end == header.fileByteCount else {
      throw .trailingBytes(end: end, fileByteCount: header.fileByteCount)
    }
  }

  /// BLAKE2b-256 of the header in which the digest's own 32 bytes hold BLAKE2b-256 of the section table.
  public static func headDigest(_ head: UnsafeRawBufferPointer, _ blake2b: Blake2b256) -> Digest {
    let table = UnsafeRawBufferPointer(rebasing: head[Header.byteCount...])
    return withUnsafeTemporaryAllocation(byteCount: Header.byteCount, alignment: 8) { copy in
      copy.copyMemory(from: head.part(0, Header.byteCount))
      copy.put(digest(of: table, blake2b), at: Header.digestOffset)
      return digest(of: UnsafeRawBufferPointer(copy), blake2b)
    }
  }

  /// BLAKE2b-256 over one 48-byte record a section: kind (u32), zero (u32), byte count (u64), digest.
  public static func identity(of table: UnsafeRawBufferPointer, _ blake2b: Blake2b256) -> Digest {
    let count = table.count / Section.byteCount
    return withUnsafeTemporaryAllocation(byteCount: Limits.sectionCountMax * 48, alignment: 8) { room in
      let list = UnsafeMutableRawBufferPointer(rebasing: room[0..<(count * 48)])
      for i in 0..<count {
        list.put(table.u32(i * Section.byteCount), at: i * 48)
        list.put(UInt32(0), at: i * 48 + 4)
        list.put(table.u64(i * Section.byteCount + 24), at: i * 48 + 8)
        list.put(table.digest(i * Section.byteCount + 32), at: i * 48 + 16)
      }
      return digest(of: UnsafeRawBufferPointer(list), blake2b)
    }
  }

  /// BLAKE2b-256 of `bytes`.
  public static func digest(of bytes: UnsafeRawBufferPointer, _ blake2b: Blake2b256) -> Digest {
    withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { out in
      blake2b(bytes.baseAddress, bytes.count, out.baseAddress!)
      return UnsafeRawBufferPointer(out).digest(0)
    }
  }
}
