// SPDX-License-Identifier: Apache-2.0
// Filters over text and numbers.

extension TemplateMachine {
  mutating func textFilter(_ filter: TemplateFilter, _ text: TemplateValue) -> TemplateValue {
    switch filter {
    case .string: return text
    case .trim: return strip(text, argument(0), left: true, right: true)
    case .upper: return changeCase(text, .upper)
    case .lower: return changeCase(text, .lower)
    case .capitalize: return changeCase(text, .capital)
    case .title: return changeCase(text, .titleFilter)
    case .escape: return escaped(text)
    case .forceescape:
      var plain = text
      plain.kind = 0
      return escaped(plain)
    case .safe:
      var markup = text
      markup.kind = 1
      return markup
    case .replace:
      let old = string(argument(0, .emptyString))
      let new = string(argument(1, .emptyString))
      let limit = argument(2, .int(-1))
      guard limit.tag == .none || limit.isInteger else { return fail(.wrongType, "replace") }
      return replaced(text, old, new, limit.tag == .none ? -1 : limit.integer)
    case .indent: return indented(text)
    case .center: return padded(text, integerArgument(0, 80), .string(" "), left: true, right: true)
    case .truncate: return truncated(text)
    case .format: return format(text, array(of: arguments, argumentCount, .tuple))
    default: return fail(.corrupt, "")
    }
  }

  /// HTML's special characters as entities. What is markup stays as it is.
  mutating func escaped(_ text: TemplateValue) -> TemplateValue {
    if text.isMarkup { return text }
    let start = begin()
    for index in 0..<text.count {
      switch text.bytes[index] {
      case 38: put("&amp;")
      case 60: put("&lt;")
      case 62: put("&gt;")
      case 34: put("&#34;")
      case 39: put("&#39;")
      default: put(text.bytes[index])
      }
    }
    spend(text.count >> 4)
    var out = end(start)
    out.kind = 1
    return out
  }

  mutating func replaced(
    _ text: TemplateValue, _ old: TemplateValue, _ new: TemplateValue, _ limit: Int
  ) -> TemplateValue {
    var left = limit < 0 ? Int.max : limit
    let start = begin()
    var at = 0
    if old.count == 0 {
      // Between all characters, and at both ends.
      while left > 0, !isStopped {
        write(new)
        left &-= 1
        if at == text.count { break }
        let count = utf8Length(text.bytes[at])
        put(text.bytes + at, count)
        at &+= count
      }
    } else {
      while left > 0, !isStopped, case let found = indexOf(old, in: text, from: at), found >= 0 {
        put(text.bytes + at, found &- at)
        write(new)
        at = found &+ old.count
        left &-= 1
        steps &-= 1
      }
    }
    put(text.bytes + at, text.count &- at)
    spend(0)
    return end(start)
  }

  /// Lines but the first indented; all of them, and blank ones, where asked.
  private mutating func indented(_ text: TemplateValue) -> TemplateValue {
    let width = argument(0, .int(4))
    let isText = width.tag == .string
    guard isText || width.isInteger else { return wrongType(width, "indent") }
    let indentsFirst = flag(1)
    let indentsBlank = flag(2)
    let lines = splitLines(text, keepsEnds: false, addsLast: true)
    let start = begin()
    for index in 0..<lines.count {
      let line = lines.items[index]
      if index > 0 { put(10) }
      if index == 0 ? indentsFirst : indentsBlank || line.count > 0 {
        fill(isText ? width : .string(" "), isText ? 1 : width.integer)
      }
      write(line)
    }
    spend(lines.count)
    return end(start)
  }

  private mutating func truncated(_ text: TemplateValue) -> TemplateValue {
    let limit = integerArgument(0, 255)
    let killsWords = flag(1)
    let ending = argument(2, .string("..."))
    guard ending.tag == .string else { return wrongType(ending, "truncate") }
    if length(text) <= limit &+ integerArgument(3, 5) { return text }
    var kept = slice(text, .none, .int(limit &- length(ending)), .none)
    if !killsWords {
      var last = kept.count
      while last > 0, kept.bytes[last &- 1] != 32 { last &-= 1 }
      if last > 0 { kept = kept.prefix(last &- 1) }
    }
    return joined(kept, ending)
  }

  /// `text` in the middle of, or beside, enough of `fill` to be `width` characters long.
  @inline(never)
  mutating func padded(
    _ text: TemplateValue, _ width: Int, _ fill: TemplateValue, left: Bool, right: Bool
  ) -> TemplateValue {
    let count = length(text)
    let missing = width > count ? width &- count : 0
    let before = left ? (right ? missing / 2 &+ (missing & width & 1) : missing) : 0
    let start = begin()
    self.fill(fill, before)
    write(text)
    self.fill(fill, missing &- before)
    spend(missing)
    return end(start)
  }

  // MARK: Numbers

  /// What `float` makes of a value.
  private mutating func double(_ value: TemplateValue) -> Double? {
    if value.isUndefined { _ = useUndefined(value) }
    if value.tag == .string { return parseFloat(value) }
    return value.isNumber ? value.number : nil
  }

  mutating func toInteger(_ value: TemplateValue) -> TemplateValue {
    if value.isInteger { return .int(value.integer) }
    if value.tag == .string, let result = parseInteger(value, radix: integerArgument(1, 10)) { return .int(result) }
    guard let number = double(value), !number.isNaN else { return argument(0, .int(0)) }
    guard let result = Int(exactly: number.rounded(.towardZero)) else { return fail(.tooLarge, "int") }
    return .int(result)
  }

  mutating func toFloat(_ value: TemplateValue) -> TemplateValue {
    guard let number = double(value) else { return argument(0, .float(0)) }
    return .float(number)
  }

  mutating func round(_ value: TemplateValue) -> TemplateValue {
    guard value.isNumber else { return wrongType(value, "round") }
    let precision = integerArgument(0, 0)
    let method = argument(1, .string("common")).place(in: "common ceil floor")
    if method < 0 { return fail(.badValue, "round") }
    if method == 0, value.isInteger, precision >= 0 { return .int(value.integer) }
    guard precision >= 0, precision <= 15 else { return fail(.unsupported, "round") }
    var unit = 1.0
    for _ in 0..<precision { unit *= 10 }
    let scaled = value.number * unit
    if method == 0, scaled.isFinite {
      return .float(precision == 0 ? scaled.rounded(.toNearestOrEven) : roundedDecimal(value.number, unit))
    }
    // Python's ceil and floor give integers: no negative zero.
    return .float((scaled.rounded(method == 1 ? .up : .down) + 0) / unit)
  }
}
