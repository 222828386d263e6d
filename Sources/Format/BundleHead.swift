// SPDX-License-Identifier: Apache-2.0
// Header and section table, checked: all that a reader of a stream has before the sections arrive. Rules B-01 to B-18.

/// The proven head of a bundle, in either form. Sections are read in place.
public struct BundleHead {
  public let header: Header
  /// BLAKE2b-256 over kinds, byte counts and digests of the sections: the same for both forms of a bundle.
  public let identity: Digest
  /// Whether the sections lie as they are mapped; else this is the form for shipping.
  public let isMappable: Bool
  /// Bytes of the mappable form: of this file if it is that, else of what expanding it makes.
  public let mappableByteCount: UInt64
  private let table: UnsafeRawBufferPointer

  /// Bytes of the head of the bundle whose first 128 bytes are `start`.
  public static func byteCount(start: UnsafeRawBufferPointer) throws(BundleError) -> Int {
    Header.headByteCount(sectionCount: Int(try Header(checking: start).sectionCount))
  }

  /// Checks `bytes`, which hold at least the head. They must outlive the value. `fileByteCount` is the file's actual
  /// byte count; without it (a stream) the caller must check B-08 at the end.
  public init(
    checking bytes: UnsafeRawBufferPointer, blake2b: Blake2b256, fileByteCount: UInt64? = nil
  ) throws(BundleError) {
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
    if let fileByteCount, header.fileByteCount != fileByteCount {  // B-08
      throw .fileByteCountDiffers(declared: header.fileByteCount, actual: fileByteCount)
    }
    isMappable = header.requiredFeatures & Header.featureCompressed == 0
    identity = head.digest(Header.identityOffset)
    table = head.part(Header.byteCount, headByteCount - Header.byteCount)
    mappableByteCount = try BundleHead.checkTable(table, header: header, headByteCount: headByteCount)
    try checkPresence()
    guard BundleHead.identity(of: table, blake2b) == identity else { throw .identityDiffers }  // B-18
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

  /// B-09 to B-15: known kinds in ascending order, each exactly where the one before it leaves off. Returns the byte
  /// count of the mappable form.
  private static func checkTable(
    _ table: UnsafeRawBufferPointer, header: Header, headByteCount: Int
  ) throws(BundleError) -> UInt64 {
    let mappable = header.requiredFeatures & Header.featureCompressed == 0
    var end = UInt64(headByteCount)
    var mappedEnd = end
    var kindBefore: UInt32 = 0
    var isAnyInBlocks = false
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
      let isInBlocks = storage == Section.storageBlocks
      guard isInBlocks ? !mappable && stored > 0 && stored < byteCount : stored == byteCount else {
        throw .sectionStorageInconsistent(index: index)
      }
      isAnyInBlocks = isAnyInBlocks || isInBlocks
      let offset = table.u64(at + 8)
      let expected = Section.start(after: end, byteCount: byteCount, mappable: mappable)
      guard let expected, offset == expected else {
        throw .sectionMisplaced(index: index, offset: offset, expected: expected ?? .max)
      }
      end = saturatingSum(offset, stored)
      guard end <= header.fileByteCount else {
        throw .sectionOutOfBounds(index: index, end: end, fileByteCount: header.fileByteCount)
      }
      let start = Section.start(after: mappedEnd, byteCount: byteCount, mappable: true)
      mappedEnd = saturatingSum(start ?? .max, byteCount)
      guard mappedEnd <= Limits.fileByteCountMax else {
        throw .sectionOutOfBounds(index: index, end: mappedEnd, fileByteCount: Limits.fileByteCountMax)
      }
    }
    guard mappable || isAnyInBlocks else { throw .sectionStorageInconsistent(index: header.sectionCount) }  // B-12
    guard end == header.fileByteCount else {
      throw .trailingBytes(end: end, fileByteCount: header.fileByteCount)
    }
    return mappedEnd
  }

  /// B-16 and B-17: what every bundle has, nothing empty, nothing over its limit, whole records, and page digest lists
  /// of the right length.
  private func checkPresence() throws(BundleError) {
    guard section(.manifest) != nil else { throw .sectionMissing(kind: SectionKind.manifest.rawValue) }
    guard section(.pages) != nil else { throw .sectionMissing(kind: SectionKind.pages.rawValue) }
    var pageCount: UInt64 = 0
    for i in 0..<sectionCount {
      let section = section(i)
      let found = section.byteCount
      var expected = min(max(found, 1), Limits.byteCountMax(of: section.kind))
      if section.kind == .tensors {
        let record = UInt64(Tensor.byteCount)
        expected = max(expected / record, 1) * record
      }
      if section.kind == .pages { expected = 32 * pageCount }
      pageCount += section.pageCount
      guard found == expected else {
        throw .sectionByteCountWrong(kind: section.kind.rawValue, found: found, expected: expected)
      }
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
