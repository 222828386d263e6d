// SPDX-License-Identifier: Apache-2.0
// The head of a masked language model: a dense layer, a function, a norm, then the vocabulary, whose matrix is mostly
// that of the embedding.
import CKernels
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
    let dense = try builder.linear(taken, "mask_dense", names.dense, rows: encoder.embeddingSize, bits: bits)
    let active = try builder.apply(dense, "mask_active", names.function ?? encoder.function)
    let normed = try builder.layerNorm(active, "mask_norm", names.norm, epsilon: encoder.epsilon)
    var matrix = words
    if encoder.isTied {
      builder.ignore("\(names.output).weight")
    } else {
      matrix = try builder.matrix("\(names.output).weight", rows: encoder.vocab, columns: encoder.embeddingSize)
    }
    let read = try builder.quantized(normed, "mask_input", for: [matrix], bits: bits)
    let logits = try builder.matMul(read, "mask_logits", [matrix], biases: [try maskBias(names)])
    builder.graph.endEntry(.maskLogits, result: logits)
  }

  /// Checkpoints hold it under one name, or under both.
  func maskBias(_ names: MaskNames) throws(PackError) -> TensorID {
    let name = names.biases.first { builder.has($0) } ?? names.biases[0]
    for other in names.biases { builder.ignore(other) }
    return try builder.vector(name, count: encoder.vocab)
  }
}
