// SPDX-License-Identifier: Apache-2.0
// Attributes, subscripts and slices, as Jinja's immutable sandbox gives them.

extension TemplateMachine {
  /// `object.name`: an attribute first, then a key.
  mutating func attribute(_ object: TemplateValue, _ name: TemplateValue) -> TemplateValue {
    if object.isUndefined { return useUndefined(object) }
    var value = ownAttribute(object, name)
    if value.tag == .missing, object.tag == .dict { value = lookUp(object, name) }
    return value.tag == .missing ? .undefined(.attribute, name) : value
  }

  /// What Python's `getattr` finds, made unsafe where the sandbox forbids it; missing where there is nothing.
  private mutating func ownAttribute(_ object: TemplateValue, _ name: TemplateValue) -> TemplateValue {
    if name.count > 4, hasPart(name, .string("__"), atStart: true), hasPart(name, .string("__"), atStart: false) {
      return .undefined(.unsafeAttribute, name)
    }
    switch object.tag {
    case .namespace: return lookUp(object.pointer(to: TemplateNamespace.self).pointee.dict, name)
    case .iterator: return loopAttribute(object, name)
    case .macro: return name.equals("name") ? macroName(object) : .missing
    case .dict, .array, .string:
      guard let method = TemplateMethod.named(name, of: object) else { return .missing }
      return method == .forbidden ? .undefined(.unsafeAttribute, name) : self.method(object, method)
    default: return .missing
    }
  }

  mutating func macroName(_ macro: TemplateValue) -> TemplateValue { text(Int(view.functions[macro.count].name)) }

  /// A method bound to its object.
  @inline(never)
  mutating func method(_ object: TemplateValue, _ method: TemplateMethod) -> TemplateValue {
    guard let box = allocateValues(1) else { return .missing }
    box.initialize(to: object)
    return TemplateValue(.method, bits: UInt64(UInt(bitPattern: box)), kind: method.rawValue)
  }

  /// `object[key]`: a key first, then an attribute.
  @inline(never)
  mutating func item(_ object: TemplateValue, _ key: TemplateValue) -> TemplateValue {
    if object.isUndefined { return useUndefined(object) }
    if object.tag == .dict {
      if isHashable(key), case let value = lookUp(object, key), value.tag != .missing { return value }
    } else if key.isInteger, object.tag == .range || object.isSequence {
      let count = length(object)
      let index = key.integer < 0 ? key.integer &+ count : key.integer
      if index >= 0, index < count { return element(object, index, of: count) }
    }
    if key.tag != .string { return .undefined }
    let value = ownAttribute(object, key)
    return value.tag == .missing ? .undefined(.attribute, key) : value
  }

  /// An item of a list, tuple, range or text of `count` items.
  private mutating func element(_ object: TemplateValue, _ index: Int, of count: Int) -> TemplateValue {
    switch object.tag {
    case .array: return object.items[index]
    case .range: return rangeItem(object, index)
    default:
      let offset = byteOffset(object, index, characterCount: count)
      return .string(object.bytes + offset, utf8Length(object.bytes[offset]), markup: object.isMarkup)
    }
  }

  /// An item of a range, which cannot be beyond its stop: nothing wraps.
  @inline(never)
  mutating func rangeItem(_ range: TemplateValue, _ index: Int) -> TemplateValue {
    let range = range.pointer(to: TemplateRange.self)
    return .int(range.pointee.start &+ index &* range.pointee.step)
  }

  /// The offset of the character at `index`.
  @inline(never)
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
  ) -> TemplateValue {
    guard object.isSequence else { return wrongType(object, "a slice") }
    let count = length(object)
    let stride = step.tag == .none ? 1 : bound(step)
    if stride == 0 { return fail(.badValue, "a slice") }
    let isUp = stride > 0
    var first = isUp ? 0 : count &- 1
    var last = isUp ? count : -1
    if start.tag != .none { first = clamp(bound(start), count, isUp) }
    if stop.tag != .none { last = clamp(bound(stop), count, isUp) }
    // Both lie between -1 and the count, so nothing wraps.
    var taken = 0
    if isUp ? first < last : first > last {
      taken = Int(truncatingIfNeeded: ((last &- first).magnitude &- 1) / stride.magnitude) &+ 1
    }
    if object.tag == .string { return sliceText(object, first, taken, stride, characterCount: count) }
    guard let items = allocateValues(taken) else { return TemplateValue(.array) }
    for index in 0..<taken { items[index] = object.items[first &+ index &* stride] }
    return .array(items, taken, object.isList ? .list : .tuple)
  }

  @inline(never)
  private mutating func bound(_ value: TemplateValue) -> Int {
    if !value.isInteger { _ = wrongType(value, "a slice") }
    return value.integer
  }

  /// A slice's bound as an index: 0 … count going up, -1 … count - 1 going down.
  @inline(never)
  private mutating func clamp(_ bound: Int, _ count: Int, _ isUp: Bool) -> Int {
    let index = bound < 0 ? bound &+ count : bound
    if index < 0 { return isUp ? 0 : -1 }
    return min(index, isUp ? count : count &- 1)
  }

  private mutating func sliceText(
    _ text: TemplateValue, _ first: Int, _ count: Int, _ step: Int, characterCount: Int
  ) -> TemplateValue {
    if count == 0 { return .emptyString }
    var offset = byteOffset(text, first, characterCount: characterCount)
    if step == 1 {
      let rest = TemplateValue.string(text.bytes + offset, text.count &- offset)
      let taken = byteOffset(rest, count, characterCount: characterCount &- first)
      return .string(rest.bytes, taken, markup: text.isMarkup)
    }
    spend(text.count)
    let start = begin()
    for index in 0..<count {
      put(text.bytes + offset, utf8Length(text.bytes[offset]))
      if index == count &- 1 { break }
      for _ in 0..<step.magnitude {
        if step > 0 {
          offset &+= utf8Length(text.bytes[offset])
        } else {
          offset = before(offset, text)
        }
      }
    }
    return end(start)
  }
}
