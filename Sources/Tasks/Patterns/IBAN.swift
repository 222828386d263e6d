// SPDX-License-Identifier: Apache-2.0
// International bank account numbers, ISO 13616: the country's length and the check by 97. docs/patterns.md, IBAN. At
// most 34 letters and digits, with a blank after each four or with none.

/// Country and length, of the IBAN registry: two letters and two digits each.
private let lengths: StaticString = """
  AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24FI18FK18FO18FR27GB22\
  GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20\
  MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26\
  UA29VA22VG24XK20YE30
  """

/// The end of the account number that begins at `at`, which no word goes before.
@inline(never)
func ibanEnd(_ text: PatternText, _ at: Int) -> Int? {
  guard isASCIILetter(text[at]), isASCIILetter(text[at + 1]), isASCIIDigit(text[at + 2]), isASCIIDigit(text[at + 3]),
    let length = ibanLength(text[at] & 0xDF, text[at + 1] & 0xDF)
  else { return nil }
  var rest = 0  // of all behind the first four, by 97
  var head = 0  // of those four, which count as the last
  var i = at
  let isGrouped = text.blankByteCount(at: at + 4) > 0
  for index in 0..<length {
    if isGrouped, index > 0, index % 4 == 0 {
      let blank = text.blankByteCount(at: i)
      guard blank > 0 else { return nil }
      i += blank
    }
    let byte = text[i]
    i += 1
    if isASCIIDigit(byte) {
      let digit = Int(byte - 0x30)
      if index < 4 { head = 10 * head + digit } else { rest = (10 * rest + digit) % 97 }
    } else {
      guard isASCIILetter(byte) else { return nil }
      let number = Int((byte & 0xDF) - 0x37)
      if index < 4 { head = 100 * head + number } else { rest = (100 * rest + number) % 97 }
    }
  }
  // Two letters and two digits: six digits.
  guard (rest * 1_000_000 + head) % 97 == 1, !text.isWord(at: i) else { return nil }
  return i
}

private func ibanLength(_ first: UInt8, _ second: UInt8) -> Int? {
  var at = 0
  while at < lengths.utf8CodeUnitCount {
    let entry = lengths.utf8Start + at
    if entry[0] == first, entry[1] == second { return Int(entry[2] - 0x30) * 10 + Int(entry[3] - 0x30) }
    at += 4
  }
  return nil
}
