// SPDX-License-Identifier: Apache-2.0
// The integer matmul kernels against a sum of doubles that is computed from the numbers, not from the panels; the other
// instruction sets against the scalar kernel, bit for bit. Tools/test-kernels does the same with nastier numbers.
import CKernels
import Testing

private func isas() -> [ht_isa] {
  (0..<HT_ISA_COUNT.rawValue).map(ht_isa.init(rawValue:)).filter {
    ht_kernels_of($0) != nil && ht_isa_available($0, UInt64.max)
  }
}

/// Activations quantized by the table: the rows, and the numbers that they mean.
private struct Activations {
  var rows: UnsafeMutableRawBufferPointer
  var stride: Int
  var meant: [Double]  // (tokens, k)

  /// - Parameter split: 1 for q16 rows.
  init(tokens: Int, k: Int, isa: ht_isa, seed: UInt64, split: Int = 0) {
    stride = ht_q8_row_byte_count(k) << split
    rows = .allocate(byteCount: tokens * stride, alignment: 64)
    meant = []
    var random = SeededNumbers(seed: seed)
    let groups = (k + 31) / 32
    for token in 0..<tokens {
      let values = (0..<k).map { _ in Float.random(in: -4...4, using: &random) }
      let row = rows.baseAddress! + token * stride
      let kernels = ht_kernels_of(isa)!.pointee
      let quantize = split == 1 ? kernels.quantize16 : kernels.quantize
      quantize(values, k, row.assumingMemoryBound(to: UInt8.self), 0, groups)
      let low = row + stride / 2 * split
      for column in 0..<k {
        var quant = Int(low.load(fromByteOffset: column, as: Int8.self))
        if split == 1 { quant += 128 * Int(row.load(fromByteOffset: column, as: Int8.self)) }
        let scale = low.load(fromByteOffset: groups * 32 + column / 32 * 4, as: Float.self)
        if split == 1 {  // half a step, and three roundings to 24 bits of what has up to 16256 steps
          #expect(abs(Double(values[column]) - Double(scale) * Double(quant)) <= 0.503 * Double(scale))
        }
        meant.append(Double(scale) * Double(quant))
      }
    }
  }
}

private func product(
  _ layout: Layout, _ weights: LogicalWeights, _ x: Activations, tokens: Int, bias: [Float], residual: [Float],
  isa: ht_isa, split: Int
) -> [Float] {
  var y = [Float](repeating: .nan, count: tokens * weights.rows)
  y.withUnsafeMutableBufferPointer { y in
    bias.withUnsafeBufferPointer { bias in
      residual.withUnsafeBufferPointer { residual in
        var job = ht_matmul(
          w: weights.panels.baseAddress!.assumingMemoryBound(to: UInt8.self), rows: weights.rows, k: weights.k,
          x: x.rows.baseAddress!.assumingMemoryBound(to: UInt8.self), x_stride: x.stride, y: y.baseAddress!,
          y_stride: weights.rows, bias: bias.baseAddress!, residual: residual.baseAddress!,
          residual_stride: weights.rows, tokens: tokens, split: split)
        matmul(layout.format, of: isa)(&job, 0, (weights.rows + 15) / 16)
      }
    }
  }
  return y
}

/// The kernel of a format: the table is a C array, which Swift sees as a tuple.
private func matmul(
  _ format: ht_format, of isa: ht_isa
) -> @convention(c) (UnsafePointer<ht_matmul>, Int, Int) -> Void {
  withUnsafeBytes(of: ht_kernels_of(isa)!.pointee.matmul) {
    $0.load(
      fromByteOffset: Int(format.rawValue) * MemoryLayout<UInt>.size,
      as: (@convention(c) (UnsafePointer<ht_matmul>, Int, Int) -> Void).self)
  }
}

@Suite("Integer matmul")
struct MatmulTests {
  @Test("a dequantized row holds the numbers that the format means", arguments: Layout.all)
  func dequantizedRows(layout: Layout) {
    for (rows, k) in [(1, 1), (17, 33), (40, 96), (33, 512)] where k % layout.columnMultiple == 0 {
      let weights = LogicalWeights(layout, rows: rows, k: k, seed: 7)
      #expect(ht_tensor_byte_count(layout.format, rows, k) == weights.panels.count)
      for row in 0..<rows {
        var out = [Float](repeating: .nan, count: k)
        ht_dequantize_row(layout.format, weights.panels.baseAddress!.assumingMemoryBound(to: UInt8.self), row, k, &out)
        for column in 0..<k {
          let meant = weights.values[row * k + column]
          #expect(abs(Double(out[column]) - meant) <= abs(meant) * 0x1p-22 + 0x1p-24)
        }
      }
    }
  }

  @Test(
    "equals a sum of doubles, and every instruction set gives the scalar kernel's bits", arguments: Layout.all, [0, 1])
  func product(layout: Layout, split: Int) {
    for (rows, k, tokens) in [(1, 1, 1), (17, 33, 3), (40, 96, 9), (33, 512, 5), (16, 2304, 8)]
    where k % layout.columnMultiple == 0 {
      let weights = LogicalWeights(layout, rows: rows, k: k, seed: UInt64(rows + k))
      let x = Activations(tokens: tokens, k: k, isa: HT_ISA_SCALAR, seed: UInt64(k), split: split)
      var random = SeededNumbers(seed: 3)
      let bias = (0..<rows).map { _ in Float.random(in: -1...1, using: &random) }
      let residual = (0..<rows * tokens).map { _ in Float.random(in: -1...1, using: &random) }
      let scalar = KernelTests.product(
        layout, weights, x, tokens: tokens, bias: bias, residual: residual, isa: HT_ISA_SCALAR, split: split)
      for token in 0..<tokens {
        for row in 0..<rows {
          var sum = Double(bias[row]) + Double(residual[token * rows + row])
          var size = abs(sum)
          for column in 0..<k {
            let term = weights.values[row * k + column] * x.meant[token * k + column]
            sum += term
            size += abs(term)
          }
          #expect(abs(Double(scalar[token * rows + row]) - sum) <= 1e-5 * size)
        }
      }
      for isa in isas() {
        let other = KernelTests.product(
          layout, weights, x, tokens: tokens, bias: bias, residual: residual, isa: isa, split: split)
        #expect(other.map(\.bitPattern) == scalar.map(\.bitPattern), "\(String(cString: ht_isa_name(isa)))")
      }
    }
  }

  @Test("quantizes to the nearest of 127 steps, the same on every instruction set")
  func quantized() {
    for k in [1, 31, 32, 33, 100, 576] {
      let groups = (k + 31) / 32
      var random = SeededNumbers(seed: UInt64(k))
      let values = (0..<k).map { _ in Float.random(in: -9...9, using: &random) }
      var scalar = [UInt8](repeating: 1, count: ht_q8_row_byte_count(k))
      ht_kernels_of(HT_ISA_SCALAR)!.pointee.quantize(values, k, &scalar, 0, groups)
      scalar.withUnsafeBytes { row in
        for group in 0..<groups {
          let scale = Double(row.loadUnaligned(fromByteOffset: groups * 32 + group * 4, as: Float.self))
          let quants = (0..<32).map { row.load(fromByteOffset: group * 32 + $0, as: Int8.self) }
          let sum = quants.reduce(0) { $0 + Int32($1) }
          #expect(row.loadUnaligned(fromByteOffset: groups * 36 + group * 4, as: Int32.self) == sum)
          let scaledSum = row.loadUnaligned(fromByteOffset: groups * 40 + group * 4, as: Float.self)
          #expect(scaledSum == Float(scale) * Float(sum))
          for column in 0..<32 {
            let value = group * 32 + column < k ? Double(values[group * 32 + column]) : 0
            #expect(abs(value - scale * Double(quants[column])) <= scale * 0.50001)
          }
        }
      }
      for isa in isas() {
        var row = [UInt8](repeating: 2, count: scalar.count)
        ht_kernels_of(isa)!.pointee.quantize(values, k, &row, 0, groups)
        #expect(row == scalar, "\(String(cString: ht_isa_name(isa)))")
      }
    }
  }
}
