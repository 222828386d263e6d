// SPDX-License-Identifier: Apache-2.0
// The flags of `embed` and `index`, and the words behind an index: files, or a question.
import Format
import Retrieval

/// What becomes of a text that is longer than the model takes.
enum LongText: UInt8 { case cut, average, refuse }

extension Options {
  /// `--long`.
  func long() throws(Failure) -> LongText {
    guard let word = word(.long) else { return .cut }
    guard let index = word.index(among: "cut\naverage\nrefuse\n", separator: 10) else {
      throw .value("--long", word, takes: "cut, average or refuse")
    }
    return LongText(rawValue: UInt8(index))!
  }
}
