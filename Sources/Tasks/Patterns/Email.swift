// SPDX-License-Identifier: Apache-2.0
// E-mail addresses: docs/patterns.md, E-mail. At most 64 bytes before the @ and 253 behind it.

/// The end of the address that begins at `at`.
@inline(never)
func emailEnd(_ text: PatternText, _ at: Int) -> Int? {
  guard isEmailStart(text, at) else { return nil }
  var i = at
  var isAfterWord = false
  while i - at <= 64 {
    let count = text.wordByteCount(at: i)
    if count > 0 {
      i += count
      isAfterWord = true
    } else if isJoiner(text[i]) {
      // A dot and an apostrophe stand between words.
      if !isAfterWord, text[i] == 0x2E || text[i] == 0x27 { return nil }
      isAfterWord = text[i] != 0x2E && text[i] != 0x27
      i += 1
    } else {
      break
    }
  }
  guard i - at <= 64, text[i] == 0x40, isAfterWord else { return nil }
  return hostEnd(text, i + 1)
}

/// % ' + - . may stand inside the name.
private func isJoiner(_ byte: UInt8) -> Bool {
  switch byte {
  case 0x25, 0x27, 0x2B, 0x2D, 0x2E: true
  default: false
  }
}

/// Whether a name can begin here: at a word, behind nothing that would belong to it.
private func isEmailStart(_ text: PatternText, _ at: Int) -> Bool {
  if text.isWord(before: at) || !text.isWord(at: at) { return false }
  return !isJoiner(text[at - 1]) || !text.isWord(before: at - 1)
}

/// The end of the host name with a top level that begins at `at`: two labels or more, at most 253 bytes, the last one
/// of two or more letters, or of the form xn--….
@inline(never)
func hostEnd(_ text: PatternText, _ at: Int) -> Int? {
  var i = at
  var labelCount = 0
  while i - at <= 253 {
    let start = i
    var isLetters = true
    var isAfterWord = false
    while i - start <= 63 {
      let count = text[i] == 0x5F ? 0 : text.wordByteCount(at: i)
      if count > 0 {
        isLetters = isLetters && !isASCIIDigit(text[i])
        isAfterWord = true
        i += count
      } else if text[i] == 0x2D, i > start {
        isLetters = false
        isAfterWord = false
        i += 1
      } else {
        break
      }
    }
    guard i > start, i - start <= 63, isAfterWord else { return nil }
    labelCount += 1
    if text[i] == 0x2E, text[i + 1] != 0x5F, text.isWord(at: i + 1) {
      i += 1
      continue
    }
    let isPunycode =
      text[start] | 0x20 == 0x78 && text[start + 1] | 0x20 == 0x6E && text[start + 2] == 0x2D && text[start + 3] == 0x2D
    guard labelCount >= 2, i - start >= 2, isLetters || isPunycode, i - at <= 253, text[i] != 0x5F, text[i] != 0x40
    else { return nil }
    return i
  }
  return nil
}
