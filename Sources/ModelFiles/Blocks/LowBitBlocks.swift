// SPDX-License-Identifier: Apache-2.0
// Super-blocks of 256 below four bits, Q2_K and Q3_K: reference decoding only, for requantizing.
//
//     Q2_K  scales:16 | pairs:64 | d:2 | dmin:2         x = d·s[g]·q − dmin·m[g]   s below, m above in each scale byte
//     Q3_K  high:32 | pairs:64 | scales:12 | d:2        x = d·(s[g] − 32)·q        q = pair − (high bit ? 0 : 4)
//
// Groups of 16. Byte l of the h-th 32 pair bytes holds elements 128h + 32j + l, j = 0…3, two bits each; bit 4h + j of
// Q3_K's high byte l belongs to the same element. Q3_K's 6-bit scales: nibbles of bytes 0–7 (scales 0–7 below, 8–15
// above), then two bits each in bytes 8–11, scale i at bit 2·(i / 4) of byte 8 + i % 4.

/// 2 bits in groups of 16 with 4-bit scales and minima.
enum BlockQ2_K {
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
enum BlockQ3_K {
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
