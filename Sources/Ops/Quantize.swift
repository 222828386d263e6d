// SPDX-License-Identifier: Apache-2.0
// specs/ops.md#quantize
import CKernels
import Format

/// Activations to 8 or 15 bits, a scale for each group of 32 columns: specs/numerics.md §3.
///
///     x  f32 (n, c)      y  q8 or q16 (n, c)
public struct Quantize {
  public static let opcode: UInt16 = 9

  static func check(_ check: OpCheck) throws(ProgramError) {
    try check.zero(from: 12)
    let x = try check.input(.f32, rows: nil)
    let y = try check.output(nil, rows: x.rows)
    guard y.dtype != .f32, x.columns == y.columns else {
      throw .shapeMismatch(op: check.index, value: check.record.output)
    }
  }

  static func execute(_ record: OpRecord, _ x: borrowing Execution, _ lane: Lane) {
    let source = x.value(record.input)
    let y = x.value(record.output)
    let groups = (y.columns + 31) / 32
    let rows = x.rowCount(y)
    let groupShare = rows == 1 ? lane.share(groups) : 0..<groups
    for r in rows == 1 ? 0..<1 : lane.share(rows) {
      let out = (x.base(y) + r * y.rowByteCount).assumingMemoryBound(to: UInt8.self)
      x.quantize(y, x.f32(source, row: r), out, groupShare.lowerBound, groupShare.upperBound)
    }
  }
}
