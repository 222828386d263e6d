// SPDX-License-Identifier: Apache-2.0
// Finds a name among many that stay where they are, in the file. Five bytes a name, so that a hostile file of
// tiny records cannot make the index larger than itself.

/// A hash table of record numbers. The names themselves are asked for through closures.
struct NameIndex: Sendable {
  /// Record numbers, open addressing with linear probing, at most 80 % full.
  private var slots: [UInt32]
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
    slots = [UInt32](repeating: Self.emptySlot, count: count + count / 4 + 1)
    for record in 0..<count {
      var slot = Self.home(hash: hash(record), slotCount: slots.count)
      while slots[slot] != Self.emptySlot {
        if areEqual(Int(slots[slot]), record) { throw Duplicate(first: Int(slots[slot]), second: record) }
        slot = slot + 1 == slots.count ? 0 : slot + 1
      }
      slots[slot] = UInt32(record)
    }
  }

  /// The record with this hash for which `isMatch` holds.
  func find(hash: Int, isMatch: (Int) -> Bool) -> Int? {
    var slot = Self.home(hash: hash, slotCount: slots.count)
    while slots[slot] != Self.emptySlot {
      if isMatch(Int(slots[slot])) { return Int(slots[slot]) }
      slot = slot + 1 == slots.count ? 0 : slot + 1
    }
    return nil
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

/// Whether two byte runs are the same.
@inline(__always)
func sameBytes(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
  a.count == b.count && a.elementsEqual(b)
}
