// SPDX-License-Identifier: Apache-2.0
// The graph of an encoder: embeddings, layers of attention and feed-forward with a norm behind each, heads.
import Format
import ModelFiles
import Ops

/// Turns an ``Encoder`` and the tensors of its source into a graph.
struct EncoderGraph {
  let encoder: Encoder
  let builder: GraphBuilder
  let bits: ActivationBits
  /// Whether outliers get groups of their own before 8-bit integers.
  let hasOutliers: Bool
  /// Of the base model's tensors.
  let prefix: String

  /// The finished graph; every tensor of the source has found its place then.
  static func build(
    _ encoder: Encoder, _ source: any TensorSource, policy: WeightPolicy, activations: ActivationChoice?,
    invented: ElementType? = nil
  ) throws(PackError) -> Graph {
    try encoder.check()
    let builder = GraphBuilder(source: source, policy: policy, family: encoder.family, invented: invented)
    return try EncoderGraph(
      encoder: encoder, builder: builder, bits: activations == .sixteen ? .sixteen : .eight,
      hasOutliers: activations == nil, prefix: encoder.prefix(in: builder)
    ).build()
  }

  private func build() throws(PackError) -> Graph {
    builder.graph.contextMax = encoder.contextMax
    builder.graph.vocab = encoder.vocab
    builder.graph.kvLayers = [
      KVLayer(headCount: encoder.heads, headDim: encoder.headDim, window: 0, span: .call)
    ]
    builder.ignore("\(prefix)embeddings.position_ids")
    let words = try builder.matrix(
      "\(prefix)\(encoder.names.words).weight", rows: encoder.vocab, columns: encoder.embeddingSize)
    let bias = try encoder.relativeBias.map { bias throws(PackError) in try relativeTable(bias) }
    var hidden = try embeddings(words)
    let outliers = try outlierColumns()
    for index in encoder.layers.indices {
      hidden = try attention(index, hidden, bias ?? Value.none, outliers)
      hidden = try feedForward(index, hidden, outliers)
    }
    builder.graph.endEntry(.encode, result: hidden)
    try EncoderHeads(encoder: encoder, builder: builder, bits: bits, prefix: prefix).append(hidden, words: words)
    return try builder.finish()
  }

  private func embeddings(_ words: TensorID) throws(PackError) -> ValueID {
    let (names, columns) = (encoder.names, encoder.embeddingSize)
    var x = builder.graph.value("word_embedding", .f32, rows: .token, columns: columns)
    let embed = Embed(table: words, scale: 1)
    builder.graph.emit(Embed.opcode, output: x) { embed.write(into: $0) }
    let positions = try builder.matrix(
      "\(prefix)\(names.positions).weight", rows: encoder.contextMax + encoder.positionOffset, columns: columns,
      isKept: true)
    x = builder.addEmbedding(
      x, "position_embedding", AddEmbedding(table: positions, index: .position, offset: encoder.positionOffset))
    if encoder.typeCount > 0 {
      let types = try builder.matrix(
        "\(prefix)\(names.types).weight", rows: encoder.typeCount, columns: columns, isKept: true)
      x = builder.addEmbedding(x, "type_embedding", AddEmbedding(table: types, index: .type))
    }
    x = try builder.layerNorm(x, "embedding_norm", "\(prefix)\(names.embeddingNorm)", epsilon: encoder.epsilon)
    let hasProjection = encoder.embeddingSize != encoder.hidden || builder.has("\(prefix)\(names.projection).weight")
    if names.projection.isEmpty || !hasProjection { return x }
    return try builder.linear(
      x, "embedding_projection", "\(prefix)\(names.projection)", rows: encoder.hidden, bits: bits)
  }

  private func attention(
    _ index: Int, _ hidden: ValueID, _ bias: TensorID, _ outliers: OutlierColumns?
  ) throws(PackError) -> ValueID {
    let (names, layer, size) = (encoder.names, prefix + encoder.layers[index], encoder.hidden)
    let inputs = try [names.query, names.key, names.value].map { name throws(PackError) in
      try builder.projection("\(layer)\(name)", rows: size, columns: size, outliers: outliers)
    }
    let read = try builder.quantized(
      hidden, "\(index).attention_input", for: inputs.map(\.matrix), bits: bits, outliers: outliers)
    let qkv = try builder.matMul(read, "\(index).qkv", inputs.map(\.matrix), biases: inputs.map(\.bias))
    let append = KVAppend(keyColumn: size, valueColumn: 2 * size, layer: 0)
    builder.graph.emit(KVAppend.opcode, input: qkv) { append.write(into: $0) }
    let mixed = builder.graph.value("\(index).attention", .f32, rows: .token, columns: size)
    let attention = Attention(
      queryColumn: 0, heads: encoder.heads, layer: 0, scale: 1 / Float(encoder.headDim).squareRoot(), bias: bias)
    builder.graph.emit(Attention.opcode, input: qkv, output: mixed) { attention.write(into: $0) }
    let sum = try builder.linear(
      mixed, "\(index).attention_output", "\(layer)\(names.attentionOutput)", rows: size, bits: bits, residual: hidden)
    return try builder.layerNorm(
      sum, "\(index).attention_norm", "\(layer)\(names.attentionNorm)", epsilon: encoder.epsilon)
  }

  private func feedForward(
    _ index: Int, _ hidden: ValueID, _ outliers: OutlierColumns?
  ) throws(PackError) -> ValueID {
    let (names, layer) = (encoder.names, prefix + encoder.layers[index])
    let up = try builder.linear(
      hidden, "\(index).up", "\(layer)\(names.up)", rows: encoder.feedForward, bits: bits,
      outliers: outliers)
    let down = try builder.projection("\(layer)\(names.down)", rows: encoder.hidden, columns: encoder.feedForward)
    let active = try builder.apply(up, "\(index).active", encoder.function, for: [down.matrix], bits: bits)
    let sum = try builder.matMul(
      active, "\(index).down", [down.matrix], biases: [down.bias], residual: hidden)
    return try builder.layerNorm(
      sum, "\(index).feed_forward_norm", "\(layer)\(names.feedForwardNorm)", epsilon: encoder.epsilon)
  }

  /// The scores of every distance, from the buckets' own.
  private func relativeTable(_ bias: RelativeBias) throws(PackError) -> TensorID {
    let name = "\(prefix)\(bias.tensor)"
    let info = try builder.info(
      name, [bias.bucketCount, encoder.heads], because: "a \(encoder.family) model has it")
    return try builder.relativeTable(
      name, info, bias, heads: encoder.heads, contextMax: encoder.contextMax, isBidirectional: true)
  }
}
