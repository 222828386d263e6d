// SPDX-License-Identifier: Apache-2.0
// A pull reader for JSON: the caller says what comes next, nothing is built unless asked for. RFC 8259, and the three
// tokens that Python's `json` adds: NaN, Infinity, -Infinity (configurations of published models hold them).

/// A position in JSON text. Checks what it passes; allocates only the strings that it is asked to decode.
struct JSONReader {
  let bytes: UnsafeRawBufferPointer
  private(set) var position: Int
  private(set) var depth = 0

  init(_ bytes: UnsafeRawBufferPointer, at position: Int = 0) {
    self.bytes = bytes
    self.position = position
  }

  /// A string's bytes between its quotes, as they are written.
  struct StringSpan {
    var range: Range<Int>
    var hasEscape: Bool
  }

  func error(_ problem: JSONError.Problem, at offset: Int? = nil) -> JSONError {
    JSONError(problem, at: offset ?? position, in: bytes)
  }

  func unexpected(_ expected: JSONError.StaticName) -> JSONError {
    position < bytes.count ? error(.unexpectedByte(found: bytes[position], expected: expected)) : error(.unexpectedEnd)
  }

  /// The next byte that is no white space, without passing it.
  @inline(__always)
  mutating func peek() -> UInt8? {
    while position < bytes.count {
      let byte = bytes[position]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
      position += 1
    }
    return nil
  }

  /// Passes one byte that ``peek()`` has shown.
  mutating func pass() { position += 1 }

  /// Nothing but white space may follow.
  mutating func expectEnd() throws(JSONError) {
    if peek() != nil { throw error(.trailingBytes) }
  }

  // MARK: Objects and arrays

  /// Passes `{` or `[`.
  mutating func open(_ bracket: UInt8, expected: JSONError.StaticName) throws(JSONError) {
    guard peek() == bracket else { throw unexpected(expected) }
    guard depth < ReaderLimits.jsonDepthMax else { throw error(.tooDeep(atMost: ReaderLimits.jsonDepthMax)) }
    depth += 1
    position += 1
  }

  /// In an object: the next key and its colon, or nil when the object is closed.
  mutating func nextKey(isFirst: Bool) throws(JSONError) -> StringSpan? {
    guard try nextElement(isFirst: isFirst, close: 0x7D, expected: .commaOrBrace) else { return nil }
    guard peek() == 0x22 else { throw unexpected(.key) }
    let key = try string()
    guard peek() == 0x3A else { throw unexpected(.colon) }
    position += 1
    return key
  }

  /// In an array or object: whether another element follows; passes the comma or the closing bracket.
  mutating func nextElement(
    isFirst: Bool, close: UInt8 = 0x5D, expected: JSONError.StaticName = .commaOrBracket
  ) throws(JSONError) -> Bool {
    let byte = peek()
    if byte == close {
      position += 1
      depth -= 1
      return false
    }
    if isFirst { return true }
    guard byte == 0x2C else { throw unexpected(expected) }
    position += 1
    return true
  }

  // MARK: Strings

  /// Passes a string, checking escapes and UTF-8.
  mutating func string() throws(JSONError) -> StringSpan {
    guard peek() == 0x22 else { throw unexpected(.string) }
    let start = position + 1
    var index = start
    var hasEscape = false
    while index < bytes.count {
      let byte = bytes[index]
      if byte == 0x22 {
        position = index + 1
        return StringSpan(range: start..<index, hasEscape: hasEscape)
      } else if byte == 0x5C {
        hasEscape = true
        index = try passEscape(at: index)
      } else if byte < 0x20 {
        throw error(.controlCharacter(byte), at: index)
      } else if byte < 0x80 {
        index += 1
      } else {
        guard let byteCount = utf8SequenceByteCount(bytes, at: index) else { throw error(.notUTF8, at: index) }
        index += byteCount
      }
    }
    throw error(.unexpectedEnd, at: bytes.count)
  }

  /// Checks the escape at `index`, a pair of surrogates as one; returns what follows it.
  private func passEscape(at index: Int) throws(JSONError) -> Int {
    guard index + 1 < bytes.count else { throw error(.unexpectedEnd, at: bytes.count) }
    guard bytes[index + 1] == 0x75 else {
      guard Self.simpleEscape(bytes[index + 1]) != nil else { throw error(.badEscape, at: index) }
      return index + 2
    }
    guard let first = hexUnit(at: index + 2) else { throw error(.badEscape, at: index) }
    guard first & 0xF800 == 0xD800 else { return index + 6 }
    guard first < 0xDC00, index + 7 < bytes.count, bytes[index + 6] == 0x5C, bytes[index + 7] == 0x75,
      let second = hexUnit(at: index + 8), second & 0xFC00 == 0xDC00
    else { throw error(.loneSurrogate, at: index) }
    return index + 12
  }

  private func hexUnit(at index: Int) -> UInt32? {
    guard index + 4 <= bytes.count else { return nil }
    var value: UInt32 = 0
    for offset in index..<index + 4 {
      switch bytes[offset] {
      case let byte where (0x30...0x39).contains(byte): value = value << 4 | UInt32(byte - 0x30)
      case let byte where (0x41...0x46).contains(byte): value = value << 4 | UInt32(byte - 0x41 + 10)
      case let byte where (0x61...0x66).contains(byte): value = value << 4 | UInt32(byte - 0x61 + 10)
      default: return nil
      }
    }
    return value
  }

  private static func simpleEscape(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x22, 0x5C, 0x2F: byte
    case 0x62: 0x08
    case 0x66: 0x0C
    case 0x6E: 0x0A
    case 0x72: 0x0D
    case 0x74: 0x09
    default: nil
    }
  }

  /// The text of a string that ``string()`` has passed.
  func decode(_ span: StringSpan) -> String {
    guard span.hasEscape else { return String(decoding: bytes[span.range], as: UTF8.self) }
    return String(unsafeUninitializedCapacity: span.range.count) { buffer in
      var filledCount = 0
      func put(_ byte: UInt8) {
        buffer[filledCount] = byte
        filledCount += 1
      }
      var index = span.range.lowerBound
      while index < span.range.upperBound {
        guard bytes[index] == 0x5C else {
          put(bytes[index])
          index += 1
          continue
        }
        if let byte = Self.simpleEscape(bytes[index + 1]) {
          put(byte)
          index += 2
          continue
        }
        var scalar = hexUnit(at: index + 2)!
        index += 6
        if scalar & 0xF800 == 0xD800 {
          scalar = 0x10000 + (scalar & 0x3FF) << 10 + (hexUnit(at: index + 2)! & 0x3FF)
          index += 6
        }
        for byte in UTF8.encode(Unicode.Scalar(scalar)!)! { put(byte) }
      }
      return filledCount
    }
  }

  /// Whether the string says `text`.
  func matches(_ span: StringSpan, _ text: StaticString) -> Bool {
    guard span.hasEscape else {
      let expected = UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
      return sameBytes(UnsafeRawBufferPointer(rebasing: bytes[span.range]), expected)
    }
    return decode(span).utf8.elementsEqual(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  // MARK: Numbers and words

  enum Number {
    case integer(Int64)
    case double(Double)
  }

  /// Passes a number. An integer that Int64 holds stays exact; every other number becomes the nearest double.
  mutating func number() throws(JSONError) -> Number {
    _ = peek()
    let start = position
    var index = start
    func digits() -> Int {
      let first = index
      while index < bytes.count, (0x30...0x39).contains(bytes[index]) { index += 1 }
      return index - first
    }
    let isNegative = index < bytes.count && bytes[index] == 0x2D
    if isNegative { index += 1 }
    let integerStart = index
    let integerDigitCount = digits()
    guard integerDigitCount > 0, integerDigitCount == 1 || bytes[integerStart] != 0x30 else {
      throw error(.badNumber, at: start)
    }
    var isInteger = true
    if index < bytes.count, bytes[index] == 0x2E {
      index += 1
      isInteger = false
      guard digits() > 0 else { throw error(.badNumber, at: start) }
    }
    if index < bytes.count, bytes[index] | 0x20 == 0x65 {
      index += 1
      isInteger = false
      if index < bytes.count, bytes[index] == 0x2B || bytes[index] == 0x2D { index += 1 }
      guard digits() > 0 else { throw error(.badNumber, at: start) }
    }
    guard index - start <= ReaderLimits.jsonNumberByteCountMax else {
      throw error(.numberTooLong(atMost: ReaderLimits.jsonNumberByteCountMax), at: start)
    }
    position = index
    if isInteger, let integer = integer(integerStart..<index, isNegative: isNegative) { return .integer(integer) }
    guard let double = Double(String(decoding: bytes[start..<index], as: UTF8.self)) else {
      throw error(.badNumber, at: start)
    }
    return .double(double)
  }

  private func integer(_ range: Range<Int>, isNegative: Bool) -> Int64? {
    var magnitude: Int64 = 0
    for index in range {
      let digit = Int64(bytes[index] - 0x30)
      let (product, overflows) = magnitude.multipliedReportingOverflow(by: 10)
      // Negative throughout, since Int64.min has no positive counterpart.
      let (next, overflowsAgain) = product.subtractingReportingOverflow(digit)
      if overflows || overflowsAgain { return nil }
      magnitude = next
    }
    if isNegative { return magnitude == 0 ? nil : magnitude }  // -0 is a double
    return magnitude == .min ? nil : -magnitude
  }

  /// A number that counts something: an integer, not negative.
  mutating func count() throws(JSONError) -> Int {
    guard let byte = peek(), byte == 0x2D || (0x30...0x39).contains(byte) else { throw unexpected(.count) }
    let start = position
    guard case .integer(let value) = try number(), value >= 0 else {
      throw error(.unexpectedByte(found: byte, expected: .count), at: start)
    }
    return Int(value)
  }

  /// Passes `word` if it comes next.
  mutating func skipWord(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard bytes.count - position >= count else { return false }
    for index in 0..<count where bytes[position + index] != word.utf8Start[index] { return false }
    position += count
    return true
  }

  /// Passes any value, checking it.
  mutating func skipValue() throws(JSONError) {
    switch peek() {
    case 0x22: _ = try string()
    case 0x7B:
      try open(0x7B, expected: .object)
      var isFirst = true
      while try nextKey(isFirst: isFirst) != nil {
        isFirst = false
        try skipValue()
      }
    case 0x5B:
      try open(0x5B, expected: .array)
      var isFirst = true
      while try nextElement(isFirst: isFirst) {
        isFirst = false
        try skipValue()
      }
    default: _ = try scalar()
    }
  }

  /// Passes a number or one of the words.
  mutating func scalar() throws(JSONError) -> JSONValue {
    guard let byte = peek() else { throw error(.unexpectedEnd) }
    switch byte {
    case 0x2D where position + 1 < bytes.count && bytes[position + 1] == 0x49:
      if skipWord("-Infinity") { return .double(-.infinity) }
    case 0x2D, 0x30...0x39:
      switch try number() {
      case .integer(let value): return .int(value)
      case .double(let value): return .double(value)
      }
    case 0x74: if skipWord("true") { return .bool(true) }
    case 0x66: if skipWord("false") { return .bool(false) }
    case 0x6E: if skipWord("null") { return .null }
    case 0x4E: if skipWord("NaN") { return .double(.nan) }
    case 0x49: if skipWord("Infinity") { return .double(.infinity) }
    default: break
    }
    throw unexpected(.value)
  }
}
