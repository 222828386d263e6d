// SPDX-License-Identifier: Apache-2.0
// Every family from each form in which it is published: the same program and weights; and what is refused, by name.
import Format
import Foundation
import ModelFileBuilders
import ModelFiles
import Packager
import Testing
import TestBundles

@Suite("Sources of families", .enabled(if: hasPython, "needs python3"))
struct FamilySourceTests {
  private func sections(_ bytes: [UInt8]) throws -> [[UInt8]] {
    let view = try OpenBundle(bytes).view
    return [SectionKind.program, .weights].map { [UInt8](view.bytes(of: $0)) }
  }

  @Test("both generations of config.json", arguments: TinyDecoder.families)
  func generations(model: TinyDecoder) throws {
    let (new, old) = (try model.checkpoint(), try model.checkpoint(["--old-config"]))
    let config = try String(contentsOfFile: old.path + "/config.json", encoding: .utf8)
    #expect(config.contains("torch_dtype") && !config.contains("rope_parameters") && !config.contains("layer_types"))
    #expect(try sections(packed(new.path).bytes) == sections(packed(old.path).bytes))
  }

  @Test("GGUF and checkpoint of one model", arguments: TinyDecoder.families)
  func gguf(model: TinyDecoder) throws {
    guard model.name != "llama" else { return }  // llama3's factors are rounded to f32 in GGUF; PackTests has llama
    let folder = try model.checkpoint()
    let path = folder.write("model.gguf", try TinyDecoder.gguf(folder))
    #expect(try sections(packed(path).bytes) == sections(packed(folder.path).bytes))
  }

  @Test("GGUF: one number a layer, or one for all")
  func perLayer() throws {
    let folder = try TinyDecoder.families[7].checkpoint()
    let whole = try sections(packed(folder.write("a.gguf", try TinyDecoder.gguf(folder))).bytes)
    func arrays(_ last: UInt32) throws -> [UInt8] {
      try TinyDecoder.gguf(folder) { builder in
        for key in ["attention.head_count", "attention.head_count_kv", "feed_forward_length"] {
          let index = builder.metadata.firstIndex { $0.key == Array("qwen3.\(key)".utf8) }!
          guard case .uint32(let one) = builder.metadata[index].value else { continue }
          builder.metadata[index].value = .array(.uint32, [.uint32(one), .uint32(one + last)])
        }
      }
    }
    #expect(try sections(packed(folder.write("b.gguf", arrays(0))).bytes) == whole)
    // Another width in the last layer: its tensors do not have it.
    #expect(throws: PackError.self) { _ = try packed(folder.write("c.gguf", arrays(4))) }
  }

  @Test("GGUF keys that would change the results: refused by name", arguments: TinyDecoder.families)
  func keys(model: TinyDecoder) throws {
    let folder = try model.checkpoint()
    let type = try CheckpointFolder(path: folder.path).config.string("model_type")
    let architecture = type == "mistral" ? "llama" : type == "gemma3_text" ? "gemma3" : type
    let refused: [(String, GGUFBuilder.Value)] = [
      ("expert_count", .uint32(8)), ("attention.clamp_kqv", .float32(4)), ("logit_scale", .float32(0.5)),
      ("residual_scale", .float32(0.2)), ("attention.causal", .bool(false)), ("use_parallel_residual", .bool(true)),
      ("rope.dimension_sections", .array(.uint32, [.uint32(4)])), ("altogether.new", .uint32(1)),
    ]
    for (key, value) in refused {
      let path = folder.write("bad.gguf", try TinyDecoder.gguf(folder) { $0.add("\(architecture).\(key)", value) })
      #expect("\(architecture).\(key)") {
        _ = try packed(path)
      } throws: { error in
        if case .badSetting("\(architecture).\(key)", _, _)? = error as? PackError { true } else { false }
      }
    }
    for (key, value) in [("expert_count", GGUFBuilder.Value.uint32(0)), ("rope.scaling.finetuned", .bool(true))] {
      let path = folder.write("good.gguf", try TinyDecoder.gguf(folder) { $0.add("\(architecture).\(key)", value) })
      _ = try packed(path)
    }
  }

  @Test("settings of config.json that would change the results: refused by name", arguments: TinyDecoder.families)
  func settings(model: TinyDecoder) throws {
    let folder = try model.checkpoint()
    let config = try String(contentsOfFile: folder.path + "/config.json", encoding: .utf8)
    for (key, value) in [
      ("num_local_experts", "8"), ("clip_qkv", "8.0"), ("logit_scale", "0.0625"), ("residual_multiplier", "0.22"),
      ("embedding_multiplier", "12"), ("attention_multiplier", "0.01"), ("use_qk_norm", "true"),
      ("use_bidirectional_attention", "true"), ("is_causal", "false"), ("no_rope_layers", "[1, 0]"),
      ("quantization_config", "{\"quant_method\": \"gptq\"}"), ("qkv_bias", "true"),
    ] {
      #expect(try refused(folder, config, "\"\(key)\": \(value)") == key)
    }
    for neutral in ["\"num_local_experts\": null", "\"logit_scale\": 1", "\"clip_qkv\": null", "\"pretraining_tp\": 2"]
    {
      #expect(try refused(folder, config, neutral) == nil)
    }
  }

  @Test(
    "what a family does not do",
    arguments: [
      (0, "\"sliding_window\": 7", "sliding_window"), (0, "\"partial_rotary_factor\": 0.5", "partial_rotary_factor"),
      (0, "\"rope_parameters\": {\"rope_type\": \"dynamic\", \"factor\": 2.0}", "rope_type"),
      (
        0, "\"rope_parameters\": {\"rope_type\": \"default\", \"mrope_section\": [1, 2]}",
        "rope_parameters.mrope_section"
      ),
      (1, "\"attention_bias\": true", "attention_bias"), (1, "\"hidden_act\": \"gelu\"", "hidden_act"),
      (
        2, "\"rope_parameters\": {\"rope_type\": \"longrope\", \"short_factor\": [1], \"long_factor\": [1]}",
        "factors of long RoPE"
      ),
      (4, "\"hidden_activation\": \"gelu\"", "hidden_activation"),
      (4, "\"query_pre_attn_scalar\": 0", "query_pre_attn_scalar"),
      (4, "\"layer_types\": [\"full_attention\"]", "layer_types"),
      (4, "\"final_logit_softcapping\": -3", "final softcap"),
      (5, "\"model_type\": \"gemma3\"", "model_type"),
      (5, "\"attn_logit_softcapping\": 30.0", "attn_logit_softcapping"),
      (
        5, "\"layer_types\": [\"chunked_attention\", \"full_attention\", \"full_attention\", \"full_attention\"]",
        "layer_types"
      ),
      (6, "\"attention_bias\": true", "attention_bias"),
      (6, "\"layer_types\": [\"sliding_attention\", \"full_attention\"]", "layer_types"),
    ])
  func special(index: Int, member: String, key: String) throws {
    let folder = try TinyDecoder.families[index].checkpoint()
    let config = try String(contentsOfFile: folder.path + "/config.json", encoding: .utf8)
    #expect(try refused(folder, config, member) == key)
  }

  /// The setting that is named when `member` replaces its like in the configuration, or comes to it; nil when it packs.
  private func refused(_ folder: TemporaryFolder, _ config: String, _ member: String) throws -> String? {
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(config.utf8)) as? [String: Any], "an object")
    let added = try #require(try JSONSerialization.jsonObject(with: Data("{\(member)}".utf8)) as? [String: Any])
    let data = try JSONSerialization.data(withJSONObject: object.merging(added) { $1 })
    folder.write("config.json", [UInt8](data))
    do {
      _ = try packed(folder.path)
      return nil
    } catch {
      guard case .badSetting(let key, _, _)? = error as? PackError else { return "\(error)" }
      return key
    }
  }
}
