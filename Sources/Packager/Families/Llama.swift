// SPDX-License-Identifier: Apache-2.0
// Llama and its kin: pre-norm layers of rotary grouped-query attention and a gated SiLU feed-forward.
import Format
import ModelFiles
import Ops

/// The tensor names of a source.
struct LlamaNames: Sendable {
  var embedding: String
  var norm: String
  var output: String
  /// "model.layers.3." or "blk.3."
  var layer: @Sendable (Int) -> String
  var attentionNorm: String
  var query: String
  var key: String
  var value: String
  var attentionOutput: String
  var feedForwardNorm: String
  var gate: String
  var up: String
  var down: String

  static let checkpoint = LlamaNames(
    embedding: "model.embed_tokens.weight", norm: "model.norm.weight", output: "lm_head.weight",
    layer: { "model.layers.\($0)." }, attentionNorm: "input_layernorm", query: "self_attn.q_proj",
    key: "self_attn.k_proj", value: "self_attn.v_proj", attentionOutput: "self_attn.o_proj",
    feedForwardNorm: "post_attention_layernorm", gate: "mlp.gate_proj", up: "mlp.up_proj", down: "mlp.down_proj")

  static let gguf = LlamaNames(
    embedding: "token_embd.weight", norm: "output_norm.weight", output: "output.weight", layer: { "blk.\($0)." },
    attentionNorm: "attn_norm", query: "attn_q", key: "attn_k", value: "attn_v", attentionOutput: "attn_output",
    feedForwardNorm: "ffn_norm", gate: "ffn_gate", up: "ffn_up", down: "ffn_down")
}

/// Builds the program of a llama model.
struct Llama {
  static let family = "llama"
  let config: LlamaConfig
  let names: LlamaNames
  /// Of the rows of Q and K: GGUF stores them for RoPE on adjacent pairs, the program rotates halves.
  let queryKeyOrder: RowOrder
  let activations: ActivationPolicy

  init(_ source: ModelSource, activations: ActivationChoice?) throws {
    self.activations = ActivationPolicy(activations)
    switch source {
    case .checkpoint(let folder):
      config = try LlamaConfig(folder.config)
      names = .checkpoint
      queryKeyOrder = .asStored
    case .gguf(let file):
      config = try LlamaConfig(file)
      names = .gguf
      queryKeyOrder = .pairsToHalves(headDim: config.headDim)
    }
  }

  func build(_ source: any TensorSource, policy: WeightPolicy) throws(PackError) -> Graph {
    let builder = GraphBuilder(source: source, policy: policy, family: Llama.family)
    builder.graph.contextMax = config.contextMax
    builder.graph.vocab = config.vocab
    builder.ignore("rope_freqs.weight")
    for layer in 0..<config.layers { builder.ignore("\(names.layer(layer))self_attn.rotary_emb.inv_freq") }
    let embedding = try builder.matrix(names.embedding, rows: config.vocab, columns: config.hidden)
    var hidden = builder.graph.value("embedding", .f32, rows: .token, columns: config.hidden)
    let embed = Embed(table: embedding, scale: 1)
    builder.graph.emit(Embed.opcode, output: hidden) { embed.write(into: $0) }
    let rope = ropeTables(builder)
    for layer in 0..<config.layers {
      hidden = try attention(builder, layer, hidden, rope)
      hidden = try feedForward(builder, layer, hidden)
    }
    builder.graph.endEntry(.step, result: hidden)
    try logits(builder, hidden, embedding)
    return try builder.finish()
  }

  private func ropeTables(_ builder: GraphBuilder) -> (high: TensorID, low: TensorID) {
    let tables = RopeTables(rotaryDim: config.headDim, base: config.ropeBase, scaling: config.ropeScaling)
    let highCount = RopeTables.highRowCount(contextMax: config.contextMax)
    let high = builder.table(
      "rope.high", rows: highCount, columns: config.headDim, tables.rows(highCount, step: RopeTables.lowRowCount))
    let low = builder.table(
      "rope.low", rows: RopeTables.lowRowCount, columns: config.headDim, tables.rows(RopeTables.lowRowCount, step: 1))
    return (high, low)
  }

  private func attention(
    _ builder: GraphBuilder, _ layer: Int, _ hidden: ValueID, _ rope: (high: TensorID, low: TensorID)
  ) throws(PackError) -> ValueID {
    let prefix = names.layer(layer)
    let (queryColumns, kvColumns) = (config.heads * config.headDim, config.kvHeads * config.headDim)
    let norm = try builder.vector("\(prefix)\(names.attentionNorm).weight", count: config.hidden)
    let query = try builder.matrix(
      "\(prefix)\(names.query).weight", rows: queryColumns, columns: config.hidden, order: queryKeyOrder)
    let key = try builder.matrix(
      "\(prefix)\(names.key).weight", rows: kvColumns, columns: config.hidden, order: queryKeyOrder)
    let value = try builder.matrix("\(prefix)\(names.value).weight", rows: kvColumns, columns: config.hidden)
    let output = try builder.matrix(
      "\(prefix)\(names.attentionOutput).weight", rows: config.hidden, columns: queryColumns)
    var biases: [TensorID?] = []
    var outputBias: [TensorID?] = []
    if config.attentionBias {
      biases = [
        try builder.vector("\(prefix)\(names.query).bias", count: queryColumns, order: queryKeyOrder),
        try builder.vector("\(prefix)\(names.key).bias", count: kvColumns, order: queryKeyOrder),
        try builder.vector("\(prefix)\(names.value).bias", count: kvColumns),
      ]
      outputBias = [try builder.vector("\(prefix)\(names.attentionOutput).bias", count: config.hidden)]
    }
    let normed = try builder.rmsNorm(
      hidden, "\(layer).attention_norm", weight: norm, epsilon: config.epsilon, for: [query, key, value],
      bits: activations.attentionInput)
    let qkv = try builder.matMul(normed, "\(layer).qkv", [query, key, value], biases: biases)
    let rotated = builder.graph.value("\(layer).rope", .f32, rows: .token, columns: queryColumns + 2 * kvColumns)
    let ropeOp = Rope(
      firstColumn: 0, heads: config.heads + config.kvHeads, headDim: config.headDim, pairs: config.headDim / 2,
      high: rope.high, low: rope.low, isAdjacent: false)
    builder.graph.emit(Rope.opcode, input: qkv, output: rotated, inPlace: qkv) { ropeOp.write(into: $0) }
    let kvLayer = builder.graph.kvLayers.count
    builder.graph.kvLayers.append(KVLayer(headCount: config.kvHeads, headDim: config.headDim, window: 0))
    let append = KVAppend(keyColumn: queryColumns, valueColumn: queryColumns + kvColumns, layer: kvLayer)
    builder.graph.emit(KVAppend.opcode, input: rotated) { append.write(into: $0) }
    let mixed = builder.graph.value("\(layer).attention", .f32, rows: .token, columns: queryColumns)
    let attend = Attention(
      queryColumn: 0, heads: config.heads, layer: kvLayer, scale: 1 / Float(config.headDim).squareRoot(), softcap: 0)
    builder.graph.emit(Attention.opcode, input: rotated, output: mixed) { attend.write(into: $0) }
    let mixedInput = try builder.quantized(
      mixed, "\(layer).attention_q8", for: [output], bits: activations.attentionOutput)
    return try builder.matMul(
      mixedInput, "\(layer).attention_residual", [output], biases: outputBias, residual: hidden)
  }

  private func feedForward(_ builder: GraphBuilder, _ layer: Int, _ hidden: ValueID) throws(PackError) -> ValueID {
    let prefix = names.layer(layer)
    let norm = try builder.vector("\(prefix)\(names.feedForwardNorm).weight", count: config.hidden)
    let gate = try builder.matrix("\(prefix)\(names.gate).weight", rows: config.feedForward, columns: config.hidden)
    let up = try builder.matrix("\(prefix)\(names.up).weight", rows: config.feedForward, columns: config.hidden)
    let down = try builder.matrix("\(prefix)\(names.down).weight", rows: config.hidden, columns: config.feedForward)
    var biases: [TensorID?] = []
    var downBias: [TensorID?] = []
    if config.mlpBias {
      biases = [
        try builder.vector("\(prefix)\(names.gate).bias", count: config.feedForward),
        try builder.vector("\(prefix)\(names.up).bias", count: config.feedForward),
      ]
      downBias = [try builder.vector("\(prefix)\(names.down).bias", count: config.hidden)]
    }
    let normed = try builder.rmsNorm(
      hidden, "\(layer).feed_forward_norm", weight: norm, epsilon: config.epsilon, for: [gate, up],
      bits: activations.feedForwardInput)
    let both = try builder.matMul(normed, "\(layer).gate_up", [gate, up], biases: biases)
    let dtype = try builder.activation(for: [down], activations.feedForwardOutput)
    let product = builder.graph.value("\(layer).silu", dtype, rows: .token, columns: config.feedForward)
    let silu = SiluMul(gateColumn: 0, upColumn: config.feedForward)
    builder.graph.emit(SiluMul.opcode, input: both, output: product) { silu.write(into: $0) }
    return try builder.matMul(product, "\(layer).feed_forward_residual", [down], biases: downBias, residual: hidden)
  }

  private func logits(_ builder: GraphBuilder, _ hidden: ValueID, _ embedding: TensorID) throws(PackError) {
    let norm = try builder.vector(names.norm, count: config.hidden)
    // A checkpoint may store the tied matrix a second time: transformers reads the embedding then.
    if config.tied { builder.ignore(names.output) }
    let output =
      config.tied
      ? embedding : try builder.matrix(names.output, rows: config.vocab, columns: config.hidden)
    let taken = builder.graph.value("output_rows", .f32, rows: .output, columns: config.hidden)
    builder.graph.emit(TakeRows.opcode, input: hidden, output: taken)
    let normed = try builder.rmsNorm(
      taken, "output_norm", weight: norm, epsilon: config.epsilon, for: [output],
      bits: activations.logits)
    let result = try builder.matMul(normed, "logits", [output])
    builder.graph.endEntry(.logits, result: result)
  }
}
