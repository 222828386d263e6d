// SPDX-License-Identifier: Apache-2.0
// What a bundle with a source (an encoder–decoder) says in its manifest, and the first step of every text of one.
import Format
import Ops
import Runtime

extension Program {
  /// Whether `step` writes a text of what `encode` has read.
  var hasSource: Bool { isEncoder && entry(.step) != nil }
}

/// `start_id` and `never_ids`.
struct TextStart {
  var id: UInt32 = 0
  var never = NeverIDs()

  init(_ bundle: OpenBundle, _ program: Program) throws(Failure) {
    let manifest = Manifest(bundle.view)
    var at = 0
    guard let value = manifest.value("start_id"), let id = value.number(&at), id < program.vocab else {
      throw .input("the manifest names no token that a text starts with (start_id)", nil)
    }
    self.id = UInt32(id)
    var failed = false
    try manifest.value("never_ids")?.forEachNumber("never_ids") { failed = !never.add(UInt32(clamping: $0)) || failed }
    if failed { throw .input("the manifest has too many never_ids", nil) }
  }

  /// Reads the source, and returns where the text begins: its one first token, behind which the others go.
  func read(
    _ source: UnsafeBufferPointer<UInt32>, _ session: inout Session
  ) throws(SessionError) -> UnsafeBufferPointer<UInt32> {
    session.startBatch()
    session.never = never
    try session.add(source)
    try session.encode()
    session.tokenRoom[0] = id
    return UnsafeBufferPointer(rebasing: session.tokenRoom[0..<1])
  }
}
