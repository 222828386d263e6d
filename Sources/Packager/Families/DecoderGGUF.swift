// SPDX-License-Identifier: Apache-2.0
// The settings that all decoders have in common, as GGUF states them.
import Foundation
import ModelFiles

extension Decoder {
  /// Sizes, norm, one rotation for all layers. Call `keys.finish()` when the family has asked for its own.
  init(_ file: GGUFFile, _ keys: ArchitectureKeys, family: String) throws {
    self.init(family: family, names: .gguf)
    hidden = try keys.int("embedding_length")
    let layerCount = try keys.int("block_count")
    // Before anything has that many elements.
    guard 1...1024 ~= layerCount else {
      throw PackError.badSetting(key: keys.name("block_count"), found: "\(layerCount)", expected: "1 … 1024")
    }
    let heads = try keys.perLayer("attention.head_count", count: layerCount)
    let kvHeads = try keys.perLayer("attention.head_count_kv", count: layerCount, default: heads[0])
    let feedForward = try keys.perLayer("feed_forward_length", count: layerCount)
    layers = (0..<layerCount).map {
      DecoderLayer(heads: heads[$0], kvHeads: kvHeads[$0], feedForward: feedForward[$0])
    }
    contextMax = try keys.int("context_length")
    epsilon = Float(try keys.double("attention.layer_norm_rms_epsilon"))
    guard heads[0] > 0 else {
      throw PackError.badSetting(
        key: keys.name("attention.head_count"), found: "\(heads[0])", expected: "at least 1")
    }
    headDim = try keys.int("attention.key_length", default: hidden / heads[0])
    try checkWidths()
    try keys.expect("attention.value_length", Double(headDim))
    vocab = file.tensor(named: names.embedding)?.rowCount ?? 0
    try keys.expect("vocab_size", Double(vocab))
    isTied = file.tensor(named: names.output) == nil
    // Neutral values of what no family here does.
    try keys.expect("expert_count", 0)
    try keys.expect("expert_used_count", 0)
    try keys.expect("attention.clamp_kqv", 0)
    try keys.expect("attention.max_alibi_bias", 0)
    for key in ["logit_scale", "embedding_scale", "residual_scale"] { try keys.expect(key, 1) }
    attentionScale = Float(try keys.doubleIfPresent("attention.scale") ?? 1 / Double(headDim).squareRoot())
    ropes = [try Rotary(file, keys, headDim: headDim, contextMax: contextMax)]
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
