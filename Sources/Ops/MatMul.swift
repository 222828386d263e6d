// SPDX-License-Identifier: Apache-2.0
// specs/ops.md#matmul
import CKernels
import Format

/// One to four weight tensors over one input: `y[n] = W·x[n] (+ bias) (+ residual[n])`, their rows one after the other
/// in y.
///
///     x  q8 or q16 (n, k), or f32 for float weights    W  (r, k)  panels    bias  f32 (r)  plain    y  f32 (n, Σ r)
public struct MatMul {
  public static let opcode: UInt16 = 4
  public static let tensorCountMax = 4
  public var residual: UInt32 = Value.none
  public var tensorCount = 0
  public var tensors: (UInt32, UInt32, UInt32, UInt32) = (Value.none, Value.none, Value.none, Value.none)
  public var biases: (UInt32, UInt32, UInt32, UInt32) = (Value.none, Value.none, Value.none, Value.none)
  /// 8: q8 activations; 16: q16, two int8 planes; 0: f32.
  public var activationBits: UInt32 = 8

  public init() {}

  public func write(into record: UnsafeMutableRawBufferPointer) {
    record.put(residual, at: 12)
    record.put(UInt32(tensorCount), at: 16)
    record.put(tensors.0, at: 20)
    record.put(tensors.1, at: 24)
    record.put(tensors.2, at: 28)
    record.put(tensors.3, at: 32)
    record.put(biases.0, at: 36)
    record.put(biases.1, at: 40)
    record.put(biases.2, at: 44)
    record.put(biases.3, at: 48)
    record.put(activationBits, at: 52)
  }

  static func check(_ check: OpCheck) throws(ProgramError) {
    let record = check.record
    let count = record.u32(16)
    try check.zero(from: 56)
    guard count >= 1, count <= MatMul.tensorCountMax else { throw .parameterOutOfRange(op: check.index, byte: 16) }
    let x = try check.input(nil, rows: nil)
    let y = try check.output(.f32, rows: x.rows)
    var rows = 0
    for i in 0..<MatMul.tensorCountMax {
      let tensor = record.u32(20 + 4 * i)
      let bias = record.u32(36 + 4 * i)
      if i >= Int(count) {
        guard tensor == Value.none, bias == Value.none else {
          throw .parameterOutOfRange(op: check.index, byte: UInt32((tensor == Value.none ? 36 : 20) + 4 * i))
        }
        continue
      }
      try check.tensor(tensor, plain: false, rows: nil, columns: x.columns)
      let w = check.program.tensor(tensor)
      guard w.format.isFloat == (x.dtype == .f32) else { throw .tensorMismatch(op: check.index, tensor: tensor) }
      if bias != Value.none { try check.tensor(bias, plain: true, rows: 1, columns: w.rows) }
      rows += w.rows
    }
    guard rows == y.columns else { throw .shapeMismatch(op: check.index, value: record.output) }
    guard record.u32(52) == MatMul.activationBits(x.dtype) else {
      throw .parameterOutOfRange(op: check.index, byte: 52)
    }
    if record.u32(12) != Value.none {
      let residual = try check.second(record.u32(12), .f32, rows: y.rows)
      guard residual.columns == y.columns else { throw .shapeMismatch(op: check.index, value: record.u32(12)) }
    }
  }

  /// The field that goes with an input of that type.
  public static func activationBits(_ dtype: Value.DType) -> UInt32 {
    switch dtype {
    case .f32: 0
    case .q8: 8
    case .q16: 16
    }
  }

  /// Threads split the panels of all tensors, so that each weight byte is read by one thread.
  static func execute(_ record: OpRecord, _ x: borrowing Execution, _ lane: Lane) {
    let input = x.value(record.input)
    let y = x.value(record.output)
    let count = Int(record.u32(16))
    var panelCount = 0
    for i in 0..<count { panelCount += (x.tensor(record.u32(20 + 4 * i)).rows + 15) / 16 }
    let share = lane.share(panelCount)
    var firstPanel = 0
    var column = 0
    for i in 0..<count {
      let w = x.tensor(record.u32(20 + 4 * i))
      let panels = (w.rows + 15) / 16
      let begin = max(share.lowerBound - firstPanel, 0)
      let end = min(share.upperBound - firstPanel, panels)
      if begin < end {
        var job = ht_matmul(
          w: x.bytes(w), rows: w.rows, k: w.columns,
          x: UnsafePointer(x.base(input).assumingMemoryBound(to: UInt8.self)), x_stride: input.rowByteCount,
          y: x.f32(y, row: 0) + column, y_stride: y.rowByteCount / 4, bias: nil, residual: nil, residual_stride: 0,
          tokens: x.rowCount(y), split: input.dtype == .q16 ? 1 : 0)
        let bias = record.u32(36 + 4 * i)
        if bias != Value.none { job.bias = x.floats(x.tensor(bias)) }
        if record.u32(12) != Value.none {
          let residual = x.value(record.u32(12))
          job.residual = UnsafePointer(x.f32(residual, row: 0) + column)
          job.residual_stride = residual.rowByteCount / 4
        }
        ht_matmul_run(x.kernels, ht_format(rawValue: UInt32(w.format.rawValue)), &job, begin, end)
      }
      firstPanel += panels
      column += w.rows
    }
  }
}
