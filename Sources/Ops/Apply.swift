// SPDX-License-Identifier: Apache-2.0
// specs/ops.md#apply
import CKernels
import Format

/// A function of one number: `y[i] = f(x[i])`, quantized where the output is not f32.
///
///     x  f32 (n, c)      y  f32, q8 or q16 (n, c)
public struct Apply {
  public static let opcode: UInt16 = 17

  /// The numbers are those of specs/program.md §3 and of the kernels' table.
  public enum Function: UInt32, Sendable { case geluErf = 0, geluTanh = 1, relu = 2, tanh = 3, silu = 4 }

  public var function: Function

  public init(function: Function) { self.function = function }

  public func write(into record: UnsafeMutableRawBufferPointer) { record.put(function.rawValue, at: 12) }

  static func check(_ check: OpCheck) throws(ProgramError) {
    try check.zero(from: 16)
    let x = try check.input(.f32, rows: nil)
    let y = try check.output(nil, rows: x.rows)
    guard x.columns == y.columns else { throw .shapeMismatch(op: check.index, value: check.record.output) }
    guard check.record.u32(12) < HT_FUNCTION_COUNT.rawValue else {
      throw .parameterOutOfRange(op: check.index, byte: 12)
    }
  }

  static func execute(_ record: OpRecord, _ x: borrowing Execution, _ lane: Lane) {
    let (source, y) = (x.value(record.input), x.value(record.output))
    let function = ht_function(rawValue: record.u32(12))
    let row = lane.scratch.assumingMemoryBound(to: Float.self)
    for r in lane.share(x.rowCount(y)) {
      let target = y.dtype == .f32 ? x.f32(y, row: r) : row
      ht_apply_run(x.kernels, function, x.f32(source, row: r), y.columns, target)
      if y.dtype == .f32 { continue }
      let out = (x.base(y) + r * y.rowByteCount).assumingMemoryBound(to: UInt8.self)
      x.quantize(y, row, out, 0, (y.columns + 31) / 32)
    }
  }
}
