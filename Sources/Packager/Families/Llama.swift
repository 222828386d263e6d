// SPDX-License-Identifier: Apache-2.0
// Llama and its kin: pre-norm layers of rotary grouped-query attention and a gated SiLU feed-forward.
import ModelFiles

enum Llama: DecoderFamily {
  static let modelTypes = ["llama"]
  static let architectures = ["llama"]

  static func decoder(_ config: JSONFields, modelType: String) throws -> Decoder {
    var decoder = try Decoder(
      config, family: modelType, defaults: Decoder.Defaults(contextMax: 2048), knows: ["attention_bias", "mlp_bias"])
    try Decoder.expectActivation(config, "hidden_act", ["silu"])
    if try config.bool("attention_bias", default: false) {
      (decoder.queryKeyValueBias, decoder.attentionOutputBias) = (.required, .required)
    }
    if try config.bool("mlp_bias", default: false) { decoder.feedForwardBias = .required }
    try decoder.setRope(config)
    return decoder
  }

  /// Mistral's files are of this architecture as well; converters leave the window out, so it counts where it is there.
  static func decoder(_ file: GGUFFile, _ keys: ArchitectureKeys) throws -> Decoder {
    var decoder = try Decoder(file, keys, family: "llama")
    decoder.hasPairedRows = true
    try keys.expect("rope.dimension_count", Double(decoder.headDim))
    (decoder.queryKeyValueBias, decoder.attentionOutputBias) = (.asStored, .asStored)
    decoder.feedForwardBias = .asStored
    decoder.setWindow(try keys.int("attention.sliding_window", default: 0))
    return decoder
  }
}
