// SPDX-License-Identifier: Apache-2.0
// A small random model of family llama, written as a checkpoint folder or a GGUF file, and packed.
import Format
import Foundation
import ModelFileBuilders
import ModelFiles
import Packager

package struct TinyLlama: Sendable {
  package var hidden = 45
  package var layers = 2
  package var heads = 4
  package var kvHeads = 2
  package var headDim = 10
  package var ffn = 77
  package var vocab = 67
  package var context = 160
  package var biases = false
  package var tied = true
  package var epsilon: Float = 1e-5
  package var theta: Double = 10_000
  package var seed: UInt64 = 1

  package init() {}

  /// Widths that blocks of 32 divide.
  package static var blocks: TinyLlama {
    var model = TinyLlama()
    (model.hidden, model.heads, model.kvHeads, model.headDim, model.ffn) = (64, 4, 2, 16, 96)
    model.tied = false
    return model
  }

  /// Widths that blocks of 256 divide.
  package static var superBlocks: TinyLlama {
    var model = TinyLlama()
    (model.hidden, model.layers, model.heads, model.kvHeads, model.headDim, model.ffn) = (256, 1, 4, 2, 64, 256)
    model.tied = false
    return model
  }

  package struct Matrix: Sendable {
    package var name: String
    package var rows: Int
    /// Nil for a vector of `rows` numbers.
    package var columns: Int?
    package var values: [Float]
  }

  private var queryRows: Int { heads * headDim }
  private var keyRows: Int { kvHeads * headDim }

  /// Every tensor under its name in a checkpoint, with its numbers.
  package func matrices() -> [Matrix] {
    var random = Seeded(seed)
    var all: [Matrix] = []
    func add(_ name: String, _ rows: Int, _ columns: Int?, spread: Float, centre: Float = 0) {
      let values = (0..<(rows * (columns ?? 1))).map { _ in centre + spread * random.uniform() }
      all.append(Matrix(name: name, rows: rows, columns: columns, values: values))
    }
    func linear(_ name: String, _ rows: Int, _ columns: Int) {
      add("\(name).weight", rows, columns, spread: 2.2 / Float(columns).squareRoot())
      if biases { add("\(name).bias", rows, nil, spread: 0.25) }
    }
    add("model.embed_tokens.weight", vocab, hidden, spread: 1)
    for layer in 0..<layers {
      let at = "model.layers.\(layer)."
      add(at + "input_layernorm.weight", hidden, nil, spread: 0.25, centre: 1)
      linear(at + "self_attn.q_proj", queryRows, hidden)
      linear(at + "self_attn.k_proj", keyRows, hidden)
      linear(at + "self_attn.v_proj", keyRows, hidden)
      linear(at + "self_attn.o_proj", hidden, queryRows)
      add(at + "post_attention_layernorm.weight", hidden, nil, spread: 0.25, centre: 1)
      linear(at + "mlp.gate_proj", ffn, hidden)
      linear(at + "mlp.up_proj", ffn, hidden)
      linear(at + "mlp.down_proj", hidden, ffn)
    }
    add("model.norm.weight", hidden, nil, spread: 0.25, centre: 1)
    if !tied { add("lm_head.weight", vocab, hidden, spread: 2.2 / Float(hidden).squareRoot()) }
    return all
  }

  /// `config.json` of today, or of before transformers 5.
  package func config(old: Bool = false, extra: [String: String] = [:]) -> String {
    var members: [String: String] = [
      "model_type": "\"llama\"", "hidden_act": "\"silu\"", "vocab_size": "\(vocab)", "hidden_size": "\(hidden)",
      "intermediate_size": "\(ffn)", "num_hidden_layers": "\(layers)", "num_attention_heads": "\(heads)",
      "num_key_value_heads": "\(kvHeads)", "head_dim": "\(headDim)", "max_position_embeddings": "\(context)",
      "rms_norm_eps": "\(epsilon)", "attention_bias": "\(biases)", "mlp_bias": "\(biases)",
      "tie_word_embeddings": "\(tied)", "eos_token_id": "2",
    ]
    if old {
      members["rope_theta"] = "\(theta)"
      members["rope_scaling"] = "null"
      members["torch_dtype"] = "\"float32\""
    } else {
      members["rope_parameters"] = "{\"rope_type\":\"default\",\"rope_theta\":\(theta)}"
      members["dtype"] = "\"float32\""
    }
    members.merge(extra) { $1 }
    return "{" + members.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
  }

  /// Writes `model.safetensors` and `config.json`; `change` may alter the list of tensors first.
  package func writeCheckpoint(
    _ folder: TemporaryFolder, type: ElementType = .F32, oldConfig: Bool = false,
    change: (inout [SafetensorsBuilder.Tensor]) -> Void = { _ in }
  ) {
    var tensors = matrices().map { matrix in
      var tensor = SafetensorsBuilder.Tensor(
        matrix.name, type, matrix.columns.map { [matrix.rows, $0] } ?? [matrix.rows])
      tensor.data = encode(matrix.values, type)
      return tensor
    }
    change(&tensors)
    folder.write("model.safetensors", SafetensorsBuilder.file(tensors))
    folder.write("config.json", config(old: oldConfig))
  }
}

/// Numbers as a float type stores them.
package func encode(_ values: [Float], _ type: ElementType) -> [UInt8] {
  var bytes: [UInt8] = []
  for x in values {
    switch type {
    case .F32: bytes.put(x.bitPattern)
    case .F16: bytes.put(Float16(x).bitPattern)
    case .BF16:
      let bits = x.bitPattern
      bytes.put(UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16))
    default: preconditionFailure("not a float type")
    }
  }
  return bytes
}

/// Packs `path` and returns the bundle's bytes. A copy goes where HARDTACK_TEST_BUNDLES says, for the second reader.
package func packed(
  _ path: String, weights: WeightChoice = .keep, requantize: Bool = false, threads: Int = 1, name: String? = "tiny",
  activations: ActivationChoice? = nil
) throws -> (bytes: [UInt8], report: PackReport) {
  let folder = try TemporaryFolder()
  var options = PackOptions()
  options.weights = weights
  options.requantize = requantize
  options.withTokenizer = false
  options.threads = threads
  options.activations = activations
  options.name = name
  let target = folder.path + "/out.tack"
  let report = try pack(path: path, target: target, options: options)
  let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: target)))
  if let kept = ProcessInfo.processInfo.environment["HARDTACK_TEST_BUNDLES"] {
    try? FileManager.default.createDirectory(atPath: kept, withIntermediateDirectories: true)
    try? Data(bytes).write(to: URL(fileURLWithPath: "\(kept)/packed-\(report.identity.prefix(12)).tack"))
  }
  return (bytes, report)
}

extension TinyLlama {
  /// The model as a checkpoint, packed and opened.
  package func bundle(
    type: ElementType = .F32, weights: WeightChoice = .keep, threads: Int = 1
  ) throws -> OpenBundle {
    let folder = try TemporaryFolder()
    writeCheckpoint(folder, type: type)
    return try OpenBundle(try packed(folder.path, weights: weights, threads: threads).bytes)
  }
}
