// SPDX-License-Identifier: Apache-2.0
// The settings that all decoders have in common, as config.json states them, and those that none here has.
import Foundation
import ModelFiles

extension Decoder {
  /// What the family's configuration class takes where config.json says nothing.
  struct Defaults {
    var contextMax: Int
    /// Nil: as many as heads.
    var kvHeads: Int?
    /// Nil: hidden ÷ heads.
    var headDim: Int?
    var epsilon = 1e-6
    var isTied = false
  }

  /// Sizes and norm. `knows` are settings of ``refused`` that the family reads itself. Rotations are the family's.
  init(
    _ config: JSONFields, family: String, names: DecoderNames = .checkpoint, defaults: Defaults, knows: Set<String> = []
  ) throws {
    self.init(family: family, names: names)
    try Decoder.refuse(config, family: family, except: knows)
    hidden = try config.int("hidden_size")
    let layerCount = try config.int("num_hidden_layers")
    // Before anything has that many elements.
    guard 1...1024 ~= layerCount else {
      throw PackError.badSetting(key: "num_hidden_layers", found: "\(layerCount)", expected: "1 … 1024")
    }
    let heads = try config.int("num_attention_heads")
    guard heads > 0 else {
      throw PackError.badSetting(key: "num_attention_heads", found: "\(heads)", expected: "at least 1")
    }
    let kvHeads =
      try config.isNullOrMissing("num_key_value_heads")
      ? (config.isMissing("num_key_value_heads") ? defaults.kvHeads : nil) ?? heads : config.int("num_key_value_heads")
    let layer = DecoderLayer(heads: heads, kvHeads: kvHeads, feedForward: try config.int("intermediate_size"))
    layers = [DecoderLayer](repeating: layer, count: layerCount)
    headDim =
      try config.intIfPresent("head_dim")
      ?? (config.isMissing("head_dim") ? defaults.headDim : nil) ?? hidden / heads
    vocab = try config.int("vocab_size")
    contextMax = try config.int("max_position_embeddings", default: defaults.contextMax)
    epsilon = Float(try config.double("rms_norm_eps", default: defaults.epsilon))
    isTied = try config.bool("tie_word_embeddings", default: defaults.isTied)
    try checkWidths()
    attentionScale = 1 / Float(headDim).squareRoot()
  }

  /// One rotation for all layers.
  mutating func setRope(_ config: JSONFields, _ defaults: Rotary.Defaults = Rotary.Defaults()) throws {
    ropes = [
      try Rotary(
        config, try Rotary.description(config), headDim: headDim, contextMax: contextMax, defaults: defaults)
    ]
  }

  /// The gate that `key` names must be `expected`.
  static func expectActivation(_ config: JSONFields, _ key: String, _ expected: [String]) throws {
    let found = try config.string(key, default: expected[0])
    guard expected.contains(found) else {
      throw PackError.badSetting(key: key, found: found, expected: expected.joined(separator: " or "))
    }
  }

  /// Which layers have a window, from `layer_types`; nil when it is not there.
  func windowedLayers(_ config: JSONFields) throws -> [Bool]? {
    guard let types = try config.arrayIfPresent("layer_types") else { return nil }
    guard types.count == layers.count else {
      throw PackError.badSetting(
        key: "layer_types", found: "\(types.count) types", expected: "\(layers.count), one a layer")
    }
    return try types.map { type in
      switch type.string {
      case "full_attention": false
      case "sliding_attention": true
      default:
        throw PackError.badSetting(
          key: "layer_types", found: type.summary, expected: "full_attention or sliding_attention")
      }
    }
  }

  /// A setting that changes the computation, and the value at which it does not.
  private struct Refused {
    var key: String
    /// Beside null.
    var neutral: Double?

    init(_ key: String, _ neutral: Double? = 0) {
      self.key = key
      self.neutral = neutral
    }

    func isNeutral(_ value: JSONValue) -> Bool {
      if value.isNull { return true }
      if key == "layer_types", let types = value.array { return types.allSatisfy { $0.string == "full_attention" } }
      if let flag = value.bool { return neutral == (flag ? 1 : 0) }
      return value.double != nil && value.double == neutral
    }
  }

  /// Settings of other models: none of the families does this unless it says that it knows the key.
  private static let refused: [Refused] =
    [
      "num_local_experts", "num_experts", "n_routed_experts", "n_shared_experts", "moe_num_experts", "attention_bias",
      "mlp_bias", "qkv_bias", "use_bias", "clip_qkv", "attn_logit_softcapping", "final_logit_softcapping",
      "use_qk_norm", "qk_norm", "qk_layernorm", "attn_temperature_tuning", "use_bidirectional_attention",
      "is_encoder_decoder", "add_cross_attention", "use_parallel_residual", "parallel_attn", "alibi",
      "rope_interleave", "rope_interleaved", "num_nextn_predict_layers", "use_sinks", "lm_head_bias",
    ].map { Refused($0) }
    + [
      "logit_scale", "logits_scaling", "embedding_multiplier", "residual_multiplier", "lm_head_multiplier",
      "rotary_pct", "is_causal", "full_attn_mod", "interpolate_factor",
    ].map { Refused($0, 1) }
    + [
      "attention_multiplier", "query_pre_attn_scalar", "sliding_window", "layer_types", "no_rope_layers",
      "quantization_config", "vision_config", "text_config", "audio_config", "llama_4_scaling_beta",
    ].map { Refused($0, nil) }

  private static func refuse(_ config: JSONFields, family: String, except known: Set<String>) throws(PackError) {
    for setting in refused where !known.contains(setting.key) {
      guard let value = config.object[setting.key], !setting.isNeutral(value) else { continue }
      throw .badSetting(
        key: setting.key, found: value.summary, expected: "none in a \(family) model: it would change the results")
    }
  }
}

extension JSONFields {
  /// Whether the key is not there at all, not even as null.
  func isMissing(_ key: String) -> Bool { object[key] == nil }
  func isNullOrMissing(_ key: String) -> Bool { self[key] == nil }
}
