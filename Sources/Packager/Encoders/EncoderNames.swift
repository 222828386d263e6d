// SPDX-License-Identifier: Apache-2.0
// What sources call the tensors of an encoder.

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

  static func bert(_ prefix: String) -> EncoderNames { EncoderNames(prefixes: ["", "\(prefix).", "0.auto_model."]) }

  static let distilBERT = {
    var names = EncoderNames.bert("distilbert")
    (names.query, names.key, names.value) = ("attention.q_lin", "attention.k_lin", "attention.v_lin")
    (names.attentionOutput, names.attentionNorm) = ("attention.out_lin", "sa_layer_norm")
    (names.up, names.down, names.feedForwardNorm) = ("ffn.lin1", "ffn.lin2", "output_layer_norm")
    return names
  }()

  static let mpnet = {
    var names = EncoderNames.bert("mpnet")
    (names.query, names.key, names.value) = ("attention.attn.q", "attention.attn.k", "attention.attn.v")
    (names.attentionOutput, names.attentionNorm) = ("attention.attn.o", "attention.LayerNorm")
    return names
  }()

  static let albert = {
    var names = EncoderNames.bert("albert")
    names.projection = "encoder.embedding_hidden_mapping_in"
    (names.query, names.key, names.value) = ("attention.query", "attention.key", "attention.value")
    (names.attentionOutput, names.attentionNorm) = ("attention.dense", "attention.LayerNorm")
    (names.up, names.down, names.feedForwardNorm) = ("ffn", "ffn_output", "full_layer_layer_norm")
    names.pooler = "pooler"
    return names
  }()

  static let gguf = EncoderNames(
    prefixes: [""], words: "token_embd", positions: "position_embd", types: "token_types",
    embeddingNorm: "token_embd_norm", query: "attn_q", key: "attn_k", value: "attn_v", attentionOutput: "attn_output",
    attentionNorm: "attn_output_norm", up: "ffn_up", down: "ffn_down", feedForwardNorm: "layer_output_norm",
    pooler: "")
}
