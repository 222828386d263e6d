// SPDX-License-Identifier: Apache-2.0
// The graph of an encoder–decoder: `step` and `logits` are the decoder, `encode` the encoder and, for every layer of
// the decoder, the keys and values of the source.
import Foundation
import Format
import ModelFiles
import Ops

/// Turns an ``EncoderDecoder`` and the tensors of its source into a graph.
struct EncoderDecoderGraph {
  let model: EncoderDecoder
  let builder: GraphBuilder
  let bits: ActivationPolicy

  /// The finished graph; every tensor of the source has found its place then.
  static func build(
    _ model: EncoderDecoder, _ source: any TensorSource, policy: WeightPolicy, activations: ActivationChoice?,
    invented: ElementType? = nil
  ) throws(PackError) -> Graph {
    try model.check()
    let builder = GraphBuilder(source: source, policy: policy, family: model.family, invented: invented)
    let bits = activations == nil ? model.activations : ActivationPolicy(activations)
    return try EncoderDecoderGraph(model: model, builder: builder, bits: bits).build()
  }

  /// KV layers: the decoder's own, then those of the source, then the one that all layers of the encoder share.
  private func build() throws(PackError) -> Graph {
    let (encoder, decoder) = (model.encoder, model.decoder)
    builder.graph.contextMax = model.contextMax
    builder.graph.vocab = model.vocab
    func layer(_ stack: EncoderDecoder.Stack, _ span: KVLayer.Span) -> KVLayer {
      KVLayer(headCount: stack.heads, headDim: stack.headDim, window: 0, span: span)
    }
    builder.graph.kvLayers =
      Array(repeating: layer(decoder, .sequence), count: decoder.layerCount)
      + Array(repeating: layer(decoder, .source), count: decoder.layerCount)
      + [layer(encoder, .call)]
    for name in model.ignored { builder.ignore(name) }
    let words = try words(model.decoderWords)
    var hidden = try embedding(words, "decoder")
    for index in 0..<decoder.layerCount {
      hidden = try selfAttention(index, hidden, decoder, "decoder", kvLayer: index, isBidirectional: false)
      hidden = try crossAttention(index, hidden)
      hidden = try feedForward(index, hidden, decoder, "decoder")
    }
    builder.graph.endEntry(.step, result: hidden)
    try logits(hidden, words)
    try encode()
    return try builder.finish()
  }

  private func encode() throws(PackError) {
    let (encoder, decoder) = (model.encoder, model.decoder)
    var hidden = try embedding(try words(model.encoderWords), "encoder")
    for index in 0..<encoder.layerCount {
      hidden = try selfAttention(
        index, hidden, encoder, "encoder", kvLayer: 2 * decoder.layerCount, isBidirectional: true)
      hidden = try feedForward(index, hidden, encoder, "encoder")
    }
    if !encoder.names.finalNorm.isEmpty {
      let weight = try builder.vector("\(encoder.names.finalNorm).weight", count: model.hidden)
      hidden = builder.rmsNorm(hidden, "encoder.final_norm", weight: weight, epsilon: model.epsilon)
    }
    let columns = decoder.columns
    var sides: [[Linear]] = []
    for index in 0..<decoder.layerCount {
      let names = decoder.names.crossAttention
      sides.append(
        try [names.key, names.value].map { name throws(PackError) in
          try projection("\(decoder.names.prefix(index))\(name)", rows: columns, columns: model.hidden)
        })
    }
    let read = try builder.quantized(
      hidden, "encoder.output", for: sides.flatMap { $0.map(\.matrix) }, bits: bits.attentionInput)
    for index in 0..<decoder.layerCount {
      let both = try builder.matMul(
        read, "decoder.\(index).source", sides[index].map(\.matrix), biases: sides[index].map(\.bias))
      let append = KVAppend(keyColumn: 0, valueColumn: columns, layer: decoder.layerCount + index)
      builder.graph.emit(KVAppend.opcode, input: both) { append.write(into: $0) }
    }
    builder.graph.endEntry(.encode, result: hidden)
  }

  // MARK: Ends

  /// The embedding of a stack: its own where one is stored, else the shared one under the first of its names. Copies of
  /// the shared one are not packed.
  private func words(_ own: String) throws(PackError) -> TensorID {
    let shared = model.sharedNames.first { builder.has($0) } ?? model.sharedNames.first ?? own
    let isCopy = try builder.isCopy(own, of: shared)
    return try builder.matrix(builder.has(own) && !isCopy ? own : shared, rows: model.vocab, columns: model.hidden)
  }

  private func embedding(_ words: TensorID, _ stack: String) throws(PackError) -> ValueID {
    let x = builder.graph.value("\(stack).embedding", .f32, rows: .token, columns: model.hidden)
    let embed = Embed(table: words, scale: model.embeddingScale)
    builder.graph.emit(Embed.opcode, output: x) { embed.write(into: $0) }
    guard model.positions == .sinusoidal else { return x }
    // Later checkpoints leave the table out; where it is stored it is what counts.
    let stored = "model.\(stack).embed_positions.weight"
    let table =
      builder.has(stored)
      ? try builder.matrix(stored, rows: model.contextMax, columns: model.hidden, isKept: true)
      : builder.sinusoids(rows: model.contextMax, columns: model.hidden)
    return builder.addEmbedding(x, "\(stack).positions", AddEmbedding(table: table, index: .position))
  }

  private func logits(_ hidden: ValueID, _ words: TensorID) throws(PackError) {
    let shared = model.sharedNames.first { builder.has($0) }
    let isCopy = try shared.map { name throws(PackError) in try builder.isCopy(model.output, of: name) } ?? false
    if isCopy { builder.ignore(model.output) }
    let isStored = builder.invented == nil ? builder.has(model.output) : !model.isTied
    let isOwn = !model.output.isEmpty && !isCopy && isStored
    let output = isOwn ? try builder.matrix(model.output, rows: model.vocab, columns: model.hidden) : words
    let last = builder.graph.value("last", .f32, rows: .output, columns: model.hidden)
    builder.graph.emit(TakeRows.opcode, input: hidden, output: last)
    var read = last
    if model.decoder.names.finalNorm.isEmpty {
      read = try builder.quantized(last, "logits_input", for: [output], bits: bits.logits)
    } else {
      let weight = try builder.vector(
        "\(model.decoder.names.finalNorm).weight", count: model.hidden, scale: model.outputScale)
      read = try builder.rmsNorm(
        last, "decoder.final_norm", weight: weight, epsilon: model.epsilon, for: [output], bits: bits.logits)
    }
    let bias: TensorID? =
      model.outputBias.isEmpty || builder.invented == nil && !builder.has(model.outputBias)
      ? nil : try builder.vector(model.outputBias, count: model.vocab, shape: [1, model.vocab])
    let logits = try builder.matMul(read, "logits", [output], biases: [bias])
    builder.graph.endEntry(.logits, result: logits)
  }

  // MARK: Blocks

  private func projection(_ name: String, rows: Int, columns: Int) throws(PackError) -> Linear {
    try builder.projection(name, rows: rows, columns: columns, hasBias: model.hasBiases)
  }

  /// What a block's matrices read: the normed row, or the row.
  private func input(
    _ x: ValueID, _ name: String, norm: String, for consumers: [Linear], bits: ActivationBits
  ) throws(PackError) -> ValueID {
    let matrices = consumers.map(\.matrix)
    if model.norm == .layerBehind { return try builder.quantized(x, "\(name)_input", for: matrices, bits: bits) }
    let weight = try builder.vector("\(norm).weight", count: model.hidden)
    return try builder.rmsNorm(
      x, "\(name)_norm", weight: weight, epsilon: model.epsilon, for: matrices, bits: bits)
  }

  /// `x + W·y`, normed where the family does so behind the sum.
  private func output(
    _ y: ValueID, _ name: String, _ projection: Linear, norm: String, to x: ValueID
  ) throws(PackError) -> ValueID {
    let sum = try builder.matMul(y, "\(name)_sum", [projection.matrix], biases: [projection.bias], residual: x)
    if model.norm == .rmsBefore { return sum }
    return try builder.layerNorm(sum, "\(name)_norm", norm, epsilon: model.epsilon)
  }

  private func selfAttention(
    _ index: Int, _ x: ValueID, _ stack: EncoderDecoder.Stack, _ stackName: String, kvLayer: Int, isBidirectional: Bool
  ) throws(PackError) -> ValueID {
    let (names, prefix) = (stack.names.selfAttention, stack.names.prefix(index))
    let (name, columns) = ("\(stackName).\(index).attention", stack.columns)
    let inputs = try [names.query, names.key, names.value].map { name throws(PackError) in
      try projection("\(prefix)\(name)", rows: columns, columns: model.hidden)
    }
    let read = try input(x, name, norm: prefix + names.norm, for: inputs, bits: bits.attentionInput)
    let qkv = try builder.matMul(
      read, "\(stackName).\(index).qkv", inputs.map(\.matrix), biases: inputs.map(\.bias))
    let append = KVAppend(keyColumn: columns, valueColumn: 2 * columns, layer: kvLayer)
    builder.graph.emit(KVAppend.opcode, input: qkv) { append.write(into: $0) }
    var bias = Value.none
    if let relative = stack.relativeBias {
      let prefix = stack.names.prefix(stack.hasBiasInEachLayer ? index : 0)
      let tensor = "\(prefix)layer.0.\(relative.tensor)"
      let info = try builder.info(
        tensor, [relative.bucketCount, stack.heads], because: "a \(model.family) model has it")
      bias = try builder.relativeTable(
        tensor, info, relative, heads: stack.heads, contextMax: model.contextMax, isBidirectional: isBidirectional)
    }
    return try attend(qkv, x, name, names, prefix, stack, kvLayer: kvLayer, bias: bias)
  }

  private func crossAttention(_ index: Int, _ x: ValueID) throws(PackError) -> ValueID {
    let (stack, name) = (model.decoder, "decoder.\(index).cross")
    let (names, prefix) = (stack.names.crossAttention, stack.names.prefix(index))
    let query = try projection("\(prefix)\(names.query)", rows: stack.columns, columns: model.hidden)
    let read = try input(x, name, norm: prefix + names.norm, for: [query], bits: bits.attentionInput)
    let queries = try builder.matMul(read, "\(name)_query", [query.matrix], biases: [query.bias])
    return try attend(queries, x, name, names, prefix, stack, kvLayer: stack.layerCount + index)
  }

  /// Attention of the queries that `row` begins with, its output matrix, the sum with `x`.
  private func attend(
    _ row: ValueID, _ x: ValueID, _ name: String, _ names: StackNames.Attention, _ prefix: String,
    _ stack: EncoderDecoder.Stack, kvLayer: Int, bias: TensorID = Value.none
  ) throws(PackError) -> ValueID {
    let columns = stack.columns
    let mixed = builder.graph.value(name, .f32, rows: .token, columns: columns)
    let op = Attention(queryColumn: 0, heads: stack.heads, layer: kvLayer, scale: stack.scale, bias: bias)
    builder.graph.emit(Attention.opcode, input: row, output: mixed) { op.write(into: $0) }
    let output = try projection("\(prefix)\(names.output)", rows: model.hidden, columns: columns)
    let read = try builder.quantized(mixed, "\(name)_q8", for: [output.matrix], bits: bits.attentionOutput)
    return try self.output(read, name, output, norm: prefix + names.norm, to: x)
  }

  private func feedForward(
    _ index: Int, _ x: ValueID, _ stack: EncoderDecoder.Stack, _ stackName: String
  ) throws(PackError) -> ValueID {
    let (names, prefix) = (stack.names, stack.names.prefix(index))
    let (name, rows) = ("\(stackName).\(index).feed_forward", stack.feedForward)
    let inputs = try (model.isGated ? [names.gate, names.up] : [names.up]).map { name throws(PackError) in
      try projection("\(prefix)\(name)", rows: rows, columns: model.hidden)
    }
    let down = try projection("\(prefix)\(names.down)", rows: model.hidden, columns: rows)
    let read = try input(x, name, norm: prefix + names.feedForwardNorm, for: inputs, bits: bits.feedForwardInput)
    let up = try builder.matMul(read, "\(stackName).\(index).up", inputs.map(\.matrix), biases: inputs.map(\.bias))
    let active: ValueID
    if model.isGated {
      let dtype = try builder.activation(for: [down.matrix], bits.feedForwardOutput)
      active = builder.graph.value("\(stackName).\(index).active", dtype, rows: .token, columns: rows)
      let op = GatedMul(gateColumn: 0, upColumn: rows)
      builder.graph.emit(model.function == .silu ? SiluMul.opcode : GeluMul.opcode, input: up, output: active) {
        op.write(into: $0)
      }
    } else {
      active = try builder.apply(
        up, "\(stackName).\(index).active", model.function, for: [down.matrix], bits: bits.feedForwardOutput)
    }
    return try output(active, name, down, norm: prefix + names.feedForwardNorm, to: x)
  }
}

extension GraphBuilder {
  /// Whether both tensors are there, and have the same bytes.
  func isCopy(_ name: String, of other: String) throws(PackError) -> Bool {
    guard let first = source.tensor(named: name), let second = source.tensor(named: other), first.type == second.type,
      first.shape == second.shape
    else { return false }
    do {
      let step = 256
      for start in stride(from: 0, to: first.rowCount, by: step) {
        let rows = start..<min(start + step, first.rowCount)
        let parts = try [first, second].map { info in
          var bytes = [UInt8](repeating: 0, count: rows.count * info.rowByteCount)
          try bytes.withUnsafeMutableBytes { try source.read(info, rows: rows, into: $0) }
          return bytes
        }
        if parts[0] != parts[1] { return false }
      }
      return true
    } catch { throw .unreadable(path: source.path, reason: "\(error)") }
  }

  /// Positions as Marian makes them (Vaswani et al. 2017, §3.5, the halves apart): column j < d/2 is
  /// sin(p·10000^(−2j/d)), column d/2 + j its cosine; in panels.
  func sinusoids(rows: Int, columns: Int) -> TensorID {
    let panelCount = WeightFormat.f32.panelByteCount(columns: columns) / 4
    var values = [Float](repeating: 0, count: (rows + 15) / 16 * panelCount)
    // As numpy does: the sines take the even exponents, d odd has one more of them than cosines.
    let sines = (columns + 1) / 2
    for row in 0..<rows {
      for column in 0..<columns {
        let pair = column < sines ? column : column - sines
        let angle = Double(row) / pow(10000, Double(2 * pair) / Double(columns))
        // A panel: column k of row r is element 16·k + r.
        values[row / 16 * panelCount + 16 * column + row % 16] = Float(column < sines ? sin(angle) : cos(angle))
      }
    }
    return panelTable("positions", rows: rows, columns: columns, values)
  }
}
