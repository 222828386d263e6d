// SPDX-License-Identifier: Apache-2.0
// Text out of values: Python's `str` and `repr`, to the output or to the heap.

extension TemplateMachine {
  // MARK: Bytes

  @inline(never)
  mutating func put(_ bytes: UnsafePointer<UInt8>, _ count: Int) {
    steps &-= count >> 6
    if writesToHeap {
      guard count <= heapLimit - heapCount else { return note(.scratchFull) }
      UnsafeMutableRawPointer(heap + heapCount).copyMemory(from: bytes, byteCount: count)
      trust?.copy(from: bytes, to: heap + heapCount, count)
      heapCount += count
    } else {
      guard count <= outputLimit - outputCount else { return note(.outputFull) }
      UnsafeMutableRawPointer(output + outputCount).copyMemory(from: bytes, byteCount: count)
      trust?.copy(from: bytes, to: output + outputCount, count)
      outputCount += count
    }
  }

  @inline(never)
  mutating func put(_ text: UnsafeBufferPointer<UInt8>) {
    if let bytes = text.baseAddress { put(bytes, text.count) }
  }

  @inline(never)
  mutating func put(_ text: StaticString) { put(text.utf8Start, text.utf8CodeUnitCount) }

  @inline(never)
  mutating func put(_ byte: UInt8) {
    if writesToHeap {
      guard heapCount < heapLimit else { return note(.scratchFull) }
      heap[heapCount] = byte
      trust?.set(heap + heapCount, 1, to: 0)
      heapCount += 1
    } else {
      guard outputCount < outputLimit else { return note(.outputFull) }
      output[outputCount] = byte
      trust?.set(output + outputCount, 1, to: 0)
      outputCount += 1
    }
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
    return .string(heap + start, heapCount - start)
  }

  /// `text` so many times, or until there is no more room.
  @inline(never)
  mutating func fill(_ text: TemplateValue, _ times: Int) {
    var left = times
    while left > 0, pending == nil {
      put(text.bytes, text.count)
      left -= 1
    }
  }

  @inline(never)
  mutating func putCodePoint(_ c: UInt32) {
    if c < 0x80 { return put(UInt8(c)) }
    if c < 0x800 {
      put(UInt8(0xC0 | c >> 6))
    } else {
      if c < 0x10000 {
        put(UInt8(0xE0 | c >> 12))
      } else {
        put(UInt8(0xF0 | c >> 18))
        put(UInt8(0x80 | c >> 12 & 63))
      }
      put(UInt8(0x80 | c >> 6 & 63))
    }
    put(UInt8(0x80 | c & 63))
  }

  /// The character at an offset of well-formed UTF-8, and its bytes.
  @inline(never)
  mutating func codePoint(_ bytes: UnsafePointer<UInt8>, _ offset: Int) -> (UInt32, Int) {
    let lead = UInt32(bytes[offset])
    if lead < 0x80 { return (lead, 1) }
    func tail(_ index: Int) -> UInt32 { UInt32(bytes[offset + index] & 63) }
    if lead < 0xE0 { return ((lead & 31) << 6 | tail(1), 2) }
    if lead < 0xF0 { return ((lead & 15) << 12 | tail(1) << 6 | tail(2), 3) }
    return ((lead & 7) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3), 4)
  }

  /// `x + y`. Where `x` was the last thing put on the heap it grows in place: building a text piece by piece then costs
  /// no more than the text.
  @inline(never)
  mutating func joined(_ x: TemplateValue, _ y: TemplateValue) throws(TemplateFault) -> TemplateValue {
    if x.count == 0 { return y }
    if y.count == 0 { return x }
    let isLast = x.bytes + x.count == UnsafePointer(heap + heapCount)
    let start = begin()
    if !isLast { put(x.bytes, x.count) }
    put(y.bytes, y.count)
    let text = end(start)
    return isLast ? .string(x.bytes, x.count + text.count) : text
  }

  /// `str` of `count` values put together.
  mutating func concatenated(_ values: UnsafeMutablePointer<TemplateValue>, _ count: Int) throws(TemplateFault)
    -> TemplateValue
  {
    let first = values[0]
    let isLast = first.tag == .string && first.bytes + first.count == UnsafePointer(heap + heapCount)
    let start = begin()
    for index in (isLast ? 1 : 0)..<count { write(values[index]) }
    let text = end(start)
    return isLast ? .string(first.bytes, first.count + text.count) : text
  }

  /// `str(value)` as a value. Markup stays markup.
  @inline(never)
  mutating func string(_ value: TemplateValue) throws(TemplateFault) -> TemplateValue {
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

  /// Decimal digits, with zeros in front up to `least`.
  @inline(never)
  mutating func writeDigits(_ value: UInt64, least: Int) {
    var divisor: UInt64 = 1
    var count = 1
    while count < 20, count < least || value / divisor >= 10 {
      divisor &*= 10
      count += 1
    }
    for _ in 0..<count {
      put(UInt8(48 + value / divisor % 10))
      divisor /= 10
    }
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
    case .array: writeArray(value)
    case .dict: writeDict(value.items, value.count)
    case .namespace:
      let state = value.address.assumingMemoryBound(to: TemplateNamespace.self)
      put("<Namespace ")
      writeDict(state.pointee.entries, state.pointee.count)
      put(62)
    case .range:
      let range = value.address.assumingMemoryBound(to: TemplateRange.self).pointee
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
      writeInteger(state.pointee.index + 1)
      put(47)
      writeInteger(loopLength(state))
      put(62)
    case .macro:
      let name = macroName(value)
      if name.count == 0 { return put("<Macro anonymous>") }
      put("<Macro ")
      writeQuoted(name)
      put(62)
    case .generator: note(fault(.unsupported, "a generator as text"))
    case .method, .builtin: note(fault(.unsupported, "a function as text"))
    case .mark: note(.corrupt)
    }
  }

  private mutating func writeArray(_ value: TemplateValue) {
    guard isLevelFree() else { return }
    switch ArrayKind(rawValue: value.kind) {
    case .keys: put("dict_keys(")
    case .values: put("dict_values(")
    case .items: put("dict_items(")
    default: break
    }
    put(value.isTuple ? 40 : 91)
    for index in 0..<value.count {
      if pending != nil { break }
      if index > 0 { put(", ") }
      writeRepr(value.items[index])
    }
    if value.isTuple, value.count == 1 { put(44) }
    put(value.isTuple ? 41 : 93)
    if value.kind > 1 { put(41) }
    nesting -= 1
  }

  private mutating func writeDict(_ entries: UnsafeMutablePointer<TemplateValue>, _ count: Int) {
    guard isLevelFree() else { return }
    put(123)
    for index in 0..<count {
      if pending != nil { break }
      if index > 0 { put(", ") }
      writeRepr(entries[2 * index])
      put(": ")
      writeRepr(entries[2 * index + 1])
    }
    put(125)
    nesting -= 1
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
