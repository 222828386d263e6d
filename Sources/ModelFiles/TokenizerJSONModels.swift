// SPDX-License-Identifier: Apache-2.0
// The models Unigram and WordPiece of tokenizer.json.

extension TokenizerJSONReader {
  /// Pieces with their scores, in the order of their ids.
  mutating func unigram(_ model: JSONFields, _ added: [Added]) throws(TokenizerSourceError) -> TokenizerSource {
    try Self.only(["type", "unk_id", "vocab", "byte_fallback"], in: model)
    let (list, unknown, fallsBack) = try Self.ask { () throws(JSONFieldError) in
      (
        try model.array("vocab"), try model.intIfPresent("unk_id"), try model.bool("byte_fallback", default: false)
      )
    }
    var entries: [(text: String, id: Int)] = []
    var scores: [Float] = []
    for (index, value) in list.enumerated() {
      guard let pair = value.array, pair.count == 2, let text = pair[0].string, let score = pair[1].double,
        Float(score).isFinite
      else {
        throw .wrongType(
          part: "\(json.document): model.vocab[\(index)]", found: value.summary, expected: "a piece and its score")
      }
      entries.append((text, index))
      scores.append(Float(score))
    }
    var source = try vocabulary(entries, added, .unigram)
    source.scores = scores + Array(repeating: 0, count: source.tokens.count - scores.count)
    try takeByteFallback(fallsBack, &source)
    if let unknown {
      guard unknown >= 0, unknown < entries.count else {
        throw .idOutOfRange(part: "\(json.document): model.unk_id", found: unknown, count: entries.count)
      }
      source.unknown = UInt32(unknown)
    }
    source.fusesUnknown = true
    return source
  }

  mutating func wordPiece(_ model: JSONFields, _ added: [Added]) throws(TokenizerSourceError) -> TokenizerSource {
    try Self.only(
      ["type", "unk_token", "continuing_subword_prefix", "max_input_chars_per_word", "vocab"], in: model)
    let (unknown, prefix, most) = try Self.ask { () throws(JSONFieldError) in
      (
        try model.string("unk_token", default: "[UNK]"), try model.string("continuing_subword_prefix", default: "##"),
        try model.intIfPresent("max_input_chars_per_word") ?? 100
      )
    }
    guard prefix == "##" else {
      throw Self.refuse("continuing_subword_prefix", in: model, found: prefix, known: ["##"])
    }
    guard most >= 1, most <= 1 << 20 else {
      throw Self.refuse("max_input_chars_per_word", in: model, found: "\(most)", known: ["1 to 1048576"])
    }
    var source = try vocabulary(model, added, .wordPiece)
    source.wordCodePointsMax = most
    source.unknown = try self.unknown(unknown, model)
    return source
  }
}
