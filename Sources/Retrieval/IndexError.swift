// SPDX-License-Identifier: Apache-2.0
// Why an index was refused or could not be written: which rule of specs/index.md §7, and one number. One word in all,
// so that handing it on costs nothing. Never text.
import Format

public struct IndexError: Error, Equatable, Sendable {
  /// The first are rules I-01 to I-14.
  public enum Rule: UInt8, Equatable, Sendable {
    case truncated = 1, badMagic, versionUnknown, headerDigestDiffers, dimensionsOutOfRange, reservedNotZero, noRoot
    case rootMalformed, segmentMalformed, chainDiffers, totalsDiffer
    /// Of the contents, which only `verify` and who reads them looks at.
    case bodyDigestDiffers, recordMalformed, otherModel
    // What is asked for.
    case dimensionsDiffer, vectorNotFinite, textNotUTF8, passageTooLong, nameTooLong, noSuchPassage, indexFull
    /// Another writer holds the lock.
    case inUse, scratchTooSmall
    /// The number is an errno.
    case system
  }

  public let rule: Rule
  /// What the rule speaks of: a page, a segment, a passage, a size; 0 where there is nothing to say.
  public let number: UInt64

  @inline(never)
  init(_ rule: Rule, _ number: UInt64 = 0) { (self.rule, self.number) = (rule, number) }

  /// The file is shorter than this.
  public static func truncated(need: UInt64) -> IndexError { IndexError(.truncated, need) }
  public static var badMagic: IndexError { IndexError(.badMagic) }
  public static func versionUnknown(_ found: UInt32) -> IndexError { IndexError(.versionUnknown, UInt64(found)) }
  public static var headerDigestDiffers: IndexError { IndexError(.headerDigestDiffers) }
  public static func dimensionsOutOfRange(_ found: Int) -> IndexError {
    IndexError(.dimensionsOutOfRange, UInt64(clamping: found))
  }
  public static var reservedNotZero: IndexError { IndexError(.reservedNotZero) }
  public static var noRoot: IndexError { IndexError(.noRoot) }
  public static func rootMalformed(page: Int) -> IndexError { IndexError(.rootMalformed, UInt64(page)) }
  public static func segmentMalformed(_ segment: UInt64) -> IndexError { IndexError(.segmentMalformed, segment) }
  public static func chainDiffers(_ segment: UInt64) -> IndexError { IndexError(.chainDiffers, segment) }
  public static var totalsDiffer: IndexError { IndexError(.totalsDiffer) }
  public static func bodyDigestDiffers(_ segment: UInt64) -> IndexError { IndexError(.bodyDigestDiffers, segment) }
  public static func recordMalformed(_ passage: UInt32) -> IndexError { IndexError(.recordMalformed, UInt64(passage)) }
  public static var otherModel: IndexError { IndexError(.otherModel) }
  public static func dimensionsDiffer(_ found: Int) -> IndexError {
    IndexError(.dimensionsDiffer, UInt64(clamping: found))
  }
  public static var vectorNotFinite: IndexError { IndexError(.vectorNotFinite) }
  public static var textNotUTF8: IndexError { IndexError(.textNotUTF8) }
  public static func passageTooLong(_ found: Int) -> IndexError { IndexError(.passageTooLong, UInt64(found)) }
  public static func nameTooLong(_ found: Int) -> IndexError { IndexError(.nameTooLong, UInt64(found)) }
  public static func noSuchPassage(_ passage: UInt32) -> IndexError { IndexError(.noSuchPassage, UInt64(passage)) }
  public static var indexFull: IndexError { IndexError(.indexFull) }
  public static var inUse: IndexError { IndexError(.inUse) }
  public static func scratchTooSmall(need: Int) -> IndexError { IndexError(.scratchTooSmall, UInt64(need)) }
  public static func system(errno: Int32) -> IndexError { IndexError(.system, UInt64(errno)) }
}
