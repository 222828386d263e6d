// SPDX-License-Identifier: Apache-2.0
// specs/ops.md#layer-norm
import CKernels
import Format

/// Normalisation to mean 0 and variance 1: `y[i] = (x[i] − mean(x)) / √(variance(x) + ε)·w[i] + b[i]`, quantized where
/// the output is not f32.
///
///     x  f32 (n, c)      w, b  f32 (c)  plain      y  f32, q8 or q16 (n, c)
public struct LayerNorm {
  public static let opcode: UInt16 = 15
  public var weight: UInt32
  public var bias: UInt32
  public var epsilon: Float

  public init(weight: UInt32, bias: UInt32, epsilon: Float) {
    self.weight = weight
    self.bias = bias
    self.epsilon = epsilon
  }

  init(_ record: OpRecord) {
    weight = record.u32(12)
    bias = record.u32(16)
    epsilon = record.f32(20)
  }

  public func write(into record: UnsafeMutableRawBufferPointer) {
    record.put(weight, at: 12)
    record.put(bias, at: 16)
    record.put(epsilon, at: 20)
  }

  static func check(_ check: OpCheck) throws(ProgramError) {
    let op = LayerNorm(check.record)
    try check.zero(from: 24)
    let x = try check.input(.f32, rows: nil)
    let y = try check.output(nil, rows: x.rows)
    guard x.columns == y.columns else { throw .shapeMismatch(op: check.index, value: check.record.output) }
    try check.tensor(op.weight, plain: true, rows: 1, columns: x.columns)
    try check.tensor(op.bias, plain: true, rows: 1, columns: x.columns)
    guard op.epsilon.isFinite, op.epsilon > 0 else { throw .parameterOutOfRange(op: check.index, byte: 20) }
  }

  static func execute(_ record: OpRecord, _ x: borrowing Execution, _ lane: Lane) {
    let op = LayerNorm(record)
    let source = x.value(record.input)
    let y = x.value(record.output)
    let (w, b) = (x.floats(x.tensor(op.weight)), x.floats(x.tensor(op.bias)))
    let groups = (y.columns + 31) / 32
    let row = lane.scratch.assumingMemoryBound(to: Float.self)
    for r in lane.share(x.rowCount(y)) {
      let target = y.dtype == .f32 ? x.f32(y, row: r) : row
      x.kernels.pointee.layer_norm(x.f32(source, row: r), w, b, op.epsilon, y.columns, target)
      if y.dtype == .f32 { continue }
      x.quantize(y, row, (x.base(y) + r * y.rowByteCount).assumingMemoryBound(to: UInt8.self), 0, groups)
    }
  }
}
