// SPDX-License-Identifier: Apache-2.0
// A small random model of any family: the checkpoint that Tools/make-tiny-model writes, packed; or the same as GGUF.
import Foundation
import ModelFileBuilders
import ModelFiles
import Packager

/// A model by the flags of Tools/make-tiny-model. Needs python3.
package struct TinyDecoder: Sendable, CustomStringConvertible {
  package var name: String
  package var flags: [String]

  package init(_ name: String, _ flags: String) {
    self.name = name
    self.flags = flags.split(separator: " ").map(String.init)
  }

  package var description: String { name }

  /// One of each family: windows of a few positions, long RoPE from 33 tokens on.
  package static let families = [
    TinyDecoder("llama", "--seed 21 --biases --rope llama3 --untied --heads 4 --kv-heads 2"),
    TinyDecoder("mistral", "--model mistral --seed 22 --window 11"),
    TinyDecoder("phi3", "--model phi3 --seed 23 --rope longrope --partial 0.8 --untied"),
    TinyDecoder("phi3-window", "--model phi3 --seed 24 --window 9 --heads 4 --kv-heads 2"),
    TinyDecoder("gemma2", "--model gemma2 --seed 25 --window 7 --heads 4 --kv-heads 2 --layers 3 --head-dim 16"),
    TinyDecoder("gemma3", "--model gemma3_text --seed 26 --window 6 --layers 4 --rope linear --theta 1000000"),
    TinyDecoder("qwen2", "--model qwen2 --seed 27 --rope yarn"),
    TinyDecoder("qwen3", "--model qwen3 --seed 28 --untied --heads 4 --kv-heads 2"),
  ]

  /// The checkpoint, in a folder of its own.
  package func checkpoint(_ more: [String] = []) throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    guard let made = python(["Tools/make-tiny-model", folder.path] + flags + more), made.status == 0 else {
      throw Failure(what: "make-tiny-model \(flags)")
    }
    return folder
  }

  package struct Failure: Error {
    package var what: String
  }

  package func bundle(
    weights: WeightChoice = .keep, activations: ActivationChoice? = nil
  ) throws -> OpenBundle {
    let folder = try checkpoint()
    return try OpenBundle(try packed(folder.path, weights: weights, activations: activations).bytes)
  }

  // MARK: As GGUF

  private static let names = [
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.qkv_proj": "attn_qkv", "self_attn.o_proj": "attn_output", "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
    "pre_feedforward_layernorm": "ffn_norm", "post_feedforward_layernorm": "post_ffw_norm",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.gate_up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
  ]

  /// A checkpoint of this model as llama.cpp would convert it, in f32: its keys, its names, rows of Q and K in
  /// pairs for llama, Gemma's norms with their 1.
  package static func gguf(_ folder: TemporaryFolder, change: (inout GGUFBuilder) -> Void = { _ in }) throws -> [UInt8]
  {
    let checkpoint = try CheckpointFolder(path: folder.path)
    let config = checkpoint.config
    let type = try config.string("model_type")
    let isGemma = type.hasPrefix("gemma")
    let architecture = type == "mistral" ? "llama" : type == "gemma3_text" ? "gemma3" : type
    var builder = GGUFBuilder()
    builder.add("general.architecture", .string(architecture))
    builder.add("general.name", .string("tiny"))
    try addSettings(&builder, config, architecture)
    let headDim = try config.int("head_dim")
    for info in checkpoint.tensors {
      let parts = info.name.split(separator: ".").map(String.init)
      let stem = parts.count < 5 ? "" : parts[3..<(parts.count - 1)].joined(separator: ".")
      var name = "blk.\(parts.count > 2 ? parts[2] : "").\(names[stem] ?? "").\(parts.last!)"
      if isGemma, stem == "post_attention_layernorm" { name = name.replacing("ffn_norm", with: "post_attention_norm") }
      if parts.count < 5 {
        name =
          parts[1] == "embed_tokens"
          ? "token_embd.weight" : parts[0] == "lm_head" ? "output.weight" : "output_norm.weight"
      }
      let raw = try checkpoint.bytes(of: info)
      var values = raw.withUnsafeBytes { raw in
        (0..<info.elementCount).map { Float(bitPattern: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)) }
      }
      if isGemma, stem.hasSuffix("norm") || name == "output_norm.weight" { values = values.map { $0 + 1 } }
      if architecture == "llama", name.contains("attn_q.") || name.contains("attn_k.") {
        values = adjacentPairs(values, columns: info.shape.count == 1 ? 1 : info.rowElementCount, headDim: headDim)
      }
      builder.tensors.append(
        .init(name, info.shape.reversed().map { UInt64($0) }, .F32, data: encode(values, .F32)))
    }
    change(&builder)
    return builder.build()
  }

  private static func addSettings(
    _ builder: inout GGUFBuilder, _ config: JSONFields, _ architecture: String
  ) throws {
    func put(_ key: String, _ value: Int) { builder.add("\(architecture).\(key)", .uint32(UInt32(value))) }
    func put(_ key: String, _ value: Double) { builder.add("\(architecture).\(key)", .float32(Float(value))) }
    let headDim = try config.int("head_dim")
    put("block_count", try config.int("num_hidden_layers"))
    put("context_length", try config.int("max_position_embeddings"))
    put("embedding_length", try config.int("hidden_size"))
    put("feed_forward_length", try config.int("intermediate_size"))
    put("attention.head_count", try config.int("num_attention_heads"))
    put("attention.head_count_kv", try config.int("num_key_value_heads"))
    put("attention.layer_norm_rms_epsilon", try config.double("rms_norm_eps"))
    put("attention.key_length", headDim)
    put("attention.value_length", headDim)
    if let window = try config.intIfPresent("sliding_window") { put("attention.sliding_window", window) }
    if let scalar = try config.doubleIfPresent("query_pre_attn_scalar") { put("attention.scale", pow(scalar, -0.5)) }
    if architecture == "gemma2" {
      put("attn_logit_softcapping", try config.double("attn_logit_softcapping"))
      put("final_logit_softcapping", try config.double("final_logit_softcapping"))
    }
    if architecture == "gemma3" {
      let types = try config.array("layer_types").map { GGUFBuilder.Value.bool($0.string == "sliding_attention") }
      builder.add("gemma3.attention.sliding_window_pattern", .array(.bool, types))
    }
    var rope = try config.fields("rope_parameters")
    if architecture == "gemma3" {
      put("rope.freq_base_swa", try rope.fields("sliding_attention").double("rope_theta"))
      rope = try rope.fields("full_attention")
    }
    put("rope.freq_base", try rope.double("rope_theta"))
    let rotated = Int(Double(headDim) * (try rope.double("partial_rotary_factor", default: 1)))
    put("rope.dimension_count", rotated)
    try addScaling(&builder, config, rope, architecture)
  }

  private static func addScaling(
    _ builder: inout GGUFBuilder, _ config: JSONFields, _ rope: JSONFields, _ architecture: String
  ) throws {
    let type = try rope.string("rope_type")
    if type == "linear" || type == "yarn" {
      builder.add("\(architecture).rope.scaling.type", .string(type))
      builder.add("\(architecture).rope.scaling.factor", .float32(Float(try rope.double("factor"))))
    }
    guard let original = try rope.intIfPresent("original_max_position_embeddings"), type != "llama3" else { return }
    builder.add("\(architecture).rope.scaling.original_context_length", .uint32(UInt32(original)))
    guard type == "longrope" else { return }
    let growth = Double(try config.int("max_position_embeddings")) / Double(original)
    let factor = Float((1 + log(growth) / log(Double(original))).squareRoot())
    builder.add("\(architecture).rope.scaling.attn_factor", .float32(factor))
    for half in ["short", "long"] {
      let factors = try rope.array("\(half)_factor").map { Float($0.double ?? 0) }
      builder.tensors.append(
        .init("rope_factors_\(half).weight", [UInt64(factors.count)], .F32, data: encode(factors, .F32)))
    }
  }
}

/// Rows as llama.cpp's converter stores them for llama: within a head, row s·h/2 + j goes to 2j + s.
func adjacentPairs(_ values: [Float], columns: Int, headDim: Int) -> [Float] {
  var out = values
  let half = headDim / 2
  for head in 0..<(values.count / columns / headDim) {
    for s in 0..<2 {
      for j in 0..<half {
        let (from, to) = (head * headDim + s * half + j, head * headDim + 2 * j + s)
        for k in 0..<columns { out[to * columns + k] = values[from * columns + k] }
      }
    }
  }
  return out
}
