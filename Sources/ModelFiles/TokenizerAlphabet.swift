// SPDX-License-Identifier: Apache-2.0
// The byte-level alphabet of GPT-2's tokenizer: one visible character for each byte, so tokens are spelled as text.

public enum TokenizerAlphabet {
  /// The code point that spells each byte: itself where it is visible in Latin-1, else U+0100 and on, in order.
  public static let codePoints: [UInt32] = {
    var next: UInt32 = 0x100
    return (0..<256).map { byte in
      switch byte {
      case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return UInt32(byte)
      default:
        defer { next += 1 }
        return next
      }
    }
  }()

  private static let bytes: [Int16] = {
    var result = [Int16](repeating: -1, count: 0x144)
    for (byte, codePoint) in codePoints.enumerated() { result[Int(codePoint)] = Int16(byte) }
    return result
  }()

  /// The bytes that a spelling stands for, or nil where a character is not of the alphabet.
  public static func decode(_ spelling: UnsafeRawBufferPointer) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(spelling.count)
    var index = 0
    while index < spelling.count {
      var codePoint = Int(spelling[index])
      index += 1
      if codePoint >= 0x80 {
        // All of the alphabet is below U+0144: two bytes at most.
        guard codePoint & 0xE0 == 0xC0, index < spelling.count, spelling[index] & 0xC0 == 0x80 else { return nil }
        codePoint = (codePoint & 0x1F) << 6 | Int(spelling[index] & 0x3F)
        index += 1
      }
      guard codePoint < bytes.count, bytes[codePoint] >= 0 else { return nil }
      result.append(UInt8(bytes[codePoint]))
    }
    return result
  }

  /// The spelling of one byte, as UTF-8.
  public static func spelling(of byte: UInt8) -> [UInt8] {
    Array(String(UnicodeScalar(codePoints[Int(byte)])!).utf8)
  }
}
