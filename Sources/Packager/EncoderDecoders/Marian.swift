// SPDX-License-Identifier: Apache-2.0
// Marian's translation models (OPUS-MT): LayerNorm behind each block, positions as sines, a bias on the logits.
import ModelFiles

extension EncoderDecoderFamily {
  static let marian = EncoderDecoderFamily(modelTypes: ["marian"]) { config, type in
    var model = EncoderDecoder(family: type)
    try EncoderDecoder.refuseMarian(config)
    try config.expectArchitecture(suffixes: ["MTModel"])
    model.vocab = try config.int("vocab_size")
    model.hidden = try config.int("d_model")
    model.contextMax = try config.int("max_position_embeddings", default: 1024)
    model.epsilon = 1e-5
    (model.norm, model.positions, model.hasBiases) = (.layerBehind, .sinusoidal, true)
    func stack(_ name: String) throws -> EncoderDecoder.Stack {
      var names = StackNames(layer: "model.\(name).layers.")
      names.selfAttention = .init(
        "self_attn", "q_proj", "k_proj", "v_proj", "out_proj", norm: "self_attn_layer_norm")
      names.crossAttention = .init(
        "encoder_attn", "q_proj", "k_proj", "v_proj", "out_proj", norm: "encoder_attn_layer_norm")
      (names.up, names.down, names.feedForwardNorm) = ("fc1", "fc2", "final_layer_norm")
      let heads = try config.int("\(name)_attention_heads")
      guard heads > 0, model.hidden % heads == 0 else {
        throw PackError.badSetting(
          key: "\(name)_attention_heads", found: "\(heads)", expected: "a divisor of d_model, \(model.hidden)")
      }
      return EncoderDecoder.Stack(
        layerCount: try config.int("\(name)_layers"), heads: heads, headDim: model.hidden / heads,
        scale: 1 / Float(model.hidden / heads).squareRoot(), feedForward: try config.int("\(name)_ffn_dim"),
        names: names)
    }
    model.encoder = try stack("encoder")
    model.decoder = try stack("decoder")
    if try config.bool("scale_embedding", default: false) { model.embeddingScale = Float(model.hidden).squareRoot() }
    model.function = try Encoder.function(
      try config.string("activation_function", default: "gelu"), key: "activation_function")
    (model.encoderWords, model.decoderWords) = (
      "model.encoder.embed_tokens.weight", "model.decoder.embed_tokens.weight"
    )
    if try config.bool("share_encoder_decoder_embeddings", default: true) {
      model.sharedNames = ["model.shared.weight", model.encoderWords, model.decoderWords]
      model.ignored = model.sharedNames
    }
    if try config.bool("tie_word_embeddings", default: true) {
      model.ignored.append("lm_head.weight")
    } else {
      model.output = "lm_head.weight"
      model.isTied = false
    }
    model.outputBias = "final_logits_bias"
    return model
  }
}

extension EncoderDecoder {
  /// Settings that change the computation, and the value at which they do not.
  fileprivate static func refuseMarian(_ config: JSONFields) throws {
    for key in [
      "normalize_before", "add_final_layer_norm", "normalize_embedding", "add_bias_logits", "quantization_config",
    ] {
      guard let value = config[key], value.bool != false else { continue }
      throw PackError.badSetting(
        key: key, found: value.summary, expected: "none in a Marian model: it would change the results")
    }
    guard try config.bool("static_position_embeddings", default: true) else {
      throw PackError.badSetting(key: "static_position_embeddings", found: "false", expected: "true")
    }
    let vocab = try config.int("vocab_size")
    let decoderVocab = try config.int("decoder_vocab_size", default: vocab)
    guard decoderVocab == vocab else {
      throw PackError.badSetting(
        key: "decoder_vocab_size", found: "\(decoderVocab)", expected: "vocab_size, \(vocab)")
    }
  }
}
