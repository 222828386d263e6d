// SPDX-License-Identifier: Apache-2.0
// Going through values: loops, `loop`'s attributes, lists out of anything that has items.

extension TemplateMachine {
  mutating func iterator(_ value: TemplateValue) -> UnsafeMutablePointer<TemplateIterator> {
    value.address.assumingMemoryBound(to: TemplateIterator.self)
  }

  mutating func isIterable(_ value: TemplateValue) -> Bool {
    switch value.tag {
    case .string, .array, .dict, .generator, .range, .undefined, .missing, .iterator: true
    default: false
    }
  }

  /// A loop's state over `value`.
  mutating func iterate(_ value: TemplateValue) throws(TemplateFault) -> TemplateValue {
    guard isIterable(value), value.tag != .iterator else { throw .notIterable }
    let state = try allocate(MemoryLayout<TemplateIterator>.stride).assumingMemoryBound(to: TemplateIterator.self)
    var iterator = TemplateIterator(source: value)
    let function = frame.pointee.function
    if view.functions[function].flags & TemplateLayout.isRecursiveLoop != 0 {
      iterator.function = function
      iterator.parent = frame.pointee.parent
      iterator.depth = loopDepth
    }
    state.initialize(to: iterator)
    return TemplateValue(.iterator, bits: UInt64(UInt(bitPattern: state)))
  }

  /// The next item of a loop, or nil at its end.
  mutating func next(_ state: UnsafeMutablePointer<TemplateIterator>) throws(TemplateFault) -> TemplateValue? {
    var item = state.pointee.ahead
    if item.tag != .missing {
      state.pointee.ahead = .missing
    } else {
      guard let taken = take(state) else { return nil }
      item = taken
    }
    state.pointee.index += 1
    state.pointee.previous = state.pointee.current
    state.pointee.current = item
    return item
  }

  /// An item out of the source.
  private mutating func take(_ state: UnsafeMutablePointer<TemplateIterator>) -> TemplateValue? {
    let source = state.pointee.source
    var position = state.pointee.position
    if source.tag == .generator {
      let generator = source.address.assumingMemoryBound(to: TemplateGenerator.self)
      position = generator.pointee.position
      generator.pointee.position += position < generator.pointee.items.count ? 1 : 0
      return position < generator.pointee.items.count ? generator.pointee.items.items[position] : nil
    }
    guard source.tag != .undefined, source.tag != .missing, position < source.count else { return nil }
    var advance = 1
    let item: TemplateValue
    switch source.tag {
    case .array: item = source.items[position]
    case .dict: item = source.items[2 * position]
    case .range:
      let range = source.address.assumingMemoryBound(to: TemplateRange.self).pointee
      item = .int(range.start + position * range.step)
    default:
      advance = utf8Length(source.bytes[position])
      item = .string(source.bytes + position, advance)
    }
    state.pointee.position += advance
    return item
  }

  /// Bytes of the character that starts with `lead`, in well-formed UTF-8.
  @inline(never)
  mutating func utf8Length(_ lead: UInt8) -> Int { lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4 }

  private mutating func remaining(_ state: UnsafeMutablePointer<TemplateIterator>) -> Int {
    let source = state.pointee.source
    switch source.tag {
    case .generator:
      let generator = source.address.assumingMemoryBound(to: TemplateGenerator.self)
      return generator.pointee.items.count - generator.pointee.position
    case .undefined, .missing: return 0
    case .string:
      spend(source.count >> 4)
      return characterCount(source.bytes + state.pointee.position, source.count - state.pointee.position)
    default: return source.count - state.pointee.position
    }
  }

  @inline(never)
  mutating func characterCount(_ bytes: UnsafePointer<UInt8>, _ byteCount: Int) -> Int {
    var count = 0
    for index in 0..<byteCount where bytes[index] & 0xC0 != 0x80 { count &+= 1 }
    return count
  }

  /// `loop.name`, or nil where there is no such attribute.
  mutating func loopAttribute(_ loop: TemplateValue, _ name: TemplateValue) throws(TemplateFault) -> TemplateValue? {
    let state = iterator(loop)
    let index = state.pointee.index
    if name.equals("index0") { return .int(index) }
    if name.equals("index") { return .int(index + 1) }
    if name.equals("first") { return .bool(index == 0) }
    if name.equals("depth0") { return .int(state.pointee.depth) }
    if name.equals("depth") { return .int(state.pointee.depth + 1) }
    if name.equals("previtem") { return index == 0 ? TemplateValue.undefined : state.pointee.previous }
    if name.equals("last") || name.equals("nextitem") {
      if state.pointee.ahead.tag == .missing, let item = take(state) { state.pointee.ahead = item }
      let ahead = state.pointee.ahead
      if name.equals("last") { return .bool(ahead.tag == .missing) }
      return ahead.tag == .missing ? TemplateValue.undefined : ahead
    }
    if name.equals("cycle") || name.equals("changed") {
      return try method(loop, name.equals("cycle") ? TemplateMethod.cycle : TemplateMethod.changed)
    }
    let isLength = name.equals("length")
    guard isLength || name.equals("revindex") || name.equals("revindex0") else { return nil }
    let length = loopLength(state)
    return .int(isLength ? length : name.equals("revindex") ? length - index : length - index - 1)
  }

  mutating func loopLength(_ state: UnsafeMutablePointer<TemplateIterator>) -> Int {
    remaining(state) + state.pointee.index + 1 + (state.pointee.ahead.tag == .missing ? 0 : 1)
  }

  /// Keeps the item on the stack; at the end puts the list of them in the place of the loop.
  mutating func gather(isEnd: Bool) throws(TemplateFault) {
    let at = isEnd ? top - 1 : top - 2
    guard at.pointee.tag == .iterator else { throw .corrupt }
    let state = iterator(at.pointee)
    if state.pointee.gathered == nil {
      state.pointee.gatheredCapacity = remaining(state) + 1
      state.pointee.gathered = try allocateValues(state.pointee.gatheredCapacity)
    }
    guard let items = state.pointee.gathered else { throw .corrupt }
    if isEnd {
      at.pointee = .array(items, state.pointee.gatheredCount, .list)
      return
    }
    guard state.pointee.gatheredCount < state.pointee.gatheredCapacity else { throw .corrupt }
    items[state.pointee.gatheredCount] = at[1]
    state.pointee.gatheredCount += 1
    top -= 1
  }

  /// Puts the `count` items of the value on the stack, the first one topmost.
  mutating func unpack(_ count: Int) throws(TemplateFault) {
    let value = pop()
    guard isIterable(value) else { throw .notIterable }
    let items = try list(value)
    guard items.count == count else { throw .wrongItemCount }
    for index in 0..<count { push(items.items[count - 1 - index]) }
  }

  /// The items of a value as a list. A list is given back as it is.
  @inline(never)
  mutating func list(_ value: TemplateValue) throws(TemplateFault) -> TemplateValue {
    if value.tag == .array { return TemplateValue.array(value.items, value.count, .list) }
    guard isIterable(value), value.tag != .iterator else { throw .notIterable }
    var state = TemplateIterator(source: value)
    return try withUnsafeMutablePointer(to: &state) { state throws(TemplateFault) in
      let count = remaining(state)
      let items = try allocateValues(count)
      for index in 0..<count { items[index] = take(state) ?? .none }
      return .array(items, count, .list)
    }
  }

  @inline(never)
  mutating func generator(_ items: UnsafeMutablePointer<TemplateValue>, _ count: Int) throws(TemplateFault)
    -> TemplateValue
  {
    let state = try allocate(MemoryLayout<TemplateGenerator>.stride).assumingMemoryBound(to: TemplateGenerator.self)
    state.initialize(to: TemplateGenerator(items: .array(items, count, .list), position: 0))
    return TemplateValue(.generator, bits: UInt64(UInt(bitPattern: state)))
  }

  /// `len(value)`.
  @inline(never)
  mutating func length(_ value: TemplateValue) throws(TemplateFault) -> Int {
    switch value.tag {
    case .string:
      spend(value.count >> 4)
      return characterCount(value.bytes, value.count)
    case .array, .dict, .range: return value.count
    case .undefined, .missing: return 0
    case .iterator: return loopLength(iterator(value))
    default: throw fault(.wrongType, "length")
    }
  }
}
