// SPDX-License-Identifier: Apache-2.0
// Mistral: Llama with heads of any width and a sliding window over all layers, or none. H2O-Danube 1 is of this type;
// Ministral's layers may have the window or not. In GGUF these are files of architecture llama.
import ModelFiles

enum Mistral: DecoderFamily {
  static let modelTypes = ["mistral", "ministral"]
  static let architectures: [String] = []

  static func decoder(_ config: JSONFields, modelType: String) throws -> Decoder {
    // The class has a window of 4096 where config.json does not name one: null is none.
    var decoder = try Decoder(
      config, family: modelType, defaults: Decoder.Defaults(contextMax: 131_072, kvHeads: 8),
      knows: modelType == "ministral" ? ["sliding_window", "layer_types"] : ["sliding_window"])
    try Decoder.expectActivation(config, "hidden_act", ["silu"])
    let window = config.isMissing("sliding_window") ? 4096 : try config.int("sliding_window", default: 0)
    let windowed = try decoder.windowedLayers(config)
    decoder.setWindow(window) { windowed?[$0] ?? true }
    try decoder.setRope(config)
    return decoder
  }

  static func decoder(_ file: GGUFFile, _ keys: ArchitectureKeys) throws -> Decoder {
    throw PackError.unknownArchitecture(found: keys.architecture, known: knownArchitectures)
  }
}
