// SPDX-License-Identifier: Apache-2.0
// specs/ops.md#take_rows
import CKernels
import Format

/// Copies the hidden rows that a call of `logits` asks for: `y[r] = x[first + r]`.
///
///     x  f32 (T, c)  token value      y  f32 (R, c)  output value
public struct TakeRows {
  public static let opcode: UInt16 = 2

  static func check(_ check: OpCheck) throws(ProgramError) {
    try check.zero(from: 12)
    let x = try check.input(.f32, rows: .token)
    let y = try check.output(.f32, rows: .output)
    guard x.columns == y.columns else { throw .shapeMismatch(op: check.index, value: check.record.output) }
  }

  static func execute(_ record: OpRecord, _ x: borrowing Execution, _ lane: Lane) {
    let source = x.value(record.input)
    let y = x.value(record.output)
    for r in lane.share(x.outputCount) {
      x.f32(y, row: r).update(from: x.f32(source, row: x.outputFirst + r), count: y.columns)
    }
  }
}
