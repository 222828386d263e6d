// SPDX-License-Identifier: Apache-2.0
// Memory between pages that cannot be touched: a step outside ends the test.
import Foundation

package final class FencedMemory: @unchecked Sendable {
  private static let fence = 65_536
  private let start: UnsafeMutableRawPointer
  private let byteCount: Int

  /// Room for `byteCountMax` bytes, zeroed.
  package init(byteCountMax: Int) {
    byteCount = (max(byteCountMax, 1) + FencedMemory.fence - 1) / FencedMemory.fence * FencedMemory.fence
    let all = mmap(nil, byteCount + 2 * FencedMemory.fence, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    precondition(all != MAP_FAILED, "no memory for the test")
    start = all! + FencedMemory.fence
    precondition(mprotect(start, byteCount, PROT_READ | PROT_WRITE) == 0, "no memory for the test")
  }

  deinit { munmap(start - FencedMemory.fence, byteCount + 2 * FencedMemory.fence) }

  /// `byteCount` bytes that end where the memory ends, or begin where it begins; 64-byte aligned, so up to 63 bytes may
  /// lie between their end and the fence.
  package func room(_ byteCount: Int, atEnd: Bool) -> UnsafeMutableRawBufferPointer {
    let at = atEnd ? self.byteCount - (byteCount + 63) / 64 * 64 : 0
    return UnsafeMutableRawBufferPointer(start: start + at, count: byteCount)
  }

  /// A copy of `bytes`, placed like `room`.
  package func place(_ bytes: [UInt8], atEnd: Bool) -> UnsafeRawBufferPointer {
    let room = room(bytes.count, atEnd: atEnd)
    room.copyBytes(from: bytes)
    return UnsafeRawBufferPointer(room)
  }

  /// Runs `body` while everything from `end` on, up to whole pages, cannot be touched.
  package func fencing<Result>(from end: UnsafeRawPointer, _ body: () throws -> Result) rethrows -> Result {
    let page = 4096
    let first = (UInt(bitPattern: end) + UInt(page) - 1) / UInt(page) * UInt(page)
    let count = Int(UInt(bitPattern: start + byteCount)) - Int(first)
    let at = UnsafeMutableRawPointer(bitPattern: first)!
    if count > 0 { precondition(mprotect(at, count, PROT_NONE) == 0) }
    defer { if count > 0 { precondition(mprotect(at, count, PROT_READ | PROT_WRITE) == 0) } }
    return try body()
  }
}

/// SplitMix64: the same numbers everywhere for one seed.
package struct Seeded: RandomNumberGenerator {
  private var state: UInt64
  package init(_ seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  package mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }

  /// −1 ..< 1, a multiple of 2⁻²³.
  package mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-23 - 1 }
}
