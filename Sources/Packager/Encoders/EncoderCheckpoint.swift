// SPDX-License-Identifier: Apache-2.0
// The settings that all encoders have in common, as config.json states them, and those that none here has.
import ModelFiles
import Ops

extension Encoder {
  /// The names of sizes in config.json, which DistilBERT has its own of.
  struct Keys {
    var hidden = "hidden_size"
    var heads = "num_attention_heads"
    var feedForward = "intermediate_size"
    var layers = "num_hidden_layers"
    var function = "hidden_act"
  }

  /// Sizes, norm and head. `hasTypes`: whether tokens of this family have types at all, whatever the settings say;
  /// `layer` gives the prefix of a layer's tensors.
  init(
    _ config: JSONFields, family: String, names: EncoderNames, keys: Keys = Keys(), hasTypes: Bool = true,
    function: String = "gelu", layer: (Int) -> String = { "encoder.layer.\($0)." }
  ) throws {
    self.init(family: family, names: names)
    try Encoder.refuse(config, family: family)
    hidden = try config.int(keys.hidden)
    embeddingSize = hidden
    heads = try config.int(keys.heads)
    feedForward = try config.int(keys.feedForward)
    let layerCount = try config.int(keys.layers)
    // Before anything has that many elements.
    guard 1...1024 ~= layerCount else {
      throw PackError.badSetting(key: keys.layers, found: "\(layerCount)", expected: "1 … 1024")
    }
    layers = (0..<layerCount).map(layer)
    vocab = try config.int("vocab_size")
    contextMax = try config.int("max_position_embeddings", default: 512)
    self.epsilon = Float(try config.double("layer_norm_eps", default: 1e-12))
    typeCount = hasTypes ? try config.int("type_vocab_size", default: 2) : 0
    self.function = try Encoder.function(try config.string(keys.function, default: function), key: keys.function)
    head = try EncoderHead(config)
    labelCount = try Encoder.labelCount(config)
    isTied = try config.bool("tie_word_embeddings", default: true)
  }

  /// The function that a setting names.
  static func function(_ name: String, key: String) throws(PackError) -> Apply.Function {
    switch name {
    case "gelu", "gelu_python": return .geluErf
    case "gelu_new", "gelu_fast", "gelu_pytorch_tanh": return .geluTanh
    case "relu": return .relu
    case "silu", "swish": return .silu
    case "tanh": return .tanh
    default:
      throw .badSetting(key: key, found: name, expected: "gelu, gelu_new, gelu_fast, relu, silu or tanh")
    }
  }

  /// Positions of the table behind those that RoBERTa's kin leave unused.
  mutating func setPositionOffset(_ offset: Int) throws(PackError) {
    guard offset >= 0, contextMax > offset else {
      throw .badSetting(key: "max_position_embeddings", found: "\(contextMax)", expected: "more than \(offset)")
    }
    positionOffset = offset
    contextMax -= offset
  }

  /// How many labels the configuration names; transformers' own default is 2.
  private static func labelCount(_ config: JSONFields) throws -> Int {
    let count: Int
    if let labels = try config.fieldsIfPresent("id2label") {
      count = labels.object.count
    } else {
      count = try config.int("num_labels", default: 2)
    }
    guard 1...65_536 ~= count else {
      throw PackError.badSetting(key: "id2label", found: "\(count) labels", expected: "1 … 65536")
    }
    return count
  }

  /// Settings that change the computation, and the value at which they do not.
  private static func refuse(_ config: JSONFields, family: String) throws {
    for key in ["is_decoder", "add_cross_attention", "is_encoder_decoder", "quantization_config", "embedding_scale"] {
      guard let value = config[key], value.bool != false else { continue }
      throw PackError.badSetting(
        key: key, found: value.summary, expected: "none in a \(family) model: it would change the results")
    }
    let positions = try config.string("position_embedding_type", default: "absolute")
    guard positions == "absolute" else {
      throw PackError.badSetting(key: "position_embedding_type", found: positions, expected: "absolute")
    }
  }
}

extension EncoderHead {
  /// The head of the class that the configuration names.
  init(_ config: JSONFields) throws {
    guard let name = try config.arrayIfPresent("architectures")?.first?.string else {
      self = .none
      return
    }
    if name.hasSuffix("Model") {
      self = .none
    } else if name.hasSuffix("ForSequenceClassification") {
      self = .sequenceClassification
    } else if name.hasSuffix("ForTokenClassification") {
      self = .tokenClassification
    } else if name.hasSuffix("ForQuestionAnswering") {
      self = .questionAnswering
    } else if name.hasSuffix("ForMaskedLM") || name.hasSuffix("ForPreTraining") {
      self = .maskedLanguageModel
    } else {
      throw PackError.badSetting(
        key: "architectures", found: name,
        expected: "a Model, or one ForSequenceClassification, ForTokenClassification or ForQuestionAnswering"
      )
    }
  }
}
