// SPDX-License-Identifier: Apache-2.0
// Super-blocks of 256 below four bits that are carried as they are: Q2_K and Q3_K.
//
//     Q2_K  scales:16 | pairs:64 | d:2 | dmin:2         x = d·s[g]·q − dmin·m[g]   s below, m above in each scale byte
//     Q3_K  high:32 | pairs:64 | scales:12 | d:2        x = d·(s[g] − 32)·q        q = pair − (high bit ? 0 : 4)
//
// Groups of 16. Byte l of the h-th 32 pair bytes holds elements 128h + 32j + l, j = 0…3, two bits each; bit 4h + j of
// Q3_K's high byte l belongs to the same element. Q3_K's 6-bit scales: nibbles of bytes 0–7 (scales 0–7 below, 8–15
// above), then two bits each in bytes 8–11, scale i at bit 2·(i / 4) of byte 8 + i % 4.

/// 2 bits in groups of 16 with 4-bit scales and minima.
public enum BlockQ2_K {
  /// Splits a block of 84 bytes.
  ///
  /// - Parameters:
  ///   - quants: takes 256 values of 0…3.
  ///   - scales: takes 16 bytes, one a group of 16: its scale 0…15 below, its minimum 0…15 above.
  /// - Returns: the f16 patterns that scales and minima are multiplied with.
  public static func unpack(
    _ block: UnsafeRawPointer, quants: UnsafeMutablePointer<UInt8>, scales: UnsafeMutablePointer<UInt8>
  ) -> (d: UInt16, dmin: UInt16) {
    for index in 0..<256 { quants[index] = pair(block + 16, index) }
    UnsafeMutableRawPointer(scales).copyMemory(from: block, byteCount: 16)
    return (loadUInt16(block, at: 80), loadUInt16(block, at: 82))
  }

  static func dequantize(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    let (d, dmin) = (float(half: loadUInt16(block, at: 80)), float(half: loadUInt16(block, at: 82)))
    for index in 0..<256 {
      let packed = byte(block, index / 16)
      let quant = pair(block + 16, index)
      values[index] = d * Float(packed & 15) * Float(quant) - dmin * Float(packed >> 4)
    }
  }
}

/// 3 bits in groups of 16 with 6-bit scales.
public enum BlockQ3_K {
  /// What is taken from a quant.
  public static let zeroPoint = 4

  /// Splits a block of 110 bytes.
  ///
  /// - Parameters:
  ///   - quants: takes 256 values of 0…7.
  ///   - scales: takes 16 values of 0…63, one a group of 16, from each of which 32 is to be taken.
  /// - Returns: the f16 pattern that the scales are multiplied with.
  public static func unpack(
    _ block: UnsafeRawPointer, quants: UnsafeMutablePointer<UInt8>, scales: UnsafeMutablePointer<UInt8>
  ) -> UInt16 {
    for index in 0..<256 {
      quants[index] = pair(block + 32, index) | (byte(block, index % 32) >> UInt8(index / 32) & 1) << 2
    }
    for group in 0..<16 { scales[group] = UInt8(scale(block + 96, group) + 32) }
    return loadUInt16(block, at: 108)
  }

  static func dequantize(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    let d = float(half: loadUInt16(block, at: 108))
    for index in 0..<256 {
      let highBit = byte(block, index % 32) >> UInt8(index / 32) & 1
      let quant = Int(pair(block + 32, index)) - (highBit == 1 ? 0 : 4)
      values[index] = d * Float(scale(block + 96, index / 16)) * Float(quant)
    }
  }

  private static func scale(_ packed: UnsafeRawPointer, _ group: Int) -> Int {
    let nibble = group < 8 ? byte(packed, group) & 15 : byte(packed, group - 8) >> 4
    let top = byte(packed, 8 + group % 4) >> UInt8(2 * (group / 4)) & 3
    return Int(nibble | top << 4) - 32
  }
}

@inline(__always)
private func pair(_ bytes: UnsafeRawPointer, _ index: Int) -> UInt8 {
  byte(bytes, index / 128 * 32 + index % 32) >> UInt8(index % 128 / 32 * 2) & 3
}
