// SPDX-License-Identifier: Apache-2.0
// specs/ops.md#add
import CKernels
import Format

/// Sum of two values: `y = x + other`.
///
///     x, other, y  f32 (n, c)
public struct Add {
  public static let opcode: UInt16 = 10

  static func check(_ check: OpCheck) throws(ProgramError) {
    try check.zero(from: 16)
    let x = try check.input(.f32, rows: nil)
    let other = try check.second(check.record.u32(12), .f32, rows: x.rows)
    let y = try check.output(.f32, rows: x.rows)
    guard x.columns == y.columns, other.columns == y.columns else {
      throw .shapeMismatch(op: check.index, value: check.record.output)
    }
  }

  static func execute(_ record: OpRecord, _ x: borrowing Execution, _ lane: Lane) {
    let (a, b) = (x.value(record.input), x.value(record.u32(12)))
    let y = x.value(record.output)
    for r in lane.share(x.rowCount(y)) {
      x.kernels.pointee.add(x.f32(a, row: r), x.f32(b, row: r), y.columns, x.f32(y, row: r))
    }
  }
}
