// SPDX-License-Identifier: Apache-2.0
// From logits to scores, in place, the same bits on every instruction set. specs/numerics.md §12.
import CKernels
import Format
import Ops

extension Session {
  /// Makes scores of `row`, a row of this session's, in its place.
  public func score(_ row: UnsafeBufferPointer<Float>, _ function: ScoreFunction) {
    guard let start = row.baseAddress else { return }
    let y = UnsafeMutablePointer(mutating: start)
    switch function {
    case .none: break
    case .sigmoid: for i in 0..<row.count { y[i] = 1 / (1 + ht_exp(-y[i])) }
    case .softmax:
      let sum = shared.pointee.execution.kernels.pointee.exp_sum(y, largest(row), row.count, y)
      for i in 0..<row.count { y[i] /= sum }
    }
  }
}

/// exp of specs/numerics.md.
public func exponential(_ x: Float) -> Float { ht_exp(x) }

/// The largest number of a row; −∞ of none, and of NaNs.
public func largest(_ row: UnsafeBufferPointer<Float>) -> Float {
  var largest = -Float.infinity
  for number in row where number > largest { largest = number }
  return largest
}

/// Index of the largest number, the first among equals.
public func indexOfLargest(_ row: UnsafeBufferPointer<Float>) -> Int {
  var best = 0
  for i in 1..<max(row.count, 1) where row[i] > row[best] { best = i }
  return best
}

/// Calls `body` with the indexes of the `count` largest numbers, the largest first; of equals the smaller index first.
public func forEachLargest(_ row: UnsafeBufferPointer<Float>, _ count: Int, _ body: (Int) -> Void) {
  var (below, belowIndex) = (Float.infinity, -1)
  for _ in 0..<min(count, row.count) {
    var best = -1
    for i in 0..<row.count {
      guard row[i] < below || (row[i] == below && i > belowIndex) else { continue }
      if best < 0 || row[i] > row[best] { best = i }
    }
    if best < 0 { return }
    body(best)
    (below, belowIndex) = (row[best], best)
  }
}
