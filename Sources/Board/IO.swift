// SPDX-License-Identifier: Apache-2.0
// What every verb works with: the two streams, the program's name, the clock.
import CSystem

/// Standard output is the result, standard error is for people.
struct IO {
  let program: StaticString
  var out: Writer
  var error: Writer
  let errorIsTerminal: Bool

  /// `room`: 64 KiB, most of it for standard output.
  init(program: StaticString, room: UnsafeMutableRawBufferPointer) {
    self.program = program
    let split = room.count - 8192
    out = Writer(1, buffer: UnsafeMutableRawBufferPointer(rebasing: room[0..<split]))
    error = Writer(2, buffer: UnsafeMutableRawBufferPointer(rebasing: room[split...]))
    errorIsTerminal = sys_is_terminal(2) != 0
  }
}

/// Seconds since `start`, which came from `sys_monotonic_ns`.
func seconds(since start: UInt64) -> Double { Double(sys_monotonic_ns() - start) * 1e-9 }
