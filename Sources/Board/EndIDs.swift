// SPDX-License-Identifier: Apache-2.0
// Which tokens end a text: the tokenizer's end ids and the manifest's `end_ids`.
import Format
import Text

/// The end ids of a bundle; none when they are to be ignored.
struct EndIDs {
  private let list: Word?
  private let tokenizer: TokenizerView?

  init(_ bundle: OpenBundle, isIgnored: Bool) throws(Failure) {
    list = isIgnored ? nil : Manifest(bundle.view).value("end_ids")
    tokenizer = isIgnored || bundle.view.head.section(.tokenizer) == nil ? nil : try bundle.tokenizer()
  }

  func contains(_ id: UInt32) -> Bool {
    if let tokenizer, tokenizer.isEnd(id) { return true }
    var found = false
    try? list?.forEachNumber("end_ids") { found = found || $0 == Int(id) }
    return found
  }

  /// Calls `body` with each of them, with some perhaps twice.
  func forEach(_ body: (UInt32) -> Void) {
    if let tokenizer { for id in tokenizer.endTokens { body(id) } }
    try? list?.forEachNumber("end_ids") { body(UInt32(clamping: $0)) }
  }
}
