// SPDX-License-Identifier: Apache-2.0
// specs/ops.md#silu-mul
import CKernels
import Format

/// Gated activation: `y = silu(gate)·up`, quantized where the output is not f32.
///
///     x  f32 (n, c): m columns from gate_column, m from up_column      y  f32, q8 or q16 (n, m)
public struct SiluMul {
  public static let opcode: UInt16 = 8
  public var gateColumn: UInt32
  public var upColumn: UInt32

  public init(gateColumn: Int, upColumn: Int) {
    self.gateColumn = UInt32(gateColumn)
    self.upColumn = UInt32(upColumn)
  }

  init(_ record: OpRecord) {
    gateColumn = record.u32(12)
    upColumn = record.u32(16)
  }

  public func write(into record: UnsafeMutableRawBufferPointer) {
    record.put(gateColumn, at: 12)
    record.put(upColumn, at: 16)
  }

  static func check(_ check: OpCheck) throws(ProgramError) {
    let op = SiluMul(check.record)
    try check.zero(from: 20)
    let x = try check.input(.f32, rows: nil)
    let y = try check.output(nil, rows: x.rows)
    try check.columns(op.gateColumn, heads: 1, headDim: UInt32(y.columns), of: x, byte: 12)
    try check.columns(op.upColumn, heads: 1, headDim: UInt32(y.columns), of: x, byte: 16)
  }

  /// Threads split a row's groups when there is one row, else rows.
  static func execute(_ record: OpRecord, _ x: borrowing Execution, _ lane: Lane) {
    let op = SiluMul(record)
    let source = x.value(record.input)
    let y = x.value(record.output)
    let groups = (y.columns + 31) / 32
    let rows = x.rowCount(y)
    let rowShare = rows == 1 ? 0..<1 : lane.share(rows)
    let groupShare = rows == 1 ? lane.share(groups) : 0..<groups
    if groupShare.isEmpty { return }
    let first = groupShare.lowerBound * 32
    let count = min(groupShare.upperBound * 32, y.columns) - first
    for r in rowShare {
      let row = x.f32(source, row: r)
      let gate = row + Int(op.gateColumn) + first
      let up = row + Int(op.upColumn) + first
      if y.dtype == .f32 {
        x.kernels.pointee.silu_mul(gate, up, count, x.f32(y, row: r) + first)
      } else {
        let product = lane.scratch.assumingMemoryBound(to: Float.self) + first
        x.kernels.pointee.silu_mul(gate, up, count, product)
        let out = (x.base(y) + r * y.rowByteCount).assumingMemoryBound(to: UInt8.self)
        x.quantize(
          y, lane.scratch.assumingMemoryBound(to: Float.self), out, groupShare.lowerBound,
          groupShare.upperBound)
      }
    }
  }
}
