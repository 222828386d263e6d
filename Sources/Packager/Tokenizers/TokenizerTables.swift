// SPDX-License-Identifier: Apache-2.0
// The bytes of a tokenizer section while it is put together: header fields and tables by name, then one pass over all.

import Text

struct TokenizerTables {
  private var header = [UInt8](repeating: 0, count: TokenizerLayout.headerByteCount)
  /// Flags of the header, as they are found.
  var flags: UInt32 = 0
  private var tables = [[UInt8]](repeating: [], count: TokenizerLayout.tableCount)

  mutating func set(_ value: some FixedWidthInteger, at offset: Int) {
    withUnsafeBytes(of: value.littleEndian) { bytes in
      for (index, byte) in bytes.enumerated() { header[offset + index] = byte }
    }
  }

  mutating func set(_ id: UInt32?, at offset: Int) { set(id ?? TokenizerLayout.none, at: offset) }

  subscript(table: TokenizerTable) -> [UInt8] {
    get { tables[table.rawValue] }
    set { tables[table.rawValue] = newValue }
  }

  mutating func set(_ table: TokenizerTable, _ values: some Sequence<some FixedWidthInteger>) {
    var bytes: [UInt8] = []
    for value in values { withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) } }
    self[table] = bytes
  }

  /// Tables behind the header in order, each at a multiple of 8, zeros between.
  func laidOut() -> [UInt8] {
    var copy = self
    var offset = TokenizerLayout.headerByteCount
    for (index, table) in tables.enumerated() {
      offset = (offset + 7) & ~7
      copy.set(UInt32(offset), at: TokenizerLayout.directoryOffset + 8 * index)
      copy.set(UInt32(table.count), at: TokenizerLayout.directoryOffset + 8 * index + 4)
      offset += table.count
    }
    offset = (offset + 7) & ~7
    copy.set(UInt32(offset), at: TokenizerLayout.byteCountOffset)
    var result = copy.header
    result.reserveCapacity(offset)
    for table in tables {
      result.append(contentsOf: repeatElement(0, count: (8 - result.count % 8) % 8))
      result += table
    }
    result.append(contentsOf: repeatElement(0, count: (8 - result.count % 8) % 8))
    return result
  }
}

/// Open addressing with linear probing, as the reader looks things up.
enum HashSlots {
  /// Slots for items by hash. At most two thirds full, and no run of occupied slots longer than a reader accepts: items
  /// made to collide, for no others do, are refused.
  static func filled(_ items: [(index: UInt32, hash: UInt64)]) throws(TokenizerCompileError) -> [UInt32] {
    var slotCount = items.count + items.count / 2 + 1
    for _ in 0..<8 {
      if let slots = filled(items, slotCount: slotCount) { return slots }
      slotCount += slotCount / 4 + 1
    }
    throw .overLimit(part: "tokens or merges with one hash", found: items.count, limit: TokenizerLayout.probesMax)
  }

  private static func filled(_ items: [(index: UInt32, hash: UInt64)], slotCount: Int) -> [UInt32]? {
    var slots = [UInt32](repeating: TokenizerLayout.none, count: slotCount)
    for (index, hash) in items {
      var slot = TokenizerLayout.slot(hash, slotCount: slotCount)
      var probes = 0
      while slots[slot] != TokenizerLayout.none {
        slot = slot + 1 == slotCount ? 0 : slot + 1
        probes += 1
        if probes > TokenizerLayout.probesMax { return nil }
      }
      slots[slot] = index | TokenizerLayout.tag(hash)
    }
    return longestRun(slots) <= TokenizerLayout.probesMax ? slots : nil
  }

  private static func longestRun(_ slots: [UInt32]) -> Int {
    var run = 0
    var longest = 0
    for slot in slots + slots {
      run = slot == TokenizerLayout.none ? 0 : run + 1
      longest = max(longest, run)
    }
    return longest
  }
}
