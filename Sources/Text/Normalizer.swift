// SPDX-License-Identifier: Apache-2.0
// Unicode normalization form C over compiled tables. Spec: specs/tokenizer.md §9.

struct NormalizerTables {
  init?(_ section: TokenizerSection) {
    if section.byteCount(.normalFirst) == 0 { return nil }
  }

  func check() throws(TokenizerError) {}

  static func byteCountMax(textByteCount: Int) -> Int { 3 * textByteCount }
  static func scratchByteCount(textByteCount: Int) -> Int { 0 }

  func isNormalized(_ text: UnsafePointer<UInt8>, _ byteCount: Int) -> Bool { true }

  func normalize(
    _ text: UnsafePointer<UInt8>, _ byteCount: Int, scratch: UnsafeMutableRawBufferPointer
  ) throws(TokenizerError) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: text, count: byteCount)
  }
}
