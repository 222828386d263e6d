// SPDX-License-Identifier: Apache-2.0
// A set of Unicode code points as sorted, disjoint, non-adjacent ranges. What the regex compiler calculates with.

struct CodePointSet: Hashable {
  static let last: UInt32 = 0x10FFFF

  /// Inclusive ranges, ascending, with at least one code point between two of them.
  private(set) var ranges: [ClosedRange<UInt32>] = []

  init() {}

  init(_ range: ClosedRange<UInt32>) { ranges = [range] }

  /// Ranges in any order, overlapping or not.
  init(_ unsorted: [ClosedRange<UInt32>]) {
    for range in unsorted.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let end = ranges.last?.upperBound, range.lowerBound <= end &+ 1 {
        let start = ranges[ranges.count - 1].lowerBound
        ranges[ranges.count - 1] = start...max(end, range.upperBound)
      } else {
        ranges.append(range)
      }
    }
  }

  static let all = CodePointSet(0...last)

  var isEmpty: Bool { ranges.isEmpty }

  func contains(_ codePoint: UInt32) -> Bool {
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < codePoint { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].lowerBound <= codePoint
  }

  var codePoints: [UInt32] { ranges.flatMap { Array($0) } }

  func union(_ other: CodePointSet) -> CodePointSet { CodePointSet(ranges + other.ranges) }

  var complement: CodePointSet {
    var result = CodePointSet()
    var next: UInt32 = 0
    for range in ranges {
      if range.lowerBound > next { result.ranges.append(next...(range.lowerBound - 1)) }
      next = range.upperBound + 1
    }
    if next <= Self.last { result.ranges.append(next...Self.last) }
    return result
  }

  func minus(_ other: CodePointSet) -> CodePointSet { intersection(other.complement) }

  func intersection(_ other: CodePointSet) -> CodePointSet {
    complement.union(other.complement).complement
  }

  /// With every code point that differs only in case, by simple case folding.
  var caseClosed: CodePointSet {
    var extra: [ClosedRange<UInt32>] = []
    for orbit in UnicodeProperties.caseOrbits where orbit.contains(where: contains) {
      extra += orbit.map { $0...$0 }
    }
    return CodePointSet(ranges + extra)
  }
}
