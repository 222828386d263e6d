// SPDX-License-Identifier: Apache-2.0
// Qwen 3: norms over each head of queries and keys, heads of any width, no biases as published.
import ModelFiles

enum Qwen3: DecoderFamily {
  static let modelTypes = ["qwen3"]
  static let architectures = ["qwen3"]

  static func decoder(_ config: JSONFields, modelType: String) throws -> Decoder {
    var decoder = try Decoder(
      config, family: modelType, defaults: Decoder.Defaults(contextMax: 32_768, kvHeads: 32, headDim: 128),
      knows: Qwen2.windowKeys.union(["attention_bias"]))
    try Decoder.expectActivation(config, "hidden_act", ["silu"])
    if try config.bool("attention_bias", default: false) {
      (decoder.queryKeyValueBias, decoder.attentionOutputBias) = (.required, .required)
    }
    decoder.hasQueryKeyNorms = true
    try Qwen2.setWindows(&decoder, config)
    try decoder.setRope(config)
    return decoder
  }

  static func decoder(_ file: GGUFFile, _ keys: ArchitectureKeys) throws -> Decoder {
    var decoder = try Decoder(file, keys, family: "qwen3")
    decoder.hasQueryKeyNorms = true
    (decoder.queryKeyValueBias, decoder.attentionOutputBias) = (.asStored, .asStored)
    return decoder
  }
}

extension Qwen3 {
  /// By the values of their cards.
  static let published = [
    PublishedModel(
      "Qwen3 0.6B", weights: 596_049_920,
      """
      {"model_type": "qwen3", "vocab_size": 151936, "hidden_size": 1024, "intermediate_size": 3072,
       "num_hidden_layers": 28, "num_attention_heads": 16, "num_key_value_heads": 8, "max_position_embeddings": 40960,
       "head_dim": 128, "rms_norm_eps": 1e-6, "rope_theta": 1000000, "tie_word_embeddings": true,
       "use_sliding_window": false, "sliding_window": null, "max_window_layers": 28}
      """),
    PublishedModel(
      "Qwen3 4B", weights: 4_022_468_096,
      """
      {"model_type": "qwen3", "vocab_size": 151936, "hidden_size": 2560, "intermediate_size": 9728,
       "num_hidden_layers": 36, "num_attention_heads": 32, "num_key_value_heads": 8, "max_position_embeddings": 40960,
       "head_dim": 128, "rms_norm_eps": 1e-6, "rope_theta": 1000000, "tie_word_embeddings": true,
       "use_sliding_window": false, "sliding_window": null, "max_window_layers": 36}
      """),
  ]
}
