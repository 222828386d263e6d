// SPDX-License-Identifier: Apache-2.0
// Blocks whose quants are indexes into a table of 16, carried as they are: IQ4_NL, IQ4_XS and MXFP4.
//
//     IQ4_NL  d:2 | nibbles:16                                        x = d · table[q]
//     IQ4_XS  d:2 | scales high:2 | scales low:4 | nibbles:128        x = d · (s[g] − 32) · table[q], groups of 32
//     MXFP4   exponent:1 | nibbles:16                                 x = 2^(e − 128) · table[q]
//
// Nibbles as in Q4_0, 16 bytes for every 32 elements. IQ4_XS: scale g has 4 bits in nibble g of the low bytes and 2
// bits at bit 2g of the high ones.

/// 4 bits on an uneven grid, one scale for 32.
public enum BlockIQ4_NL {
  /// Splits a block of 18 bytes. `quants` takes 32 indexes of 0…15. Returns the scale's f16 pattern.
  public static func unpack(_ block: UnsafeRawPointer, quants: UnsafeMutablePointer<UInt8>) -> UInt16 {
    unpackNibbles(block + 2, into: quants)
    return loadUInt16(block)
  }

  static func dequantize(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    decodeNibbles(block + 2, scale: float(half: loadUInt16(block)), at: unevenGrid, into: values)
  }
}

/// 4 bits on an uneven grid, groups of 32 with 6-bit scales.
public enum BlockIQ4_XS {
  /// Splits a block of 136 bytes.
  ///
  /// - Parameters:
  ///   - quants: takes 256 indexes of 0…15.
  ///   - scales: takes 8 values of 0…63, one a group of 32, from each of which 32 is to be taken.
  /// - Returns: the f16 pattern that the scales are multiplied with.
  public static func unpack(
    _ block: UnsafeRawPointer, quants: UnsafeMutablePointer<UInt8>, scales: UnsafeMutablePointer<UInt8>
  ) -> UInt16 {
    for group in 0..<8 {
      unpackNibbles(block + 8 + group * 16, into: quants + group * 32)
      scales[group] = scale(block, group)
    }
    return loadUInt16(block)
  }

  private static func scale(_ block: UnsafeRawPointer, _ group: Int) -> UInt8 {
    let low = byte(block, 4 + group / 2) >> UInt8(group % 2 * 4) & 15
    return low | UInt8(loadUInt16(block, at: 2) >> UInt16(2 * group) & 3) << 4
  }

  static func dequantize(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    let d = float(half: loadUInt16(block))
    for group in 0..<8 {
      let scale = d * Float(Int(scale(block, group)) - 32)
      decodeNibbles(block + 8 + group * 16, scale: scale, at: unevenGrid, into: values + group * 32)
    }
  }
}

/// 4-bit floats (one sign, two exponent, one mantissa bit), one power of two for 32.
public enum BlockMXFP4 {
  /// Splits a block of 17 bytes. `quants` takes 32 indexes of 0…15. Returns the exponent e of the scale 2^(e − 127).
  public static func unpack(_ block: UnsafeRawPointer, quants: UnsafeMutablePointer<UInt8>) -> UInt8 {
    unpackNibbles(block + 1, into: quants)
    return byte(block, 0)
  }

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
