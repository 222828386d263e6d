// SPDX-License-Identifier: Apache-2.0
// Our own formats from floats: q8_0, q6_0, q4_0 by a least-squares search of each group's scale, and f16 by rounding.
import Format
import ModelFiles

/// Quantizes rows of floats into panels and keeps the sums that the relative error is made of.
struct Quantizer {
  let format: WeightFormat
  let columns: Int
  /// Σ (x − x̂)² and Σ x² of the rows written so far.
  private(set) var errorSum = 0.0
  private(set) var valueSum = 0.0

  init(format: WeightFormat, columns: Int) {
    self.format = format
    self.columns = columns
  }

  /// Writes row `row` of a zeroed panel.
  mutating func write(_ x: UnsafePointer<Float>, row: Int, panel: UnsafeMutablePointer<UInt8>) {
    if format == .f16 {
      for k in 0..<columns {
        let bits = halfBits(x[k])
        panel[(16 * k + row) * 2] = UInt8(truncatingIfNeeded: bits)
        panel[(16 * k + row) * 2 + 1] = UInt8(truncatingIfNeeded: bits >> 8)
        note(x[k], float(half: bits))
      }
      return
    }
    let layout = PanelLayout(format)
    let limit: Float = format == .q8_0 ? 127 : format == .q6_0 ? 31 : 7
    let zeroPoint = format == .q8_0 ? 0 : format == .q6_0 ? 32 : 8
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { codes in
      withUnsafeTemporaryAllocation(of: Float.self, capacity: 64) { room in
        let (group, quants) = (room.baseAddress!, room.baseAddress! + 32)
        for g in 0..<((columns + 31) / 32) {
          for c in 0..<32 { group[c] = 32 * g + c < columns ? x[32 * g + c] : 0 }
          let bits = Quantizer.fit(group, limit: limit, into: quants)
          let d = float(half: bits)
          for c in 0..<32 {
            let isPadding = 32 * g + c >= columns
            codes[c] = isPadding ? 0 : UInt8(truncatingIfNeeded: Int(quants[c]) + zeroPoint)
            if !isPadding { note(group[c], d * quants[c]) }
          }
          layout.place(UnsafePointer(codes.baseAddress!), row: row, group: g, panel: panel)
          layout.placeScale(bits, row: row, group: g, slot: 0, panel: panel)
        }
      }
    }
  }

  private mutating func note(_ x: Float, _ held: Float) {
    errorSum += Double(x - held) * Double(x - held)
    valueSum += Double(x) * Double(x)
  }

  /// ‖x − x̂‖ / ‖x‖.
  static func relativeError(errorSum: Double, valueSum: Double) -> Double {
    valueSum > 0 ? (errorSum / valueSum).squareRoot() : 0
  }

  /// The f16 scale d and the integers q (−limit−1 … limit) that make Σ (x − d·q)² least, over the plain scales of the
  /// largest magnitude and those that 2·9+1 starting scales around it lead to: for fixed q the best d is Σxq / Σq².
  private static func fit(_ x: UnsafePointer<Float>, limit: Float, into best: UnsafeMutablePointer<Float>) -> UInt16 {
    var extreme: Float = 0
    var isFinite = true
    for c in 0..<32 {
      if x[c].magnitude > extreme.magnitude { extreme = x[c] }
      isFinite = isFinite && x[c].isFinite
      best[c] = 0
    }
    // What is not finite has no integer; the error sums show it, and the tensor is refused.
    guard extreme != 0, isFinite else { return 0 }
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: 32) { q in
      var bestBits: UInt16 = 0
      var bestError = Float.infinity
      func consider(_ d: Float) {
        let bits = halfBits(d)
        let held = float(half: bits)
        guard held != 0, held.isFinite else { return }
        // With the scale as f16 holds it, the integers are chosen again.
        let error = round(x, held, limit, q)
        guard error < bestError else { return }
        (bestError, bestBits) = (error, bits)
        for c in 0..<32 { best[c] = q[c] }
      }
      // −(limit + 1) reaches further than limit: the extreme goes there.
      consider(-extreme / (limit + 1))
      consider(extreme / limit)
      for step in -9...9 { consider(leastSquares(x, -(limit + 1 + 0.1 * Float(step)) / extreme, limit)) }
      return bestBits
    }
  }

  /// The best scale for the integers that `inverse` gives.
  private static func leastSquares(_ x: UnsafePointer<Float>, _ inverse: Float, _ limit: Float) -> Float {
    var (xq, qq): (Float, Float) = (0, 0)
    for c in 0..<32 {
      let code = min(max((x[c] * inverse).rounded(.toNearestOrEven), -limit - 1), limit)
      xq += x[c] * code
      qq += code * code
    }
    return qq > 0 ? xq / qq : 0
  }

  /// Integers for scale `d`, and the squared error that they leave: summed as such, since beside Σx² it would drown.
  private static func round(
    _ x: UnsafePointer<Float>, _ d: Float, _ limit: Float, _ q: UnsafeMutableBufferPointer<Float>
  ) -> Float {
    var error: Float = 0
    let inverse = 1 / d
    for c in 0..<32 {
      q[c] = min(max((x[c] * inverse).rounded(.toNearestOrEven), -limit - 1), limit)
      let rest = x[c] - d * q[c]
      error += rest * rest
    }
    return error
  }
}

/// The nearest IEEE half, ties to even; beyond the largest, infinity.
func halfBits(_ x: Float) -> UInt16 {
  let bits = x.bitPattern
  let sign = UInt16(truncatingIfNeeded: bits >> 16) & 0x8000
  let magnitude = bits & 0x7FFF_FFFF
  if magnitude >= 0x7F80_0000 { return sign | (magnitude > 0x7F80_0000 ? 0x7E00 : 0x7C00) }
  if magnitude >= 0x477F_F000 { return sign | 0x7C00 }
  if magnitude < 0x3880_0000 {
    // Subnormal: an addition aligns the bits at 2^-24 and rounds.
    let aligned = Float(bitPattern: magnitude) + 0.5
    return sign | UInt16(truncatingIfNeeded: aligned.bitPattern - (0.5 as Float).bitPattern)
  }
  let rounded = magnitude + 0x0FFF + (magnitude >> 13 & 1)
  return sign | UInt16(truncatingIfNeeded: (rounded >> 13) - (112 << 10))
}
