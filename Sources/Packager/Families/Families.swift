// SPDX-License-Identifier: Apache-2.0
// The list of families, and which one a source belongs to.
import ModelFiles

/// A family of decoders: from settings to a ``Decoder``.
protocol DecoderFamily: Sendable {
  /// `model_type` in config.json.
  static var modelTypes: [String] { get }
  /// `general.architecture` in GGUF.
  static var architectures: [String] { get }
  static func decoder(_ config: JSONFields, modelType: String) throws -> Decoder
  static func decoder(_ file: GGUFFile, _ keys: ArchitectureKeys) throws -> Decoder
  /// Models that the family was checked against by shape: see ``Sketch``.
  static var published: [PublishedModel] { get }
}

/// A published model as its card describes it.
public struct PublishedModel: Sendable {
  public var name: String
  /// Numbers in all tensors, a tied output not counted twice.
  public var weightCount: Int
  /// The members of config.json that matter.
  public var config: String

  public init(_ name: String, weights: Int, _ config: String) {
    self.name = name
    weightCount = weights
    self.config = config
  }
}

/// A new family is a line here and a file.
private let families: [any DecoderFamily.Type] = [
  Llama.self, Mistral.self, Phi3.self, Gemma2.self, Gemma3.self, Qwen2.self, Qwen3.self,
]

/// The families that have a front-end, by the names that sources give them.
public let knownArchitectures: [String] = {
  var names: [String] = []
  let encoders = encoderFamilies.flatMap(\.modelTypes) + [MobileBERT.modelType]
  let decoders = families.flatMap { $0.modelTypes + $0.architectures }
  for name in decoders + encoders where !names.contains(name) { names.append(name) }
  return names
}()

/// All published models that the families know by shape, in the order of the families.
public var publishedModels: [PublishedModel] { families.flatMap { $0.published } }

extension Decoder {
  /// The decoder that a source holds.
  static func of(_ source: ModelSource, architecture: String) throws -> Decoder {
    switch source {
    case .checkpoint(let folder): return try of(folder.config, modelType: architecture)
    case .gguf(let file):
      guard let family = families.first(where: { $0.architectures.contains(architecture) }) else {
        throw PackError.unknownArchitecture(found: architecture, known: knownArchitectures)
      }
      let keys = ArchitectureKeys(file.metadata, architecture: architecture)
      let decoder = try family.decoder(file, keys)
      try keys.finish()
      return decoder
    }
  }

  /// The decoder that a config.json describes.
  static func of(_ config: JSONFields, modelType: String) throws -> Decoder {
    guard let family = families.first(where: { $0.modelTypes.contains(modelType) }) else {
      throw PackError.unknownArchitecture(found: modelType, known: knownArchitectures)
    }
    return try family.decoder(config, modelType: modelType)
  }
}
