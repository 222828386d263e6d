// SPDX-License-Identifier: Apache-2.0
// The panels of a packed bundle, unpacked here from the words of specs/weights.md, against the source's values.
import CKernels
import Format
import Foundation
import ModelFileBuilders
import ModelFiles
import Packager
import Testing
import TestBundles

/// Reads one element of a tensor in panels: specs/weights.md §1 and §2, by address, nothing shared with the packager.
struct PanelReader {
  let bytes: [UInt8]
  let format: WeightFormat
  let columns: Int

  init(_ bundle: OpenBundle, _ tensor: Tensor) {
    bytes = [UInt8](bundle.view.bytes(of: tensor))
    format = tensor.format
    columns = tensor.columns
  }

  private func half(_ at: Int) -> Float { Float(Float16(bitPattern: UInt16(bytes[at]) | UInt16(bytes[at + 1]) << 8)) }

  /// (head lines, lines of a group, groups of a unit, bits) of an integer format.
  private var shape: (head: Int, group: Int, unit: Int, bits: Int) {
    switch format {
    case .q8_0: (1, 8, 2, 8)
    case .q4_0: (1, 4, 2, 4)
    case .q5_0: (1, 5, 2, 5)
    case .q6_0: (1, 6, 2, 6)
    case .q4_1: (1, 4, 1, 4)
    case .q5_1: (1, 5, 1, 5)
    case .q4_k: (5, 4, 8, 4)
    case .q5_k: (5, 5, 8, 5)
    case .q2_k: (5, 2, 8, 2)
    case .q3_k: (4, 3, 8, 3)
    case .iq4_nl: (1, 4, 2, 4)
    case .iq4_xs: (2, 4, 8, 4)
    case .mxfp4: (1, 4, 4, 4)
    default: (5, 6, 8, 6)
    }
  }

  /// w[row][column], in the f32 operations of §2.
  func value(_ row: Int, _ column: Int) -> Float {
    let groups = (columns + 31) / 32
    let r = row % 16
    if format.isFloat {
      let width = format == .f32 ? 4 : 2
      let at = row / 16 * 16 * width * 32 * groups + (16 * column + r) * width
      let low = UInt32(bytes[at]) | UInt32(bytes[at + 1]) << 8
      switch format {
      case .f32: return Float(bitPattern: low | UInt32(bytes[at + 2]) << 16 | UInt32(bytes[at + 3]) << 24)
      case .f16: return half(at)
      default: return Float(bitPattern: low << 16)
      }
    }
    let s = shape
    let panelByteCount = 64 * ((groups + s.unit - 1) / s.unit * s.head + groups * s.group)
    let (g, c) = (column / 32, column % 32)
    let unit = row / 16 * panelByteCount + g / s.unit * 64 * (s.head + s.unit * s.group)
    let body = unit + 64 * (s.head + g % s.unit * s.group)
    let (quad, byte) = (c / 4, 4 * r + c % 4)
    var q: Int
    if s.bits == 8 {
      q = Int(Int8(bitPattern: bytes[body + 64 * quad + byte]))
    } else if s.bits < 4 {
      q = Int(bytes[body + 64 * (quad / 4) + byte] >> UInt8(2 * (quad % 4)) & 3)
      if s.bits == 3 { q |= Int(bytes[body + 64 * 2 + byte] >> UInt8(quad) & 1) << 2 }
    } else {
      q = Int(bytes[body + 64 * (quad / 2) + byte] >> (quad % 2 == 0 ? 0 : 4)) & 15
      if s.bits == 5 { q |= Int(bytes[body + 64 * 4 + byte] >> UInt8(quad) & 1) << 4 }
      if s.bits == 6 { q |= Int(bytes[body + 64 * (4 + quad / 4) + byte] >> UInt8(2 * (quad % 4)) & 3) << 4 }
    }
    /// A 6-bit scale, less 32.
    func six(_ index: Int, width: Int, pairs: Int, nibbles: Int) -> Float {
      let low = bytes[unit + nibbles + width * (g % 4) + index] >> UInt8(4 * (g % 8 / 4)) & 15
      let high = bytes[unit + pairs + width * (g % 2) + index] >> UInt8(2 * (g % 8 / 2)) & 3
      return Float(Int(low | high << 4) - 32)
    }
    let uneven: [Float] = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113]
    switch format {
    case .iq4_nl: return half(unit + 32 * (g % 2) + 2 * r) * uneven[q]
    case .iq4_xs: return half(unit + 2 * r) * six(r, width: 16, pairs: 32, nibbles: 64) * uneven[q]
    case .mxfp4:
      let doubled: [Float] = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12]
      return Float(sign: .plus, exponent: Int(bytes[unit + 16 * (g % 4) + r]) - 128, significand: 1) * doubled[q]
    case .q3_k:
      return half(unit + 2 * r) * six(2 * r + c / 16, width: 32, pairs: 64, nibbles: 128) * Float(q - 4)
    case .q2_k:
      let packed = bytes[unit + 64 + 32 * (g % 8) + 2 * r + c / 16]
      return half(unit + 2 * r) * Float(packed & 15) * Float(q) - half(unit + 32 + 2 * r) * Float(packed >> 4)
    case .q8_0: return half(unit + 32 * (g % 2) + 2 * r) * Float(q)
    case .q4_0: return half(unit + 32 * (g % 2) + 2 * r) * Float(q - 8)
    case .q5_0: return half(unit + 32 * (g % 2) + 2 * r) * Float(q - 16)
    case .q6_0: return half(unit + 32 * (g % 2) + 2 * r) * Float(q - 32)
    case .q4_1, .q5_1: return half(unit + 2 * r) * Float(q) + half(unit + 32 + 2 * r)
    case .q6_k:
      let scale = Float(Int8(bitPattern: bytes[unit + 64 + 16 * (c / 16 + 2 * (g % 8)) + r]))
      return half(unit + 2 * r) * scale * Float(q - 32)
    default:
      let (scale, least) = (bytes[unit + 64 + 16 * (g % 8) + r], bytes[unit + 64 + 128 + 16 * (g % 8) + r])
      return half(unit + 2 * r) * Float(scale) * Float(q) - half(unit + 32 + 2 * r) * Float(least)
    }
  }
}

/// Rows of a source tensor as the file means them.
func dequantized(_ type: ElementType, _ data: [UInt8], _ count: Int) -> [Float] {
  var values = [Float](repeating: 0, count: count)
  let known = data.withUnsafeBytes { raw in
    values.withUnsafeMutableBufferPointer { BlockFormats.dequantize(type, raw, into: $0) }
  }
  precondition(known)
  return values
}

@Suite("Panels")
struct PanelTests {
  @Test(
    "hold exactly what the source holds, rows of Q and K turned from pairs to halves",
    arguments: [
      ElementType.F32, .F16, .BF16, .Q4_0, .Q4_1, .Q5_0, .Q5_1, .Q8_0, .Q4_K, .Q5_K, .Q6_K,
      .Q2_K, .Q3_K, .IQ4_NL, .IQ4_XS, .MXFP4,
    ])
  func exact(type: ElementType) throws {
    let isSuper = type.elementsPerBlock == 256
    let isFloat = [.F32, .F16, .BF16].contains(type)
    let model = isSuper ? TinyLlama.superBlocks : isFloat ? TinyLlama() : TinyLlama.blocks
    let folder = try TemporaryFolder()
    var sources: [GGUFBuilder.Tensor] = []
    let path = folder.write("model.gguf", model.gguf(type: type) { sources = $0.tensors })
    let bundle = try OpenBundle(try packed(path).bytes)
    for source in sources {
      let name = String(decoding: source.name, as: UTF8.self)
      let tensor = try #require(bundle.tensor(named: name))
      let (columns, rows) = (Int(source.dimensions[0]), source.dimensions.count > 1 ? Int(source.dimensions[1]) : 1)
      #expect(tensor.columns == columns && tensor.rows == rows)
      if rows == 1 {
        #expect(tensor.isPlain)
        #expect([UInt8](bundle.view.bytes(of: tensor)) == source.data)
        continue
      }
      let values = dequantized(type, source.data, rows * columns)
      let reader = PanelReader(bundle, tensor)
      var wrong = 0
      for row in 0..<rows {
        var stored = row
        if name.contains("attn_q.") || name.contains("attn_k.") {
          let (head, inner, half) = (row / model.headDim, row % model.headDim, model.headDim / 2)
          stored = head * model.headDim + (inner < half ? 2 * inner : 2 * (inner - half) + 1)
        }
        for column in 0..<columns {
          let held = reader.value(row, column)
          if held.bitPattern != values[stored * columns + column].bitPattern { wrong += 1 }
        }
      }
      #expect(wrong == 0, "\(name)")
      try kernelsAgree(bundle, tensor, reader)
    }
  }

  /// The board's own reading of a row.
  private func kernelsAgree(_ bundle: OpenBundle, _ tensor: Tensor, _ reader: PanelReader) throws {
    let base = bundle.view.bytes(of: tensor).baseAddress!.assumingMemoryBound(to: UInt8.self)
    var row = [Float](repeating: .nan, count: tensor.columns)
    for index in 0..<tensor.rows {
      ht_dequantize_row(ht_format(rawValue: UInt32(tensor.format.rawValue)), base, index, tensor.columns, &row)
      #expect(row.indices.allSatisfy { row[$0].bitPattern == reader.value(index, $0).bitPattern })
    }
  }

  @Test("rows and columns that fill up panels are zero bytes", arguments: [WeightChoice.keep, .f16, .q8, .q6, .q4])
  func padding(choice: WeightChoice) throws {
    let model = TinyLlama()  // 45, 77 and 67 fill nothing
    let bundle = try model.bundle(weights: choice)
    for index in 0..<bundle.view.tensorCount {
      let tensor = bundle.view.tensor(index)
      if tensor.isPlain { continue }
      // The same logical tensor with all padding set to zero must be the same bytes: check the scales of absent rows.
      let panelByteCount = tensor.format.panelByteCount(columns: tensor.columns)
      let bytes = bundle.view.bytes(of: tensor)
      let last = bytes.count - panelByteCount
      for r in (tensor.rows - 1) % 16 + 1..<16 where tensor.rows % 16 != 0 {
        if tensor.format.isFloat {
          let width = tensor.format == .f32 ? 4 : 2
          for k in 0..<tensor.columns {
            for b in 0..<width { #expect(bytes[last + (16 * k + r) * width + b] == 0) }
          }
        } else {
          for g in 0..<2 { #expect(bytes[last + 32 * g + 2 * r] == 0 && bytes[last + 32 * g + 2 * r + 1] == 0) }
        }
      }
    }
  }
}

@Suite("Quantizers")
struct QuantizerTests {
  /// Plain abs-max of each group of 32: d = extreme / −(limit + 1) in f16 (q8: amax / 127), codes to nearest.
  private func plain(_ x: [Float], limit: Float) -> [Float] {
    stride(from: 0, to: x.count, by: 32).flatMap { start -> [Float] in
      let group = x[start..<min(start + 32, x.count)]
      let extreme = group.max { abs($0) < abs($1) }!
      let scale = limit == 127 ? abs(extreme) / 127 : -extreme / (limit + 1)
      let d = Float(Float16(scale))
      return group.map { scale == 0 ? 0 : d * min(max(($0 / scale).rounded(.toNearestOrEven), -limit - 1), limit) }
    }
  }

  @Test(
    "err less than plain abs-max, row by row, and report the error that they make",
    arguments: [(WeightChoice.q8, Float(127)), (.q6, 31), (.q4, 7)])
  func error(choice: WeightChoice, limit: Float) throws {
    let model = TinyLlama()
    let folder = try TemporaryFolder()
    model.writeCheckpoint(folder)
    let (bytes, report) = try packed(folder.path, weights: choice)
    let bundle = try OpenBundle(bytes)
    for matrix in model.matrices() {
      guard let columns = matrix.columns else { continue }
      let reader = PanelReader(bundle, try #require(bundle.tensor(named: matrix.name)))
      var (ours, plainError, norm) = (0.0, 0.0, 0.0)
      for row in 0..<matrix.rows {
        let x = Array(matrix.values[(row * columns)..<((row + 1) * columns)])
        let other = plain(x, limit: limit)
        var (rowOurs, rowPlain) = (0.0, 0.0)
        for k in 0..<columns {
          rowOurs += pow(Double(x[k] - reader.value(row, k)), 2)
          rowPlain += pow(Double(x[k] - other[k]), 2)
          norm += Double(x[k]) * Double(x[k])
        }
        #expect(rowOurs <= rowPlain * 1.0001, "\(matrix.name) row \(row)")
        ours += rowOurs
        plainError += rowPlain
      }
      #expect(ours < plainError)
      let reported = try #require(report.tensorErrors.first { $0.name == matrix.name }).relativeError
      #expect(abs(reported - (ours / norm).squareRoot()) < 1e-6)
    }
  }

  @Test("f16 is the nearest half, ties to even")
  func halves() throws {
    var model = TinyLlama()
    model.layers = 1
    let folder = try TemporaryFolder()
    var special: [Float] = [
      0, -0.0, 1, 65_504, -65_504, 65_519.996, 0x1p-24, 0x1p-25, 0x1.8p-25, -0x1.002p-14, 0x1.ffcp-15,
    ]
    var random = Seeded(4)
    while special.count < model.vocab * model.hidden {
      let x = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
      if x.magnitude < 65_519 { special.append(x) }
      let tie = Float(Float16(random.uniform())) + 0x1p-13 * Float(random.below(3))
      special.append(tie)
    }
    model.writeCheckpoint(folder) { tensors in
      tensors[0].data = encode(Array(special.prefix(model.vocab * model.hidden)), .F32)
    }
    let bundle = try OpenBundle(try packed(folder.path, weights: .f16).bytes)
    let reader = PanelReader(bundle, try #require(bundle.tensor(named: "model.embed_tokens.weight")))
    for row in 0..<model.vocab {
      for k in 0..<model.hidden {
        let expected = Float(Float16(special[row * model.hidden + k]))
        #expect(reader.value(row, k).bitPattern == expected.bitPattern)
      }
    }
  }

  @Test(
    "numbers that are not finite, or too large, are refused by the tensor's name",
    arguments: [WeightChoice.q8, .q6, .q4, .f16], [Float.nan, .infinity, 1e6])
  func notFinite(choice: WeightChoice, x: Float) throws {
    if x == 1e6 && choice != .f16 { return }  // fits with a scale
    let folder = try TemporaryFolder()
    TinyLlama().writeCheckpoint(folder) { tensors in
      tensors[3].data.replaceSubrange(400..<404, with: encode([x], .F32))
    }
    #expect {
      _ = try packed(folder.path, weights: choice)
    } throws: { error in
      guard case .notFinite(let tensor, _)? = error as? PackError else { return false }
      return tensor == "model.layers.0.self_attn.k_proj.weight"
    }
  }
}
