// SPDX-License-Identifier: Apache-2.0
// Calls: macros, recursive loops, the global functions, and methods.

enum TemplateBuiltin: UInt8 { case range, dict, namespace, raiseException, strftimeNow }

extension TemplateMachine {
  /// A name that the template does not set: one of the caller's variables, a global function, or missing.
  mutating func resolve(_ name: UnsafeBufferPointer<UInt8>) -> TemplateValue {
    let key = TemplateValue.string(name)
    spend(input.count >> 2)
    if let value = variable(key) { return value }
    let builtin: TemplateBuiltin
    if key.equals("range") {
      builtin = .range
    } else if key.equals("dict") {
      builtin = .dict
    } else if key.equals("namespace") {
      builtin = .namespace
    } else if key.equals("raise_exception") {
      builtin = .raiseException
    } else if key.equals("strftime_now") {
      builtin = .strftimeNow
    } else {
      return .missing
    }
    return TemplateValue(.builtin, kind: builtin.rawValue)
  }

  /// One of the caller's variables. `now` is the clock's, not the template's.
  mutating func variable(_ key: TemplateValue) -> TemplateValue? {
    if key.equals("now") { return nil }
    for index in 0..<input.count where sameBytes(input.items[2 * index], key) { return input.items[2 * index + 1] }
    return nil
  }

  @inline(never)
  mutating func sameBytes(_ x: TemplateValue, _ y: TemplateValue) -> Bool {
    guard x.count == y.count else { return false }
    steps &-= x.count >> 4
    let a = x.bytes
    let b = y.bytes
    for index in 0..<x.count where a[index] != b[index] { return false }
    return true
  }

  /// Calls `callee` with `a` arguments, then `b` names and values.
  mutating func invoke(
    _ callee: TemplateValue, _ arguments: UnsafeMutablePointer<TemplateValue>, _ a: Int, _ b: Int
  ) throws(TemplateFault) {
    let result: TemplateValue
    switch callee.tag {
    case .macro: return try callMacro(callee, arguments, a, b)
    case .iterator: return try callLoop(callee, arguments, a, b)
    case .builtin: result = try callBuiltin(callee.kind, arguments, a, b)
    case .method: result = try callMethod(callee, arguments, a, b)
    case .undefined, .missing: throw undefined(callee)
    default: throw .notCallable
    }
    push(result)
  }

  /// On the stack: what is called, a list and what follows it (`*x`) or undefined, a dict and what follows it (`**x`)
  /// or undefined.
  mutating func spreadCall() throws(TemplateFault) {
    top -= 5
    let parts = top
    guard parts[1].tag == .array, parts[3].tag == .dict else { throw .corrupt }
    let more = parts[2].isUndefined ? TemplateValue.emptyString : parts[2]
    guard isIterable(more) else { throw .notIterable }
    let extra = try list(more)
    let named = parts[4].isUndefined ? TemplateValue(.dict) : parts[4]
    guard named.tag == .dict else { throw fault(.wrongType, "**") }
    let (a, b) = (parts[1].count + extra.count, parts[3].count + named.count)
    let arguments = try allocateValues(a + 2 * b)
    copyValues(parts[1].items, to: arguments, parts[1].count)
    copyValues(extra.items, to: (arguments + parts[1].count), extra.count)
    copyValues(parts[3].items, to: (arguments + a), 2 * parts[3].count)
    var at = a + 2 * parts[3].count
    for index in 0..<named.count {
      let key = named.items[2 * index]
      guard key.tag == .string, try find(parts[3].items, parts[3].count, key) == nil else {
        throw fault(.wrongArguments, "**")
      }
      arguments[at] = key
      arguments[at + 1] = named.items[2 * index + 1]
      at += 2
    }
    try invoke(parts[0], arguments, a, b)
  }

  private mutating func enter(
    _ function: Int, _ frame: UnsafeMutablePointer<TemplateFrameHead>, loopDepth: Int
  ) throws(TemplateFault) {
    let stackMax = Int(view.functions[function].stackMax)
    guard callCount < callsAllowed, top - stackBase + stackMax < Self.stackCount else { throw .tooDeep }
    calls[callCount] = TemplateCall(returnTo: pc, frame: self.frame, outputMark: outputCount, loopDepth: self.loopDepth)
    callCount += 1
    self.frame = frame
    self.loopDepth = loopDepth
    pc = Int(view.functions[function].codeStart)
  }

  /// Binds arguments as Python would, then enters. The slots after the parameters take `caller`, `kwargs`, `varargs`.
  private mutating func callMacro(
    _ macro: TemplateValue, _ arguments: UnsafeMutablePointer<TemplateValue>, _ a: Int, _ b: Int
  ) throws(TemplateFault) {
    let index = macro.count
    let function = view.functions[index]
    let parameterCount = Int(function.parameterCount)
    let parent = macro.address.assumingMemoryBound(to: TemplateFrameHead.self)
    let frame = try newFrame(index, parent: parent)
    let slots = frame.slots
    for position in 0..<min(a, parameterCount) { slots[position] = arguments[position] }
    let named = arguments + a
    var left = b
    for pair in 0..<b {
      var place = min(a, parameterCount)
      while place < parameterCount,
        !sameBytes(.string(view.string(Int(function.firstParameter) + place)), named[2 * pair])
      {
        place += 1
      }
      if place == parameterCount { continue }
      slots[place] = named[2 * pair + 1]
      // Taken: no name is empty.
      named[2 * pair] = .missing
      left -= 1
    }
    var special = parameterCount
    if function.flags & TemplateLayout.catchesCaller != 0 {
      slots[special] = TemplateValue.undefined
      for pair in 0..<b where named[2 * pair].equals("caller") {
        slots[special] = named[2 * pair + 1]
        named[2 * pair] = .missing
        left -= 1
      }
      special += 1
    }
    if function.flags & TemplateLayout.catchesKeywords != 0 {
      var rest = try newDict(capacity: left)
      for pair in 0..<b where named[2 * pair].tag != .missing {
        try insert(&rest, named[2 * pair], named[2 * pair + 1])
      }
      slots[special] = rest
      special += 1
    } else if left > 0 {
      throw fault(.wrongArguments, view.string(Int(function.name)))
    }
    let extra = max(a - parameterCount, 0)
    if function.flags & TemplateLayout.catchesPositional != 0 {
      let items = try allocateValues(extra)
      for position in 0..<extra { items[position] = arguments[parameterCount + position] }
      slots[special] = .array(items, extra, .tuple)
    } else if extra > 0 {
      throw fault(.wrongArguments, view.string(Int(function.name)))
    }
    try enter(index, frame, loopDepth: 0)
  }

  /// `loop(items)` in a recursive loop.
  private mutating func callLoop(
    _ loop: TemplateValue, _ arguments: UnsafeMutablePointer<TemplateValue>, _ a: Int, _ b: Int
  ) throws(TemplateFault) {
    let state = iterator(loop)
    guard state.pointee.function >= 0 else { throw .notCallable }
    guard a == 1, b == 0 else { throw fault(.wrongArguments, "loop") }
    let frame = try newFrame(state.pointee.function, parent: state.pointee.parent)
    frame.slots[0] = arguments[0]
    try enter(state.pointee.function, frame, loopDepth: state.pointee.depth + 1)
  }

  private mutating func callBuiltin(
    _ kind: UInt8, _ arguments: UnsafeMutablePointer<TemplateValue>, _ a: Int, _ b: Int
  ) throws(TemplateFault) -> TemplateValue {
    guard let builtin = TemplateBuiltin(rawValue: kind) else { throw .corrupt }
    switch builtin {
    case .range:
      guard b == 0, a >= 1, a <= 3 else { throw fault(.wrongArguments, "range") }
      return try range(arguments, a)
    case .dict, .namespace: return try build(builtin, arguments, a, b)
    case .raiseException:
      guard a + b == 1 else { throw fault(.wrongArguments, "raise_exception") }
      let text = try string(arguments[b == 0 ? 0 : 1])
      throw fault(.raised, text.text)
    case .strftimeNow:
      guard a + b == 1 else { throw fault(.wrongArguments, "strftime_now") }
      let format = arguments[b == 0 ? 0 : 1]
      guard format.tag == .string else { throw wrongType(format, "strftime_now") }
      return try formatClock(format.text)
    }
  }

  private mutating func range(
    _ arguments: UnsafeMutablePointer<TemplateValue>, _ a: Int
  ) throws(TemplateFault) -> TemplateValue {
    for position in 0..<a where !arguments[position].isInteger { throw wrongType(arguments[position], "range") }
    let start = a == 1 ? 0 : arguments[0].integer
    let stop = arguments[a == 1 ? 0 : 1].integer
    let step = a == 3 ? arguments[2].integer : 1
    if step == 0 { throw fault(.badValue, "range") }
    var count = 0
    if step > 0 ? start < stop : start > stop {
      let (span, overflow) = (step > 0 ? stop : start).subtractingReportingOverflow(step > 0 ? start : stop)
      if overflow { throw fault(.tooLarge, "range") }
      count = Int((UInt(span) - 1) / step.magnitude + 1)
    }
    if count > 100_000 { throw fault(.tooLarge, "range") }
    let state = try allocate(MemoryLayout<TemplateRange>.stride).assumingMemoryBound(to: TemplateRange.self)
    state.initialize(to: TemplateRange(start: start, stop: stop, step: step, count: count))
    return TemplateValue(.range, bits: UInt64(UInt(bitPattern: state)), count: count)
  }

  /// `dict(mapping or pairs, name=value …)` and `namespace(…)`, which take the same.
  private mutating func build(
    _ builtin: TemplateBuiltin, _ arguments: UnsafeMutablePointer<TemplateValue>, _ a: Int, _ b: Int
  ) throws(TemplateFault) -> TemplateValue {
    guard a <= 1 else { throw fault(.wrongArguments, "dict") }
    var given = 0
    let source = arguments[0]
    if a == 1 { given = source.tag == .dict ? source.count : try length(source) }
    var dict = try newDict(capacity: given + b)
    if a == 1, source.tag == .dict {
      copyValues(source.items, to: dict.items, 2 * source.count)
      dict.count = source.count
    } else if a == 1 {
      let pairs = try list(source)
      for index in 0..<pairs.count {
        let pair = pairs.items[index]
        guard pair.tag == .array, pair.count == 2 else { throw wrongType(pair, "dict") }
        try insert(&dict, pair.items[0], pair.items[1])
      }
    }
    for pair in 0..<b { try insert(&dict, arguments[a + 2 * pair], arguments[a + 2 * pair + 1]) }
    if builtin == .dict { return dict }
    let state = try allocate(MemoryLayout<TemplateNamespace>.stride).assumingMemoryBound(to: TemplateNamespace.self)
    state.initialize(to: TemplateNamespace(entries: dict.items, count: dict.count, capacity: given + b))
    return TemplateValue(.namespace, bits: UInt64(UInt(bitPattern: state)))
  }

  // MARK: Dicts and namespaces

  /// An empty dict with room for `capacity` entries.
  @inline(never)
  mutating func newDict(capacity: Int) throws(TemplateFault) -> TemplateValue {
    let items = try allocateValues(2 * capacity)
    return TemplateValue(.dict, bits: UInt64(UInt(bitPattern: items)))
  }

  /// Sets a key. The first one's place stays, the last one's value. The room must be there.
  @inline(never)
  mutating func insert(_ dict: inout TemplateValue, _ key: TemplateValue, _ value: TemplateValue) throws(TemplateFault)
  {
    guard isHashable(key) else { throw fault(.wrongType, "a key") }
    if let index = try find(dict.items, dict.count, key) {
      dict.items[2 * index + 1] = value
      return
    }
    dict.items[2 * dict.count] = key
    dict.items[2 * dict.count + 1] = value
    dict.count += 1
  }

  @inline(never)
  mutating func isHashable(_ key: TemplateValue) -> Bool {
    switch key.tag {
    case .dict: return false
    case .array:
      guard key.isTuple else { return false }
      for index in 0..<key.count where key.items[index].tag == .array || key.items[index].tag == .dict {
        if !key.items[index].isTuple { return false }
      }
      return true
    default: return true
    }
  }

  /// The entry of a key among `count`, or nil.
  @inline(never)
  mutating func find(
    _ entries: UnsafeMutablePointer<TemplateValue>, _ count: Int, _ key: TemplateValue
  ) throws(TemplateFault) -> Int? {
    spend(count >> 3)
    if let pending { throw pending }
    if key.tag == .string {
      for index in 0..<count where entries[2 * index].tag == .string && sameBytes(entries[2 * index], key) {
        return index
      }
      return nil
    }
    for index in 0..<count where try equal(entries[2 * index], key) { return index }
    return nil
  }

  /// Sets an attribute of a namespace, which grows.
  mutating func set(
    _ namespace: TemplateValue, _ key: TemplateValue, _ value: TemplateValue
  ) throws(TemplateFault) {
    let state = namespace.address.assumingMemoryBound(to: TemplateNamespace.self)
    if let index = try find(state.pointee.entries, state.pointee.count, key) {
      state.pointee.entries[2 * index + 1] = value
      return
    }
    if state.pointee.count == state.pointee.capacity {
      let capacity = 2 * state.pointee.capacity + 4
      let larger = try allocateValues(2 * capacity)
      copyValues(state.pointee.entries, to: larger, 2 * state.pointee.count)
      state.pointee.entries = larger
      state.pointee.capacity = capacity
    }
    state.pointee.entries[2 * state.pointee.count] = key
    state.pointee.entries[2 * state.pointee.count + 1] = value
    state.pointee.count += 1
  }
}
