// SPDX-License-Identifier: Apache-2.0
// BERT and what has its graph: RoBERTa and XLM-RoBERTa (positions that start behind the id of padding, a head of their
// own), ELECTRA, DistilBERT (no types, names of its own), MPNet (scores by distance), ALBERT (shared layers).
import ModelFiles

/// An encoder family: from config.json to an ``Encoder``.
struct EncoderFamily: Sendable {
  var modelTypes: [String]
  var encoder: @Sendable (JSONFields, String) throws -> Encoder
}

/// A new family of encoders is a line here.
let encoderFamilies: [EncoderFamily] = [
  EncoderFamily(modelTypes: ["bert"]) { config, type in
    try Encoder(config, family: type, names: .bert("bert"))
  },
  EncoderFamily(modelTypes: ["distilbert"]) { config, type in
    var keys = Encoder.Keys()
    (keys.hidden, keys.heads, keys.feedForward, keys.layers) = ("dim", "n_heads", "hidden_dim", "n_layers")
    keys.function = "activation"
    var encoder = try Encoder(
      config, family: type, names: .distilBERT, keys: keys, hasTypes: false, layer: { "transformer.layer.\($0)." })
    encoder.sequenceHead = .preClassifier(.relu)
    return encoder
  },
  EncoderFamily(modelTypes: ["roberta", "xlm-roberta", "camembert"]) { config, type in
    var names = EncoderNames.bert("roberta")
    names.mask = .roberta
    var encoder = try Encoder(config, family: type, names: names)
    try encoder.setPositionOffset(try config.int("pad_token_id", default: 1) + 1)
    encoder.sequenceHead = .dense(.tanh)
    return encoder
  },
  EncoderFamily(modelTypes: ["electra"]) { config, type in
    var names = EncoderNames.bert("electra")
    names.projection = "embeddings_project"
    names.pooler = ""
    names.mask = .electra
    var encoder = try Encoder(config, family: type, names: names)
    encoder.embeddingSize = try config.int("embedding_size", default: 128)
    encoder.sequenceHead = .dense(.geluErf)
    return encoder
  },
  EncoderFamily(modelTypes: ["mpnet"]) { config, type in
    var encoder = try Encoder(config, family: type, names: .mpnet, hasTypes: false)
    try encoder.setPositionOffset(2)
    // transformers computes with 32 buckets whatever the setting says.
    let buckets = try config.int("relative_attention_num_buckets", default: 32)
    guard buckets == 32 else {
      throw PackError.badSetting(key: "relative_attention_num_buckets", found: "\(buckets)", expected: "32")
    }
    encoder.relativeBias = RelativeBias(
      tensor: "encoder.relative_attention_bias.weight", bucketCount: buckets, distanceMax: 128)
    encoder.sequenceHead = .dense(.tanh)
    return encoder
  },
  EncoderFamily(modelTypes: ["albert"]) { config, type in
    let groups = try config.int("num_hidden_groups", default: 1)
    let inner = try config.int("inner_group_num", default: 1)
    let layers = try config.int("num_hidden_layers")
    guard 1...1024 ~= layers, 1...layers ~= groups, 1...64 ~= inner else {
      throw PackError.badSetting(
        key: "num_hidden_groups", found: "\(groups) groups of \(inner)", expected: "at most the \(layers) layers")
    }
    var encoder = try Encoder(config, family: type, names: .albert, function: "gelu_new")
    encoder.layers = (0..<layers).flatMap { layer in
      // As transformers computes it: the group of a layer is the integer part of a quotient of floats.
      let group = Int(Double(layer) / (Double(layers) / Double(groups)))
      return (0..<inner).map { "encoder.albert_layer_groups.\(group).albert_layers.\($0)." }
    }
    encoder.embeddingSize = try config.int("embedding_size", default: 128)
    return encoder
  },
]
