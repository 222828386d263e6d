// SPDX-License-Identifier: Apache-2.0
// The graph of a decoder: embedding, layers of rotary attention and gated feed-forward, norm, logits.
import Format
import ModelFiles
import Ops

/// Turns a ``Decoder`` and the tensors of its source into a graph.
struct DecoderGraph {
  let decoder: Decoder
  let builder: GraphBuilder
  let activations: ActivationPolicy

  /// The finished graph; every tensor of the source has found its place then.
  static func build(
    _ decoder: Decoder, _ source: any TensorSource, policy: WeightPolicy, activations: ActivationChoice?,
    invented: ElementType? = nil
  ) throws(PackError) -> Graph {
    try decoder.check()
    let builder = GraphBuilder(source: source, policy: policy, family: decoder.family, invented: invented)
    return try DecoderGraph(decoder: decoder, builder: builder, activations: ActivationPolicy(activations)).build()
  }

  private func build() throws(PackError) -> Graph {
    builder.graph.contextMax = decoder.contextMax
    builder.graph.vocab = decoder.vocab
    // Factors and frequencies are read with the settings, where they count.
    for name in Rotary.factorTensors { builder.ignore(name) }
    for layer in decoder.layers.indices {
      builder.ignore("\(decoder.names.layer(layer))self_attn.rotary_emb.inv_freq")
    }
    let embedding = try builder.matrix(decoder.names.embedding, rows: decoder.vocab, columns: decoder.hidden)
    var hidden = builder.graph.value("embedding", .f32, rows: .token, columns: decoder.hidden)
    let embed = Embed(table: embedding, scale: embeddingScale(embedding))
    builder.graph.emit(Embed.opcode, output: hidden) { embed.write(into: $0) }
    let ropes = decoder.ropes.map { $0.tables(builder, contextMax: decoder.contextMax) }
    for index in decoder.layers.indices {
      hidden = try attention(index, hidden, ropes)
      hidden = try feedForward(index, hidden)
    }
    builder.graph.endEntry(.step, result: hidden)
    try logits(hidden, embedding)
    return try builder.finish()
  }

  private func embeddingScale(_ embedding: TensorID) -> Float {
    let root = Float(Double(decoder.hidden).squareRoot())
    switch decoder.embeddingScale {
    case .one: return 1
    case .rootOfHidden: return root
    case .rootOfHiddenInItsType:
      guard case .matrix(let info, _) = builder.graph.tensors[Int(embedding)].content else { return root }
      switch info.type {
      case .F16: return Float(Float16(root))
      case .BF16: return Float(bitPattern: (root.bitPattern + 0x7FFF + (root.bitPattern >> 16 & 1)) & 0xFFFF_0000)
      default: return root
      }
    }
  }

  // MARK: Parts of a layer

  private func norm(_ name: String, count: Int) throws(PackError) -> TensorID {
    try builder.vector(name, count: count, offset: decoder.normOffset)
  }

  /// One projection of a layer: its matrix and, where the rule says so, its bias.
  private func projection(
    _ name: String, rows: Int, columns: Int, order: RowOrder = .asStored, bias: BiasRule
  ) throws(PackError) -> Projection {
    let matrix = try builder.matrix("\(name).weight", rows: rows, columns: columns, order: order)
    guard bias == .required || bias == .asStored && builder.has("\(name).bias") else {
      return Projection(matrix: matrix, bias: nil)
    }
    return Projection(matrix: matrix, bias: try builder.vector("\(name).bias", count: rows, order: order))
  }

  private func attention(
    _ index: Int, _ hidden: ValueID, _ ropes: [RotaryTables]
  ) throws(PackError) -> ValueID {
    let (layer, names, prefix) = (decoder.layers[index], decoder.names, decoder.names.layer(index))
    let columns = layer.heads * decoder.headDim
    let norm = try norm("\(prefix)\(names.attentionNorm).weight", count: decoder.hidden)
    let inputs = try queryKeyValue(layer, prefix)
    let output = try projection(
      "\(prefix)\(names.attentionOutput)", rows: decoder.hidden, columns: columns, bias: decoder.attentionOutputBias)
    let normed = try builder.rmsNorm(
      hidden, "\(index).attention_norm", weight: norm, epsilon: decoder.epsilon, for: inputs.map(\.matrix),
      bits: activations.attentionInput)
    var qkv = try builder.matMul(
      normed, "\(index).qkv", inputs.map(\.matrix), biases: inputs.map(\.bias))
    qkv = try queryKeyNorms(index, qkv)
    let rotated = builder.rope(qkv, "\(index).rope", ropes[layer.rope], heads: layer.heads + layer.kvHeads, decoder)
    let mixed = builder.attend(rotated, "\(index).attention", layer, decoder)
    let mixedInput = try builder.quantized(
      mixed, "\(index).attention_q8", for: [output.matrix], bits: activations.attentionOutput)
    return try added(
      mixedInput, output, to: hidden, "\(index).attention", postNorm: "\(prefix)\(names.attentionPostNorm).weight")
  }

  private func queryKeyValue(_ layer: DecoderLayer, _ prefix: String) throws(PackError) -> [Projection] {
    let (names, bias) = (decoder.names, decoder.queryKeyValueBias)
    let (query, keys) = (layer.heads * decoder.headDim, layer.kvHeads * decoder.headDim)
    if decoder.isFused {
      let name = "\(prefix)\(names.queryKeyValue)"
      return [try projection(name, rows: query + 2 * keys, columns: decoder.hidden, bias: bias)]
    }
    let order = decoder.hasPairedRows ? RowOrder.pairsToHalves(headDim: decoder.headDim) : .asStored
    return [
      try projection("\(prefix)\(names.query)", rows: query, columns: decoder.hidden, order: order, bias: bias),
      try projection("\(prefix)\(names.key)", rows: keys, columns: decoder.hidden, order: order, bias: bias),
      try projection("\(prefix)\(names.value)", rows: keys, columns: decoder.hidden, bias: bias),
    ]
  }

  private func queryKeyNorms(_ index: Int, _ qkv: ValueID) throws(PackError) -> ValueID {
    guard decoder.hasQueryKeyNorms else { return qkv }
    let (layer, names, prefix) = (decoder.layers[index], decoder.names, decoder.names.layer(index))
    let query = try norm("\(prefix)\(names.queryNorm).weight", count: decoder.headDim)
    let key = try norm("\(prefix)\(names.keyNorm).weight", count: decoder.headDim)
    let normed = builder.headNorm(
      qkv, "\(index).query_norm", firstColumn: 0, heads: layer.heads, weight: query, decoder)
    return builder.headNorm(
      normed, "\(index).key_norm", firstColumn: layer.heads * decoder.headDim, heads: layer.kvHeads, weight: key,
      decoder)
  }

  private func feedForward(_ index: Int, _ hidden: ValueID) throws(PackError) -> ValueID {
    let (layer, names, prefix) = (decoder.layers[index], decoder.names, decoder.names.layer(index))
    let (rows, columns, bias) = (layer.feedForward, decoder.hidden, decoder.feedForwardBias)
    let norm = try norm("\(prefix)\(names.feedForwardNorm).weight", count: decoder.hidden)
    var inputs: [Projection]
    if decoder.isFused {
      inputs = [try projection("\(prefix)\(names.gateUp)", rows: 2 * rows, columns: columns, bias: bias)]
    } else {
      inputs = [
        try projection("\(prefix)\(names.gate)", rows: rows, columns: columns, bias: bias),
        try projection("\(prefix)\(names.up)", rows: rows, columns: columns, bias: bias),
      ]
    }
    let down = try projection("\(prefix)\(names.down)", rows: columns, columns: rows, bias: bias)
    let normed = try builder.rmsNorm(
      hidden, "\(index).feed_forward_norm", weight: norm, epsilon: decoder.epsilon, for: inputs.map(\.matrix),
      bits: activations.feedForwardInput)
    let both = try builder.matMul(
      normed, "\(index).gate_up", inputs.map(\.matrix), biases: inputs.map(\.bias))
    let dtype = try builder.activation(for: [down.matrix], activations.feedForwardOutput)
    let name = decoder.gate == .silu ? "silu" : "gelu"
    let product = builder.graph.value("\(index).\(name)", dtype, rows: .token, columns: rows)
    let gated = GatedMul(gateColumn: 0, upColumn: rows)
    let opcode = decoder.gate == .silu ? SiluMul.opcode : GeluMul.opcode
    builder.graph.emit(opcode, input: both, output: product) { gated.write(into: $0) }
    return try added(
      product, down, to: hidden, "\(index).feed_forward", postNorm: "\(prefix)\(names.feedForwardPostNorm).weight")
  }

  /// `hidden + projection(x)`, or `hidden + norm(projection(x))` where the family norms on both sides.
  private func added(
    _ x: ValueID, _ projection: Projection, to hidden: ValueID, _ name: String, postNorm: String
  ) throws(PackError) -> ValueID {
    guard decoder.hasPostNorms else {
      return try builder.matMul(
        x, "\(name)_residual", [projection.matrix], biases: [projection.bias], residual: hidden)
    }
    let weight = try norm(postNorm, count: decoder.hidden)
    let projected = try builder.matMul(x, "\(name)_output", [projection.matrix], biases: [projection.bias])
    let normed = builder.rmsNorm(projected, "\(name)_post_norm", weight: weight, epsilon: decoder.epsilon)
    return builder.add(normed, hidden, "\(name)_residual")
  }

  private func logits(_ hidden: ValueID, _ embedding: TensorID) throws(PackError) {
    let norm = try norm(decoder.names.norm, count: decoder.hidden)
    // A checkpoint may store the tied matrix a second time: transformers reads the embedding then.
    if decoder.isTied { builder.ignore(decoder.names.output) }
    let output =
      decoder.isTied
      ? embedding : try builder.matrix(decoder.names.output, rows: decoder.vocab, columns: decoder.hidden)
    let taken = builder.graph.value("output_rows", .f32, rows: .output, columns: decoder.hidden)
    builder.graph.emit(TakeRows.opcode, input: hidden, output: taken)
    let normed = try builder.rmsNorm(
      taken, "output_norm", weight: norm, epsilon: decoder.epsilon, for: [output], bits: activations.logits)
    var result = try builder.matMul(normed, "logits", [output])
    if decoder.finalSoftcap != 0 { result = builder.softcap(result, "logits_softcap", cap: decoder.finalSoftcap) }
    builder.graph.endEntry(.logits, result: result)
  }
}

/// A matrix and its bias, as tensors of the graph.
private struct Projection {
  var matrix: TensorID
  var bias: TensorID?
}
