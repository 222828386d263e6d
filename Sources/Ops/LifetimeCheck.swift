// SPDX-License-Identifier: Apache-2.0
// Rules P-09 to P-12: one walk over the ops with the list of values that are alive. Work: ops × 64 at most.
import Format

extension Program {
  func checkLifetimes() throws(ProgramError) {
    for index in 0..<entryCount {  // P-11: results live to the end of the program
      let result = entry(index).result
      guard Int(value(result).lastOp) == opCount - 1 else {
        throw .lastUseDiffers(value: result, declared: value(result).lastOp, actual: UInt32(opCount - 1))
      }
    }
    let failure: ProgramError? = withUnsafeTemporaryAllocation(of: Alive.self, capacity: Limits.liveValueCountMax) {
      do throws(ProgramError) {
        try walk(alive: $0)
        return nil
      } catch { return error }
    }
    if let failure { throw failure }
  }

  private func walk(alive: UnsafeMutableBufferPointer<Alive>) throws(ProgramError) {
    var aliveCount = 0
    var next: UInt32 = 0
    for index in 0..<opCount {
      let number = UInt32(index)
      let record = op(index)
      guard let operands = record.operands else { throw .opcodeUnknown(op: number, opcode: record.opcode) }
      try checkRecordStart(record, operands, number)
      let living = UnsafeMutableBufferPointer(rebasing: alive[0..<aliveCount])
      try checkAlive(operands.input, number, living)
      try checkAlive(operands.second, number, living)
      let defined = next < UInt32(valueCount) && value(next).firstOp == number ? Alive(next, value(next)) : nil
      guard operands.output == (defined?.number ?? Value.none) else {
        throw .operandMissing(op: number, value: operands.output)
      }
      if let defined {
        try checkOverlap(defined, operands, number, living)
        guard aliveCount < Limits.liveValueCountMax else { throw .tooManyAlive(op: number) }
      }
      aliveCount = try retire(operands, number, living)
      guard let defined else { continue }
      if defined.lastOp > number {
        alive[aliveCount] = defined
        aliveCount += 1
      }
      next += 1
    }
    guard next == UInt32(valueCount) else { throw .valueLifetime(value: next) }
  }

  /// P-10: a value that is read has been defined and is still alive.
  private func checkAlive(
    _ read: UInt32, _ number: UInt32, _ alive: UnsafeMutableBufferPointer<Alive>
  ) throws(ProgramError) {
    if read == Value.none { return }
    for old in alive where old.number == read { return }
    throw .operandMissing(op: number, value: read)
  }

  /// P-03 and P-10: the fixed fields that an op does not use.
  private func checkRecordStart(_ record: OpRecord, _ operands: Operands, _ number: UInt32) throws(ProgramError) {
    guard record.u32(0) >> 16 == 0 else { throw .reservedNotZero(record: number) }
    guard record.input == operands.input else { throw .operandMissing(op: number, value: record.input) }
    guard record.output == operands.output else { throw .operandMissing(op: number, value: record.output) }
  }

  /// P-12.
  private func checkOverlap(
    _ new: Alive, _ operands: Operands, _ number: UInt32, _ alive: UnsafeMutableBufferPointer<Alive>
  ) throws(ProgramError) {
    for old in alive where old.rows == new.rows && new.offset < old.end && old.offset < new.end {
      let inPlace =
        old.number == operands.inPlace && old.lastOp == number && old.offset == new.offset
        && old.end == new.end && old.dtype == new.dtype
      guard inPlace else { throw .valuesOverlap(op: number, written: new.number, alive: old.number) }
    }
  }

  /// P-11: what dies at this op is read by it, or is an entry's result at the end of the program. Returns how many are
  /// still alive, at the front.
  private func retire(
    _ operands: Operands, _ number: UInt32, _ alive: UnsafeMutableBufferPointer<Alive>
  ) throws(ProgramError) -> Int {
    var kept = 0
    for old in alive {
      if old.lastOp > number {
        alive[kept] = old
        kept += 1
        continue
      }
      let isRead = old.number == operands.input || old.number == operands.second
      let isResult = isResult(old.number) && Int(number) == opCount - 1
      guard isRead || isResult else {
        throw .lastUseDiffers(value: old.number, declared: old.lastOp, actual: number)
      }
    }
    return kept
  }

  private func isResult(_ value: UInt32) -> Bool {
    for index in 0..<entryCount where entry(index).result == value { return true }
    return false
  }
}

/// A value that is alive, decoded once. 16 bytes, so that the list of all is 1 KiB: Embedded Swift would put more on
/// the heap. Counts of values and ops are at most 65,536 by now (P-02), offsets and rows are multiples of 64.
private struct Alive: BitwiseCopyable {
  private var index: UInt16
  private var last: UInt16
  var dtype: UInt8
  var rows: UInt8
  /// In lines of 64 bytes, of one row: n rows lie at n times these, so one row stands for all.
  var offset: UInt32
  var end: UInt32

  var number: UInt32 { UInt32(index) }
  var lastOp: UInt32 { UInt32(last) }

  init(_ number: UInt32, _ value: Value) {
    index = UInt16(number)
    last = UInt16(value.lastOp)
    dtype = UInt8(value.dtype.rawValue)
    rows = UInt8(value.rows.rawValue)
    offset = UInt32(value.offset / 64)
    end = UInt32((value.offset + value.rowByteCount) / 64)
  }
}
