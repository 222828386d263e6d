// SPDX-License-Identifier: Apache-2.0
// specs/ops.md#add-embedding
import CKernels
import Format

/// A learned table's row added to each token's: `y[t] = x[t] + dequantize(table[i(t)])`, where i(t) is offset + the
/// token's position in its sequence, or its type.
///
///     x, y  f32 (T, c)      table  (r, c)  panels, any format
public struct AddEmbedding {
  public static let opcode: UInt16 = 14

  /// What picks the row.
  public enum Index: UInt32, Sendable { case position = 0, type = 1 }

  public var table: UInt32
  public var index: Index
  /// Added to a position: RoBERTa's start behind the id of padding.
  public var offset: UInt32

  public init(table: UInt32, index: Index, offset: Int = 0) {
    self.table = table
    self.index = index
    self.offset = UInt32(offset)
  }

  public func write(into record: UnsafeMutableRawBufferPointer) {
    record.put(table, at: 12)
    record.put(index.rawValue, at: 16)
    record.put(offset, at: 20)
  }

  static func check(_ check: OpCheck) throws(ProgramError) {
    let record = check.record
    try check.zero(from: 24)
    let x = try check.input(.f32, rows: .token)
    let y = try check.output(.f32, rows: .token)
    guard x.columns == y.columns else { throw .shapeMismatch(op: check.index, value: record.output) }
    try check.tensor(record.u32(12), plain: false, rows: nil, columns: y.columns)
    let (rows, offset) = (check.program.tensor(record.u32(12)).rows, Int(record.u32(20)))
    switch Index(rawValue: record.u32(16)) {
    case .position:
      guard offset + check.program.contextMax <= rows else { throw .parameterOutOfRange(op: check.index, byte: 20) }
    case .type:
      guard offset == 0 else { throw .parameterOutOfRange(op: check.index, byte: 20) }
    case nil: throw .parameterOutOfRange(op: check.index, byte: 16)
    }
  }

  /// The session has refused a type that a table lacks (``Program/typeCount``).
  static func execute(_ record: OpRecord, _ x: borrowing Execution, _ lane: Lane) {
    let (source, y, table) = (x.value(record.input), x.value(record.output), x.tensor(record.u32(12)))
    let format = ht_format(rawValue: UInt32(table.format.rawValue))
    let added = lane.scratch.assumingMemoryBound(to: Float.self)
    for t in lane.share(x.tokenCount) {
      var index = x.position(t) + Int(record.u32(20))
      if record.u32(16) == Index.type.rawValue { index = x.type(t) }
      ht_dequantize_row(format, x.bytes(table), index, y.columns, added)
      x.kernels.pointee.add(x.f32(source, row: t), added, y.columns, x.f32(y, row: t))
    }
  }
}

extension Program {
  /// Types that a token may have: what the smallest table of types has rows for; 1 where there is none.
  public var typeCount: Int {
    var least = Limits.rowCountMax
    for index in 0..<opCount {
      let record = op(index)
      guard record.opcode == AddEmbedding.opcode, record.u32(16) == AddEmbedding.Index.type.rawValue else { continue }
      least = min(least, tensor(record.u32(12)).rows)
    }
    return least == Limits.rowCountMax ? 1 : least
  }
}
