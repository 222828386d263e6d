// SPDX-License-Identifier: Apache-2.0
// URLs: docs/patterns.md, URL. `http://`, `https://`, `ftp://`, or a name that begins with `www.`; at most 2,048 bytes.

/// The end of the URL that begins at `at`, which no word goes before.
@inline(never)
func urlEnd(_ text: PatternText, _ at: Int) -> Int? {
  let schemeByteCount = urlSchemeByteCount(text, at)
  let host = at + schemeByteCount
  if schemeByteCount == 0 {
    guard startsWith(text, at, "www."), hostEnd(text, at) != nil else { return nil }
  } else if !text.isWord(at: host), text[host] != 0x5B {
    return nil
  }
  let limit = at + PatternScanner.entityByteCountMax
  var end = host
  var (round, square) = (0, 0)
  var last = host  // behind the last character that may end a URL
  while true {
    let count = urlByteCount(text, end)
    if count == 0 || end + count > limit { break }
    switch text[end] {
    case 0x28: round += 1
    case 0x5B: square += 1
    case 0x29: round -= 1
    case 0x5D: square -= 1
    default: break
    }
    // A bracket that was not opened here belongs to the text.
    if round < 0 || square < 0 { break }
    end += count
    if !isTrailingPunctuation(text[end - 1]) { last = end }
  }
  return last > host ? last : nil
}

private func urlSchemeByteCount(_ text: PatternText, _ at: Int) -> Int {
  if startsWith(text, at, "https://") { return 8 }
  if startsWith(text, at, "http://") { return 7 }
  return startsWith(text, at, "ftp://") ? 6 : 0
}

/// Bytes of a character that may stand in a URL.
private func urlByteCount(_ text: PatternText, _ at: Int) -> Int {
  switch text[at] {
  case 0...0x20, 0x22, 0x3C, 0x3E, 0x5C, 0x5E, 0x60, 0x7B...0x7D, 0x7F: 0
  case 0x80...: text.wordByteCount(at: at)
  default: 1
  }
}

/// ! ' ( * , . : ; ? [ are left to the sentence when they come last.
private func isTrailingPunctuation(_ byte: UInt8) -> Bool {
  switch byte {
  case 0x21, 0x27, 0x28, 0x2A, 0x2C, 0x2E, 0x3A, 0x3B, 0x3F, 0x5B: true
  default: false
  }
}

/// Whether `prefix`, of small ASCII letters and signs, lies at `at`, in capitals or not.
@inline(never)
private func startsWith(_ text: PatternText, _ at: Int, _ prefix: StaticString) -> Bool {
  for i in 0..<prefix.utf8CodeUnitCount {
    let byte = text[at + i]
    let wanted = prefix.utf8Start[i]
    if (isASCIILetter(byte) ? byte | 0x20 : byte) != wanted { return false }
  }
  return true
}
