// SPDX-License-Identifier: Apache-2.0
// Phone numbers: docs/patterns.md, Phone. With + or 00 before a country's code; of North America; with the 0 that most
// others begin with, in groups. At most 15 digits.

/// The digits of a number and how they are grouped.
private struct Digits {
  var count = 0
  var first = 0  // the first three digits, as a number
  var groupCount = 0
  var groups = 0  // digits of each group, four bits each, the first uppermost
  var separators = 0  // the kind of each separator, two bits: 1 blank, 2 hyphen, 3 dot or slash; 0 a bracket alone
  var hasBrackets = false
  var leads = 0  // the first digit of each group, likewise
}

/// The end of the phone number that begins at `at`.
@inline(never)
func phoneEnd(_ text: PatternText, _ at: Int) -> Int? {
  if text.isNumberComing(before: at) || text[at - 1] == 0x2B { return nil }
  var i = at
  let hasPlus = text[i] == 0x2B
  if hasPlus { i += 1 }
  let isLongForm = !hasPlus && text[i] == 0x30 && text[i + 1] == 0x30
  if isLongForm { i += 2 }
  if isLongForm, text.blankByteCount(at: i) > 0 { i += text.blankByteCount(at: i) }
  guard let (digits, end) = read(text, i), !text.isNumberGoingOn(at: end) else { return nil }
  // A bracket that opens must be of the number.
  if text[at] == 0x28, !digits.hasBrackets { return nil }
  if hasPlus || isLongForm {
    return digits.count >= 8 && digits.count <= 15 && isCountryCode(digits.first) ? end : nil
  }
  return isNorthAmerican(digits) || isNational(digits) ? end : nil
}

/// Groups of digits with one separator between two, and one pair of brackets.
private func read(_ text: PatternText, _ at: Int) -> (Digits, Int)? {
  var digits = Digits()
  var i = at
  var isOpen = false
  var end = at
  while digits.count <= 15, digits.groupCount < 10 {
    if text[i] == 0x28 {
      if digits.hasBrackets { break }
      digits.hasBrackets = true
      isOpen = true
      i += 1
    }
    let start = digits.count
    let lead = Int(text[i] & 15)
    while isASCIIDigit(text[i]), digits.count <= 15 {
      if digits.count < 3 { digits.first = 10 * digits.first + Int(text[i] - 0x30) }
      digits.count += 1
      i += 1
    }
    if digits.count == start { break }
    digits.groupCount += 1
    digits.groups = digits.groups << 4 | min(digits.count - start, 15)
    digits.leads = digits.leads << 4 | lead
    if isOpen {
      guard text[i] == 0x29 else { return nil }
      isOpen = false
      i += 1
    }
    end = i
    let (gap, kind) = separator(text, i)
    let next = text[i + gap]
    guard gap > 0 || text[end - 1] == 0x29 || next == 0x28, isASCIIDigit(next) || next == 0x28 else { break }
    digits.separators = digits.separators << 2 | kind
    i += gap
  }
  // A point that ends a sentence was looked at above and is none of the number's.
  return isOpen || digits.count == 0 || digits.count > 15 || digits.groupCount >= 10 ? nil : (digits, end)
}

/// Bytes and kind of what separates two groups: a blank, a hyphen, both as in ` - `, a dot, a slash.
private func separator(_ text: PatternText, _ at: Int) -> (byteCount: Int, kind: Int) {
  let blank = text.blankByteCount(at: at)
  let hyphen = text.hyphenByteCount(at: at + blank)
  if hyphen > 0 {
    let second = text.blankByteCount(at: at + blank + hyphen)
    return (blank > 0) == (second > 0) ? (blank + hyphen + second, 2) : (0, 0)
  }
  if blank > 0 { return (blank, 1) }
  return text[at] == 0x2E || text[at] == 0x2F ? (1, 3) : (0, 0)
}

/// 212-555-0123, (212) 555-0123, 1-212-555-0123, 212.555.0123: area and exchange begin with 2 to 9. Blanks alone do not
/// make three numbers a phone's.
private func isNorthAmerican(_ digits: Digits) -> Bool {
  let isLong = digits.groups == 0x1334 && digits.leads >> 12 == 1
  guard isLong || digits.groups == 0x334 else { return false }
  guard digits.hasBrackets || digits.separators & 3 > 1 else { return false }
  return digits.leads >> 8 & 15 >= 2 && digits.leads >> 4 & 15 >= 2
}

/// 030 12345678, 089/123456, 06.12.34.56.78, (020) 7946 0958: a 0 first, 9 to 12 digits, two groups or more of two
/// digits or more, all separators but the first of one kind. Not the form of a date, 01-02-2024; with dots only in
/// pairs.
private func isNational(_ digits: Digits) -> Bool {
  guard digits.leads >> (4 * (digits.groupCount - 1)) == 0, digits.first >= 10, digits.count >= 9, digits.count <= 12,
    digits.groupCount >= 2
  else { return false }
  if digits.groupCount >= 3, digits.groups >> (4 * (digits.groupCount - 3)) == 0x224 { return false }
  let isDotted = digits.groupCount >= 3 && digits.separators & 3 == 3
  var (groups, separators) = (digits.groups, digits.separators)
  for index in 0..<digits.groupCount {
    if groups & 15 < 2 || (isDotted && groups & 15 != 2) { return false }
    if index < digits.groupCount - 2, separators & 3 != digits.separators & 3 { return false }
    groups >>= 4
    separators >>= 2
  }
  return true
}

/// What the ITU has assigned, as ranges of the first three digits.
private let countryCodes: StaticString = """
  100209211213216216218218220258260291297383385387389421423423430692700800808808810829840856860888\
  900989992998
  """

/// Whether a country's code begins a number whose first three digits are `first`.
private func isCountryCode(_ first: Int) -> Bool { rangeIndex(of: first, in: countryCodes, digitCount: 3) != nil }
