// SPDX-License-Identifier: Apache-2.0
// Text out of values: Python's `str` and `repr`, to the output or to the heap.

extension TemplateMachine {
  // MARK: Bytes

  /// Where `count` bytes of text go; nil, and the run stops, where there is no room for them.
  @inline(never)
  private mutating func room(_ count: Int) -> UnsafeMutablePointer<UInt8>? {
    steps &-= count >> 6
    if writesToHeap {
      if count <= heapLimit &- heapCount {
        heapCount &+= count
        return heap + (heapCount &- count)
      }
      stop(.scratchFull)
    } else {
      if count <= outputLimit &- outputCount {
        outputCount &+= count
        return output + (outputCount &- count)
      }
      stop(.outputFull)
    }
    return nil
  }

  @inline(never)
  mutating func put(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
    guard let place = room(count) else { return }
    UnsafeMutableRawPointer(place).copyMemory(from: bytes, byteCount: count)
    copyMarks(from: bytes, to: place, count)
  }

  @inline(__always)
  mutating func put(_ text: StaticString) { put(literal: text.utf8Start) }

  /// `literal` ends with a zero.
  @inline(never)
  private mutating func put(literal: UnsafePointer<UInt8>) {
    var count = 0
    while literal[count] != 0 { count &+= 1 }
    put(literal, count)
  }

  @inline(never)
  mutating func put(_ byte: UInt8) {
    guard let place = room(1) else { return }
    place.pointee = byte
    setMarks(place, 1, to: 0)
  }

  /// From here on text goes to the heap, up to `end`. Nothing may be allocated between them.
  @inline(never)
  mutating func begin() -> Int {
    writesToHeap = true
    return heapCount
  }

  @inline(never)
  mutating func end(_ start: Int) -> TemplateValue {
    writesToHeap = false
    return .string(heap + start, heapCount &- start)
  }

  /// `text` so many times, or until there is no more room.
  @inline(never)
  mutating func fill(_ text: TemplateValue, _ times: Int) {
    var left = times
    while left > 0, !isStopped {
      put(text.bytes, text.count)
      left &-= 1
    }
  }

  @inline(never)
  mutating func putCodePoint(_ c: UInt32) {
    // The tail from its end: six bits a byte.
    if c >= 0x80 {
      let tails: UInt32 = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3
      put(UInt8(truncatingIfNeeded: 0x7F80 >> tails | c >> (6 &* tails)))
      for left in 1...tails { put(UInt8(truncatingIfNeeded: 0x80 | c >> (6 &* (tails &- left)) & 63)) }
    } else {
      put(UInt8(truncatingIfNeeded: c))
    }
  }

  /// The character at an offset of well-formed UTF-8, and its bytes.
  @inline(never)
  mutating func codePoint(_ bytes: UnsafePointer<UInt8>, _ offset: Int) -> (UInt32, Int) {
    (UTF8Bytes.codePoint(bytes + offset), UTF8Bytes.length(lead: bytes[offset]))
  }

  /// `x + y`. Where `x` was the last thing put on the heap it grows in place: building a text piece by piece then costs
  /// no more than the text.
  @inline(never)
  mutating func joined(_ x: TemplateValue, _ y: TemplateValue) -> TemplateValue {
    if x.count == 0 { return y }
    if y.count == 0 { return x }
    let isLast = x.bytes + x.count == UnsafePointer(heap + heapCount)
    let start = begin()
    if !isLast { put(x.bytes, x.count) }
    put(y.bytes, y.count)
    let text = end(start)
    return isLast ? .string(x.bytes, x.count &+ text.count) : text
  }

  /// `str` of `count` values put together.
  mutating func concatenated(_ values: UnsafeMutablePointer<TemplateValue>, _ count: Int) -> TemplateValue {
    let first = values[0]
    let isLast = first.tag == .string && first.bytes + first.count == UnsafePointer(heap + heapCount)
    let start = begin()
    for index in (isLast ? 1 : 0)..<count { write(values[index]) }
    let text = end(start)
    return isLast ? .string(first.bytes, first.count &+ text.count) : text
  }

  /// `str(value)` as a value. Markup stays markup.
  @inline(never)
  mutating func string(_ value: TemplateValue) -> TemplateValue {
    if value.tag == .string { return value }
    let start = begin()
    write(value)
    return end(start)
  }

  // MARK: Values

  /// `str(value)`.
  @inline(never)
  mutating func write(_ value: TemplateValue) {
    switch value.tag {
    case .string: put(value.bytes, value.count)
    case .undefined, .missing: break
    default: writeRepr(value)
    }
  }

  @inline(never)
  mutating func writeInteger(_ value: Int) {
    if value < 0 { put(45) }
    writeDigits(UInt64(value.magnitude), least: 1)
  }

  /// Decimal digits, with zeros in front up to `least`, and a point ahead of the last `behindPoint`.
  @inline(never)
  mutating func writeDigits(_ value: UInt64, least: Int, behindPoint: Int = 0) {
    if value >= 10 || least > 1 { writeDigits(value / 10, least: least &- 1, behindPoint: behindPoint &- 1) }
    if behindPoint == 1 { put(46) }
    put(48 &+ UInt8(truncatingIfNeeded: value % 10))
  }

  /// `repr(value)`.
  mutating func writeRepr(_ value: TemplateValue) {
    switch value.tag {
    case .none: put("None")
    case .bool: put(value.bits != 0 ? "True" : "False")
    case .int: writeInteger(value.integer)
    case .bigInt: put(value.bytes, value.count)
    case .float: writeFloat(value.double)
    case .string:
      if value.isMarkup { put("Markup(") }
      writeQuoted(value)
      if value.isMarkup { put(41) }
    case .undefined, .missing: put("Undefined")
    case .array:
      switch ArrayKind(rawValue: value.kind) {
      case .tuple: writeItems(value, 40, value.count == 1 ? ",)" : ")")
      case .keys: writeView("dict_keys(", value)
      case .values: writeView("dict_values(", value)
      case .items: writeView("dict_items(", value)
      default: writeItems(value, 91, "]")
      }
    case .dict: writeItems(value, 123, "}")
    case .namespace:
      put("<Namespace ")
      writeItems(value.pointer(to: TemplateNamespace.self).pointee.dict, 123, "}")
      put(62)
    case .range:
      let range = value.pointer(to: TemplateRange.self).pointee
      put("range(")
      writeInteger(range.start)
      put(", ")
      writeInteger(range.stop)
      if range.step != 1 {
        put(", ")
        writeInteger(range.step)
      }
      put(41)
    case .iterator:
      let state = iterator(value)
      put("<LoopContext ")
      writeInteger(state.pointee.index &+ 1)
      put(47)
      writeInteger(loopLength(state))
      put(62)
    case .macro:
      let name = macroName(value)
      if name.count == 0 { return put("<Macro anonymous>") }
      put("<Macro ")
      writeQuoted(name)
      put(62)
    case .generator: stop(.unsupported, "a generator as text")
    case .method, .builtin: stop(.unsupported, "a function as text")
    case .mark: stop(.corrupt)
    }
  }

  private mutating func writeView(_ name: StaticString, _ value: TemplateValue) {
    put(name)
    writeItems(value, 91, "])")
  }

  /// The items of a list, or entries of a dict, between `open` and `close`.
  private mutating func writeItems(_ value: TemplateValue, _ open: UInt8, _ close: StaticString) {
    put(open)
    for index in 0..<value.count where descend() {
      if index > 0 { put(", ") }
      if value.tag == .dict {
        writeRepr(value.key(index))
        put(": ")
        writeRepr(value.value(index))
      } else {
        writeRepr(value.items[index])
      }
      nesting &-= 1
    }
    put(close)
  }

  /// A string as Python quotes it: double quotes where it has single ones and no double.
  private mutating func writeQuoted(_ text: TemplateValue) {
    spend(text.count >> 4)
    var hasSingle = false
    var hasDouble = false
    for index in 0..<text.count {
      if text.bytes[index] == 39 { hasSingle = true }
      if text.bytes[index] == 34 { hasDouble = true }
    }
    let quote: UInt8 = hasSingle && !hasDouble ? 34 : 39
    put(quote)
    var offset = 0
    while offset < text.count {
      let (c, count) = codePoint(text.bytes, offset)
      if c == UInt32(quote) || c == 92 {
        put(92)
        put(UInt8(c))
      } else if c >= 32, c < 127 || (c > 127 && TemplateUnicode.isPrintable(c)) {
        put(text.bytes + offset, count)
      } else {
        writeEscape(c)
      }
      offset += count
    }
    put(quote)
  }

  private mutating func writeEscape(_ c: UInt32) {
    put(92)
    switch c {
    case 9: put(116)
    case 10: put(110)
    case 13: put(114)
    default:
      put(c < 0x100 ? 120 : c < 0x10000 ? 117 : 85)
      writeHex(c, digits: c < 0x100 ? 2 : c < 0x10000 ? 4 : 8)
    }
  }

  @inline(never)
  mutating func writeHex(_ value: UInt32, digits: Int) {
    for index in 0..<digits {
      let nibble = UInt8(value >> UInt32(4 * (digits - 1 - index)) & 15)
      put(nibble < 10 ? 48 + nibble : 87 + nibble)
    }
  }
}
