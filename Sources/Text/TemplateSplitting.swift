// SPDX-License-Identifier: Apache-2.0
// `split` and its kin, and Python's two ways of formatting.

extension TemplateMachine {
  mutating func splitMethod(
    _ method: TemplateMethod, _ text: TemplateValue, _ arguments: UnsafeMutablePointer<TemplateValue>, _ a: Int,
    _ b: Int
  ) throws(TemplateFault) -> TemplateValue {
    var first = a > 0 ? arguments[0] : TemplateValue.none
    var second = a > 1 ? arguments[1] : TemplateValue.int(-1)
    guard a <= (method == .splitlines ? 1 : 2) else { throw fault(.wrongArguments, "split") }
    for pair in 0..<b {
      let name = arguments[a + 2 * pair]
      let value = arguments[a + 2 * pair + 1]
      if name.equals(method == .splitlines ? "keepends" : "sep"), a == 0 {
        first = value
      } else if name.equals("maxsplit"), method != .splitlines, a < 2 {
        second = value
      } else {
        throw fault(.wrongArguments, "split")
      }
    }
    if method == .splitlines { return try splitLines(text, keepsEnds: truth(first), addsLast: false) }
    guard second.isInteger else { throw wrongType(second, "split") }
    let limit = second.integer < 0 ? Int.max : second.integer
    if first.tag == .none { return try splitSpace(text, limit, fromEnd: method == .rsplit) }
    guard first.tag == .string else { throw wrongType(first, "split") }
    guard first.count > 0 else { throw fault(.badValue, "split") }
    return try split(text, first, limit, fromEnd: method == .rsplit)
  }

  private mutating func split(
    _ text: TemplateValue, _ separator: TemplateValue, _ limit: Int, fromEnd: Bool
  ) throws(TemplateFault) -> TemplateValue {
    var count = 0
    var at = 0
    while let found = try indexOf(separator, in: text, from: at) {
      count += 1
      at = found + separator.count
    }
    let items = try allocateValues(count + 1)
    var made = 0
    at = 0
    if fromEnd, limit < count {
      // From the end: matches are looked for backwards, so they may lie elsewhere than forwards.
      var stop = text.count
      var kept = 0
      var probe = stop - separator.count
      while kept < limit, probe >= 0, steps >= 0 {
        if sameBytes(.string(text.bytes + probe, separator.count), separator) {
          items[count - kept] = .string(text.bytes + probe + separator.count, stop - probe - separator.count)
          kept += 1
          stop = probe
          probe -= separator.count
        } else {
          probe -= 1
        }
      }
      items[count - kept] = .string(text.bytes, stop)
      spend(text.count >> 4)
      return .array(items + (count - kept), kept + 1, .list)
    }
    while made < limit, let found = try indexOf(separator, in: text, from: at) {
      items[made] = .string(text.bytes + at, found - at)
      made += 1
      at = found + separator.count
    }
    items[made] = .string(text.bytes + at, text.count - at)
    return .array(items, made + 1, .list)
  }

  /// Words between runs of white space.
  private mutating func splitSpace(_ text: TemplateValue, _ limit: Int, fromEnd: Bool) throws(TemplateFault)
    -> TemplateValue
  {
    var count = 0
    var inWord = false
    var at = 0
    while at < text.count {
      let (c, length) = codePoint(text.bytes, at)
      let isSpace = TemplateUnicode.isSpace(c)
      if !isSpace, !inWord { count += 1 }
      inWord = !isSpace
      at += length
    }
    spend(text.count >> 3)
    let items = try allocateValues(count)
    var rest = try strip(text, .none, left: true, right: true)
    rest.kind = 0
    var made = 0
    while rest.count > 0, made < limit {
      var edge = fromEnd ? rest.count : 0
      while edge != (fromEnd ? 0 : rest.count) {
        var at = edge
        if fromEnd { repeat { at -= 1 } while rest.bytes[at] & 0xC0 == 0x80 }
        let (c, length) = codePoint(rest.bytes, at)
        if TemplateUnicode.isSpace(c) { break }
        edge = fromEnd ? at : at + length
      }
      let word = TemplateValue.string(rest.bytes + (fromEnd ? edge : 0), fromEnd ? rest.count - edge : edge)
      items[fromEnd ? count - 1 - made : made] = word
      made += 1
      let left = TemplateValue.string(rest.bytes + (fromEnd ? 0 : edge), fromEnd ? edge : rest.count - edge)
      rest = try strip(left, .none, left: !fromEnd, right: fromEnd)
    }
    if rest.count > 0 {
      // What the limit left over keeps the outer white space on its far side.
      let end = text.bytes + text.count
      let isAll = made == 0
      var left = rest
      if fromEnd {
        left = .string(text.bytes, (rest.bytes + rest.count) - text.bytes)
        if isAll { left = try strip(text, .none, left: false, right: true) }
      } else {
        left = .string(rest.bytes, end - rest.bytes)
      }
      items[fromEnd ? count - 1 - made : made] = left
      made += 1
    }
    return .array(items + (fromEnd ? count - made : 0), made, .list)
  }

  /// Lines at any of Unicode's line breaks. `addsLast`: as if one more line break stood at the end.
  mutating func splitLines(_ text: TemplateValue, keepsEnds: Bool, addsLast: Bool) throws(TemplateFault)
    -> TemplateValue
  {
    func lineBreak(_ at: Int) -> Int {
      let c = text.bytes[at]
      if c == 13 { return at + 1 < text.count && text.bytes[at + 1] == 10 ? 2 : 1 }
      if (10...12).contains(c) || (28...30).contains(c) { return 1 }
      if c < 0x80 { return 0 }
      let (scalar, count) = codePoint(text.bytes, at)
      return scalar == 0x85 || scalar == 0x2028 || scalar == 0x2029 ? count : 0
    }
    var count = 1
    var at = 0
    while at < text.count {
      let length = lineBreak(at)
      if length > 0 { count += 1 }
      at += max(length, 1)
    }
    spend(text.count >> 3)
    let items = try allocateValues(count)
    var made = 0
    var start = 0
    at = 0
    while at < text.count {
      let length = lineBreak(at)
      if length > 0 {
        items[made] = .string(text.bytes + start, at - start + (keepsEnds ? length : 0))
        made += 1
        start = at + length
      }
      at += max(length, 1)
    }
    if start < text.count || addsLast {
      items[made] = .string(text.bytes + start, text.count - start)
      made += 1
    }
    return .array(items, made, .list)
  }

  // MARK: Formatting

  /// `text % values` with %s, %r, %d, %i, %x and %%.
  mutating func format(_ text: TemplateValue, _ values: TemplateValue) throws(TemplateFault) -> TemplateValue {
    let isTuple = values.isTuple
    let count = isTuple ? values.count : 1
    var used = 0
    let start = begin()
    var at = 0
    while at < text.count {
      let c = text.bytes[at]
      at += 1
      if c != 37 {
        put(c)
        continue
      }
      guard at < text.count else { throw fault(.badValue, "%") }
      let kind = text.bytes[at]
      at += 1
      if kind == 37 {
        put(37)
        continue
      }
      guard used < count else { throw fault(.wrongArguments, "%") }
      let value = isTuple ? values.items[used] : values
      used += 1
      switch kind {
      case 115: write(value)
      case 114: writeRepr(value)
      case 100, 105:
        if value.isInteger {
          writeInteger(value.integer)
        } else {
          guard value.tag == .float, let number = Int(exactly: value.double.rounded(.towardZero)) else {
            throw wrongType(value, "%")
          }
          writeInteger(number)
        }
      default: throw fault(.unsupported, "%")
      }
    }
    // What can be subscripted counts as a mapping, of which nothing need be used.
    let isMapping = values.tag == .dict || values.tag == .array || values.tag == .range || values.isUndefined
    if used < count, isTuple || !isMapping { throw fault(.wrongArguments, "%") }
    spend(text.count >> 3)
    return end(start)
  }

  /// `text.format(…)` with {}, {0}, {name}, {{ and }}.
  mutating func formatMethod(
    _ text: TemplateValue, _ arguments: UnsafeMutablePointer<TemplateValue>, _ a: Int, _ b: Int
  ) throws(TemplateFault) -> TemplateValue {
    var next = 0
    let start = begin()
    var at = 0
    while at < text.count {
      let c = text.bytes[at]
      at += 1
      guard c == 123 || c == 125 else {
        put(c)
        continue
      }
      if at < text.count, text.bytes[at] == c {
        put(c)
        at += 1
        continue
      }
      guard c == 123 else { throw fault(.badValue, "format") }
      let from = at
      while at < text.count, text.bytes[at] != 125 { at += 1 }
      guard at < text.count else { throw fault(.badValue, "format") }
      let field = TemplateValue.string(text.bytes + from, at - from)
      at += 1
      write(try formatField(field, &next, arguments, a, b))
    }
    return end(start)
  }

  private mutating func formatField(
    _ field: TemplateValue, _ next: inout Int, _ arguments: UnsafeMutablePointer<TemplateValue>, _ a: Int, _ b: Int
  ) throws(TemplateFault) -> TemplateValue {
    var index = 0
    var isNumber = true
    for at in 0..<field.count {
      let c = field.bytes[at]
      // A conversion, a format or a way into the value.
      if c == 33 || c == 58 || c == 46 || c == 91 { throw fault(.unsupported, "format") }
      isNumber = isNumber && c >= 48 && c <= 57 && index < 1000
      if isNumber { index = index * 10 + Int(c) - 48 }
    }
    if isNumber {
      if field.count == 0 {
        index = next
        next += 1
      }
      guard index < a else { throw fault(.wrongArguments, "format") }
      return arguments[index]
    }
    for pair in 0..<b where sameBytes(arguments[a + 2 * pair], field) { return arguments[a + 2 * pair + 1] }
    throw fault(.wrongArguments, "format")
  }
}
