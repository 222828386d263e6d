// SPDX-License-Identifier: Apache-2.0
// Why a reader refuses a bundle: one case for each rule of specs/bundle.md §7. Numbers, never text.

/// Why a reader refused a bundle, in checking order: two readers give the same first error.
public enum BundleError: Error, Equatable, Sendable {
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
  case paddingNotZero(offset: UInt64)  // B-16
  case sectionMissing(kind: UInt32)  // B-17
  case sectionByteCountWrong(kind: UInt32, found: UInt64, expected: UInt64)  // B-18
  case identityDiffers  // B-19
  case manifestMalformed(line: UInt32)  // B-20
  case tensorMalformed(index: UInt32, field: TensorField)  // B-21
  case tensorByteCountDiffers(index: UInt32, found: UInt64, expected: UInt64)  // B-22
  case tensorMisplaced(index: UInt32, offset: UInt64, expected: UInt64)  // B-23
  case nameOutOfBounds(record: UInt32, end: UInt64, limit: UInt64)  // B-24
  case nameNotUTF8(record: UInt32)  // B-25
  case compressed  // B-26: mapping asked for, the form for shipping found

  /// Which field of a tensor record is at fault.
  public enum TensorField: UInt8, Equatable, Sendable { case format, layout, rows, columns, reserved }
}
