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
    let failure: ProgramError? = withUnsafeTemporaryAllocation(of: UInt32.self, capacity: Limits.liveValueCountMax) {
      do throws(ProgramError) {
        try walk(alive: $0)
        return nil
      } catch { return error }
    }
    if let failure { throw failure }
  }

  private func walk(alive: UnsafeMutableBufferPointer<UInt32>) throws(ProgramError) {
    var aliveCount = 0
    var next: UInt32 = 0
    for index in 0..<opCount {
      let number = UInt32(index)
      let record = op(index)
      guard let operands = record.operands else { throw .opcodeUnknown(op: number, opcode: record.opcode) }
      try checkRecordStart(record, operands, number)
      try checkAlive(operands.input, number, alive, aliveCount)
      try checkAlive(operands.second, number, alive, aliveCount)
      let defines = next < UInt32(valueCount) && value(next).firstOp == number
      guard operands.output == (defines ? next : Value.none) else {
        throw .operandMissing(op: number, value: operands.output)
      }
      if defines {
        try checkOverlap(next, operands, number, alive, aliveCount)
        guard aliveCount < Limits.liveValueCountMax else { throw .tooManyAlive(op: number) }
      }
      aliveCount = try retire(operands, number, alive, aliveCount)
      if defines {
        if value(next).lastOp > number {
          alive[aliveCount] = next
          aliveCount += 1
        }
        next += 1
      }
    }
    guard next == UInt32(valueCount) else { throw .valueLifetime(value: next) }
  }

  /// P-10: a value that is read has been defined and is still alive.
  private func checkAlive(
    _ read: UInt32, _ number: UInt32, _ alive: UnsafeMutableBufferPointer<UInt32>, _ aliveCount: Int
  ) throws(ProgramError) {
    if read == Value.none { return }
    for i in 0..<aliveCount where alive[i] == read { return }
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
    _ written: UInt32, _ operands: Operands, _ number: UInt32, _ alive: UnsafeMutableBufferPointer<UInt32>,
    _ aliveCount: Int
  ) throws(ProgramError) {
    let new = value(written)
    for i in 0..<aliveCount {
      let old = value(alive[i])
      if old.rows != new.rows { continue }
      if new.offset + new.rowByteCount <= old.offset || old.offset + old.rowByteCount <= new.offset { continue }
      let inPlace = alive[i] == operands.inPlace && old.lastOp == number && old.offset == new.offset
        && old.rowByteCount == new.rowByteCount && old.dtype == new.dtype
      guard inPlace else { throw .valuesOverlap(op: number, written: written, alive: alive[i]) }
    }
  }

  /// P-11: what dies at this op is read by it, or is an entry's result at the end of the program.
  private func retire(
    _ operands: Operands, _ number: UInt32, _ alive: UnsafeMutableBufferPointer<UInt32>, _ aliveCount: Int
  ) throws(ProgramError) -> Int {
    var kept = 0
    for i in 0..<aliveCount {
      let old = alive[i]
      let last = value(old).lastOp
      if last > number {
        alive[kept] = old
        kept += 1
        continue
      }
      let isRead = old == operands.input || old == operands.second
      let isResult = isResult(old) && Int(number) == opCount - 1
      guard isRead || isResult else { throw .lastUseDiffers(value: old, declared: last, actual: number) }
    }
    return kept
  }

  private func isResult(_ value: UInt32) -> Bool {
    for index in 0..<entryCount where entry(index).result == value { return true }
    return false
  }
}
