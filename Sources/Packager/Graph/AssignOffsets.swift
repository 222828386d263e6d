// SPDX-License-Identifier: Apache-2.0
// Offsets of values from their lifetimes: largest first, each at the lowest place that is free while it lives.
// Values that follow one another in place are placed as one.
import Format
import Ops

extension Graph {
  /// Sets the offset of every value and the byte counts of the two areas.
  mutating func assignOffsets() {
    tokenByteCount = assign(.token)
    outputByteCount = assign(.output)
  }

  /// A run of values that share one place, alive from the first one's first op to the last one's last.
  private struct Chain {
    var values: [Int]
    var firstOp: UInt32
    var lastOp: UInt32
    var byteCount: Int
    var offset = 0
  }

  private mutating func assign(_ rows: Value.Rows) -> Int {
    var chains = inPlaceChains(rows)
    let order = chains.indices.sorted {
      (chains[$1].byteCount, chains[$0].firstOp) < (chains[$0].byteCount, chains[$1].firstOp)
    }
    var placed: [Int] = []
    var areaByteCount = 0
    for index in order {
      let chain = chains[index]
      // Those alive at the same time, by offset: the first gap that is wide enough.
      let rivals = placed.filter { chains[$0].firstOp <= chain.lastOp && chain.firstOp <= chains[$0].lastOp }
        .sorted { chains[$0].offset < chains[$1].offset }
      var offset = 0
      for rival in rivals {
        if offset + chain.byteCount <= chains[rival].offset { break }
        offset = max(offset, chains[rival].offset + chains[rival].byteCount)
      }
      chains[index].offset = offset
      placed.append(index)
      areaByteCount = max(areaByteCount, offset + chain.byteCount)
      for value in chain.values { values[value].record.offset = offset }
    }
    return areaByteCount
  }

  private func inPlaceChains(_ rows: Value.Rows) -> [Chain] {
    var chains: [Chain] = []
    var chainOf: [Int: Int] = [:]
    for index in values.indices where values[index].record.rows == rows {
      let record = values[index].record
      let op = ops[Int(record.firstOp)]
      if op.inPlace != Value.none, let chain = chainOf[Int(op.inPlace)],
        values[Int(op.inPlace)].record.lastOp == record.firstOp,
        chains[chain].byteCount == record.rowByteCount
      {
        chains[chain].values.append(index)
        chains[chain].lastOp = record.lastOp
        chainOf[index] = chain
      } else {
        chainOf[index] = chains.count
        chains.append(
          Chain(
            values: [index], firstOp: record.firstOp, lastOp: record.lastOp, byteCount: record.rowByteCount))
      }
    }
    return chains
  }
}
