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

  func stages() throws(AutomatonError) -> CodePointStages<UInt8> {
    var classes = [UInt8](repeating: 0, count: Int(CodePointSet.last) + 1)
    for (range, classIndex) in intervals {
      for codePoint in range { classes[Int(codePoint)] = classIndex }
    }
    return try CodePointStages(classes, keepsASCII: true)
  }
}
