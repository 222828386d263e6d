// SPDX-License-Identifier: Apache-2.0
// Damages bytes, reproducibly: one seed, one sequence of mutations.

/// SplitMix64: small, and the same everywhere.
package struct SeededGenerator: RandomNumberGenerator {
  package var state: UInt64
  package init(state: UInt64) { self.state = state }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }
}

/// Makes damaged copies of a file.
package struct Mutator {
  package var generator: SeededGenerator
  package let original: [UInt8]
  /// Mutations fall here, in the part that is parsed; only cuts may fall behind it.
  package let headerByteCount: Int
  /// Pieces that mean something to the format.
  package let words: [[UInt8]]

  package init(seed: UInt64, original: [UInt8], headerByteCount: Int, words: [[UInt8]]) {
    generator = SeededGenerator(state: seed)
    self.original = original
    self.headerByteCount = headerByteCount
    self.words = words
  }

  private static let interesting: [UInt64] = [
    0, 1, 2, 7, 8, 31, 32, 33, 127, 128, 255, 256, 1 << 15, 1 << 16, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 1 << 32,
    1 << 60, 1 << 61, 1 << 62, (1 << 63) - 1, 1 << 63, .max - 31, .max - 7, .max,
  ]

  private mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<max(bound, 1), using: &generator) }

  /// The next damaged copy: one mutation, half of the time up to four.
  package mutating func next() -> [UInt8] {
    var bytes = original
    for _ in 0...(below(2) == 0 ? 0 : below(4)) { mutate(&bytes) }
    return bytes
  }

  private mutating func mutate(_ bytes: inout [UInt8]) {
    guard !bytes.isEmpty else { return }
    let place = below(min(headerByteCount, bytes.count))
    let run = min(1 + below(24), bytes.count - place)
    switch below(10) {
    case 0, 1: bytes[place] ^= 1 << UInt8(below(8))
    case 2: bytes[place] = UInt8.random(in: 0...255, using: &generator)
    case 3, 4:
      let value = Self.interesting[below(Self.interesting.count)]
      for index in 0..<min([1, 2, 4, 8][below(4)], bytes.count - place) {
        bytes[place + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(index)))
      }
    case 5: bytes.removeSubrange(place..<place + run)
    case 6: bytes.insert(contentsOf: Array(bytes[place..<place + run]), at: below(headerByteCount) % (bytes.count + 1))
    case 7: bytes.removeLast(below(bytes.count))
    case 8 where !words.isEmpty:
      let word = words[below(words.count)]
      bytes.replaceSubrange(place..<min(place + (below(2) == 0 ? word.count : 0), bytes.count), with: word)
    default:
      let other = below(min(headerByteCount, bytes.count - run + 1))
      for index in 0..<run where other + index < bytes.count { bytes.swapAt(place + index, other + index) }
    }
  }
}
