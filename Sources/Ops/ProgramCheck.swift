// SPDX-License-Identifier: Apache-2.0
// The proof that lets the executor run blind: rules P-01 to P-17 of specs/program.md §6, in that order.
import Format

// Why nothing can leave its memory then, whatever the weights and ids hold:
//
// - Reads of tables: a value index is below valueCount since it was alive in the walk (P-10, P-11), a tensor index is
//   checked against the tensor table (P-13), a layer index against the layer count (P-16).
// - Values: row r of a value lies at n·offset + r·rowByteCount of its area with room for n rows, r < n. offset +
//   rowByteCount ≤ the area's byte count (P-08), so it ends inside. Two values that overlap for one n overlap for
//   n = 1, and that is P-12. Shape rules (P-14) tie every count of columns that a kernel gets to columns of values and
//   tensors, and P-15 keeps columns that an op picks inside the row. Ids are below `vocab` (Session.feed), which the
//   embedding covers (P-13).
// - Weights: a tensor's bytes are those of its format and shape (B-23), inside the section (B-28). Kernels read whole
//   panels, never beyond.
// - Cache: positions lie modulo what the layer holds, for which Plan makes room; P-15 ties heads to the layer's. What
//   attention reads has been written, by this call (P-16) or one before, and not since overwritten: memory.md §3.
// - Tables of rope cover context_max (P-13), the second ones too where a sequence can be long enough for them. Scratch
//   holds the widest row as f32 and eight rows of scores.
// - No number becomes an address: kernels turn floats to integers only to store them.
//
// Sums fit: columns ≤ 2^20 and offset < 2^32, so an end is below 2^33; times a chunk of 2^12 below 2^45.
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
    let expected =
      UInt64(Program.headerByteCount) + UInt64(entryCount) * UInt64(Entry.byteCount)
      + UInt64(kvLayerCount) * UInt64(KVLayer.byteCount) + UInt64(opCount) * UInt64(OpRecord.byteCount)
    guard UInt64(section.count) == expected else {
      throw .sectionByteCount(kind: SectionKind.program.rawValue, found: UInt64(section.count), expected: expected)
    }
    guard valueTable.count > 0, valueTable.count % Value.byteCount == 0 else {
      throw .sectionByteCount(
        kind: SectionKind.values.rawValue, found: UInt64(valueTable.count),
        expected: UInt64(max(valueCount, 1) * Value.byteCount))
    }
    try within(0, entryCount, 1...8)
    try within(4, kvLayerCount, 0...Limits.kvLayerCountMax)
    try within(8, opCount, 1...Limits.opCountMax)
    try within(12, contextMax, 1...Limits.contextLengthMax)
    try within(16, vocab, 1...Limits.rowCountMax)
    try within(64, valueCount, 1...Limits.valueCountMax)
    try within(28, ropeOriginalContext, 0...contextMax)
    guard section.part(32, 32).isZero else { throw .reservedNotZero(record: 0) }
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
    guard next == opCount else { throw .entryMalformed(entry: 0) }
    for index in 0..<entryCount {
      if let source = entry(index).kind.source, entry(source) == nil { throw .entryMalformed(entry: UInt32(index)) }
    }
  }

  /// P-05.
  private func checkKVLayers() throws(ProgramError) {
    for index in 0..<kvLayerCount {
      let layer = kvLayer(index)
      guard layer.headCount >= 1, layer.headCount <= Limits.headCountMax, layer.headDim >= 2,
        layer.headDim <= Limits.headDimMax, layer.headDim % 2 == 0, layer.window <= Limits.contextLengthMax,
        section.u32(kvLayersAt + index * KVLayer.byteCount + 12) <= 2, layer.span == .sequence || layer.window == 0
      else { throw .kvLayerMalformed(layer: UInt32(index)) }
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

  /// P-16. One walk over the ops, whatever the number of layers.
  private func checkKVUse() throws(ProgramError) {
    let failure: ProgramError? = withUnsafeTemporaryAllocation(of: Bool.self, capacity: Limits.kvLayerCountMax) {
      do throws(ProgramError) {
        try checkKVUse(appended: $0)
        return nil
      } catch { return error }
    }
    if let failure { throw failure }
  }

  /// The ops' own checks have shown that the layers that they name exist.
  ///
  /// A layer of a sequence is appended to once, in `step`, and attended to only after that; one of a call as often as
  /// one likes, in `encode`, and attended to there, after the first; one of a source is appended to once, in `encode`,
  /// and attended to in `step`, which a session runs only after that.
  private func checkKVUse(appended: UnsafeMutableBufferPointer<Bool>) throws(ProgramError) {
    appended.initialize(repeating: false)
    for number in 0..<entryCount {
      let entry = entry(number)
      for index in entry.firstOp..<(entry.firstOp + entry.opCount) {
        let record = op(index)
        let isAppend = record.opcode == KVAppend.opcode
        guard isAppend || record.opcode == Attention.opcode else { continue }
        let layer = Int(record.u32(20))
        let isRight =
          switch kvLayer(layer).span {
          case .sequence: entry.kind == .step && appended[layer] != isAppend
          case .call: entry.kind == .encode && (isAppend || appended[layer])
          case .source: isAppend ? entry.kind == .encode && !appended[layer] : entry.kind == .step
          }
        guard isRight else { throw .kvLayerMisused(op: UInt32(index), layer: UInt32(layer)) }
        if isAppend { appended[layer] = true }
      }
    }
    for layer in 0..<kvLayerCount where !appended[layer] {
      throw .kvLayerMisused(op: UInt32(opCount), layer: UInt32(layer))
    }
  }

  /// P-17: every value has the rows of the entry that defines it, and an entry of output rows begins with the one op
  /// that makes them of another entry's result. So an op of token rows never looks at the output area (its room is not
  /// yet filled, its row count is another), and no op of output rows but the first can read a token value: each other
  /// op gives rows of the kind that it reads; kv_append, which gives none, is kept out by P-16.
  private func checkLogits() throws(ProgramError) {
    var index: UInt32 = 0
    for number in 0..<entryCount {
      let entry = entry(number)
      let (first, end) = (entry.firstOp, entry.firstOp + entry.opCount)
      while index < UInt32(valueCount), Int(value(index).firstOp) < end {
        guard value(index).rows == entry.kind.rows else { throw .logitsMalformed(op: value(index).firstOp) }
        index += 1
      }
      for number in first..<end {
        let record = op(number)
        let takes = record.opcode == TakeRows.opcode || record.opcode == Pool.opcode
        let mayTake = number == first && entry.kind.rows == .output
        guard takes == mayTake else { throw .logitsMalformed(op: UInt32(number)) }
      }
      if entry.kind.rows == .output, let source = entry.kind.source, let taken = self.entry(source) {
        guard op(first).input == taken.result else { throw .logitsMalformed(op: UInt32(first)) }
      }
      let result = value(entry.result)
      let isVocab = entry.kind == .logits || entry.kind == .maskLogits
      guard result.dtype == .f32, !isVocab || result.columns == vocab else {
        throw .logitsMalformed(op: UInt32(end - 1))
      }
    }
  }
}
