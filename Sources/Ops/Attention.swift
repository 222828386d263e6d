// SPDX-License-Identifier: Apache-2.0
// specs/ops.md#attention
import CKernels
import Format

/// Causal attention of this call's queries over the cache of one layer, with grouped heads (GQA), window and softcap.
///
///     x  f32 (T, c): heads·head_dim columns from query_column      y  f32 (T, heads·head_dim)
public struct Attention {
  public static let opcode: UInt16 = 7
  public var queryColumn: UInt32
  public var heads: UInt32
  public var layer: UInt32
  public var scale: Float
  public var softcap: Float

  public init(queryColumn: Int, heads: Int, layer: Int, scale: Float, softcap: Float) {
    self.queryColumn = UInt32(queryColumn)
    self.heads = UInt32(heads)
    self.layer = UInt32(layer)
    self.scale = scale
    self.softcap = softcap
  }

  init(_ record: OpRecord) {
    queryColumn = record.u32(12)
    heads = record.u32(16)
    layer = record.u32(20)
    scale = record.f32(24)
    softcap = record.f32(28)
  }

  public func write(into record: UnsafeMutableRawBufferPointer) {
    record.put(queryColumn, at: 12)
    record.put(heads, at: 16)
    record.put(layer, at: 20)
    record.put(scale, at: 24)
    record.put(softcap, at: 28)
  }

  static func check(_ check: OpCheck) throws(ProgramError) {
    let op = Attention(check.record)
    try check.zero(from: 32)
    let x = try check.input(.f32, rows: .token)
    let y = try check.output(.f32, rows: .token)
    guard op.layer < UInt32(check.program.kvLayerCount) else {
      throw .kvLayerMisused(op: check.index, layer: op.layer)
    }
    let shape = check.program.kvLayer(Int(op.layer))
    try check.columns(op.queryColumn, heads: op.heads, headDim: UInt32(shape.headDim), of: x, byte: 12)
    guard Int(op.heads) % shape.headCount == 0 else { throw .parameterOutOfRange(op: check.index, byte: 16) }
    guard y.columns == Int(op.heads) * shape.headDim else {
      throw .shapeMismatch(op: check.index, value: check.record.output)
    }
    guard op.scale.isFinite, op.scale > 0 else { throw .parameterOutOfRange(op: check.index, byte: 24) }
    guard op.softcap.isFinite, op.softcap >= 0 else { throw .parameterOutOfRange(op: check.index, byte: 28) }
  }

  /// A unit is up to eight queries of one KV head: they share each load of keys and values. Threads take units in turn,
  /// since later tokens see more positions.
  static func execute(_ record: OpRecord, _ x: borrowing Execution, _ lane: Lane) {
    let op = Attention(record)
    let input = x.value(record.input)
    let y = x.value(record.output)
    let shape = x.kvLayer(Int(op.layer))
    let group = Int(op.heads) / shape.headCount
    let queries = x.tokenCount * group
    // One token: a KV head's queries are few, so let every thread have some.
    let most = queries < 8 && shape.headCount % lane.count != 0 ? 1 : 8
    let unitsPerHead = (queries + most - 1) / most
    var job = ht_attention_job(
      shape.headDim, op.scale, op.softcap, x.cachePositionCount(shape),
      lane.scratch.assumingMemoryBound(to: Float.self),
      x.scoreCount)
    var unit = lane.index
    while unit < unitsPerHead * shape.headCount {
      let head = unit / unitsPerHead
      let first = unit % unitsPerHead * most
      let keys = UnsafePointer(x.cacheHead(layer: Int(op.layer), shape: shape, head: head))
      job.k = keys
      job.v = keys + x.valueOffset(shape)
      job.queries = min(most, queries - first)
      for i in 0..<job.queries {
        let t = (first + i) / group
        let h = head * group + (first + i) % group
        let end = x.past + t + 1
        let begin = shape.window == 0 ? 0 : max(0, end - shape.window)
        ht_attention_set(
          &job, i, x.f32(input, row: t) + Int(op.queryColumn) + h * shape.headDim,
          x.f32(y, row: t) + h * shape.headDim, UInt32(begin), UInt32(end))
      }
      ht_attention_run(x.kernels, x.kv, &job)
      unit += lane.count
    }
  }
}
