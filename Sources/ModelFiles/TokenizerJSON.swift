// SPDX-License-Identifier: Apache-2.0
// The tokenizer in tokenizer.json, and the ids that the files beside it name. Every component and option is known or
// refused by its name; nothing is guessed. Truncation and padding are a caller's business and left aside.

extension TokenizerSource {
  /// - Parameters:
  ///   - json: tokenizer.json.
  ///   - config: tokenizer_config.json, which names BOS, EOS, UNK and PAD; else `specialTokens`.
  ///   - specialTokens: special_tokens_map.json.
  ///   - generation: generation_config.json, whose `eos_token_id` may name several tokens.
  ///   - model: config.json, for its `eos_token_id` where there is no generation_config.json.
  public init(
    json: JSONFields, config: JSONFields? = nil, specialTokens: JSONFields? = nil, generation: JSONFields? = nil,
    model: JSONFields? = nil
  ) throws(TokenizerSourceError) {
    var reader = TokenizerJSONReader(json)
    self = try reader.read()
    for document in [config, specialTokens].compactMap({ $0 }) {
      if bos == nil { bos = try reader.namedToken("bos_token", in: document) }
      if eos == nil { eos = try reader.namedToken("eos_token", in: document) }
      if unknown == nil { unknown = try reader.namedToken("unk_token", in: document) }
      if pad == nil { pad = try reader.namedToken("pad_token", in: document) }
    }
    var all = Set(eos.map { [$0] } ?? [])
    if let document = generation ?? model { all.formUnion(try TokenizerJSONReader.ids("eos_token_id", in: document)) }
    ends = all.sorted()
  }
}

struct TokenizerJSONReader {
  let json: JSONFields
  /// By spelling, in the model's own vocabulary and among the added tokens.
  var ids: [Spelling: UInt32] = [:]

  init(_ json: JSONFields) { self.json = json }

  /// Text that is the same only if its bytes are: `String` takes different spellings of é for one.
  struct Spelling: Hashable {
    let bytes: [UInt8]
    init(_ text: some StringProtocol) { bytes = Array(text.utf8) }
  }

  static func isSame(_ one: String, _ other: String) -> Bool { one.utf8.elementsEqual(other.utf8) }

  static func ask<Result>(_ body: () throws(JSONFieldError) -> Result) throws(TokenizerSourceError) -> Result {
    do throws(JSONFieldError) { return try body() } catch { throw .field(error) }
  }

  /// Refuses a key that is not known, by name.
  static func only(_ keys: [String], in fields: JSONFields) throws(TokenizerSourceError) {
    for (key, value) in fields.object where !keys.contains(key) {
      throw .unsupported(
        part: "\(fields.document): \(fields.prefix)\(key)", found: value.summary, known: keys.sorted())
    }
  }

  static func refuse(_ key: String, in fields: JSONFields, found: String, known: [String]) -> TokenizerSourceError {
    .unsupported(part: "\(fields.document): \(fields.prefix)\(key)", found: found, known: known)
  }

  /// A component's `type`.
  static func type(_ fields: JSONFields) throws(TokenizerSourceError) -> String {
    try ask { () throws(JSONFieldError) in try fields.string("type") }
  }

  mutating func read() throws(TokenizerSourceError) -> TokenizerSource {
    try Self.only(
      [
        "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer", "post_processor", "decoder",
        "model",
      ], in: json)
    let model = try Self.ask { () throws(JSONFieldError) in try json.fields("model") }
    let kind = try Self.ask { () throws(JSONFieldError) in
      try model.string("type", default: model["merges"] == nil ? "(none)" : "BPE")
    }
    guard ["BPE", "Unigram", "WordPiece"].contains(kind) else {
      throw Self.refuse("type", in: model, found: kind, known: ["BPE", "Unigram", "WordPiece"])
    }
    let parts = try TokenizerJSONParts(json, model: kind)
    let added = try addedTokens()
    var source =
      switch kind {
      case "Unigram": try unigram(model, added)
      case "WordPiece": try wordPiece(model, added)
      default: try bytePairs(model, added, isByteLevel: parts.isByteLevel)
      }
    source.steps = parts.steps
    source.splits = parts.splits
    source.piecesBeginWithSpace = parts.piecesBeginWithSpace
    source.dropsDecodedSpace = parts.dropsDecodedSpace
    (source.trimsSpans, source.keepsFirstSpace) = (parts.trimsSpans, parts.keepsFirstSpace)
    source.prefix = try parts.prefix.map { id throws(TokenizerSourceError) in try checked(id, source) }
    source.suffix = try parts.suffix.map { id throws(TokenizerSourceError) in try checked(id, source) }
    source.added = added.map { entry in
      var token = entry.token
      let content = Array(entry.content.utf8)
      // In text that is normalized already, spaces may have become ▁; here they are spaces.
      let isMeta = token.isNormalized && parts.normalizerReplacesSpaces
      if !isMeta, content != Array(source.tokens[Int(token.id)]) { token.spelling = content }
      return token
    }
    return source
  }

  private mutating func bytePairs(
    _ model: JSONFields, _ added: [Added], isByteLevel: Bool
  ) throws(TokenizerSourceError) -> TokenizerSource {
    let options = try modelOptions(model)
    var source = try vocabulary(model, added, isByteLevel ? .byteLevelBPE : .sentencePieceBPE)
    try merges(model, &source)
    source.wordsBypassMerges = options.bypass
    if isByteLevel {
      if options.byteFallback {
        throw Self.refuse("byte_fallback", in: model, found: "true", known: ["false with ByteLevel"])
      }
      if let missing = source.byteTokens.firstIndex(where: { $0 == nil }), options.unknown != nil {
        throw Self.refuse("vocab", in: model, found: "one without the byte \(missing)", known: ["all 256 bytes"])
      }
      return source
    }
    if options.bypass {
      throw Self.refuse("ignore_merges", in: model, found: "true", known: ["false without ByteLevel"])
    }
    try takeByteFallback(options.byteFallback, &source)
    source.unknown = try unknown(options.unknown, model)
    source.fusesUnknown = options.fuses
    return source
  }

  /// The ids of bytes count only where the model falls back to them, and only all of them together.
  func takeByteFallback(_ isOn: Bool, _ source: inout TokenizerSource) throws(TokenizerSourceError) {
    if !isOn {
      for id in source.roles.indices where source.roles[id] == .byte { source.roles[id] = .unused }
      source.byteTokens = Array(repeating: nil, count: 256)
    } else if let missing = source.byteTokens.firstIndex(where: { $0 == nil }) {
      throw .unsupported(
        part: "\(json.document): model.vocab", found: "one without the byte \(missing)", known: ["all 256 bytes"])
    }
  }

  func unknown(_ text: String?, _ model: JSONFields) throws(TokenizerSourceError) -> UInt32? {
    guard let text else { return nil }
    guard let id = ids[Spelling(text)] else {
      throw .unknownToken(part: "\(json.document): model.unk_token", text: text)
    }
    return id
  }

  private func checked(_ id: Int, _ source: TokenizerSource) throws(TokenizerSourceError) -> UInt32 {
    guard id >= 0, id < source.tokens.count else {
      throw .idOutOfRange(part: "\(json.document): a token of post_processor", found: id, count: source.tokens.count)
    }
    return UInt32(id)
  }

  private func modelOptions(
    _ model: JSONFields
  ) throws(TokenizerSourceError) -> (unknown: String?, byteFallback: Bool, bypass: Bool, fuses: Bool) {
    try Self.only(
      [
        "type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk", "byte_fallback",
        "ignore_merges", "vocab", "merges",
      ], in: model)
    if let dropout = model["dropout"], dropout.double != 0 {
      throw Self.refuse("dropout", in: model, found: dropout.summary, known: ["null"])
    }
    for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
      if let affix = model[key], affix.string != "" {
        throw Self.refuse(key, in: model, found: affix.summary, known: ["null"])
      }
    }
    return try Self.ask { () throws(JSONFieldError) in
      (
        try model.stringIfPresent("unk_token"), try model.bool("byte_fallback", default: false),
        try model.bool("ignore_merges", default: false), try model.bool("fuse_unk", default: false)
      )
    }
  }

  // MARK: tokens

  struct Added {
    var token: TokenizerSource.AddedToken
    var content: String
  }

  private func addedTokens() throws(TokenizerSourceError) -> [Added] {
    let list = try Self.ask { () throws(JSONFieldError) in try json.arrayIfPresent("added_tokens") ?? [] }
    var result: [Added] = []
    for (index, value) in list.enumerated() {
      guard let object = value.object else {
        throw .wrongType(part: "\(json.document): added_tokens[\(index)]", found: value.summary, expected: "an object")
      }
      let fields = JSONFields(document: json.document, object: object, prefix: "added_tokens[\(index)].")
      try Self.only(["id", "content", "single_word", "lstrip", "rstrip", "normalized", "special"], in: fields)
      let entry = try Self.ask { () throws(JSONFieldError) in
        (
          id: try fields.int("id"), content: try fields.string("content"),
          singleWord: try fields.bool("single_word", default: false), left: try fields.bool("lstrip", default: false),
          right: try fields.bool("rstrip", default: false), normalized: try fields.bool("normalized", default: false),
          special: try fields.bool("special", default: false)
        )
      }
      guard entry.id >= 0, entry.id < 1 << 21 else {
        throw .idOutOfRange(part: "\(json.document): added_tokens[\(index)].id", found: entry.id, count: 1 << 21)
      }
      var token = TokenizerSource.AddedToken(id: UInt32(entry.id), isSpecial: entry.special)
      (token.stripsLeft, token.stripsRight, token.isNormalized) = (entry.left, entry.right, entry.normalized)
      token.isWord = entry.singleWord
      result.append(Added(token: token, content: entry.content))
    }
    return result
  }

  mutating func vocabulary(
    _ model: JSONFields, _ added: [Added], _ kind: TokenizerSource.Model
  ) throws(TokenizerSourceError) -> TokenizerSource {
    let vocabulary = try Self.ask { () throws(JSONFieldError) in try model.fields("vocab") }.object
    var entries: [(text: String, id: Int)] = []
    entries.reserveCapacity(vocabulary.count)
    for (text, value) in vocabulary {
      guard let id = value.int else {
        throw .wrongType(
          part: "\(json.document): model.vocab[\(quoted(text))]", found: value.summary,
          expected: "an id")
      }
      entries.append((text, id))
    }
    return try self.vocabulary(entries, added, kind)
  }

  mutating func vocabulary(
    _ entries: [(text: String, id: Int)], _ added: [Added], _ kind: TokenizerSource.Model
  ) throws(TokenizerSourceError) -> TokenizerSource {
    let limit = 1 << 21
    var spellings: [String?] = []
    func place(_ id: Int, _ text: String) throws(TokenizerSourceError) {
      guard id >= 0, id < limit else { throw .tooManyTokens(found: id, limit: limit) }
      if id >= spellings.count { spellings += Array(repeating: nil, count: id + 1 - spellings.count) }
      if let other = spellings[id], !Self.isSame(other, text) {
        throw .duplicateToken(text: "\(other) and \(text)", first: id, second: id)
      }
      spellings[id] = text
    }
    for (text, id) in entries {
      try place(id, text)
      if let other = ids.updateValue(UInt32(id), forKey: Spelling(text)) {
        throw .duplicateToken(text: text, first: Int(other), second: id)
      }
    }
    for entry in added {
      try place(Int(entry.token.id), entry.content)
      let other = ids.updateValue(entry.token.id, forKey: Spelling(entry.content))
      if let other, other != entry.token.id {
        throw .duplicateToken(text: entry.content, first: Int(other), second: Int(entry.token.id))
      }
    }
    guard !spellings.isEmpty else { throw .noTokens }
    return source(spellings, added, kind)
  }

  private func source(_ spellings: [String?], _ added: [Added], _ kind: TokenizerSource.Model) -> TokenizerSource {
    var roles = [TokenizerSource.Role](repeating: .normal, count: spellings.count)
    for entry in added { roles[Int(entry.token.id)] = entry.token.isSpecial ? .special : .added }
    var tokens = ByteStrings()
    var byteTokens = [UInt32?](repeating: nil, count: 256)
    for (id, spelling) in spellings.enumerated() {
      guard let spelling else {
        roles[id] = .unused
        tokens.append([])
        continue
      }
      let bytes = Array(spelling.utf8)
      if roles[id] != .normal {
        tokens.append(kind == .sentencePieceBPE || kind == .unigram ? TokenizerSpelling.spaced(bytes) : bytes)
      } else if kind == .wordPiece {
        tokens.append(bytes.starts(with: [0x23, 0x23]) && bytes.count > 2 ? Array(bytes[2...]) : [0x20] + bytes)
      } else if kind == .byteLevelBPE {
        tokens.append(bytes.withUnsafeBytes { TokenizerAlphabet.decode($0) } ?? bytes)
      } else if let byte = TokenizerSpelling.byte(bytes) {
        roles[id] = .byte
        byteTokens[Int(byte)] = UInt32(id)
        tokens.append([byte])
      } else {
        tokens.append(TokenizerSpelling.spaced(bytes))
      }
    }
    var source = TokenizerSource(model: kind, tokens: tokens, roles: roles)
    if kind == .byteLevelBPE {
      for byte in 0..<256 {
        let spelling = String(decoding: TokenizerAlphabet.spelling(of: UInt8(byte)), as: UTF8.self)
        byteTokens[byte] = ids[Spelling(spelling)]
      }
    }
    source.byteTokens = byteTokens
    return source
  }

  private func merges(_ model: JSONFields, _ source: inout TokenizerSource) throws(TokenizerSourceError) {
    let list = try Self.ask { () throws(JSONFieldError) in try model.array("merges") }
    source.merges.reserveCapacity(list.count)
    for (index, value) in list.enumerated() {
      var pair: (String, String)?
      if let text = value.string {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        if parts.count == 2 { pair = (String(parts[0]), String(parts[1])) }
      } else if let parts = value.array, parts.count == 2, let left = parts[0].string, let right = parts[1].string {
        pair = (left, right)
      }
      guard let (left, right) = pair else {
        throw .wrongType(
          part: "\(json.document): model.merges[\(index)]", found: value.summary, expected: "a pair of tokens")
      }
      guard let leftID = ids[Spelling(left)], let rightID = ids[Spelling(right)],
        let merged = ids[Spelling(left + right)]
      else {
        throw .unknownToken(part: "\(json.document): model.merges[\(index)]", text: left + " " + right)
      }
      source.merges.append(.init(left: leftID, right: rightID, merged: merged))
    }
  }

  // MARK: ids in the other files

  /// A token that is given by its text, or by an object with the text.
  func namedToken(_ key: String, in document: JSONFields) throws(TokenizerSourceError) -> UInt32? {
    guard let value = document[key] else { return nil }
    guard let text = value.string ?? value["content"]?.string else {
      throw .wrongType(part: "\(document.document): \(key)", found: value.summary, expected: "a token's text")
    }
    guard let id = ids[Spelling(text)] else { throw .unknownToken(part: "\(document.document): \(key)", text: text) }
    return id
  }

  /// An id or several.
  static func ids(_ key: String, in document: JSONFields) throws(TokenizerSourceError) -> [UInt32] {
    guard let value = document[key] else { return [] }
    var result: [UInt32] = []
    for item in value.array ?? [value] {
      guard let id = item.int, id >= 0, id < 1 << 21 else {
        throw .wrongType(part: "\(document.document): \(key)", found: value.summary, expected: "token ids")
      }
      result.append(UInt32(id))
    }
    return result
  }
}

/// How SentencePiece vocabularies spell bytes and spaces.
enum TokenizerSpelling {
  /// `<0xXX>`
  static func byte(_ spelling: [UInt8]) -> UInt8? {
    guard spelling.count == 6, spelling.starts(with: Array("<0x".utf8)), spelling[5] == 0x3E else { return nil }
    return UInt8(String(decoding: spelling[3..<5], as: UTF8.self), radix: 16)
  }

  /// With a space for each ▁ (U+2581).
  static func spaced(_ spelling: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var index = 0
    while index < spelling.count {
      if spelling[index...].starts(with: [0xE2, 0x96, 0x81]) {
        result.append(0x20)
        index += 3
      } else {
        result.append(spelling[index])
        index += 1
      }
    }
    return result
  }
}

extension TokenizerSource {
  /// The tokenizer of a checkpoint's folder: tokenizer.json, else tokenizer.model, and the documents beside it.
  public init(folder: CheckpointFolder) throws(TokenizerSourceError) {
    func fields(_ name: String) throws(TokenizerSourceError) -> JSONFields? {
      do throws(CheckpointError) { return try folder.fields(name) } catch { throw .checkpoint(error) }
    }
    let generation = try fields("generation_config.json")
    var document = try fields("tokenizer.json")
    if document == nil { document = try JSONFields.byT5(try fields("tokenizer_config.json")) }
    guard let json = document else {
      func bytes(_ name: String) throws(TokenizerSourceError) -> FileBytes? {
        do throws(CheckpointError) { return try folder.bytes(name) } catch { throw .checkpoint(error) }
      }
      if let source = try bytes("source.spm"), let vocabulary = try fields("vocab.json") {
        try self.init(
          marian: Array(source.bytes)[...], vocabulary: vocabulary, config: try fields("tokenizer_config.json"),
          generation: generation ?? folder.config, idCount: folder.config["vocab_size"]?.int ?? 0)
        return
      }
      var model = try bytes("tokenizer.model")
      if model == nil { model = try bytes("spiece.model") }
      guard let model else { throw .missing(part: "\(folder.path)/tokenizer.json or tokenizer.model") }
      try self.init(
        sentencePiece: Array(model.bytes)[...], config: try fields("tokenizer_config.json"),
        generation: generation ?? folder.config)
      return
    }
    try self.init(
      json: json, config: try fields("tokenizer_config.json"), specialTokens: try fields("special_tokens_map.json"),
      generation: generation, model: folder.config)
  }
}
