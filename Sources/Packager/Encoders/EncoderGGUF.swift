// SPDX-License-Identifier: Apache-2.0
// BERT and its kin as GGUF states them: architecture `bert`, without head.
import CKernels
import ModelFiles

extension Encoder {
  /// The architecture whose files these are.
  static let architecture = "bert"

  init(_ file: GGUFFile, _ keys: ArchitectureKeys) throws {
    self.init(family: Encoder.architecture, names: .gguf)
    hidden = try keys.int("embedding_length")
    embeddingSize = hidden
    heads = try keys.int("attention.head_count")
    try keys.expect("attention.head_count_kv", Double(heads))
    feedForward = try keys.int("feed_forward_length")
    contextMax = try keys.int("context_length")
    let layerCount = try keys.int("block_count")
    // Before anything has that many elements.
    guard 1...1024 ~= layerCount else {
      throw PackError.badSetting(key: keys.name("block_count"), found: "\(layerCount)", expected: "1 … 1024")
    }
    layers = (0..<layerCount).map { "blk.\($0)." }
    epsilon = Float(try keys.double("attention.layer_norm_epsilon"))
    let isCausal = try keys.bool("attention.causal", default: false)
    guard !isCausal else {
      throw PackError.badSetting(key: keys.name("attention.causal"), found: "true", expected: "false")
    }
    vocab = file.tensor(named: "\(names.words).weight")?.rowCount ?? 0
    typeCount = file.tensor(named: "\(names.types).weight")?.rowCount ?? 0
    let declared = try file.metadata.int("tokenizer.ggml.token_type_count", default: typeCount)
    guard declared == typeCount else {
      throw PackError.badSetting(
        key: "tokenizer.ggml.token_type_count", found: "\(declared)", expected: "\(typeCount), the rows of token_types")
    }
    pooling = try SentencePooling(
      gguf: try keys.int("pooling_type", default: 0), key: keys.name("pooling_type"))
    try keys.finish()
  }
}
