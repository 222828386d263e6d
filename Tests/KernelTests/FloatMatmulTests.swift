// SPDX-License-Identifier: Apache-2.0
// Matmuls with f32, f16 and bf16 weights against a chain of fma in k order, computed from the numbers, not from the
// panels.
import CKernels
import Testing

@Suite("Float matmul")
struct FloatMatmulTests {
  struct Weights: CustomTestStringConvertible {
    var format: ht_format
    var testDescription: String { ["f32", "f16", "bf16"][Int(format.rawValue)] }
    static let all = [HT_F32, HT_F16, HT_BF16].map(Weights.init)

    /// What the format keeps of x, and its bytes.
    func rounded(_ x: Float) -> (value: Float, bytes: [UInt8]) {
      switch format {
      case HT_F32: return (x, withUnsafeBytes(of: x.bitPattern.littleEndian, Array.init))
      case HT_F16:
        let half = Float16(x)
        return (Float(half), withUnsafeBytes(of: half.bitPattern.littleEndian, Array.init))
      default:
        let upper = UInt16(x.bitPattern >> 16)
        return (Float(bitPattern: UInt32(upper) << 16), withUnsafeBytes(of: upper.littleEndian, Array.init))
      }
    }

    func kernel(_ table: Table) -> @convention(c) (UnsafePointer<ht_matmul>, Int, Int) -> Void {
      switch format {
      case HT_F32: return table.kernels.matmul.0
      case HT_F16: return table.kernels.matmul.1
      default: return table.kernels.matmul.2
      }
    }
  }

  @Test("is a chain of fma, then the bias, then the residual, bit for bit", arguments: Weights.all, Table.all)
  func chain(weights: Weights, table: Table) {
    for (rows, k, tokens) in [(1, 1, 1), (16, 32, 2), (17, 33, 3), (100, 96, 4), (70, 10, 5), (130, 64, 9)] {
      let values = seededRow(rows * k, seed: UInt64(rows + k)).map { weights.rounded($0).value }
      let panelK = (k + 31) / 32 * 32, width = weights.rounded(0).bytes.count
      let w = LinedBytes(ht_tensor_byte_count(weights.format, rows, k)), x = LinedBytes(tokens * panelK * 4)
      w.bytes.initializeMemory(as: UInt8.self, repeating: 0)
      for row in 0..<rows {
        for column in 0..<k {
          let at = ((row / 16 * panelK + column) * 16 + row % 16) * width
          for (i, byte) in weights.rounded(values[row * k + column]).bytes.enumerated() { w.bytes[at + i] = byte }
        }
      }
      let input = seededRow(tokens * panelK, seed: 5)
      for i in 0..<tokens * panelK { x.floats[i] = i % panelK < k ? input[i] : 0 }
      let bias = seededRow(rows, seed: 6), residual = seededRow(rows * tokens, seed: 7)
      var y = residual
      y.withUnsafeMutableBufferPointer { y in
        bias.withUnsafeBufferPointer { bias in
          var job = ht_matmul(
            w: w.base, rows: rows, k: k, x: x.base, x_stride: panelK * 4, y: y.baseAddress!, y_stride: rows,
            bias: bias.baseAddress!, residual: y.baseAddress!, residual_stride: rows, tokens: tokens, split: 0)
          weights.kernel(table)(&job, 0, 1)
          weights.kernel(table)(&job, 1, (rows + 15) / 16)
        }
      }
      for token in 0..<tokens {
        for row in 0..<rows {
          var sum: Float = 0
          for column in 0..<k { sum.addProduct(values[row * k + column], input[token * panelK + column]) }
          #expect(y[token * rows + row] == (sum + bias[row]) + residual[token * rows + row])
        }
      }
    }
  }
}
