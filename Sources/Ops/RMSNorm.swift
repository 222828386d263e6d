// SPDX-License-Identifier: Apache-2.0
// specs/ops.md#rms-norm
import CKernels
import Format

/// Root-mean-square normalisation: `y[i] = (x[i] / √(mean(x²) + ε))·w[i]`, quantized where the output is not f32.
///
///     x  f32 (n, c)      w  f32 (c)  plain      y  f32, q8 or q16 (n, c)
public struct RMSNorm {
  public static let opcode: UInt16 = 3
  public var weight: UInt32
  public var epsilon: Float

  public init(weight: UInt32, epsilon: Float) {
    self.weight = weight
    self.epsilon = epsilon
  }

  init(_ record: OpRecord) {
    weight = record.u32(12)
    epsilon = record.f32(16)
  }

  public func write(into record: UnsafeMutableRawBufferPointer) {
    record.put(weight, at: 12)
    record.put(epsilon, at: 16)
  }

  static func check(_ check: OpCheck) throws(ProgramError) {
    let op = RMSNorm(check.record)
    try check.zero(from: 20)
    let x = try check.input(.f32, rows: nil)
    let y = try check.output(nil, rows: x.rows)
    guard x.columns == y.columns else { throw .shapeMismatch(op: check.index, value: check.record.output) }
    try check.tensor(op.weight, plain: true, rows: 1, columns: x.columns)
    guard op.epsilon.isFinite, op.epsilon > 0 else { throw .parameterOutOfRange(op: check.index, byte: 16) }
  }

  static func execute(_ record: OpRecord, _ x: borrowing Execution, _ lane: Lane) {
    let op = RMSNorm(record)
    let source = x.value(record.input)
    let y = x.value(record.output)
    let w = x.floats(x.tensor(op.weight))
    let groups = (y.columns + 31) / 32
    let row = lane.scratch.assumingMemoryBound(to: Float.self)
    for r in lane.share(x.rowCount(y)) {
      if y.dtype == .f32 {
        x.kernels.pointee.rms_norm(x.f32(source, row: r), w, op.epsilon, y.columns, x.f32(y, row: r))
      } else {
        x.kernels.pointee.rms_norm(x.f32(source, row: r), w, op.epsilon, y.columns, row)
        let out = (x.base(y) + r * y.rowByteCount).assumingMemoryBound(to: UInt8.self)
        x.quantize(y, row, out, 0, groups)
      }
    }
  }
}
