// SPDX-License-Identifier: Apache-2.0
// Text out of values: Python's `str` and `repr`, to the output or to the heap.

extension TemplateMachine {
  // MARK: Bytes

  @inline(never)
  mutating func put(_ bytes: UnsafePointer<UInt8>, _ count: Int) throws(TemplateFault) {
    steps &-= count >> 6
    if writesToHeap {
      guard count <= heapLimit - heapCount else { throw .scratchFull }
      UnsafeMutableRawPointer(heap + heapCount).copyMemory(from: bytes, byteCount: count)
      trust?.copy(from: bytes, to: heap + heapCount, count)
      heapCount += count
    } else {
      guard count <= outputLimit - outputCount else { throw .outputFull }
      UnsafeMutableRawPointer(output + outputCount).copyMemory(from: bytes, byteCount: count)
      trust?.copy(from: bytes, to: output + outputCount, count)
      outputCount += count
    }
  }

  @inline(never)
  mutating func put(_ text: UnsafeBufferPointer<UInt8>) throws(TemplateFault) {
    if let bytes = text.baseAddress { try put(bytes, text.count) }
  }

  @inline(never)
  mutating func put(_ text: StaticString) throws(TemplateFault) { try put(text.utf8Start, text.utf8CodeUnitCount) }

  @inline(never)
  mutating func put(_ byte: UInt8) throws(TemplateFault) {
    if writesToHeap {
      guard heapCount < heapLimit else { throw .scratchFull }
      heap[heapCount] = byte
      trust?.set(heap + heapCount, 1, to: 0)
      heapCount += 1
    } else {
      guard outputCount < outputLimit else { throw .outputFull }
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

  @inline(never)
  mutating func putCodePoint(_ c: UInt32) throws(TemplateFault) {
    if c < 0x80 { return try put(UInt8(c)) }
    if c < 0x800 {
      try put(UInt8(0xC0 | c >> 6))
    } else {
      if c < 0x10000 {
        try put(UInt8(0xE0 | c >> 12))
      } else {
        try put(UInt8(0xF0 | c >> 18))
        try put(UInt8(0x80 | c >> 12 & 63))
      }
      try put(UInt8(0x80 | c >> 6 & 63))
    }
    try put(UInt8(0x80 | c & 63))
  }

  /// The character at an offset of well-formed UTF-8, and its bytes.
  @inline(never)
  func codePoint(_ bytes: UnsafePointer<UInt8>, _ offset: Int) -> (UInt32, Int) {
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
    if x.size == 0 { return y }
    if y.size == 0 { return x }
    let isLast = x.bytes + x.size == UnsafePointer(heap + heapCount)
    let start = begin()
    if !isLast { try put(x.bytes, x.size) }
    try put(y.bytes, y.size)
    let text = end(start)
    return isLast ? .string(x.bytes, x.size + y.size) : text
  }

  /// `str` of `count` values put together.
  mutating func concatenated(
    _ values: UnsafeMutablePointer<TemplateValue>, _ count: Int
  ) throws(TemplateFault) -> TemplateValue {
    let first = values[0]
    let isLast = first.tag == .string && first.bytes + first.size == UnsafePointer(heap + heapCount)
    let start = begin()
    for index in (isLast ? 1 : 0)..<count { try write(values[index]) }
    let text = end(start)
    return isLast ? .string(first.bytes, first.size + text.size) : text
  }

  /// `str(value)` as a value. Markup stays markup.
  @inline(never)
  mutating func string(_ value: TemplateValue) throws(TemplateFault) -> TemplateValue {
    if value.tag == .string { return value }
    let start = begin()
    try write(value)
    return end(start)
  }

  // MARK: Values

  /// `str(value)`.
  @inline(never)
  mutating func write(_ value: TemplateValue) throws(TemplateFault) {
    switch value.tag {
    case .string: try put(value.bytes, value.size)
    case .undefined, .missing: break
    default: try writeRepr(value)
    }
  }

  @inline(never)
  mutating func writeInteger(_ value: Int) throws(TemplateFault) {
    if value < 0 { try put(45) }
    try writeDigits(UInt64(value.magnitude), least: 1)
  }

  /// Decimal digits, with zeros in front up to `least`.
  @inline(never)
  mutating func writeDigits(_ value: UInt64, least: Int) throws(TemplateFault) {
    var divisor: UInt64 = 1
    var count = 1
    while count < 20, count < least || value / divisor >= 10 {
      divisor &*= 10
      count += 1
    }
    for _ in 0..<count {
      try put(UInt8(48 + value / divisor % 10))
      divisor /= 10
    }
  }

  /// `repr(value)`.
  mutating func writeRepr(_ value: TemplateValue) throws(TemplateFault) {
    switch value.tag {
    case .none: try put("None")
    case .bool: try put(value.bits != 0 ? "True" : "False")
    case .int: try writeInteger(value.integer)
    case .bigInt: try put(value.bytes, value.size)
    case .float: try writeFloat(value.double)
    case .string:
      if value.isMarkup { try put("Markup(") }
      try writeQuoted(value)
      if value.isMarkup { try put(41) }
    case .undefined, .missing: try put("Undefined")
    case .array: try writeArray(value)
    case .dict: try writeDict(value.items, value.size)
    case .namespace:
      let state = value.address.assumingMemoryBound(to: TemplateNamespace.self)
      try put("<Namespace ")
      try writeDict(state.pointee.entries, state.pointee.count)
      try put(62)
    case .range:
      let range = value.address.assumingMemoryBound(to: TemplateRange.self).pointee
      try put("range(")
      try writeInteger(range.start)
      try put(", ")
      try writeInteger(range.stop)
      if range.step != 1 {
        try put(", ")
        try writeInteger(range.step)
      }
      try put(41)
    case .iterator:
      let state = iterator(value)
      try put("<LoopContext ")
      try writeInteger(state.pointee.index + 1)
      try put(47)
      try writeInteger(loopLength(state))
      try put(62)
    case .macro:
      let name = macroName(value)
      if name.size == 0 { return try put("<Macro anonymous>") }
      try put("<Macro ")
      try writeQuoted(name)
      try put(62)
    case .generator: throw fault(.unsupported, "a generator as text")
    case .method, .builtin: throw fault(.unsupported, "a function as text")
    case .mark: throw .corrupt
    }
  }

  private mutating func writeArray(_ value: TemplateValue) throws(TemplateFault) {
    try descend()
    switch ArrayKind(rawValue: value.kind) {
    case .keys: try put("dict_keys(")
    case .values: try put("dict_values(")
    case .items: try put("dict_items(")
    default: break
    }
    try put(value.isTuple ? 40 : 91)
    for index in 0..<value.size {
      if index > 0 { try put(", ") }
      try writeRepr(value.items[index])
    }
    if value.isTuple, value.size == 1 { try put(44) }
    try put(value.isTuple ? 41 : 93)
    if value.kind > 1 { try put(41) }
    nesting -= 1
  }

  private mutating func writeDict(_ entries: UnsafeMutablePointer<TemplateValue>, _ count: Int) throws(TemplateFault) {
    try descend()
    try put(123)
    for index in 0..<count {
      if index > 0 { try put(", ") }
      try writeRepr(entries[2 * index])
      try put(": ")
      try writeRepr(entries[2 * index + 1])
    }
    try put(125)
    nesting -= 1
  }

  /// A string as Python quotes it: double quotes where it has single ones and no double.
  private mutating func writeQuoted(_ text: TemplateValue) throws(TemplateFault) {
    var hasSingle = false
    var hasDouble = false
    for index in 0..<text.size {
      if text.bytes[index] == 39 { hasSingle = true }
      if text.bytes[index] == 34 { hasDouble = true }
    }
    let quote: UInt8 = hasSingle && !hasDouble ? 34 : 39
    try put(quote)
    var offset = 0
    while offset < text.size {
      let (c, count) = codePoint(text.bytes, offset)
      if c == UInt32(quote) || c == 92 {
        try put(92)
        try put(UInt8(c))
      } else if c >= 32, c < 127 || (c > 127 && TemplateUnicode.isPrintable(c)) {
        try put(text.bytes + offset, count)
      } else {
        try writeEscape(c)
      }
      offset += count
    }
    try put(quote)
  }

  private mutating func writeEscape(_ c: UInt32) throws(TemplateFault) {
    try put(92)
    switch c {
    case 9: try put(116)
    case 10: try put(110)
    case 13: try put(114)
    default:
      try put(c < 0x100 ? 120 : c < 0x10000 ? 117 : 85)
      try writeHex(c, digits: c < 0x100 ? 2 : c < 0x10000 ? 4 : 8)
    }
  }

  @inline(never)
  mutating func writeHex(_ value: UInt32, digits: Int) throws(TemplateFault) {
    for index in 0..<digits {
      let nibble = UInt8(value >> UInt32(4 * (digits - 1 - index)) & 15)
      try put(nibble < 10 ? 48 + nibble : 87 + nibble)
    }
  }
}
