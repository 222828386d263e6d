// SPDX-License-Identifier: Apache-2.0
// What sources call the tensors of an encoder.
import Ops

/// What the tensors of a masked language model's head are called.
struct MaskNames: Sendable {
  var dense: String
  var norm: String
  /// The vocabulary's matrix, where it is not that of the embedding.
  var output: String
  /// Of the vocabulary: two names for one, of which either may be there.
  var biases: [String]
  /// Heads of other tasks that a pre-trained checkpoint brings along.
  var others: [String] = []
  /// A matrix whose columns go behind the rows of the embedding; empty: none.
  var besides = ""
  /// nil: the layers' own.
  var function: Apply.Function?

  static let bert = MaskNames(
    dense: "cls.predictions.transform.dense", norm: "cls.predictions.transform.LayerNorm",
    output: "cls.predictions.decoder", biases: ["cls.predictions.bias", "cls.predictions.decoder.bias"],
    others: ["cls.seq_relationship"])

  static let roberta = MaskNames(
    dense: "lm_head.dense", norm: "lm_head.layer_norm", output: "lm_head.decoder",
    biases: ["lm_head.bias", "lm_head.decoder.bias"], function: .geluErf)

  static let electra = MaskNames(
    dense: "generator_predictions.dense", norm: "generator_predictions.LayerNorm", output: "generator_lm_head",
    biases: ["generator_lm_head.bias"], function: .geluErf)
}

/// The tensor names of a source, without `.weight`; those of a layer without its prefix.
struct EncoderNames: Sendable {
  /// Before all names of the base model: found out from what is there.
  var prefixes: [String]
  var words = "embeddings.word_embeddings"
  var positions = "embeddings.position_embeddings"
  var types = "embeddings.token_type_embeddings"
  var embeddingNorm = "embeddings.LayerNorm"
  /// From the width of the embedding to that of the layers.
  var projection = ""
  var query = "attention.self.query"
  var key = "attention.self.key"
  var value = "attention.self.value"
  var attentionOutput = "attention.output.dense"
  var attentionNorm = "attention.output.LayerNorm"
  var up = "intermediate.dense"
  var down = "output.dense"
  var feedForwardNorm = "output.LayerNorm"
  var pooler = "pooler.dense"
  var mask = MaskNames.bert

  static func bert(_ prefix: String) -> EncoderNames { EncoderNames(prefixes: ["", "\(prefix).", "0.auto_model."]) }

  static let distilBERT = {
    var names = EncoderNames.bert("distilbert")
    (names.query, names.key, names.value) = ("attention.q_lin", "attention.k_lin", "attention.v_lin")
    (names.attentionOutput, names.attentionNorm) = ("attention.out_lin", "sa_layer_norm")
    (names.up, names.down, names.feedForwardNorm) = ("ffn.lin1", "ffn.lin2", "output_layer_norm")
    names.mask = MaskNames(
      dense: "vocab_transform", norm: "vocab_layer_norm", output: "vocab_projector", biases: ["vocab_projector.bias"])
    return names
  }()

  static let mpnet = {
    var names = EncoderNames.bert("mpnet")
    (names.query, names.key, names.value) = ("attention.attn.q", "attention.attn.k", "attention.attn.v")
    (names.attentionOutput, names.attentionNorm) = ("attention.attn.o", "attention.LayerNorm")
    names.mask = .roberta
    return names
  }()

  static let albert = {
    var names = EncoderNames.bert("albert")
    names.projection = "encoder.embedding_hidden_mapping_in"
    (names.query, names.key, names.value) = ("attention.query", "attention.key", "attention.value")
    (names.attentionOutput, names.attentionNorm) = ("attention.dense", "attention.LayerNorm")
    (names.up, names.down, names.feedForwardNorm) = ("ffn", "ffn_output", "full_layer_layer_norm")
    names.pooler = "pooler"
    names.mask = MaskNames(
      dense: "predictions.dense", norm: "predictions.LayerNorm", output: "predictions.decoder",
      biases: ["predictions.bias", "predictions.decoder.bias"], others: ["sop_classifier.classifier"])
    return names
  }()

  static let gguf = EncoderNames(
    prefixes: [""], words: "token_embd", positions: "position_embd", types: "token_types",
    embeddingNorm: "token_embd_norm", query: "attn_q", key: "attn_k", value: "attn_v", attentionOutput: "attn_output",
    attentionNorm: "attn_output_norm", up: "ffn_up", down: "ffn_down", feedForwardNorm: "layer_output_norm",
    pooler: "")
}
