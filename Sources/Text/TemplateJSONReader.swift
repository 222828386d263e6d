// SPDX-License-Identifier: Apache-2.0
// The template's variables out of JSON (RFC 8259): values in the scratch memory, strings without escapes in place.

/// Reads one JSON text. Values that wait for their list or dict to close lie in the output's memory. What is wrong
/// stops the machine, with `badValue` where the text is no JSON.
struct TemplateJSONReader {
  private let bytes: UnsafePointer<UInt8>
  private let count: Int
  private var at = 0
  /// The offset of the first byte that cannot be.
  private(set) var wrongAt = 0
  private let waiting: UnsafeMutablePointer<TemplateValue>
  private let waitingMax: Int
  private var waitingCount = 0
  private var depth = 0
  private static let depthMax = 100

  init(_ text: UnsafeRawBufferPointer, _ machine: TemplateMachine) {
    let text = TemplateValue.string(text.assumingMemoryBound(to: UInt8.self))
    bytes = text.bytes
    count = text.count
    waiting = UnsafeMutableRawPointer(machine.output).assumingMemoryBound(to: TemplateValue.self)
    waitingMax = machine.outputLimit / MemoryLayout<TemplateValue>.stride
  }

  /// The one object that the text is.
  mutating func read(_ machine: inout TemplateMachine) -> TemplateValue {
    at = UTF8Bytes.validated(bytes, count)
    expect(at == count, &machine)
    if machine.isStopped { return .none }
    at = 0
    let value = value(&machine)
    skip()
    expect(at == count && value.tag == .dict, &machine)
    return value
  }

  /// Stops the machine where the text is wrong. Nothing is read after that.
  @inline(never)
  private mutating func expect(_ isRight: Bool, _ machine: inout TemplateMachine) {
    if isRight || machine.isStopped { return }
    wrongAt = at
    machine.stop(.badValue)
  }

  /// The next byte, or 0 at the end, which is nowhere right.
  private var next: UInt8 { at < count ? bytes[at] : 0 }

  @inline(never)
  private mutating func skip() {
    while next == 32 || next == 9 || next == 10 || next == 13 { at &+= 1 }
  }

  @inline(never)
  private mutating func take(_ byte: UInt8) -> Bool {
    guard next == byte else { return false }
    at &+= 1
    return true
  }

  /// The same behind white space.
  @inline(never)
  private mutating func takeMark(_ byte: UInt8) -> Bool {
    skip()
    return take(byte)
  }

  private mutating func word(
    _ word: StaticString, _ value: TemplateValue, _ machine: inout TemplateMachine
  ) -> TemplateValue {
    for index in 0..<word.utf8CodeUnitCount where !take(word.utf8Start[index]) {
      expect(false, &machine)
      break
    }
    return value
  }

  private mutating func wait(_ value: TemplateValue, _ machine: inout TemplateMachine) {
    guard waitingCount < waitingMax else { return machine.stop(.scratchFull) }
    (waiting + waitingCount).initialize(to: value)
    waitingCount &+= 1
  }

  private mutating func value(_ machine: inout TemplateMachine) -> TemplateValue {
    skip()
    machine.spend(1)
    if machine.isStopped { return .none }
    switch next {
    case 34:
      at &+= 1
      return string(&machine)
    case 91, 123: return items(&machine)
    case 110: return word("null", .none, &machine)
    case 116: return word("true", .bool(true), &machine)
    case 102: return word("false", .bool(false), &machine)
    default: return number(&machine)
    }
  }

  /// A list or dict. Its closing bracket or brace is two behind the opening one.
  private mutating func items(_ machine: inout TemplateMachine) -> TemplateValue {
    let open = next
    let isDict = open == 123
    at &+= 1
    depth &+= 1
    if depth > Self.depthMax { machine.stop(.tooDeep) }
    let first = waitingCount
    if !takeMark(open &+ 2) {
      repeat {
        var isRole = false
        if isDict {
          expect(takeMark(34), &machine)
          if machine.isStopped { return .none }
          let key = string(&machine)
          isRole = key.equals("role")
          wait(key, &machine)
          expect(takeMark(58), &machine)
        }
        let value = value(&machine)
        wait(isRole ? machine.trustedRole(value) : value, &machine)
        skip()
      } while take(44) && !machine.isStopped
      expect(take(open &+ 2), &machine)
    }
    depth &-= 1
    let waited = waiting + first
    let waitedCount = waitingCount &- first
    waitingCount = first
    if !isDict { return machine.array(of: waited, waitedCount, .list) }
    var dict = machine.newDict(capacity: waitedCount / 2)
    for index in 0..<waitedCount / 2 where !machine.isStopped {
      machine.insert(&dict, waited[2 &* index], waited[2 &* index &+ 1])
    }
    return dict
  }

  /// Goes past digits: whether there is one.
  @inline(never)
  private mutating func takeDigits() -> Bool {
    let first = at
    while next >= 48, next <= 57 { at &+= 1 }
    return at > first
  }

  private mutating func number(_ machine: inout TemplateMachine) -> TemplateValue {
    let start = at
    _ = take(45)
    let whole = at
    var isRight = takeDigits() && (bytes[whole] != 48 || at == whole &+ 1)
    var isFloat = false
    if isRight, take(46) {
      isFloat = true
      isRight = takeDigits()
    }
    if isRight, next | 32 == 101 {
      isFloat = true
      at &+= 1
      if !take(43) { _ = take(45) }
      isRight = takeDigits()
    }
    expect(isRight, &machine)
    let text = TemplateValue.string(bytes + start, at &- start)
    if isFloat { return .float(machine.parseFloat(text) ?? 0) }
    if let value = machine.parseInteger(text, radix: 10) { return .int(value) }
    return TemplateValue(.bigInt, bits: text.bits, count: text.count)
  }

  /// Bytes that stand for themselves, from here on: up to a quote, a backslash or what may not be there.
  private mutating func plain() -> TemplateValue {
    let start = at
    while next >= 32, next != 34, next != 92 { at &+= 1 }
    return .string(bytes + start, at &- start)
  }

  /// Behind the opening quote.
  private mutating func string(_ machine: inout TemplateMachine) -> TemplateValue {
    let whole = plain()
    if take(34) { return whole }
    let built = machine.begin()
    machine.write(whole)
    while take(92), !machine.isStopped {
      escape(&machine)
      machine.write(plain())
    }
    expect(take(34), &machine)
    return machine.end(built)
  }

  private mutating func escape(_ machine: inout TemplateMachine) {
    let c = next
    at &+= 1
    switch c {
    case 34, 92, 47: machine.put(c)
    case 98: machine.put(8)
    case 102: machine.put(12)
    case 110: machine.put(10)
    case 114: machine.put(13)
    case 116: machine.put(9)
    case 117:
      let unit = unit(&machine)
      guard unit >= 0xD800, unit < 0xE000 else { return machine.putCodePoint(unit) }
      let before = at
      if unit < 0xDC00, take(92), take(117) {
        let second = self.unit(&machine)
        if second >= 0xDC00, second < 0xE000 {
          return machine.putCodePoint(0x10000 &+ (unit &- 0xD800) << 10 &+ (second &- 0xDC00))
        }
      }
      // Half a pair is no character. What followed it is read again.
      at = before
      machine.putCodePoint(0xFFFD)
    default: expect(false, &machine)
    }
  }

  /// Four hexadecimal digits.
  private mutating func unit(_ machine: inout TemplateMachine) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 { value = value << 4 | nibble(&machine) }
    return value
  }

  @inline(never)
  private mutating func nibble(_ machine: inout TemplateMachine) -> UInt32 {
    let digit = next &- 48
    let letter = (next | 32) &- 97
    let isRight = digit < 10 || letter < 6
    expect(isRight, &machine)
    at &+= isRight ? 1 : 0
    return UInt32(digit < 10 ? digit : letter &+ 10)
  }
}
