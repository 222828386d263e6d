// SPDX-License-Identifier: Apache-2.0
// MobileBERT (Sun et al. 2020): wide rows between layers, narrow ones inside, tokens seen with their neighbours, and a
// scale and shift in the place of a norm.
import Format
import ModelFiles
import Ops

/// What the graph depends on beside an encoder's sizes.
struct MobileBERT {
  static let modelType = "mobilebert"
  /// Embeddings of the first LayerNorm and of the feed-forward's have PyTorch's own epsilon, whatever the settings say.
  static let torchEpsilon: Float = 1e-5

  var encoder: Encoder
  /// Columns inside a layer.
  var inner: Int
  var feedForwardCount: Int
  var hasTrigram: Bool
  var hasBottleneck: Bool
  /// Queries and keys read a narrow row of their own.
  var hasSharedQueryKey: Bool
  /// Queries, keys and values read the layer's narrow row.
  var hasNarrowAttention: Bool
  var hasLayerNorm: Bool

  init(_ config: JSONFields) throws {
    encoder = try Encoder(config, family: MobileBERT.modelType, names: .bert("mobilebert"), function: "relu")
    encoder.embeddingSize = try config.int("embedding_size", default: 128)
    if encoder.embeddingSize < encoder.hidden { encoder.names.mask.besides = "cls.predictions.dense" }
    hasBottleneck = try config.bool("use_bottleneck", default: true)
    inner = hasBottleneck ? try config.int("intra_bottleneck_size", default: 128) : encoder.hidden
    feedForwardCount = try config.int("num_feedforward_networks", default: 4)
    hasTrigram = try config.bool("trigram_input", default: true)
    hasSharedQueryKey = try config.bool("key_query_shared_bottleneck", default: true)
    hasNarrowAttention = try config.bool("use_bottleneck_attention", default: false)
    guard 1...64 ~= feedForwardCount, 1...(1 << 17) ~= inner, encoder.heads > 0, inner % encoder.heads == 0,
      inner / encoder.heads % 2 == 0
    else {
      throw PackError.badSetting(
        key: "intra_bottleneck_size", found: "\(inner)", expected: "\(encoder.heads) heads of an even width")
    }
    switch try config.string("normalization_type", default: "no_norm") {
    case "no_norm": hasLayerNorm = false
    case "layer_norm": hasLayerNorm = true
    case let found:
      throw PackError.badSetting(key: "normalization_type", found: found, expected: "no_norm or layer_norm")
    }
    if try !config.bool("classifier_activation", default: true) {
      encoder.sequenceHead = .firstToken
      encoder.names.pooler = ""
    }
  }
}

/// Turns a ``MobileBERT`` and the tensors of its source into a graph.
struct MobileBERTGraph {
  let model: MobileBERT
  let builder: GraphBuilder
  let bits: ActivationBits
  let prefix: String

  static func build(
    _ model: MobileBERT, _ source: any TensorSource, policy: WeightPolicy, activations: ActivationChoice?,
    invented: ElementType? = nil
  ) throws(PackError) -> Graph {
    try model.encoder.check()
    let builder = GraphBuilder(source: source, policy: policy, family: model.encoder.family, invented: invented)
    return try MobileBERTGraph(
      model: model, builder: builder, bits: activations == .sixteen ? .sixteen : .eight,
      prefix: model.encoder.prefix(in: builder)
    ).build()
  }

  private var encoder: Encoder { model.encoder }

  private func build() throws(PackError) -> Graph {
    builder.graph.contextMax = encoder.contextMax
    builder.graph.vocab = encoder.vocab
    builder.graph.kvLayers = [
      KVLayer(headCount: encoder.heads, headDim: model.inner / encoder.heads, window: 0, span: .call)
    ]
    builder.ignore("\(prefix)embeddings.position_ids")
    let words = try builder.matrix(
      "\(prefix)\(encoder.names.words).weight", rows: encoder.vocab, columns: encoder.embeddingSize)
    var hidden = try embeddings(words)
    for index in encoder.layers.indices { hidden = try layer(index, hidden) }
    builder.graph.endEntry(.encode, result: hidden)
    try EncoderHeads(encoder: encoder, builder: builder, bits: bits, prefix: prefix).append(hidden, words: words)
    return try builder.finish()
  }

  private func norm(_ x: ValueID, _ name: String, _ tensor: String, epsilon: Float) throws(PackError) -> ValueID {
    model.hasLayerNorm
      ? try builder.layerNorm(x, name, tensor, epsilon: epsilon) : try builder.affine(x, name, tensor)
  }

  private func embeddings(_ words: TensorID) throws(PackError) -> ValueID {
    let (names, columns) = (encoder.names, encoder.hidden)
    let embedded = builder.graph.value("word_embedding", .f32, rows: .token, columns: encoder.embeddingSize)
    let embed = Embed(table: words, scale: 1)
    builder.graph.emit(Embed.opcode, output: embedded) { embed.write(into: $0) }
    var x = embedded
    if model.hasTrigram || encoder.embeddingSize != encoder.hidden {
      let width = encoder.embeddingSize * (model.hasTrigram ? 3 : 1)
      let widening = try builder.projection(
        "\(prefix)embeddings.embedding_transformation", rows: columns, columns: width)
      let read =
        model.hasTrigram
        ? try builder.trigram(x, "trigram", for: [widening.matrix], bits: bits)
        : try builder.quantized(x, "word_embedding_input", for: [widening.matrix], bits: bits)
      x = try builder.matMul(read, "wide_embedding", [widening.matrix], biases: [widening.bias])
    }
    let positions = try builder.matrix(
      "\(prefix)\(names.positions).weight", rows: encoder.contextMax, columns: columns, isKept: true)
    x = builder.addEmbedding(x, "position_embedding", AddEmbedding(table: positions, index: .position))
    let types = try builder.matrix(
      "\(prefix)\(names.types).weight", rows: encoder.typeCount, columns: columns, isKept: true)
    x = builder.addEmbedding(x, "type_embedding", AddEmbedding(table: types, index: .type))
    return try norm(
      x, "embedding_norm", "\(prefix)\(names.embeddingNorm)", epsilon: MobileBERT.torchEpsilon)
  }

  /// `norm(W·x + b + residual)` of the tensors called `tensor` and `norm`.
  private func added(
    _ x: ValueID, _ name: String, _ tensor: String, norm normTensor: String, rows: Int, to residual: ValueID,
    epsilon: Float
  ) throws(PackError) -> ValueID {
    let sum = try builder.linear(x, "\(name)_output", tensor, rows: rows, bits: bits, residual: residual)
    return try norm(sum, "\(name)_norm", normTensor, epsilon: epsilon)
  }

  private func bottleneck(_ hidden: ValueID, _ name: String, _ tensor: String) throws(PackError) -> ValueID {
    let narrow = try builder.linear(hidden, "\(name)_narrow", "\(tensor).dense", rows: model.inner, bits: bits)
    return try norm(narrow, "\(name)_norm", "\(tensor).LayerNorm", epsilon: encoder.epsilon)
  }

  private func layer(_ index: Int, _ hidden: ValueID) throws(PackError) -> ValueID {
    let layer = "\(prefix)\(encoder.layers[index])"
    let epsilon = encoder.epsilon
    var (input, queryKey, value) = (hidden, hidden, hidden)
    if model.hasBottleneck {
      input = try bottleneck(hidden, "\(index).bottleneck_input", "\(layer)bottleneck.input")
      var shared = hidden
      if model.hasSharedQueryKey {
        shared = try bottleneck(hidden, "\(index).bottleneck_attention", "\(layer)bottleneck.attention")
      }
      (queryKey, value) = model.hasNarrowAttention ? (input, input) : (shared, hidden)
    }
    let mixed = try attention(index, layer, queryKey: queryKey, value: value)
    var x = try added(
      mixed, "\(index).attention", "\(layer)attention.output.dense", norm: "\(layer)attention.output.LayerNorm",
      rows: model.inner, to: input, epsilon: epsilon)
    for number in 0..<(model.feedForwardCount - 1) {
      x = try feedForward(x, "\(index).\(number)", "\(layer)ffn.\(number).", epsilon: epsilon)
    }
    x = try feedForward(
      x, "\(index)", layer, epsilon: MobileBERT.torchEpsilon)
    guard model.hasBottleneck else { return x }
    return try added(
      x, "\(index).wide", "\(layer)output.bottleneck.dense", norm: "\(layer)output.bottleneck.LayerNorm",
      rows: encoder.hidden, to: hidden, epsilon: epsilon)
  }

  private func attention(_ index: Int, _ layer: String, queryKey: ValueID, value: ValueID) throws(PackError) -> ValueID
  {
    let inner = model.inner
    func inputs(_ names: [String], _ x: ValueID) throws(PackError) -> ValueID {
      let columns = builder.graph.values[Int(x)].record.columns
      let parts = try names.map { name throws(PackError) in
        try builder.projection("\(layer)attention.self.\(name)", rows: inner, columns: columns)
      }
      let name = "\(index).\(names.joined(separator: "_"))"
      let read = try builder.quantized(x, "\(name)_input", for: parts.map(\.matrix), bits: bits)
      return try builder.matMul(read, name, parts.map(\.matrix), biases: parts.map(\.bias))
    }
    let both = try inputs(["query", "key"], queryKey)
    let values = try inputs(["value"], value)
    let append = KVAppend(keyColumn: inner, valueColumn: 0, layer: 0, values: values)
    builder.graph.emit(KVAppend.opcode, input: both, second: values) { append.write(into: $0) }
    let mixed = builder.graph.value("\(index).attention", .f32, rows: .token, columns: inner)
    let attention = Attention(
      queryColumn: 0, heads: encoder.heads, layer: 0, scale: 1 / Float(inner / encoder.heads).squareRoot())
    builder.graph.emit(Attention.opcode, input: both, output: mixed) { attention.write(into: $0) }
    return mixed
  }

  private func feedForward(_ x: ValueID, _ name: String, _ tensors: String, epsilon: Float) throws(PackError) -> ValueID
  {
    let up = try builder.linear(
      x, "\(name).up", "\(tensors)intermediate.dense", rows: encoder.feedForward, bits: bits)
    let down = try builder.projection("\(tensors)output.dense", rows: model.inner, columns: encoder.feedForward)
    let active = try builder.apply(up, "\(name).active", encoder.function, for: [down.matrix], bits: bits)
    let sum = try builder.matMul(active, "\(name).down", [down.matrix], biases: [down.bias], residual: x)
    return try norm(sum, "\(name).feed_forward_norm", "\(tensors)output.LayerNorm", epsilon: epsilon)
  }
}
