// SPDX-License-Identifier: Apache-2.0
// The pre-tokenizers of tokenizer.json as splits.

extension TokenizerJSONParts {
  private static let known = [
    "BertPreTokenizer", "ByteLevel", "CharDelimiterSplit", "Digits", "Metaspace", "Punctuation", "Split", "Whitespace",
    "WhitespaceSplit",
  ]

  mutating func readPreTokenizer(_ part: JSONFields) throws(TokenizerSourceError) {
    let kind = try Reader.type(part)
    if isByteLevel {
      throw Reader.refuse("type", in: part, found: "\(kind) behind ByteLevel", known: ["ByteLevel as the last step"])
    }
    if piecesBeginWithSpace {
      throw Reader.refuse(
        "type", in: part, found: "\(kind) behind a Metaspace that is not the first step", known: ["Metaspace first"])
    }
    switch kind {
    case "ByteLevel": try readByteLevel(part)
    case "Digits":
      try Reader.only(["type", "individual_digits"], in: part)
      let isSingle = try Self.flag(part, "individual_digits", default: false)
      add(isSingle ? #"\p{N}"# : #"\p{N}+"#, .isolated)
    case "Punctuation":
      try Reader.only(["type", "behavior"], in: part)
      let behaviour = try Reader.ask { () throws(JSONFieldError) in try part.string("behavior", default: "Isolated") }
      add(TokenizerPreTokenizers.punctuation(try Self.behaviour(behaviour, inverted: false, part)))
    case "Whitespace":
      try Reader.only(["type"], in: part)
      add(TokenizerPreTokenizers.words, .gapsRemoved)
    case "WhitespaceSplit":
      try Reader.only(["type"], in: part)
      add(#"\s+"#, .matchesRemoved)
    case "BertPreTokenizer":
      try Reader.only(["type"], in: part)
      for split in TokenizerPreTokenizers.bert { add(split) }
    case "CharDelimiterSplit":
      try Reader.only(["type", "delimiter"], in: part)
      let text = try Reader.ask { () throws(JSONFieldError) in try part.string("delimiter") }
      guard text.unicodeScalars.count == 1 else {
        throw Reader.refuse("delimiter", in: part, found: text, known: ["one character"])
      }
      add(Self.literal(text), .matchesRemoved)
    case "Split":
      try Reader.only(["type", "pattern", "behavior", "invert"], in: part)
      let name = try Reader.ask { () throws(JSONFieldError) in try part.string("behavior") }
      let behaviour = try Self.behaviour(name, inverted: try Self.flag(part, "invert", default: false), part)
      switch try Self.pattern(part) {
      case .text(let text): add(Self.literal(text), behaviour)
      case .regex(let regex): add(regex, behaviour)
      }
    case "Metaspace": try readMetaspace(part)
    default: throw Reader.refuse("type", in: part, found: kind, known: Self.known)
    }
  }

  private mutating func add(_ pattern: String, _ behaviour: TokenizerSource.Split.Behaviour) {
    add(TokenizerSource.Split(pattern: pattern, behaviour: behaviour))
  }

  private mutating func add(_ split: TokenizerSource.Split) {
    var split = split
    split.spacesAreMeta = spacesAreMeta
    splits.append(split)
  }

  /// A regex for just this text.
  private static func literal(_ text: String) -> String {
    text.unicodeScalars.map { "\\x{" + String($0.value, radix: 16) + "}" }.joined()
  }

  private static func behaviour(
    _ name: String, inverted: Bool, _ part: JSONFields
  ) throws(TokenizerSourceError) -> TokenizerSource.Split.Behaviour {
    switch name {
    case "Isolated": .isolated
    case "Removed": inverted ? .gapsRemoved : .matchesRemoved
    // With gaps and matches exchanged, what joins the one before is what the next one joins.
    case "MergedWithPrevious": inverted ? .mergedWithNext : .mergedWithPrevious
    case "MergedWithNext": inverted ? .mergedWithPrevious : .mergedWithNext
    case "Contiguous": .contiguous
    default:
      throw Reader.refuse(
        "behavior", in: part, found: name,
        known: ["Contiguous", "Isolated", "MergedWithNext", "MergedWithPrevious", "Removed"])
    }
  }

  private mutating func readByteLevel(_ part: JSONFields) throws(TokenizerSourceError) {
    try Reader.only(["type", "add_prefix_space", "trim_offsets", "use_regex"], in: part)
    if try Self.flag(part, "add_prefix_space", default: true) {
      guard splits.isEmpty else {
        throw Reader.refuse(
          "add_prefix_space", in: part, found: "true behind another split", known: ["false, or true in the first split"]
        )
      }
      steps.append(.prefixSpace(.all, unlessThere: true, late: true))
    }
    isByteLevel = true
    if try Self.flag(part, "use_regex", default: true) { add(TokenizerPreTokenizers.gpt2, .isolated) }
  }

  private mutating func readMetaspace(_ part: JSONFields) throws(TokenizerSourceError) {
    try Reader.only(
      ["type", "replacement", "add_prefix_space", "prepend_scheme", "split", "str_rep"], in: part)
    guard part["replacement"]?.string == "▁" else {
      throw Reader.refuse("replacement", in: part, found: part["replacement"]?.summary ?? "nothing", known: ["▁"])
    }
    let adds = try Self.flag(part, "add_prefix_space", default: true)
    let scheme = try Reader.ask { () throws(JSONFieldError) in
      try part.string("prepend_scheme", default: adds ? "always" : "never")
    }
    switch scheme {
    case "never": break
    case "always" where splits.isEmpty: steps.append(.prefixSpace(.all, unlessThere: true, late: true))
    case "always": piecesBeginWithSpace = true
    case "first":
      let movesStart = steps.contains { step in
        switch step {
        case .strip, .replaceRegex, .replaceText, .bertClean, .charsmap: true
        default: false
        }
      }
      guard splits.isEmpty, !movesStart, !spacesAreMeta else {
        throw Reader.refuse(
          "prepend_scheme", in: part, found: "first behind steps that may cut the start of the text",
          known: ["always", "never", "first without such steps"])
      }
      steps.append(.prefixSpace(.text, unlessThere: true, late: true))
    default: throw Reader.refuse("prepend_scheme", in: part, found: scheme, known: ["always", "first", "never"])
    }
    spacesAreMeta = true
    if try Self.flag(part, "split", default: true) { add(#"\x{2581}"#, .mergedWithNext) }
  }
}
