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
  private static var ofTuples: StaticString { "count index" }
  private static var changingDicts: StaticString { "clear pop popitem setdefault update" }
  private static var changingLists: StaticString { "append clear pop reverse insert sort extend remove" }

  /// How many arguments each takes, at least and at most; 9 is any number.
  static var argumentCounts: StaticString {
    """
    00 00 12 13 13 13 09 13 00 00 00 00 00 00 \
    00 00 00 00 11 12 00 01 11 11 11 23 13 13 \
    12 11 02 01 02 01 13 01 00 00 00 11 \
    12 00 00 00 00 11 11 00 19 09 00
    """
  }

  /// Of a string's method; `a method` for others.
  var name: TemplateValue {
    var text = TemplateValue.string(Self.ofStrings)
    for _ in 0..<rawValue {
      let stop = text.endOfPart(32)
      if stop == text.count { return .string("a method") }
      text = text.suffix(from: stop &+ 1)
    }
    return text.prefix(text.endOfPart(32))
  }

  @inline(never)
  static func named(_ name: TemplateValue, of object: TemplateValue) -> TemplateMethod? {
    var place = -1
    var first = capitalize
    switch object.tag {
    case .string: place = name.place(in: ofStrings)
    case .dict:
      if name.place(in: changingDicts) >= 0 { return .forbidden }
      place = name.place(in: ofDicts)
      first = get
    case .array where object.isSequence:
      if object.isList, name.place(in: changingLists) >= 0 { return .forbidden }
      place = name.place(in: object.isList ? ofLists : ofTuples)
      first = countItems
    default: break
    }
    return place < 0 ? nil : TemplateMethod(rawValue: first.rawValue &+ UInt8(truncatingIfNeeded: place))
  }
}

extension TemplateMachine {
  /// Calls a bound method.
  mutating func callMethod(_ callee: TemplateValue) -> TemplateValue {
    guard let method = TemplateMethod(rawValue: callee.kind) else { return fail(.corrupt, "") }
    let object = callee.items[0]
    let counts = TemplateMethod.argumentCounts.utf8Start + 3 &* Int(method.rawValue)
    let most = counts[1] == 57 ? Int.max : Int(counts[1] &- 48)
    let takesNames = method == .split || method == .rsplit || method == .splitlines || method == .format
    guard namedCount == 0 || takesNames, argumentCount >= Int(counts[0] &- 48), argumentCount <= most else {
      stop(.wrongArguments, about: method.name)
      return .none
    }
    let first = positional(0)
    switch method {
    case .split, .rsplit, .splitlines: return splitMethod(method, object)
    case .format: return formatMethod(object)
    case .get:
      guard isHashable(arguments[0]) else { return fail(.wrongType, "get") }
      let value = lookUp(object, arguments[0])
      return value.tag != .missing ? value : argumentCount == 2 ? arguments[1] : .none
    case .copy, .copyList: return object
    case .items: return dictItems(object)
    case .keys: return dictPart(object, 0, .keys)
    case .values: return dictPart(object, 1, .values)
    case .countItems, .indexOfItem: return search(method, object)
    case .cycle: return arguments[max(iterator(object).pointee.index, 0) % argumentCount]
    case .changed:
      let value = array(of: arguments, argumentCount, .tuple)
      let state = iterator(object)
      if state.pointee.changed.tag != .missing, equal(state.pointee.changed, value) { return .bool(false) }
      state.pointee.changed = value
      return .bool(true)
    case .join: return joinStrings(object, first)
    case .strip, .lstrip, .rstrip: return strip(object, first, left: method != .rstrip, right: method != .lstrip)
    case .startswith, .endswith, .count, .find, .rfind, .index, .rindex, .replace, .partition, .rpartition,
      .removeprefix, .removesuffix:
      return partMethod(method, object, first)
    case .center, .ljust, .rjust, .zfill: return pad(method, object)
    default: return plainMethod(method, object)
    }
  }

  /// An argument as it was given, or none.
  @inline(never)
  mutating func positional(_ index: Int) -> TemplateValue { index < argumentCount ? arguments[index] : .none }

  /// Keys (0) or values (1) of a dict.
  @inline(never)
  mutating func dictPart(_ dict: TemplateValue, _ part: Int, _ kind: ArrayKind) -> TemplateValue {
    guard let items = allocateValues(dict.count) else { return TemplateValue(.array) }
    for index in 0..<dict.count { items[index] = dict.items[2 &* index &+ part] }
    return .array(items, dict.count, kind)
  }

  private mutating func search(_ method: TemplateMethod, _ object: TemplateValue) -> TemplateValue {
    var count = 0
    for index in 0..<object.count {
      if isStopped { break }
      if !equal(object.items[index], arguments[0]) { continue }
      if method == .indexOfItem { return .int(index) }
      count &+= 1
    }
    return method == .indexOfItem ? fail(.badValue, "index") : .int(count)
  }

  private mutating func joinStrings(_ separator: TemplateValue, _ value: TemplateValue) -> TemplateValue {
    let items = list(value)
    for index in 0..<items.count where items.items[index].tag != .string {
      return wrongType(items.items[index], "join")
    }
    return joined(items, with: separator)
  }

  /// Methods that take nothing.
  private mutating func plainMethod(_ method: TemplateMethod, _ text: TemplateValue) -> TemplateValue {
    switch method {
    case .lower, .casefold: return changeCase(text, .lower)
    case .upper: return changeCase(text, .upper)
    case .capitalize: return changeCase(text, .capital)
    case .title: return changeCase(text, .title)
    case .swapcase: return changeCase(text, .swap)
    case .islower, .isupper: return .bool(isCased(text, upper: method == .isupper))
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
      offset &+= count
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

  /// Methods whose first argument is a part to be looked for.
  private mutating func partMethod(
    _ method: TemplateMethod, _ text: TemplateValue, _ part: TemplateValue
  ) -> TemplateValue {
    let isEnd = method == .startswith || method == .endswith
    guard part.tag == .string || (isEnd && part.isTuple) else { return wrongType(arguments[0], method.name) }
    switch method {
    case .replace:
      guard arguments[1].tag == .string else { return fail(.wrongArguments, "replace") }
      return replaced(text, part, arguments[1], integerArgument(2, -1))
    case .partition, .rpartition: return partitioned(text, part, fromEnd: method == .rpartition)
    case .removeprefix, .removesuffix:
      let isPrefix = method == .removeprefix
      guard hasPart(text, part, atStart: isPrefix) else { return text }
      return .string(text.bytes + (isPrefix ? part.count : 0), text.count &- part.count)
    default: break
    }
    let within = argumentCount > 1 ? slice(text, arguments[1], positional(2), .none) : text
    if !isEnd { return seek(method, text, within, part) }
    let isAtStart = method == .startswith
    if part.tag == .string { return .bool(hasPart(within, part, atStart: isAtStart)) }
    for index in 0..<part.count {
      let one = part.items[index]
      if one.tag != .string { return wrongType(one, "startswith") }
      if hasPart(within, one, atStart: isAtStart) { return .bool(true) }
    }
    return .bool(false)
  }

  /// Without the characters of a set, or white space, at its ends.
  @inline(never)
  mutating func strip(
    _ text: TemplateValue, _ characters: TemplateValue, left: Bool, right: Bool
  ) -> TemplateValue {
    guard characters.tag == .none || characters.tag == .string else { return wrongType(characters, "strip") }
    var start = 0
    var stop = text.count
    while left, start < stop, isStripped(text, start, characters) { start &+= utf8Length(text.bytes[start]) }
    while right, start < stop, case let at = before(stop, text), isStripped(text, at, characters) { stop = at }
    spend((text.count &- (stop &- start)) >> 2)
    return .string(text.bytes + start, stop &- start, markup: text.isMarkup)
  }

  /// Whether the character at an offset is one of `characters`, or white space where that is none.
  @inline(never)
  mutating func isStripped(_ text: TemplateValue, _ at: Int, _ characters: TemplateValue) -> Bool {
    let (c, count) = codePoint(text.bytes, at)
    if characters.tag == .none { return TemplateUnicode.isSpace(c) }
    // In UTF-8 a character is only found where one starts.
    return indexOf(.string(text.bytes + at, count), in: characters, from: 0) >= 0
  }

  /// The offset of the character before another, or before the end.
  @inline(never)
  mutating func before(_ offset: Int, _ text: TemplateValue) -> Int {
    var at = offset &- 1
    while text.bytes[at] & 0xC0 == 0x80 { at &-= 1 }
    return at
  }

  /// Counts a part, or finds it in what is within a text.
  private mutating func seek(
    _ method: TemplateMethod, _ text: TemplateValue, _ within: TemplateValue, _ part: TemplateValue
  ) -> TemplateValue {
    if method == .count {
      // Occurrences are counted apart from one another, the empty part between all characters and at both ends.
      if part.count == 0 { return .int(length(within) &+ 1) }
      var count = 0
      var at = indexOf(part, in: within, from: 0)
      while at >= 0 {
        count &+= 1
        at = indexOf(part, in: within, from: at &+ part.count)
      }
      return .int(count)
    }
    let isLast = method == .rfind || method == .rindex
    let found = isLast ? lastIndexOf(part, in: within) : indexOf(part, in: within, from: 0)
    if found >= 0 { return .int(characterCount(text.bytes, within.bytes - text.bytes &+ found)) }
    return method == .index || method == .rindex ? fail(.badValue, "index") : .int(-1)
  }

  private mutating func partitioned(
    _ text: TemplateValue, _ separator: TemplateValue, fromEnd: Bool
  ) -> TemplateValue {
    guard separator.count > 0 else { return fail(.badValue, "partition") }
    let at = fromEnd ? lastIndexOf(separator, in: text) : indexOf(separator, in: text, from: 0)
    var parts = TemplateValue(.array, kind: ArrayKind.tuple.rawValue)
    if at >= 0 {
      append(text.prefix(at), to: &parts)
      append(separator, to: &parts)
      append(text.suffix(from: at &+ separator.count), to: &parts)
    } else {
      append(fromEnd ? .emptyString : text, to: &parts)
      append(.emptyString, to: &parts)
      append(fromEnd ? text : .emptyString, to: &parts)
    }
    return parts
  }

  private mutating func pad(_ method: TemplateMethod, _ text: TemplateValue) -> TemplateValue {
    let width = max(integerArgument(0, 0), 0)
    if method == .zfill {
      // The sign stays in front.
      let sign = text.count > 0 && (text.bytes[0] == 43 || text.bytes[0] == 45) ? 1 : 0
      let digits = TemplateValue.string(text.bytes + sign, text.count &- sign)
      let filled = padded(digits, width &- sign, .string("0"), left: true, right: false)
      return sign == 0 ? filled : joined(.string(text.bytes, 1), filled)
    }
    let fill = argumentCount == 2 ? arguments[1] : TemplateValue.string(" ")
    guard fill.tag == .string, length(fill) == 1 else { return wrongType(fill, method.name) }
    return padded(text, width, fill, left: method != .ljust, right: method != .rjust)
  }
}
