// SPDX-License-Identifier: Apache-2.0
// Lays out sections and writes the head: the counterpart of BundleHead(checking:).

/// Where everything of a bundle lies, derived from kinds and byte counts alone.
public enum HeadWriter {
  /// Sets the offsets of `sections` (sorted by kind) in the mappable form or, with `compressed`, the form for shipping,
  /// whose `storedByteCount`s must be set. Returns the byte count of the file, or nil past 2^64.
  public static func place(_ sections: UnsafeMutableBufferPointer<Section>, compressed: Bool) -> UInt64? {
    var end = UInt64(Header.headByteCount(sectionCount: sections.count))
    for i in sections.indices {
      let start = Section.start(after: end, byteCount: sections[i].byteCount, mappable: !compressed)
      guard let start else { return nil }
      sections[i].offset = start
      let (next, overflow) = start.addingReportingOverflow(sections[i].storedByteCount)
      if overflow { return nil }
      end = next
    }
    return end
  }

  /// Writes header and section table of placed `sections`; `head` has `Header.headByteCount` bytes.
  public static func write(
    _ sections: UnsafeBufferPointer<Section>, compressed: Bool, optionalFeatures: UInt64 = 0, fileByteCount: UInt64,
    into head: UnsafeMutableRawBufferPointer, blake2b: Blake2b256
  ) {
    head.initializeMemory(as: UInt8.self, repeating: 0)
    let header = Header(
      sectionCount: UInt16(sections.count), requiredFeatures: compressed ? Header.featureCompressed : 0,
      optionalFeatures: optionalFeatures, fileByteCount: fileByteCount)
    header.write(into: head)
    for i in sections.indices { sections[i].write(into: head, at: Header.byteCount + i * Section.byteCount) }
    let table = UnsafeRawBufferPointer(rebasing: head[Header.byteCount...])
    head.put(BundleHead.identity(of: table, blake2b), at: Header.identityOffset)
    head.put(BundleHead.headDigest(UnsafeRawBufferPointer(head), blake2b), at: Header.digestOffset)
  }
}
