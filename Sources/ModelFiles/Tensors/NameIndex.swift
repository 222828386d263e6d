// SPDX-License-Identifier: Apache-2.0
// Finds a name among many that stay where they are, in the file. Five bytes a name, so that a hostile file of
// tiny records cannot make the index larger than itself.

/// A hash table of record numbers. The names themselves are asked for through closures.
struct NameIndex: Sendable {
  /// Open addressing with linear probing, at most 80 % full. A slot's lower bits are a record number; the bits that
  /// numbers leave over hold as many of the hash, so that few names are looked at in vain.
  private var slots: [UInt32]
  private let numberBitCount: UInt32
  private static let emptySlot = UInt32.max

  struct Duplicate: Error {
    var first: Int
    var second: Int
  }

  /// - Parameters:
  ///   - hash: a well mixed hash of the name of a record. `Hasher` is seeded per process, which defeats crafted names.
  ///   - areEqual: whether two records have the same name.
  /// - Throws: the first pair of records with one name.
  init(count: Int, hash: (Int) -> Int, areEqual: (Int, Int) -> Bool) throws(Duplicate) {
    precondition(count < Int(UInt32.max))
    // Two to this power is above `count`, so that no slot in use has all bits set.
    numberBitCount = 32 - UInt32(UInt32(count).leadingZeroBitCount)
    slots = [UInt32](repeating: Self.emptySlot, count: count + count / 4 + 1)
    for record in 0..<count {
      let hash = hash(record)
      if let first = find(hash: hash, isMatch: { areEqual($0, record) }) {
        throw Duplicate(first: first, second: record)
      }
      var slot = Self.home(hash: hash, slotCount: slots.count)
      while slots[slot] != Self.emptySlot { slot = slot + 1 == slots.count ? 0 : slot + 1 }
      slots[slot] = tag(hash) | UInt32(record)
    }
  }

  /// The record with this hash for which `isMatch` holds.
  @inline(__always)
  func find(hash: Int, isMatch: (Int) -> Bool) -> Int? {
    let tag = tag(hash)
    let numberMask = UInt32(truncatingIfNeeded: UInt64(1) << UInt64(numberBitCount) - 1)
    var slot = Self.home(hash: hash, slotCount: slots.count)
    while slots[slot] != Self.emptySlot {
      let record = Int(slots[slot] & numberMask)
      if slots[slot] & ~numberMask == tag, isMatch(record) { return record }
      slot = slot + 1 == slots.count ? 0 : slot + 1
    }
    return nil
  }

  /// The lower bits of the hash (the upper ones choose the home), where a slot has room for them.
  private func tag(_ hash: Int) -> UInt32 {
    UInt32(truncatingIfNeeded: UInt64(truncatingIfNeeded: hash) << UInt64(numberBitCount))
  }

  private static func home(hash: Int, slotCount: Int) -> Int {
    Int(UInt(bitPattern: hash).multipliedFullWidth(by: UInt(slotCount)).high)
  }

  /// The hash of a name's bytes.
  static func hash(_ bytes: UnsafeRawBufferPointer) -> Int {
    var hasher = Hasher()
    hasher.combine(bytes: bytes)
    return hasher.finalize()
  }
}

/// Calls `body` with a string's UTF-8 bytes. Swift's own `==` on strings takes é and e + ´ for the same name; the
/// formats do not.
@inline(__always)
func withUTF8Bytes<Result>(of text: String, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
  if let result = text.utf8.withContiguousStorageIfAvailable({ body(UnsafeRawBufferPointer($0)) }) { return result }
  return Array(text.utf8).withUnsafeBytes(body)
}
