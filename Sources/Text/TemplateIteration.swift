// SPDX-License-Identifier: Apache-2.0
// Going through values: loops, `loop`'s attributes, lists out of anything that has items.

extension TemplateMachine {
  mutating func iterator(_ value: TemplateValue) -> UnsafeMutablePointer<TemplateIterator> {
    value.pointer(to: TemplateIterator.self)
  }

  @inline(never)
  mutating func isIterable(_ value: TemplateValue) -> Bool {
    switch value.tag {
    case .string, .array, .dict, .generator, .range, .undefined, .missing, .iterator: true
    default: false
    }
  }

  /// A loop's state over `value`.
  mutating func iterate(_ value: TemplateValue) -> TemplateValue {
    guard isIterable(value), value.tag != .iterator else {
      stop(.notIterable)
      return value
    }
    guard let room = allocate(MemoryLayout<TemplateIterator>.stride) else { return value }
    let state = room.assumingMemoryBound(to: TemplateIterator.self)
    state.initialize(to: TemplateIterator(source: value))
    let function = frame.pointee.function
    if view.functions[function].flags & TemplateLayout.isRecursiveLoop != 0 {
      state.pointee.function = function
      state.pointee.parent = frame.pointee.parent
      state.pointee.depth = loopDepth
    }
    return TemplateValue(.iterator, bits: UInt64(UInt(bitPattern: state)))
  }

  /// The next item of a loop, or missing at its end.
  mutating func next(_ state: UnsafeMutablePointer<TemplateIterator>) -> TemplateValue {
    let item = ahead(state)
    if item.tag != .missing {
      state.pointee.ahead = .missing
      state.pointee.index &+= 1
      state.pointee.previous = state.pointee.current
      state.pointee.current = item
    }
    return item
  }

  /// The item that comes next, which stays there, or missing.
  private mutating func ahead(_ state: UnsafeMutablePointer<TemplateIterator>) -> TemplateValue {
    if state.pointee.ahead.tag == .missing {
      state.pointee.ahead = item(of: state.pointee.source, at: &state.pointee.position)
    }
    return state.pointee.ahead
  }

  /// The item at a position, which moves on; missing at the end. A generator has its own position. In a string it is
  /// that of a byte.
  @inline(never)
  private mutating func item(of source: TemplateValue, at position: inout Int) -> TemplateValue {
    if source.tag == .generator {
      let state = source.pointer(to: TemplateGenerator.self)
      return item(of: state.pointee.items, at: &state.pointee.position)
    }
    guard !source.isUndefined, position < source.count else { return .missing }
    let at = position
    position = at &+ 1
    switch source.tag {
    case .array: return source.items[at]
    case .dict: return source.key(at)
    case .range: return rangeItem(source, at)
    default:
      let count = utf8Length(source.bytes[at])
      position = at &+ count
      return .string(source.bytes + at, count)
    }
  }

  /// Bytes of the character that starts with `lead`, in well-formed UTF-8.
  @inline(never)
  mutating func utf8Length(_ lead: UInt8) -> Int { UTF8Bytes.length(lead: lead) }

  /// How many items there are from a position on.
  @inline(never)
  private mutating func remaining(_ source: TemplateValue, from position: Int) -> Int {
    switch source.tag {
    case .generator:
      let state = source.pointer(to: TemplateGenerator.self)
      return state.pointee.items.count &- state.pointee.position
    case .undefined, .missing: return 0
    case .string: return characterCount(source.bytes + position, source.count &- position)
    default: return source.count &- position
    }
  }

  @inline(never)
  mutating func characterCount(_ bytes: UnsafePointer<UInt8>, _ byteCount: Int) -> Int {
    spend(byteCount >> 4)
    var count = 0
    for index in 0..<byteCount where bytes[index] & 0xC0 != 0x80 { count &+= 1 }
    return count
  }

  /// `loop.name`, or missing where there is no such attribute.
  mutating func loopAttribute(_ loop: TemplateValue, _ name: TemplateValue) -> TemplateValue {
    let state = iterator(loop)
    let index = state.pointee.index
    switch name.place(
      in: "index0 index revindex0 revindex length depth0 depth first last previtem nextitem cycle changed")
    {
    case 0: return .int(index)
    case 1: return .int(index &+ 1)
    case 2: return .int(loopLength(state) &- index &- 1)
    case 3: return .int(loopLength(state) &- index)
    case 4: return .int(loopLength(state))
    case 5: return .int(state.pointee.depth)
    case 6: return .int(state.pointee.depth &+ 1)
    case 7: return .bool(index == 0)
    case 8: return .bool(ahead(state).tag == .missing)
    case 9: return index == 0 ? .undefined : state.pointee.previous
    case 10:
      let item = ahead(state)
      return item.tag == .missing ? .undefined : item
    case 11: return method(loop, .cycle)
    case 12: return method(loop, .changed)
    default: return .missing
    }
  }

  @inline(never)
  mutating func loopLength(_ state: UnsafeMutablePointer<TemplateIterator>) -> Int {
    let taken = state.pointee.index &+ (state.pointee.ahead.tag == .missing ? 1 : 2)
    return remaining(state.pointee.source, from: state.pointee.position) &+ taken
  }

  /// Keeps the item on the stack; at the end puts the list of them in the place of the loop.
  mutating func gather(isEnd: Bool) {
    if !isEnd { top -= 1 }
    let at = top - 1
    guard at.pointee.tag == .iterator else { return stop(.corrupt) }
    let state = iterator(at.pointee)
    if state.pointee.gathered == nil {
      state.pointee.gatheredCapacity = remaining(state.pointee.source, from: state.pointee.position) &+ 1
      state.pointee.gathered = allocateValues(state.pointee.gatheredCapacity)
    }
    guard let items = state.pointee.gathered else { return }
    let count = state.pointee.gatheredCount
    if isEnd {
      at.pointee = .array(items, count, .list)
      return
    }
    guard count < state.pointee.gatheredCapacity else { return stop(.corrupt) }
    items[count] = top.pointee
    state.pointee.gatheredCount = count &+ 1
  }

  /// Puts the `count` items of the value on the stack, the first one topmost.
  mutating func unpack(_ count: Int) {
    let value = pop()
    guard isIterable(value) else { return stop(.notIterable) }
    let items = list(value)
    guard items.count == count else { return stop(.wrongItemCount) }
    for index in 0..<count { push(items.items[count &- 1 &- index]) }
  }

  /// The items of a value as a list, empty where the run stops. A list is given back as it is.
  @inline(never)
  mutating func list(_ value: TemplateValue) -> TemplateValue {
    if isStopped { return TemplateValue(.array) }
    if value.tag == .array { return .array(value.items, value.count, .list) }
    if !isIterable(value) || value.tag == .iterator { stop(.notIterable) }
    let count = remaining(value, from: 0)
    guard let items = allocateValues(count) else { return TemplateValue(.array) }
    var position = 0
    for index in 0..<count { items[index] = item(of: value, at: &position) }
    return .array(items, count, .list)
  }

  @inline(never)
  mutating func generator(_ items: TemplateValue) -> TemplateValue {
    guard let room = allocate(MemoryLayout<TemplateGenerator>.stride) else { return items }
    let state = room.assumingMemoryBound(to: TemplateGenerator.self)
    state.initialize(to: TemplateGenerator(items: items, position: 0))
    return TemplateValue(.generator, bits: UInt64(UInt(bitPattern: state)))
  }

  /// `len(value)`.
  @inline(never)
  mutating func length(_ value: TemplateValue) -> Int {
    switch value.tag {
    case .string: return characterCount(value.bytes, value.count)
    case .array, .dict, .range: return value.count
    case .undefined, .missing: return 0
    case .iterator: return loopLength(iterator(value))
    default: return fail(.wrongType, "length")
    }
  }
}
