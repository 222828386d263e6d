// SPDX-License-Identifier: Apache-2.0
// Truth, equality, order, arithmetic, containment: Python's.

extension TemplateMachine {
  @inline(never)
  mutating func truth(_ value: TemplateValue) -> Bool {
    switch value.tag {
    case .undefined, .missing, .none: false
    case .bool, .int: value.bits != 0
    case .float: value.double != 0
    case .string, .array, .dict, .range: value.count != 0
    case .iterator: loopLength(iterator(value)) != 0
    default: true
    }
  }

  /// One level deeper into values inside values: false, and the run stops, where that is too deep.
  @inline(never)
  mutating func descend() -> Bool {
    nesting &+= 1
    if nesting > 100 { stop(.tooDeep) }
    spend(1)
    return !isStopped
  }

  /// False where the run stops.
  @inline(never)
  mutating func equal(_ x: TemplateValue, _ y: TemplateValue) -> Bool {
    if x.isNumber, y.isNumber {
      return x.tag == .float || y.tag == .float ? equalNumbers(x, y) : x.bits == y.bits
    }
    if x.isUndefined { return y.isUndefined }
    guard x.tag == y.tag else { return false }
    switch x.tag {
    case .none: return true
    case .string, .bigInt:
      spend(x.count >> 4)
      return sameBytes(x, y)
    case .array:
      guard x.kind == y.kind, x.count == y.count else { return false }
      if x.kind == ArrayKind.values.rawValue { return x.bits == y.bits }
      return equalParts(x, y)
    case .dict: return x.count == y.count && equalParts(x, y)
    case .range:
      let (a, b) = (x.pointer(to: TemplateRange.self).pointee, y.pointer(to: TemplateRange.self).pointee)
      return a.count == b.count && (a.count == 0 || a.start == b.start) && (a.count < 2 || a.step == b.step)
    case .builtin: return x.kind == y.kind
    default: return x.bits == y.bits && x.count == y.count
    }
  }

  /// Of two lists or dicts with as many items.
  private mutating func equalParts(_ x: TemplateValue, _ y: TemplateValue) -> Bool {
    var index = 0
    while index < x.count, descend() {
      let isDict = x.tag == .dict
      let other = isDict ? find(y, x.key(index)) : index
      let (a, b) = isDict ? (x.value(index), y.value(max(other, 0))) : (x.items[index], y.items[index])
      let isSame = other >= 0 && equal(a, b)
      nesting &-= 1
      if !isSame { return false }
      index &+= 1
    }
    return !isStopped
  }

  /// An integer and a double are equal when they are the same number, not when rounding makes them so.
  private mutating func equalNumbers(_ x: TemplateValue, _ y: TemplateValue) -> Bool {
    if x.tag == .float, y.tag == .float { return x.double == y.double }
    let (float, integer) = x.tag == .float ? (x.double, y.integer) : (y.double, x.integer)
    return Int(exactly: float) == integer
  }

  /// -1, 0 or 1 as `x` comes before, with or after `y`. Not a number compares as 2, and so does what cannot be
  /// compared: the run stops.
  @inline(never)
  mutating func order(_ x: TemplateValue, _ y: TemplateValue) -> Int {
    if x.isNumber, y.isNumber {
      if x.tag == .float || y.tag == .float {
        let (a, b) = (x.number, y.number)
        return a < b ? -1 : a > b ? 1 : a == b ? 0 : 2
      }
      return order(x.integer, y.integer)
    }
    guard x.tag == y.tag, x.tag == .string || (x.tag == .array && x.kind == y.kind && x.isSequence) else {
      _ = wrongType(x.isUndefined ? x : y, "a comparison")
      return 2
    }
    let count = min(x.count, y.count)
    var result = 0
    if x.tag == .string {
      spend(count >> 4)
      result = order(x, y, count: count)
    } else {
      var index = 0
      while result == 0, index < count, descend() {
        if !equal(x.items[index], y.items[index]) { result = order(x.items[index], y.items[index]) }
        nesting &-= 1
        index &+= 1
      }
    }
    return result != 0 ? result : order(x.count, y.count)
  }

  private mutating func order(_ x: Int, _ y: Int) -> Int { x < y ? -1 : x > y ? 1 : 0 }

  mutating func comparison(_ op: TemplateOp, _ x: TemplateValue, _ y: TemplateValue) -> Bool {
    switch op {
    case .equal: return equal(x, y)
    case .notEqual: return !equal(x, y)
    case .contains: return contains(y, x)
    case .containsNot: return !contains(y, x)
    default: break
    }
    let order = order(x, y)
    switch op {
    case .less: return order == -1
    case .lessEqual: return order <= 0
    case .greater: return order == 1
    default: return order == 1 || order == 0
    }
  }

  /// `item in container`.
  mutating func contains(_ container: TemplateValue, _ item: TemplateValue) -> Bool {
    switch container.tag {
    case .undefined, .missing: return false
    case .string where item.tag == .string: return indexOf(item, in: container, from: 0) >= 0
    case .dict where isHashable(item): return find(container, item) >= 0
    case .array, .range, .generator:
      let items = list(container)
      for index in 0..<items.count {
        if isStopped { break }
        if equal(items.items[index], item) { return true }
      }
      return false
    default: return fail(.wrongType, "in")
    }
  }

  /// The byte offset of `part` in `text` at or behind `from`, or -1.
  @inline(never)
  mutating func indexOf(_ part: TemplateValue, in text: TemplateValue, from: Int) -> Int {
    let count = part.count
    if count == 0 { return from <= text.count ? from : -1 }
    let (a, b) = (text.bytes, part.bytes)
    // Bytes compared, of as many as there are steps for.
    var budget = 0
    var found = -1
    var at = from
    while at &+ count <= text.count, found < 0, !isStopped {
      if a[at] == b[0] {
        var matched = 1
        while matched < count, a[at &+ matched] == b[matched] { matched &+= 1 }
        if matched == count { found = at }
        budget &+= matched
        if budget >> 5 > steps { stop(.tooManySteps) }
      }
      at &+= 1
    }
    spend((at &- from &+ budget) >> 5)
    return found
  }

  mutating func negate(_ value: TemplateValue) -> TemplateValue {
    if value.tag == .float { return .float(-value.double) }
    guard value.isInteger else { return wrongType(value, "unary -") }
    if value.integer == Int.min { return fail(.tooLarge, "unary -") }
    return .int(0 &- value.integer)
  }

  @inline(never)
  mutating func arithmetic(_ op: TemplateOp, _ x: TemplateValue, _ y: TemplateValue) -> TemplateValue {
    if x.isNumber, y.isNumber {
      if op == .divide || x.tag == .float || y.tag == .float { return float(op, x.number, y.number, y) }
      return integer(op, x.integer, y.integer)
    }
    // Text may be formatted with anything.
    if op == .modulo, x.tag == .string { return format(x, y) }
    if x.isUndefined { return useUndefined(x) }
    if y.isUndefined { return useUndefined(y) }
    if op == .add {
      if x.tag == .string, y.tag == .string {
        if !x.isMarkup, !y.isMarkup { return joined(x, y) }
        var text = joined(escaped(x), escaped(y))
        text.kind = 1
        return text
      }
      if x.tag == .array, y.tag == .array, x.kind == y.kind, x.isSequence {
        guard let items = allocateValues(x.count &+ y.count) else { return x }
        copyValues(x.items, to: items, x.count)
        copyValues(y.items, to: items + x.count, y.count)
        return .array(items, x.count &+ y.count, x.isList ? .list : .tuple)
      }
    }
    if op == .multiply {
      if y.isInteger, x.isSequence { return repeated(x, y.integer) }
      if x.isInteger, y.isSequence { return repeated(y, x.integer) }
    }
    return fail(.wrongType, "arithmetic")
  }

  private mutating func repeated(_ value: TemplateValue, _ times: Int) -> TemplateValue {
    // More than there is room for is as good as any number.
    let times = value.count == 0 ? 0 : min(max(times, 0), heapLimit)
    if value.tag == .array {
      let total = value.count.multipliedReportingOverflow(by: times)
      guard !total.overflow, total.partialValue <= heapLimit >> 4 else {
        stop(.scratchFull)
        return value
      }
      guard let items = allocateValues(total.partialValue) else { return value }
      for time in 0..<times { copyValues(value.items, to: items + time &* value.count, value.count) }
      return .array(items, total.partialValue, value.isList ? .list : .tuple)
    }
    let start = begin()
    fill(value, times)
    var text = end(start)
    text.kind = value.kind
    return text
  }

  private mutating func integer(_ op: TemplateOp, _ x: Int, _ y: Int) -> TemplateValue {
    var result = (partialValue: 0, overflow: false)
    switch op {
    case .add: result = x.addingReportingOverflow(y)
    case .subtract: result = x.subtractingReportingOverflow(y)
    case .multiply: result = x.multipliedReportingOverflow(by: y)
    case .floorDivide, .modulo:
      if y == 0 { return fail(.divisionByZero, "") }
      if y == -1 {
        result = op == .modulo ? (0, false) : Int(0).subtractingReportingOverflow(x)
      } else {
        // Towards minus infinity; the remainder has the divisor's sign.
        let (quotient, remainder) = x.quotientAndRemainder(dividingBy: y)
        let isAcross = remainder != 0 && (remainder < 0) != (y < 0)
        result.partialValue =
          op == .modulo ? (isAcross ? remainder + y : remainder) : (isAcross ? quotient - 1 : quotient)
      }
    default: return power(x, y)
    }
    if result.overflow { return fail(.tooLarge, "arithmetic") }
    return .int(result.partialValue)
  }

  private mutating func power(_ base: Int, _ exponent: Int) -> TemplateValue {
    if exponent < 0 { return float(.power, Double(base), Double(exponent), .int(exponent)) }
    var result = 1
    var overflow = false
    if base.magnitude < 2 { return .int(base == -1 && exponent % 2 == 0 ? 1 : exponent == 0 ? 1 : base) }
    for _ in 0..<exponent {
      (result, overflow) = result.multipliedReportingOverflow(by: base)
      if overflow { return fail(.tooLarge, "**") }
    }
    return .int(result)
  }

  private mutating func float(_ op: TemplateOp, _ x: Double, _ y: Double, _ divisor: TemplateValue) -> TemplateValue {
    switch op {
    case .add: return .float(x + y)
    case .subtract: return .float(x - y)
    case .multiply: return .float(x * y)
    case .power:
      guard divisor.isInteger || y == y.rounded(.towardZero), y.magnitude <= 1024 else {
        return fail(.unsupported, "**")
      }
      if x == 0, y < 0 { return fail(.divisionByZero, "") }
      var result = 1.0
      for _ in 0..<Int(y.magnitude) { result *= x }
      return .float(y < 0 ? 1 / result : result)
    default: break
    }
    if y == 0 { return fail(.divisionByZero, "") }
    if op == .divide { return .float(x / y) }
    var remainder = x.truncatingRemainder(dividingBy: y)
    if remainder != 0, (remainder < 0) != (y < 0) { remainder += y }
    if op == .modulo { return .float(remainder == 0 ? (y < 0 ? -0.0 : 0.0) : remainder) }
    return .float(((x - remainder) / y).rounded())
  }
}
