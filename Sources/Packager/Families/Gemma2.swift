// SPDX-License-Identifier: Apache-2.0
// Gemma 2: norms before and after attention and feed-forward, a scaled embedding, GeGLU, softcaps on scores and logits,
// a window over every other layer.
import Foundation
import ModelFiles

enum Gemma2: DecoderFamily {
  static let modelTypes = ["gemma2"]
  static let architectures = ["gemma2"]

  static func decoder(_ config: JSONFields, modelType: String) throws -> Decoder {
    var decoder = try Decoder(
      config, family: modelType, names: .gemmaCheckpoint,
      defaults: Decoder.Defaults(contextMax: 8192, kvHeads: 4, headDim: 256, isTied: true),
      knows: knownKeys.union(["attn_logit_softcapping"]))
    try shape(&decoder, config)
    decoder.attentionSoftcap = try softcap(config, "attn_logit_softcapping", missing: 50)
    decoder.finalSoftcap = try softcap(config, "final_logit_softcapping", missing: 30)
    let windowed = try decoder.windowedLayers(config)
    decoder.setWindow(try window(config)) { windowed?[$0] ?? ($0 % 2 == 0) }
    try decoder.setRope(config)
    return decoder
  }

  static func decoder(_ file: GGUFFile, _ keys: ArchitectureKeys) throws -> Decoder {
    var decoder = try Decoder(file, keys, family: "gemma2")
    shape(&decoder, layersOf27B: 46)
    // Files from before these keys are of models that have these numbers.
    decoder.attentionSoftcap = Float(try keys.double("attn_logit_softcapping", default: 50))
    decoder.finalSoftcap = Float(try keys.double("final_logit_softcapping", default: 30))
    let windowed = try keys.windowPattern("attention.sliding_window_pattern", count: decoder.layers.count)
    decoder.setWindow(try keys.int("attention.sliding_window", default: 4096)) { windowed?[$0] ?? ($0 % 2 == 0) }
    return decoder
  }

  // MARK: What Gemma 3 has too

  static let knownKeys: Set<String> = [
    "attention_bias", "final_logit_softcapping", "query_pre_attn_scalar", "sliding_window", "layer_types",
  ]

  /// Checkpoints store w − 1 for a norm, and scores are scaled by the root of `query_pre_attn_scalar`.
  static func shape(_ decoder: inout Decoder, _ config: JSONFields) throws {
    try Decoder.expectActivation(config, "hidden_activation", ["gelu_pytorch_tanh"])
    let scalar = try config.double("query_pre_attn_scalar", default: 256)
    guard scalar > 0 else {
      throw PackError.badSetting(key: "query_pre_attn_scalar", found: "\(scalar)", expected: "a positive number")
    }
    decoder.attentionScale = Float(pow(scalar, -0.5))
    decoder.normOffset = 1
    decoder.embeddingScale = .rootOfHiddenInItsType
    decoder.hasPostNorms = true
    decoder.gate = .geluTanh
    if try config.bool("attention_bias", default: false) {
      (decoder.queryKeyValueBias, decoder.attentionOutputBias) = (.required, .required)
    }
  }

  /// GGUF stores the norms whole and has no `query_pre_attn_scalar`: it is the head's width, but for the model of 27
  /// billion weights, known by its number of layers, where it is hidden ÷ heads.
  static func shape(_ decoder: inout Decoder, layersOf27B: Int) {
    if decoder.layers.count == layersOf27B {
      decoder.attentionScale = 1 / Float(decoder.hidden / decoder.layers[0].heads).squareRoot()
    }
    decoder.embeddingScale = .rootOfHidden
    decoder.hasPostNorms = true
    decoder.gate = .geluTanh
  }

  /// 0, which is none, for null.
  static func softcap(_ config: JSONFields, _ key: String, missing: Double) throws -> Float {
    config.isMissing(key) ? Float(missing) : Float(try config.double(key, default: 0))
  }

  static func window(_ config: JSONFields) throws -> Int {
    config.isMissing("sliding_window") ? 4096 : try config.int("sliding_window", default: 0)
  }
}

extension Gemma2 {
  /// By the values of their cards.
  static let published = [
    PublishedModel(
      "Gemma 2 2B", weights: 2_614_341_888,
      """
      {"model_type": "gemma2", "vocab_size": 256000, "hidden_size": 2304, "intermediate_size": 9216,
       "num_hidden_layers": 26, "num_attention_heads": 8, "num_key_value_heads": 4, "max_position_embeddings": 8192,
       "head_dim": 256, "rms_norm_eps": 1e-6, "rope_theta": 10000.0, "hidden_activation": "gelu_pytorch_tanh",
       "sliding_window": 4096, "query_pre_attn_scalar": 256, "attn_logit_softcapping": 50.0,
       "final_logit_softcapping": 30.0}
      """),
    PublishedModel(
      "Gemma 2 9B", weights: 9_241_705_984,
      """
      {"model_type": "gemma2", "vocab_size": 256000, "hidden_size": 3584, "intermediate_size": 14336,
       "num_hidden_layers": 42, "num_attention_heads": 16, "num_key_value_heads": 8, "max_position_embeddings": 8192,
       "head_dim": 256, "rms_norm_eps": 1e-6, "rope_theta": 10000.0, "hidden_activation": "gelu_pytorch_tanh",
       "sliding_window": 4096, "query_pre_attn_scalar": 256, "attn_logit_softcapping": 50.0,
       "final_logit_softcapping": 30.0}
      """),
  ]
}
