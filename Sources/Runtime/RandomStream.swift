// SPDX-License-Identifier: Apache-2.0
// The sampler's random numbers: PCG-XSH-RR 64/32 (O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically
// Good Algorithms for Random Number Generation", 2014). Integers only, so the stream is the same on every ISA.

/// A documented generator: the same seed gives the same stream everywhere.
public struct RandomStream: Sendable {
  private var state: UInt64
  private let increment: UInt64

  /// `sequence` chooses one of 2^63 streams; the sampler's is the generator's customary one.
  public init(seed: UInt64, sequence: UInt64 = 721_347_520_444_481_703) {
    state = 0
    increment = sequence << 1 | 1
    _ = next()
    state &+= seed
    _ = next()
  }

  /// 32 random bits.
  public mutating func next() -> UInt32 {
    let old = state
    state = old &* 6_364_136_223_846_793_005 &+ increment
    let word = UInt32(truncatingIfNeeded: ((old >> 18) ^ old) >> 27)
    let turn = UInt32(truncatingIfNeeded: old >> 59)
    return word >> turn | word << ((0 &- turn) & 31)
  }

  /// A number of 24 bits in 0 ..< 1, exact in f32.
  public mutating func unit() -> Float { Float(next() >> 8) * 0x1p-24 }
}
