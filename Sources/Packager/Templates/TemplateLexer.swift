// SPDX-License-Identifier: Apache-2.0
// Template text to tokens: tags, Jinja's whitespace control with trim_blocks and lstrip_blocks on, literals.

enum TemplateToken: Equatable {
  case data([UInt8])
  case variableBegin, variableEnd, blockBegin, blockEnd
  case name(String)
  case string([UInt8])
  case integer(Int64)
  case float(Double)
  case symbol(String)
  case end
}

struct PlacedToken {
  var token: TemplateToken
  var offset: Int
}

struct TemplateLexer {
  let text: [UInt8]
  var at = 0
  private var tokens: [PlacedToken] = []
  /// Whether what came before ended a line: white space ahead of a tag is then cut.
  private var isLineStart = true

  private init(_ text: [UInt8]) { self.text = text }

  static func tokens(of source: TemplateSource) throws(TemplateMistake) -> [PlacedToken] {
    var lexer = TemplateLexer(source.bytes)
    while try lexer.data() {}
    lexer.tokens.append(PlacedToken(token: .end, offset: lexer.text.count))
    return lexer.tokens
  }

  private func has(_ word: StaticString, _ offset: Int) -> Bool {
    let count = word.utf8CodeUnitCount
    guard offset + count <= text.count else { return false }
    for i in 0..<count where text[offset + i] != word.utf8Start[i] { return false }
    return true
  }

  mutating func add(_ token: TemplateToken, at offset: Int) {
    tokens.append(PlacedToken(token: token, offset: offset))
  }

  /// Bytes of the white space character at `offset`, 0 where there is none: `\s` over Unicode.
  private func space(_ offset: Int) -> Int {
    guard offset < text.count else { return 0 }
    let c = text[offset]
    if c == 32 || (9...13).contains(c) || (28...31).contains(c) { return 1 }
    if c == 0xC2, offset + 1 < text.count, text[offset + 1] == 0x85 || text[offset + 1] == 0xA0 { return 2 }
    guard c >= 0xE1, c <= 0xE3, offset + 2 < text.count else { return 0 }
    switch (c, text[offset + 1], text[offset + 2]) {
    case (0xE1, 0x9A, 0x80), (0xE2, 0x80, 0x80...0x8A), (0xE2, 0x80, 0xA8...0xA9), (0xE2, 0x80, 0xAF),
      (0xE2, 0x81, 0x9F), (0xE3, 0x80, 0x80):
      return 3
    default: return 0
    }
  }

  private mutating func skipSpace() {
    while case let count = space(at), count > 0 { at += count }
  }

  // MARK: Between the tags

  /// Text up to the next tag, and the tag. False at the end.
  private mutating func data() throws(TemplateMistake) -> Bool {
    let start = at
    guard start < text.count else { return false }
    var tag = start
    while tag < text.count, !(has("{%", tag) || has("{{", tag) || has("{#", tag)) { tag += 1 }
    if tag == text.count {
      add(.data(Array(text[start...])), at: start)
      at = tag
      return false
    }
    at = tag + 2
    let sign = takeSign()
    let isVariable = text[tag + 1] == 0x7B
    addData(start..<tag, sign: sign, isVariable: isVariable)
    isLineStart = false
    if isVariable {
      try tagContents(begin: .variableBegin, end: .variableEnd, at: tag)
    } else if text[tag + 1] == 0x23 {
      try comment(tag)
    } else if let end = rawBegin() {
      at = end
      isLineStart = text[end - 1] == 10
      try raw(tag)
    } else {
      try tagContents(begin: .blockBegin, end: .blockEnd, at: tag)
    }
    return true
  }

  private mutating func takeSign() -> UInt8 {
    guard at < text.count, text[at] == 0x2D || text[at] == 0x2B else { return 0 }
    at += 1
    return text[at - 1]
  }

  /// The text ahead of a tag: `-` cuts all white space, otherwise what stands alone before a block on its line goes.
  private mutating func addData(_ range: Range<Int>, sign: UInt8, isVariable: Bool) {
    var end = range.upperBound
    if sign == 0x2D {
      end = range.lowerBound
      var offset = range.lowerBound
      while offset < range.upperBound {
        let count = space(offset)
        offset += max(count, 1)
        if count == 0 { end = offset }
      }
    } else if sign == 0, !isVariable {
      var line = range.upperBound
      while line > range.lowerBound, text[line - 1] != 10 { line -= 1 }
      if line > range.lowerBound || isLineStart {
        var offset = line
        while offset < range.upperBound, case let count = space(offset), count > 0 { offset += count }
        if offset == range.upperBound { end = line }
      }
    }
    if end > range.lowerBound { add(.data(Array(text[range.lowerBound..<end])), at: range.lowerBound) }
  }

  /// Behind a closing delimiter: `-` swallows white space, a block swallows one line break.
  private mutating func afterEnd(sign: UInt8, isBlock: Bool) {
    if sign == 0x2D {
      skipSpace()
    } else if sign == 0, isBlock, at < text.count, text[at] == 10 {
      at += 1
    }
    isLineStart = text[at - 1] == 10
  }

  private mutating func comment(_ tag: Int) throws(TemplateMistake) {
    while at < text.count {
      let sign = (text[at] == 0x2D || text[at] == 0x2B) && has("#}", at + 1) ? text[at] : 0
      if sign != 0 || has("#}", at) {
        at += sign == 0 ? 2 : 3
        return afterEnd(sign: sign, isBlock: true)
      }
      at += 1
    }
    throw TemplateMistake(offset: tag, reason: "this comment has no end")
  }

  /// The end of `{% raw %}` when that is the tag whose inside starts here.
  private func rawBegin() -> Int? {
    var probe = self
    probe.skipSpace()
    guard probe.has("raw", probe.at) else { return nil }
    probe.at += 3
    probe.skipSpace()
    if probe.has("%}", probe.at) { return probe.at + 2 }
    guard probe.has("-%}", probe.at) else { return nil }
    probe.at += 3
    probe.skipSpace()
    return probe.at
  }

  private mutating func raw(_ tag: Int) throws(TemplateMistake) {
    let start = at
    var offset = start
    while offset < text.count {
      if has("{%", offset) {
        at = offset + 2
        let sign = takeSign()
        skipSpace()
        if has("endraw", at) {
          at += 6
          skipSpace()
          let end = at < text.count && (text[at] == 0x2D || text[at] == 0x2B) ? text[at] : 0
          if has("%}", end == 0 ? at : at + 1) {
            at += end == 0 ? 2 : 3
            let after = at
            addData(start..<offset, sign: sign, isVariable: false)
            at = after
            return afterEnd(sign: end, isBlock: true)
          }
        }
      }
      offset += 1
    }
    throw TemplateMistake(offset: tag, reason: "this raw block has no end")
  }

  // MARK: Inside a tag

  private mutating func tagContents(
    begin: TemplateToken, end: TemplateToken, at tag: Int
  ) throws(TemplateMistake) {
    add(begin, at: tag)
    let isBlock = end == .blockEnd
    var open: [UInt8] = []
    while true {
      skipSpace()
      guard at < text.count else { throw TemplateMistake(offset: tag, reason: "this tag has no end") }
      if open.isEmpty, let sign = closing(isBlock) {
        add(end, at: at)
        at += sign == 0 ? 2 : 3
        return afterEnd(sign: sign, isBlock: isBlock)
      }
      try token(&open)
    }
  }

  /// The sign of the closing delimiter that stands here, or nil.
  private func closing(_ isBlock: Bool) -> UInt8? {
    let word: StaticString = isBlock ? "%}" : "}}"
    if has(word, at) { return 0 }
    let isSign = text[at] == 0x2D || (isBlock && text[at] == 0x2B)
    return isSign && has(word, at + 1) ? text[at] : nil
  }

  private static func isDigit(_ c: UInt8) -> Bool { (48...57).contains(c) }
  private static func isWord(_ c: UInt8) -> Bool {
    isDigit(c) || (65...90).contains(c) || (97...122).contains(c) || c == 95 || c >= 0x80
  }

  private mutating func token(_ open: inout [UInt8]) throws(TemplateMistake) {
    let c = text[at]
    if Self.isDigit(c) { return try number() }
    if Self.isWord(c) {
      let start = at
      while at < text.count, Self.isWord(text[at]) { at += 1 }
      return add(.name(String(decoding: text[start..<at], as: UTF8.self)), at: start)
    }
    if c == 34 || c == 39 { return try string(c) }
    try symbol(&open)
  }

  private mutating func symbol(_ open: inout [UInt8]) throws(TemplateMistake) {
    let c = text[at]
    for word: StaticString in ["//", "**", "==", "!=", ">=", "<="] where has(word, at) {
      add(.symbol("\(word)"), at: at)
      at += 2
      return
    }
    switch c {
    case 0x28: open.append(0x29)
    case 0x5B: open.append(0x5D)
    case 0x7B: open.append(0x7D)
    case 0x29, 0x5D, 0x7D:
      let name = Character(UnicodeScalar(c))
      guard let expected = open.popLast() else { throw TemplateMistake(offset: at, reason: "unexpected '\(name)'") }
      guard expected == c else {
        let wanted = Character(UnicodeScalar(expected))
        throw TemplateMistake(offset: at, reason: "unexpected '\(name)', expected '\(wanted)'")
      }
    default:
      guard "+-/*%~<>=.:|,;".utf8.contains(c) else {
        let scalar = String(decoding: text[at..<min(at + 4, text.count)], as: UTF8.self).prefix(1)
        throw TemplateMistake(offset: at, reason: "unexpected character '\(scalar)'")
      }
    }
    add(.symbol(String(UnicodeScalar(c))), at: at)
    at += 1
  }

  /// Digits with single underscores between them. Leaves `offset` behind them, and says whether there was one.
  private func digits(_ offset: inout Int) -> Bool {
    let start = offset
    while offset < text.count {
      let isJoint = text[offset] == 95 && offset > start && offset + 1 < text.count && Self.isDigit(text[offset + 1])
      guard Self.isDigit(text[offset]) || isJoint else { break }
      offset += 1
    }
    return offset > start
  }

  private mutating func number() throws(TemplateMistake) {
    let start = at
    var end = at
    _ = digits(&end)
    var isFloat = false
    let afterDot = start > 0 && text[start - 1] == 0x2E
    if !afterDot {
      var probe = end + 1
      if end < text.count, text[end] == 0x2E, digits(&probe) {
        isFloat = true
        end = probe
      }
      if end < text.count, text[end] | 32 == 0x65 {
        probe = end + 1
        if probe < text.count, text[probe] == 0x2B || text[probe] == 0x2D { probe += 1 }
        if digits(&probe) {
          isFloat = true
          end = probe
        }
      }
    }
    func plain(_ range: Range<Int>) -> String { String(decoding: text[range].filter { $0 != 95 }, as: UTF8.self) }
    if isFloat {
      at = end
      return add(.float(Double(plain(start..<end)) ?? 0), at: start)
    }
    var radix = 10
    if text[start] == 48, start + 1 < text.count {
      switch text[start + 1] | 32 {
      case 0x78: radix = 16
      case 0x6F: radix = 8
      case 0x62: radix = 2
      default: break
      }
      if radix != 10 {
        end = start + 2
        while end < text.count, text[end] == 95 || Character(UnicodeScalar(text[end])).isHexDigit { end += 1 }
      } else {
        end = start
        while end < text.count, text[end] == 48 || text[end] == 95 { end += 1 }
      }
    }
    guard let value = Int64(plain((radix == 10 ? start : start + 2)..<end), radix: radix) else {
      throw TemplateMistake(offset: start, reason: "this number does not fit 64 bits")
    }
    at = end
    add(.integer(value), at: start)
  }
}
