// SPDX-License-Identifier: Apache-2.0
// Payment card numbers, ISO 7812: an issuer's prefix, its lengths, and Luhn's check. docs/patterns.md, Payment card. At
// most 19 digits, in groups with one kind of blank or hyphen between them, or in one run.

/// The end of the card number that begins at `at`.
@inline(never)
func cardEnd(_ text: PatternText, _ at: Int) -> Int? {
  guard text[at] >= 0x32, text[at] <= 0x36, !text.isNumberComing(before: at) else { return nil }
  var prefix = 0  // the first four digits
  var count = 0
  var groupStart = 0
  var groupCount = 0
  // Luhn's sums of the digits so far when the last one is doubled, and when it is not.
  var (doubled, plain) = (0, 0)
  var end: Int?
  var i = at
  var isHyphened = false
  while count < 20 {
    if isASCIIDigit(text[i]) {
      let digit = Int(text[i] - 0x30)
      if count < 4 { prefix = 10 * prefix + digit }
      (doubled, plain) = (plain + (digit > 4 ? 2 * digit - 9 : 2 * digit), doubled + digit)
      count += 1
      i += 1
      if count == 20 { return nil }  // a longer number
      if isASCIIDigit(text[i]) { continue }
      if groupCount == 0, count >= 12 { return isWhole(text, i, plain, prefix, count) ? i : nil }
      // A whole group: four digits first, then three to six.
      guard count - groupStart >= 3, count - groupStart <= 6, groupCount > 0 || count == 4 else { return end }
      if groupCount > 0, isWhole(text, i, plain, prefix, count) { end = i }
      groupCount += 1
      groupStart = count
    }
    let (blank, hyphen) = (text.blankByteCount(at: i), text.hyphenByteCount(at: i))
    guard blank + hyphen > 0, groupCount == 1 || isHyphened == (hyphen > 0), isASCIIDigit(text[i + blank + hyphen])
    else { return end }
    isHyphened = hyphen > 0
    i += blank + hyphen
  }
  return end
}

/// Whether the digits up to `at` are a card's number.
private func isWhole(_ text: PatternText, _ at: Int, _ sum: Int, _ prefix: Int, _ count: Int) -> Bool {
  sum % 10 == 0 && isCard(prefix, count) && !text.isNumberGoingOn(at: at)
}

/// Ranges of the first four digits: Visa, Mastercard twice, American Express twice, Diners Club four times, JCB, Mir,
/// Discover twice, UnionPay, Maestro.
private let prefixes: StaticString = """
  400049995100559922212720340034993700379930003059309530953600369938003999352835892200220460116011\
  644065996200629950185018502050205038503858935893630463046759675967616763
  """

/// The lengths that go with each, bit by bit from 12 on, in hexadecimal.
private let lengths: StaticString = """
  921010080814141414f0f0f0f0f0ffffffffffffff
  """

/// Whether a scheme issues numbers of that length, 12 to 19, under that prefix of four digits.
private func isCard(_ prefix: Int, _ count: Int) -> Bool {
  guard count >= 12, let index = rangeIndex(of: prefix, in: prefixes, digitCount: 4) else { return false }
  // Two hexadecimal digits hold eight lengths.
  let digit = lengths.utf8Start[2 * index + (count < 16 ? 1 : 0)]
  return (digit < 0x3A ? digit - 0x30 : digit - 0x57) >> UInt8((count - 12) % 4) & 1 == 1
}
