// SPDX-License-Identifier: Apache-2.0
// tokenizer.model: SentencePiece's own file, a Protocol Buffers message. Field numbers: sentencepiece_model.proto.

/// What the file says, before anything is made of it.
struct SentencePieceModel {
  enum Kind: Int {
    case normal = 1
    case unknown, control, userDefined, unused, byte
  }

  struct Piece {
    var text: ArraySlice<UInt8> = []
    var score: Float = 0
    var kind = Kind.normal
  }

  var pieces: [Piece] = []
  /// 1 unigram, 2 BPE, 3 words, 4 characters.
  var modelType = 1
  var fallsBackToBytes = false
  var spacesAreSuffixes = false
  /// Of unknown, BOS, EOS, PAD; −1 where there is none.
  var ids = [0, 1, 2, -1]
  var charsmap: ArraySlice<UInt8> = []
  var addsDummyPrefix = true
  var removesExtraSpaces = true
  var escapesSpaces = true
  var denormalizes = false

  static let pieceCountMax = 1 << 21

  init(_ bytes: ArraySlice<UInt8>) throws(TokenizerSourceError) {
    do throws(ProtobufError) {
      var reader = ProtobufReader(bytes)
      while let field = try reader.next() {
        switch field.number {
        case 1:
          // One more than the limit is enough to be refused for it.
          if pieces.count <= Self.pieceCountMax { pieces.append(try Self.piece(try field.bytes())) }
        case 2: try readTrainer(try field.bytes())
        case 3: try readNormalizer(try field.bytes())
        case 5: try readDenormalizer(try field.bytes())
        default: break
        }
      }
    } catch { throw .protobuf(error) }
    guard !pieces.isEmpty else { throw .noTokens }
    guard pieces.count <= Self.pieceCountMax else {
      throw .tooManyTokens(found: pieces.count, limit: Self.pieceCountMax)
    }
  }

  private static func piece(_ bytes: ArraySlice<UInt8>) throws(ProtobufError) -> Piece {
    var piece = Piece()
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 1: piece.text = try field.bytes()
      case 2: piece.score = try field.float()
      case 3: piece.kind = Kind(rawValue: try field.int()) ?? .unused
      default: break
      }
    }
    return piece
  }

  private mutating func readTrainer(_ bytes: ArraySlice<UInt8>) throws(ProtobufError) {
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 3: modelType = try field.int()
      case 24: spacesAreSuffixes = try field.bool()
      case 35: fallsBackToBytes = try field.bool()
      case 40, 41, 42, 43: ids[field.number - 40] = try field.int()
      default: break
      }
    }
  }

  private mutating func readNormalizer(_ bytes: ArraySlice<UInt8>) throws(ProtobufError) {
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      switch field.number {
      case 2: charsmap = try field.bytes()
      case 3: addsDummyPrefix = try field.bool()
      case 4: removesExtraSpaces = try field.bool()
      case 5: escapesSpaces = try field.bool()
      default: break
      }
    }
  }

  private mutating func readDenormalizer(_ bytes: ArraySlice<UInt8>) throws(ProtobufError) {
    var reader = ProtobufReader(bytes)
    while let field = try reader.next() {
      if field.number == 2 { denormalizes = try !field.bytes().isEmpty }
    }
  }
}

extension TokenizerSource {
  /// - Parameters:
  ///   - file: tokenizer.model.
  ///   - config: tokenizer_config.json, which may name tokens that came later and says what is put around a text.
  ///   - generation: generation_config.json, else config.json, for the ids that end a text.
  public init(
    sentencePiece file: ArraySlice<UInt8>, config: JSONFields? = nil, generation: JSONFields? = nil
  ) throws(TokenizerSourceError) {
    let model = try SentencePieceModel(file)
    try Self.refuseUnsupported(model)
    let roles = model.pieces.map(Self.role)
    self = TokenizerSource(
      model: model.modelType == 2 ? .sentencePieceBPE : .unigram, tokens: ByteStrings(), roles: roles)
    scores = model.pieces.map(\.score)
    try takePieces(model)
    fusesUnknown = true
    takeNormalizer(model)
    func id(_ index: Int) -> UInt32? {
      model.pieces.indices.contains(model.ids[index]) ? UInt32(model.ids[index]) : nil
    }
    (unknown, bos, eos, pad) = (id(0), id(1), id(2), id(3))
    try takeConfig(config)
    var all = Set(eos.map { [$0] } ?? [])
    if let generation { all.formUnion(try TokenizerJSONReader.ids("eos_token_id", in: generation)) }
    ends = all.sorted()
  }

  mutating func takeNormalizer(_ model: SentencePieceModel) {
    if !model.charsmap.isEmpty { steps.append(.charsmap(Array(model.charsmap))) }
    let places: Places = [.text, .special]
    if model.removesExtraSpaces { steps.append(.tidySpaces(places)) }
    if model.addsDummyPrefix {
      steps.append(.dummyPrefix(places))
      dropsDecodedSpace = true
    }
  }

  private static func role(_ piece: SentencePieceModel.Piece) -> Role {
    switch piece.kind {
    case .normal: .normal
    case .unknown: .unknown
    case .control: .special
    case .userDefined: .added
    case .unused: .unused
    case .byte: .byte
    }
  }

  static func refuseUnsupported(_ model: SentencePieceModel) throws(TokenizerSourceError) {
    guard model.modelType == 1 || model.modelType == 2 else {
      throw .unsupported(
        part: "tokenizer.model: model_type", found: "\(model.modelType)", known: ["1 (unigram)", "2 (BPE)"])
    }
    if model.modelType == 2, let id = model.pieces.firstIndex(where: { $0.kind == .unused }) {
      throw .unsupported(part: "tokenizer.model: piece \(id)", found: "UNUSED", known: ["other types with BPE"])
    }
    for (name, isOn) in [
      ("treat_whitespace_as_suffix", model.spacesAreSuffixes), ("escape_whitespaces off", !model.escapesSpaces),
      ("denormalizer_spec", model.denormalizes),
    ] where isOn {
      throw .unsupported(part: "tokenizer.model", found: name, known: ["models without it"])
    }
    for (id, piece) in model.pieces.enumerated() where !piece.score.isFinite {
      throw .wrongType(
        part: "tokenizer.model: the score of piece \(id)", found: "\(piece.score)", expected: "a finite number")
    }
  }

  private mutating func takePieces(_ model: SentencePieceModel) throws(TokenizerSourceError) {
    var seen: [ArraySlice<UInt8>: Int] = [:]
    for (id, piece) in model.pieces.enumerated() {
      if let other = seen.updateValue(id, forKey: piece.text) {
        throw .duplicateToken(text: String(decoding: piece.text, as: UTF8.self), first: other, second: id)
      }
      switch piece.kind {
      case .byte:
        guard let byte = TokenizerSpelling.byte(Array(piece.text)) else {
          throw .wrongType(
            part: "tokenizer.model: piece \(id)", found: quoted(String(decoding: piece.text, as: UTF8.self)),
            expected: "<0xXX>")
        }
        tokens.append([byte])
        if model.fallsBackToBytes { byteTokens[Int(byte)] = UInt32(id) }
      case .normal, .unused, .userDefined: tokens.append(TokenizerSpelling.spaced(Array(piece.text)))
      case .control, .unknown: tokens.append(piece.text)
      }
      if piece.kind == .control || piece.kind == .unknown || piece.kind == .userDefined, !piece.text.isEmpty {
        var token = AddedToken(id: UInt32(id), isSpecial: piece.kind != .userDefined)
        // What has ▁ is met only where spaces have become that.
        token.isNormalized = piece.kind == .userDefined && tokens[id].count != piece.text.count
        token.patternIsNormalized = token.isNormalized
        added.append(token)
      }
    }
    if model.fallsBackToBytes, let missing = byteTokens.firstIndex(where: { $0 == nil }) {
      throw .unsupported(part: "tokenizer.model", found: "one without the byte \(missing)", known: ["all 256 bytes"])
    }
  }

  // MARK: tokenizer_config.json

  /// Classes whose ids are those of the file.
  private static let classes: [String: (addsBOS: Bool, addsEOS: Bool)] = [
    "LlamaTokenizer": (true, false), "LlamaTokenizerFast": (true, false), "CodeLlamaTokenizer": (true, false),
    "GemmaTokenizer": (true, false), "GemmaTokenizerFast": (true, false), "T5Tokenizer": (false, true),
    "T5TokenizerFast": (false, true),
  ]

  private mutating func takeConfig(_ config: JSONFields?) throws(TokenizerSourceError) {
    // Without a word on it: BPE files belong to models that want BOS, unigram ones to those that want EOS.
    var (addsBOS, addsEOS) = model == .sentencePieceBPE ? (true, false) : (false, true)
    if let config {
      let name = try TokenizerJSONReader.ask { () throws(JSONFieldError) in
        try config.stringIfPresent("tokenizer_class")
      }
      if let name {
        guard let known = Self.classes[name] else {
          throw .unsupported(
            part: "\(config.document): tokenizer_class, with tokenizer.model alone,", found: name,
            known: Self.classes.keys.sorted())
        }
        (addsBOS, addsEOS) = known
      }
      (addsBOS, addsEOS) = try TokenizerJSONReader.ask { () throws(JSONFieldError) in
        (try config.bool("add_bos_token", default: addsBOS), try config.bool("add_eos_token", default: addsEOS))
      }
      try takeLaterTokens(config)
    }
    if addsBOS, let bos { prefix = [bos] }
    if addsEOS, let eos { suffix = [eos] }
  }

  /// `added_tokens_decoder`: from id to a token's text and flags.
  private mutating func takeLaterTokens(_ config: JSONFields) throws(TokenizerSourceError) {
    guard let table = config["added_tokens_decoder"]?.object else { return }
    var later: [(id: Int, fields: JSONFields)] = []
    for (key, value) in table {
      guard let id = Int(key), id >= 0, id < 1 << 21, let object = value.object else {
        throw .wrongType(
          part: "\(config.document): added_tokens_decoder[\(quoted(key))]", found: value.summary, expected: "a token")
      }
      later.append(
        (id, JSONFields(document: config.document, object: object, prefix: "added_tokens_decoder.\(key).")))
    }
    for (id, fields) in later.sorted(by: { $0.id < $1.id }) {
      let content = try TokenizerJSONReader.ask { () throws(JSONFieldError) in try fields.string("content") }
      if id < tokens.count {
        let spelled = roles[id] == .byte ? "" : String(decoding: tokens[id], as: UTF8.self)
        guard
          TokenizerJSONReader.isSame(spelled, content)
            || TokenizerSpelling.spaced(Array(content.utf8)) == Array(tokens[id])
        else { throw .duplicateToken(text: "\(spelled) and \(content)", first: id, second: id) }
      } else {
        while tokens.count < id {
          tokens.append([])
          roles.append(.unused)
          scores.append(0)
        }
        tokens.append(content.utf8)
        roles.append(.added)
        scores.append(0)
      }
      var token = AddedToken(id: UInt32(id), isSpecial: false)
      (token.isSpecial, token.stripsLeft, token.stripsRight, token.isWord) =
        try TokenizerJSONReader.ask { () throws(JSONFieldError) in
          (
            try fields.bool("special", default: false), try fields.bool("lstrip", default: false),
            try fields.bool("rstrip", default: false), try fields.bool("single_word", default: false)
          )
        }
      if token.isSpecial, roles[id] == .added { roles[id] = .special }
      added.removeAll { $0.id == token.id }
      added.append(token)
    }
  }
}
