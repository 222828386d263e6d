// SPDX-License-Identifier: Apache-2.0
// The tokenizer in a GGUF file's metadata, keys `tokenizer.ggml.*`.

extension TokenizerSource {
  /// Tokens that end a text wherever they are special, since files name only one of them. By their spelling.
  private static let endSpellings: Set<String> = [
    "<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<end_of_turn>", "<|endoftext|>", "<|eom_id|>",
    "<EOT>", "_<EOT>", "[EOT]", "[EOS]", "<|end_of_text|>", "<end_of_utterance>", "<eos>", "</s>",
    "<｜end▁of▁sentence｜>",
  ]

  /// - Throws: what is missing, contradictory or not supported, by the name of its key.
  public init(gguf file: GGUFFile) throws(TokenizerSourceError) {
    let reader = GGUFTokenizerReader(file.metadata)
    self = try reader.read()
  }

  fileprivate mutating func addEnds(spelled spelling: (Int) -> String) {
    var all = Set(ends)
    if let eos { all.insert(eos) }
    for id in roles.indices where roles[id] == .special && Self.endSpellings.contains(spelling(id)) {
      all.insert(UInt32(id))
    }
    ends = all.sorted()
  }
}

private struct GGUFTokenizerReader {
  let metadata: GGUFMetadata

  init(_ metadata: GGUFMetadata) { self.metadata = metadata }

  func key(_ name: String) -> String { "tokenizer.ggml.\(name)" }

  /// Errors of the metadata as errors of the tokenizer.
  func ask<Result>(_ body: () throws(GGUFError) -> Result) throws(TokenizerSourceError) -> Result {
    do throws(GGUFError) { return try body() } catch { throw .gguf(error) }
  }

  func read() throws(TokenizerSourceError) -> TokenizerSource {
    let model = try ask { () throws(GGUFError) in try metadata.string(key("model")) }
    let spellings = try ask { () throws(GGUFError) in try metadata.strings(key("tokens")) }
    guard spellings.count > 0 else { throw .noTokens }
    let limit = 1 << 21
    guard spellings.count <= limit else { throw .tooManyTokens(found: spellings.count, limit: limit) }
    let roles = try roles(count: spellings.count)
    var source: TokenizerSource
    switch model {
    case "gpt2": source = try byteLevel(spellings, roles)
    case "llama": source = try sentencePiece(spellings, roles, isListed: false)
    case "gemma4": source = try sentencePiece(spellings, roles, isListed: true)
    case "t5": source = try unigram(spellings, roles)
    case "bert": source = try wordPiece(spellings, roles)
    default:
      throw .unsupported(part: key("model"), found: model, known: ["bert", "gemma4", "gpt2", "llama", "t5"])
    }
    try readAdded(&source, spellings)
    try readIDs(&source)
    source.addEnds { spellings[$0].description }
    return source
  }

  private func roles(count: Int) throws(TokenizerSourceError) -> [TokenizerSource.Role] {
    guard metadata[key("token_type")] != nil else { return Array(repeating: .normal, count: count) }
    let types = try ask { () throws(GGUFError) in try metadata.numbers(key("token_type")) }
    guard types.count == count else {
      throw .countsDiffer(part: key("token_type"), found: types.count, expected: count)
    }
    var roles: [TokenizerSource.Role] = []
    roles.reserveCapacity(count)
    for index in 0..<count {
      switch types[index].integer(Int32.self) {
      case 1: roles.append(.normal)
      case 2: roles.append(.unknown)
      case 3: roles.append(.special)
      case 4: roles.append(.added)
      case 5: roles.append(.unused)
      case 6: roles.append(.byte)
      default:
        throw .unsupported(
          part: "\(key("token_type"))[\(index)]", found: types[index].summary, known: (1...6).map { "\($0)" })
      }
    }
    return roles
  }

  // MARK: byte-level BPE

  private func byteLevel(
    _ spellings: GGUFStringArray, _ roles: [TokenizerSource.Role]
  ) throws(TokenizerSourceError) -> TokenizerSource {
    var tokens = ByteStrings()
    for index in spellings.indices {
      spellings[index].withBytes { bytes in
        if roles[index] == .normal || roles[index] == .unused, let decoded = TokenizerAlphabet.decode(bytes) {
          tokens.append(decoded)
        } else {
          tokens.append(bytes)
        }
      }
    }
    let index = try spelledIndex(spellings)
    var source = TokenizerSource(model: .byteLevelBPE, tokens: tokens, roles: roles)
    for byte in 0..<256 {
      source.byteTokens[byte] = index.index(of: TokenizerAlphabet.spelling(of: UInt8(byte))).map { UInt32($0) }
    }
    try readMerges(&source, index)
    let name = try ask { () throws(GGUFError) in try metadata.string(key("pre"), default: "") }
    guard let known = TokenizerPreTokenizers.named(name) else {
      throw .unsupported(part: key("pre"), found: name, known: TokenizerPreTokenizers.names)
    }
    source.splits = known.splits
    source.wordsBypassMerges = known.wordsBypassMerges
    try readAffixes(&source, addsBOSByDefault: known.addsBOS)
    return source
  }

  private func readMerges(_ source: inout TokenizerSource, _ index: ByteStringIndex) throws(TokenizerSourceError) {
    let lines = try ask { () throws(GGUFError) in try metadata.strings(key("merges")) }
    source.merges.reserveCapacity(lines.count)
    for line in lines {
      let bytes = line.bytes
      guard let space = bytes.dropFirst().firstIndex(of: 0x20) else {
        throw .wrongType(
          part: key("merges"), found: quoted(line.description), expected: "two tokens and a space between")
      }
      let left = bytes[..<space]
      let right = bytes[(space + 1)...]
      guard let leftID = index.index(of: left), let rightID = index.index(of: right),
        let merged = index.index(of: left + right)
      else { throw .unknownToken(part: key("merges"), text: line.description) }
      source.merges.append(.init(left: UInt32(leftID), right: UInt32(rightID), merged: UInt32(merged)))
    }
  }

  // MARK: SentencePiece

  /// - Parameter isListed: merges are listed, as for byte-level BPE; else any two neighbours merge, by score.
  private func sentencePiece(
    _ spellings: GGUFStringArray, _ roles: [TokenizerSource.Role], isListed: Bool
  ) throws(TokenizerSourceError) -> TokenizerSource {
    let (tokens, byteTokens) = try pieces(spellings, roles)
    var source = TokenizerSource(model: .sentencePieceBPE, tokens: tokens, roles: roles)
    source.byteTokens = byteTokens
    if isListed {
      try readMerges(&source, spelledIndex(spellings))
    } else {
      source.scores = try scores(count: spellings.count)
    }
    try readSpaces(&source)
    try readAffixes(&source, addsBOSByDefault: true)
    return source
  }

  private func unigram(
    _ spellings: GGUFStringArray, _ roles: [TokenizerSource.Role]
  ) throws(TokenizerSourceError) -> TokenizerSource {
    let (tokens, byteTokens) = try pieces(spellings, roles)
    var source = TokenizerSource(model: .unigram, tokens: tokens, roles: roles)
    source.byteTokens = byteTokens
    source.scores = try scores(count: spellings.count)
    source.fusesUnknown = true
    try readSpaces(&source)
    try readAffixes(&source, addsBOSByDefault: false, addsEOSByDefault: true)
    return source
  }

  /// Spelled as the converters spell WordPiece: ▁ before what begins a word, nothing before what continues one.
  private func wordPiece(
    _ spellings: GGUFStringArray, _ roles: [TokenizerSource.Role]
  ) throws(TokenizerSourceError) -> TokenizerSource {
    var tokens = ByteStrings()
    for index in spellings.indices {
      let spelling = spellings[index].bytes
      tokens.append(roles[index] == .normal ? TokenizerSpelling.spaced(spelling) : spelling)
    }
    var source = TokenizerSource(model: .wordPiece, tokens: tokens, roles: roles)
    source.steps = [.bertClean, .bertChinese]
    if try ask({ () throws(GGUFError) in try metadata.bool(key("strip_accents"), default: true) }) {
      source.steps += [.nfd, .stripAccents(onlyNonspacing: true)]
    }
    if try ask({ () throws(GGUFError) in try metadata.bool(key("lowercase"), default: true) }) {
      source.steps.append(.lowercase)
    }
    source.splits = TokenizerPreTokenizers.bert
    source.dropsDecodedSpace = true
    let count = spellings.count
    source.bos = try optionalID("cls_token_id", count: count)
    if source.bos == nil { source.bos = try optionalID("bos_token_id", count: count) }
    // The key is misspelled in the format.
    source.eos = try optionalID("seperator_token_id", count: count)
    if source.eos == nil { source.eos = try optionalID("separator_token_id", count: count) }
    if let cls = source.bos { source.prefix = [cls] }
    if let separator = source.eos { source.suffix = [separator] }
    return source
  }

  private func pieces(
    _ spellings: GGUFStringArray, _ roles: [TokenizerSource.Role]
  ) throws(TokenizerSourceError) -> (tokens: ByteStrings, byteTokens: [UInt32?]) {
    var tokens = ByteStrings()
    var byteTokens = [UInt32?](repeating: nil, count: 256)
    for index in spellings.indices {
      let spelling = spellings[index].bytes
      switch roles[index] {
      case .byte:
        guard let byte = TokenizerSpelling.byte(spelling) else {
          throw .wrongType(
            part: "\(key("tokens"))[\(index)]", found: quoted(spellings[index].description), expected: "<0xXX>")
        }
        tokens.append([byte])
        byteTokens[Int(byte)] = UInt32(index)
      case .normal, .unused, .unlisted, .added: tokens.append(TokenizerSpelling.spaced(spelling))
      case .special, .unknown: tokens.append(spelling)
      }
    }
    return (tokens, byteTokens)
  }

  /// The charsmap, and what becomes of spaces.
  private func readSpaces(_ source: inout TokenizerSource) throws(TokenizerSourceError) {
    if let map = metadata[key("precompiled_charsmap")]?.array, map.count > 0 {
      source.steps.append(.charsmap(try charsmap(map)))
    }
    if try ask({ () throws(GGUFError) in try metadata.bool(key("remove_extra_whitespaces"), default: false) }) {
      source.steps.append(.tidySpaces(.all))
    }
    if try ask({ () throws(GGUFError) in try metadata.bool(key("add_space_prefix"), default: true) }) {
      source.steps.append(.prefixSpace(.all, unlessThere: false, late: false))
      source.dropsDecodedSpace = true
    }
  }

  private func charsmap(_ map: GGUFArray) throws(TokenizerSourceError) -> [UInt8] {
    let values = try ask { () throws(GGUFError) in try metadata.numbers(key("precompiled_charsmap")) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.count)
    for index in 0..<values.count {
      guard let value = values[index].integer(Int32.self), value >= -128, value <= 255 else {
        throw .wrongType(part: key("precompiled_charsmap"), found: values[index].summary, expected: "bytes")
      }
      bytes.append(UInt8(truncatingIfNeeded: value))
    }
    return bytes
  }

  private func scores(count: Int) throws(TokenizerSourceError) -> [Float] {
    let scores = try ask { () throws(GGUFError) in try metadata.numbers(key("scores")) }
    guard scores.count == count else {
      throw .countsDiffer(part: key("scores"), found: scores.count, expected: count)
    }
    var result: [Float] = []
    result.reserveCapacity(count)
    for index in 0..<count {
      guard let score = scores[index].double, Float(score).isFinite else {
        throw .wrongType(part: "\(key("scores"))[\(index)]", found: scores[index].summary, expected: "a finite number")
      }
      result.append(Float(score))
    }
    return result
  }

  // MARK: both

  private func spelledIndex(_ spellings: GGUFStringArray) throws(TokenizerSourceError) -> ByteStringIndex {
    var spelled = ByteStrings()
    for index in spellings.indices { spellings[index].withBytes { spelled.append($0) } }
    var duplicate: (Int, Int)?
    let index = ByteStringIndex(spelled) { duplicate = duplicate ?? ($0, $1) }
    if let (first, second) = duplicate {
      throw .duplicateToken(text: spellings[first].description, first: first, second: second)
    }
    return index
  }

  private func optionalID(_ name: String, count: Int) throws(TokenizerSourceError) -> UInt32? {
    guard metadata[key(name)] != nil else { return nil }
    let id = try ask { () throws(GGUFError) in try metadata.u32(key(name)) }
    if id == .max { return nil }  // how some writers say that there is none
    guard id < count else { throw .idOutOfRange(part: key(name), found: Int(id), count: count) }
    return id
  }

  private func readIDs(_ source: inout TokenizerSource) throws(TokenizerSourceError) {
    let count = source.tokens.count
    source.unknown = try optionalID("unknown_token_id", count: count)
    source.pad = try optionalID("padding_token_id", count: count)
    for name in ["eot_token_id", "eom_token_id"] {
      if let id = try optionalID(name, count: count) { source.ends.append(id) }
    }
  }

  private func readAffixes(
    _ source: inout TokenizerSource, addsBOSByDefault: Bool, addsEOSByDefault: Bool = false
  ) throws(TokenizerSourceError) {
    let count = source.tokens.count
    source.bos = try optionalID("bos_token_id", count: count)
    source.eos = try optionalID("eos_token_id", count: count)
    let addsBOS = try ask { () throws(GGUFError) in try metadata.bool(key("add_bos_token"), default: addsBOSByDefault) }
    let addsEOS = try ask { () throws(GGUFError) in try metadata.bool(key("add_eos_token"), default: addsEOSByDefault) }
    if try ask({ () throws(GGUFError) in try metadata.bool(key("add_sep_token"), default: false) }) {
      throw .unsupported(part: key("add_sep_token"), found: "true", known: ["false"])
    }
    if addsBOS {
      guard let bos = source.bos else { throw .missing(part: key("bos_token_id")) }
      source.prefix = [bos]
    }
    if addsEOS {
      guard let eos = source.eos else { throw .missing(part: key("eos_token_id")) }
      source.suffix = [eos]
    }
  }

  private func readAdded(
    _ source: inout TokenizerSource, _ spellings: GGUFStringArray
  ) throws(TokenizerSourceError) {
    // Phi-3's special tokens swallow the white space behind them; GGUF has no field for it, so it goes by the name.
    let name = try ask { () throws(GGUFError) in try metadata.string("general.name", default: "") }.lowercased()
    let swallows = name.contains("phi-3") || name.contains("phi3")
    let spares: Set<String> = ["<s>", "<unk>", "<|endoftext|>"]
    for id in source.roles.indices {
      let role = source.roles[id]
      guard role == .special || role == .added || role == .unknown, spellings[id].byteCount > 0 else { continue }
      var token = TokenizerSource.AddedToken(id: UInt32(id), isSpecial: role != .added)
      token.stripsRight = swallows && !spares.contains(spellings[id].description)
      source.added.append(token)
    }
  }
}
