// SPDX-License-Identifier: Apache-2.0
// Why a reader refuses a bundle: one case for each rule of specs/bundle.md §7. Numbers, never text.

/// Why a reader refused a bundle, in checking order: two readers give the same first error. Digests of contents (V-01,
/// V-02) are a verifier's, in Storage.
public enum BundleError: Error, Equatable, Sendable {
  // The head: 128 bytes and the section table.
  case truncated(have: UInt64, need: UInt64)  // B-01
  case badMagic(found: UInt64)  // B-02
  case versionUnknown(found: UInt16, known: UInt16)  // B-03
  case requiredFeatureUnknown(mask: UInt64)  // B-04
  case sectionCountOutOfRange(found: UInt16, limit: UInt16)  // B-05
  case headerDigestDiffers  // B-06
  case reservedNotZero(offset: UInt64)  // B-07
  case fileByteCountDiffers(declared: UInt64, actual: UInt64)  // B-08
  case sectionKindUnknown(index: UInt16, kind: UInt32)  // B-09
  case sectionsUnsorted(index: UInt16)  // B-10: also a kind twice
  case sectionStorageUnknown(index: UInt16, storage: UInt32)  // B-11
  case sectionStorageInconsistent(index: UInt16)  // B-12: feature bit, storage and byte counts contradict
  case sectionMisplaced(index: UInt16, offset: UInt64, expected: UInt64)  // B-13: hole, overlap or misalignment
  case sectionOutOfBounds(index: UInt16, end: UInt64, fileByteCount: UInt64)  // B-14
  case trailingBytes(end: UInt64, fileByteCount: UInt64)  // B-15
  case sectionMissing(kind: UInt32)  // B-16
  case sectionByteCountWrong(kind: UInt32, found: UInt64, expected: UInt64)  // B-17
  case identityDiffers  // B-18

  // The whole file.
  case paddingNotZero(offset: UInt64)  // B-19
  case compressed  // B-20: mapping asked for, the form for shipping found
  case manifestMalformed(line: UInt32)  // B-21: lines from 1
  case tensorMalformed(index: UInt32, field: TensorField)  // B-22
  case tensorByteCountDiffers(index: UInt32, found: UInt64, expected: UInt64)  // B-23
  case tensorMisplaced(index: UInt32, offset: UInt64, expected: UInt64)  // B-24
  case nameMisplaced(record: UInt32, offset: UInt64, expected: UInt64)  // B-25
  case nameOutOfBounds(record: UInt32, end: UInt64, limit: UInt64)  // B-26
  case nameNotUTF8(record: UInt32)  // B-27: also empty, or with control characters
  case tensorOutOfBounds(index: UInt32, end: UInt64, limit: UInt64)  // B-28
  case tensorPaddingNotZero(index: UInt32)  // B-29: between this tensor and the one before it
  case sectionNotCovered(kind: UInt32, found: UInt64, expected: UInt64)  // B-30: weights or names beyond the records
  case textMalformed(kind: UInt32, offset: UInt64)  // B-31

  /// Which field of a tensor record is at fault.
  public enum TensorField: UInt8, Equatable, Sendable { case format, layout, reserved, rows, columns }

  /// The number of the rule that was broken: 13 is B-13.
  public var rule: Int {
    switch self {
    case .truncated: 1
    case .badMagic: 2
    case .versionUnknown: 3
    case .requiredFeatureUnknown: 4
    case .sectionCountOutOfRange: 5
    case .headerDigestDiffers: 6
    case .reservedNotZero: 7
    case .fileByteCountDiffers: 8
    case .sectionKindUnknown: 9
    case .sectionsUnsorted: 10
    case .sectionStorageUnknown: 11
    case .sectionStorageInconsistent: 12
    case .sectionMisplaced: 13
    case .sectionOutOfBounds: 14
    case .trailingBytes: 15
    case .sectionMissing: 16
    case .sectionByteCountWrong: 17
    case .identityDiffers: 18
    case .paddingNotZero: 19
    case .compressed: 20
    case .manifestMalformed: 21
    case .tensorMalformed: 22
    case .tensorByteCountDiffers: 23
    case .tensorMisplaced: 24
    case .nameMisplaced: 25
    case .nameOutOfBounds: 26
    case .nameNotUTF8: 27
    case .tensorOutOfBounds: 28
    case .tensorPaddingNotZero: 29
    case .sectionNotCovered: 30
    case .textMalformed: 31
    }
  }
}
