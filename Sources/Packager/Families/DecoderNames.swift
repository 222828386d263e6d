// SPDX-License-Identifier: Apache-2.0
// What the two kinds of source call the tensors of a decoder.

/// The tensor names of a source; those of a layer without its prefix and without `.weight`.
struct DecoderNames: Sendable {
  var embedding: String
  var norm: String
  var output: String
  /// "model.layers.3." or "blk.3."
  var layer: @Sendable (Int) -> String
  var attentionNorm: String
  var query: String
  var key: String
  var value: String
  /// Query, key and value, rows one after the other.
  var queryKeyValue: String
  var queryNorm: String
  var keyNorm: String
  var attentionOutput: String
  /// After attention, where a family has norms on both sides.
  var attentionPostNorm: String
  var feedForwardNorm: String
  var gate: String
  var up: String
  /// Gate and up, rows one after the other.
  var gateUp: String
  var down: String
  var feedForwardPostNorm: String

  static let checkpoint = DecoderNames(
    embedding: "model.embed_tokens.weight", norm: "model.norm.weight", output: "lm_head.weight",
    layer: { "model.layers.\($0)." }, attentionNorm: "input_layernorm", query: "self_attn.q_proj",
    key: "self_attn.k_proj", value: "self_attn.v_proj", queryKeyValue: "self_attn.qkv_proj",
    queryNorm: "self_attn.q_norm", keyNorm: "self_attn.k_norm", attentionOutput: "self_attn.o_proj",
    attentionPostNorm: "post_attention_layernorm", feedForwardNorm: "post_attention_layernorm",
    gate: "mlp.gate_proj", up: "mlp.up_proj", gateUp: "mlp.gate_up_proj", down: "mlp.down_proj",
    feedForwardPostNorm: "post_feedforward_layernorm")

  /// Gemma's: the norm after attention has the name that other families give to the norm before the feed-forward.
  static let gemmaCheckpoint = {
    var names = checkpoint
    names.feedForwardNorm = "pre_feedforward_layernorm"
    return names
  }()

  static let gguf = DecoderNames(
    embedding: "token_embd.weight", norm: "output_norm.weight", output: "output.weight", layer: { "blk.\($0)." },
    attentionNorm: "attn_norm", query: "attn_q", key: "attn_k", value: "attn_v", queryKeyValue: "attn_qkv",
    queryNorm: "attn_q_norm", keyNorm: "attn_k_norm", attentionOutput: "attn_output",
    attentionPostNorm: "post_attention_norm", feedForwardNorm: "ffn_norm", gate: "ffn_gate", up: "ffn_up",
    gateUp: "ffn_up", down: "ffn_down", feedForwardPostNorm: "post_ffw_norm")
}
