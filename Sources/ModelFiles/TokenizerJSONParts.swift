// SPDX-License-Identifier: Apache-2.0
// The steps around the model in tokenizer.json: normalizer, pre-tokenizer, post-processor, decoder.

struct TokenizerJSONParts {
  /// Text is merged from bytes; else from characters, SentencePiece's way.
  private(set) var isByteLevel = false
  private(set) var normalizer = TokenizerSource.Normalizer.none
  private(set) var hasDummyPrefix = false
  private(set) var splits: [TokenizerSource.Split] = []
  private(set) var prefix: [Int] = []
  private(set) var suffix: [Int] = []

  private var replacesSpaces = false
  private var byteLevelCount = 0
  private typealias Reader = TokenizerJSONReader

  init(_ json: JSONFields) throws(TokenizerSourceError) {
    func fields(_ key: String) throws(TokenizerSourceError) -> JSONFields? {
      try Reader.ask { () throws(JSONFieldError) in try json.fieldsIfPresent(key) }
    }
    if let part = try fields("normalizer") { try readNormalizer(part) }
    if let part = try fields("pre_tokenizer") { try readPreTokenizer(part, isLast: true) }
    isByteLevel = byteLevelCount == 1
    if let part = try fields("post_processor") { try readPostProcessor(part) }
    guard let decoder = try fields("decoder") else { throw .missing(part: "\(json.document): decoder") }
    if isByteLevel {
      guard normalizer == .nfc || !replacesSpaces else {
        throw Reader.refuse("normalizer", in: json, found: "Replace with ByteLevel", known: ["NFC", "none"])
      }
      try readByteLevelDecoder(decoder)
    } else {
      guard replacesSpaces, normalizer == .none, splits.isEmpty else {
        throw Reader.refuse(
          "pre_tokenizer", in: json, found: "one without ByteLevel",
          known: ["ByteLevel", "none with a normalizer that replaces spaces by ▁"])
      }
      try readPieceDecoder(decoder)
    }
  }

  /// The parts of a `Sequence`, or the one part.
  private static func parts(_ fields: JSONFields, list: String) throws(TokenizerSourceError) -> [JSONFields] {
    guard try Reader.type(fields) == "Sequence" else { return [fields] }
    try Reader.only(["type", list], in: fields)
    let items = try Reader.ask { () throws(JSONFieldError) in try fields.array(list) }
    var result: [JSONFields] = []
    for (index, item) in items.enumerated() {
      let name = "\(fields.prefix)\(list)[\(index)]"
      guard let object = item.object else {
        throw .wrongType(part: "\(fields.document): \(name)", found: item.summary, expected: "an object")
      }
      let inner = JSONFields(document: fields.document, object: object, prefix: name + ".")
      guard try Reader.type(inner) != "Sequence" else {
        throw Reader.refuse("type", in: inner, found: "Sequence in a Sequence", known: [])
      }
      result.append(inner)
    }
    return result
  }

  // MARK: normalizer

  private mutating func readNormalizer(_ fields: JSONFields) throws(TokenizerSourceError) {
    for part in try Self.parts(fields, list: "normalizers") {
      switch try Reader.type(part) {
      case "NFC":
        try Reader.only(["type"], in: part)
        normalizer = .nfc
      case "Prepend":
        try Reader.only(["type", "prepend"], in: part)
        guard part["prepend"]?.string == "▁", !hasDummyPrefix, !replacesSpaces else {
          let found = part["prepend"]?.summary ?? "nothing"
          throw Reader.refuse("prepend", in: part, found: found, known: ["▁, once, first"])
        }
        hasDummyPrefix = true
      case "Replace":
        try Reader.only(["type", "pattern", "content"], in: part)
        guard part["pattern"]?["String"]?.string == " ", part["content"]?.string == "▁" else {
          throw Reader.refuse("pattern", in: part, found: part["pattern"]?.summary ?? "nothing", known: ["space by ▁"])
        }
        replacesSpaces = true
      case let other: throw Reader.refuse("type", in: part, found: other, known: ["NFC", "Prepend", "Replace"])
      }
    }
  }

  // MARK: pre-tokenizer

  private mutating func readPreTokenizer(_ fields: JSONFields, isLast: Bool) throws(TokenizerSourceError) {
    let parts = try Self.parts(fields, list: "pretokenizers")
    for (index, part) in parts.enumerated() {
      switch try Reader.type(part) {
      case "ByteLevel": try readByteLevel(part, isLast: index == parts.count - 1)
      case "Digits":
        try Reader.only(["type", "individual_digits"], in: part)
        let isSingle = try Reader.ask { () throws(JSONFieldError) in
          try part.bool("individual_digits", default: false)
        }
        splits.append(.init(pattern: isSingle ? #"\p{N}"# : #"\p{N}+"#))
      case "Split": try readSplit(part)
      case let other: throw Reader.refuse("type", in: part, found: other, known: ["ByteLevel", "Digits", "Split"])
      }
    }
  }

  private mutating func readByteLevel(_ part: JSONFields, isLast: Bool) throws(TokenizerSourceError) {
    try Reader.only(["type", "add_prefix_space", "trim_offsets", "use_regex"], in: part)
    let (addsSpace, splits) = try Reader.ask { () throws(JSONFieldError) in
      (try part.bool("add_prefix_space", default: true), try part.bool("use_regex", default: true))
    }
    if addsSpace { throw Reader.refuse("add_prefix_space", in: part, found: "true", known: ["false"]) }
    guard isLast else { throw Reader.refuse("type", in: part, found: "ByteLevel before another step", known: []) }
    byteLevelCount += 1
    if splits { self.splits += TokenizerPreTokenizers.named("gpt-2")!.splits }
  }

  private mutating func readSplit(_ part: JSONFields) throws(TokenizerSourceError) {
    try Reader.only(["type", "pattern", "behavior", "invert"], in: part)
    let (pattern, behaviour, inverts) = try Reader.ask { () throws(JSONFieldError) in
      (try part.fields("pattern"), try part.string("behavior"), try part.bool("invert", default: false))
    }
    let regex: String
    if let text = pattern["Regex"]?.string {
      regex = text
    } else if let text = pattern["String"]?.string, !text.isEmpty {
      regex = text.unicodeScalars.map { "\\x{" + String($0.value, radix: 16) + "}" }.joined()
    } else {
      throw Reader.refuse(
        "pattern", in: part, found: part["pattern"]?.summary ?? "nothing", known: ["Regex", "String"])
    }
    switch (behaviour, inverts) {
    case ("Isolated", _): splits.append(.init(pattern: regex))
    case ("Removed", false): splits.append(.init(pattern: regex, behaviour: .matchesRemoved))
    case ("Removed", true): splits.append(.init(pattern: regex, behaviour: .gapsRemoved))
    default: throw Reader.refuse("behavior", in: part, found: behaviour, known: ["Isolated", "Removed"])
    }
  }

  // MARK: post-processor

  private mutating func readPostProcessor(_ fields: JSONFields) throws(TokenizerSourceError) {
    for part in try Self.parts(fields, list: "processors") {
      switch try Reader.type(part) {
      case "ByteLevel": try Reader.only(["type", "add_prefix_space", "trim_offsets", "use_regex"], in: part)
      case "TemplateProcessing": try readTemplate(part)
      case "RobertaProcessing", "BertProcessing":
        try Reader.only(["type", "sep", "cls", "trim_offsets", "add_prefix_space"], in: part)
        prefix.insert(try Self.idOfPair("cls", in: part), at: 0)
        suffix.append(try Self.idOfPair("sep", in: part))
      case let other:
        throw Reader.refuse(
          "type", in: part, found: other,
          known: ["BertProcessing", "ByteLevel", "RobertaProcessing", "TemplateProcessing"])
      }
    }
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

  private func readByteLevelDecoder(_ decoder: JSONFields) throws(TokenizerSourceError) {
    let kind = try Reader.type(decoder)
    guard kind == "ByteLevel" else { throw Reader.refuse("type", in: decoder, found: kind, known: ["ByteLevel"]) }
    try Reader.only(["type", "add_prefix_space", "trim_offsets", "use_regex"], in: decoder)
  }

  /// Replace ▁ by a space, ByteFallback, Fuse, and Strip of one space where the normalizer prepends one.
  private func readPieceDecoder(_ decoder: JSONFields) throws(TokenizerSourceError) {
    var names: [String] = []
    for part in try Self.parts(decoder, list: "decoders") {
      let kind = try Reader.type(part)
      names.append(kind)
      let isKnown =
        switch kind {
        case "Replace": part["pattern"]?["String"]?.string == "▁" && part["content"]?.string == " "
        case "ByteFallback", "Fuse": true
        case "Strip": part["content"]?.string == " " && part["start"]?.int == 1 && part["stop"]?.int == 0
        default: false
        }
      guard isKnown else {
        throw Reader.refuse("type", in: part, found: kind, known: ["Replace ▁", "ByteFallback", "Fuse", "Strip"])
      }
    }
    let expected = ["Replace", "ByteFallback", "Fuse"] + (hasDummyPrefix ? ["Strip"] : [])
    guard names == expected else {
      throw Reader.refuse("decoders", in: decoder, found: names.joined(separator: " "), known: expected)
    }
  }
}
