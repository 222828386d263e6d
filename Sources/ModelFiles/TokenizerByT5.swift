// SPDX-License-Identifier: Apache-2.0
// ByT5's tokenizer, which no file describes: a token for each byte of UTF-8, behind <pad>, </s> and <unk>, and then
// <extra_id_0> … as tokenizer_config.json counts them.

extension JSONFields {
  /// What tokenizer.json would say; nil where `config`, a tokenizer_config.json, names another class.
  static func byT5(_ config: JSONFields?) throws(TokenizerSourceError) -> JSONFields? {
    guard let config, config["tokenizer_class"]?.string == "ByT5Tokenizer" else { return nil }
    let extraCount = config["extra_ids"]?.int ?? 125
    guard 0...1024 ~= extraCount else {
      throw .unsupported(part: "\(config.document): extra_ids", found: "\(extraCount)", known: ["0 … 1024"])
    }
    let special = ["<pad>", "</s>", "<unk>"]
    let bytes = TokenizerAlphabet.codePoints.map { codePoint in
      let digits = String(codePoint, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
    let extra = (0..<extraCount).map { "<extra_id_\($0)>" }
    let vocabulary = (special + bytes).enumerated().map { "\"\($1)\":\($0)" }
    let added = (special + extra).enumerated().map { index, text in
      let id = index < special.count ? index : index + bytes.count
      let flags = #""single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true"#
      return "{\"id\":\(id),\"content\":\"\(text)\",\(flags)}"
    }
    let sequence = #"{"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"</s>","type_id":0}}"#
    let pair = #"{"Sequence":{"id":"B","type_id":0}},{"SpecialToken":{"id":"</s>","type_id":0}}"#
    let text = """
      {"version":"1.0","truncation":null,"padding":null,"added_tokens":[\(added.joined(separator: ","))],
      "normalizer":null,
      "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":false,"use_regex":false},
      "post_processor":{"type":"TemplateProcessing","single":[\(sequence)],"pair":[\(sequence),\(pair)],
      "special_tokens":{"</s>":{"id":"</s>","ids":[1],"tokens":["</s>"]}}},
      "decoder":{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":false,"use_regex":false},
      "model":{"type":"BPE","dropout":null,"unk_token":"<unk>","continuing_subword_prefix":null,
      "end_of_word_suffix":null,"fuse_unk":false,"byte_fallback":false,"ignore_merges":false,
      "vocab":{\(vocabulary.joined(separator: ","))},"merges":[]}}
      """
    guard let object = (try? JSONValue(parsing: Array(text.utf8)))?.object else {
      throw .missing(part: config.document)
    }
    return JSONFields(document: config.document, object: object)
  }
}
