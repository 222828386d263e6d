// SPDX-License-Identifier: Apache-2.0
// Rotary positions against complex products in double, in both pairings, and every instruction set against scalar.
import CKernels
import Glibc
import Testing

@Suite("Rope")
struct RopeTests {
  /// Cosines, then sines, of `position` times each pair's frequency.
  private func tableRow(_ pairs: Int, position: Double) -> [Float] {
    let angles = (0..<pairs).map { position * pow(10000, -Double($0) / Double(pairs)) }
    return angles.map { Float(cos($0)) } + angles.map { Float(sin($0)) }
  }

  @Test("rotates each pair by the angle of both parts of the position", arguments: Table.all)
  func rotates(table: Table) {
    for (heads, headDim, pairs) in [(1, 2, 1), (3, 10, 5), (2, 30, 15), (9, 64, 32), (2, 80, 30), (1, 256, 128)] {
      for adjacent in [false, true] {
        let x = seededRow(heads * headDim, seed: UInt64(headDim))
        var y = x
        table.kernels.rope(
          &y, heads, headDim, pairs, tableRow(pairs, position: 512), tableRow(pairs, position: 77), adjacent)
        for head in 0..<heads {
          for pair in 0..<pairs {
            let a = head * headDim + (adjacent ? 2 * pair : pair), b = a + (adjacent ? 1 : pairs)
            let angle = 589 * pow(10000, -Double(pair) / Double(pairs))
            let cosine = cos(angle), sine = sin(angle), size = abs(Double(x[a])) + abs(Double(x[b]))
            #expect(abs(Double(y[a]) - (Double(x[a]) * cosine - Double(x[b]) * sine)) <= size * 4e-7)
            #expect(abs(Double(y[b]) - (Double(x[a]) * sine + Double(x[b]) * cosine)) <= size * 4e-7)
          }
          let rest = (head * headDim + 2 * pairs)..<((head + 1) * headDim)
          #expect(Array(y[rest]) == Array(x[rest]))
        }
      }
    }
  }

  @Test("every instruction set gives the scalar kernel's bits", arguments: Table.all)
  func sameBits(table: Table) {
    for pairs in [1, 5, 15, 16, 17, 32, 40, 64] {
      for adjacent in [false, true] {
        var expected = nastyRow(3 * (2 * pairs + 6), seed: UInt64(pairs)), found = expected
        let high = nastyRow(2 * pairs, seed: 3), low = seededRow(2 * pairs, seed: 4)
        Table.scalar.kernels.rope(&expected, 3, 2 * pairs + 6, pairs, high, low, adjacent)
        table.kernels.rope(&found, 3, 2 * pairs + 6, pairs, high, low, adjacent)
        #expect(bits(found) == bits(expected))
      }
    }
  }
}
