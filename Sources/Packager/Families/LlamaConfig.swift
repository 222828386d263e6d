// SPDX-License-Identifier: Apache-2.0
// The settings of a llama model, from config.json (either generation of its keys) or from GGUF metadata.
import Foundation
import ModelFiles

/// What the llama graph depends on.
struct LlamaConfig {
  var vocab: Int
  var hidden: Int
  var layers: Int
  var heads: Int
  var kvHeads: Int
  var headDim: Int
  var feedForward: Int
  var contextMax: Int
  var epsilon: Float
  var ropeBase: Float
  var ropeScaling: RopeScaling
  var tied: Bool
  var attentionBias: Bool
  var mlpBias: Bool

  /// From `config.json`: `rope_parameters`, or `rope_theta` and `rope_scaling`.
  init(_ config: JSONFields) throws {
    hidden = try config.int("hidden_size")
    layers = try config.int("num_hidden_layers")
    heads = try config.int("num_attention_heads")
    kvHeads = try config.int("num_key_value_heads", default: heads)
    vocab = try config.int("vocab_size")
    feedForward = try config.int("intermediate_size")
    contextMax = try config.int("max_position_embeddings", default: 2048)
    epsilon = Float(try config.double("rms_norm_eps", default: 1e-6))
    tied = try config.bool("tie_word_embeddings", default: false)
    attentionBias = try config.bool("attention_bias", default: false)
    mlpBias = try config.bool("mlp_bias", default: false)
    guard heads > 0, let headDim = try config.intIfPresent("head_dim") ?? hidden / heads as Int? else {
      throw PackError.badSetting(key: "num_attention_heads", found: "\(heads)", expected: "at least 1")
    }
    self.headDim = headDim
    let activation = try config.string("hidden_act", default: "silu")
    guard activation == "silu" else {
      throw PackError.badSetting(key: "hidden_act", found: activation, expected: "silu")
    }
    (ropeBase, ropeScaling) = try LlamaConfig.rope(config)
    try check()
  }

  /// From GGUF metadata under `llama.`.
  init(_ file: GGUFFile) throws {
    let metadata = file.metadata
    hidden = try metadata.int("llama.embedding_length")
    layers = try metadata.int("llama.block_count")
    heads = try metadata.int("llama.attention.head_count")
    kvHeads = try metadata.int("llama.attention.head_count_kv", default: heads)
    feedForward = try metadata.int("llama.feed_forward_length")
    contextMax = try metadata.int("llama.context_length")
    epsilon = Float(try metadata.double("llama.attention.layer_norm_rms_epsilon"))
    guard heads > 0 else {
      throw PackError.badSetting(key: "llama.attention.head_count", found: "\(heads)", expected: "at least 1")
    }
    headDim = try metadata.int("llama.attention.key_length", default: hidden / heads)
    ropeBase = Float(try metadata.double("llama.rope.freq_base", default: 10_000))
    vocab = file.tensor(named: "token_embd.weight")?.rowCount ?? 0
    tied = file.tensor(named: "output.weight") == nil
    attentionBias = file.tensor(named: "blk.0.attn_q.bias") != nil
    mlpBias = file.tensor(named: "blk.0.ffn_gate.bias") != nil
    try LlamaConfig.same(metadata, "llama.attention.value_length", headDim)
    try LlamaConfig.same(metadata, "llama.rope.dimension_count", headDim)
    try LlamaConfig.same(metadata, "llama.vocab_size", vocab)
    try LlamaConfig.same(metadata, "llama.expert_count", 0)
    try LlamaConfig.same(metadata, "llama.attention.sliding_window", 0)
    ropeScaling = try LlamaConfig.rope(file)
    try check()
  }

  /// A key that, when present, must have this one value.
  private static func same(_ metadata: GGUFMetadata, _ key: String, _ expected: Int) throws {
    let found = try metadata.int(key, default: expected)
    guard found == expected else {
      throw PackError.badSetting(key: key, found: "\(found)", expected: "\(expected)")
    }
  }

  private static func rope(_ config: JSONFields) throws -> (Float, RopeScaling) {
    let present = try config.fieldsIfPresent("rope_parameters")
    let older = try config.fieldsIfPresent("rope_scaling")
    let base = try present?.doubleIfPresent("rope_theta") ?? config.double("rope_theta", default: 10_000)
    guard let fields = present ?? older else { return (Float(base), .none) }
    let partial = try fields.double("partial_rotary_factor", default: 1)
    guard partial == 1 else {
      throw PackError.badSetting(key: "partial_rotary_factor", found: "\(partial)", expected: "1 in a llama model")
    }
    let type = try fields.stringIfPresent("rope_type") ?? fields.string("type", default: "default")
    switch type {
    case "default": return (Float(base), .none)
    case "linear": return (Float(base), .linear(factor: try fields.double("factor")))
    case "llama3":
      let context =
        try fields.doubleIfPresent("original_max_position_embeddings")
        ?? config.double("original_max_position_embeddings")
      return (
        Float(base),
        .llama3(
          factor: Float(try fields.double("factor")),
          lowFrequencyFactor: Float(try fields.double("low_freq_factor")),
          highFrequencyFactor: Float(try fields.double("high_freq_factor")), originalContext: Float(context))
      )
    default:
      throw PackError.badSetting(key: "rope_type", found: type, expected: "default, linear or llama3")
    }
  }

  private static func rope(_ file: GGUFFile) throws -> RopeScaling {
    let type = try file.metadata.string("llama.rope.scaling.type", default: "none")
    if let info = file.tensor(named: "rope_freqs.weight") {
      guard type == "none" else {
        throw PackError.badSetting(
          key: "llama.rope.scaling.type", found: type, expected: "none beside rope_freqs.weight")
      }
      return .factors(try floats(of: info, in: file))
    }
    switch type {
    case "none": return .none
    case "linear": return .linear(factor: try file.metadata.double("llama.rope.scaling.factor"))
    default:
      throw PackError.badSetting(key: "llama.rope.scaling.type", found: type, expected: "none or linear")
    }
  }

  private func check() throws {
    func within(_ key: String, _ value: Int, _ range: ClosedRange<Int>) throws {
      guard range.contains(value) else {
        throw PackError.badSetting(key: key, found: "\(value)", expected: "\(range.lowerBound) … \(range.upperBound)")
      }
    }
    try within("hidden size", hidden, 1...(1 << 17))
    try within("layer count", layers, 1...1024)
    try within("head count", heads, 1...1024)
    try within("KV head count", kvHeads, 1...heads)
    try within("head size", headDim, 2...1024)
    try within("feed-forward size", feedForward, 1...(1 << 18))
    try within("context length", contextMax, 1...(1 << 20))
    try within("vocabulary size", vocab, 1...(1 << 20))
    guard heads % kvHeads == 0 else {
      throw PackError.badSetting(key: "KV head count", found: "\(kvHeads)", expected: "a divisor of \(heads) heads")
    }
    guard headDim % 2 == 0 else {
      throw PackError.badSetting(key: "head size", found: "\(headDim)", expected: "an even number")
    }
    guard epsilon > 0, epsilon.isFinite, ropeBase > 0, ropeBase.isFinite else {
      throw PackError.badSetting(
        key: "rms_norm_eps, rope_theta", found: "\(epsilon), \(ropeBase)", expected: "positive numbers")
    }
  }
}

/// A small source tensor as f32.
func floats(of info: TensorInfo, in source: any TensorSource) throws -> [Float] {
  let bytes = try source.bytes(of: info)
  var values = [Float](repeating: 0, count: info.elementCount)
  let known = bytes.withUnsafeBytes { raw in
    values.withUnsafeMutableBufferPointer { BlockFormats.dequantize(info.type, raw, into: $0) }
  }
  guard known else { throw PackError.unsupportedType(tensor: info.name, type: info.type.name) }
  return values
}
