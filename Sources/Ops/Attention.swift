// SPDX-License-Identifier: Apache-2.0
// specs/ops.md#attention
import CKernels
import Format

/// Attention of this call's queries over the cache of one layer, with grouped heads (GQA), window and softcap; what a
/// query sees is the layer's ``KVLayer/Span``.
///
///     x  f32 (T, c): heads·head_dim columns from query_column      y  f32 (T, heads·head_dim)
///     bias  f32 (heads, ≥ 2·context_max + 14)  plain: column context_max − 1 + (key − query)
public struct Attention {
  public static let opcode: UInt16 = 7
  public var queryColumn: UInt32
  public var heads: UInt32
  public var layer: UInt32
  public var scale: Float
  public var softcap: Float
  /// Added to scores by the distance of key and query.
  public var bias: UInt32

  public init(
    queryColumn: Int, heads: Int, layer: Int, scale: Float, softcap: Float = 0, bias: UInt32 = Value.none
  ) {
    self.queryColumn = UInt32(queryColumn)
    self.heads = UInt32(heads)
    self.layer = UInt32(layer)
    self.scale = scale
    self.softcap = softcap
    self.bias = bias
  }

  init(_ record: OpRecord) {
    queryColumn = record.u32(12)
    heads = record.u32(16)
    layer = record.u32(20)
    scale = record.f32(24)
    softcap = record.f32(28)
    bias = record.u32(32)
  }

  public func write(into record: UnsafeMutableRawBufferPointer) {
    record.put(queryColumn, at: 12)
    record.put(heads, at: 16)
    record.put(layer, at: 20)
    record.put(scale, at: 24)
    record.put(softcap, at: 28)
    record.put(bias, at: 32)
  }

  static func check(_ check: OpCheck) throws(ProgramError) {
    let op = Attention(check.record)
    try check.zero(from: 36)
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
    if op.bias == Value.none { return }
    // The kernel reads whole panels: up to 15 positions beyond the last.
    try check.tensor(op.bias, plain: true, rows: Int(op.heads), columns: nil)
    guard check.program.tensor(op.bias).columns >= 2 * check.program.contextMax + 14 else {
      throw .tensorMismatch(op: check.index, tensor: op.bias)
    }
    // Distances are known within a sequence alone, and a kernel's panels start at its first position.
    guard shape.window == 0, shape.span != .source else { throw .parameterOutOfRange(op: check.index, byte: 32) }
  }

  /// A unit is up to eight queries of one KV head: they share each load of keys and values. Threads take units in turn,
  /// since later tokens see more positions.
  static func execute(_ record: OpRecord, _ x: borrowing Execution, _ lane: Lane) {
    let op = Attention(record)
    let shape = x.kvLayer(Int(op.layer))
    guard shape.span != .source, let sequences = x.sequences else {
      attend(record, op, shape, x, lane, SequenceSpan(firstToken: 0, tokenCount: x.tokenCount, firstPosition: 0))
      return
    }
    for index in 0..<x.sequenceCount { attend(record, op, shape, x, lane, sequences[index]) }
  }

  private static func attend(
    _ record: OpRecord, _ op: Attention, _ shape: KVLayer, _ x: borrowing Execution, _ lane: Lane, _ span: SequenceSpan
  ) {
    let input = x.value(record.input)
    let y = x.value(record.output)
    let group = Int(op.heads) / shape.headCount
    let queries = Int(span.tokenCount) * group
    // One token: a KV head's queries are few, so let every thread have some.
    let most = queries < 8 && shape.headCount % lane.count != 0 ? 1 : 8
    let unitsPerHead = (queries + most - 1) / most
    let (firstToken, firstPosition) = (Int(span.firstToken), Int(span.firstPosition))
    var job = ht_attention_job(
      shape.headDim, op.scale, op.softcap, x.cachePositionCount(shape) - firstPosition,
      lane.scratch.assumingMemoryBound(to: Float.self),
      x.scoreCount)
    var unit = lane.index
    while unit < unitsPerHead * shape.headCount {
      let head = unit / unitsPerHead
      let first = unit % unitsPerHead * most
      let keys = UnsafePointer(x.cacheHead(layer: Int(op.layer), shape: shape, head: head))
      job.k = keys + firstPosition / 16 * ht_k_panel_byte_count(x.kv, shape.headDim)
      job.v = keys + x.valueOffset(shape) + firstPosition * ht_v_row_byte_count(x.kv, shape.headDim)
      job.queries = min(most, queries - first)
      for i in 0..<job.queries {
        let t = firstToken + (first + i) / group
        let h = head * group + (first + i) % group
        let (begin, end) = seen(shape, x, span, t)
        ht_attention_set(
          &job, i, x.f32(input, row: t) + Int(op.queryColumn) + h * shape.headDim,
          x.f32(y, row: t) + h * shape.headDim, UInt32(begin), UInt32(end))
        if op.bias != Value.none {
          let table = x.tensor(op.bias)
          ht_attention_set_bias(
            &job, i, x.floats(table) + h * table.columns + x.program.contextMax - 1 - x.position(t))
        }
      }
      ht_attention_run(x.kernels, x.kv, &job)
      unit += lane.count
    }
  }

  /// The positions that token `t` sees.
  @inline(__always)
  private static func seen(_ shape: KVLayer, _ x: borrowing Execution, _ span: SequenceSpan, _ t: Int) -> (Int, Int) {
    switch shape.span {
    case .sequence:
      let end = x.position(t) + 1
      return (shape.window == 0 ? 0 : max(0, end - shape.window), end)
    case .call: return (0, Int(span.tokenCount))
    case .source: return (0, x.sourceCount)
    }
  }
}
