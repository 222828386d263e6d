// SPDX-License-Identifier: Apache-2.0
// Methods of strings, lists, dicts and `loop`.

/// In the order of the lists below.
enum TemplateMethod: UInt8 {
  case capitalize, casefold, center, count, endswith, find, format, index, isalnum, isalpha, isascii, isdecimal
  case isdigit, islower, isnumeric, isspace, istitle, isupper, join, ljust, lower, lstrip, partition, removeprefix
  case removesuffix, replace, rfind, rindex, rjust, rpartition, rsplit, rstrip, split, splitlines, startswith, strip
  case swapcase, title, upper, zfill
  case get, items, keys, values, copy
  case countItems, indexOfItem, copyList
  case cycle, changed
  /// It would change its object.
  case forbidden

  private static var ofStrings: StaticString {
    """
    capitalize casefold center count endswith find format index isalnum isalpha isascii isdecimal isdigit islower \
    isnumeric isspace istitle isupper join ljust lower lstrip partition removeprefix removesuffix replace rfind rindex \
    rjust rpartition rsplit rstrip split splitlines startswith strip swapcase title upper zfill
    """
  }
  private static var ofDicts: StaticString { "get items keys values copy" }
  private static var ofLists: StaticString { "count index copy" }
  private static var changingDicts: StaticString { "clear pop popitem setdefault update" }
  private static var changingLists: StaticString { "append clear pop reverse insert sort extend remove" }

  /// The place of `name` in a list of words.
  private static func place(_ name: TemplateValue, in words: StaticString) -> UInt8? {
    let bytes = words.utf8Start
    var place: UInt8 = 0
    var start = 0
    for at in 0...words.utf8CodeUnitCount where at == words.utf8CodeUnitCount || bytes[at] == 32 {
      if at - start == name.count {
        var same = 0
        while same < name.count, bytes[start + same] == name.bytes[same] { same += 1 }
        if same == name.count { return place }
      }
      start = at + 1
      place += 1
    }
    return nil
  }

  static func named(_ name: TemplateValue, of object: TemplateValue) -> TemplateMethod? {
    switch object.tag {
    case .string: return place(name, in: ofStrings).flatMap { TemplateMethod(rawValue: $0) }
    case .dict:
      if place(name, in: changingDicts) != nil { return .forbidden }
      return place(name, in: ofDicts).flatMap { TemplateMethod(rawValue: get.rawValue + $0) }
    case .array where object.kind < 2:
      if object.isList, place(name, in: changingLists) != nil { return .forbidden }
      guard let place = place(name, in: ofLists), object.isList || place < 2 else { return nil }
      return TemplateMethod(rawValue: countItems.rawValue + place)
    default: return nil
    }
  }
}

extension TemplateMachine {
  /// Calls a bound method: `a` arguments, then `b` names and values.
  mutating func callMethod(
    _ callee: TemplateValue, _ arguments: UnsafeMutablePointer<TemplateValue>, _ a: Int, _ b: Int
  ) throws(TemplateFault) -> TemplateValue {
    guard let method = TemplateMethod(rawValue: callee.kind) else { throw .corrupt }
    let object = callee.items[0]
    switch method {
    case .split, .rsplit, .splitlines: return try splitMethod(method, object, arguments, a, b)
    case .format: return try formatMethod(object, arguments, a, b)
    default: break
    }
    guard b == 0 else { throw fault(.wrongArguments, "a method") }
    switch method {
    case .get:
      guard a == 1 || a == 2 else { throw fault(.wrongArguments, "get") }
      guard isHashable(arguments[0]) else { throw fault(.wrongType, "get") }
      if let index = try find(object.items, object.count, arguments[0]) { return object.items[2 * index + 1] }
      return a == 2 ? arguments[1] : .none
    case .items, .keys, .values, .copy, .copyList:
      guard a == 0 else { throw fault(.wrongArguments, "a method") }
      return try parts(method, of: object)
    case .countItems, .indexOfItem: return try search(method, object, arguments, a)
    case .cycle:
      guard a > 0 else { throw fault(.wrongArguments, "cycle") }
      return arguments[max(iterator(object).pointee.index, 0) % a]
    case .changed:
      let items = try allocateValues(a)
      copyValues(arguments, to: items, a)
      let value = TemplateValue.array(items, a, .tuple)
      let state = iterator(object)
      if state.pointee.changed.tag != .missing, try equal(state.pointee.changed, value) { return .bool(false) }
      state.pointee.changed = value
      return .bool(true)
    default: return try stringMethod(method, object, arguments, a)
    }
  }

  private mutating func parts(_ method: TemplateMethod, of object: TemplateValue) throws(TemplateFault) -> TemplateValue
  {
    if method == .copy || method == .copyList { return object }
    if method == .items { return try dictItems(object) }
    let items = try allocateValues(object.count)
    for index in 0..<object.count { items[index] = object.items[2 * index + (method == .keys ? 0 : 1)] }
    return .array(items, object.count, method == .keys ? .keys : .values)
  }

  private mutating func search(
    _ method: TemplateMethod, _ object: TemplateValue, _ arguments: UnsafeMutablePointer<TemplateValue>, _ a: Int
  ) throws(TemplateFault) -> TemplateValue {
    guard a == 1 else { throw fault(.wrongArguments, "a method") }
    var count = 0
    for index in 0..<object.count where try equal(object.items[index], arguments[0]) {
      if method == .indexOfItem { return .int(index) }
      count += 1
    }
    if method == .indexOfItem { throw fault(.badValue, "index") }
    return .int(count)
  }

  /// The one string that a method takes.
  private mutating func one(
    _ arguments: UnsafeMutablePointer<TemplateValue>, _ a: Int
  ) throws(TemplateFault) -> TemplateValue {
    guard a == 1 else { throw fault(.wrongArguments, "a method") }
    guard arguments[0].tag == .string else { throw wrongType(arguments[0], "a method") }
    return arguments[0]
  }

  private mutating func stringMethod(
    _ method: TemplateMethod, _ text: TemplateValue, _ arguments: UnsafeMutablePointer<TemplateValue>, _ a: Int
  ) throws(TemplateFault) -> TemplateValue {
    switch method {
    case .strip, .lstrip, .rstrip:
      guard a <= 1 else { throw fault(.wrongArguments, "strip") }
      let characters = a == 1 ? arguments[0] : .none
      return try strip(text, characters, left: method != .rstrip, right: method != .lstrip)
    case .startswith, .endswith: return .bool(try matchesEnd(text, arguments, a, atStart: method == .startswith))
    case .replace:
      guard a == 2 || a == 3, arguments[0].tag == .string, arguments[1].tag == .string else {
        throw fault(.wrongArguments, "replace")
      }
      let limit = a == 3 ? try integerArgument(arguments, a, 2, -1) : -1
      return try replaced(text, arguments[0], arguments[1], limit)
    case .join:
      guard a == 1 else { throw fault(.wrongArguments, "join") }
      let items = try list(arguments[0])
      for index in 0..<items.count where items.items[index].tag != .string {
        throw wrongType(items.items[index], "join")
      }
      return try joined(items, with: text)
    case .count, .find, .rfind, .index, .rindex: return try seek(method, text, arguments, a)
    case .partition, .rpartition: return try partitioned(text, try one(arguments, a), fromEnd: method == .rpartition)
    case .removeprefix, .removesuffix:
      let part = try one(arguments, a)
      let isPrefix = method == .removeprefix
      guard hasPart(text, part, atStart: isPrefix) else { return text }
      return .string(text.bytes + (isPrefix ? part.count : 0), text.count - part.count)
    case .center, .ljust, .rjust, .zfill: return try pad(method, text, arguments, a)
    default: break
    }
    guard a == 0 else { throw fault(.wrongArguments, "a method") }
    switch method {
    case .lower, .casefold: return try changeCase(text, .lower)
    case .upper: return try changeCase(text, .upper)
    case .capitalize: return try changeCase(text, .capital)
    case .title: return try changeCase(text, .title)
    case .swapcase: return try changeCase(text, .swap)
    case .islower: return .bool(isCased(text, upper: false))
    case .isupper: return .bool(isCased(text, upper: true))
    default: return .bool(consists(text, of: method))
    }
  }

  private mutating func consists(_ text: TemplateValue, of method: TemplateMethod) -> Bool {
    spend(text.count >> 3)
    var offset = 0
    var isTitle = false
    var afterCased = false
    while offset < text.count {
      let (c, count) = codePoint(text.bytes, offset)
      offset += count
      let isDigit = TemplateUnicode.isDigit(c)
      switch method {
      case .isalpha: if !TemplateUnicode.isLetter(c) { return false }
      case .isalnum: if !TemplateUnicode.isLetter(c), !isDigit { return false }
      case .isdigit, .isdecimal, .isnumeric: if !isDigit { return false }
      case .isspace: if !TemplateUnicode.isSpace(c) { return false }
      case .isascii: if c > 127 { return false }
      default:
        let isUpper = TemplateUnicode.lower(c) != c
        let isLower = !isUpper && TemplateUnicode.isCased(c)
        if isUpper ? afterCased : isLower && !afterCased { return false }
        afterCased = isUpper || isLower
        isTitle = isTitle || afterCased
      }
    }
    if method == .istitle { return isTitle }
    return text.count > 0 || method == .isascii
  }

  // MARK: Parts of texts

  mutating func hasPart(_ text: TemplateValue, _ part: TemplateValue, atStart: Bool) -> Bool {
    guard part.count <= text.count else { return false }
    let start = atStart ? 0 : text.count - part.count
    return sameBytes(.string(text.bytes + start, part.count), part)
  }

  private mutating func matchesEnd(
    _ text: TemplateValue, _ arguments: UnsafeMutablePointer<TemplateValue>, _ a: Int, atStart: Bool
  ) throws(TemplateFault) -> Bool {
    guard a >= 1, a <= 3 else { throw fault(.wrongArguments, "startswith") }
    var text = text
    if a > 1 { text = try slice(text, arguments[1], a > 2 ? arguments[2] : .none, .none) }
    if arguments[0].tag == .string { return hasPart(text, arguments[0], atStart: atStart) }
    guard arguments[0].isTuple else { throw wrongType(arguments[0], "startswith") }
    for index in 0..<arguments[0].count {
      let part = arguments[0].items[index]
      guard part.tag == .string else { throw wrongType(part, "startswith") }
      if hasPart(text, part, atStart: atStart) { return true }
    }
    return false
  }

  /// Without the characters of a set, or white space, at its ends.
  @inline(never)
  mutating func strip(
    _ text: TemplateValue, _ characters: TemplateValue, left: Bool, right: Bool
  ) throws(TemplateFault) -> TemplateValue {
    guard characters.tag == .none || characters.tag == .string else { throw wrongType(characters, "strip") }
    func isStripped(_ c: UInt32) -> Bool {
      if characters.tag == .none { return TemplateUnicode.isSpace(c) }
      var offset = 0
      while offset < characters.count {
        let (member, count) = codePoint(characters.bytes, offset)
        if member == c { return true }
        offset += count
      }
      return false
    }
    var start = 0
    var stop = text.count
    while left, start < stop, steps >= 0 {
      steps &-= characters.count >> 3
      let (c, count) = codePoint(text.bytes, start)
      guard isStripped(c) else { break }
      start += count
    }
    while right, start < stop, steps >= 0 {
      steps &-= characters.count >> 3
      var at = stop - 1
      while text.bytes[at] & 0xC0 == 0x80 { at -= 1 }
      guard isStripped(codePoint(text.bytes, at).0) else { break }
      stop = at
    }
    spend((text.count - (stop - start)) >> 2)
    return .string(text.bytes + start, stop - start, markup: text.isMarkup)
  }

  private mutating func seek(
    _ method: TemplateMethod, _ text: TemplateValue, _ arguments: UnsafeMutablePointer<TemplateValue>, _ a: Int
  ) throws(TemplateFault) -> TemplateValue {
    guard a >= 1, a <= 3 else { throw fault(.wrongArguments, "find") }
    let part = arguments[0]
    guard part.tag == .string else { throw wrongType(part, "find") }
    var within = text
    if a > 1 { within = try slice(text, arguments[1], a > 2 ? arguments[2] : .none, .none) }
    var count = 0
    var found: Int?
    var from = 0
    while let at = try indexOf(part, in: within, from: from) {
      count += 1
      found = at
      if method == .find || method == .index { break }
      from = at
      if part.count == 0 {
        if at == within.count { break }
        from += utf8Length(within.bytes[at])
      } else {
        // Occurrences are counted apart from one another; the last one may overlap the one before.
        from += method == .count ? part.count : utf8Length(within.bytes[at])
      }
      spend(1)
    }
    if method == .count { return .int(count) }
    guard let found else {
      if method == .index || method == .rindex { throw fault(.badValue, "index") }
      return .int(-1)
    }
    return .int(characterCount(text.bytes, within.bytes - text.bytes + found))
  }

  private mutating func partitioned(
    _ text: TemplateValue, _ separator: TemplateValue, fromEnd: Bool
  ) throws(TemplateFault) -> TemplateValue {
    guard separator.count > 0 else { throw fault(.badValue, "partition") }
    let items = try allocateValues(3)
    var found = try indexOf(separator, in: text, from: 0)
    while fromEnd, let at = found, let later = try indexOf(separator, in: text, from: at + 1) { found = later }
    if let found {
      let after = found + separator.count
      items[0] = .string(text.bytes, found)
      items[1] = separator
      items[2] = .string(text.bytes + after, text.count - after)
    } else {
      for index in 0..<3 { items[index] = .emptyString }
      items[fromEnd ? 2 : 0] = text
    }
    return .array(items, 3, .tuple)
  }

  private mutating func pad(
    _ method: TemplateMethod, _ text: TemplateValue, _ arguments: UnsafeMutablePointer<TemplateValue>, _ a: Int
  ) throws(TemplateFault) -> TemplateValue {
    guard a == 1 || (a == 2 && method != .zfill) else { throw fault(.wrongArguments, "a method") }
    let width = try integerArgument(arguments, a, 0, 0)
    if method == .zfill {
      let hasSign = text.count > 0 && (text.bytes[0] == 43 || text.bytes[0] == 45)
      if !hasSign { return try padded(text, width, .string("0"), left: true, right: false) }
      let digits = TemplateValue.string(text.bytes + 1, text.count - 1)
      let filled = try padded(digits, width - 1, .string("0"), left: true, right: false)
      return try joined(.string(text.bytes, 1), filled)
    }
    let fill = a == 2 ? arguments[1] : TemplateValue.string(" ")
    guard fill.tag == .string, try length(fill) == 1 else { throw wrongType(fill, "a method") }
    return try padded(text, width, fill, left: method != .ljust, right: method != .rjust)
  }
}
