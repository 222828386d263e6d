// SPDX-License-Identifier: Apache-2.0
// A model of any kind as its family describes it: from a source to a graph.
import ModelFiles

/// What a source's settings describe, before a tensor is taken.
enum ModelShape {
  case decoder(Decoder)
  case encoder(Encoder)
  case mobileBERT(MobileBERT)
  case encoderDecoder(EncoderDecoder)

  init(_ source: ModelSource, architecture: String) throws {
    switch source {
    case .checkpoint(let folder):
      try self.init(folder.config, modelType: architecture) { try SentencePooling(folder) }
    case .gguf(let file) where architecture == Encoder.architecture:
      self = .encoder(try Encoder(file, ArchitectureKeys(file.metadata, architecture: architecture)))
    case .gguf: self = .decoder(try Decoder.of(source, architecture: architecture))
    }
  }

  /// What a config.json describes. `pooling`: how an encoder without head makes one vector of a text.
  init(_ config: JSONFields, modelType: String, pooling: () throws -> SentencePooling) throws {
    if let family = encoderFamilies.first(where: { $0.modelTypes.contains(modelType) }) {
      var encoder = try family.encoder(config, modelType)
      if encoder.head == .none { encoder.pooling = try pooling() }
      self = .encoder(encoder)
    } else if modelType == MobileBERT.modelType {
      var model = try MobileBERT(config)
      if model.encoder.head == .none { model.encoder.pooling = try pooling() }
      self = .mobileBERT(model)
    } else if let family = encoderDecoderFamilies.first(where: { $0.modelTypes.contains(modelType) }) {
      self = .encoderDecoder(try family.model(config, modelType))
    } else {
      self = .decoder(try Decoder.of(config, modelType: modelType))
    }
  }

  /// - Parameter invented: a type that matrices have whose source is not there: then every tensor is.
  func graph(
    _ source: any TensorSource, policy: WeightPolicy, activations: ActivationChoice?, invented: ElementType? = nil
  ) throws(PackError) -> Graph {
    switch self {
    case .decoder(let model):
      try DecoderGraph.build(model, source, policy: policy, activations: activations, invented: invented)
    case .encoder(let model):
      try EncoderGraph.build(model, source, policy: policy, activations: activations, invented: invented)
    case .mobileBERT(let model):
      try MobileBERTGraph.build(model, source, policy: policy, activations: activations, invented: invented)
    case .encoderDecoder(let model):
      try EncoderDecoderGraph.build(model, source, policy: policy, activations: activations, invented: invented)
    }
  }
}
