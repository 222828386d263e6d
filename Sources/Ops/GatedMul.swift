// SPDX-License-Identifier: Apache-2.0
// What silu_mul and gelu_mul share: the record, the shape rule, the split among threads. They differ in the kernel.
import CKernels
import Format

/// The record of a gated activation: `y = f(gate)·up`, quantized where the output is not f32.
///
///     x  f32 (n, c): m columns from gate_column, m from up_column      y  f32, q8 or q16 (n, m)
public struct GatedMul {
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
    let op = GatedMul(check.record)
    try check.zero(from: 20)
    let x = try check.input(.f32, rows: nil)
    let y = try check.output(nil, rows: x.rows)
    try check.columns(op.gateColumn, heads: 1, headDim: UInt32(y.columns), of: x, byte: 12)
    try check.columns(op.upColumn, heads: 1, headDim: UInt32(y.columns), of: x, byte: 16)
  }

  /// Gate and up, f32 (count) each, to their gated product.
  typealias Kernel =
    @convention(c) (UnsafePointer<Float>, UnsafePointer<Float>, Int, UnsafeMutablePointer<Float>)
    -> Void

  /// Threads split a row's groups when there is one row, else rows.
  static func execute(_ record: OpRecord, _ x: borrowing Execution, _ lane: Lane, _ kernel: Kernel) {
    let op = GatedMul(record)
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
        kernel(gate, up, count, x.f32(y, row: r) + first)
      } else {
        let product = lane.scratch.assumingMemoryBound(to: Float.self)
        kernel(gate, up, count, product + first)
        let out = (x.base(y) + r * y.rowByteCount).assumingMemoryBound(to: UInt8.self)
        x.quantize(y, product, out, groupShare.lowerBound, groupShare.upperBound)
      }
    }
  }
}
