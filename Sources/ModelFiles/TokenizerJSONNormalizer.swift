// SPDX-License-Identifier: Apache-2.0
// The normalizers of tokenizer.json as steps.

import Foundation

extension TokenizerJSONParts {
  private static let known = [
    "BertNormalizer", "Lowercase", "NFC", "NFD", "NFKC", "NFKD", "Precompiled", "Prepend", "Replace", "Strip",
    "StripAccents",
  ]

  mutating func readNormalizer(_ part: JSONFields) throws(TokenizerSourceError) {
    let kind = try Reader.type(part)
    switch kind {
    case "NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents":
      try Reader.only(["type"], in: part)
      try readPlain(kind, part)
    case "Strip":
      try Reader.only(["type", "strip_left", "strip_right"], in: part)
      try refuseBehindMeta(kind, part)
      steps.append(
        .strip(
          left: try Self.flag(part, "strip_left", default: true),
          right: try Self.flag(part, "strip_right", default: true)))
    case "Prepend":
      try Reader.only(["type", "prepend"], in: part)
      guard part["prepend"]?.string == "▁" else {
        throw Reader.refuse("prepend", in: part, found: part["prepend"]?.summary ?? "nothing", known: ["▁"])
      }
      steps.append(.prefixSpace(.all, unlessThere: false, late: false))
    case "Precompiled":
      try Reader.only(["type", "precompiled_charsmap"], in: part)
      try refuseBehindMeta(kind, part)
      let text = try Reader.ask { () throws(JSONFieldError) in try part.string("precompiled_charsmap") }
      guard let map = Data(base64Encoded: text) else {
        throw Reader.refuse("precompiled_charsmap", in: part, found: "no base64", known: ["base64"])
      }
      if !map.isEmpty { steps.append(.charsmap(Array(map))) }
    case "BertNormalizer": try readBert(part)
    case "Replace": try readReplace(part)
    default: throw Reader.refuse("type", in: part, found: kind, known: Self.known)
    }
  }

  private mutating func readPlain(_ kind: String, _ part: JSONFields) throws(TokenizerSourceError) {
    switch kind {
    case "NFC": steps.append(.nfc)
    case "NFD": steps.append(.nfd)
    case "NFKC", "NFKD":
      try refuseBehindMeta(kind, part)  // makes spaces of other white space
      steps.append(kind == "NFKC" ? .nfkc : .nfkd)
    case "Lowercase": steps.append(.lowercase)
    default: steps.append(.stripAccents(onlyNonspacing: false))
    }
  }

  /// What makes or takes spaces means something else once they are ▁.
  private func refuseBehindMeta(_ kind: String, _ part: JSONFields) throws(TokenizerSourceError) {
    if spacesAreMeta {
      throw Reader.refuse("type", in: part, found: "\(kind) behind the Replace of spaces by ▁", known: [])
    }
  }

  private mutating func readBert(_ part: JSONFields) throws(TokenizerSourceError) {
    try Reader.only(["type", "clean_text", "handle_chinese_chars", "strip_accents", "lowercase"], in: part)
    try refuseBehindMeta("BertNormalizer", part)
    let lowers = try Self.flag(part, "lowercase", default: true)
    if try Self.flag(part, "clean_text", default: true) { steps.append(.bertClean) }
    if try Self.flag(part, "handle_chinese_chars", default: true) { steps.append(.bertChinese) }
    if try Self.flag(part, "strip_accents", default: lowers) { steps += [.nfd, .stripAccents(onlyNonspacing: true)] }
    if lowers { steps.append(.lowercase) }
  }

  private mutating func readReplace(_ part: JSONFields) throws(TokenizerSourceError) {
    try Reader.only(["type", "pattern", "content"], in: part)
    let content = try Reader.ask { () throws(JSONFieldError) in try part.string("content") }
    switch try Self.pattern(part) {
    case .text(" ") where content == "▁" && !spacesAreMeta: spacesAreMeta = true
    case .text(let text):
      if spacesAreMeta, text.contains(" ") || text.contains("▁") {
        throw Reader.refuse(
          "pattern", in: part, found: part["pattern"]?.summary ?? "", known: ["texts without spaces behind that by ▁"])
      }
      steps.append(.replaceText(Array(text.utf8), by: Array(content.utf8)))
    case .regex(let regex):
      try refuseBehindMeta("Replace", part)
      steps.append(.replaceRegex(regex, by: Array(content.utf8)))
    }
  }
}
