// SPDX-License-Identifier: Apache-2.0
// The template's variables out of JSON (RFC 8259): values in the scratch memory, strings without escapes in place.

/// Reads one JSON text. Values that wait for their list or dict to close lie in the output's memory.
struct TemplateJSONReader {
  private let bytes: UnsafePointer<UInt8>
  private let count: Int
  private(set) var at = 0
  private let waiting: UnsafeMutablePointer<TemplateValue>
  private let waitingMax: Int
  private var waitingCount = 0
  private var depth = 0
  private static let depthMax = 100

  init(_ text: UnsafeRawBufferPointer, _ machine: TemplateMachine) {
    let start: UnsafePointer<UInt8>
    if let base = text.baseAddress {
      start = base.assumingMemoryBound(to: UInt8.self)
    } else {
      start = TemplateValue.emptyString.bytes
    }
    bytes = start
    count = text.count
    waiting = UnsafeMutableRawPointer(machine.output).assumingMemoryBound(to: TemplateValue.self)
    waitingMax = machine.outputLimit / MemoryLayout<TemplateValue>.stride
  }

  /// The one object that the text is.
  mutating func read(_ machine: inout TemplateMachine) throws(TemplateFault) -> TemplateValue {
    at = UTF8Bytes.validated(bytes, count)
    guard at == count else { throw .badValue }
    at = 0
    let value = try value(&machine)
    skip()
    guard at == count, value.tag == .dict else { throw .badValue }
    return value
  }

  @inline(never)
  private mutating func skip() {
    while at < count, bytes[at] == 32 || (bytes[at] >= 9 && bytes[at] <= 13 && bytes[at] != 11 && bytes[at] != 12) {
      at += 1
    }
  }

  @inline(never)
  private mutating func take(_ byte: UInt8) -> Bool {
    guard at < count, bytes[at] == byte else { return false }
    at += 1
    return true
  }

  private mutating func word(_ word: StaticString, _ value: TemplateValue) throws(TemplateFault) -> TemplateValue {
    for index in 0..<word.utf8CodeUnitCount where !take(word.utf8Start[index]) { throw .badValue }
    return value
  }

  private mutating func wait(_ value: TemplateValue) throws(TemplateFault) {
    guard waitingCount < waitingMax else { throw .scratchFull }
    (waiting + waitingCount).initialize(to: value)
    waitingCount += 1
  }

  private mutating func value(_ machine: inout TemplateMachine) throws(TemplateFault) -> TemplateValue {
    skip()
    guard at < count else { throw .badValue }
    machine.spend(1)
    switch bytes[at] {
    case 34:
      at += 1
      return try string(&machine)
    case 91: return try array(&machine)
    case 123: return try object(&machine)
    case 110: return try word("null", .none)
    case 116: return try word("true", .bool(true))
    case 102: return try word("false", .bool(false))
    default: return try number(&machine)
    }
  }

  private mutating func enter() throws(TemplateFault) {
    at += 1
    depth += 1
    if depth > Self.depthMax { throw .tooDeep }
  }

  private mutating func array(_ machine: inout TemplateMachine) throws(TemplateFault) -> TemplateValue {
    try enter()
    let first = waitingCount
    skip()
    if !take(93) {
      repeat {
        try wait(try value(&machine))
        skip()
      } while take(44)
      guard take(93) else { throw .badValue }
    }
    depth -= 1
    let itemCount = waitingCount - first
    let items = try machine.allocateValues(itemCount)
    machine.copyValues(waiting + first, to: items, itemCount)
    waitingCount = first
    return .array(items, itemCount, .list)
  }

  private mutating func object(_ machine: inout TemplateMachine) throws(TemplateFault) -> TemplateValue {
    try enter()
    let first = waitingCount
    skip()
    if !take(125) {
      repeat {
        skip()
        guard take(34) else { throw .badValue }
        let key = try string(&machine)
        try wait(key)
        skip()
        guard take(58) else { throw .badValue }
        let value = try value(&machine)
        try wait(key.equals("role") ? machine.trustedRole(value) : value)
        skip()
      } while take(44)
      guard take(125) else { throw .badValue }
    }
    depth -= 1
    let itemCount = (waitingCount - first) / 2
    var dict = try machine.newDict(capacity: itemCount)
    for index in 0..<itemCount { try machine.insert(&dict, waiting[first + 2 * index], waiting[first + 2 * index + 1]) }
    waitingCount = first
    return dict
  }

  private mutating func number(_ machine: inout TemplateMachine) throws(TemplateFault) -> TemplateValue {
    let start = at
    _ = take(45)
    let whole = at
    while at < count, bytes[at] >= 48, bytes[at] <= 57 { at += 1 }
    guard at > whole, bytes[whole] != 48 || at == whole + 1 else { throw .badValue }
    var isFloat = false
    if take(46) {
      isFloat = true
      let fraction = at
      while at < count, bytes[at] >= 48, bytes[at] <= 57 { at += 1 }
      guard at > fraction else { throw .badValue }
    }
    if at < count, bytes[at] | 32 == 101 {
      isFloat = true
      at += 1
      if !take(43) { _ = take(45) }
      let power = at
      while at < count, bytes[at] >= 48, bytes[at] <= 57 { at += 1 }
      guard at > power else { throw .badValue }
    }
    let text = TemplateValue.string(bytes + start, at - start)
    if isFloat {
      guard let value = machine.parseFloat(text) else { throw .badValue }
      return .float(value)
    }
    if let value = machine.parseInteger(text, radix: 10) { return .int(value) }
    return TemplateValue(.bigInt, bits: text.bits, count: text.count)
  }

  /// Behind the opening quote.
  private mutating func string(_ machine: inout TemplateMachine) throws(TemplateFault) -> TemplateValue {
    let start = at
    while at < count, bytes[at] != 34, bytes[at] != 92, bytes[at] >= 32 { at &+= 1 }
    guard at < count, bytes[at] >= 32 else { throw .badValue }
    if bytes[at] == 34 {
      at += 1
      return .string(bytes + start, at - 1 - start)
    }
    let built = machine.begin()
    machine.put(bytes + start, at - start)
    while true {
      let plain = at
      while at < count, bytes[at] != 34, bytes[at] != 92, bytes[at] >= 32 { at &+= 1 }
      machine.put(bytes + plain, at - plain)
      guard at < count, bytes[at] >= 32 else { throw .badValue }
      at += 1
      if bytes[at - 1] == 34 { return machine.end(built) }
      try escape(&machine)
    }
  }

  private mutating func escape(_ machine: inout TemplateMachine) throws(TemplateFault) {
    guard at < count else { throw .badValue }
    let c = bytes[at]
    at += 1
    switch c {
    case 34, 92, 47: machine.put(c)
    case 98: machine.put(8)
    case 102: machine.put(12)
    case 110: machine.put(10)
    case 114: machine.put(13)
    case 116: machine.put(9)
    case 117:
      let unit = try unit()
      guard unit >= 0xD800, unit < 0xE000 else { return machine.putCodePoint(unit) }
      if unit < 0xDC00, at + 1 < count, bytes[at] == 92, bytes[at + 1] == 117 {
        let before = at
        at += 2
        let second = try self.unit()
        if second >= 0xDC00, second < 0xE000 {
          return machine.putCodePoint(0x10000 + (unit - 0xD800) << 10 + (second - 0xDC00))
        }
        at = before
      }
      // Half a pair is no character.
      machine.putCodePoint(0xFFFD)
    default: throw .badValue
    }
  }

  private mutating func unit() throws(TemplateFault) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard at < count else { throw .badValue }
      let c = bytes[at]
      let letter = c | 32
      guard (c >= 48 && c <= 57) || (letter >= 97 && letter <= 102) else { throw .badValue }
      value = value << 4 | UInt32(c <= 57 ? c - 48 : letter - 87)
      at += 1
    }
    return value
  }
}
