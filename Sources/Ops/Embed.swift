// SPDX-License-Identifier: Apache-2.0
// specs/ops.md#embed
import CKernels
import Format

/// Token embedding: `y[t] = dequantize(table[id[t]])·scale`.
///
///     table  (vocab, c)  panels, any format      y  f32 (T, c)
public struct Embed {
  public static let opcode: UInt16 = 1
  public var table: UInt32
  public var scale: Float

  public init(table: UInt32, scale: Float) {
    self.table = table
    self.scale = scale
  }

  init(_ record: OpRecord) {
    table = record.u32(12)
    scale = record.f32(16)
  }

  public func write(into record: UnsafeMutableRawBufferPointer) {
    record.put(table, at: 12)
    record.put(scale, at: 16)
  }

  static func check(_ check: OpCheck) throws(ProgramError) {
    let op = Embed(check.record)
    try check.zero(from: 20)
    let y = try check.output(.f32, rows: .token)
    try check.tensor(op.table, plain: false, rows: nil, columns: y.columns)
    guard check.program.tensor(op.table).rows >= check.program.vocab else {
      throw .tensorMismatch(op: check.index, tensor: op.table)
    }
    guard op.scale.isFinite else { throw .parameterOutOfRange(op: check.index, byte: 16) }
  }

  static func execute(_ record: OpRecord, _ x: borrowing Execution, _ lane: Lane) {
    let op = Embed(record)
    let y = x.value(record.output)
    let table = x.tensor(op.table)
    let format = ht_format(rawValue: UInt32(table.format.rawValue))
    for t in lane.share(x.tokenCount) {
      let row = x.f32(y, row: t)
      ht_dequantize_row(format, x.bytes(table), Int(x.tokens[t]), y.columns, row)
      if op.scale != 1 { for i in 0..<y.columns { row[i] *= op.scale } }
    }
  }
}
