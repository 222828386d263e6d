// SPDX-License-Identifier: Apache-2.0
// One line for each reason that an index can be refused; the rules are those of specs/index.md §7.
import Format
import Retrieval

extension IndexError {
  /// 3 the input is bad, 4 it does not fit or cannot be had now, 5 the system failed us.
  var exitCode: Int32 {
    switch self {
    case .indexFull, .inUse, .scratchTooSmall, .system(_, 28): 4
    case .system(.open, _): 3
    case .system: 5
    default: 3
    }
  }
}

extension Writer {
  mutating func index(_ error: IndexError, _ path: Word) {
    safe(path)
    switch error {
    case .otherModel:
      return text(": its vectors are another bundle's [I-14]\nhint: an index is searched with the bundle that built it")
    case .inUse: return text(": another process is adding to it")
    case .indexFull: return text(": the index is full")
    case .system(_, let errno):
      text(": ")
      return errnoText(errno)
    case .nameTooLong(let found, let limit):
      return say(": a file's name has % bytes, the limit is %", found, limit)
    case .textNotUTF8: return text(": a file's name is not UTF-8")
    case .vectorNotFinite: return text(": the bundle gave a vector with a number that is none")
    default: text(" is refused: ")
    }
    switch error {
    case .truncated(let have, let need): say("it has % bytes, % were committed [I-01]", have, need)
    case .badMagic: text("it is no index [I-02]")
    case .versionUnknown(let found, let known):
      say("its version is %, this program's is % [I-03]", UInt64(found), UInt64(known))
    case .headerDigestDiffers: text("its header is damaged [I-04]")
    case .dimensionsOutOfRange(let found): say("vectors of % numbers [I-05]", UInt64(found))
    case .reservedNotZero(let offset): say("byte % is not 0 [I-06]", offset)
    case .noRoot: text("both its roots are damaged [I-07]")
    case .rootMalformed(let page): say("the root in page % cannot be [I-08]", UInt64(page))
    case .segmentMalformed(let segment, _): say("the head of segment % cannot be [I-09]", segment)
    case .chainDiffers(let segment): say("the head of segment % is damaged [I-10]", segment)
    case .totalsDiffer: text("its segments do not add up [I-11]")
    case .bodyDigestDiffers(let segment): say("segment % is damaged [I-12]", segment)
    case .recordMalformed(let passage): say("passage % leads nowhere [I-13]", UInt64(passage))
    case .dimensionsDiffer(let found, let expected):
      say("it has vectors of % numbers, the bundle gives %", UInt64(expected), UInt64(found))
    default: text("an error of this program's own")
    }
  }
}
