// SPDX-License-Identifier: Apache-2.0
// What a failure says, for a caller that has no terminal.

extension Failure {
  /// Writes `error: …` and a hint, if there is one, into `room`, at least 4 KiB. Returns the bytes.
  package func text(_ room: UnsafeMutableRawBufferPointer) -> UnsafeRawBufferPointer {
    var writer = Writer(-1, buffer: room)
    writer.failure(self, program: "hardtack")
    return UnsafeRawBufferPointer(rebasing: room[..<writer.fill])
  }
}
