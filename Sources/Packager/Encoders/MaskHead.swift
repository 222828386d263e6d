// SPDX-License-Identifier: Apache-2.0
// The head of a masked language model: a dense layer, a function, a norm, then the vocabulary, whose matrix is mostly
// that of the embedding.
import Format
import ModelFiles
import Ops

extension EncoderHeads {
  /// Appends the entry that gives the vocabulary's logits for some tokens.
  func maskLogits(_ hidden: ValueID, words: TensorID) throws(PackError) {
    let names = encoder.names.mask
    ignorePooler()
    for name in names.others {
      for part in ["weight", "bias"] { builder.ignore("\(name).\(part)") }
    }
    let taken = builder.graph.value("mask_rows", .f32, rows: .output, columns: encoder.hidden)
    builder.graph.emit(TakeRows.opcode, input: hidden, output: taken)
    let rows = names.besides.isEmpty ? encoder.embeddingSize : encoder.hidden
    let dense = try builder.linear(taken, "mask_dense", names.dense, rows: rows, bits: bits)
    let active = try builder.apply(dense, "mask_active", names.function ?? encoder.function)
    let normed = try builder.layerNorm(active, "mask_norm", names.norm, epsilon: encoder.epsilon)
    var matrix = words
    if !names.besides.isEmpty {
      let own = encoder.isTied ? "\(prefix)\(encoder.names.words).weight" : "\(names.output).weight"
      matrix = try besideMatrix(own, "\(names.besides).weight")
      builder.ignore("\(names.output).weight")
    } else if encoder.isTied {
      builder.ignore("\(names.output).weight")
    } else {
      matrix = try builder.matrix("\(names.output).weight", rows: encoder.vocab, columns: encoder.embeddingSize)
    }
    let read = try builder.quantized(normed, "mask_input", for: [matrix], bits: bits)
    let logits = try builder.matMul(read, "mask_logits", [matrix], biases: [try maskBias(names)])
    builder.graph.endEntry(.maskLogits, result: logits)
  }

  /// MobileBERT's: the embedding, which is narrower than the rows, and a matrix of its own for the other columns.
  private func besideMatrix(_ words: String, _ others: String) throws(PackError) -> TensorID {
    let because = "a \(encoder.family) model has it"
    let left = try builder.info(words, [encoder.vocab, encoder.embeddingSize], because: because)
    let right = try builder.info(others, [encoder.hidden - encoder.embeddingSize, encoder.vocab], because: because)
    for info in [left, right] where ![.F32, .F16, .BF16].contains(info.type) || info.type != left.type {
      throw .unsupportedType(tensor: info.name, type: info.type.name)
    }
    let info = TensorInfo(left, besideColumnsOf: right)
    let format = try builder.policy.format(of: info)
    let record = Tensor(format: format, isPlain: false, rows: encoder.vocab, columns: encoder.hidden)
    return builder.graph.add(
      GraphTensor(name: "\(words) beside \(others)", record: record, content: .beside(left, columnsOf: right)))
  }

  /// Checkpoints hold it under one name, or under both.
  func maskBias(_ names: MaskNames) throws(PackError) -> TensorID {
    let name = names.biases.first { builder.has($0) } ?? names.biases[0]
    for other in names.biases { builder.ignore(other) }
    return try builder.vector(name, count: encoder.vocab)
  }
}
