// SPDX-License-Identifier: Apache-2.0
// Numbers as text, as Python writes and reads them.

extension TemplateMachine {
  /// `repr` of a double.
  mutating func writeFloat(_ value: Double) {
    if value.isNaN { return put("nan") }
    if value.sign == .minus { put(45) }
    if value.isInfinite { return put("inf") }
    if value == 0 { return put("0.0") }
    let digits = TemplateDigits(shortest: value.magnitude)
    let point = digits.point
    if point > 16 || point < -3 {
      put(48 + digits[0])
      if digits.count > 1 { put(46) }
      for index in 1..<max(digits.count, 1) { put(48 + digits[index]) }
      put(101)
      put(point > 0 ? 43 : 45)
      return writeDigits(UInt64((point - 1).magnitude), least: 2)
    }
    if point <= 0 {
      put("0.")
      for _ in 0..<(-point) { put(48) }
    }
    for index in 0..<max(digits.count, point) {
      if index == point, point > 0 { put(46) }
      put(index < digits.count ? 48 + digits[index] : 48)
    }
    if digits.count <= point { put(".0") }
  }

  /// `float(text)`, or nil where it is none.
  mutating func parseFloat(_ text: TemplateValue) -> Double? {
    let (start, stop) = trimmed(text)
    var at = start
    let bytes = text.bytes
    var isNegative = false
    if at < stop, bytes[at] == 43 || bytes[at] == 45 {
      isNegative = bytes[at] == 45
      at += 1
    }
    if isWord("inf", bytes + at, stop - at) || isWord("infinity", bytes + at, stop - at) {
      return isNegative ? -.infinity : .infinity
    }
    if isWord("nan", bytes + at, stop - at) { return .nan }
    var digits: UInt64 = 0
    var exponent = 0
    var count = 0
    var isAfterPoint = false
    var isCut = false
    while at < stop {
      let c = bytes[at]
      if c == 46, !isAfterPoint {
        isAfterPoint = true
      } else if c == 95, count > 0, at + 1 < stop, bytes[at + 1] >= 48, bytes[at + 1] <= 57, bytes[at - 1] != 46 {
        // Python takes single underscores between digits.
      } else {
        guard c >= 48, c <= 57 else { break }
        count += 1
        if digits < 100_000_000_000_000_000 {
          digits = digits * 10 + UInt64(c - 48)
          if isAfterPoint { exponent -= 1 }
        } else {
          isCut = isCut || c != 48
          if !isAfterPoint { exponent += 1 }
        }
      }
      at += 1
    }
    if count == 0 { return nil }
    if isCut {
      digits = digits * 10 + 1
      exponent -= 1
    }
    if at < stop {
      guard bytes[at] | 32 == 101, let power = smallInteger(bytes, at + 1, stop) else { return nil }
      exponent += power
    }
    let value = templateDouble(digits: digits, exponent: exponent)
    return isNegative ? -value : value
  }

  private mutating func isWord(_ word: StaticString, _ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    guard count == word.utf8CodeUnitCount else { return false }
    for index in 0..<count where bytes[index] | 32 != word.utf8Start[index] { return false }
    return true
  }

  /// A signed decimal of any length, held within ±100,000. Nil where it is none.
  private mutating func smallInteger(_ bytes: UnsafePointer<UInt8>, _ start: Int, _ stop: Int) -> Int? {
    var at = start
    var isNegative = false
    if at < stop, bytes[at] == 43 || bytes[at] == 45 {
      isNegative = bytes[at] == 45
      at += 1
    }
    if at == stop { return nil }
    var value = 0
    while at < stop {
      guard bytes[at] >= 48, bytes[at] <= 57 else { return nil }
      value = min(value * 10 + Int(bytes[at] - 48), 100_000)
      at += 1
    }
    return isNegative ? -value : value
  }

  private mutating func trimmed(_ text: TemplateValue) -> (Int, Int) {
    var start = 0
    var stop = text.count
    while start < stop, TemplateUnicode.isSpace(UInt32(text.bytes[start])), text.bytes[start] < 0x80 { start += 1 }
    while stop > start, TemplateUnicode.isSpace(UInt32(text.bytes[stop - 1])), text.bytes[stop - 1] < 0x80 { stop -= 1 }
    return (start, stop)
  }

  /// `int(text, radix)`, or nil where it is none or does not fit.
  mutating func parseInteger(_ text: TemplateValue, radix: Int) -> Int? {
    guard radix >= 2, radix <= 36 else { return nil }
    var (at, stop) = trimmed(text)
    let bytes = text.bytes
    var isNegative = false
    if at < stop, bytes[at] == 43 || bytes[at] == 45 {
      isNegative = bytes[at] == 45
      at += 1
    }
    if at + 2 < stop, bytes[at] == 48 {
      let mark = bytes[at + 1] | 32
      if (radix == 16 && mark == 120) || (radix == 8 && mark == 111) || (radix == 2 && mark == 98) { at += 2 }
    }
    var value = 0
    var wasDigit = false
    while at < stop {
      let c = bytes[at]
      at += 1
      if c == 95, wasDigit, at < stop {
        wasDigit = false
        continue
      }
      let letter = c | 32
      let digit = c >= 48 && c <= 57 ? Int(c) - 48 : letter >= 97 && letter <= 122 ? Int(letter) - 87 : 99
      guard digit < radix else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: radix)
      let (sum, carry) = product.subtractingReportingOverflow(digit)
      if overflow || carry { return nil }
      value = sum
      wasDigit = true
    }
    guard wasDigit, isNegative || value != Int.min else { return nil }
    return isNegative ? value : -value
  }

  /// Python's `round(value, places)`: exactly half goes to the even neighbour, judged on the double's own value.
  mutating func roundedDecimal(_ value: Double, _ places: Int) -> Double {
    var unit = 1.0
    for _ in 0..<places { unit *= 10 }
    let product = value * unit
    guard product.magnitude < 4_503_599_627_370_496 else { return value }
    let whole = product.rounded(.down)
    var result = product.rounded(.toNearestOrEven)
    if product == whole + 0.5 {
      // What rounding the product has hidden.
      let hidden = (-product).addingProduct(value, unit)
      if hidden != 0 { result = hidden > 0 ? whole + 1 : whole }
    }
    return result / unit
  }
}
