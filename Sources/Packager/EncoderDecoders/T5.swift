// SPDX-License-Identifier: Apache-2.0
// T5 and its kin: RMSNorm before each block, scores by distance, no biases, no scale of the scores. mT5, Flan-T5 and T5
// v1.1 have a gated feed-forward and an output of their own; UMT5 has scores by distance in every layer.
import ModelFiles

extension EncoderDecoderFamily {
  static let t5 = EncoderDecoderFamily(modelTypes: ["t5", "mt5", "umt5"]) { config, type in
    var model = EncoderDecoder(family: type)
    for key in ["quantization_config"] {
      if let value = config[key] {
        throw PackError.badSetting(key: key, found: value.summary, expected: "none: it would change the results")
      }
    }
    try config.expectArchitecture(suffixes: ["ForConditionalGeneration", "WithLMHeadModel"])
    model.vocab = try config.int("vocab_size")
    model.hidden = try config.int("d_model")
    let headDim = try config.int("d_kv", default: 64)
    // Distances have no end; this is how long T5's own training texts were.
    model.contextMax = try config.int("n_positions", default: 512)
    model.epsilon = Float(try config.double("layer_norm_epsilon", default: 1e-6))
    let layers = try config.int("num_layers")
    let (heads, feedForward) = (try config.int("num_heads"), try config.int("d_ff"))
    let bias = RelativeBias(
      tensor: "SelfAttention.relative_attention_bias.weight",
      bucketCount: try config.int("relative_attention_num_buckets", default: 32),
      distanceMax: try config.int("relative_attention_max_distance", default: 128))
    func stack(_ name: String, _ layers: Int, last: Int) -> EncoderDecoder.Stack {
      var names = StackNames(layer: "\(name).block.")
      names.selfAttention = .init("layer.0.SelfAttention", "q", "k", "v", "o", norm: "layer.0.layer_norm")
      names.crossAttention = .init("layer.1.EncDecAttention", "q", "k", "v", "o", norm: "layer.1.layer_norm")
      let dense = "layer.\(last).DenseReluDense"
      (names.gate, names.up, names.down) = ("\(dense).wi_0", "\(dense).wi_1", "\(dense).wo")
      names.feedForwardNorm = "layer.\(last).layer_norm"
      names.finalNorm = "\(name).final_layer_norm"
      return EncoderDecoder.Stack(
        layerCount: layers, heads: heads, headDim: headDim, feedForward: feedForward, names: names, relativeBias: bias,
        hasBiasInEachLayer: type == "umt5")
    }
    model.encoder = stack("encoder", layers, last: 1)
    model.decoder = stack("decoder", try config.int("num_decoder_layers", default: layers), last: 2)
    try model.setFeedForward(try config.string("feed_forward_proj", default: "relu"))
    // T5 reads the row before the output at 1/√d of its length where the output is the embedding; "tie_word_embeddings"
    // has come to mean just that, since a matrix of the output's own counts wherever one is stored. mT5 never does.
    model.isTied = try config.bool("tie_word_embeddings", default: true)
    let isScaled = try type != "mt5" && config.bool("scale_decoder_outputs", default: model.isTied)
    model.outputScale = isScaled ? 1 / Float(model.hidden).squareRoot() : 1
    model.output = "lm_head.weight"
    model.sharedNames = ["shared.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight"]
    (model.encoderWords, model.decoderWords) = (model.sharedNames[1], model.sharedNames[2])
    model.ignored = model.sharedNames
    // Stored by the first T5 checkpoints, used by none.
    model.ignored.append("decoder.block.0.layer.1.EncDecAttention.relative_attention_bias.weight")
    return model
  }
}

extension EncoderDecoder {
  /// `feed_forward_proj`: a function, or `gated-` and a function. "gated-gelu" means the one with tanh.
  fileprivate mutating func setFeedForward(_ name: String) throws(PackError) {
    switch name {
    case "gated-gelu", "gated-gelu_new": (isGated, function) = (true, .geluTanh)
    case "gated-silu", "gated-swish": (isGated, function) = (true, .silu)
    default:
      guard !name.hasPrefix("gated-") else {
        throw .badSetting(key: "feed_forward_proj", found: name, expected: "gated-gelu or gated-silu")
      }
      function = try Encoder.function(name, key: "feed_forward_proj")
      for stack in [\EncoderDecoder.encoder, \EncoderDecoder.decoder] {
        let names = self[keyPath: stack].names
        self[keyPath: stack].names.up = String(names.up.dropLast(2))  // wi
      }
    }
  }
}

extension JSONFields {
  /// A class that is made for generation: heads of other kinds are no text.
  func expectArchitecture(suffixes: [String]) throws {
    guard let name = try arrayIfPresent("architectures")?.first?.string else { return }
    guard suffixes.contains(where: { name.hasSuffix($0) }) else {
      throw PackError.badSetting(
        key: "architectures", found: name, expected: suffixes.map { "one that ends in \($0)" }.joined(separator: ", "))
    }
  }
}
