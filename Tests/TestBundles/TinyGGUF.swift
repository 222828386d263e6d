// SPDX-License-Identifier: Apache-2.0
// The small model as a GGUF file: floats, with Q and K rows for RoPE on adjacent pairs, or random blocks of any type.
import ModelFileBuilders
import ModelFiles

extension TinyLlama {
  private static let names = [
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
    "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
  ]

  /// The GGUF name of a checkpoint's tensor.
  package static func ggufName(_ name: String) -> String {
    switch name {
    case "model.embed_tokens.weight": return "token_embd.weight"
    case "model.norm.weight": return "output_norm.weight"
    case "lm_head.weight": return "output.weight"
    default:
      let parts = name.split(separator: ".", maxSplits: 3).map(String.init)  // model, layers, N, rest
      let rest = parts[3].split(separator: ".").map(String.init)
      return "blk.\(parts[2])." + names[rest.dropLast().joined(separator: ".")]! + "." + rest.last!
    }
  }

  /// A GGUF file. Matrices have `type`: a float type holds the numbers of `matrices()`, a block type random blocks.
  package func gguf(type: ElementType, change: (inout GGUFBuilder) -> Void = { _ in }) -> [UInt8] {
    var builder = GGUFBuilder()
    builder.add("general.architecture", .string("llama"))
    builder.add("general.name", .string("tiny"))
    builder.add("llama.embedding_length", .uint32(UInt32(hidden)))
    builder.add("llama.block_count", .uint32(UInt32(layers)))
    builder.add("llama.attention.head_count", .uint32(UInt32(heads)))
    builder.add("llama.attention.head_count_kv", .uint32(UInt32(kvHeads)))
    builder.add("llama.attention.key_length", .uint32(UInt32(headDim)))
    builder.add("llama.attention.value_length", .uint32(UInt32(headDim)))
    builder.add("llama.feed_forward_length", .uint32(UInt32(ffn)))
    builder.add("llama.context_length", .uint32(UInt32(context)))
    builder.add("llama.attention.layer_norm_rms_epsilon", .float32(epsilon))
    builder.add("llama.rope.freq_base", .float32(Float(theta)))
    var random = Seeded(seed &+ 99)
    for matrix in matrices() {
      let name = TinyLlama.ggufName(matrix.name)
      var values = matrix.values
      if name.contains("attn_q.") || name.contains("attn_k.") {
        values = adjacentPairs(values, columns: matrix.columns ?? 1, headDim: headDim)
      }
      guard let columns = matrix.columns else {
        builder.tensors.append(.init(name, [UInt64(matrix.rows)], .F32, data: encode(values, .F32)))
        continue
      }
      let isFloat = type == .F32 || type == .F16 || type == .BF16
      let data = isFloat ? encode(values, type) : randomBlocks(type, matrix.rows * columns, &random)
      builder.tensors.append(.init(name, [UInt64(columns), UInt64(matrix.rows)], type, data: data))
    }
    change(&builder)
    return builder.build()
  }
}

/// Random bytes, with the f16 scales of each block where a model would have them.
package func randomBlocks(_ type: ElementType, _ elementCount: Int, _ random: inout Seeded) -> [UInt8] {
  let blockByteCount = type.bytesPerBlock
  let blockCount = type.byteCount(elementCount: elementCount)! / blockByteCount
  // Where f16 scales are in a block of the type.
  let scales: [Int] =
    switch type {
    case .Q4_1, .Q5_1, .Q4_K, .Q5_K: [0, 2]
    case .Q6_K: [208]
    case .Q2_K: [80, 82]
    case .Q3_K: [108]
    case .MXFP4: []
    default: [0]
    }
  let unit: Float =
    switch type {
    case .Q4_K, .Q5_K, .Q6_K, .Q3_K: 0.0004
    case .IQ4_XS: 0.00004
    case .Q8_0, .IQ4_NL: 0.002
    default: 0.02
    }
  var bytes: [UInt8] = []
  for _ in 0..<blockCount {
    var block = (0..<blockByteCount).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    if type == .MXFP4 { block[0] = 118 + block[0] % 4 }  // the one format whose scale is an exponent
    for at in scales {
      let bits = Float16(unit * (1 + random.uniform() * 0.5)).bitPattern
      block[at] = UInt8(truncatingIfNeeded: bits)
      block[at + 1] = UInt8(truncatingIfNeeded: bits >> 8)
    }
    bytes += block
  }
  return bytes
}
