// SPDX-License-Identifier: Apache-2.0
// Every block format against the values that ggml and the gguf package give for the same bytes, to the bit.
import ModelFiles
import Testing

@Suite("Blocks become the floats that ggml makes of them")
struct BlockFormatsTests {
  static let types = ElementType.allCases.filter { $0.isDequantizable && $0 != .F32 }

  @Test("to the bit", .needsReferenceData, arguments: types)
  func equalsReference(type: ElementType) throws {
    let file = try SafetensorsFile(path: "\(ReferenceData.folder)/quant/\(type.name).safetensors")
    let rawInfo = try #require(file.tensor(named: "raw"))
    let valuesInfo = try #require(file.tensor(named: "values"))
    let raw = try file.bytes(of: rawInfo)
    let expected = try file.bytes(of: valuesInfo).withUnsafeBytes { Array($0.bindMemory(to: UInt32.self)) }
    #expect(raw.count % type.bytesPerBlock == 0)
    #expect(raw.count / type.bytesPerBlock * type.elementsPerBlock == expected.count)
    let found = dequantize(type, raw).map(\.bitPattern)
    let misses = zip(found, expected).enumerated().filter { $0.element.0 != $0.element.1 }
    #expect(misses.isEmpty, "\(misses.count) of \(expected.count) differ, the first at \(misses.first?.offset ?? -1)")
    #expect(found.count == expected.count && Set(found).count > 100)
  }

  @Test("F32 is itself") func float32() {
    let patterns: [UInt32] = [0, 0x8000_0000, 0x3F80_0000, 0x7F80_0000, 0x7FC0_0001, 1]
    let bytes = patterns.flatMap { pattern in (0..<4).map { UInt8(truncatingIfNeeded: pattern >> ($0 * 8)) } }
    #expect(dequantize(.F32, bytes).map(\.bitPattern) == patterns)
  }

  @Test("every half is converted as the hardware does") func halves() {
    for bits in UInt16.min...UInt16.max {
      let (found, expected) = (float(half: bits), Float(Float16(bitPattern: bits)))
      if expected.isNaN {
        #expect(found.isNaN)
      } else if found.bitPattern != expected.bitPattern {
        Issue.record("half \(bits): \(found), expected \(expected)")
      }
    }
  }

  @Test("what cannot be decoded is refused, nothing written")
  func refused() {
    var values: [Float] = [7]
    let done = values.withUnsafeMutableBufferPointer { values in
      [UInt8](repeating: 0, count: 66).withUnsafeBytes { BlockFormats.dequantize(.IQ2_XXS, $0, into: values) }
    }
    #expect(!done && values == [7])
  }

  /// The parts that the packager lays out anew, put together again by the formula of each format.
  @Test(
    "the integer parts give the same floats", .needsReferenceData,
    arguments: [
      ElementType.Q4_0, .Q4_1, .Q5_0, .Q5_1, .Q8_0, .Q4_K, .Q5_K, .Q6_K, .Q2_K, .Q3_K, .IQ4_NL, .IQ4_XS, .MXFP4,
    ])
  func partsEqualReference(type: ElementType) throws {
    let file = try SafetensorsFile(path: "\(ReferenceData.folder)/quant/\(type.name).safetensors")
    let raw = try file.bytes(of: try #require(file.tensor(named: "raw")))
    let expected = dequantize(type, raw)
    for block in 0..<raw.count / type.bytesPerBlock {
      let bytes = Array(raw[block * type.bytesPerBlock..<(block + 1) * type.bytesPerBlock])
      let found = fromParts(type, bytes).map(\.bitPattern)
      let first = block * type.elementsPerBlock
      #expect(found == expected[first..<first + type.elementsPerBlock].map(\.bitPattern), "block \(block)")
    }
  }

  private func dequantize(_ type: ElementType, _ bytes: [UInt8]) -> [Float] {
    var values = [Float](repeating: .nan, count: bytes.count / type.bytesPerBlock * type.elementsPerBlock)
    values.withUnsafeMutableBufferPointer { values in
      bytes.withUnsafeBytes { _ = BlockFormats.dequantize(type, $0, into: values) }
    }
    return values
  }

  private func fromParts(_ type: ElementType, _ bytes: [UInt8]) -> [Float] {
    var quants = [UInt8](repeating: 0xEE, count: type.elementsPerBlock)
    var signedQuants = [Int8](repeating: 99, count: type.elementsPerBlock)
    var scales = [UInt8](repeating: 0xEE, count: 8)
    var minima = scales
    var signedScales = [Int8](repeating: 99, count: 16)
    var halfScales = [UInt8](repeating: 0xEE, count: 16)
    let uneven: [Float] = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113]
    let doubled: [Float] = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12]
    return bytes.withUnsafeBytes { buffer in
      let block = buffer.baseAddress!
      switch type {
      case .Q2_K:
        let (d, dmin) = BlockQ2_K.unpack(block, quants: &quants, scales: &halfScales)
        return quants.enumerated().map { index, quant in
          let packed = halfScales[index / 16]
          return float(half: d) * Float(packed & 15) * Float(quant) - float(half: dmin) * Float(packed >> 4)
        }
      case .Q3_K:
        let d = BlockQ3_K.unpack(block, quants: &quants, scales: &halfScales)
        return quants.enumerated().map { index, quant in
          float(half: d) * Float(Int(halfScales[index / 16]) - 32) * Float(Int(quant) - BlockQ3_K.zeroPoint)
        }
      case .IQ4_NL:
        let d = BlockIQ4_NL.unpack(block, quants: &quants)
        return quants.map { float(half: d) * uneven[Int($0)] }
      case .IQ4_XS:
        let d = BlockIQ4_XS.unpack(block, quants: &quants, scales: &scales)
        return quants.enumerated().map { index, quant in
          float(half: d) * Float(Int(scales[index / 32]) - 32) * uneven[Int(quant)]
        }
      case .MXFP4:
        let exponent = Int(BlockMXFP4.unpack(block, quants: &quants))
        return quants.map { Float(sign: .plus, exponent: exponent - 128, significand: 1) * doubled[Int($0)] }
      case .Q4_0, .Q5_0:
        let isFour = type == .Q4_0
        let scale = isFour ? BlockQ4_0.unpack(block, quants: &quants) : BlockQ5_0.unpack(block, quants: &quants)
        return quants.map { float(half: scale) * Float(Int($0) - (isFour ? 8 : 16)) }
      case .Q4_1, .Q5_1:
        let parts =
          type == .Q4_1 ? BlockQ4_1.unpack(block, quants: &quants) : BlockQ5_1.unpack(block, quants: &quants)
        return quants.map { float(half: parts.scale) * Float($0) + float(half: parts.minimum) }
      case .Q8_0:
        let scale = BlockQ8_0.unpack(block, quants: &signedQuants)
        return signedQuants.map { float(half: scale) * Float($0) }
      case .Q6_K:
        let d = BlockQ6_K.unpack(block, quants: &quants, scales: &signedScales)
        return quants.enumerated().map { index, quant in
          float(half: d) * Float(signedScales[index / 16]) * Float(Int(quant) - 32)
        }
      default:
        let parts =
          type == .Q4_K
          ? BlockQ4_K.unpack(block, quants: &quants, scales: &scales, minima: &minima)
          : BlockQ5_K.unpack(block, quants: &quants, scales: &scales, minima: &minima)
        return quants.enumerated().map { index, quant in
          let scale = float(half: parts.d) * Float(scales[index / 32])
          let minimum = float(half: parts.dmin) * Float(minima[index / 32])
          return scale * Float(quant) - minimum
        }
      }
    }
  }
}
