// SPDX-License-Identifier: Apache-2.0
// Calls: macros, recursive loops, the global functions, and methods.

/// In the order of `names`.
enum TemplateBuiltin: UInt8 {
  case range, dict, namespace, raiseException, strftimeNow

  static var names: StaticString { "range dict namespace raise_exception strftime_now" }
}

extension TemplateMachine {
  /// A name that the template does not set: one of the caller's variables, a global function, or missing.
  mutating func resolve(_ name: TemplateValue) -> TemplateValue {
    spend(input.count >> 2)
    let value = variable(name)
    if value.tag != .missing { return value }
    let builtin = name.place(in: TemplateBuiltin.names)
    return builtin < 0 ? .missing : TemplateValue(.builtin, kind: UInt8(truncatingIfNeeded: builtin))
  }

  /// One of the caller's variables, or missing. `now` is the clock's, not the template's.
  mutating func variable(_ key: TemplateValue) -> TemplateValue {
    if !key.equals("now") {
      for index in 0..<input.count where sameBytes(input.key(index), key) { return input.value(index) }
    }
    return .missing
  }

  @inline(never)
  mutating func sameBytes(_ x: TemplateValue, _ y: TemplateValue) -> Bool {
    guard x.tag == y.tag, x.count == y.count else { return false }
    steps &-= x.count >> 4
    return order(x, y, count: x.count) == 0
  }

  /// The order of the first `count` bytes of two texts: negative, 0 or positive.
  @inline(never)
  mutating func order(_ x: TemplateValue, _ y: TemplateValue, count: Int) -> Int {
    let (a, b) = (x.bytes, y.bytes)
    for index in 0..<count where a[index] != b[index] { return a[index] < b[index] ? -1 : 1 }
    return 0
  }

  /// Calls `callee` with `a` arguments, then `b` names and values.
  @inline(never)
  mutating func invoke(
    _ callee: TemplateValue, _ values: UnsafeMutablePointer<TemplateValue>, _ a: Int, _ b: Int
  ) {
    arguments = values
    argumentCount = a
    namedCount = b
    switch callee.tag {
    case .macro: callMacro(callee)
    case .iterator: callLoop(callee)
    case .builtin: push(callBuiltin(callee.kind))
    case .method: push(callMethod(callee))
    case .undefined, .missing: _ = useUndefined(callee)
    default: stop(.notCallable)
    }
  }

  /// On the stack: what is called, a list and what follows it (`*x`) or undefined, a dict and what follows it (`**x`)
  /// or undefined.
  mutating func spreadCall() {
    top -= 5
    let parts = top
    guard parts[1].tag == .array, parts[3].tag == .dict else { return stop(.corrupt) }
    let more = parts[2].isUndefined ? TemplateValue(.array) : parts[2]
    guard isIterable(more) else { return stop(.notIterable) }
    let extra = list(more)
    let named = parts[4].isUndefined ? TemplateValue(.dict) : parts[4]
    guard named.tag == .dict else { return stop(.wrongType, "**") }
    let (a, b) = (parts[1].count &+ extra.count, parts[3].count &+ named.count)
    guard let values = allocateValues(a &+ 2 &* b) else { return }
    copyValues(parts[1].items, to: values, parts[1].count)
    copyValues(extra.items, to: values + parts[1].count, extra.count)
    copyValues(parts[3].items, to: values + a, 2 &* parts[3].count)
    copyValues(named.items, to: values + a + 2 &* parts[3].count, 2 &* named.count)
    for index in 0..<named.count where named.key(index).tag != .string || find(parts[3], named.key(index)) >= 0 {
      return stop(.wrongArguments, "**")
    }
    if !isStopped { invoke(parts[0], values, a, b) }
  }

  private mutating func enter(
    _ function: Int, _ frame: UnsafeMutablePointer<TemplateFrameHead>, loopDepth: Int
  ) {
    let stackMax = Int(view.functions[function].stackMax)
    guard callCount < callsAllowed, top - stackBase &+ stackMax < Self.stackCount else { return stop(.tooDeep) }
    calls[callCount] = TemplateCall(returnTo: pc, frame: self.frame, outputMark: outputCount, loopDepth: self.loopDepth)
    callCount &+= 1
    self.frame = frame
    self.loopDepth = loopDepth
    pc = Int(view.functions[function].codeStart)
  }

  /// Binds arguments as Python would, then enters. The slots after the parameters take `caller`, `kwargs`, `varargs`.
  private mutating func callMacro(_ macro: TemplateValue) {
    let function = view.functions + macro.count
    let parameterCount = Int(function.pointee.parameterCount)
    let flags = function.pointee.flags
    guard let frame = newFrame(macro.count, parent: macro.pointer(to: TemplateFrameHead.self)) else { return }
    let given = min(argumentCount, parameterCount)
    copyValues(arguments, to: frame.slots, given)
    for place in given..<parameterCount {
      take(text(Int(function.pointee.firstParameter) &+ place), into: frame.slots + place)
    }
    var special = frame.slots + parameterCount
    if flags & TemplateLayout.catchesCaller != 0 {
      special.pointee = .undefined
      take(.string("caller"), into: special)
      special += 1
    }
    let name = text(Int(function.pointee.name))
    if flags & TemplateLayout.catchesKeywords != 0 {
      special.pointee = newDict(capacity: namedCount)
      for pair in 0..<namedCount { insert(&special.pointee, argumentName(pair), namedArgument(pair)) }
      special += 1
    } else if namedCount > 0 {
      stop(.wrongArguments, about: name)
    }
    if flags & TemplateLayout.catchesPositional != 0 {
      special.pointee = array(of: arguments + given, argumentCount &- given, .tuple)
    } else if argumentCount > given {
      stop(.wrongArguments, about: name)
    }
    if !isStopped { enter(macro.count, frame, loopDepth: 0) }
  }

  mutating func argumentName(_ pair: Int) -> TemplateValue { arguments[argumentCount &+ 2 &* pair] }
  mutating func namedArgument(_ pair: Int) -> TemplateValue { arguments[argumentCount &+ 2 &* pair &+ 1] }

  /// Moves the argument of that name, if there is one, to where it belongs.
  @inline(never)
  private mutating func take(_ name: TemplateValue, into slot: UnsafeMutablePointer<TemplateValue>) {
    for pair in 0..<namedCount where sameBytes(argumentName(pair), name) {
      slot.pointee = namedArgument(pair)
      namedCount &-= 1
      let rest = arguments + (argumentCount &+ 2 &* pair)
      copyValues(rest + 2, to: rest, 2 &* (namedCount &- pair))
      return
    }
  }

  /// `loop(items)` in a recursive loop.
  private mutating func callLoop(_ loop: TemplateValue) {
    let state = iterator(loop)
    guard state.pointee.function >= 0 else { return stop(.notCallable) }
    guard argumentCount == 1, namedCount == 0 else { return stop(.wrongArguments, "loop") }
    guard let frame = newFrame(state.pointee.function, parent: state.pointee.parent) else { return }
    frame.slots[0] = arguments[0]
    enter(state.pointee.function, frame, loopDepth: state.pointee.depth &+ 1)
  }

  private mutating func callBuiltin(_ kind: UInt8) -> TemplateValue {
    guard let builtin = TemplateBuiltin(rawValue: kind) else { return fail(.corrupt, "") }
    switch builtin {
    case .range: return range()
    case .dict, .namespace: return build(builtin)
    case .raiseException, .strftimeNow:
      let isClock = builtin == .strftimeNow
      guard argumentCount &+ namedCount == 1 else {
        return fail(.wrongArguments, isClock ? "strftime_now" : "raise_exception")
      }
      let value = arguments[namedCount]
      if !isClock {
        let text = string(value)
        stop(.raised, about: text)
        return .undefined
      }
      return value.tag == .string ? formatClock(value) : wrongType(value, "strftime_now")
    }
  }

  private mutating func range() -> TemplateValue {
    guard namedCount == 0, argumentCount >= 1, argumentCount <= 3 else { return fail(.wrongArguments, "range") }
    for index in 0..<argumentCount where !arguments[index].isInteger { return wrongType(arguments[index], "range") }
    let start = argumentCount == 1 ? 0 : arguments[0].integer
    let stop = arguments[argumentCount == 1 ? 0 : 1].integer
    let step = argumentCount == 3 ? arguments[2].integer : 1
    if step == 0 { return fail(.badValue, "range") }
    var count = 0
    if step > 0 ? start < stop : start > stop {
      let span = step > 0 ? stop.subtractingReportingOverflow(start) : start.subtractingReportingOverflow(stop)
      // One less than the count.
      let last = (span.partialValue &- 1).magnitude / step.magnitude
      if span.overflow || last >= 100_000 { return fail(.tooLarge, "range") }
      count = Int(truncatingIfNeeded: last) &+ 1
    }
    guard let room = allocate(MemoryLayout<TemplateRange>.stride) else { return .undefined }
    let state = room.assumingMemoryBound(to: TemplateRange.self)
    state.initialize(to: TemplateRange(start: start, stop: stop, step: step, count: count))
    return TemplateValue(.range, bits: UInt64(UInt(bitPattern: state)), count: count)
  }

  /// `dict(mapping or pairs, name=value …)` and `namespace(…)`, which take the same.
  private mutating func build(_ builtin: TemplateBuiltin) -> TemplateValue {
    guard argumentCount <= 1 else { return fail(.wrongArguments, "dict") }
    let source = argumentCount == 0 ? TemplateValue(.dict) : arguments[0]
    let isCopy = source.tag == .dict
    let capacity = (isCopy ? source.count : length(source)) &+ namedCount
    var dict = newDict(capacity: capacity)
    if isCopy, !isStopped {
      copyValues(source.items, to: dict.items, 2 &* source.count)
      dict.count = source.count
    } else {
      let pairs = list(source)
      for index in 0..<pairs.count {
        let pair = pairs.items[index]
        guard pair.tag == .array, pair.count == 2 else { return wrongType(pair, "dict") }
        insert(&dict, pair.items[0], pair.items[1])
      }
    }
    for pair in 0..<namedCount { insert(&dict, argumentName(pair), namedArgument(pair)) }
    if builtin == .dict { return dict }
    guard let room = allocate(MemoryLayout<TemplateNamespace>.stride) else { return dict }
    let state = room.assumingMemoryBound(to: TemplateNamespace.self)
    state.initialize(to: TemplateNamespace(dict: dict, capacity: capacity))
    return TemplateValue(.namespace, bits: UInt64(UInt(bitPattern: state)))
  }

  // MARK: Dicts and namespaces

  /// An empty dict with room for `capacity` entries. Where the run stops it has none.
  @inline(never)
  mutating func newDict(capacity: Int) -> TemplateValue {
    guard let items = allocateValues(2 &* capacity) else { return TemplateValue(.dict) }
    return TemplateValue(.dict, bits: UInt64(UInt(bitPattern: items)))
  }

  /// Sets a key. The first one's place stays, the last one's value. The room must be there, unless the run stops.
  @inline(never)
  mutating func insert(_ dict: inout TemplateValue, _ key: TemplateValue, _ value: TemplateValue) {
    guard isHashable(key) else { return stop(.wrongType, "a key") }
    var index = find(dict, key)
    if isStopped { return }
    if index < 0 {
      index = dict.count
      dict.items[2 &* index] = key
      dict.count = index &+ 1
    }
    dict.items[2 &* index &+ 1] = value
  }

  @inline(never)
  mutating func isHashable(_ key: TemplateValue) -> Bool {
    if key.tag != .array { return key.tag != .dict }
    guard key.isTuple else { return false }
    for index in 0..<key.count {
      let item = key.items[index]
      if item.tag == .dict || (item.tag == .array && !item.isTuple) { return false }
    }
    return true
  }

  /// The entry of a key, or -1.
  @inline(never)
  mutating func find(_ dict: TemplateValue, _ key: TemplateValue) -> Int {
    spend(dict.count >> 3)
    for index in 0..<dict.count {
      if isStopped { break }
      if equal(dict.key(index), key) { return index }
    }
    return -1
  }

  /// The value of a key, or missing.
  @inline(never)
  mutating func lookUp(_ dict: TemplateValue, _ key: TemplateValue) -> TemplateValue {
    let index = find(dict, key)
    return index < 0 ? .missing : dict.value(index)
  }

  /// Sets an attribute of a namespace, which grows.
  mutating func set(_ namespace: TemplateValue, _ key: TemplateValue, _ value: TemplateValue) {
    let state = namespace.pointer(to: TemplateNamespace.self)
    let count = state.pointee.dict.count
    if count == state.pointee.capacity {
      state.pointee.capacity = 2 &* count &+ 4
      var larger = newDict(capacity: state.pointee.capacity)
      if isStopped { return }
      copyValues(state.pointee.dict.items, to: larger.items, 2 &* count)
      larger.count = count
      state.pointee.dict = larger
    }
    insert(&state.pointee.dict, key, value)
  }
}
