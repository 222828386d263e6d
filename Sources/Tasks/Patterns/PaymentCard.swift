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

/// Whether a scheme issues numbers of that length under that prefix of four digits.
private func isCard(_ prefix: Int, _ count: Int) -> Bool {
  switch prefix {
  case 4000...4999: count == 13 || count == 16 || count == 19  // Visa
  case 5100...5599, 2221...2720: count == 16  // Mastercard
  case 3400...3499, 3700...3799: count == 15  // American Express
  case 3000...3059, 3095, 3600...3699, 3800...3999: count == 14 || count == 16  // Diners Club
  case 3528...3589: count >= 16  // JCB
  case 2200...2204: count >= 16  // Mir
  case 6011, 6440...6499, 6500...6599: count >= 16  // Discover
  case 6200...6299, 8100...8199: count >= 16  // UnionPay
  case 5018, 5020, 5038, 5893, 6304, 6759, 6761...6763: count >= 12  // Maestro
  default: false
  }
}
