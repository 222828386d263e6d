// SPDX-License-Identifier: Apache-2.0
// Blocks of 32 with one scale each: Q4_0, Q4_1, Q5_0, Q5_1, Q8_0. All fields little-endian, scales and minima f16.
//
//     Q4_0  scale:2 | nibbles:16                       x = d · (q − 8)      q 0…15
//     Q4_1  scale:2 | minimum:2 | nibbles:16           x = d · q + m        q 0…15
//     Q5_0  scale:2 | high bits:4 | nibbles:16         x = d · (q − 16)     q 0…31
//     Q5_1  scale:2 | minimum:2 | high bits:4 | 16     x = d · q + m        q 0…31
//     Q8_0  scale:2 | bytes:32                         x = d · q            q −128…127
//
// Byte j of the nibbles holds element j below and element j + 16 above; bit j of the high bits belongs to element j.

/// 4 bits, one scale.
public enum BlockQ4_0 {
  /// What is taken from a quant.
  public static let zeroPoint = 8

  /// Splits a block of 18 bytes. `quants` takes 32 values of 0…15. Returns the scale's f16 pattern.
  public static func unpack(_ block: UnsafeRawPointer, quants: UnsafeMutablePointer<UInt8>) -> UInt16 {
    unpackNibbles(block + 2, into: quants)
    return loadUInt16(block)
  }

  static func dequantize(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    withQuants(32, of: UInt8.self) { quants in
      let scale = float(half: unpack(block, quants: quants))
      for index in 0..<32 { values[index] = scale * Float(Int(quants[index]) - zeroPoint) }
    }
  }
}

/// 4 bits, scale and minimum.
public enum BlockQ4_1 {
  /// Splits a block of 20 bytes. `quants` takes 32 values of 0…15. Returns the f16 patterns.
  public static func unpack(
    _ block: UnsafeRawPointer, quants: UnsafeMutablePointer<UInt8>
  ) -> (scale: UInt16, minimum: UInt16) {
    unpackNibbles(block + 4, into: quants)
    return (loadUInt16(block), loadUInt16(block, at: 2))
  }

  static func dequantize(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    withQuants(32, of: UInt8.self) { quants in
      let (scale, minimum) = unpack(block, quants: quants)
      affine(quants, scale: scale, minimum: minimum, into: values)
    }
  }
}

/// 5 bits, one scale.
public enum BlockQ5_0 {
  /// What is taken from a quant.
  public static let zeroPoint = 16

  /// Splits a block of 22 bytes. `quants` takes 32 values of 0…31. Returns the scale's f16 pattern.
  public static func unpack(_ block: UnsafeRawPointer, quants: UnsafeMutablePointer<UInt8>) -> UInt16 {
    unpackNibbles(block + 6, into: quants)
    addHighBits(loadUInt32(block, at: 2), to: quants)
    return loadUInt16(block)
  }

  static func dequantize(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    withQuants(32, of: UInt8.self) { quants in
      let scale = float(half: unpack(block, quants: quants))
      for index in 0..<32 { values[index] = scale * Float(Int(quants[index]) - zeroPoint) }
    }
  }
}

/// 5 bits, scale and minimum.
public enum BlockQ5_1 {
  /// Splits a block of 24 bytes. `quants` takes 32 values of 0…31. Returns the f16 patterns.
  public static func unpack(
    _ block: UnsafeRawPointer, quants: UnsafeMutablePointer<UInt8>
  ) -> (scale: UInt16, minimum: UInt16) {
    unpackNibbles(block + 8, into: quants)
    addHighBits(loadUInt32(block, at: 4), to: quants)
    return (loadUInt16(block), loadUInt16(block, at: 2))
  }

  static func dequantize(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    withQuants(32, of: UInt8.self) { quants in
      let (scale, minimum) = unpack(block, quants: quants)
      affine(quants, scale: scale, minimum: minimum, into: values)
    }
  }
}

/// 8 bits, one scale.
public enum BlockQ8_0 {
  /// Splits a block of 34 bytes. `quants` takes 32 values of −128…127. Returns the scale's f16 pattern.
  public static func unpack(_ block: UnsafeRawPointer, quants: UnsafeMutablePointer<Int8>) -> UInt16 {
    UnsafeMutableRawPointer(quants).copyMemory(from: block + 2, byteCount: 32)
    return loadUInt16(block)
  }

  static func dequantize(_ block: UnsafeRawPointer, into values: UnsafeMutablePointer<Float>) {
    withQuants(32, of: Int8.self) { quants in
      let scale = float(half: unpack(block, quants: quants))
      for index in 0..<32 { values[index] = scale * Float(quants[index]) }
    }
  }
}

/// 16 bytes to 32 nibbles, the lower ones first.
@inline(__always)
func unpackNibbles(_ bytes: UnsafeRawPointer, into quants: UnsafeMutablePointer<UInt8>) {
  for index in 0..<16 {
    let pair = byte(bytes, index)
    quants[index] = pair & 15
    quants[index + 16] = pair >> 4
  }
}

@inline(__always)
private func addHighBits(_ bits: UInt32, to quants: UnsafeMutablePointer<UInt8>) {
  for index in 0..<32 { quants[index] |= UInt8(truncatingIfNeeded: bits >> UInt32(index) & 1) << 4 }
}

@inline(__always)
private func affine(
  _ quants: UnsafeMutablePointer<UInt8>, scale: UInt16, minimum: UInt16, into values: UnsafeMutablePointer<Float>
) {
  let (scale, minimum) = (float(half: scale), float(half: minimum))
  for index in 0..<32 { values[index] = scale * Float(quants[index]) + minimum }
}
