// SPDX-License-Identifier: Apache-2.0
// Super-blocks of 256 that are carried as they are: Q4_K, Q5_K (8 groups of 32), Q6_K (16 groups of 16).
//
//     Q4_K  d:2 | dmin:2 | scales and minima:12 | nibbles:128             x = d·s[g]·q − dmin·m[g]    q 0…15
//     Q5_K  d:2 | dmin:2 | scales and minima:12 | high:32 | nibbles:128   x = d·s[g]·q − dmin·m[g]    q 0…31
//     Q6_K  low nibbles:128 | high pairs:64 | scales:16 | d:2             x = d·s[g]·(q − 32)         q 0…63
//
// Nibbles of Q4_K and Q5_K: byte l of the c-th 32 holds element 64c + l below and 64c + 32 + l above; bit 2c of high
// byte l belongs to the former, bit 2c + 1 to the latter. The 12 bytes hold eight 6-bit scales and eight 6-bit minima:
// bytes 0–3 and 4–7 have the first four of each in their lower 6 bits; the last four have their lower nibbles in
// bytes 8–11 (scale below, minimum above) and their upper 2 bits at the top of bytes 0–3 (scales), 4–7 (minima).

/// 4 bits in groups of 32 with 6-bit scales and minima.
public enum BlockQ4_K {
  /// Splits a block of 144 bytes.
  ///
  /// - Parameters:
  ///   - quants: takes 256 values of 0…15.
  ///   - scales, minima: take 8 values of 0…63 each, one a group of 32.
  /// - Returns: the f16 patterns that scales and minima are multiplied with.
  public static func unpack(
    _ block: UnsafeRawPointer, quants: UnsafeMutablePointer<UInt8>, scales: UnsafeMutablePointer<UInt8>,
    minima: UnsafeMutablePointer<UInt8>
  ) -> (d: UInt16, dmin: UInt16) {
    unpackScales(block + 4, scales: scales, minima: minima)
    for chunk in 0..<4 {
      for lane in 0..<32 {
        let pair = byte(block, 16 + chunk * 32 + lane)
        quants[chunk * 64 + lane] = pair & 15
        quants[chunk * 64 + 32 + lane] = pair >> 4
      }
    }
    return (loadUInt16(block), loadUInt16(block, at: 2))
  }

  static func dequantize(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    withQuants(256 + 16, of: UInt8.self) { quants in
      let (scales, minima) = (quants + 256, quants + 264)
      let (d, dmin) = unpack(block, quants: quants, scales: scales, minima: minima)
      grouped(quants, scales: scales, minima: minima, d: d, dmin: dmin, into: values)
    }
  }
}

/// 5 bits in groups of 32 with 6-bit scales and minima.
public enum BlockQ5_K {
  /// Splits a block of 176 bytes. As ``BlockQ4_K/unpack(_:quants:scales:minima:)``, with quants of 0…31.
  public static func unpack(
    _ block: UnsafeRawPointer, quants: UnsafeMutablePointer<UInt8>, scales: UnsafeMutablePointer<UInt8>,
    minima: UnsafeMutablePointer<UInt8>
  ) -> (d: UInt16, dmin: UInt16) {
    unpackScales(block + 4, scales: scales, minima: minima)
    for chunk in 0..<4 {
      for lane in 0..<32 {
        let pair = byte(block, 48 + chunk * 32 + lane)
        let high = byte(block, 16 + lane) >> UInt8(2 * chunk)
        quants[chunk * 64 + lane] = pair & 15 | (high & 1) << 4
        quants[chunk * 64 + 32 + lane] = pair >> 4 | (high >> 1 & 1) << 4
      }
    }
    return (loadUInt16(block), loadUInt16(block, at: 2))
  }

  static func dequantize(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    withQuants(256 + 16, of: UInt8.self) { quants in
      let (scales, minima) = (quants + 256, quants + 264)
      let (d, dmin) = unpack(block, quants: quants, scales: scales, minima: minima)
      grouped(quants, scales: scales, minima: minima, d: d, dmin: dmin, into: values)
    }
  }
}

/// 6 bits in groups of 16 with 8-bit scales.
public enum BlockQ6_K {
  /// What is taken from a quant.
  public static let zeroPoint = 32

  /// Splits a block of 210 bytes.
  ///
  /// - Parameters:
  ///   - quants: takes 256 values of 0…63.
  ///   - scales: takes 16 values of −128…127, one a group of 16.
  /// - Returns: the f16 pattern that the scales are multiplied with.
  public static func unpack(
    _ block: UnsafeRawPointer, quants: UnsafeMutablePointer<UInt8>, scales: UnsafeMutablePointer<Int8>
  ) -> UInt16 {
    // Each half of 128 elements: four runs of 32, two in the lower and two in the upper nibbles of 64 bytes; a high
    // byte serves one lane of all four.
    for half in 0..<2 {
      let (low, high, out) = (block + half * 64, block + 128 + half * 32, quants + half * 128)
      for lane in 0..<32 {
        let (first, second, top) = (byte(low, lane), byte(low, lane + 32), byte(high, lane))
        out[lane] = first & 15 | (top & 3) << 4
        out[lane + 32] = second & 15 | (top >> 2 & 3) << 4
        out[lane + 64] = first >> 4 | (top >> 4 & 3) << 4
        out[lane + 96] = second >> 4 | (top >> 6) << 4
      }
    }
    UnsafeMutableRawPointer(scales).copyMemory(from: block + 192, byteCount: 16)
    return loadUInt16(block, at: 208)
  }

  static func dequantize(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    withQuants(256, of: UInt8.self) { quants in
      withQuants(16, of: Int8.self) { scales in
        let d = float(half: unpack(block, quants: quants, scales: scales))
        for index in 0..<256 {
          values[index] = d * Float(scales[index / 16]) * Float(Int(quants[index]) - zeroPoint)
        }
      }
    }
  }
}

@inline(__always)
private func unpackScales(
  _ packed: UnsafeRawPointer, scales: UnsafeMutablePointer<UInt8>, minima: UnsafeMutablePointer<UInt8>
) {
  for index in 0..<4 {
    let (scale, minimum, both) = (byte(packed, index), byte(packed, index + 4), byte(packed, index + 8))
    scales[index] = scale & 63
    minima[index] = minimum & 63
    scales[index + 4] = both & 15 | (scale >> 6) << 4
    minima[index + 4] = both >> 4 | (minimum >> 6) << 4
  }
}

@inline(__always)
private func grouped(
  _ quants: UnsafeMutablePointer<UInt8>, scales: UnsafeMutablePointer<UInt8>, minima: UnsafeMutablePointer<UInt8>,
  d: UInt16, dmin: UInt16, into values: UnsafeMutablePointer<Float>
) {
  let (d, dmin) = (float(half: d), float(half: dmin))
  for group in 0..<8 {
    let (scale, minimum) = (d * Float(scales[group]), dmin * Float(minima[group]))
    for index in group * 32..<group * 32 + 32 { values[index] = scale * Float(quants[index]) - minimum }
  }
}
