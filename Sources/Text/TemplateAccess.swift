// SPDX-License-Identifier: Apache-2.0
// Attributes, subscripts and slices, as Jinja's immutable sandbox gives them.

extension TemplateMachine {
  /// `object.name`: an attribute first, then a key.
  mutating func attribute(_ object: TemplateValue, _ name: TemplateValue) throws(TemplateFault) -> TemplateValue {
    if object.isUndefined { throw undefined(object) }
    if let value = try ownAttribute(object, name) { return value }
    if object.tag == .dict, let index = try find(object.items, object.count, name) {
      return object.items[2 * index + 1]
    }
    return missingAttribute(object, name)
  }

  @inline(never)
  private mutating func missingAttribute(_ object: TemplateValue, _ name: TemplateValue) -> TemplateValue {
    .undefined(.attribute, name.text)
  }

  /// What Python's `getattr` finds, made unsafe where the sandbox forbids it; nil where there is nothing.
  private mutating func ownAttribute(
    _ object: TemplateValue, _ name: TemplateValue
  ) throws(TemplateFault) -> TemplateValue? {
    if name.count >= 2, name.bytes[0] == 95, name.bytes[1] == 95 {
      let isDunder = name.count > 4 && name.bytes[name.count - 1] == 95 && name.bytes[name.count - 2] == 95
      if isDunder { return .undefined(.unsafeAttribute, name.text) }
    }
    switch object.tag {
    case .namespace:
      let state = object.address.assumingMemoryBound(to: TemplateNamespace.self)
      guard let index = try find(state.pointee.entries, state.pointee.count, name) else { return nil }
      return state.pointee.entries[2 * index + 1]
    case .iterator: return try loopAttribute(object, name)
    case .macro: return name.equals("name") ? macroName(object) : nil
    case .dict, .array, .string:
      guard let method = TemplateMethod.named(name, of: object) else { return nil }
      if method == .forbidden { return .undefined(.unsafeAttribute, name.text) }
      return try self.method(object, method)
    default: return nil
    }
  }

  mutating func macroName(_ macro: TemplateValue) -> TemplateValue {
    .string(view.string(Int(view.functions[macro.count].name)))
  }

  /// A method bound to its object.
  mutating func method(_ object: TemplateValue, _ method: TemplateMethod) throws(TemplateFault) -> TemplateValue {
    let box = try allocateValues(1)
    box.initialize(to: object)
    return TemplateValue(.method, bits: UInt64(UInt(bitPattern: box)), kind: method.rawValue)
  }

  /// `object[key]`: a key first, then an attribute.
  mutating func item(_ object: TemplateValue, _ key: TemplateValue) throws(TemplateFault) -> TemplateValue {
    switch object.tag {
    case .undefined, .missing: throw undefined(object)
    case .dict:
      if isHashable(key), let index = try find(object.items, object.count, key) { return object.items[2 * index + 1] }
    case .array where object.isList || object.isTuple:
      if key.isInteger, let index = place(key.integer, object.count) { return object.items[index] }
    case .range:
      let range = object.address.assumingMemoryBound(to: TemplateRange.self).pointee
      if key.isInteger, let index = place(key.integer, range.count) { return .int(range.start + index * range.step) }
    case .string:
      if key.isInteger {
        let count = try length(object)
        if let index = place(key.integer, count) {
          let offset = byteOffset(object, index, characterCount: count)
          return TemplateValue.string(object.bytes + offset, utf8Length(object.bytes[offset]), markup: object.isMarkup)
        }
      }
    default: break
    }
    if key.tag == .string {
      if let value = try ownAttribute(object, key) { return value }
      return missingAttribute(object, key)
    }
    return .undefined
  }

  /// An index from the front, or nil where it lies outside.
  private mutating func place(_ index: Int, _ count: Int) -> Int? {
    let place = index < 0 ? index &+ count : index
    return place >= 0 && place < count ? place : nil
  }

  /// The offset of the character at `index`.
  private mutating func byteOffset(_ text: TemplateValue, _ index: Int, characterCount: Int) -> Int {
    if characterCount == text.count { return index }
    var offset = 0
    for _ in 0..<index { offset &+= utf8Length(text.bytes[offset]) }
    return offset
  }

  /// `object[start:stop:step]`.
  @inline(never)
  mutating func slice(
    _ object: TemplateValue, _ start: TemplateValue, _ stop: TemplateValue, _ step: TemplateValue
  ) throws(TemplateFault) -> TemplateValue {
    let isText = object.tag == .string
    guard isText || object.isList || object.isTuple else { throw wrongType(object, "a slice") }
    let count = isText ? try length(object) : object.count
    let stride = try bound(step, 1)
    if stride == 0 { throw fault(.badValue, "a slice") }
    let first = clamp(try bound(start, stride > 0 ? 0 : Int.max), count, stride)
    let isOpen = stop.tag == .none
    let last = isOpen ? (stride > 0 ? count : -1) : clamp(try bound(stop, 0), count, stride)
    var taken = 0
    if stride > 0 ? first < last : first > last {
      taken = Int((UInt(stride > 0 ? last - first : first - last) - 1) / stride.magnitude + 1)
    }
    if isText { return try sliceText(object, first, taken, stride, characterCount: count) }
    let items = try allocateValues(taken)
    for index in 0..<taken { items[index] = object.items[first + index * stride] }
    return .array(items, taken, object.isList ? .list : .tuple)
  }

  private mutating func bound(_ value: TemplateValue, _ otherwise: Int) throws(TemplateFault) -> Int {
    if value.tag == .none { return otherwise }
    guard value.isInteger else { throw wrongType(value, "a slice") }
    return value.integer
  }

  /// A slice's bound as an index: 0 … count going up, -1 … count - 1 going down.
  private mutating func clamp(_ bound: Int, _ count: Int, _ step: Int) -> Int {
    let index = bound < 0 ? bound &+ count : bound
    if bound < 0, index < 0 { return step > 0 ? 0 : -1 }
    return min(index, step > 0 ? count : count - 1)
  }

  private mutating func sliceText(
    _ text: TemplateValue, _ first: Int, _ count: Int, _ step: Int, characterCount: Int
  ) throws(TemplateFault) -> TemplateValue {
    if count == 0 { return .emptyString }
    if step == 1 {
      let from = byteOffset(text, first, characterCount: characterCount)
      var to = from
      if characterCount == text.count { to += count } else { for _ in 0..<count { to += utf8Length(text.bytes[to]) } }
      return .string(text.bytes + from, to - from, markup: text.isMarkup)
    }
    spend(text.count)
    let start = begin()
    var offset = byteOffset(text, first, characterCount: characterCount)
    for index in 0..<count {
      put(text.bytes + offset, utf8Length(text.bytes[offset]))
      if index == count - 1 { break }
      for _ in 0..<step.magnitude {
        if step > 0 {
          offset += utf8Length(text.bytes[offset])
        } else {
          repeat { offset -= 1 } while text.bytes[offset] & 0xC0 == 0x80
        }
      }
    }
    return end(start)
  }
}
