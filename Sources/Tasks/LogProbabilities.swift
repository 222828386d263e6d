// SPDX-License-Identifier: Apache-2.0
// The logarithms of a row's probabilities, before penalties and temperature, the same to the bit on every processor:
// the sum by the kernels, the logarithm in double by operations that IEEE 754 rounds in one way only.
import Runtime

/// An id and log softmax(logits)[id].
public struct LogProbability: Sendable {
  public var id: UInt32
  public var value: Double
}

/// The row of one token that was made.
public struct LogProbabilities {
  public static let countMax = 32
  private let logits: UnsafeBufferPointer<Float>
  private let largest: Float
  private let logSum: Double

  /// Works in the room of `sampler`, which is free between two tokens.
  public init(_ logits: UnsafeBufferPointer<Float>, _ sampler: Sampler) {
    self.logits = logits
    var largest = -Float.infinity
    for logit in logits where logit > largest { largest = logit }
    let sum = sampler.expSum(logits, shift: largest)
    self.largest = largest
    logSum = naturalLogarithm(Double(sum))
  }

  public func value(of id: UInt32) -> Double { Double(logits[Int(id)]) - Double(largest) - logSum }

  /// What added to a logit makes it the logarithm of its probability.
  var shift: Double { -Double(largest) - logSum }

  /// Calls `body` with the `count` most probable ids, the best first; of equals the smaller id first.
  public func forEachBest(_ count: Int, _ body: (LogProbability) -> Void) {
    var (below, belowID) = (Float.infinity, -1)
    for _ in 0..<min(count, min(Self.countMax, logits.count)) {
      var best = -1
      for id in 0..<logits.count {
        let logit = logits[id]
        guard logit < below || (logit == below && id > belowID) else { continue }
        if best < 0 || logit > logits[best] { best = id }
      }
      if best < 0 { return }
      body(LogProbability(id: UInt32(best), value: value(of: UInt32(best))))
      (below, belowID) = (logits[best], best)
    }
  }
}

/// ln x for a positive, finite, normal x: x = m·2^e with m in √½ … √2, ln m = 2·artanh((m − 1)/(m + 1)) by its series.
func naturalLogarithm(_ x: Double) -> Double {
  guard x > 0, x.isFinite else { return x > 0 ? x : -.infinity }
  var exponent = Int(x.bitPattern >> 52 & 0x7FF) - 1023
  var mantissa = Double(bitPattern: x.bitPattern & 0x000F_FFFF_FFFF_FFFF | 0x3FF0_0000_0000_0000)
  if mantissa > 1.414_213_562_373_095_1 {
    mantissa *= 0.5
    exponent += 1
  }
  let s = (mantissa - 1) / (mantissa + 1)  // |s| ≤ 0.1716
  let square = s * s
  var sum = 0.0
  var term = 27  // the last term's power: 0.1716^27 / 27 < 10^-22
  while term >= 1 {
    sum = sum * square + 1 / Double(term)
    term -= 2
  }
  return Double(exponent) * 0.693_147_180_559_945_3 + 2 * s * sum
}
