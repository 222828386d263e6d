// SPDX-License-Identifier: Apache-2.0
// Doubles to the shortest decimal digits that read back the same, and decimal digits to the nearest double. Exact, with
// whole numbers of up to 1,536 bits (Steele and White 1990; Clinger 1990).

/// A natural number in fixed room, least significant word first.
struct TemplateBigNumber {
  static let wordCount = 48
  let words: UnsafeMutablePointer<UInt32>
  private var count = 0

  @inline(never)
  init(_ words: UnsafeMutablePointer<UInt32>) {
    self.words = words
    for index in 0..<Self.wordCount { (words + index).initialize(to: 0) }
  }

  @inline(never)
  mutating func set(_ value: UInt64) {
    words[0] = UInt32(truncatingIfNeeded: value)
    words[1] = UInt32(value >> 32)
    count = value >> 32 != 0 ? 2 : value != 0 ? 1 : 0
  }

  @inline(never)
  mutating func multiply(by factor: UInt32) {
    var carry: UInt64 = 0
    for index in 0..<count {
      let product = UInt64(words[index]) &* UInt64(factor) &+ carry
      words[index] = UInt32(truncatingIfNeeded: product)
      carry = product >> 32
    }
    if carry != 0, count < Self.wordCount {
      words[count] = UInt32(carry)
      count += 1
    }
  }

  @inline(never)
  mutating func multiply(byPowerOfTen exponent: Int) {
    var left = exponent
    while left >= 9 {
      multiply(by: 1_000_000_000)
      left -= 9
    }
    for _ in 0..<left { multiply(by: 10) }
  }

  @inline(never)
  mutating func shiftLeft(_ bits: Int) {
    for _ in 0..<bits / 31 { multiply(by: 1 << 31) }
    multiply(by: 1 << UInt32(bits % 31))
  }

  var bitWidth: Int { count == 0 ? 0 : 32 * count - words[count - 1].leadingZeroBitCount }

  /// Negative, zero or positive as this is less than, equal to or greater than `other`.
  @inline(never)
  func order(_ other: TemplateBigNumber) -> Int {
    if count != other.count { return count < other.count ? -1 : 1 }
    var index = count
    while index > 0 {
      index -= 1
      if words[index] != other.words[index] { return words[index] < other.words[index] ? -1 : 1 }
    }
    return 0
  }

  /// The order of `self + more` and `other`. Changes `sum`.
  @inline(never)
  func order(adding more: TemplateBigNumber, _ other: TemplateBigNumber, sum: inout TemplateBigNumber) -> Int {
    var carry: UInt64 = 0
    let longer = max(count, more.count)
    for index in 0..<longer {
      let total =
        (index < count ? UInt64(words[index]) : 0) + (index < more.count ? UInt64(more.words[index]) : 0) + carry
      sum.words[index] = UInt32(truncatingIfNeeded: total)
      carry = total >> 32
    }
    sum.count = longer
    if carry != 0, longer < Self.wordCount {
      sum.words[longer] = UInt32(carry)
      sum.count += 1
    }
    return sum.order(other)
  }

  /// - Precondition: `other` is not greater.
  @inline(never)
  mutating func subtract(_ other: TemplateBigNumber) {
    var borrow: Int64 = 0
    for index in 0..<count {
      let difference = Int64(words[index]) - (index < other.count ? Int64(other.words[index]) : 0) - borrow
      words[index] = UInt32(truncatingIfNeeded: difference)
      borrow = difference < 0 ? 1 : 0
    }
    while count > 0, words[count - 1] == 0 { count -= 1 }
  }
}

/// Decimal digits d₁d₂… of a positive number 0.d₁d₂… · 10^point.
struct TemplateDigits {
  var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
  var count = 0
  var point = 0

  /// Not through `withUnsafeBytes(of:)`: the optimizer of Embedded Swift takes what that reads for undefined.
  subscript(index: Int) -> UInt8 {
    let word = index < 8 ? digits.0 : index < 16 ? digits.1 : digits.2
    return UInt8(truncatingIfNeeded: word >> UInt64(8 * (index & 7)))
  }

  private mutating func append(_ digit: UInt8) {
    let bits = UInt64(digit) << UInt64(8 * (count & 7))
    if count < 8 { digits.0 |= bits } else if count < 16 { digits.1 |= bits } else { digits.2 |= bits }
    count += 1
  }

  /// The shortest digits that read back as `value`, which is positive and finite.
  @inline(never)
  init(shortest value: Double) {
    var made = TemplateDigits()
    withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 5 * TemplateBigNumber.wordCount) { room in
      made.make(value, room.baseAddress.unsafelyUnwrapped)
    }
    self = made
  }

  private init() {}

  private mutating func make(_ value: Double, _ room: UnsafeMutablePointer<UInt32>) {
    func number(_ index: Int) -> TemplateBigNumber { TemplateBigNumber(room + index * TemplateBigNumber.wordCount) }
    var (rest, unit, above, below, sum) = (number(0), number(1), number(2), number(3), number(4))
    let isSubnormal = value.exponentBitPattern == 0
    let mantissa = value.significandBitPattern | (isSubnormal ? 0 : 1 << 52)
    let exponent = max(Int(value.exponentBitPattern), 1) - 1075
    // The gap below a power of two is half the gap above it.
    let isUneven = value.significandBitPattern == 0 && value.exponentBitPattern > 1
    rest.set(mantissa)
    unit.set(1)
    above.set(1)
    below.set(1)
    rest.shiftLeft(max(exponent, 0) + (isUneven ? 2 : 1))
    unit.shiftLeft(max(-exponent, 0) + (isUneven ? 2 : 1))
    above.shiftLeft(max(exponent, 0) + (isUneven ? 1 : 0))
    below.shiftLeft(max(exponent, 0))
    let bits = exponent + 64 - mantissa.leadingZeroBitCount - 1
    // log₁₀ 2 = 0.30103…, rounded up; one too small at most, put right below.
    point = Int((Double(bits) * 0.301_029_995_663_981_2 - 1e-10).rounded(.up))
    if point >= 0 {
      unit.multiply(byPowerOfTen: point)
    } else {
      rest.multiply(byPowerOfTen: -point)
      above.multiply(byPowerOfTen: -point)
      below.multiply(byPowerOfTen: -point)
    }
    let isEven = mantissa & 1 == 0
    let order = rest.order(adding: above, unit, sum: &sum)
    if order > 0 || (order == 0 && isEven) {
      point += 1
    } else {
      rest.multiply(by: 10)
      above.multiply(by: 10)
      below.multiply(by: 10)
    }
    while count < 20 {
      var digit: UInt8 = 0
      while rest.order(unit) >= 0 {
        rest.subtract(unit)
        digit += 1
      }
      let low = rest.order(below)
      let high = rest.order(adding: above, unit, sum: &sum)
      let isLow = low < 0 || (low == 0 && isEven)
      let isHigh = high > 0 || (high == 0 && isEven)
      if isLow || isHigh {
        var roundsUp = isHigh
        if isLow, isHigh { roundsUp = rest.order(adding: rest, unit, sum: &sum) >= 0 }
        return append(digit + (roundsUp ? 1 : 0))
      }
      append(digit)
      rest.multiply(by: 10)
      above.multiply(by: 10)
      below.multiply(by: 10)
    }
  }
}

/// `digits · 10^exponent` as the nearest double, ties to even.
func templateDouble(digits: UInt64, exponent: Int) -> Double {
  if digits == 0 || exponent < -345 { return 0 }
  if exponent > 310 { return .infinity }
  if digits < 1 << 53, exponent.magnitude <= 22 {
    // Both are exact, so one operation rounds once.
    var power = 1.0
    for _ in 0..<exponent.magnitude { power *= 10 }
    return exponent < 0 ? Double(digits) / power : Double(digits) * power
  }
  return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 2 * TemplateBigNumber.wordCount) { room in
    var top = TemplateBigNumber(room.baseAddress.unsafelyUnwrapped)
    var bottom = TemplateBigNumber(room.baseAddress.unsafelyUnwrapped + TemplateBigNumber.wordCount)
    top.set(digits)
    bottom.set(1)
    if exponent < 0 { bottom.multiply(byPowerOfTen: -exponent) } else { top.multiply(byPowerOfTen: exponent) }
    // Bring the quotient to between 1 and 4, then take its bits one by one.
    let shift = top.bitWidth - bottom.bitWidth - 1
    if shift > 0 { bottom.shiftLeft(shift) } else { top.shiftLeft(-shift) }
    var bits: UInt64 = 0
    var scale = shift
    for index in 0..<62 {
      var digit: UInt64 = 0
      while top.order(bottom) >= 0 {
        top.subtract(bottom)
        digit += 1
      }
      bits = bits << 1 &+ digit
      if index < 61 {
        top.multiply(by: 2)
        scale -= 1
      }
    }
    // A last bit that stands for all that is left.
    if top.bitWidth > 0 { bits |= 1 }
    return scaled(bits, scale)
  }
}

/// `bits · 2^exponent`, rounded once.
private func scaled(_ bits: UInt64, _ exponent: Int) -> Double {
  let width = 64 - bits.leadingZeroBitCount
  let top = width + exponent
  // Bits that a double has room for: fewer where it is subnormal.
  let kept = top > -1021 ? 53 : 53 - (-1021 - top)
  if kept < 0 { return 0 }
  let dropped = width - kept
  var mantissa = bits
  var power = exponent
  if dropped > 0 {
    let half: UInt64 = 1 << UInt64(dropped - 1)
    let rest = bits & (half << 1 &- 1)
    mantissa = dropped < 64 ? bits >> UInt64(dropped) : 0
    if rest > half || (rest == half && mantissa & 1 == 1) { mantissa += 1 }
    power += dropped
  }
  var result = Double(mantissa)
  // Exact: what is left is a power of two, and the mantissa fits.
  while power > 0 {
    let step = min(power, 1000)
    result *= Double(sign: .plus, exponent: step, significand: 1)
    power -= step
  }
  while power < 0 {
    let step = min(-power, 1000)
    result *= Double(sign: .plus, exponent: -step, significand: 1)
    power += step
  }
  return result
}
