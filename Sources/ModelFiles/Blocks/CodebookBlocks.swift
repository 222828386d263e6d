// SPDX-License-Identifier: Apache-2.0
// Blocks whose quants are indexes into a table of 16: IQ4_NL, IQ4_XS and MXFP4. Reference decoding only.
//
//     IQ4_NL  d:2 | nibbles:16                                        x = d · table[q]
//     IQ4_XS  d:2 | scales high:2 | scales low:4 | nibbles:128        x = d · (s[g] − 32) · table[q], groups of 32
//     MXFP4   exponent:1 | nibbles:16                                 x = 2^(e − 128) · table[q]
//
// Nibbles as in Q4_0, 16 bytes for every 32 elements. IQ4_XS: scale g has 4 bits in nibble g of the low bytes and 2
// bits at bit 2g of the high ones.

/// 4 bits on an uneven grid, one scale for 32.
enum BlockIQ4_NL {
  static func dequantize(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    decodeNibbles(block + 2, scale: float(half: loadUInt16(block)), at: unevenGrid, into: values)
  }
}

/// 4 bits on an uneven grid, groups of 32 with 6-bit scales.
enum BlockIQ4_XS {
  static func dequantize(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    let d = float(half: loadUInt16(block))
    let high = loadUInt16(block, at: 2)
    for group in 0..<8 {
      let low = byte(block, 4 + group / 2) >> UInt8(group % 2 * 4) & 15
      let top = UInt8(high >> UInt16(2 * group) & 3)
      let scale = d * Float(Int(low | top << 4) - 32)
      decodeNibbles(block + 8 + group * 16, scale: scale, at: unevenGrid, into: values + group * 32)
    }
  }
}

/// 4-bit floats (one sign, two exponent, one mantissa bit), one power of two for 32.
enum BlockMXFP4 {
  static func dequantize(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    let exponent = UInt32(byte(block, 0))
    // 2^(e − 128): half of what the format says, because the table holds the doubles of its values.
    let bits = exponent < 2 ? 0x0020_0000 << exponent : (exponent - 1) << 23
    decodeNibbles(block + 1, scale: Float(bitPattern: bits), at: doubledFloats, into: values)
  }
}

@inline(__always)
private func decodeNibbles(
  _ bytes: UnsafeRawPointer, scale: Float, at table: (UInt8) -> Float, into values: UnsafeMutablePointer<Float>
) {
  for index in 0..<16 {
    let pair = byte(bytes, index)
    values[index] = scale * table(pair & 15)
    values[index + 16] = scale * table(pair >> 4)
  }
}

private let unevenValues: [Int8] = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113]
private let doubledValues: [Int8] = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12]

@inline(__always)
private func unevenGrid(_ index: UInt8) -> Float { Float(unevenValues[Int(index)]) }

@inline(__always)
private func doubledFloats(_ index: UInt8) -> Float { Float(doubledValues[Int(index)]) }
