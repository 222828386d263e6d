// SPDX-License-Identifier: Apache-2.0
// Qwen 2 and 2.5: Llama with biases on queries, keys and values; a sliding window over the upper layers, where it is
// asked for.
import ModelFiles

enum Qwen2: DecoderFamily {
  static let modelTypes = ["qwen2"]
  static let architectures = ["qwen2"]

  static func decoder(_ config: JSONFields, modelType: String) throws -> Decoder {
    var decoder = try Decoder(
      config, family: modelType, defaults: Decoder.Defaults(contextMax: 32_768, kvHeads: 32), knows: windowKeys)
    try Decoder.expectActivation(config, "hidden_act", ["silu"])
    decoder.queryKeyValueBias = .required
    try setWindows(&decoder, config)
    try decoder.setRope(config)
    return decoder
  }

  static func decoder(_ file: GGUFFile, _ keys: ArchitectureKeys) throws -> Decoder {
    var decoder = try Decoder(file, keys, family: "qwen2")
    decoder.queryKeyValueBias = .required
    return decoder
  }

  static let windowKeys: Set<String> = ["sliding_window", "layer_types"]

  /// `sliding_window` counts with `use_sliding_window` alone: then for the layers that `layer_types` names, or for
  /// those from `max_window_layers` on.
  static func setWindows(_ decoder: inout Decoder, _ config: JSONFields) throws {
    let isUsed = try config.bool("use_sliding_window", default: false)
    let window = config.isMissing("sliding_window") ? 4096 : try config.intIfPresent("sliding_window")
    let fullCount = try config.int("max_window_layers", default: 28)
    let named = try decoder.windowedLayers(config)
    guard isUsed, let window else {
      guard named?.contains(true) != true else {
        throw PackError.badSetting(
          key: "layer_types", found: "sliding_attention", expected: "full_attention without a window that is used")
      }
      return
    }
    decoder.setWindow(window) { named?[$0] ?? ($0 >= fullCount) }
  }
}

extension Qwen2 {
  /// By the values of their cards.
  static let published = [
    PublishedModel(
      "Qwen2.5 0.5B", weights: 494_032_768,
      """
      {"model_type": "qwen2", "vocab_size": 151936, "hidden_size": 896, "intermediate_size": 4864,
       "num_hidden_layers": 24, "num_attention_heads": 14, "num_key_value_heads": 2, "max_position_embeddings": 32768,
       "rms_norm_eps": 1e-6, "rope_theta": 1000000.0, "tie_word_embeddings": true, "use_sliding_window": false,
       "sliding_window": 32768, "max_window_layers": 21}
      """),
    PublishedModel(
      "Qwen2.5 1.5B", weights: 1_543_714_304,
      """
      {"model_type": "qwen2", "vocab_size": 151936, "hidden_size": 1536, "intermediate_size": 8960,
       "num_hidden_layers": 28, "num_attention_heads": 12, "num_key_value_heads": 2, "max_position_embeddings": 32768,
       "rms_norm_eps": 1e-6, "rope_theta": 1000000.0, "tie_word_embeddings": true, "use_sliding_window": false,
       "sliding_window": 32768, "max_window_layers": 21}
      """),
  ]
}
