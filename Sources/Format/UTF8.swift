// SPDX-License-Identifier: Apache-2.0
// Is it UTF-8? RFC 3629: no surrogates, nothing over U+10FFFF, no longer form than needed.

/// Whether the bytes are well-formed UTF-8.
public func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
  var at = 0
  while at < bytes.count {
    let count = utf8SequenceByteCount(bytes, at: at)
    if count == 0 { return false }
    at += count
  }
  return true
}

/// Bytes of the well-formed character at `at` (1 … 4), or 0.
public func utf8SequenceByteCount(_ bytes: UnsafeRawBufferPointer, at: Int) -> Int {
  let lead = bytes[at]
  if lead < 0x80 { return 1 }
  let count: Int
  var low: UInt8 = 0x80
  var high: UInt8 = 0xBF
  switch lead {
  case 0xC2...0xDF: count = 2
  case 0xE0: (count, low) = (3, 0xA0)
  case 0xED: (count, high) = (3, 0x9F)
  case 0xE1...0xEF: count = 3
  case 0xF0: (count, low) = (4, 0x90)
  case 0xF4: (count, high) = (4, 0x8F)
  case 0xF1...0xF3: count = 4
  default: return 0
  }
  guard at + count <= bytes.count, bytes[at + 1] >= low, bytes[at + 1] <= high else { return 0 }
  for i in 2..<max(count, 2) where bytes[at + i] & 0xC0 != 0x80 { return 0 }
  return count
}

/// Bytes of the longest start of `bytes` that is plain text: well-formed UTF-8 without control characters (U+0000 …
/// U+001F, U+007F … U+009F), which could steer a terminal.
public func plainTextByteCount(_ bytes: UnsafeRawBufferPointer) -> Int {
  var at = 0
  while at < bytes.count {
    let lead = bytes[at]
    if lead < 0x20 || lead == 0x7F { return at }
    let count = utf8SequenceByteCount(bytes, at: at)
    if count == 0 || (lead == 0xC2 && bytes[at + 1] < 0xA0) { return at }
    at += count
  }
  return at
}
