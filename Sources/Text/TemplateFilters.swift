// SPDX-License-Identifier: Apache-2.0
// Filters: which does what. The longer ones are in TemplateSequences.swift and TemplateTextFilters.swift.

extension TemplateMachine {
  /// Applies the filter in the low byte of `code`. `arguments[0]` is the value; `count` includes it.
  mutating func filter(
    _ code: Int, _ arguments: UnsafeMutablePointer<TemplateValue>, _ count: Int
  ) throws(TemplateFault) -> TemplateValue {
    guard let filter = TemplateFilter(rawValue: UInt8(truncatingIfNeeded: code)) else { throw .corrupt }
    let value = arguments[0]
    let rest = arguments + 1
    let restCount = count - 1
    switch filter {
    case .map, .select, .reject, .selectattr, .rejectattr, .mapAttribute:
      return try sift(filter, UInt8(truncatingIfNeeded: code >> 8), arguments, count)
    case .default:
      let isMissing = value.isUndefined || (truth(argument(rest, restCount, 1, .bool(false))) && !truth(value))
      return isMissing ? argument(rest, restCount, 0, .emptyString) : value
    case .length: return .int(try length(value))
    case .tojson: return try toJSON(value, rest, restCount)
    case .list: return try list(value)
    case .items: return try items(value)
    case .join: return try join(value, rest, restCount)
    case .first, .last: return try end(value, isLast: filter == .last)
    case .dictsort: return try dictsort(value, rest, restCount)
    case .sort: return try sort(value, rest, restCount)
    case .unique: return try unique(value, rest, restCount)
    case .min, .max: return try extreme(value, rest, restCount, wantsGreater: filter == .max)
    case .sum: return try sum(value, rest, restCount)
    case .reverse: return try reverse(value)
    case .batch, .slice: return try portions(value, rest, restCount, isBatch: filter == .batch)
    case .attr: return try attr(value, argument(rest, restCount, 0, .emptyString))
    case .abs:
      guard value.isNumber else { throw wrongType(value, "abs") }
      if value.tag == .float { return .float(value.double.magnitude) }
      return value.integer < 0 ? try negate(value) : .int(value.integer)
    case .int: return try toInteger(value, rest, restCount)
    case .float: return try toFloat(value, argument(rest, restCount, 0, .float(0)))
    case .round: return try round(value, rest, restCount)
    case .indent where value.tag != .string: throw wrongType(value, "indent")
    case .truncate where value.tag != .string:
      // What is short enough is given back as it is, whatever it is.
      let limit = try integerArgument(rest, restCount, 0, 255)
      guard try length(value) <= limit &+ (try integerArgument(rest, restCount, 3, 5)) else {
        throw wrongType(value, "truncate")
      }
      return value
    default: return try textFilter(filter, try string(value), rest, restCount)
    }
  }

  /// An argument, or what stands for it where it is absent.
  @inline(never)
  mutating func argument(
    _ arguments: UnsafeMutablePointer<TemplateValue>, _ count: Int, _ index: Int, _ otherwise: TemplateValue
  ) -> TemplateValue {
    index < count && !arguments[index].isUndefined ? arguments[index] : otherwise
  }

  /// An integer argument.
  @inline(never)
  mutating func integerArgument(
    _ arguments: UnsafeMutablePointer<TemplateValue>, _ count: Int, _ index: Int, _ otherwise: Int
  ) throws(TemplateFault) -> Int {
    let value = argument(arguments, count, index, .int(otherwise))
    guard value.isInteger else { throw wrongType(value, "an argument") }
    return value.integer
  }

  /// `map`, `select`, `reject` and their kin with attributes.
  private mutating func sift(
    _ filter: TemplateFilter, _ inner: UInt8, _ arguments: UnsafeMutablePointer<TemplateValue>, _ count: Int
  ) throws(TemplateFault) -> TemplateValue {
    // What counts as false has no items, even where it could have none: so it is in Jinja.
    let source = truth(arguments[0]) ? try list(arguments[0]) : TemplateValue(.array)
    let items = try allocateValues(source.count)
    var kept = 0
    let path = arguments[1]
    let usesPath = filter == .selectattr || filter == .rejectattr
    let operand = usesPath ? arguments[2] : arguments[1]
    let isRejecting = filter == .reject || filter == .rejectattr
    for index in 0..<source.count {
      let item = source.items[index]
      spend(1)
      switch filter {
      case .map:
        arguments[0] = item
        items[kept] = try self.filter(Int(inner), arguments, count)
        kept += 1
      case .mapAttribute:
        let otherwise = count > 2 ? arguments[2] : TemplateValue.missing
        items[kept] = try attributePath(item, path, otherwise)
        kept += 1
      default:
        let subject = usesPath ? try attributePath(item, path, .missing) : item
        if try test(inner, subject, operand) == isRejecting { continue }
        items[kept] = item
        kept += 1
      }
    }
    return try generator(items, kept)
  }

  /// `a.b.0` of an item: keys first, digits as indexes. `otherwise` for what is undefined on the way.
  @inline(never)
  mutating func attributePath(
    _ item: TemplateValue, _ path: TemplateValue, _ otherwise: TemplateValue
  ) throws(TemplateFault) -> TemplateValue {
    guard path.tag == .string else { return path.tag == .none ? item : try self.item(item, path) }
    var value = item
    var start = 0
    while start <= path.count {
      var stop = start
      var isNumber = true
      var number = 0
      while stop < path.count, path.bytes[stop] != 46 {
        let digit = Int(path.bytes[stop]) - 48
        isNumber = isNumber && digit >= 0 && digit < 10 && number < 1 << 40
        if isNumber { number = number * 10 + digit }
        stop += 1
      }
      let part = TemplateValue.string(path.bytes + start, stop - start)
      value = try self.item(value, isNumber && stop > start ? .int(number) : part)
      if value.isUndefined, !otherwise.isUndefined, otherwise.tag != .none { value = otherwise }
      start = stop + 1
    }
    return value
  }

  private mutating func items(_ value: TemplateValue) throws(TemplateFault) -> TemplateValue {
    if value.isUndefined { return try generator(try allocateValues(0), 0) }
    guard value.tag == .dict else { throw fault(.wrongType, "items") }
    let pairs = try dictItems(value)
    return try generator(pairs.items, pairs.count)
  }

  /// `value.items()`.
  mutating func dictItems(_ value: TemplateValue) throws(TemplateFault) -> TemplateValue {
    let items = try allocateValues(value.count)
    // A pair of the result is an entry of the dict where it lies.
    for index in 0..<value.count { items[index] = .array(value.items + 2 * index, 2, .tuple) }
    return .array(items, value.count, .items)
  }

  private mutating func end(_ value: TemplateValue, isLast: Bool) throws(TemplateFault) -> TemplateValue {
    if isLast, value.tag == .generator { throw fault(.wrongType, "last") }
    let items = try list(value)
    return items.count == 0 ? .undefined : items.items[isLast ? items.count - 1 : 0]
  }

  private mutating func attr(_ value: TemplateValue, _ name: TemplateValue) throws(TemplateFault) -> TemplateValue {
    guard name.tag == .string else { return .undefined }
    if value.isUndefined { throw undefined(value) }
    // A key is no attribute.
    if value.tag == .dict, TemplateMethod.named(name, of: value) == nil { return .undefined(.attribute, name.text) }
    return try attribute(value, name)
  }

  // MARK: Tests

  mutating func test(_ code: UInt8, _ value: TemplateValue, _ other: TemplateValue) throws(TemplateFault) -> Bool {
    guard let test = TemplateTest(rawValue: code) else { throw .corrupt }
    switch test {
    case .truth: return truth(value)
    case .boolean: return value.tag == .bool
    case .callable:
      return value.tag == .macro || value.tag == .builtin || value.tag == .method || value.tag == .iterator
        || value.tag == .undefined
    case .defined: return !value.isUndefined
    case .undefined: return value.isUndefined
    case .divisibleby, .even, .odd:
      let divisor = test == .divisibleby ? other : .int(2)
      let rest = try arithmetic(.modulo, value, divisor)
      return try equal(rest, .int(test == .odd ? 1 : 0))
    case .equal: return try equal(value, other)
    case .notEqual: return !(try equal(value, other))
    case .less: return try comparison(.less, value, other)
    case .lessEqual: return try comparison(.lessEqual, value, other)
    case .greater: return try comparison(.greater, value, other)
    case .greaterEqual: return try comparison(.greaterEqual, value, other)
    case .contained: return try contains(other, value)
    case .escaped: return value.isMarkup
    case .no: return value.tag == .bool && value.bits == 0
    case .yes: return value.tag == .bool && value.bits != 0
    case .float: return value.tag == .float
    case .integer: return value.tag == .int || value.tag == .bigInt
    case .iterable: return isIterable(value)
    case .lower: return isCased(try string(value), upper: false)
    case .upper: return isCased(try string(value), upper: true)
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
    case .filter, .test: throw fault(.unsupported, "a test for filters")
    }
  }
}
