// SPDX-License-Identifier: Apache-2.0
// Filters: which does what. The longer ones are in TemplateSequences.swift and TemplateTextFilters.swift.

extension TemplateMachine {
  /// Applies the filter in the low byte of `code` to a value, with the machine's arguments.
  @inline(never)
  mutating func filter(_ code: Int, _ value: TemplateValue) -> TemplateValue {
    guard let filter = TemplateFilter(rawValue: UInt8(truncatingIfNeeded: code)) else { return fail(.corrupt, "") }
    switch filter {
    case .map, .select, .reject, .selectattr, .rejectattr, .mapAttribute:
      return sift(filter, UInt8(truncatingIfNeeded: code >> 8), value)
    case .default:
      return value.isUndefined || (flag(1) && !truth(value)) ? argument(0, .emptyString) : value
    case .length: return .int(length(value))
    case .tojson: return toJSON(value)
    case .list: return list(value)
    case .items: return items(value)
    case .join: return join(value)
    case .first, .last: return end(value, isLast: filter == .last)
    case .dictsort: return dictsort(value)
    case .sort: return sort(value)
    case .unique: return unique(value)
    case .min, .max: return extreme(value, wantsGreater: filter == .max)
    case .sum: return sum(value)
    case .reverse: return reverse(value)
    case .batch, .slice: return portions(value, isBatch: filter == .batch)
    case .attr: return attr(value, argument(0, .emptyString))
    case .abs:
      if value.isInteger { return value.integer < 0 ? negate(value) : .int(value.integer) }
      return value.tag == .float ? .float(value.double.magnitude) : wrongType(value, "abs")
    case .int: return toInteger(value)
    case .float: return toFloat(value)
    case .round: return round(value)
    case .indent where value.tag != .string: return wrongType(value, "indent")
    case .truncate where value.tag != .string:
      // What is short enough is given back as it is, whatever it is.
      let limit = integerArgument(0, 255) &+ integerArgument(3, 5)
      return length(value) <= limit ? value : wrongType(value, "truncate")
    default: return textFilter(filter, string(value))
    }
  }

  // MARK: Arguments

  /// An argument, or what stands for it where it is absent.
  @inline(never)
  mutating func argument(_ index: Int, _ otherwise: TemplateValue) -> TemplateValue {
    index < argumentCount && !arguments[index].isUndefined ? arguments[index] : otherwise
  }

  /// An argument, or none.
  @inline(never)
  mutating func argument(_ index: Int) -> TemplateValue { argument(index, .none) }

  /// Whether an argument is there and true.
  @inline(never)
  mutating func flag(_ index: Int) -> Bool { truth(argument(index)) }

  /// An integer argument.
  @inline(never)
  mutating func integerArgument(_ index: Int, _ otherwise: Int) -> Int {
    let value = argument(index, .int(otherwise))
    if !value.isInteger { _ = wrongType(value, "an argument") }
    return value.integer
  }

  // MARK: Items

  /// `map`, `select`, `reject` and their kin with attributes.
  private mutating func sift(_ filter: TemplateFilter, _ inner: UInt8, _ value: TemplateValue) -> TemplateValue {
    // What counts as false has no items, even where it could have none: so it is in Jinja.
    let source = truth(value) ? list(value) : TemplateValue(.array)
    guard let items = allocateValues(source.count) else { return value }
    var kept = 0
    let usesPath = filter == .selectattr || filter == .rejectattr
    for index in 0..<source.count {
      let item = source.items[index]
      spend(1)
      if isStopped { break }
      items[kept] = item
      switch filter {
      case .map: items[kept] = self.filter(Int(inner), item)
      case .mapAttribute: items[kept] = attributePath(item, positional(0), argument(1, .missing))
      default:
        // The operand behind the path, where there is one: not looked at where the test takes none.
        let subject = usesPath ? attributePath(item, arguments[0], .missing) : item
        let isRejecting = filter == .reject || filter == .rejectattr
        if test(inner, subject, arguments[usesPath ? 1 : 0]) == isRejecting { continue }
      }
      kept &+= 1
    }
    return generator(.array(items, kept, .list))
  }

  /// `a.b.0` of an item: keys first, digits as indexes. `otherwise` for what is undefined on the way.
  @inline(never)
  mutating func attributePath(
    _ item: TemplateValue, _ path: TemplateValue, _ otherwise: TemplateValue
  ) -> TemplateValue {
    guard path.tag == .string else { return path.tag == .none ? item : self.item(item, path) }
    var value = item
    var rest = path
    while true {
      let stop = rest.endOfPart(46)
      let part = rest.prefix(stop)
      let number = smallNumber(part)
      value = self.item(value, number >= 0 ? .int(number) : part)
      if value.isUndefined, !otherwise.isUndefined, otherwise.tag != .none { value = otherwise }
      if stop == rest.count || isStopped { return value }
      rest = rest.suffix(from: stop &+ 1)
    }
  }

  /// The number that a text of digits is, -1 for any other text and for numbers of more than 18 digits.
  @inline(never)
  mutating func smallNumber(_ text: TemplateValue) -> Int {
    var number = text.count == 0 || text.count > 18 ? -1 : 0
    for c in text.text where number >= 0 { number = c >= 48 && c <= 57 ? number &* 10 &+ Int(c &- 48) : -1 }
    return number
  }

  private mutating func items(_ value: TemplateValue) -> TemplateValue {
    if value.isUndefined { return generator(TemplateValue(.array)) }
    guard value.tag == .dict else { return fail(.wrongType, "items") }
    var pairs = dictItems(value)
    pairs.kind = ArrayKind.list.rawValue
    return generator(pairs)
  }

  /// `value.items()`.
  @inline(never)
  mutating func dictItems(_ value: TemplateValue) -> TemplateValue {
    guard let items = allocateValues(value.count) else { return TemplateValue(.array) }
    // A pair of the result is an entry of the dict where it lies.
    for index in 0..<value.count { items[index] = .array(value.items + 2 &* index, 2, .tuple) }
    return .array(items, value.count, .items)
  }

  private mutating func end(_ value: TemplateValue, isLast: Bool) -> TemplateValue {
    if isLast, value.tag == .generator { return fail(.wrongType, "last") }
    let items = list(value)
    return items.count == 0 ? .undefined : items.items[isLast ? items.count &- 1 : 0]
  }

  private mutating func attr(_ value: TemplateValue, _ name: TemplateValue) -> TemplateValue {
    guard name.tag == .string else { return .undefined }
    // A key is no attribute.
    if value.tag == .dict, TemplateMethod.named(name, of: value) == nil { return .undefined(.attribute, name) }
    return attribute(value, name)
  }

  // MARK: Tests

  mutating func test(_ code: UInt8, _ value: TemplateValue, _ other: TemplateValue) -> Bool {
    guard let test = TemplateTest(rawValue: code) else { return fail(.corrupt, "") }
    switch test {
    case .truth: return truth(value)
    case .boolean: return value.tag == .bool
    case .callable:
      return value.tag == .macro || value.tag == .builtin || value.tag == .method || value.tag == .iterator
        || value.tag == .undefined
    case .defined: return !value.isUndefined
    case .undefined: return value.isUndefined
    case .divisibleby, .even, .odd:
      let rest = arithmetic(.modulo, value, test == .divisibleby ? other : .int(2))
      return equal(rest, .int(test == .odd ? 1 : 0))
    case .equal: return equal(value, other)
    case .notEqual: return !(equal(value, other))
    case .less: return comparison(.less, value, other)
    case .lessEqual: return comparison(.lessEqual, value, other)
    case .greater: return comparison(.greater, value, other)
    case .greaterEqual: return comparison(.greaterEqual, value, other)
    case .contained: return contains(other, value)
    case .escaped: return value.isMarkup
    case .no: return value.tag == .bool && value.bits == 0
    case .yes: return value.tag == .bool && value.bits != 0
    case .float: return value.tag == .float
    case .integer: return value.tag == .int || value.tag == .bigInt
    case .iterable: return isIterable(value)
    case .lower: return isCased(string(value), upper: false)
    case .upper: return isCased(string(value), upper: true)
    case .mapping: return value.tag == .dict
    case .none: return value.tag == .none
    case .number: return value.isNumber || value.tag == .bigInt
    case .sameas:
      return value.tag == other.tag && value.bits == other.bits && value.count == other.count
        && value.kind == other.kind
    case .sequence:
      return value.tag == .string || value.tag == .dict || value.tag == .range || value.isList || value.isTuple
        || value.tag == .undefined
    case .string: return value.tag == .string
    case .filter, .test: return fail(.unsupported, "a test for filters")
    }
  }
}
