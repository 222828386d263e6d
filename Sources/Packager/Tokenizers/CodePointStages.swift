// SPDX-License-Identifier: Apache-2.0
// A value for every code point in three stages of 6 bits: 272 first entries (4096 code points each), blocks of 64
// middle entries (64 code points each), blocks of 64 values. Equal blocks are kept once, in order of first use.

struct CodePointStages<Value: FixedWidthInteger & Hashable> {
  private(set) var first: [UInt8] = []
  private(set) var middle: [UInt16] = []
  private(set) var last: [Value] = []

  /// - Parameter keepsASCII: the first two blocks of values are those of ASCII, even if they are equal.
  init(_ values: [Value], keepsASCII: Bool = false) throws(AutomatonError) {
    var lastBlocks: [ArraySlice<Value>: UInt16] = [:]
    var middleEntries: [UInt16] = []
    for start in stride(from: 0, to: values.count, by: 64) {
      let block = values[start..<start + 64]
      if let known = lastBlocks[block], !keepsASCII || start >= 128 {
        middleEntries.append(known)
        continue
      }
      let index = UInt16(last.count / 64)
      if lastBlocks[block] == nil { lastBlocks[block] = index }
      last += block
      middleEntries.append(index)
    }
    var middleBlocks: [ArraySlice<UInt16>: UInt8] = [:]
    for start in stride(from: 0, to: middleEntries.count, by: 64) {
      let block = middleEntries[start..<start + 64]
      if let known = middleBlocks[block] {
        first.append(known)
        continue
      }
      guard let index = UInt8(exactly: middle.count / 64) else { throw .tooLarge }
      middleBlocks[block] = index
      middle += block
      first.append(index)
    }
  }
}
