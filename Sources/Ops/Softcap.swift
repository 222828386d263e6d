// SPDX-License-Identifier: Apache-2.0
// specs/ops.md#softcap
import CKernels
import Format

/// Keeps numbers within a bound: `y = cap·tanh(x/cap)`. Gemma 2 does this to its logits.
///
///     x, y  f32 (n, c)
public struct Softcap {
  public static let opcode: UInt16 = 13
  public var cap: Float

  public init(cap: Float) { self.cap = cap }

  init(_ record: OpRecord) { cap = record.f32(12) }

  public func write(into record: UnsafeMutableRawBufferPointer) { record.put(cap, at: 12) }

  static func check(_ check: OpCheck) throws(ProgramError) {
    let op = Softcap(check.record)
    try check.zero(from: 16)
    let x = try check.input(.f32, rows: nil)
    let y = try check.output(.f32, rows: x.rows)
    guard x.columns == y.columns else { throw .shapeMismatch(op: check.index, value: check.record.output) }
    guard op.cap.isFinite, op.cap > 0 else { throw .parameterOutOfRange(op: check.index, byte: 12) }
  }

  /// Threads split the columns: a vocabulary is wide, rows are few.
  static func execute(_ record: OpRecord, _ x: borrowing Execution, _ lane: Lane) {
    let op = Softcap(record)
    let source = x.value(record.input)
    let y = x.value(record.output)
    let share = lane.share(y.columns)
    if share.isEmpty { return }
    for r in 0..<x.rowCount(y) {
      x.kernels.pointee.softcap(
        x.f32(source, row: r) + share.lowerBound, op.cap, share.count, x.f32(y, row: r) + share.lowerBound)
    }
  }
}
