// SPDX-License-Identifier: Apache-2.0
// specs/ops.md#normalize
import CKernels
import Format

/// A row of length 1: `y = x / max(|x|, 10⁻¹²)`.
///
///     x, y  f32 (n, c)
public struct Normalize {
  public static let opcode: UInt16 = 19

  static func check(_ check: OpCheck) throws(ProgramError) {
    try check.zero(from: 12)
    let x = try check.input(.f32, rows: nil)
    let y = try check.output(.f32, rows: x.rows)
    guard x.columns == y.columns else { throw .shapeMismatch(op: check.index, value: check.record.output) }
  }

  static func execute(_ record: OpRecord, _ x: borrowing Execution, _ lane: Lane) {
    let (source, y) = (x.value(record.input), x.value(record.output))
    for r in lane.share(x.rowCount(y)) { Normalize.row(x.f32(source, row: r), columns: y.columns, x.f32(y, row: r)) }
  }

  /// `x`, f32 (columns), at length 1 into `y`, which may be `x`. Squares are summed in f64, in order.
  public static func row(_ x: UnsafePointer<Float>, columns: Int, _ y: UnsafeMutablePointer<Float>) {
    var sum = 0.0
    for i in 0..<columns { sum += Double(x[i]) * Double(x[i]) }
    let length = Float(max(sum.squareRoot(), 1e-12))
    for i in 0..<columns { y[i] = x[i] / length }
  }
}
