// SPDX-License-Identifier: Apache-2.0
// The task that a checkpoint was trained for, as the documents in its folder state it. specs/labels.md §3.
import Format
import ModelFiles

/// Answers of transformers' own pipelines.
private let answerLengthMax = 384
private let answerTokensMax = 15
private let answerStride = 128
private let windowStride = 64

extension TaskDraft {
  /// The draft for an encoder in a folder.
  ///
  /// - Parameter graph: finished; its context is what positions allow.
  init(_ folder: CheckpointFolder, _ encoder: Encoder, _ graph: Graph, _ options: PackOptions) throws {
    self.init(try TaskDraft.kind(folder.config, encoder, options.task), lengthMax: graph.contextMax)
    let tokenizerConfig = try folder.fields("tokenizer_config.json")
    let sentence = try folder.fields("sentence_bert_config.json")
    let limits = [
      try tokenizerConfig?.doubleIfPresent("model_max_length"), try sentence?.doubleIfPresent("max_seq_length"),
    ]
    for limit in limits {
      if let limit, limit >= 1, limit < Double(lengthMax) { lengthMax = Int(limit) }
    }
    stride = min(lengthMax / 4, windowStride)
    isUnit = encoder.pooling?.isUnit ?? false
    switch kind {
    case .classify, .tag:
      // Without a tokenizer there will be no record, and numbers need no names.
      if options.withTokenizer { labels = try TaskDraft.labels(folder.config, encoder.labelCount, options.labels) }
      function = kind == .tag ? .softmax : try TaskDraft.function(folder.config, encoder.labelCount)
    case .rerank: function = try TaskDraft.rerankFunction(folder.config)
    case .answer:
      lengthMax = min(lengthMax, answerLengthMax)
      stride = min(lengthMax / 2, answerStride)
      answerMax = min(answerTokensMax, lengthMax)
      function = .softmax
    case .fill: function = .softmax
    case .embed: try takePrompts(folder)
    case .translate, .summarise: break
    }
    if !options.withTokenizer { return }  // there will be no record
    guard let tokenizer = try folder.fields("tokenizer.json") else {
      guard kind != .answer, kind != .rerank, kind != .fill else {
        throw PackError.badSetting(
          key: "the tokenizer", found: "no tokenizer.json", expected: "one: it says how texts are put together")
      }
      return
    }
    pair = try PairTemplate(tokenizer)
    if try encoder.typeCount < 2 || TaskDraft.hasNoTypes(tokenizerConfig) { pair?.dropTypes() }
    try takeMask(folder, tokenizer)
    if kind == .answer || kind == .rerank, pair == nil {
      throw PackError.badSetting(
        key: "post_processor of tokenizer.json", found: "no template for two texts",
        expected: "one: two texts are read together")
    }
  }

  private static func kind(_ config: JSONFields, _ encoder: Encoder, _ asked: String?) throws -> TaskKind {
    let marks = ["sentence_transformers", "sbert_ce_default_activation_function"]
    let isCrossEncoder = marks.contains { config[$0] != nil }
    let possible: [TaskKind] =
      switch encoder.head {
      case .none: [.embed]
      case .sequenceClassification where encoder.labelCount == 1:
        isCrossEncoder ? [.rerank, .classify] : [.classify, .rerank]
      case .sequenceClassification: [.classify]
      case .tokenClassification: [.tag]
      case .questionAnswering: [.answer]
      case .maskedLanguageModel: [.fill]
      }
    guard let asked else { return possible[0] }
    guard let kind = possible.first(where: { $0.name.description == asked }) else {
      let known = possible.map(\.name.description).joined(separator: " or ")
      throw PackError.badSetting(key: "--task", found: asked, expected: "\(known): the checkpoint has no other head")
    }
    return kind
  }

  /// The names of the labels, in the order of their indexes.
  private static func labels(_ config: JSONFields, _ count: Int, _ given: [String]?) throws -> [String] {
    var names: [String] = []
    if let given {
      guard given.count == count else {
        throw PackError.badSetting(
          key: "--labels", found: "\(given.count) names", expected: "\(count), one for each label")
      }
      names = given
    } else if let table = try config.fieldsIfPresent("id2label") {
      for index in 0..<count {
        guard let value = table["\(index)"], let name = value.string ?? value.int.map({ "\($0)" }) else {
          throw PackError.badSetting(
            key: "id2label of config.json", found: table["\(index)"]?.summary ?? "nothing for label \(index)",
            expected: "a name for each of 0 … \(count - 1)")
        }
        names.append(name)
      }
    } else if config["num_labels"] != nil {
      names = (0..<count).map { "LABEL_\($0)" }
    } else {
      throw PackError.labelsMissing(count: count)
    }
    for name in names {
      let isPlain = Array(name.utf8).withUnsafeBytes { plainTextByteCount($0) == $0.count }
      guard isPlain, !name.isEmpty else {
        throw PackError.badSetting(key: "a label", found: name, expected: "plain text of at least a byte")
      }
    }
    return names
  }

  /// As transformers' pipeline for texts chooses it.
  private static func function(_ config: JSONFields, _ count: Int) throws -> ScoreFunction {
    switch try config.stringIfPresent("problem_type") {
    case "regression": return .none
    case "multi_label_classification": return .sigmoid
    case "single_label_classification": return count == 1 ? .sigmoid : .softmax
    case nil: return count == 1 ? .sigmoid : .softmax
    case let found?:
      throw PackError.badSetting(
        key: "problem_type", found: found,
        expected: "regression, single_label_classification or multi_label_classification")
    }
  }

  /// As sentence-transformers' CrossEncoder chooses it; a regression has none.
  private static func rerankFunction(_ config: JSONFields) throws -> ScoreFunction {
    let inner = try config.fieldsIfPresent("sentence_transformers")
    let name =
      try inner?.stringIfPresent("activation_fn")
      ?? config.stringIfPresent("sbert_ce_default_activation_function")
    switch name?.split(separator: ".").last {
    case nil: return .sigmoid
    case "Identity": return .none
    case "Sigmoid": return .sigmoid
    default:
      throw PackError.badSetting(
        key: "the activation function of the cross-encoder", found: name!, expected: "Sigmoid or Identity")
    }
  }

  /// Whether the tokenizer gives a model no types, as those of RoBERTa, DistilBERT and MPNet do.
  private static func hasNoTypes(_ config: JSONFields?) throws -> Bool {
    guard let config else { return false }
    if let names = try config.arrayIfPresent("model_input_names") {
      return !names.contains { $0.string == "token_type_ids" }
    }
    let kind = try config.stringIfPresent("tokenizer_class") ?? ""
    // The last one is what transformers 5 calls a tokenizer of no family.
    return ["Roberta", "XLMRoberta", "DistilBert", "Camembert", "MPNet", "TokenizersBackend"].contains {
      kind == $0 || kind.hasPrefix("\($0)Tokenizer")
    }
  }

  private mutating func takeMask(_ folder: CheckpointFolder, _ tokenizer: JSONFields) throws {
    for document in ["tokenizer_config.json", "special_tokens_map.json"] where mask == nil {
      guard let value = try folder.fields(document)?["mask_token"] else { continue }
      guard let text = value.string ?? value["content"]?.string else { continue }
      mask = try tokenID(text, in: tokenizer)
    }
    if mask == nil { mask = try tokenID("[MASK]", in: tokenizer) ?? tokenID("<mask>", in: tokenizer) }
    guard mask != nil || kind != .fill else {
      throw PackError.badSetting(
        key: "mask_token of tokenizer_config.json", found: "no token of this tokenizer",
        expected: "one to be filled in")
    }
  }

  /// What sentence-transformers puts before a text.
  private mutating func takePrompts(_ folder: CheckpointFolder) throws {
    guard let config = try folder.fields("config_sentence_transformers.json") else { return }
    guard let table = try config.fieldsIfPresent("prompts")?.object else { return }
    for (name, value) in table {
      guard let text = value.string, prompts.count < TaskRecord.promptCountMax,
        name.utf8.count + text.utf8.count < 4096
      else {
        throw PackError.badSetting(
          key: "prompts.\(name)", found: value.summary,
          expected: "at most \(TaskRecord.promptCountMax) short texts")
      }
      prompts.append((name, text))
    }
    guard let name = try config.stringIfPresent("default_prompt_name") else { return }
    defaultPrompt = prompts.firstIndex { $0.name == name }
    guard defaultPrompt != nil else {
      throw PackError.badSetting(key: "default_prompt_name", found: name, expected: "one of the prompts")
    }
  }
}

/// The encoder that a folder describes; nil for other families.
func encoder(of folder: CheckpointFolder, architecture: String) throws -> Encoder? {
  var encoder: Encoder
  if let family = encoderFamilies.first(where: { $0.modelTypes.contains(architecture) }) {
    encoder = try family.encoder(folder.config, architecture)
  } else if architecture == MobileBERT.modelType {
    encoder = try MobileBERT(folder.config).encoder
  } else {
    return nil
  }
  if encoder.head == .none { encoder.pooling = try SentencePooling(folder) }
  return encoder
}

/// The draft of a source's task; nil for decoders, whose task needs no record.
func taskDraft(
  _ source: ModelSource, architecture: String, _ graph: Graph, _ options: PackOptions
) throws -> TaskDraft? {
  switch source {
  case .checkpoint(let folder):
    guard let encoder = try encoder(of: folder, architecture: architecture) else { return nil }
    return try TaskDraft(folder, encoder, graph, options)
  case .gguf:
    guard graph.entries.contains(where: { $0.kind == .embedding }) else { return nil }
    return TaskDraft(.embed, lengthMax: graph.contextMax)
  }
}
