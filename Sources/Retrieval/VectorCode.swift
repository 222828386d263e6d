// SPDX-License-Identifier: Apache-2.0
// A vector as 16-bit integers in two parts: the upper 8 bits, which every search reads, and the lower 8, which only
// the best are weighed with. Spec: specs/index.md §5.

/// One stored vector, and how it gets there: `x[i] ≈ scale · (high[i] + low[i] / 256)`.
struct VectorCode {
  /// Panel of the vector: i8 (columns / 4, 16, 4); the vector is row `row` of it.
  let panel: UnsafeMutableRawPointer
  let row: Int
  /// The lower halves: i8 (columns).
  let lows: UnsafeMutableRawPointer

  /// The scale of a vector of that largest magnitude, and what numbers are multiplied by; zeros where either would not
  /// be a normal number.
  private static func scales(_ largest: Float) -> (scale: Float, inverse: Float) {
    let scale = largest / 127
    let inverse = 32_512 / largest
    return scale >= .leastNormalMagnitude && inverse < .infinity ? (scale, inverse) : (0, 0)
  }

  /// Stores `vector`; columns beyond it stay as they are. Returns its scale; nil when a number is not finite.
  func store(_ vector: UnsafeBufferPointer<Float>) -> Float? {
    guard let largest = largestMagnitude(vector) else { return nil }
    let (scale, inverse) = VectorCode.scales(largest)
    var i = 0
    while i < vector.count {
      let value = nearest(vector[i] * inverse)
      let high = (value + 128) >> 8
      panel.storeBytes(of: Int8(truncatingIfNeeded: high), toByteOffset: columnOffset(i), as: Int8.self)
      lows.storeBytes(of: Int8(truncatingIfNeeded: value - 256 * high), toByteOffset: i, as: Int8.self)
      i += 1
    }
    return scale
  }

  /// Σ (256 · high + low) · query, one after the other in double.
  func dot(_ query: UnsafeBufferPointer<Float>) -> Double {
    var sum = 0.0
    var i = 0
    while i < query.count {
      let high = Int(panel.load(fromByteOffset: columnOffset(i), as: Int8.self))
      let low = Int(lows.load(fromByteOffset: i, as: Int8.self))
      sum += Double(256 * high + low) * Double(query[i])
      i += 1
    }
    return sum
  }

  private func columnOffset(_ column: Int) -> Int { column / 4 * 64 + 4 * row + column % 4 }
}

/// The largest magnitude; nil when a number is not finite.
public func largestMagnitude(_ vector: UnsafeBufferPointer<Float>) -> Float? {
  var largest: Float = 0
  for value in vector {
    let magnitude = value.magnitude
    guard magnitude < .infinity else { return nil }
    if magnitude > largest { largest = magnitude }
  }
  return largest
}

/// The nearest integer of a number within ±2^22, ties to even: the sum's last bit is worth one.
public func nearest(_ x: Float) -> Int {
  Int(Int32(bitPattern: (x + 12_582_912).bitPattern &- 0x4B40_0000))
}
