// SPDX-License-Identifier: Apache-2.0
// Whether bytes are UTF-8, without making a string of them. Unicode 15, table 3-7.

/// Whether `bytes` are well-formed UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
func isUTF8(_ bytes: UnsafeRawBufferPointer) -> Bool {
  var index = 0
  while index < bytes.count {
    guard let byteCount = utf8SequenceByteCount(bytes, at: index) else { return false }
    index += byteCount
  }
  return true
}

/// Bytes of the well-formed sequence that starts at `index`, nil when there is none.
@inline(__always)
func utf8SequenceByteCount(_ bytes: UnsafeRawBufferPointer, at index: Int) -> Int? {
  let lead = bytes[index]
  if lead < 0x80 { return 1 }
  // The second byte's range depends on the first: it is what excludes overlong forms and surrogates.
  let byteCount: Int
  var second: ClosedRange<UInt8> = 0x80...0xBF
  switch lead {
  case 0xC2...0xDF: byteCount = 2
  case 0xE0: (byteCount, second) = (3, 0xA0...0xBF)
  case 0xE1...0xEC, 0xEE...0xEF: byteCount = 3
  case 0xED: (byteCount, second) = (3, 0x80...0x9F)
  case 0xF0: (byteCount, second) = (4, 0x90...0xBF)
  case 0xF1...0xF3: byteCount = 4
  case 0xF4: (byteCount, second) = (4, 0x80...0x8F)
  default: return nil
  }
  guard bytes.count - index >= byteCount, second.contains(bytes[index + 1]) else { return nil }
  if byteCount >= 3 && bytes[index + 2] & 0xC0 != 0x80 { return nil }
  if byteCount == 4 && bytes[index + 3] & 0xC0 != 0x80 { return nil }
  return byteCount
}
