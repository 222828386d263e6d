// SPDX-License-Identifier: Apache-2.0
// specs/ops.md#affine
import CKernels
import Format

/// Scale and shift: `y[i] = x[i]·w[i] + b[i]`. MobileBERT's NoNorm.
///
///     x, y  f32 (n, c)      w, b  f32 (c)  plain
public struct Affine {
  public static let opcode: UInt16 = 16
  public var weight: UInt32
  public var bias: UInt32

  public init(weight: UInt32, bias: UInt32) {
    self.weight = weight
    self.bias = bias
  }

  public func write(into record: UnsafeMutableRawBufferPointer) {
    record.put(weight, at: 12)
    record.put(bias, at: 16)
  }

  static func check(_ check: OpCheck) throws(ProgramError) {
    try check.zero(from: 20)
    let x = try check.input(.f32, rows: nil)
    let y = try check.output(.f32, rows: x.rows)
    guard x.columns == y.columns else { throw .shapeMismatch(op: check.index, value: check.record.output) }
    try check.tensor(check.record.u32(12), plain: true, rows: 1, columns: x.columns)
    try check.tensor(check.record.u32(16), plain: true, rows: 1, columns: x.columns)
  }

  static func execute(_ record: OpRecord, _ x: borrowing Execution, _ lane: Lane) {
    let (source, y) = (x.value(record.input), x.value(record.output))
    let (w, b) = (x.floats(x.tensor(record.u32(12))), x.floats(x.tensor(record.u32(16))))
    for r in lane.share(x.rowCount(y)) {
      x.kernels.pointee.affine(x.f32(source, row: r), w, b, y.columns, x.f32(y, row: r))
    }
  }
}
