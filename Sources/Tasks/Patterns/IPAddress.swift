// SPDX-License-Identifier: Apache-2.0
// IP addresses, version 4 (at most 15 bytes) and version 6 (at most 45): docs/patterns.md, IP addresses.

/// The end of the dotted address that begins at `at`.
@inline(never)
func ipv4End(_ text: PatternText, _ at: Int) -> Int? {
  guard !text.isNumberComing(before: at), let end = dottedEnd(text, at), !text.isWord(at: end) else { return nil }
  // A network's /24 and a port are left outside; a fifth number makes it none.
  let isLonger = (text[end] == 0x2E || text[end] == 0x2D) && isASCIIDigit(text[end + 1])
  return isLonger ? nil : end
}

/// Four numbers up to 255 without zeros before them.
@inline(never)
private func dottedEnd(_ text: PatternText, _ at: Int) -> Int? {
  var i = at
  for part in 0..<4 {
    if part > 0 {
      guard text[i] == 0x2E else { return nil }
      i += 1
    }
    let start = i
    var value = 0
    while i - start < 4, isASCIIDigit(text[i]) {
      value = 10 * value + Int(text[i] - 0x30)
      i += 1
    }
    guard i > start, i - start < 4, value < 256, i - start == 1 || text[start] != 0x30 else { return nil }
  }
  return i
}

/// The end of the address in groups that begins at `at`: eight of them, or fewer around one `::`.
@inline(never)
func ipv6End(_ text: PatternText, _ at: Int) -> Int? {
  if text.isWord(before: at) || text[at - 1] == 0x3A || text[at - 1] == 0x2E { return nil }
  var i = at
  var groupCount = 0
  var hasGap = false
  var hasDigit = false
  var isPairs = true  // of two digits each: EUI-64, no address
  if text[i] == 0x3A {
    guard text[i + 1] == 0x3A else { return nil }
    hasGap = true
    i += 2
  }
  while groupCount < 8 {
    let start = i
    while i - start < 5, isHexDigit(text[i]) {
      if isASCIIDigit(text[i]) { hasDigit = true }
      i += 1
    }
    if i == start { break }  // behind ::
    if text[i] == 0x2E, isASCIIDigit(text[i + 1]) {
      guard groupCount <= 6, let end = dottedEnd(text, start) else { return nil }
      i = end
      groupCount += 2
      hasDigit = true
      isPairs = false
      break
    }
    guard i - start < 5 else { return nil }
    isPairs = isPairs && i - start == 2
    groupCount += 1
    guard text[i] == 0x3A else { break }
    if text[i + 1] == 0x3A {
      if hasGap { return nil }
      hasGap = true
      i += 2
    } else if isHexDigit(text[i + 1]), groupCount < 8 {
      i += 1
    } else {
      break
    }
  }
  guard hasDigit, hasGap ? groupCount < 8 : groupCount == 8 && !isPairs else { return nil }
  if text.isWord(at: i) || text[i] == 0x3A && (text[i + 1] == 0x3A || isHexDigit(text[i + 1])) { return nil }
  return text[i] == 0x2E && isASCIIDigit(text[i + 1]) ? nil : i
}

private func isHexDigit(_ byte: UInt8) -> Bool { isASCIIDigit(byte) || (byte | 0x20) &- 0x61 < 6 }
