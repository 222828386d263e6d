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

  /// Nothing where `exponent` is negative, as for `shiftLeft`.
  @inline(never)
  mutating func multiply(byPowerOfTen exponent: Int) {
    var left = exponent
    while left > 0 {
      multiply(by: 10)
      left &-= 1
    }
  }

  @inline(never)
  mutating func shiftLeft(_ bits: Int) {
    var left = bits
    while left > 0 {
      multiply(by: 1 &<< UInt32(truncatingIfNeeded: min(left, 31)))
      left &-= 31
    }
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

/// `significand · 2^binary · 10^decimal` as `bits · 2^exponent`: at least 62 bits, the last of which stands for all
/// that is left. The significand is not 0. Above and below the line of the fraction are less than 2^1330, so that there
/// is room: what a double is, or is read from, is between 10^-345 and 10^329.
private func product(_ significand: UInt64, binary: Int, decimal: Int) -> (bits: UInt64, exponent: Int) {
  withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 2 * TemplateBigNumber.wordCount) { room in
    var top = TemplateBigNumber(room.baseAddress.unsafelyUnwrapped)
    var bottom = TemplateBigNumber(room.baseAddress.unsafelyUnwrapped + TemplateBigNumber.wordCount)
    top.set(significand)
    bottom.set(1)
    top.multiply(byPowerOfTen: decimal)
    bottom.multiply(byPowerOfTen: 0 &- decimal)
    top.shiftLeft(binary)
    bottom.shiftLeft(0 &- binary)
    // Bring the quotient to between 1 and 4, then take its bits one by one.
    let shift = top.bitWidth &- bottom.bitWidth &- 1
    bottom.shiftLeft(shift)
    top.shiftLeft(0 &- shift)
    var bits: UInt64 = 0
    for _ in 0..<62 {
      bits &<<= 1
      while top.order(bottom) >= 0 {
        top.subtract(bottom)
        bits &+= 1
      }
      top.multiply(by: 2)
    }
    return (top.bitWidth > 0 ? bits | 1 : bits, shift &- 61)
  }
}

/// The shortest decimal digits that read back as `value`, which is positive and finite: `value` is about
/// `digits · 10^exponent`. No zeros at the end.
@inline(never)
func templateDigits(_ value: Double) -> (digits: UInt64, exponent: Int) {
  let isSubnormal = value.exponentBitPattern == 0
  let significand = value.significandBitPattern | (isSubnormal ? 0 : 1 << 52)
  let binary = Int(max(value.exponentBitPattern, 1)) &- 1075
  // 17 or 18 digits, of which there are enough. log₁₀ 2 = 0.30103….
  let bits = binary &+ 64 &- significand.leadingZeroBitCount
  var exponent = Int(Double(bits) * 0.301_029_995_663_981_2 + 400) &- 400 &- 17
  let whole = product(significand, binary: binary, decimal: 0 &- exponent)
  var digits = whole.bits >> UInt64(truncatingIfNeeded: 0 &- whole.exponent)
  // What lies next below and above `value` with ever fewer digits, as long as one of them reads back.
  var shortest = digits
  var unit: UInt64 = 1
  while true {
    let below = digits &- digits % unit
    let above = below &+ unit
    let isNearerAbove = (digits &- below) &* 2 >= unit
    let nearer = isNearerAbove ? above : below
    if templateDouble(digits: nearer, exponent: exponent) == value {
      shortest = nearer
    } else {
      let other = isNearerAbove ? below : above
      guard templateDouble(digits: other, exponent: exponent) == value else { break }
      shortest = other
    }
    unit &*= 10
  }
  digits = shortest
  while digits % 10 == 0 {
    digits /= 10
    exponent &+= 1
  }
  return (digits, exponent)
}

/// `digits · 10^exponent` as the nearest double, ties to even.
@inline(never)
func templateDouble(digits: UInt64, exponent: Int) -> Double {
  if digits == 0 || exponent < -345 { return 0 }
  if exponent > 310 { return .infinity }
  if digits < 1 << 53, exponent.magnitude <= 22 {
    // Both are exact, so one operation rounds once.
    var power = 1.0
    for _ in 0..<exponent.magnitude { power *= 10 }
    return exponent < 0 ? Double(digits) / power : Double(digits) * power
  }
  let quotient = product(digits, binary: 0, decimal: exponent)
  return scaled(quotient.bits, quotient.exponent)
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
    let half: UInt64 = 1 &<< UInt64(truncatingIfNeeded: dropped &- 1)
    let rest = bits & (half &* 2 &- 1)
    mantissa = bits >> UInt64(truncatingIfNeeded: dropped)
    if rest > half || (rest == half && mantissa & 1 == 1) { mantissa &+= 1 }
    power &+= dropped
  }
  var result = Double(mantissa)
  // Exact: what is left is a power of two, and the mantissa fits.
  while power > 0 {
    result *= 2
    power &-= 1
  }
  while power < 0 {
    result *= 0.5
    power &+= 1
  }
  return result
}
