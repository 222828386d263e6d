// SPDX-License-Identifier: Apache-2.0
// specs/ops.md#rope
import CKernels
import Format

/// Rotary position embedding, in place on some heads of a row; the angle of a position is the sum of two table rows.
///
///     x, y  f32 (T, c)      high  f32 (⌈context/256⌉, 2·pairs)  plain      low  f32 (256, 2·pairs)  plain
///
/// Sequences of more than the program's `ropeOriginalContext` tokens read `longHigh` and `longLow` instead.
public struct Rope {
  public static let opcode: UInt16 = 5
  static let lowRowCount = 256
  public var firstColumn: UInt32
  public var heads: UInt32
  public var headDim: UInt32
  public var pairs: UInt32
  public var high: UInt32
  public var low: UInt32
  public var isAdjacent: Bool
  /// Zero in a program without `ropeOriginalContext`.
  public var longHigh: UInt32
  public var longLow: UInt32

  public init(
    firstColumn: Int, heads: Int, headDim: Int, pairs: Int, high: UInt32, low: UInt32, isAdjacent: Bool,
    longHigh: UInt32 = 0, longLow: UInt32 = 0
  ) {
    self.firstColumn = UInt32(firstColumn)
    self.heads = UInt32(heads)
    self.headDim = UInt32(headDim)
    self.pairs = UInt32(pairs)
    self.high = high
    self.low = low
    self.isAdjacent = isAdjacent
    self.longHigh = longHigh
    self.longLow = longLow
  }

  init(_ record: OpRecord) {
    firstColumn = record.u32(12)
    heads = record.u32(16)
    headDim = record.u32(20)
    pairs = record.u32(24)
    high = record.u32(28)
    low = record.u32(32)
    isAdjacent = record.u32(36) == 1
    longHigh = record.u32(40)
    longLow = record.u32(44)
  }

  public func write(into record: UnsafeMutableRawBufferPointer) {
    record.put(firstColumn, at: 12)
    record.put(heads, at: 16)
    record.put(headDim, at: 20)
    record.put(pairs, at: 24)
    record.put(high, at: 28)
    record.put(low, at: 32)
    record.put(isAdjacent ? UInt32(1) : 0, at: 36)
    record.put(longHigh, at: 40)
    record.put(longLow, at: 44)
  }

  static func check(_ check: OpCheck) throws(ProgramError) {
    let op = Rope(check.record)
    let isSwitching = check.program.ropeOriginalContext > 0
    try check.zero(from: isSwitching ? 48 : 40)
    guard check.record.u32(36) <= 1 else { throw .parameterOutOfRange(op: check.index, byte: 36) }
    let x = try check.input(.f32, rows: .token)
    let y = try check.output(.f32, rows: .token)
    guard x.columns == y.columns, x.offset == y.offset else {
      throw .shapeMismatch(op: check.index, value: check.record.output)
    }
    try check.columns(op.firstColumn, heads: op.heads, headDim: op.headDim, of: x, byte: 12)
    guard op.pairs >= 1, 2 * UInt64(op.pairs) <= UInt64(op.headDim) else {
      throw .parameterOutOfRange(op: check.index, byte: 24)
    }
    try Rope.checkTables(check, op, op.high, op.low)
    if isSwitching { try Rope.checkTables(check, op, op.longHigh, op.longLow) }
  }

  private static func checkTables(
    _ check: OpCheck, _ op: Rope, _ high: UInt32, _ low: UInt32
  ) throws(ProgramError) {
    try check.tensor(high, plain: true, rows: nil, columns: 2 * Int(op.pairs))
    try check.tensor(low, plain: true, rows: Rope.lowRowCount, columns: 2 * Int(op.pairs))
    guard check.program.tensor(high).rows * Rope.lowRowCount >= check.program.contextMax else {
      throw .tensorMismatch(op: check.index, tensor: high)
    }
  }

  static func execute(_ record: OpRecord, _ x: borrowing Execution, _ lane: Lane) {
    let op = Rope(record)
    let y = x.value(record.output)
    let high = x.floats(x.tensor(x.isLong ? op.longHigh : op.high))
    let low = x.floats(x.tensor(x.isLong ? op.longLow : op.low))
    let columns = 2 * Int(op.pairs)
    // Units are heads: with one token too there is work for every thread.
    let heads = Int(op.heads)
    var unit = lane.share(x.tokenCount * heads)
    while !unit.isEmpty {
      let t = unit.lowerBound / heads
      let head = unit.lowerBound % heads
      let count = min(heads - head, unit.count)
      let position = x.past + t
      x.kernels.pointee.rope(
        x.f32(y, row: t) + Int(op.firstColumn) + head * Int(op.headDim), count, Int(op.headDim), Int(op.pairs),
        high + position / Rope.lowRowCount * columns, low + position % Rope.lowRowCount * columns, op.isAdjacent)
      unit = unit.lowerBound + count..<unit.upperBound
    }
  }
}
