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

  /// One level deeper while writing: false, and a fault is noted, where that is too deep.
  mutating func isLevelFree() -> Bool {
    nesting += 1
    if nesting > 100 { note(.tooDeep) }
    spend(1)
    return pending == nil
  }

  /// One level deeper into values inside values.
  @inline(never)
  mutating func descend() throws(TemplateFault) {
    nesting += 1
    if nesting > 100 { throw .tooDeep }
    spend(1)
    if let pending { throw pending }
  }

  @inline(never)
  mutating func equal(_ x: TemplateValue, _ y: TemplateValue) throws(TemplateFault) -> Bool {
    if x.isNumber, y.isNumber {
      if x.tag == .float || y.tag == .float { return equalNumbers(x, y) }
      return x.bits == y.bits
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
      try descend()
      for index in 0..<x.count where !(try equal(x.items[index], y.items[index])) {
        nesting -= 1
        return false
      }
      nesting -= 1
      return true
    case .dict:
      guard x.count == y.count else { return false }
      try descend()
      for index in 0..<x.count {
        guard let other = try find(y.items, y.count, x.items[2 * index]),
          try equal(x.items[2 * index + 1], y.items[2 * other + 1])
        else {
          nesting -= 1
          return false
        }
      }
      nesting -= 1
      return true
    case .range:
      let a = x.address.assumingMemoryBound(to: TemplateRange.self).pointee
      let b = y.address.assumingMemoryBound(to: TemplateRange.self).pointee
      return a.count == b.count && (a.count == 0 || a.start == b.start) && (a.count < 2 || a.step == b.step)
    case .builtin: return x.kind == y.kind
    default: return x.bits == y.bits && x.count == y.count
    }
  }

  /// An integer and a double are equal when they are the same number, not when rounding makes them so.
  private mutating func equalNumbers(_ x: TemplateValue, _ y: TemplateValue) -> Bool {
    if x.tag == .float, y.tag == .float { return x.double == y.double }
    let (float, integer) = x.tag == .float ? (x.double, y.integer) : (y.double, x.integer)
    return Int(exactly: float) == integer
  }

  /// Negative, zero or positive as `x` comes before, with or after `y`. Not a number compares as 2.
  @inline(never)
  mutating func order(_ x: TemplateValue, _ y: TemplateValue) throws(TemplateFault) -> Int {
    if x.isNumber, y.isNumber {
      if x.tag == .float || y.tag == .float {
        let (a, b) = (x.number, y.number)
        return a < b ? -1 : a > b ? 1 : a == b ? 0 : 2
      }
      return x.integer < y.integer ? -1 : x.integer > y.integer ? 1 : 0
    }
    if x.isUndefined { throw undefined(x) }
    if y.isUndefined { throw undefined(y) }
    guard x.tag == y.tag, x.tag == .string || (x.tag == .array && x.kind == y.kind && x.kind < 2) else {
      throw fault(.wrongType, "a comparison")
    }
    let count = min(x.count, y.count)
    if x.tag == .string {
      spend(count >> 4)
      for index in 0..<count where x.bytes[index] != y.bytes[index] { return x.bytes[index] < y.bytes[index] ? -1 : 1 }
      return x.count < y.count ? -1 : x.count > y.count ? 1 : 0
    }
    try descend()
    for index in 0..<count where !(try equal(x.items[index], y.items[index])) {
      let result = try order(x.items[index], y.items[index])
      nesting -= 1
      return result
    }
    nesting -= 1
    return x.count < y.count ? -1 : x.count > y.count ? 1 : 0
  }

  mutating func comparison(_ op: TemplateOp, _ x: TemplateValue, _ y: TemplateValue) throws(TemplateFault) -> Bool {
    switch op {
    case .equal: return try equal(x, y)
    case .notEqual: return !(try equal(x, y))
    case .contains: return try contains(y, x)
    case .containsNot: return !(try contains(y, x))
    default: break
    }
    let order = try order(x, y)
    switch op {
    case .less: return order == -1
    case .lessEqual: return order == -1 || order == 0
    case .greater: return order == 1
    default: return order == 1 || order == 0
    }
  }

  /// `item in container`.
  mutating func contains(_ container: TemplateValue, _ item: TemplateValue) throws(TemplateFault) -> Bool {
    switch container.tag {
    case .undefined, .missing: return false
    case .string:
      guard item.tag == .string else { throw fault(.wrongType, "in") }
      return try indexOf(item, in: container, from: 0) != nil
    case .dict:
      guard isHashable(item) else { throw fault(.wrongType, "in") }
      return try find(container.items, container.count, item) != nil
    case .array, .range, .generator:
      let items = try list(container)
      for index in 0..<items.count where try equal(items.items[index], item) { return true }
      return false
    default: throw fault(.wrongType, "in")
    }
  }

  /// The byte offset of `part` in `text` at or behind `from`.
  @inline(never)
  mutating func indexOf(_ part: TemplateValue, in text: TemplateValue, from: Int) throws(TemplateFault) -> Int? {
    let count = part.count
    if count == 0 { return from <= text.count ? from : nil }
    let (a, b) = (text.bytes, part.bytes)
    var at = from
    // Bytes compared, of as many as there are steps for.
    var budget = 0
    let budgetMax = max(steps, 0) &<< 5
    while at &+ count <= text.count {
      if a[at] == b[0] {
        var matched = 1
        while matched < count, a[at &+ matched] == b[matched] { matched &+= 1 }
        if matched == count {
          spend((at &- from &+ budget) >> 5)
          return at
        }
        budget &+= matched
        if budget > budgetMax { throw .tooManySteps }
      }
      at &+= 1
    }
    spend((at &- from &+ budget) >> 5)
    return nil
  }

  mutating func negate(_ value: TemplateValue) throws(TemplateFault) -> TemplateValue {
    if value.tag == .float { return .float(-value.double) }
    guard value.isInteger else { throw wrongType(value, "unary -") }
    let (result, overflow) = Int(0).subtractingReportingOverflow(value.integer)
    if overflow { throw fault(.tooLarge, "unary -") }
    return .int(result)
  }

  mutating func arithmetic(_ op: TemplateOp, _ x: TemplateValue, _ y: TemplateValue) throws(TemplateFault)
    -> TemplateValue
  {
    if x.isNumber, y.isNumber {
      if op == .divide || x.tag == .float || y.tag == .float { return try float(op, x.number, y.number, y) }
      return try integer(op, x.integer, y.integer)
    }
    if x.isUndefined { throw undefined(x) }
    // Text may be formatted with anything.
    if op == .modulo, x.tag == .string { return try format(x, y) }
    if y.isUndefined { throw undefined(y) }
    switch op {
    case .add:
      if x.tag == .string, y.tag == .string {
        guard x.isMarkup || y.isMarkup else { return try joined(x, y) }
        var text = try joined(try escaped(x), try escaped(y))
        text.kind = 1
        return text
      }
      if x.tag == .array, y.tag == .array, x.kind == y.kind, x.kind < 2 {
        let items = try allocateValues(x.count + y.count)
        copyValues(x.items, to: items, x.count)
        copyValues(y.items, to: (items + x.count), y.count)
        return .array(items, x.count + y.count, x.isList ? .list : .tuple)
      }
    case .multiply:
      if y.isInteger, x.tag == .string || x.isList || x.isTuple { return try repeated(x, y.integer) }
      if x.isInteger, y.tag == .string || y.isList || y.isTuple { return try repeated(y, x.integer) }
    default: break
    }
    throw fault(.wrongType, "arithmetic")
  }

  private mutating func repeated(_ value: TemplateValue, _ times: Int) throws(TemplateFault) -> TemplateValue {
    let times = max(times, 0)
    let (total, overflow) = value.count.multipliedReportingOverflow(by: times)
    if overflow { throw .scratchFull }
    if value.tag == .array {
      guard total <= heapLimit / 16 else { throw .scratchFull }
      let items = try allocateValues(total)
      for index in 0..<total { items[index] = value.items[index % value.count] }
      return .array(items, total, value.isList ? .list : .tuple)
    }
    let start = begin()
    if value.count > 0 { fill(value, times) }
    var text = end(start)
    text.kind = value.kind
    return text
  }

  private mutating func integer(_ op: TemplateOp, _ x: Int, _ y: Int) throws(TemplateFault) -> TemplateValue {
    var result = (partialValue: 0, overflow: false)
    switch op {
    case .add: result = x.addingReportingOverflow(y)
    case .subtract: result = x.subtractingReportingOverflow(y)
    case .multiply: result = x.multipliedReportingOverflow(by: y)
    case .floorDivide, .modulo:
      if y == 0 { throw .divisionByZero }
      if y == -1 {
        result = op == .modulo ? (0, false) : Int(0).subtractingReportingOverflow(x)
      } else {
        // Towards minus infinity; the remainder has the divisor's sign.
        let (quotient, remainder) = x.quotientAndRemainder(dividingBy: y)
        let isAcross = remainder != 0 && (remainder < 0) != (y < 0)
        result.partialValue =
          op == .modulo ? (isAcross ? remainder + y : remainder) : (isAcross ? quotient - 1 : quotient)
      }
    default: return try power(x, y)
    }
    if result.overflow { throw fault(.tooLarge, "arithmetic") }
    return .int(result.partialValue)
  }

  private mutating func power(_ base: Int, _ exponent: Int) throws(TemplateFault) -> TemplateValue {
    if exponent < 0 { return try float(.power, Double(base), Double(exponent), .int(exponent)) }
    var result = 1
    var overflow = false
    if base.magnitude < 2 { return .int(base == -1 && exponent % 2 == 0 ? 1 : exponent == 0 ? 1 : base) }
    for _ in 0..<exponent {
      (result, overflow) = result.multipliedReportingOverflow(by: base)
      if overflow { throw fault(.tooLarge, "**") }
    }
    return .int(result)
  }

  private mutating func float(_ op: TemplateOp, _ x: Double, _ y: Double, _ divisor: TemplateValue)
    throws(TemplateFault) -> TemplateValue
  {
    switch op {
    case .add: return .float(x + y)
    case .subtract: return .float(x - y)
    case .multiply: return .float(x * y)
    case .power:
      guard divisor.isInteger || y == y.rounded(.towardZero), y.magnitude <= 1024 else {
        throw fault(.unsupported, "**")
      }
      if x == 0, y < 0 { throw .divisionByZero }
      var result = 1.0
      for _ in 0..<Int(y.magnitude) { result *= x }
      return .float(y < 0 ? 1 / result : result)
    default: break
    }
    if y == 0 { throw .divisionByZero }
    if op == .divide { return .float(x / y) }
    var remainder = x.truncatingRemainder(dividingBy: y)
    if remainder != 0, (remainder < 0) != (y < 0) { remainder += y }
    if op == .modulo { return .float(remainder == 0 ? (y < 0 ? -0.0 : 0.0) : remainder) }
    return .float(((x - remainder) / y).rounded())
  }
}
