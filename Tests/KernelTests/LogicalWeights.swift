// SPDX-License-Identifier: Apache-2.0
// Weights as numbers in rows, and a writer of panels from specs/weights.md alone: it shares nothing with the kernels.
import CKernels
import Testing

/// A seeded generator (xorshift64*), the same on every machine.
struct SeededNumbers: RandomNumberGenerator {
  var state: UInt64
  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }
  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state &* 0x2545_F491_4F6C_DD1D
  }
}

/// What one integer format is, as the table of specs/weights.md §2 says.
struct Layout: CustomTestStringConvertible {
  var format: ht_format
  var name: String
  var bits: Int
  var zero: Int
  var groupsPerUnit: Int
  var headLines = 1
  /// What an element stands for, where it is an index.
  var codebook: [Int] = []
  var columnMultiple: Int { groupsPerUnit == 8 ? 256 : 1 }
  var testDescription: String { name }

  static let all: [Layout] = [
    Layout(format: HT_Q8_0, name: "q8_0", bits: 8, zero: 0, groupsPerUnit: 2),
    Layout(format: HT_Q4_0, name: "q4_0", bits: 4, zero: 8, groupsPerUnit: 2),
    Layout(format: HT_Q4_1, name: "q4_1", bits: 4, zero: 0, groupsPerUnit: 1),
    Layout(format: HT_Q5_0, name: "q5_0", bits: 5, zero: 16, groupsPerUnit: 2),
    Layout(format: HT_Q5_1, name: "q5_1", bits: 5, zero: 0, groupsPerUnit: 1),
    Layout(format: HT_Q6_0, name: "q6_0", bits: 6, zero: 32, groupsPerUnit: 2),
    Layout(format: HT_Q4_K, name: "q4_k", bits: 4, zero: 0, groupsPerUnit: 8, headLines: 5),
    Layout(format: HT_Q5_K, name: "q5_k", bits: 5, zero: 0, groupsPerUnit: 8, headLines: 5),
    Layout(format: HT_Q6_K, name: "q6_k", bits: 6, zero: 32, groupsPerUnit: 8, headLines: 5),
    Layout(format: HT_Q2_K, name: "q2_k", bits: 2, zero: 0, groupsPerUnit: 8, headLines: 5),
    Layout(format: HT_Q3_K, name: "q3_k", bits: 3, zero: 4, groupsPerUnit: 8, headLines: 4),
    Layout(format: HT_IQ4_NL, name: "iq4_nl", bits: 4, zero: 0, groupsPerUnit: 2, codebook: uneven),
    Layout(format: HT_IQ4_XS, name: "iq4_xs", bits: 4, zero: 0, groupsPerUnit: 8, headLines: 2, codebook: uneven),
    Layout(format: HT_MXFP4, name: "mxfp4", bits: 4, zero: 0, groupsPerUnit: 4, codebook: doubledFloats),
  ]
  private static let uneven = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113]
  private static let doubledFloats = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12]
}

/// A random tensor: what each element means (`values`, float64) and how it is stored (`panels`).
struct LogicalWeights {
  var rows: Int, k: Int
  var values: [Double]  // (rows, k)
  var panels: UnsafeMutableRawBufferPointer  // 64-byte aligned; the test's process is short, so it is never freed

  init(_ layout: Layout, rows: Int, k: Int, seed: UInt64) {
    self.rows = rows
    self.k = k
    values = [Double](repeating: 0, count: rows * k)
    let groups = (k + 31) / 32
    let units = (groups + layout.groupsPerUnit - 1) / layout.groupsPerUnit
    let headLines = layout.headLines
    let groupLines = layout.bits
    let panelByteCount = 64 * (units * headLines + groups * groupLines)
    let panelCount = (rows + 15) / 16
    panels = .allocate(byteCount: panelByteCount * panelCount, alignment: 64)
    panels.initializeMemory(as: UInt8.self, repeating: 0)
    var random = SeededNumbers(seed: seed)
    for row in 0..<rows {
      for unit in 0..<units {
        let head = row / 16 * panelByteCount + unit * 64 * (headLines + layout.groupsPerUnit * groupLines)
        let unitGroups = min(layout.groupsPerUnit, groups - unit * layout.groupsPerUnit)
        let scales = UnitScales(layout, lane: row % 16, head: head, groups: unitGroups, into: panels, random: &random)
        for group in 0..<unitGroups {
          let body = head + 64 * (headLines + group * groupLines)
          for column in 0..<32 {
            let k0 = (unit * layout.groupsPerUnit + group) * 32 + column
            guard k0 < k else { break }
            let stored = Int.random(in: 0..<(1 << layout.bits), using: &random)
            put(stored, bits: layout.bits, column: column, lane: row % 16, body: body)
            var q = layout.bits == 8 ? Int(Int8(truncatingIfNeeded: stored)) : stored - layout.zero
            if !layout.codebook.isEmpty { q = layout.codebook[stored] }
            values[row * k + k0] = scales.factor(group, column) * Double(q) + scales.offset(group, column)
          }
        }
      }
    }
  }

  /// Writes the bits of one element into its lines.
  private func put(_ stored: Int, bits: Int, column: Int, lane: Int, body: Int) {
    let quad = column / 4
    let byte = 4 * lane + column % 4
    if bits == 8 {
      panels[body + 64 * quad + byte] = UInt8(stored)
      return
    }
    if bits < 4 {
      panels[body + 64 * (quad / 4) + byte] |= UInt8((stored & 3) << (2 * (quad % 4)))
      if bits == 3 { panels[body + 128 + byte] |= UInt8((stored >> 2) << quad) }
      return
    }
    panels[body + 64 * (quad / 2) + byte] |= UInt8((stored & 15) << (quad % 2 == 0 ? 0 : 4))
    if bits == 5 {
      panels[body + 64 * 4 + byte] |= UInt8((stored >> 4) << quad)
    } else if bits == 6 {
      let line = quad / 4
      panels[body + 64 * (4 + line) + byte] |= UInt8((stored >> 4) << (2 * (quad - 4 * line)))
    }
  }
}

/// The scales of one row in one unit, drawn at random and written into the unit's head.
struct UnitScales {
  var d: [Double] = [], m: [Double] = [], halves = 1

  func factor(_ group: Int, _ column: Int) -> Double { d[group * halves + (halves == 2 ? column / 16 : 0)] }
  func offset(_ group: Int, _ column: Int) -> Double {
    m.isEmpty ? 0 : m[group * halves + (halves == 2 ? column / 16 : 0)]
  }

  init(
    _ layout: Layout, lane: Int, head: Int, groups: Int, into panels: UnsafeMutableRawBufferPointer,
    random: inout SeededNumbers
  ) {
    func half(at offset: Int) -> Double {
      let mantissa = UInt16.random(in: 0..<1024, using: &random)
      let sign: UInt16 = Bool.random(using: &random) ? 0x8000 : 0
      let exponent = UInt16.random(in: 5..<9, using: &random)
      let bits = sign | exponent << 10 | mantissa
      panels.storeBytes(of: bits.littleEndian, toByteOffset: head + offset, as: UInt16.self)
      let magnitude = Double(1024 + Int(mantissa)) / 1024 / Double(1 << (15 - Int(exponent)))
      return sign == 0 ? magnitude : -magnitude
    }
    func byte(at offset: Int, in range: ClosedRange<Int>) -> Double {
      let value = Int.random(in: range, using: &random)
      panels[head + offset] = UInt8(truncatingIfNeeded: value)
      return Double(value)
    }
    /// A 6-bit scale, less 32: number `index` of `width` bytes a group.
    func six(_ group: Int, index: Int, width: Int, pairs: Int, nibbles: Int) -> Double {
      let value = Int.random(in: 0...63, using: &random)
      panels[head + nibbles + width * (group % 4) + index] |= UInt8((value & 15) << (4 * (group / 4)))
      panels[head + pairs + width * (group % 2) + index] |= UInt8((value >> 4) << (2 * (group / 2)))
      return Double(value - 32)
    }
    if layout.name == "mxfp4" {
      for group in 0..<groups {
        let exponent = byte(at: 16 * group + lane, in: 115...125)
        d.append(Double(sign: .plus, exponent: Int(exponent) - 128, significand: 1))
      }
      return
    }
    let first = half(at: 2 * lane)
    let second = ["q6_k", "q3_k", "iq4_xs"].contains(layout.name) ? 0 : half(at: 32 + 2 * lane)
    switch layout.name {
    case "q4_1", "q5_1":
      d = [first]
      m = [second]
    case "q4_k", "q5_k":
      for group in 0..<groups {
        d.append(first * byte(at: 64 + 16 * group + lane, in: 0...63))
        m.append(-second * byte(at: 192 + 16 * group + lane, in: 0...63))
      }
    case "q2_k":
      halves = 2
      for half in 0..<2 * groups {
        let packed = Int(byte(at: 64 + 32 * (half / 2) + 2 * lane + half % 2, in: 0...255))
        d.append(first * Double(packed & 15))
        m.append(-second * Double(packed >> 4))
      }
    case "q3_k":
      halves = 2
      for half in 0..<2 * groups {
        d.append(first * six(half / 2, index: 2 * lane + half % 2, width: 32, pairs: 64, nibbles: 128))
      }
    case "iq4_xs":
      for group in 0..<groups { d.append(first * six(group, index: lane, width: 16, pairs: 32, nibbles: 64)) }
    case "q6_k":
      halves = 2
      for half in 0..<2 * groups { d.append(first * byte(at: 64 + 16 * half + lane, in: -128...127)) }
    default: d = [first, second]
    }
  }
}
