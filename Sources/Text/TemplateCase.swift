// SPDX-License-Identifier: Apache-2.0
// Upper, lower, title case: Python's, over the tables of TemplateUnicode.swift.

enum TemplateCaseChange { case upper, lower, capital, title, titleFilter, swap }

extension TemplateMachine {
  @inline(never)
  mutating func changeCase(_ text: TemplateValue, _ change: TemplateCaseChange) -> TemplateValue {
    spend(text.count)
    let start = begin()
    var offset = 0
    /// Whether the next letter starts a word.
    var atStart = true
    while offset < text.count {
      let (c, count) = codePoint(text.bytes, offset)
      var makesUpper = change == .upper
      switch change {
      case .upper, .lower: break
      case .capital:
        makesUpper = atStart
        atStart = false
      case .title:
        makesUpper = atStart
        atStart = !TemplateUnicode.isCased(c)
      case .titleFilter:
        makesUpper = atStart
        // Jinja's filter: words begin behind white space, - ( { [ <.
        atStart = c == 45 || c == 40 || c == 123 || c == 91 || c == 60 || TemplateUnicode.isSpace(c)
      case .swap: makesUpper = TemplateUnicode.isCased(c) && TemplateUnicode.lower(c) == c
      }
      if makesUpper {
        putUpper(c, isTitle: change == .capital || change == .title)
      } else {
        putLower(c, text, offset)
      }
      offset &+= count
    }
    var out = end(start)
    out.kind = text.kind
    return out
  }

  private mutating func putUpper(_ c: UInt32, isTitle: Bool) {
    if c < 0x80 { return put(c >= 97 && c <= 122 ? UInt8(c - 32) : UInt8(c)) }
    if let parts = TemplateUnicode.expansion(c) {
      putCodePoint(TemplateUnicode.upper(parts.0))
      putCodePoint(isTitle ? parts.1 : TemplateUnicode.upper(parts.1))
      if parts.2 != 0 { putCodePoint(isTitle ? parts.2 : TemplateUnicode.upper(parts.2)) }
      return
    }
    putCodePoint(isTitle ? TemplateUnicode.title(c) : TemplateUnicode.upper(c))
  }

  private mutating func putLower(_ c: UInt32, _ text: TemplateValue, _ offset: Int) {
    if c < 0x80 { return put(c >= 65 && c <= 90 ? UInt8(c + 32) : UInt8(c)) }
    if c == 0x130 { return put("i\u{307}") }
    if c == 0x3A3, isFinalSigma(text, offset) { return putCodePoint(0x3C2) }
    putCodePoint(TemplateUnicode.lower(c))
  }

  /// A capital sigma behind a letter and not ahead of one becomes ς.
  private mutating func isFinalSigma(_ text: TemplateValue, _ offset: Int) -> Bool {
    var at = offset
    var isBehindLetter = false
    while at > 0 {
      at = before(at, text)
      let c = codePoint(text.bytes, at).0
      if TemplateUnicode.isCaseIgnorable(c) { continue }
      isBehindLetter = TemplateUnicode.isCased(c)
      break
    }
    guard isBehindLetter else { return false }
    at = offset + 2
    while at < text.count {
      let (c, count) = codePoint(text.bytes, at)
      if !TemplateUnicode.isCaseIgnorable(c) { return !TemplateUnicode.isCased(c) }
      at &+= count
    }
    return true
  }

  /// Whether all letters that have case are upper, or lower, and there is one.
  mutating func isCased(_ text: TemplateValue, upper: Bool) -> Bool {
    spend(text.count >> 3)
    var offset = 0
    var found = false
    while offset < text.count {
      let (c, count) = codePoint(text.bytes, offset)
      offset &+= count
      guard TemplateUnicode.isCased(c) else { continue }
      if (TemplateUnicode.lower(c) != c) != upper { return false }
      found = true
    }
    return found
  }
}
