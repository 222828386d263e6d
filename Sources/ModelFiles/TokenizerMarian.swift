// SPDX-License-Identifier: Apache-2.0
// Marian's tokenizer: source.spm cuts a text into pieces, vocab.json numbers them, together with those of target.spm,
// which a text that the model makes consists of.

extension TokenizerSource {
  /// - Parameters:
  ///   - file: source.spm, a SentencePiece model.
  ///   - vocabulary: vocab.json, from piece to id.
  ///   - idCount: ids that the model has; 0: as many as the vocabulary.
  init(
    marian file: ArraySlice<UInt8>, vocabulary: JSONFields, config: JSONFields?, generation: JSONFields?, idCount: Int
  ) throws(TokenizerSourceError) {
    if let config, config["separate_vocabs"]?.bool == true {
      throw .unsupported(
        part: "\(config.document): separate_vocabs", found: "true", known: ["one vocab.json for both languages"])
    }
    let model = try SentencePieceModel(file)
    try Self.refuseUnsupported(model)
    guard model.modelType == 1 else {
      throw .unsupported(part: "source.spm: model_type", found: "\(model.modelType)", known: ["1 (unigram)"])
    }
    self = TokenizerSource(model: .unigram, tokens: ByteStrings(), roles: [])
    let spellings = try Self.spellings(vocabulary)
    try takeVocabulary(spellings, model, idCount: idCount)
    fusesUnknown = true
    takeNormalizer(model)
    func id(_ text: String) throws(TokenizerSourceError) -> UInt32 {
      guard let id = spellings.firstIndex(of: text) else { throw .missing(part: "\(text) in \(vocabulary.document)") }
      return UInt32(id)
    }
    (unknown, eos, pad) = (try id("<unk>"), try id("</s>"), try id("<pad>"))
    suffix = [eos!]
    var all: Set<UInt32> = [eos!]
    if let generation { all.formUnion(try TokenizerJSONReader.ids("eos_token_id", in: generation)) }
    ends = all.sorted()
  }

  /// Pieces by id; nil where an id has none.
  private static func spellings(_ vocabulary: JSONFields) throws(TokenizerSourceError) -> [String?] {
    var found: [String?] = Array(repeating: nil, count: min(vocabulary.object.count, SentencePieceModel.pieceCountMax))
    for (text, value) in vocabulary.object {
      guard let id = value.int, id >= 0, id < SentencePieceModel.pieceCountMax else {
        throw .wrongType(
          part: "\(vocabulary.document): \(quoted(text))", found: value.summary, expected: "an id")
      }
      while found.count <= id { found.append(nil) }
      if let other = found[id] { throw .duplicateToken(text: "\(other) and \(text)", first: id, second: id) }
      found[id] = text
    }
    return found
  }

  /// Tokens by id, and behind the last id the pieces that source.spm cuts out and the vocabulary lacks.
  private mutating func takeVocabulary(
    _ spellings: [String?], _ model: SentencePieceModel, idCount: Int
  ) throws(TokenizerSourceError) {
    var pieces: [ArraySlice<UInt8>: SentencePieceModel.Piece] = [:]
    for (index, piece) in model.pieces.enumerated() {
      if pieces.updateValue(piece, forKey: piece.text) != nil {
        throw .duplicateToken(text: String(decoding: piece.text, as: UTF8.self), first: index, second: index)
      }
    }
    for (id, text) in spellings.enumerated() {
      let bytes = Array((text ?? "").utf8)
      let piece = pieces.removeValue(forKey: bytes[...])
      let isCode = bytes.starts(with: [0x3E, 0x3E]) && bytes.suffix(2) == [0x3C, 0x3C]
      if isCode || text == "</s>" || text == "<pad>" || text == "<unk>" {
        append(bytes, text == "<unk>" ? .unknown : .special)
        added.append(AddedToken(id: UInt32(id), isSpecial: true))
      } else if let piece {
        try append(piece, id)
      } else {
        append(TokenizerSpelling.spaced(bytes), .unused)
      }
    }
    if byteTokens.contains(where: { $0 == nil }) { byteTokens = Array(repeating: nil, count: 256) }
    while tokens.count < idCount { append([], .unused) }
    for piece in model.pieces where pieces[piece.text] != nil && piece.kind == .normal {
      append(TokenizerSpelling.spaced(Array(piece.text)), .unlisted, score: piece.score)
    }
  }

  private mutating func append(_ bytes: [UInt8], _ role: Role, score: Float = 0) {
    tokens.append(bytes)
    roles.append(role)
    scores.append(score)
  }

  private mutating func append(_ piece: SentencePieceModel.Piece, _ id: Int) throws(TokenizerSourceError) {
    let bytes = Array(piece.text)
    switch piece.kind {
    case .normal: append(TokenizerSpelling.spaced(bytes), .normal, score: piece.score)
    case .byte:
      guard let byte = TokenizerSpelling.byte(bytes) else {
        throw .wrongType(
          part: "source.spm: piece \(id)", found: quoted(String(decoding: bytes, as: UTF8.self)), expected: "<0xXX>")
      }
      append([byte], .byte)
      byteTokens[Int(byte)] = UInt32(id)
    case .userDefined:
      append(TokenizerSpelling.spaced(bytes), .added)
      var token = AddedToken(id: UInt32(id), isSpecial: false)
      token.isNormalized = tokens[id].count != bytes.count
      token.patternIsNormalized = token.isNormalized
      added.append(token)
    case .control: append(bytes, .special)
    case .unknown, .unused: append(TokenizerSpelling.spaced(bytes), .unused)
    }
  }
}
