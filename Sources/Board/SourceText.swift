// SPDX-License-Identifier: Apache-2.0
// What a bundle with a source (an encoder–decoder) says in its manifest, and the first step of every text of one.
import Format
import Ops
import Runtime

extension Program {
  /// Whether `step` writes a text of what `encode` has read.
  @inline(never)
  var hasSource: Bool { isEncoder && entry(.step) != nil }
}

extension Manifest {
  /// The number of a line; 0 where there is none.
  @inline(never)
  func number(_ key: StaticString, max: Int = Limits.contextLengthMax) throws(Failure) -> Int {
    try value(key)?.integer(key.word, 0, max) ?? 0
  }
}

/// Where a text starts, and what it must not be.
struct TextStart {
  var id: UInt32 = 0
  private(set) var rules = TextRules()

  init(_ bundle: OpenBundle, _ program: Program) throws(Failure) {
    let manifest = Manifest(bundle.view)
    guard let value = manifest.value("start_id") else {
      throw .input("the manifest names no token that a text starts with (start_id)", nil)
    }
    id = UInt32(try value.integer(word("start_id"), 0, program.vocab - 1))
    var failed = false
    try manifest.value("never_ids")?.forEachNumber("never_ids") {
      failed = !rules.never.add(UInt32(clamping: $0)) || failed
    }
    rules.lengthMin = try manifest.number("min_length")
    rules.noRepeatCount = try manifest.number("no_repeat_ngram")
    try EndIDs(bundle, isIgnored: false).forEach { failed = !rules.ends.add($0) || failed }
    if failed { throw .input("the manifest has too many never_ids or end_ids", nil) }
  }

  /// Reads the source, and returns where the text begins: its one first token, behind which the others go.
  func read(
    _ source: UnsafeBufferPointer<UInt32>, _ session: inout Session
  ) throws(SessionError) -> UnsafeBufferPointer<UInt32> {
    session.startBatch()
    session.rules = rules
    try session.add(source)
    try session.encode()
    session.tokenRoom[0] = id
    return UnsafeBufferPointer(rebasing: session.tokenRoom[0..<1])
  }
}
