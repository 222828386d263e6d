// SPDX-License-Identifier: Apache-2.0
// Gemma 3, text: Gemma 2 without the softcap on scores, with norms over each head of queries and keys, five layers with
// a window to one without, and another RoPE for each kind.
import ModelFiles

enum Gemma3: DecoderFamily {
  static let modelTypes = ["gemma3_text", "gemma3"]
  static let architectures = ["gemma3"]

  static func decoder(_ config: JSONFields, modelType: String) throws -> Decoder {
    guard modelType == "gemma3_text" else {
      throw PackError.badSetting(key: "model_type", found: modelType, expected: "gemma3_text: the text part alone")
    }
    var decoder = try Decoder(
      config, family: modelType, names: .gemmaCheckpoint,
      defaults: Decoder.Defaults(contextMax: 131_072, kvHeads: 4, headDim: 256, isTied: true), knows: Gemma2.knownKeys)
    try Gemma2.shape(&decoder, config)
    decoder.hasQueryKeyNorms = true
    decoder.finalSoftcap = try Gemma2.softcap(config, "final_logit_softcapping", missing: 0)
    let period =
      try config.intIfPresent("sliding_window_pattern") ?? config.int("_sliding_window_pattern", default: 6)
    guard period >= 1 else {
      throw PackError.badSetting(key: "sliding_window_pattern", found: "\(period)", expected: "at least 1")
    }
    let isWindowed = try decoder.windowedLayers(config) ?? decoder.layers.indices.map { ($0 + 1) % period != 0 }
    try setLayers(&decoder, window: try Gemma2.window(config), isWindowed)
    decoder.ropes = try ropes(config, decoder)
    return decoder
  }

  /// `rope_parameters` of each kind of layer; before transformers 5 `rope_theta` and `rope_scaling` of the layers
  /// without a window, `rope_local_base_freq` of the others.
  private static func ropes(_ config: JSONFields, _ decoder: Decoder) throws -> [Rotary] {
    let (headDim, contextMax) = (decoder.headDim, decoder.contextMax)
    let kinds = try config.fieldsIfPresent("rope_parameters")
    let full = try kinds?.fields("full_attention") ?? config.fieldsIfPresent("rope_scaling")
    var global = try Rotary(
      config, full, headDim: headDim, contextMax: contextMax, defaults: Rotary.Defaults(base: 1_000_000))
    global.name = "rope.global"
    var local: Rotary
    if let kinds {
      local = try Rotary(config, try kinds.fields("sliding_attention"), headDim: headDim, contextMax: contextMax)
      for (key, value) in kinds.object where key != "full_attention" && key != "sliding_attention" {
        throw PackError.badSetting(key: kinds.prefix + key, found: value.summary, expected: "a kind of layer")
      }
    } else {
      local = Rotary(dim: headDim, base: Float(try config.double("rope_local_base_freq", default: 10_000)))
    }
    local.name = "rope.local"
    return [global, local]
  }

  static func decoder(_ file: GGUFFile, _ keys: ArchitectureKeys) throws -> Decoder {
    var decoder = try Decoder(file, keys, family: "gemma3")
    Gemma2.shape(&decoder, layersOf27B: 62)
    decoder.hasQueryKeyNorms = true
    decoder.finalSoftcap = Float(try keys.double("final_logit_softcapping", default: 0))
    let pattern = try keys.windowPattern("attention.sliding_window_pattern", count: decoder.layers.count)
    let isWindowed = pattern ?? decoder.layers.indices.map { ($0 + 1) % 6 != 0 }
    decoder.ropes[0].name = "rope.global"
    decoder.ropes.append(
      Rotary(
        name: "rope.local", dim: decoder.ropes[0].dim,
        base: Float(try keys.double("rope.freq_base_swa", default: 10_000))))
    try setLayers(&decoder, window: try keys.int("attention.sliding_window"), isWindowed)
    return decoder
  }

  /// A layer that could have a window keeps its rotation when the window is longer than the context.
  private static func setLayers(_ decoder: inout Decoder, window: Int, _ isWindowed: [Bool]) throws {
    guard window > 0 || !isWindowed.contains(true) else {
      throw PackError.badSetting(key: "sliding_window", found: "\(window)", expected: "a number of positions")
    }
    for index in isWindowed.indices where isWindowed[index] { decoder.layers[index].rope = 1 }
    decoder.setWindow(window) { isWindowed[$0] }
  }
}

extension Gemma3 {
  /// By the values of their cards.
  static let published = [
    PublishedModel(
      "Gemma 3 270M", weights: 268_098_176,
      """
      {"model_type": "gemma3_text", "vocab_size": 262144, "hidden_size": 640, "intermediate_size": 2048,
       "num_hidden_layers": 18, "num_attention_heads": 4, "num_key_value_heads": 1, "max_position_embeddings": 32768,
       "head_dim": 256, "rms_norm_eps": 1e-6, "rope_theta": 1000000.0, "hidden_activation": "gelu_pytorch_tanh",
       "sliding_window": 512, "sliding_window_pattern": 6, "query_pre_attn_scalar": 256,
       "rope_local_base_freq": 10000.0, "rope_scaling": null}
      """),
    PublishedModel(
      "Gemma 3 1B", weights: 999_885_952,
      """
      {"model_type": "gemma3_text", "vocab_size": 262144, "hidden_size": 1152, "intermediate_size": 6912,
       "num_hidden_layers": 26, "num_attention_heads": 4, "num_key_value_heads": 1, "max_position_embeddings": 32768,
       "head_dim": 256, "rms_norm_eps": 1e-6, "rope_theta": 1000000.0, "hidden_activation": "gelu_pytorch_tanh",
       "sliding_window": 512, "sliding_window_pattern": 6, "query_pre_attn_scalar": 256,
       "rope_local_base_freq": 10000.0, "rope_scaling": null}
      """),
    PublishedModel(
      "Gemma 3 4B text", weights: 3_880_263_168,
      """
      {"model_type": "gemma3_text", "vocab_size": 262208, "hidden_size": 2560, "intermediate_size": 10240,
       "num_hidden_layers": 34, "num_attention_heads": 8, "num_key_value_heads": 4, "max_position_embeddings": 131072,
       "head_dim": 256, "rms_norm_eps": 1e-6, "rope_theta": 1000000.0, "hidden_activation": "gelu_pytorch_tanh",
       "sliding_window": 1024, "sliding_window_pattern": 6, "query_pre_attn_scalar": 256,
       "rope_local_base_freq": 10000.0, "rope_scaling": {"rope_type": "linear", "factor": 8.0}}
      """),
  ]
}
