// SPDX-License-Identifier: Apache-2.0
// Norms and pointwise kernels against doubles, and every instruction set against the scalar kernel, bit for bit.
// Tools/test-kernels does the latter with more and nastier numbers, on other processors too.
import CKernels
import Glibc
import Testing

@Suite("Norms and pointwise kernels")
struct RowTests {
  @Test("rms_norm divides by the root of the mean square", arguments: Table.all)
  func rmsNorm(table: Table) {
    for n in widths {
      let x = seededRow(n, seed: UInt64(n)), w = seededRow(n, seed: 99)
      var y = [Float](repeating: .nan, count: n)
      table.kernels.rms_norm(x, w, 1e-5, n, &y)
      let mean = x.reduce(0) { $0 + Double($1) * Double($1) } / Double(n)
      for i in 0..<n {
        let expected = Double(x[i]) / (mean + 1e-5).squareRoot() * Double(w[i])
        #expect(abs(Double(y[i]) - expected) <= abs(expected) * 1e-6)
      }
      var inPlace = x
      inPlace.withUnsafeMutableBufferPointer {
        table.kernels.rms_norm($0.baseAddress!, w, 1e-5, n, $0.baseAddress!)
      }
      #expect(inPlace == y)
    }
  }

  @Test("rms_norm sums in sixteen lanes and one tree")
  func rmsNormOrder() {
    // 2^24 in lane 0 swallows ones that follow in that lane, not those of lane 8.
    var x = [Float](repeating: 0, count: 48)
    x[0] = 4096
    x[16] = 1
    x[32] = 1
    x[8] = 1
    x[24] = 1
    var y = x
    Table.scalar.kernels.rms_norm(x, [Float](repeating: 1, count: 48), 0, 48, &y)
    let mean = Float(16_777_216 + 2) / 48
    #expect(y[0] == 4096 * (1 / mean.squareRoot()))
  }

  @Test("gelu_tanh_mul and softcap follow their formulas", arguments: Table.all)
  func geluAndSoftcap(table: Table) {
    for n in widths {
      let a = seededRow(n, seed: UInt64(n), limit: 9), b = seededRow(n, seed: 7)
      var gelu = [Float](repeating: .nan, count: n), capped = gelu
      table.kernels.gelu_tanh_mul(a, b, n, &gelu)
      table.kernels.softcap(a, 2.5, n, &capped)
      for i in 0..<n {
        let x = Double(a[i])
        let inner = (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)
        // Near −9 the two summands almost cancel: the error is one of h, not of the result.
        #expect(abs(Double(gelu[i]) - x / 2 * (1 + tanh(inner)) * Double(b[i])) <= abs(x * Double(b[i])) * 2e-7)
        #expect(abs(Double(capped[i]) - 2.5 * tanh(x / 2.5)) <= 2.5e-6)
      }
      var inPlace = a
      inPlace.withUnsafeMutableBufferPointer {
        table.kernels.softcap($0.baseAddress!, 2.5, n, $0.baseAddress!)
      }
      #expect(inPlace == capped)
    }
  }

  @Test("silu_mul and add follow their formulas", arguments: Table.all)
  func pointwise(table: Table) {
    for n in widths {
      let a = seededRow(n, seed: UInt64(n), limit: 20), b = seededRow(n, seed: 7)
      var silu = [Float](repeating: .nan, count: n), sum = silu
      table.kernels.silu_mul(a, b, n, &silu)
      table.kernels.add(a, b, n, &sum)
      for i in 0..<n {
        let expected = Double(a[i]) / (1 + exp(-Double(a[i]))) * Double(b[i])
        #expect(abs(Double(silu[i]) - expected) <= abs(expected) * 1e-6)
        #expect(sum[i] == a[i] + b[i])
      }
    }
  }

  @Test("layer_norm and affine follow their formulas", arguments: Table.all)
  func layerNorm(table: Table) {
    for n in widths {
      let x = seededRow(n, seed: UInt64(n)).map { $0 + 3 }, w = seededRow(n, seed: 99), b = seededRow(n, seed: 98)
      var y = [Float](repeating: .nan, count: n), scaled = y
      table.kernels.layer_norm(x, w, b, 1e-5, n, &y)
      table.kernels.affine(x, w, b, n, &scaled)
      let mean = x.reduce(0) { $0 + Double($1) } / Double(n)
      let variance = x.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(n)
      for i in 0..<n {
        let expected = (Double(x[i]) - mean) / (variance + 1e-5).squareRoot() * Double(w[i]) + Double(b[i])
        // With one number the mean is that number, and nothing is left but the bias.
        #expect(abs(Double(y[i]) - expected) <= 3e-5)
        #expect(abs(Double(scaled[i]) - Double(x[i]) * Double(w[i]) - Double(b[i])) <= 1e-6)
      }
    }
  }

  @Test("functions of one number follow their formulas", arguments: Table.all)
  func apply(table: Table) {
    let formulas: [(ht_function, (Double) -> Double)] = [
      (HT_GELU_ERF, { $0 / 2 * (1 + erf($0 / 2.0.squareRoot())) }),
      (HT_GELU_TANH, { $0 / 2 * (1 + tanh((2 / Double.pi).squareRoot() * ($0 + 0.044715 * $0 * $0 * $0))) }),
      (HT_RELU, { max($0, 0) }), (HT_TANH, { tanh($0) }), (HT_SILU, { $0 / (1 + exp(-$0)) }),
    ]
    #expect(formulas.count == Int(HT_FUNCTION_COUNT.rawValue))
    for n in widths {
      let x = seededRow(n, seed: UInt64(n), limit: 9)
      for (function, formula) in formulas {
        var y = [Float](repeating: .nan, count: n)
        ht_apply_run(table.pointer, function, x, n, &y)
        for i in 0..<n { #expect(abs(Double(y[i]) - formula(Double(x[i]))) <= max(abs(Double(x[i])), 1) * 3e-7) }
      }
    }
  }

  @Test("every instruction set gives the scalar kernel's bits", arguments: Table.all)
  func sameBits(table: Table) {
    for n in widths {
      let a = nastyRow(n, seed: UInt64(n)), b = nastyRow(n, seed: UInt64(n) + 1000)
      for kernel in [\ht_kernels.silu_mul, \ht_kernels.gelu_tanh_mul, \ht_kernels.add] {
        var expected = [Float](repeating: 0, count: n), found = expected
        Table.scalar.kernels[keyPath: kernel](a, b, n, &expected)
        table.kernels[keyPath: kernel](a, b, n, &found)
        #expect(bits(found) == bits(expected))
      }
      for x in [a, seededRow(n, seed: 5)] {
        var cappedExpected = [Float](repeating: 0, count: n), capped = cappedExpected
        Table.scalar.kernels.softcap(x, 30, n, &cappedExpected)
        table.kernels.softcap(x, 30, n, &capped)
        #expect(bits(capped) == bits(cappedExpected))
        var expected = [Float](repeating: 0, count: n), found = expected
        Table.scalar.kernels.rms_norm(x, b, 1e-6, n, &expected)
        table.kernels.rms_norm(x, b, 1e-6, n, &found)
        #expect(bits(found) == bits(expected))
      }
    }
  }

  @Test("exp and tanh are within their bounds of the true value, and right at the ends")
  func functions() {
    for pattern in stride(from: UInt64(0), through: UInt64(UInt32.max), by: 65521) {
      let x = Float(bitPattern: UInt32(pattern))
      if x.isNaN {
        #expect(ht_exp(x).isNaN && ht_tanh(x).isNaN)
        continue
      }
      let tanh = Glibc.tanh(Double(x))
      #expect(abs(Double(ht_tanh(x)) - tanh) <= 2 * Double(Float(tanh).ulp))
      if x >= -87.33654 && x < 88.7228 {
        let exp = Glibc.exp(Double(x))
        #expect(abs(Double(ht_exp(x)) - exp) <= Double(Float(exp).ulp))
      }
    }
    #expect(ht_exp(0) == 1 && ht_exp(-0.0) == 1 && ht_exp(-.infinity) == 0 && ht_exp(.infinity) == .infinity)
    #expect(ht_exp(-87.33655) == 0 && ht_exp(-87.33654) >= .leastNormalMagnitude)
    #expect(ht_exp(88.72284) == .infinity && ht_exp(88.72283) < .infinity)
    #expect(ht_tanh(.infinity) == 1 && ht_tanh(-.infinity) == -1 && ht_tanh(-0.0).sign == .minus)
  }

  @Test("exp and tanh are the functions of specs/numerics.md §8, to the bit")
  func pinned() {
    var digest: UInt64 = 0xcbf2_9ce4_8422_2325
    for pattern in stride(from: UInt64(0), through: UInt64(UInt32.max), by: 65521) {
      let x = Float(bitPattern: UInt32(pattern))
      for word in bits([ht_exp(x), ht_tanh(x)]) { digest = (digest ^ UInt64(word)) &* 0x100_0000_01b3 }
    }
    #expect(digest == 3_879_433_908_688_538_378)  // other bits: another format version
  }
}
