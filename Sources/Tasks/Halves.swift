// SPDX-License-Identifier: Apache-2.0
// Where to cut a text that is too long for a model.

/// Behind the space that is nearest to the middle of UTF-8 `text`; where there is none, in front of the character
/// there. Nil: it is all one.
public func middleOfWords(_ text: UnsafeRawBufferPointer) -> Int? {
  let half = text.count / 2
  for distance in 0..<max(half - 1, 0) {
    if text[half - distance] == 32 { return half - distance + 1 }
    if text[half + distance] == 32 { return half + distance + 1 }
  }
  var at = half
  while at > 0, text[at] & 0xC0 == 0x80 { at -= 1 }
  return at > 0 ? at : nil
}
