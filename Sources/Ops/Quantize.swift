// SPDX-License-Identifier: Apache-2.0
// specs/ops.md#quantize
import CKernels
import Format

/// Activations to 8 bits, a scale for each group of 32 columns: specs/numerics.md §3.
///
///     x  f32 (n, c)      y  q8 (n, c)
public struct Quantize {
  public static let opcode: UInt16 = 9

  static func check(_ check: OpCheck) throws(ProgramError) {
    try check.zero(from: 12)
    let x = try check.input(.f32, rows: nil)
    let y = try check.output(.q8, rows: x.rows)
    guard x.columns == y.columns else { throw .shapeMismatch(op: check.index, value: check.record.output) }
  }

  static func execute(_ record: OpRecord, _ x: borrowing Execution, _ lane: Lane) {
    let source = x.program.value(record.input)
    let y = x.program.value(record.output)
    let groups = (y.columns + 31) / 32
    let rows = x.rowCount(y)
    let groupShare = rows == 1 ? lane.share(groups) : 0..<groups
    for r in rows == 1 ? 0..<1 : lane.share(rows) {
      let out = (x.base(y) + r * y.rowByteCount).assumingMemoryBound(to: UInt8.self)
      x.kernels.pointee.quantize(
        x.f32(source, row: r), y.columns, out, groupShare.lowerBound, groupShare.upperBound)
    }
  }
}
