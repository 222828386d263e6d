// SPDX-License-Identifier: Apache-2.0
// Llama and its kin: pre-norm layers of rotary grouped-query attention and a gated SiLU feed-forward.
import ModelFiles

enum Llama: DecoderFamily {
  static let modelTypes = ["llama"]
  static let architectures = ["llama"]

  static func decoder(_ config: JSONFields, modelType: String) throws -> Decoder {
    var decoder = try Decoder(
      config, family: modelType, defaults: Decoder.Defaults(contextMax: 2048), knows: ["attention_bias", "mlp_bias"])
    try Decoder.expectActivation(config, "hidden_act", ["silu"])
    if try config.bool("attention_bias", default: false) {
      (decoder.queryKeyValueBias, decoder.attentionOutputBias) = (.required, .required)
    }
    if try config.bool("mlp_bias", default: false) { decoder.feedForwardBias = .required }
    try decoder.setRope(config)
    return decoder
  }

  /// Mistral's files are of this architecture as well; converters leave the window out, so it counts where it is there.
  static func decoder(_ file: GGUFFile, _ keys: ArchitectureKeys) throws -> Decoder {
    var decoder = try Decoder(file, keys, family: "llama")
    decoder.hasPairedRows = true
    try keys.expect("rope.dimension_count", Double(decoder.headDim))
    (decoder.queryKeyValueBias, decoder.attentionOutputBias) = (.asStored, .asStored)
    decoder.feedForwardBias = .asStored
    decoder.setWindow(try keys.int("attention.sliding_window", default: 0))
    return decoder
  }
}

extension Llama {
  /// By the values of their cards.
  static let published = [
    PublishedModel(
      "Llama 3.2 1B", weights: 1_235_814_400,
      """
      {"model_type": "llama", "vocab_size": 128256, "hidden_size": 2048, "intermediate_size": 8192,
       "num_hidden_layers": 16, "num_attention_heads": 32, "num_key_value_heads": 8,
       "max_position_embeddings": 131072, "head_dim": 64, "rms_norm_eps": 1e-5, "rope_theta": 500000.0,
       "tie_word_embeddings": true, "rope_scaling": {"rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.0,
       "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}}
      """),
    PublishedModel(
      "Llama 3.2 3B", weights: 3_212_749_824,
      """
      {"model_type": "llama", "vocab_size": 128256, "hidden_size": 3072, "intermediate_size": 8192,
       "num_hidden_layers": 28, "num_attention_heads": 24, "num_key_value_heads": 8,
       "max_position_embeddings": 131072, "head_dim": 128, "rms_norm_eps": 1e-5, "rope_theta": 500000.0,
       "tie_word_embeddings": true, "rope_scaling": {"rope_type": "llama3", "factor": 32.0, "low_freq_factor": 1.0,
       "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}}
      """),
    PublishedModel(
      "Llama 3.1 8B", weights: 8_030_261_248,
      """
      {"model_type": "llama", "vocab_size": 128256, "hidden_size": 4096, "intermediate_size": 14336,
       "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
       "max_position_embeddings": 131072, "rms_norm_eps": 1e-5, "rope_theta": 500000.0, "tie_word_embeddings": false,
       "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
       "original_max_position_embeddings": 8192}}
      """),
    PublishedModel(
      "Llama 2 7B", weights: 6_738_415_616,
      """
      {"model_type": "llama", "vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 11008,
       "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32, "max_position_embeddings": 4096,
       "rms_norm_eps": 1e-5, "tie_word_embeddings": false, "rope_scaling": null}
      """),
    PublishedModel(
      "TinyLlama 1.1B", weights: 1_100_048_384,
      """
      {"model_type": "llama", "vocab_size": 32000, "hidden_size": 2048, "intermediate_size": 5632,
       "num_hidden_layers": 22, "num_attention_heads": 32, "num_key_value_heads": 4, "max_position_embeddings": 2048,
       "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "tie_word_embeddings": false}
      """),
    PublishedModel(
      "SmolLM2 135M", weights: 134_515_008,
      """
      {"model_type": "llama", "vocab_size": 49152, "hidden_size": 576, "intermediate_size": 1536,
       "num_hidden_layers": 30, "num_attention_heads": 9, "num_key_value_heads": 3, "max_position_embeddings": 8192,
       "rms_norm_eps": 1e-5, "rope_theta": 100000, "tie_word_embeddings": true}
      """),
    PublishedModel(
      "SmolLM2 360M", weights: 361_821_120,
      """
      {"model_type": "llama", "vocab_size": 49152, "hidden_size": 960, "intermediate_size": 2560,
       "num_hidden_layers": 32, "num_attention_heads": 15, "num_key_value_heads": 5, "max_position_embeddings": 8192,
       "rms_norm_eps": 1e-5, "rope_theta": 100000, "tie_word_embeddings": true}
      """),
    PublishedModel(
      "SmolLM2 1.7B", weights: 1_711_376_384,
      """
      {"model_type": "llama", "vocab_size": 49152, "hidden_size": 2048, "intermediate_size": 8192,
       "num_hidden_layers": 24, "num_attention_heads": 32, "num_key_value_heads": 32, "max_position_embeddings": 8192,
       "rms_norm_eps": 1e-5, "rope_theta": 130000, "tie_word_embeddings": true}
      """),
    PublishedModel(
      "H2O-Danube3 500M", weights: 513_590_784,
      """
      {"model_type": "llama", "vocab_size": 32000, "hidden_size": 1536, "intermediate_size": 4096,
       "num_hidden_layers": 16, "num_attention_heads": 16, "num_key_value_heads": 8, "max_position_embeddings": 8192,
       "head_dim": 96, "rms_norm_eps": 1e-5, "rope_theta": 100000, "tie_word_embeddings": false}
      """),
    PublishedModel(
      "H2O-Danube3 4B", weights: 3_961_839_360,
      """
      {"model_type": "llama", "vocab_size": 32000, "hidden_size": 3840, "intermediate_size": 10240,
       "num_hidden_layers": 24, "num_attention_heads": 32, "num_key_value_heads": 8, "max_position_embeddings": 8192,
       "head_dim": 120, "rms_norm_eps": 1e-5, "rope_theta": 100000, "tie_word_embeddings": false}
      """),
    PublishedModel(
      "Yi 6B", weights: 6_061_035_520,
      """
      {"model_type": "llama", "vocab_size": 64000, "hidden_size": 4096, "intermediate_size": 11008,
       "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 4, "max_position_embeddings": 4096,
       "rms_norm_eps": 1e-5, "rope_theta": 5000000.0, "tie_word_embeddings": false}
      """),
    PublishedModel(
      "DeepSeek LLM 7B", weights: 6_910_365_696,
      """
      {"model_type": "llama", "vocab_size": 102400, "hidden_size": 4096, "intermediate_size": 11008,
       "num_hidden_layers": 30, "num_attention_heads": 32, "num_key_value_heads": 32, "max_position_embeddings": 4096,
       "rms_norm_eps": 1e-6, "rope_theta": 10000.0, "tie_word_embeddings": false}
      """),
  ]
}
