// SPDX-License-Identifier: Apache-2.0
// One line for each reason that an index can be refused; the rules are those of specs/index.md §7.
import Format
import Retrieval

extension IndexError {
  /// 3 the input is bad, 4 it does not fit or cannot be had now, 5 the system failed us.
  var exitCode: Int32 {
    switch rule {
    case .indexFull, .inUse, .scratchTooSmall: 4
    case .system: number == 28 ? 4 : 5
    default: 3
    }
  }
}

/// A failure of the index at `path`.
@inline(never)
func refused(_ error: IndexError, _ path: Word) -> Failure { .index(error, path: path) }

extension Writer {
  mutating func index(_ error: IndexError, _ path: Word) {
    safe(path)
    text(": ")
    if error.rule == .system { return errnoText(Int32(truncatingIfNeeded: error.number)) }
    say(error)
    if error.rule == .otherModel { text("\nhint: an index is searched with the bundle that built it") }
  }

  /// Line `rule` of these, with the number for `%`.
  private mutating func say(_ error: IndexError) {
    let lines: StaticString = """
      the file is shorter than % bytes [I-01]
      this is no index [I-02]
      version % is not known here [I-03]
      the header is damaged [I-04]
      vectors of % numbers [I-05]
      a reserved byte is not 0 [I-06]
      both roots are damaged [I-07]
      the root in page % cannot be [I-08]
      the head of segment % cannot be [I-09]
      the head of segment % is damaged [I-10]
      the segments do not add up [I-11]
      segment % is damaged [I-12]
      passage % leads nowhere [I-13]
      its vectors are another bundle's [I-14]
      the bundle gives vectors of % numbers, the index has others
      the bundle gave a vector with a number that is none
      a file's name is not UTF-8
      a passage of % bytes
      a file's name has % bytes, 4096 are the most
      there is no passage %
      the index is full
      another process is adding to it
      % bytes of scratch memory are needed
      """
    var line = 1
    for at in 0..<lines.utf8CodeUnitCount {
      let c = lines.utf8Start[at]
      if c == 10 {
        line += 1
      } else if line == error.rule.rawValue {
        if c == 37 { number(error.number) } else { byte(c) }
      }
    }
  }
}
