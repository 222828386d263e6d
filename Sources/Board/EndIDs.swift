// SPDX-License-Identifier: Apache-2.0
// Which tokens end a text: the manifest's `end_ids`.
import Format

/// The ids of the manifest line `end_ids=2,5`; none when they are to be ignored.
struct EndIDs {
  private let list: Word?

  init(_ view: BundleView, isIgnored: Bool) {
    list = isIgnored ? nil : Manifest(view).value("end_ids")
  }

  func contains(_ id: UInt32) -> Bool {
    guard let list else { return false }
    var at = 0
    while at < list.count {
      if let number = list.number(&at), number == Int(id) { return true }
      at += 1
    }
    return false
  }
}
