// SPDX-License-Identifier: Apache-2.0
// Why an index was refused or could not be written: one case for each rule of specs/index.md §7. Numbers, never text.
import Format

public enum IndexError: Error, Equatable, Sendable {
  case truncated(have: UInt64, need: UInt64)  // I-01
  case badMagic  // I-02
  case versionUnknown(found: UInt32, known: UInt32)  // I-03
  case headerDigestDiffers  // I-04
  case dimensionsOutOfRange(found: UInt32)  // I-05
  case reservedNotZero(offset: UInt64)  // I-06
  case noRoot  // I-07
  case rootMalformed(page: UInt32)  // I-08
  case segmentMalformed(segment: UInt64, field: SegmentField)  // I-09
  case chainDiffers(segment: UInt64)  // I-10
  case totalsDiffer  // I-11
  /// Of the contents, which only `verify` and who reads them looks at.
  case bodyDigestDiffers(segment: UInt64)  // I-12
  case recordMalformed(passage: UInt32)  // I-13
  case otherModel  // I-14

  // What is asked for.
  case dimensionsDiffer(found: UInt32, expected: UInt32)
  case vectorNotFinite
  case textNotUTF8
  case passageTooLong(found: UInt64, limit: UInt64)
  case nameTooLong(found: UInt64, limit: UInt64)
  case noSuchPassage(UInt32)
  case indexFull
  case inUse  // another writer holds the lock
  case scratchTooSmall(have: UInt64, need: UInt64)
  case system(call: SystemCall, errno: Int32)

  /// Which field of a segment's head is at fault.
  public enum SegmentField: UInt8, Equatable, Sendable {
    case byteCount, firstPassage, passageCount, sourceCount, textByteCount, reserved
  }
  /// Which call of the system failed.
  public enum SystemCall: UInt8, Equatable, Sendable { case open, lock, map, write, sync, truncate }
}
