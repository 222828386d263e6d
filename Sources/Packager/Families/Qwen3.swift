// SPDX-License-Identifier: Apache-2.0
// Qwen 3: norms over each head of queries and keys, heads of any width, no biases as published.
import ModelFiles

enum Qwen3: DecoderFamily {
  static let modelTypes = ["qwen3"]
  static let architectures = ["qwen3"]

  static func decoder(_ config: JSONFields, modelType: String) throws -> Decoder {
    var decoder = try Decoder(
      config, family: modelType, defaults: Decoder.Defaults(contextMax: 32_768, kvHeads: 32, headDim: 128),
      knows: Qwen2.windowKeys.union(["attention_bias"]))
    try Decoder.expectActivation(config, "hidden_act", ["silu"])
    if try config.bool("attention_bias", default: false) {
      (decoder.queryKeyValueBias, decoder.attentionOutputBias) = (.required, .required)
    }
    decoder.hasQueryKeyNorms = true
    try Qwen2.setWindows(&decoder, config)
    try decoder.setRope(config)
    return decoder
  }

  static func decoder(_ file: GGUFFile, _ keys: ArchitectureKeys) throws -> Decoder {
    var decoder = try Decoder(file, keys, family: "qwen3")
    decoder.hasQueryKeyNorms = true
    (decoder.queryKeyValueBias, decoder.attentionOutputBias) = (.asStored, .asStored)
    return decoder
  }
}
