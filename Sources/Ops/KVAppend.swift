// SPDX-License-Identifier: Apache-2.0
// specs/ops.md#kv-append
import CKernels
import Format

/// Stores keys and values of this call's tokens in the cache of one layer.
///
///     x  f32 (T, c): heads·head_dim columns from key_column, as many from value_column of x or of another f32 (T, d)
public struct KVAppend {
  public static let opcode: UInt16 = 6
  public var keyColumn: UInt32
  public var valueColumn: UInt32
  public var layer: UInt32
  /// Where the values are; none: beside the keys.
  public var values: UInt32

  public init(keyColumn: Int, valueColumn: Int, layer: Int, values: UInt32 = Value.none) {
    self.keyColumn = UInt32(keyColumn)
    self.valueColumn = UInt32(valueColumn)
    self.layer = UInt32(layer)
    self.values = values
  }

  init(_ record: OpRecord) {
    keyColumn = record.u32(12)
    valueColumn = record.u32(16)
    layer = record.u32(20)
    values = record.u32(24)
  }

  public func write(into record: UnsafeMutableRawBufferPointer) {
    record.put(keyColumn, at: 12)
    record.put(valueColumn, at: 16)
    record.put(layer, at: 20)
    record.put(values, at: 24)
  }

  static func check(_ check: OpCheck) throws(ProgramError) {
    let op = KVAppend(check.record)
    try check.zero(from: 28)
    guard check.record.output == Value.none else { throw .operandMissing(op: check.index, value: check.record.output) }
    let x = try check.input(.f32, rows: .token)
    guard op.layer < UInt32(check.program.kvLayerCount) else {
      throw .kvLayerMisused(op: check.index, layer: op.layer)
    }
    let shape = check.program.kvLayer(Int(op.layer))
    let (heads, headDim) = (UInt32(shape.headCount), UInt32(shape.headDim))
    try check.columns(op.keyColumn, heads: heads, headDim: headDim, of: x, byte: 12)
    let values = op.values == Value.none ? x : try check.second(op.values, .f32, rows: .token)
    try check.columns(op.valueColumn, heads: heads, headDim: headDim, of: values, byte: 16)
  }

  /// Threads split heads, so that no two write to one panel.
  static func execute(_ record: OpRecord, _ x: borrowing Execution, _ lane: Lane) {
    let op = KVAppend(record)
    let source = x.value(record.input)
    let values = op.values == Value.none ? source : x.value(op.values)
    let shape = x.kvLayer(Int(op.layer))
    let valueOffset = x.valueOffset(shape)
    let positionCount = x.cachePositionCount(shape)
    for head in lane.share(shape.headCount) {
      let keys = x.cacheHead(layer: Int(op.layer), shape: shape, head: head)
      for t in 0..<x.tokenCount {
        let column = head * shape.headDim
        ht_kv_append_run(
          x.kernels, x.kv, x.f32(source, row: t) + Int(op.keyColumn) + column,
          x.f32(values, row: t) + Int(op.valueColumn) + column, shape.headDim,
          x.slot(t, shape.span, of: positionCount), keys,
          keys + valueOffset)
      }
    }
  }
}
