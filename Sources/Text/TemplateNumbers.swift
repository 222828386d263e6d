// SPDX-License-Identifier: Apache-2.0
// Numbers as text, as Python writes and reads them.

/// The first 18 digits of a number, how many more there are, and whether one of those is not 0.
private struct TemplateDigits {
  var digits: UInt64 = 0
  var dropped = 0
  var isCut = false
}

extension TemplateMachine {
  /// `repr` of a double.
  mutating func writeFloat(_ value: Double) {
    if value.isNaN { return put("nan") }
    if value.sign == .minus { put(45) }
    if value.isInfinite { return put("inf") }
    if value == 0 { return put("0.0") }
    spend(64)
    var (digits, exponent) = templateDigits(value.magnitude)
    var count = 1
    var limit: UInt64 = 10
    // 17 digits at most.
    while digits >= limit {
      count &+= 1
      limit &*= 10
    }
    let point = count &+ exponent
    if point > 16 || point < -3 {
      writeDigits(digits, least: 1, behindPoint: count &- 1)
      put(101)
      put(point > 0 ? 43 : 45)
      return writeDigits(UInt64((point &- 1).magnitude), least: 2)
    }
    while exponent > 0 {
      digits &*= 10
      exponent &-= 1
    }
    if exponent == 0 {
      digits &*= 10
      exponent = -1
    }
    writeDigits(digits, least: 1 &- exponent, behindPoint: 0 &- exponent)
  }

  /// `float(text)`, or nil where it is none.
  @inline(never)
  mutating func parseFloat(_ text: TemplateValue) -> Double? {
    spend(text.count >> 3)
    let text = trimmed(text)
    let isNegative = text.hasSign(45)
    let bytes = text.bytes
    var at = isNegative || text.hasSign(43) ? 1 : 0
    if isWord("nan", text.suffix(from: at)) { return .nan }
    if isWord("inf", text.suffix(from: at)) || isWord("infinity", text.suffix(from: at)) {
      return isNegative ? -.infinity : .infinity
    }
    var number = TemplateDigits()
    let whole = takeDigits(text, &at, &number)
    var fraction = 0
    if at < text.count, bytes[at] == 46 {
      at &+= 1
      fraction = takeDigits(text, &at, &number)
    }
    if whole &+ fraction == 0 { return nil }
    var exponent = number.dropped &- fraction
    if at < text.count {
      guard bytes[at] | 32 == 101, let power = smallInteger(text.suffix(from: at &+ 1)) else { return nil }
      exponent &+= power
    }
    if number.isCut {
      // A digit that stands for all that were dropped.
      number.digits = number.digits &* 10 &+ 1
      exponent &-= 1
    }
    let value = templateDouble(digits: number.digits, exponent: exponent)
    return isNegative ? -value : value
  }

  /// Digits from an offset on, which moves behind them; Python takes single underscores between digits. How many.
  @inline(never)
  private mutating func takeDigits(_ text: TemplateValue, _ at: inout Int, _ number: inout TemplateDigits) -> Int {
    var count = 0
    while at < text.count {
      let isJoint = count > 0 && text.bytes[at] == 95 && at &+ 1 < text.count
      let digit = text.bytes[isJoint ? at &+ 1 : at] &- 48
      if digit > 9 { break }
      at &+= isJoint ? 2 : 1
      count &+= 1
      if number.digits < 100_000_000_000_000_000 {
        number.digits = number.digits &* 10 &+ UInt64(digit)
      } else {
        number.dropped &+= 1
        number.isCut = number.isCut || digit != 0
      }
    }
    return count
  }

  @inline(never)
  private mutating func isWord(_ word: StaticString, _ text: TemplateValue) -> Bool {
    guard text.count == word.utf8CodeUnitCount else { return false }
    for index in 0..<text.count where text.bytes[index] | 32 != word.utf8Start[index] { return false }
    return true
  }

  /// A signed decimal of any length, held within ±100,000. Nil where it is none.
  private mutating func smallInteger(_ text: TemplateValue) -> Int? {
    let isNegative = text.hasSign(45)
    let first = isNegative || text.hasSign(43) ? 1 : 0
    if first == text.count { return nil }
    var value = 0
    for index in first..<text.count {
      let digit = Int(text.bytes[index]) &- 48
      guard digit >= 0, digit <= 9 else { return nil }
      value = min(value &* 10 &+ digit, 100_000)
    }
    return isNegative ? 0 &- value : value
  }

  /// Without ASCII's white space at its ends.
  @inline(never)
  private mutating func trimmed(_ text: TemplateValue) -> TemplateValue {
    strip(text, .string(" \t\n\u{B}\u{C}\r\u{1C}\u{1D}\u{1E}\u{1F}"), left: true, right: true)
  }

  /// `int(text, radix)`, or nil where it is none or does not fit.
  @inline(never)
  mutating func parseInteger(_ text: TemplateValue, radix: Int) -> Int? {
    guard radix >= 2, radix <= 36 else { return nil }
    spend(text.count >> 3)
    let text = trimmed(text)
    let isNegative = text.hasSign(45)
    var at = isNegative || text.hasSign(43) ? 1 : 0
    if at &+ 2 < text.count, text.bytes[at] == 48 {
      let mark = text.bytes[at &+ 1] | 32
      if mark == (radix == 16 ? 120 : radix == 8 ? 111 : radix == 2 ? 98 : 0) { at &+= 2 }
    }
    var value = 0
    var wasDigit = false
    while at < text.count {
      let c = text.bytes[at]
      at &+= 1
      if c == 95, wasDigit, at < text.count {
        wasDigit = false
        continue
      }
      let letter = c | 32
      let digit = c >= 48 && c <= 57 ? Int(c &- 48) : letter >= 97 && letter <= 122 ? Int(letter &- 87) : 99
      let product = value.multipliedReportingOverflow(by: radix)
      let sum = product.partialValue.subtractingReportingOverflow(digit)
      if digit >= radix || product.overflow || sum.overflow { return nil }
      value = sum.partialValue
      wasDigit = true
    }
    guard wasDigit, isNegative || value != Int.min else { return nil }
    return isNegative ? value : 0 &- value
  }

  /// Python's `round(value, places)`, with `unit` = 10^places: exactly half goes to the even neighbour, judged on the
  /// double's own value.
  mutating func roundedDecimal(_ value: Double, _ unit: Double) -> Double {
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
