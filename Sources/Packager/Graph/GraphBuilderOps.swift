// SPDX-License-Identifier: Apache-2.0
// The ops of a layer that need no tensor of their own choosing: each appended with its value.
import Format
import Ops

extension GraphBuilder {
  /// The normalised row as f32.
  func rmsNorm(_ x: ValueID, _ name: String, weight: TensorID, epsilon: Float) -> ValueID {
    let y = value(like: x, name)
    let op = RMSNorm(weight: weight, epsilon: epsilon)
    graph.emit(RMSNorm.opcode, input: x, output: y) { op.write(into: $0) }
    return y
  }

  /// `x + other`, in the place of `x`.
  func add(_ x: ValueID, _ other: ValueID, _ name: String) -> ValueID {
    let y = value(like: x, name)
    graph.emit(Add.opcode, input: x, second: other, output: y, inPlace: x) { $0.put(other, at: 12) }
    return y
  }

  func softcap(_ x: ValueID, _ name: String, cap: Float) -> ValueID {
    let y = value(like: x, name)
    let op = Softcap(cap: cap)
    graph.emit(Softcap.opcode, input: x, output: y, inPlace: x) { op.write(into: $0) }
    return y
  }

  /// Norms each of `heads` heads from `firstColumn` on, in place.
  func headNorm(
    _ x: ValueID, _ name: String, firstColumn: Int, heads: Int, weight: TensorID, _ decoder: Decoder
  ) -> ValueID {
    let y = value(like: x, name)
    let op = HeadRMSNorm(
      firstColumn: firstColumn, heads: heads, headDim: decoder.headDim, weight: weight, epsilon: decoder.epsilon)
    graph.emit(HeadRMSNorm.opcode, input: x, output: y, inPlace: x) { op.write(into: $0) }
    return y
  }

  /// Rotates the first `heads` heads of a row, queries and keys, in place.
  func rope(_ x: ValueID, _ name: String, _ tables: RotaryTables, heads: Int, _ decoder: Decoder) -> ValueID {
    let y = value(like: x, name)
    let op = Rope(
      firstColumn: 0, heads: heads, headDim: decoder.headDim, pairs: tables.pairs, high: tables.high,
      low: tables.low, isAdjacent: false, longHigh: tables.longHigh, longLow: tables.longLow)
    graph.emit(Rope.opcode, input: x, output: y, inPlace: x) { op.write(into: $0) }
    return y
  }

  /// Appends keys and values of a row of queries, keys and values to a new KV layer, and attends over it.
  func attend(_ x: ValueID, _ name: String, _ layer: DecoderLayer, _ decoder: Decoder) -> ValueID {
    let (columns, kvColumns) = (layer.heads * decoder.headDim, layer.kvHeads * decoder.headDim)
    let kvLayer = graph.kvLayers.count
    graph.kvLayers.append(KVLayer(headCount: layer.kvHeads, headDim: decoder.headDim, window: layer.window))
    let append = KVAppend(keyColumn: columns, valueColumn: columns + kvColumns, layer: kvLayer)
    graph.emit(KVAppend.opcode, input: x) { append.write(into: $0) }
    let y = graph.value(name, .f32, rows: .token, columns: columns)
    let attention = Attention(
      queryColumn: 0, heads: layer.heads, layer: kvLayer, scale: decoder.attentionScale,
      softcap: decoder.attentionSoftcap)
    graph.emit(Attention.opcode, input: x, output: y) { attention.write(into: $0) }
    return y
  }

  /// A new f32 value of the rows and columns of `x`.
  func value(like x: ValueID, _ name: String) -> ValueID {
    let record = graph.values[Int(x)].record
    return graph.value(name, .f32, rows: record.rows, columns: record.columns)
  }
}
