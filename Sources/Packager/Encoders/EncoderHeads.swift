// SPDX-License-Identifier: Apache-2.0
// What stands behind the last layer of an encoder: labels of a text or of its tokens, answers, masked words, poolers.
import Format
import ModelFiles
import Ops

struct EncoderHeads {
  let encoder: Encoder
  let builder: GraphBuilder
  let bits: ActivationBits
  let prefix: String

  private var pooler: String { "\(prefix)\(encoder.names.pooler)" }

  /// Appends the entries of the head that the encoder has.
  func append(_ hidden: ValueID, words: TensorID) throws(PackError) {
    switch encoder.head {
    case .none:
      if !encoder.names.pooler.isEmpty, builder.has("\(pooler).weight") {
        let pooled = try pooled(hidden, "pooler", pooler, .tanh)
        builder.graph.endEntry(.poolerOutput, result: pooled)
      } else if case .firstToken = encoder.sequenceHead {  // a pooler without weights
        builder.graph.endEntry(.poolerOutput, result: builder.pool(hidden, "pooler", .first))
      }
      embedding(hidden)
    case .sequenceClassification: try sequenceLogits(hidden)
    case .tokenClassification:
      ignorePooler()
      let logits = try builder.linear(hidden, "token_logits", "classifier", rows: encoder.labelCount, bits: bits)
      builder.graph.endEntry(.tokenLogits, result: logits)
    case .questionAnswering:
      ignorePooler()
      let logits = try builder.linear(hidden, "span_logits", "qa_outputs", rows: 2, bits: bits)
      builder.graph.endEntry(.tokenLogits, result: logits)
    case .maskedLanguageModel: try maskLogits(hidden, words: words)
    }
  }

  /// Checkpoints carry a pooler that their head does not use.
  func ignorePooler() {
    for name in ["weight", "bias"] { builder.ignore("\(pooler).\(name)") }
  }

  /// `f(W·x + b)` of the first token of each text.
  private func pooled(
    _ hidden: ValueID, _ name: String, _ tensor: String, _ function: Apply.Function
  ) throws(PackError) -> ValueID {
    let first = builder.pool(hidden, "\(name)_first", .first)
    let dense = try builder.linear(first, "\(name)_dense", tensor, rows: encoder.hidden, bits: bits)
    return try builder.apply(dense, name, function)
  }

  private func embedding(_ hidden: ValueID) {
    guard let pooling = encoder.pooling else { return }
    var vector = builder.pool(hidden, "pooled", pooling.mode)
    if pooling.isUnit { vector = builder.normalize(vector, "embedding") }
    builder.graph.endEntry(.embedding, result: vector)
  }

  private func sequenceLogits(_ hidden: ValueID) throws(PackError) {
    let pooled: ValueID
    var classifier = "classifier"
    switch encoder.sequenceHead {
    case .pooler: pooled = try self.pooled(hidden, "pooler", pooler, .tanh)
    case .firstToken: pooled = builder.pool(hidden, "first_token", .first)
    case .preClassifier(let function): pooled = try self.pooled(hidden, "pre_classifier", "pre_classifier", function)
    case .dense(let function):
      ignorePooler()
      pooled = try self.pooled(hidden, "classifier_dense", "classifier.dense", function)
      classifier = "classifier.out_proj"
    }
    let logits = try builder.linear(pooled, "sequence_logits", classifier, rows: encoder.labelCount, bits: bits)
    builder.graph.endEntry(.sequenceLogits, result: logits)
  }
}
