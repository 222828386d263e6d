// SPDX-License-Identifier: Apache-2.0
// Runs `encode` on a batch of sequences, and the entries that read its result. Sequences are packed: they follow one
// another without padding, and each gives the bits that it gives alone. specs/memory.md §5.
import CKernels
import Format
import Ops

extension Session {
  /// Sequences of the batch.
  public var batchCount: Int { shared.pointee.execution.sequenceCount }

  /// Tokens of the batch.
  public var batchTokenCount: Int { sequence(batchCount - 1).map { Int($0.firstToken + $0.tokenCount) } ?? 0 }

  /// Where sequence `index` of the batch is among its tokens; nil when there is none such.
  public func sequence(_ index: Int) -> SequenceSpan? {
    guard index >= 0, index < batchCount else { return nil }
    return spans[index]
  }

  var spans: UnsafeMutablePointer<SequenceSpan> {
    (arena.baseAddress! + plan.sequences.offset).assumingMemoryBound(to: SequenceSpan.self)
  }

  /// Starts a batch of no sequences.
  public mutating func startBatch() {
    let base = arena.baseAddress!
    shared.pointee.execution.sequenceCount = 0
    shared.pointee.execution.sequences = UnsafePointer(spans)
    shared.pointee.execution.marks = UnsafePointer(
      (base + plan.marks.offset).assumingMemoryBound(to: TokenMark.self))
    shared.pointee.execution.tokens = UnsafePointer(
      (base + plan.batchIDs.offset).assumingMemoryBound(to: UInt32.self))
  }

  /// Whether a sequence of `count` tokens can join the batch.
  public func hasRoom(for count: Int) -> Bool {
    // Of a source there is one at a time: its keys and values lie from position 0 on.
    batchCount < (hasSource ? 1 : plan.options.outputs) && count <= plan.options.chunk - batchTokenCount
  }

  /// Adds a sequence to the batch. `types`: u32 (ids.count), or none for all 0.
  public mutating func add(
    _ ids: UnsafeBufferPointer<UInt32>, types: UnsafePointer<UInt32>? = nil
  ) throws(SessionError) {
    guard program.isEncoder else { throw .noEncoder }
    guard ids.count >= 1, ids.count <= plan.options.context else {
      throw .contextFull(have: UInt64(plan.options.context), need: UInt64(ids.count))
    }
    if shared.pointee.execution.sequences == nil { startBatch() }
    guard hasRoom(for: ids.count) else {
      throw .batchFull(have: UInt64(plan.options.chunk), need: UInt64(batchTokenCount + ids.count))
    }
    for i in 0..<ids.count {
      guard Int(ids[i]) < program.vocab else {
        throw .tokenOutOfRange(token: ids[i], vocab: UInt32(program.vocab))
      }
      if let types, types[i] >= typeCount { throw .typeOutOfRange(type: types[i], count: typeCount) }
    }
    let before = sequence(batchCount - 1)
    let first = batchTokenCount
    let slot = before.map { aligned(Int($0.firstPosition + $0.tokenCount), to: 16) } ?? 0
    spans[batchCount] = SequenceSpan(firstToken: first, tokenCount: ids.count, firstPosition: slot)
    let base = arena.baseAddress!
    let room = (base + plan.batchIDs.offset).assumingMemoryBound(to: UInt32.self) + first
    let marks = (base + plan.marks.offset).assumingMemoryBound(to: TokenMark.self) + first
    for i in 0..<ids.count {
      room[i] = ids[i]
      marks[i] = TokenMark(position: i, slot: slot + i, type: types.map { $0[i] } ?? 0)
    }
    shared.pointee.execution.sequenceCount += 1
  }

  /// Runs `encode` on the batch.
  public mutating func encode() throws(SessionError) {
    guard let entry = program.entry(.encode) else { throw .noEncoder }
    guard batchCount > 0 else { throw .nothingEncoded }
    shared.pointee.execution.tokenCount = batchTokenCount
    shared.pointee.execution.sourceCount = batchTokenCount
    // What was made of another source says nothing about this one.
    if hasSource { rewind(to: 0) }
    runEntry(entry)
  }

  /// Runs an entry that reads the result of `encode`; false when the program has none such. Its rows: one for each
  /// token of the batch, for each sequence, or for each of `rows` (`maskLogits`: those tokens).
  public mutating func run(_ kind: EntryKind, rows: Range<Int>? = nil) -> Bool {
    guard kind.source == .encode, let entry = program.entry(kind) else { return false }
    shared.pointee.execution.outputFirst = rows?.lowerBound ?? 0
    shared.pointee.execution.outputCount = rows?.count ?? batchCount
    runEntry(entry)
    return true
  }

  /// f32 (columns): row `index` of the last result of the entry; empty when the program has none such.
  public func row(_ index: Int, of kind: EntryKind) -> UnsafeBufferPointer<Float> {
    guard let entry = program.entry(kind) else { return UnsafeBufferPointer(start: nil, count: 0) }
    return row(index, of: entry)
  }

  /// f32 (columns): the hidden rows of sequence `index` made one, at length 1 if `isUnit`. It takes the place of the
  /// first of them.
  public func pooledRow(_ index: Int, _ mode: Pool.Mode, isUnit: Bool) -> UnsafeBufferPointer<Float> {
    guard let span = sequence(index), let entry = program.entry(.encode) else {
      return UnsafeBufferPointer(start: nil, count: 0)
    }
    let result = program.value(entry.result)
    let row = row(Int(span.firstToken), of: entry)
    let first = UnsafeMutablePointer(mutating: row.baseAddress!)
    Pool.row(
      mode, first, stride: result.rowByteCount / 4, count: Int(span.tokenCount), columns: row.count, first)
    if isUnit { Normalize.row(first, columns: row.count, first) }
    return row
  }

  /// u32 (context): room where a caller may keep the types of a sequence before it adds it.
  public var typeRoom: UnsafeMutablePointer<UInt32> {
    (arena.baseAddress! + plan.typeRoom.offset).assumingMemoryBound(to: UInt32.self)
  }

  /// The next call is one of `step`.
  mutating func leaveBatch() {
    shared.pointee.execution.sequences = nil
    shared.pointee.execution.marks = nil
    shared.pointee.execution.sequenceCount = 0
  }
}
