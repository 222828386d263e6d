// SPDX-License-Identifier: Apache-2.0
// Code points that no set of a group of regexes tells apart share a class; the map from code point to class is a
// three-stage table (specs/tokenizer.md §6).

struct CodePointClasses {
  /// One inclusive range and its class, ascending, covering everything.
  private(set) var intervals: [(range: ClosedRange<UInt32>, classIndex: UInt8)] = []
  private(set) var count = 0
  /// A code point of each class.
  private(set) var representatives: [UInt32] = []

  init(telling sets: Set<CodePointSet>) throws(AutomatonError) {
    let sets = sets.sorted { lower, upper in
      lower.ranges.lexicographicallyPrecedes(upper.ranges) {
        ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound)
      }
    }
    var starts: Set<UInt32> = [0]
    for range in sets.flatMap(\.ranges) {
      starts.insert(range.lowerBound)
      if range.upperBound < CodePointSet.last { starts.insert(range.upperBound + 1) }
    }
    let bounds = starts.sorted()
    var classes: [[Bool]: UInt8] = [:]
    for (index, start) in bounds.enumerated() {
      let end = index + 1 < bounds.count ? bounds[index + 1] - 1 : CodePointSet.last
      let signature = sets.map { $0.contains(start) }
      let classIndex: UInt8
      if let known = classes[signature] {
        classIndex = known
      } else {
        if count >= 255 { throw .tooLarge }
        classIndex = UInt8(count)
        classes[signature] = classIndex
        representatives.append(start)
        count += 1
      }
      intervals.append((start...end, classIndex))
    }
  }

  /// The stages: 272 first entries (4096 code points each), blocks of 64 middle entries (64 code points each), blocks of
  /// 64 classes. The first two blocks of classes are those of ASCII.
  func stages() -> (first: [UInt8], middle: [UInt16], last: [UInt8]) {
    var classes = [UInt8](repeating: 0, count: Int(CodePointSet.last) + 1)
    for (range, classIndex) in intervals {
      for codePoint in range { classes[Int(codePoint)] = classIndex }
    }
    var last: [UInt8] = []
    var lastBlocks: [ArraySlice<UInt8>: UInt16] = [:]
    var middleEntries: [UInt16] = []
    for start in stride(from: 0, to: classes.count, by: 64) {
      let block = classes[start..<start + 64]
      if start >= 128, let known = lastBlocks[block] {
        middleEntries.append(known)
      } else {
        let index = UInt16(last.count / 64)
        if lastBlocks[block] == nil { lastBlocks[block] = index }
        last += block
        middleEntries.append(index)
      }
    }
    var first: [UInt8] = []
    var middle: [UInt16] = []
    var middleBlocks: [ArraySlice<UInt16>: UInt8] = [:]
    for start in stride(from: 0, to: middleEntries.count, by: 64) {
      let block = middleEntries[start..<start + 64]
      if let known = middleBlocks[block] {
        first.append(known)
      } else {
        let index = UInt8(middle.count / 64)  // 272 blocks at most, most of them the same: never over 255 in Unicode
        middleBlocks[block] = index
        middle += block
        first.append(index)
      }
    }
    return (first, middle, last)
  }
}
