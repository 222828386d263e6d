// SPDX-License-Identifier: Apache-2.0
// specs/ops.md#head-rms-norm
import CKernels
import Format

/// Root-mean-square normalisation of each of some heads of a row, in place: `y[i] = (x[i] / √(mean(x²) + ε))·w[i]` over
/// the columns of one head. Gemma 3 and Qwen 3 do this to queries and keys.
///
///     x, y  f32 (T, c): heads·head_dim columns from first_column      w  f32 (head_dim)  plain
public struct HeadRMSNorm {
  public static let opcode: UInt16 = 11
  public var firstColumn: UInt32
  public var heads: UInt32
  public var headDim: UInt32
  public var weight: UInt32
  public var epsilon: Float

  public init(firstColumn: Int, heads: Int, headDim: Int, weight: UInt32, epsilon: Float) {
    self.firstColumn = UInt32(firstColumn)
    self.heads = UInt32(heads)
    self.headDim = UInt32(headDim)
    self.weight = weight
    self.epsilon = epsilon
  }

  init(_ record: OpRecord) {
    firstColumn = record.u32(12)
    heads = record.u32(16)
    headDim = record.u32(20)
    weight = record.u32(24)
    epsilon = record.f32(28)
  }

  public func write(into record: UnsafeMutableRawBufferPointer) {
    record.put(firstColumn, at: 12)
    record.put(heads, at: 16)
    record.put(headDim, at: 20)
    record.put(weight, at: 24)
    record.put(epsilon, at: 28)
  }

  static func check(_ check: OpCheck) throws(ProgramError) {
    let op = HeadRMSNorm(check.record)
    try check.zero(from: 32)
    let x = try check.input(.f32, rows: .token)
    let y = try check.output(.f32, rows: .token)
    guard x.columns == y.columns, x.offset == y.offset else {
      throw .shapeMismatch(op: check.index, value: check.record.output)
    }
    try check.columns(op.firstColumn, heads: op.heads, headDim: op.headDim, of: x, byte: 12)
    try check.tensor(op.weight, plain: true, rows: 1, columns: Int(op.headDim))
    guard op.epsilon.isFinite, op.epsilon > 0 else { throw .parameterOutOfRange(op: check.index, byte: 28) }
  }

  /// Units are heads: with one token too there is work for every thread.
  static func execute(_ record: OpRecord, _ x: borrowing Execution, _ lane: Lane) {
    let op = HeadRMSNorm(record)
    let y = x.value(record.output)
    let w = x.floats(x.tensor(op.weight))
    let (heads, headDim) = (Int(op.heads), Int(op.headDim))
    for unit in lane.share(x.tokenCount * heads) {
      let head = x.f32(y, row: unit / heads) + Int(op.firstColumn) + unit % heads * headDim
      x.kernels.pointee.rms_norm(head, w, op.epsilon, headDim, head)
    }
  }
}
