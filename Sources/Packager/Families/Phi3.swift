// SPDX-License-Identifier: Apache-2.0
// Phi 3, 3.5 and 4 mini: Llama with query, key and value in one matrix and gate and up in another, a sliding window,
// heads that rotate in part, and long RoPE.
import ModelFiles

enum Phi3: DecoderFamily {
  static let modelTypes = ["phi3"]
  static let architectures = ["phi3"]

  static func decoder(_ config: JSONFields, modelType: String) throws -> Decoder {
    var decoder = try Decoder(
      config, family: modelType, defaults: Decoder.Defaults(contextMax: 4096, epsilon: 1e-5), knows: ["sliding_window"])
    try Decoder.expectActivation(config, "hidden_act", ["silu"])
    decoder.isFused = true
    decoder.setWindow(try config.int("sliding_window", default: 0))
    // The first checkpoints called long RoPE by other names.
    try decoder.setRope(
      config,
      Rotary.Defaults(
        allowsPartial: true, aliases: ["su": "longrope", "yarn": "longrope"], originalContext: 4096))
    return decoder
  }

  /// The window counts: llama.cpp passes over it, the model was trained with it. Files from before the key was written
  /// are of models whose context of 4096 has a window of 2047, or whose window is the context.
  static func decoder(_ file: GGUFFile, _ keys: ArchitectureKeys) throws -> Decoder {
    var decoder = try Decoder(file, keys, family: "phi3")
    decoder.isFused = true
    decoder.setWindow(try keys.int("attention.sliding_window", default: decoder.contextMax == 4096 ? 2047 : 0))
    return decoder
  }
}
