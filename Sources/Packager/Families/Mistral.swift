// SPDX-License-Identifier: Apache-2.0
// Mistral: Llama with heads of any width and a sliding window over all layers, or none. H2O-Danube 1 is of this type;
// Ministral's layers may have the window or not. In GGUF these are files of architecture llama.
import ModelFiles

enum Mistral: DecoderFamily {
  static let modelTypes = ["mistral", "ministral"]
  static let architectures: [String] = []

  static func decoder(_ config: JSONFields, modelType: String) throws -> Decoder {
    // The class has a window of 4096 where config.json does not name one: null is none.
    var decoder = try Decoder(
      config, family: modelType, defaults: Decoder.Defaults(contextMax: 131_072, kvHeads: 8),
      knows: modelType == "ministral" ? ["sliding_window", "layer_types"] : ["sliding_window"])
    try Decoder.expectActivation(config, "hidden_act", ["silu"])
    let window = config.isMissing("sliding_window") ? 4096 : try config.int("sliding_window", default: 0)
    let windowed = try decoder.windowedLayers(config)
    decoder.setWindow(window) { windowed?[$0] ?? true }
    try decoder.setRope(config)
    return decoder
  }

  static func decoder(_ file: GGUFFile, _ keys: ArchitectureKeys) throws -> Decoder {
    throw PackError.unknownArchitecture(found: keys.architecture, known: knownArchitectures)
  }
}

extension Mistral {
  /// By the values of their cards.
  static let published = [
    PublishedModel(
      "Mistral 7B v0.1", weights: 7_241_732_096,
      """
      {"model_type": "mistral", "vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 14336,
       "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8, "max_position_embeddings": 32768,
       "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "tie_word_embeddings": false, "sliding_window": 4096}
      """),
    PublishedModel(
      "Mistral 7B v0.3", weights: 7_248_023_552,
      """
      {"model_type": "mistral", "vocab_size": 32768, "hidden_size": 4096, "intermediate_size": 14336,
       "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8, "max_position_embeddings": 32768,
       "rms_norm_eps": 1e-5, "rope_theta": 1000000.0, "tie_word_embeddings": false, "sliding_window": null}
      """),
    PublishedModel(
      "H2O-Danube 1.8B", weights: 1_831_201_280,
      """
      {"model_type": "mistral", "vocab_size": 32000, "hidden_size": 2560, "intermediate_size": 6912,
       "num_hidden_layers": 24, "num_attention_heads": 32, "num_key_value_heads": 8, "max_position_embeddings": 16384,
       "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "tie_word_embeddings": false, "sliding_window": 4096}
      """),
    PublishedModel(
      "H2O-Danube2 1.8B", weights: 1_831_201_280,
      """
      {"model_type": "mistral", "vocab_size": 32000, "hidden_size": 2560, "intermediate_size": 6912,
       "num_hidden_layers": 24, "num_attention_heads": 32, "num_key_value_heads": 8, "max_position_embeddings": 8192,
       "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "tie_word_embeddings": false, "sliding_window": null}
      """),
  ]
}
