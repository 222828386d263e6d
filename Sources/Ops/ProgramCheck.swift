// SPDX-License-Identifier: Apache-2.0
// The proof that lets the executor run blind: rules P-01 to P-17 of specs/program.md §6, in that order.
import Format

extension Program {
  func check() throws(ProgramError) {
    try checkHeader()
    try checkEntries()
    try checkKVLayers()
    try checkValues()
    try checkLifetimes()
    for index in 0..<opCount {
      try checkOp(OpCheck(program: self, record: op(index), index: UInt32(index)))
    }
    try checkKVUse()
    try checkLogits()
  }

  /// P-01 to P-03.
  private func checkHeader() throws(ProgramError) {
    let expected = UInt64(Program.headerByteCount) + UInt64(entryCount) * UInt64(Entry.byteCount)
      + UInt64(kvLayerCount) * UInt64(KVLayer.byteCount) + UInt64(opCount) * UInt64(OpRecord.byteCount)
    guard UInt64(section.count) == expected else {
      throw .sectionByteCount(kind: SectionKind.program.rawValue, found: UInt64(section.count), expected: expected)
    }
    guard valueTable.count == valueCount * Value.byteCount else {
      throw .sectionByteCount(
        kind: SectionKind.values.rawValue, found: UInt64(valueTable.count),
        expected: UInt64(valueCount * Value.byteCount))
    }
    try within(0, entryCount, 1...8)
    try within(4, kvLayerCount, 0...Limits.kvLayerCountMax)
    try within(8, opCount, 1...Limits.opCountMax)
    try within(12, contextMax, 1...Limits.contextLengthMax)
    try within(16, vocab, 1...Limits.rowCountMax)
    try within(64, valueCount, 1...Limits.valueCountMax)
    guard section.part(28, 36).isZero else { throw .reservedNotZero(record: 0) }
  }

  private func within(_ field: UInt32, _ found: Int, _ range: ClosedRange<Int>) throws(ProgramError) {
    guard range.contains(found) else {
      throw .countOutOfRange(field: field, found: UInt64(found), limit: UInt64(range.upperBound))
    }
  }

  /// P-04.
  private func checkEntries() throws(ProgramError) {
    var next = 0
    var kindBefore: UInt32 = 0
    for index in 0..<entryCount {
      let kind = section.u32(entriesAt + index * Entry.byteCount)
      let entry = entry(index)
      guard EntryKind(rawValue: kind) != nil, kind > kindBefore, entry.firstOp == next, entry.opCount >= 1,
        entry.opCount <= opCount - next, entry.result < UInt32(valueCount)
      else { throw .entryMalformed(entry: UInt32(index)) }
      kindBefore = kind
      next += entry.opCount
      let result = Int(value(entry.result).firstOp)
      guard result >= entry.firstOp, result < next else { throw .entryMalformed(entry: UInt32(index)) }
    }
    guard next == opCount, entry(0).kind == .step else { throw .entryMalformed(entry: 0) }
  }

  /// P-05.
  private func checkKVLayers() throws(ProgramError) {
    for index in 0..<kvLayerCount {
      let layer = kvLayer(index)
      guard layer.headCount >= 1, layer.headCount <= Limits.headCountMax, layer.headDim >= 2,
        layer.headDim <= Limits.headDimMax, layer.headDim % 2 == 0, layer.window <= Limits.contextLengthMax
      else { throw .kvLayerMalformed(layer: UInt32(index)) }
      guard section.u32(kvLayersAt + index * KVLayer.byteCount + 12) == 0 else {
        throw .reservedNotZero(record: UInt32(index))
      }
    }
  }

  /// P-06 to P-08.
  private func checkValues() throws(ProgramError) {
    let names = bundle.bytes(of: .names)
    var (tokenEnd, outputEnd) = (0, 0)
    var firstOpBefore: Int64 = -1
    var nameStart = UInt64(bundle.tensorNamesByteCount)
    for index in 0..<valueCount {
      let value = try Value(
        checking: valueTable, index: index, opCount: opCount, names: names, nameStart: nameStart)
      nameStart += UInt64(value.nameByteCount)
      guard Int64(value.firstOp) > firstOpBefore else { throw .valueLifetime(value: UInt32(index)) }
      firstOpBefore = Int64(value.firstOp)
      let end = value.offset + value.rowByteCount
      if value.rows == .token { tokenEnd = max(tokenEnd, end) } else { outputEnd = max(outputEnd, end) }
    }
    guard nameStart == UInt64(names.count) else { throw .valueMalformed(value: Value.none) }
    guard tokenEnd == tokenByteCount, outputEnd == outputByteCount else { throw .valueMisplaced(value: Value.none) }
  }

  /// P-16: each layer appended to once, in `step`, and attended to only after that.
  private func checkKVUse() throws(ProgramError) {
    let step = entry(0)
    for layer in 0..<UInt32(kvLayerCount) where kvLayer(Int(layer)).headCount > 0 {
      var appended = false
      for index in 0..<opCount {
        let record = op(index)
        let isAppend = record.opcode == KVAppend.opcode && record.u32(20) == layer
        let isRead = record.opcode == Attention.opcode && record.u32(20) == layer
        if isAppend {
          guard !appended, index < step.opCount else { throw .kvLayerMisused(op: UInt32(index), layer: layer) }
          appended = true
        }
        if isRead, !appended || index >= step.opCount {
          throw .kvLayerMisused(op: UInt32(index), layer: layer)
        }
      }
      guard appended else { throw .kvLayerMisused(op: UInt32(opCount), layer: layer) }
    }
  }

  /// P-17.
  private func checkLogits() throws(ProgramError) {
    guard let logits = entry(.logits) else { return }
    let first = op(logits.firstOp)
    guard first.opcode == TakeRows.opcode, first.input == entry(0).result else {
      throw .logitsMalformed(op: UInt32(logits.firstOp))
    }
    for index in 0..<valueCount {
      let value = value(UInt32(index))
      guard (value.rows == .output) == (Int(value.firstOp) >= logits.firstOp) else {
        throw .logitsMalformed(op: value.firstOp)
      }
    }
    for index in (logits.firstOp + 1)..<(logits.firstOp + logits.opCount) where op(index).opcode == TakeRows.opcode {
      throw .logitsMalformed(op: UInt32(index))
    }
    let result = value(logits.result)
    guard result.dtype == .f32, result.columns == vocab else {
      throw .logitsMalformed(op: UInt32(logits.firstOp + logits.opCount - 1))
    }
  }
}
