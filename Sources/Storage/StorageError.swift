// SPDX-License-Identifier: Apache-2.0
// Why a bundle could not be expanded: one case for each rule of specs/shipping.md §6. Numbers, never text.
import Format

/// Why `expand` stopped. Whatever the reason, the target is as it was and nothing lies beside it.
public enum StorageError: Error, Equatable, Sendable {
  case bundle(BundleError)  // S-01: the head is not that of a bundle
  case notCompressed  // S-02: the bundle is in its mappable form already
  /// The input ends at `have`, inside the section (nil: in the head or between sections); `need` is the least end.
  case cut(section: SectionKind?, have: UInt64, need: UInt64)  // S-03
  case paddingNotZero(offset: UInt64)  // S-04
  case blockMalformed(section: SectionKind, block: UInt32, field: BlockField)  // S-05
  case segmentMalformed(section: SectionKind, block: UInt32, segment: UInt32)  // S-06
  case blockDamaged(section: SectionKind, block: UInt32)  // S-07: zstd refuses it, or a table points outside itself
  case sectionDiffers(section: SectionKind)  // S-08: expanded, but its digest is not the one of the section table
  case pageListsDiffer  // S-09: the lists of page digests are not those of the other sections
  case trailingBytes(end: UInt64)  // S-10
  case diskTooSmall(have: UInt64, need: UInt64)
  case workspaceTooSmall(have: UInt64, need: UInt64)
  case system(call: SystemCall, errno: Int32)

  /// Which field of a block's header is at fault.
  public enum BlockField: UInt8, Equatable, Sendable {
    case byteCount, payloadByteCount, segmentCount, coding, reserved
  }
  /// Which call of the system failed.
  public enum SystemCall: UInt8, Equatable, Sendable { case openInput, read, createOutput, write, commit }

  /// The section that the error is about, if it is about one.
  public var section: SectionKind? {
    switch self {
    case .cut(let section, _, _): section
    case .blockMalformed(let section, _, _), .segmentMalformed(let section, _, _): section
    case .blockDamaged(let section, _), .sectionDiffers(let section): section
    case .pageListsDiffer: .pages
    default: nil
    }
  }
}
