// SPDX-License-Identifier: Apache-2.0
// The steps around the model in tokenizer.json: normalizer, pre-tokenizer, post-processor, decoder. A part or an option
// that is not known here is refused by its name. The first two: TokenizerJSONNormalizer.swift, …PreTokenizer.swift.

struct TokenizerJSONParts {
  /// Text is merged from bytes.
  var isByteLevel = false
  /// Spaces are ▁ (U+2581) from here on, SentencePiece's way.
  var spacesAreMeta = false
  var steps: [TokenizerSource.Step] = []
  var splits: [TokenizerSource.Split] = []
  var piecesBeginWithSpace = false
  private(set) var normalizerReplacesSpaces = false
  private(set) var dropsDecodedSpace = false
  private(set) var trimsSpans = false
  private(set) var keepsFirstSpace = false
  private(set) var prefix: [Int] = []
  private(set) var suffix: [Int] = []

  typealias Reader = TokenizerJSONReader

  /// - Parameter model: `BPE`, `Unigram` or `WordPiece`.
  init(_ json: JSONFields, model: String) throws(TokenizerSourceError) {
    func fields(_ key: String) throws(TokenizerSourceError) -> JSONFields? {
      try Reader.ask { () throws(JSONFieldError) in try json.fieldsIfPresent(key) }
    }
    if let part = try fields("normalizer") {
      for item in try Self.parts(part, list: "normalizers") { try readNormalizer(item) }
    }
    normalizerReplacesSpaces = spacesAreMeta
    if let part = try fields("pre_tokenizer") {
      for item in try Self.parts(part, list: "pretokenizers") { try readPreTokenizer(item) }
    }
    if let part = try fields("post_processor") { try readPostProcessor(part) }
    try checkKind(json, model)
    if let decoder = try fields("decoder") {
      try readDecoder(decoder, model)
    } else if model != "WordPiece" {
      throw .missing(part: "\(json.document): decoder")
    }
    if model == "WordPiece" { dropsDecodedSpace = true }
  }

  /// The models work on bytes, on ▁ for spaces, or on words.
  private func checkKind(_ json: JSONFields, _ model: String) throws(TokenizerSourceError) {
    let found = isByteLevel ? "ByteLevel" : spacesAreMeta ? "▁ for spaces" : "neither ByteLevel nor ▁ for spaces"
    let known =
      switch model {
      case "BPE": isByteLevel != spacesAreMeta
      case "Unigram": !isByteLevel && spacesAreMeta
      default: !isByteLevel && !spacesAreMeta
      }
    guard known else {
      throw Reader.refuse(
        "pre_tokenizer", in: json, found: "\(model) with \(isByteLevel && spacesAreMeta ? "both" : found)",
        known: ["BPE with ByteLevel or with ▁ for spaces", "Unigram with ▁ for spaces", "WordPiece with neither"])
    }
  }

  /// The parts of a `Sequence`, in order and however deep, or the one part.
  static func parts(
    _ fields: JSONFields, list: String, depth: Int = 0
  ) throws(TokenizerSourceError) -> [JSONFields] {
    guard try Reader.type(fields) == "Sequence" else { return [fields] }
    guard depth < 8 else { throw Reader.refuse("type", in: fields, found: "Sequence nested over 8 deep", known: []) }
    try Reader.only(["type", list], in: fields)
    let items = try Reader.ask { () throws(JSONFieldError) in try fields.array(list) }
    var result: [JSONFields] = []
    for (index, item) in items.enumerated() {
      let name = "\(fields.prefix)\(list)[\(index)]"
      guard let object = item.object else {
        throw .wrongType(part: "\(fields.document): \(name)", found: item.summary, expected: "an object")
      }
      let inner = JSONFields(document: fields.document, object: object, prefix: name + ".")
      result += try parts(inner, list: list, depth: depth + 1)
    }
    return result
  }

  /// `{"String": …}` or `{"Regex": …}`.
  enum Pattern {
    case text(String)
    case regex(String)
  }

  static func pattern(_ part: JSONFields) throws(TokenizerSourceError) -> Pattern {
    let value = part["pattern"]
    if let text = value?["Regex"]?.string { return .regex(text) }
    if let text = value?["String"]?.string, !text.isEmpty { return .text(text) }
    throw Reader.refuse("pattern", in: part, found: value?.summary ?? "nothing", known: ["Regex", "String"])
  }

  static func flag(_ part: JSONFields, _ key: String, default value: Bool) throws(TokenizerSourceError) -> Bool {
    try Reader.ask { () throws(JSONFieldError) in try part.bool(key, default: value) }
  }

  // MARK: post-processor

  private mutating func readPostProcessor(_ fields: JSONFields) throws(TokenizerSourceError) {
    for part in try Self.parts(fields, list: "processors") {
      switch try Reader.type(part) {
      case "ByteLevel":
        try Reader.only(["type", "add_prefix_space", "trim_offsets", "use_regex"], in: part)
        try readSpans(part)
      case "TemplateProcessing": try readTemplate(part)
      case "RobertaProcessing", "BertProcessing":
        try Reader.only(["type", "sep", "cls", "trim_offsets", "add_prefix_space"], in: part)
        prefix.insert(try Self.idOfPair("cls", in: part), at: 0)
        suffix.append(try Self.idOfPair("sep", in: part))
        if try Reader.type(part) == "RobertaProcessing" { try readSpans(part) }
      case let other:
        throw Reader.refuse(
          "type", in: part, found: other,
          known: ["BertProcessing", "ByteLevel", "RobertaProcessing", "TemplateProcessing"])
      }
    }
  }

  private mutating func readSpans(_ part: JSONFields) throws(TokenizerSourceError) {
    guard try Self.flag(part, "trim_offsets", default: true) else { return }
    trimsSpans = true
    keepsFirstSpace = try Self.flag(part, "add_prefix_space", default: true)
  }

  /// `["</s>", 2]`
  private static func idOfPair(_ key: String, in part: JSONFields) throws(TokenizerSourceError) -> Int {
    guard let pair = part[key]?.array, pair.count == 2, let id = pair[1].int else {
      throw Reader.refuse(key, in: part, found: part[key]?.summary ?? "nothing", known: ["a token and its id"])
    }
    return id
  }

  /// Of the templates only the one for a single text matters here.
  private mutating func readTemplate(_ part: JSONFields) throws(TokenizerSourceError) {
    try Reader.only(["type", "single", "pair", "special_tokens"], in: part)
    let (items, tokens) = try Reader.ask { () throws(JSONFieldError) in
      (try part.array("single"), try part.fields("special_tokens"))
    }
    var before: [Int] = []
    var after: [Int] = []
    var textCount = 0
    for item in items {
      if let name = item["SpecialToken"]?["id"]?.string {
        guard let list = tokens[name]?["ids"]?.array else {
          throw .unknownToken(part: "\(part.document): \(part.prefix)single", text: name)
        }
        let ids = list.compactMap(\.int)
        guard ids.count == list.count else {
          throw Reader.refuse("special_tokens", in: part, found: name, known: ["a list of ids"])
        }
        if textCount == 0 { before += ids } else { after += ids }
      } else if item["Sequence"]?["id"]?.string == "A" {
        textCount += 1
      } else {
        throw Reader.refuse("single", in: part, found: item.summary, known: ["SpecialToken", "Sequence A"])
      }
    }
    guard textCount == 1 else {
      throw Reader.refuse("single", in: part, found: "the text \(textCount) times", known: ["once"])
    }
    prefix = before + prefix
    suffix += after
  }

  // MARK: decoder

  private mutating func readDecoder(_ decoder: JSONFields, _ model: String) throws(TokenizerSourceError) {
    var names: [String] = []
    for part in try Self.parts(decoder, list: "decoders") {
      let kind = try Reader.type(part)
      let isKnown =
        switch kind {
        case "ByteLevel": isByteLevel
        case "WordPiece": part["prefix"]?.string == "##"
        case "Metaspace": part["replacement"]?.string == "▁"
        case "Replace": part["pattern"]?["String"]?.string == "▁" && part["content"]?.string == " "
        case "ByteFallback", "Fuse": true
        case "Strip": part["content"]?.string == " " && part["start"]?.int == 1 && part["stop"]?.int == 0
        default: false
        }
      guard isKnown else {
        throw Reader.refuse(
          "type", in: part, found: kind,
          known: ["ByteLevel", "WordPiece ##", "Metaspace ▁", "Replace ▁", "ByteFallback", "Fuse", "Strip"])
      }
      if kind == "Strip" || (kind == "Metaspace" && part["prepend_scheme"]?.string != "never") {
        dropsDecodedSpace = true
      }
      names.append(kind)
    }
    let spaces = names.filter { $0 == "Replace" || $0 == "Metaspace" }.count
    let isWhole =
      isByteLevel
      ? names == ["ByteLevel"]
      : model == "WordPiece"
        ? names == ["WordPiece"]
        : spaces == 1 && !names.contains("WordPiece") && !names.dropLast().contains("Strip")
    guard isWhole else {
      throw Reader.refuse(
        "decoder", in: JSONFields(document: decoder.document, object: decoder.object),
        found: names.joined(separator: " "),
        known: ["ByteLevel", "WordPiece", "Metaspace", "Replace ByteFallback Fuse", "Replace ByteFallback Fuse Strip"])
    }
  }
}
