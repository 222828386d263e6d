// SPDX-License-Identifier: Apache-2.0
// Filters over text and numbers.

extension TemplateMachine {
  mutating func textFilter(
    _ filter: TemplateFilter, _ text: TemplateValue, _ arguments: UnsafeMutablePointer<TemplateValue>, _ count: Int
  ) throws(TemplateFault) -> TemplateValue {
    switch filter {
    case .string: return text
    case .trim: return try strip(text, argument(arguments, count, 0, .none), left: true, right: true)
    case .upper: return try changeCase(text, .upper)
    case .lower: return try changeCase(text, .lower)
    case .capitalize: return try changeCase(text, .capital)
    case .title: return try changeCase(text, .titleFilter)
    case .escape: return try escaped(text)
    case .forceescape:
      var plain = text
      plain.kind = 0
      return try escaped(plain)
    case .safe:
      var markup = text
      markup.kind = 1
      return markup
    case .replace:
      let old = try string(argument(arguments, count, 0, .emptyString))
      let new = try string(argument(arguments, count, 1, .emptyString))
      let limit = argument(arguments, count, 2, .none)
      guard limit.tag == .none || limit.isInteger else { throw fault(.wrongType, "replace") }
      return try replaced(text, old, new, limit.tag == .none ? -1 : limit.integer)
    case .indent: return try indented(text, arguments, count)
    case .center:
      return try padded(text, try integerArgument(arguments, count, 0, 80), .string(" "), left: true, right: true)
    case .truncate: return try truncated(text, arguments, count)
    case .format:
      let items = try allocateValues(count)
      copyValues(arguments, to: items, count)
      return try format(text, .array(items, count, .tuple))
    default: throw .corrupt
    }
  }

  /// HTML's special characters as entities. What is markup stays as it is.
  mutating func escaped(_ text: TemplateValue) throws(TemplateFault) -> TemplateValue {
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
  ) throws(TemplateFault) -> TemplateValue {
    var left = limit < 0 ? Int.max : limit
    let start = begin()
    var at = 0
    if old.count == 0 {
      // Between all characters, and at both ends.
      while left > 0, pending == nil {
        put(new.text)
        left -= 1
        if at == text.count { break }
        let count = utf8Length(text.bytes[at])
        put(text.bytes + at, count)
        at += count
      }
    } else {
      while left > 0, pending == nil, let found = try indexOf(old, in: text, from: at) {
        put(text.bytes + at, found - at)
        put(new.text)
        at = found + old.count
        left -= 1
        steps -= 1
      }
    }
    put(text.bytes + at, text.count - at)
    spend(0)
    return end(start)
  }

  /// Lines but the first indented; all of them, and blank ones, where asked.
  private mutating func indented(
    _ text: TemplateValue, _ arguments: UnsafeMutablePointer<TemplateValue>, _ count: Int
  ) throws(TemplateFault) -> TemplateValue {
    let width = argument(arguments, count, 0, .int(4))
    guard width.tag == .string || width.isInteger else { throw wrongType(width, "indent") }
    let indentsFirst = truth(argument(arguments, count, 1, .bool(false)))
    let indentsBlank = truth(argument(arguments, count, 2, .bool(false)))
    let lines = try splitLines(text, keepsEnds: false, addsLast: true)
    let start = begin()
    for index in 0..<lines.count {
      let line = lines.items[index]
      if index > 0 { put(10) }
      if index == 0 ? indentsFirst : (indentsBlank || line.count > 0) {
        if width.tag == .string {
          put(width.text)
        } else {
          fill(.string(" "), width.integer)
        }
      }
      put(line.text)
    }
    spend(lines.count)
    return end(start)
  }

  private mutating func truncated(
    _ text: TemplateValue, _ arguments: UnsafeMutablePointer<TemplateValue>, _ count: Int
  ) throws(TemplateFault) -> TemplateValue {
    let limit = try integerArgument(arguments, count, 0, 255)
    let killsWords = truth(argument(arguments, count, 1, .bool(false)))
    let ending = argument(arguments, count, 2, .string("..."))
    guard ending.tag == .string else { throw wrongType(ending, "truncate") }
    let leeway = try integerArgument(arguments, count, 3, 5)
    if try length(text) <= limit &+ leeway { return text }
    var kept = try slice(text, .none, .int(limit - (try length(ending))), .none)
    if !killsWords {
      var last = kept.count
      while last > 0, kept.bytes[last - 1] != 32 { last -= 1 }
      if last > 0 { kept = .string(kept.bytes, last - 1) }
    }
    return try joined(kept, ending)
  }

  /// `text` in the middle of, or beside, enough of `fill` to be `width` characters long.
  mutating func padded(
    _ text: TemplateValue, _ width: Int, _ fill: TemplateValue, left: Bool, right: Bool
  ) throws(TemplateFault) -> TemplateValue {
    let missing = max(width - (try length(text)), 0)
    let before = left ? (right ? missing / 2 + (missing & width & 1) : missing) : 0
    let start = begin()
    self.fill(fill, before)
    put(text.text)
    self.fill(fill, missing - before)
    spend(missing)
    return end(start)
  }

  // MARK: Numbers

  mutating func toInteger(
    _ value: TemplateValue, _ arguments: UnsafeMutablePointer<TemplateValue>, _ count: Int
  ) throws(TemplateFault) -> TemplateValue {
    let otherwise = argument(arguments, count, 0, .int(0))
    if value.isUndefined { throw undefined(value) }
    if value.isInteger { return .int(value.integer) }
    if value.tag == .string { spend(value.count >> 3) }
    var number = value.double
    if value.tag == .string {
      if let result = parseInteger(value, radix: try integerArgument(arguments, count, 1, 10)) { return .int(result) }
      guard let parsed = parseFloat(value) else { return otherwise }
      number = parsed
    } else if value.tag != .float {
      return otherwise
    }
    if number.isNaN { return otherwise }
    guard let result = Int(exactly: number.rounded(.towardZero)) else { throw fault(.tooLarge, "int") }
    return .int(result)
  }

  mutating func toFloat(_ value: TemplateValue, _ otherwise: TemplateValue) throws(TemplateFault) -> TemplateValue {
    if value.isUndefined { throw undefined(value) }
    if value.isNumber { return .float(value.number) }
    if value.tag == .string {
      spend(value.count >> 3)
      if let number = parseFloat(value) { return .float(number) }
    }
    return otherwise
  }

  mutating func round(
    _ value: TemplateValue, _ arguments: UnsafeMutablePointer<TemplateValue>, _ count: Int
  ) throws(TemplateFault) -> TemplateValue {
    guard value.isNumber else { throw wrongType(value, "round") }
    let precision = try integerArgument(arguments, count, 0, 0)
    let method = argument(arguments, count, 1, .string("common"))
    let isCommon = method.equals("common")
    guard isCommon || method.equals("ceil") || method.equals("floor") else { throw fault(.badValue, "round") }
    if isCommon, value.isInteger, precision >= 0 { return .int(value.integer) }
    guard precision >= 0, precision <= 15 else { throw fault(.unsupported, "round") }
    var unit = 1.0
    for _ in 0..<precision { unit *= 10 }
    let scaled = value.number * unit
    if isCommon, scaled.isFinite {
      return .float(precision == 0 ? scaled.rounded(.toNearestOrEven) : roundedDecimal(value.number, precision))
    }
    // Python's ceil and floor give integers: no negative zero.
    return .float((scaled.rounded(method.equals("ceil") ? .up : .down) + 0) / unit)
  }
}
