// SPDX-License-Identifier: Apache-2.0
// The section table: what is where, stored how, with which digest. specs/bundle.md §5.

/// What a section holds. The numbers are the order in the file.
public enum SectionKind: UInt32, Sendable {
  case manifest = 1, names = 2, program = 3, values = 4, tensors = 5, tokenizer = 6, template = 7, labels = 8
  case licence = 9, weights = 10, conformance = 11, pages = 12

  /// The lists of page digests: the one section that has no list of its own.
  static let last = SectionKind.pages
}

/// One entry of the section table, 64 bytes.
public struct Section: Sendable {
  public static let byteCount = 64
  public static let storagePlain: UInt32 = 0
  /// Blocks of 1 MiB, each after a byte transform, in zstd frames.
  public static let storageBlocks: UInt32 = 1

  public var kind: SectionKind
  public var storage: UInt32
  /// From byte 0 of this file.
  public var offset: UInt64
  /// Bytes in this file.
  public var storedByteCount: UInt64
  /// Bytes when expanded: equal to `storedByteCount` when plain.
  public var byteCount: UInt64
  /// Of the expanded bytes: BLAKE2b-256 over the list of BLAKE2b-256 of their pages of 64 KiB.
  public var digest: Digest

  public init(kind: SectionKind, byteCount: UInt64, digest: Digest) {
    self.kind = kind
    storage = Section.storagePlain
    offset = 0
    storedByteCount = byteCount
    self.byteCount = byteCount
    self.digest = digest
  }

  public func write(into bytes: UnsafeMutableRawBufferPointer, at offset: Int) {
    bytes.put(kind.rawValue, at: offset)
    bytes.put(storage, at: offset + 4)
    bytes.put(self.offset, at: offset + 8)
    bytes.put(storedByteCount, at: offset + 16)
    bytes.put(byteCount, at: offset + 24)
    bytes.put(digest, at: offset + 32)
  }

  /// Where a section must start that follows `end`: at the next line, or, when it is large and the bundle is to be
  /// mapped, at the next page. Nil past UInt64.
  public static func start(after end: UInt64, byteCount: UInt64, mappable: Bool) -> UInt64? {
    let large = mappable && byteCount >= Limits.pageAlignment
    return aligned(end, to: large ? Limits.pageAlignment : Limits.sectionAlignment)
  }

  /// Pages of 64 KiB that the expanded section has.
  public var pageCount: UInt64 {
    byteCount / UInt64(Limits.digestPageByteCount) + (byteCount % UInt64(Limits.digestPageByteCount) == 0 ? 0 : 1)
  }
}
