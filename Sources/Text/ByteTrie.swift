// SPDX-License-Identifier: Apache-2.0
// A trie over bytes as a double array: one load and one comparison an edge. Vocabularies, rewriting rules and sets of
// characters have this form. Spec: specs/tokenizer.md §6.

/// The 64 bits of a unit. A child of a node stands at the node's base xor the child's byte.
public enum ByteTrieUnit {
  /// Bits 0–7: the byte that leads here; bit 8: the unit is taken.
  public static let isUsed: UInt64 = 1 << 8
  /// Bits 9–32: one more than the value of what ends here, or 0.
  public static let valueShift: UInt64 = 9
  public static let valueMask: UInt64 = (1 << 24) - 1
  /// Bits 33–56.
  public static let baseShift: UInt64 = 33
  public static let baseMask: UInt64 = (1 << 24) - 1
  public static let hasChildren: UInt64 = 1 << 57
  public static let known: UInt64 = (1 << 58) - 1
}

struct ByteTrie {
  let units: UnsafePointer<UInt64>

  struct Match {
    var byteCount = 0
    var value: UInt32 = 0
  }

  /// The unit of the child, or nil.
  @inline(__always)
  static func child(_ units: UnsafePointer<UInt64>, _ unit: UInt64, _ byte: UInt8) -> UInt64? {
    if unit & ByteTrieUnit.hasChildren == 0 { return nil }
    let base = unit >> ByteTrieUnit.baseShift & ByteTrieUnit.baseMask
    let found = units[Int(base ^ UInt64(byte))]
    return found & 0x1FF == UInt64(byte) | ByteTrieUnit.isUsed ? found : nil
  }

  @inline(__always)
  static func value(_ unit: UInt64) -> UInt32? {
    let value = unit >> ByteTrieUnit.valueShift & ByteTrieUnit.valueMask
    return value == 0 ? nil : UInt32(truncatingIfNeeded: value &- 1)
  }

  /// The longest key that the text begins with and that ends between two characters.
  ///
  /// - Parameter steps: counts the bytes looked at.
  @inline(__always)
  func longest(_ text: UnsafePointer<UInt8>, _ byteCount: Int, steps: inout Int) -> Match? {
    var unit = units[0]
    var index = 0
    var best: Match?
    while index < byteCount, let next = Self.child(units, unit, text[index]) {
      unit = next
      index &+= 1
      if let value = Self.value(unit), index == byteCount || text[index] & 0xC0 != 0x80 {
        best = Match(byteCount: index, value: value)
      }
    }
    steps &+= index
    return best
  }

  /// T-24: bases within the units, values below `valueCount`, no unknown bit, a root that is no child.
  func check(unitCount: Int, valueCount: Int) -> Bool {
    guard unitCount > 0, unitCount % 256 == 0, units[0] & ByteTrieUnit.isUsed == 0 else { return false }
    for index in 0..<unitCount {
      let unit = units[index]
      guard unit & ~ByteTrieUnit.known == 0,
        unit >> ByteTrieUnit.baseShift & ByteTrieUnit.baseMask < UInt64(unitCount),
        unit >> ByteTrieUnit.valueShift & ByteTrieUnit.valueMask <= UInt64(valueCount)
      else { return false }
    }
    return true
  }
}
