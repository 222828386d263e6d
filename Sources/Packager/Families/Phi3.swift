// SPDX-License-Identifier: Apache-2.0
// Phi 3, 3.5 and 4 mini: Llama with query, key and value in one matrix and gate and up in another, a sliding window,
// heads that rotate in part, and long RoPE.
import ModelFiles

enum Phi3: DecoderFamily {
  static let modelTypes = ["phi3"]
  static let architectures = ["phi3"]

  static func decoder(_ config: JSONFields, modelType: String) throws -> Decoder {
    var decoder = try Decoder(
      config, family: modelType, defaults: Decoder.Defaults(contextMax: 4096, epsilon: 1e-5), knows: ["sliding_window"])
    try Decoder.expectActivation(config, "hidden_act", ["silu"])
    decoder.isFused = true
    decoder.setWindow(try config.int("sliding_window", default: 0))
    // The first checkpoints called long RoPE by other names.
    try decoder.setRope(
      config,
      Rotary.Defaults(
        allowsPartial: true, aliases: ["su": "longrope", "yarn": "longrope"], originalContext: 4096))
    return decoder
  }

  /// The window counts: llama.cpp passes over it, the model was trained with it. Files from before the key was written
  /// are of models whose context of 4096 has a window of 2047, or whose window is the context.
  static func decoder(_ file: GGUFFile, _ keys: ArchitectureKeys) throws -> Decoder {
    var decoder = try Decoder(file, keys, family: "phi3")
    decoder.isFused = true
    decoder.setWindow(try keys.int("attention.sliding_window", default: decoder.contextMax == 4096 ? 2047 : 0))
    return decoder
  }
}

extension Phi3 {
  /// In the place of a card's 48 factors.
  private static let factors = "[" + [String](repeating: "1.0", count: 48).joined(separator: ", ") + "]"

  /// By the values of their cards, but for the factors of long RoPE.
  static let published = [
    PublishedModel(
      "Phi-3-mini 4k", weights: 3_821_079_552,
      """
      {"model_type": "phi3", "vocab_size": 32064, "hidden_size": 3072, "intermediate_size": 8192,
       "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32, "max_position_embeddings": 4096,
       "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "tie_word_embeddings": false,
       "original_max_position_embeddings": 4096, "sliding_window": 2047, "rope_scaling": null}
      """),
    PublishedModel(
      "Phi-3-mini 128k", weights: 3_821_079_552,
      """
      {"model_type": "phi3", "vocab_size": 32064, "hidden_size": 3072, "intermediate_size": 8192,
       "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32,
       "max_position_embeddings": 131072, "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "tie_word_embeddings": false,
       "original_max_position_embeddings": 4096, "sliding_window": 262144, "rope_scaling": {"type": "longrope",
       "short_factor": \(factors), "long_factor": \(factors)}}
      """),
    PublishedModel(
      "Phi-3.5-mini", weights: 3_821_079_552,
      """
      {"model_type": "phi3", "vocab_size": 32064, "hidden_size": 3072, "intermediate_size": 8192,
       "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 32,
       "max_position_embeddings": 131072, "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "tie_word_embeddings": false,
       "original_max_position_embeddings": 4096, "sliding_window": 262144, "rope_scaling": {"type": "longrope",
       "short_factor": \(factors), "long_factor": \(factors)}}
      """),
    PublishedModel(
      "Phi-4-mini", weights: 3_836_021_760,
      """
      {"model_type": "phi3", "vocab_size": 200064, "hidden_size": 3072, "intermediate_size": 8192,
       "num_hidden_layers": 32, "num_attention_heads": 24, "num_key_value_heads": 8,
       "max_position_embeddings": 131072, "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "tie_word_embeddings": true,
       "original_max_position_embeddings": 4096, "sliding_window": 262144, "partial_rotary_factor": 0.75,
       "rope_scaling": {"type": "longrope", "short_factor": \(factors), "long_factor": \(factors)}}
      """),
  ]
}
