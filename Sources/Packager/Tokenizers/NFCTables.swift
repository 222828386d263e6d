// SPDX-License-Identifier: Apache-2.0
// The tables of normalization form C, from Unicode's decompositions and combining classes. specs/tokenizer.md §8.

import Text

extension TokenizerCompiler {
  mutating func writeNFC() throws(TokenizerCompileError) {
    let data = NFCData()
    var records: [UInt64] = [0]
    var indexes: [UInt64: UInt16] = [0: 0]
    var values = [UInt16](repeating: 0, count: Int(CodePointSet.last) + 1)
    for codePoint in data.active {
      let record = data.record(codePoint)
      if let known = indexes[record] {
        values[Int(codePoint)] = known
      } else {
        let index = UInt16(records.count)
        indexes[record] = index
        records.append(record)
        values[Int(codePoint)] = index
      }
    }
    let stages: CodePointStages<UInt16>
    do throws(AutomatonError) {
      stages = try CodePointStages(values)
    } catch { throw .overLimit(part: "blocks of the normalizer", found: 256, limit: 255) }
    tables[.normalFirst] = stages.first
    tables.set(.normalMiddle, stages.middle)
    tables.set(.normalLast, stages.last)
    tables.set(.normalData, records)
    tables.set(.normalPairs, data.pairs)
  }
}

/// What NFC asks of each code point.
private struct NFCData {
  private var decompositions: [UInt32: UnicodeProperties.Decomposition] = [:]
  private var classes: [UInt32: UInt8] = [:]
  /// Those that may join with what stands before them.
  private var seconds = Set<UInt32>()
  /// `first << 42 | second << 21 | composed`, ascending.
  private(set) var pairs: [UInt64] = []

  init() {
    for entry in UnicodeProperties.decompositions {
      decompositions[entry.codePoint] = entry
      if entry.composes {
        seconds.insert(entry.parts[1])
        pairs.append(UInt64(entry.parts[0]) << 42 | UInt64(entry.parts[1]) << 21 | UInt64(entry.codePoint))
      }
    }
    pairs.sort()
    for (range, value) in UnicodeProperties.combiningClasses {
      for codePoint in range { classes[codePoint] = value }
    }
    seconds.formUnion(0x1161...0x1175)  // Hangul vowels and finals join by arithmetic
    seconds.formUnion(0x11A8...0x11C2)
  }

  /// Every code point that is not inert, ascending.
  var active: [UInt32] { Set(decompositions.keys).union(classes.keys).union(seconds).sorted() }

  func record(_ codePoint: UInt32) -> UInt64 {
    var record = UInt64(classes[codePoint] ?? 0) << NFCRecord.classShift
    var first = codePoint
    while let entry = decompositions[first] { first = entry.parts[0] }
    if let entry = decompositions[codePoint] {
      record |= UInt64(entry.parts[0]) | UInt64(entry.parts.count > 1 ? entry.parts[1] : 0) << 21
      record |= NFCRecord.decomposes
    }
    let joins = [codePoint, first].contains { seconds.contains($0) || classes[$0] != nil }
    if joins { record |= NFCRecord.joinsPrevious }
    let isStable = !seconds.contains(codePoint) && decompositions[codePoint]?.composes != false
    if isStable { record |= NFCRecord.isStable }
    return record
  }
}
