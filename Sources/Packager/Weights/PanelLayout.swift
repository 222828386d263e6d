// SPDX-License-Identifier: Apache-2.0
// Where the pieces of one row go inside a panel. specs/weights.md §1 and §2.
import Format

/// The shape of a panel of an integer format, and the placing of one row's group in it.
struct PanelLayout {
  let format: WeightFormat
  let groupsPerUnit: Int
  /// Lines before the groups' bodies.
  let headLineCount: Int
  let bodyLineCount: Int
  /// Of an element: 8 whole bytes, 4 to 6 nibbles and what is beyond, 2 and 3 pairs and what is beyond.
  var bits: Int { bodyLineCount }

  init(_ format: WeightFormat) {
    self.format = format
    switch format {
    case .q8_0: (groupsPerUnit, headLineCount, bodyLineCount) = (2, 1, 8)
    case .q4_0, .iq4_nl: (groupsPerUnit, headLineCount, bodyLineCount) = (2, 1, 4)
    case .q5_0: (groupsPerUnit, headLineCount, bodyLineCount) = (2, 1, 5)
    case .q6_0: (groupsPerUnit, headLineCount, bodyLineCount) = (2, 1, 6)
    case .q4_1: (groupsPerUnit, headLineCount, bodyLineCount) = (1, 1, 4)
    case .q5_1: (groupsPerUnit, headLineCount, bodyLineCount) = (1, 1, 5)
    case .q4_k: (groupsPerUnit, headLineCount, bodyLineCount) = (8, 5, 4)
    case .q5_k: (groupsPerUnit, headLineCount, bodyLineCount) = (8, 5, 5)
    case .q6_k: (groupsPerUnit, headLineCount, bodyLineCount) = (8, 5, 6)
    case .q2_k: (groupsPerUnit, headLineCount, bodyLineCount) = (8, 5, 2)
    case .q3_k: (groupsPerUnit, headLineCount, bodyLineCount) = (8, 4, 3)
    case .iq4_xs: (groupsPerUnit, headLineCount, bodyLineCount) = (8, 2, 4)
    case .mxfp4: (groupsPerUnit, headLineCount, bodyLineCount) = (4, 1, 4)
    case .f32, .f16, .bf16: preconditionFailure("float panels have no groups")
    }
  }

  /// From the start of the panel to the unit of group `g`.
  @inline(__always) func unitOffset(_ g: Int) -> Int {
    g / groupsPerUnit * (headLineCount + groupsPerUnit * bodyLineCount) * 64
  }

  /// Ors 32 codes of row `row` (0 … 15), group `g`, into a zeroed panel.
  @inline(__always)
  func place(_ codes: UnsafePointer<UInt8>, row: Int, group g: Int, panel: UnsafeMutablePointer<UInt8>) {
    let body = panel + unitOffset(g) + (headLineCount + g % groupsPerUnit * bodyLineCount) * 64 + 4 * row
    if bits == 8 {
      for c in 0..<32 { body[c / 4 * 64 + c % 4] = codes[c] }
      return
    }
    if bits < 4 {
      for c in 0..<32 { body[c / 16 * 64 + c % 4] |= (codes[c] & 3) << UInt8(c / 4 % 4 * 2) }
      if bits == 3 { for c in 0..<32 { body[2 * 64 + c % 4] |= (codes[c] >> 2) << UInt8(c / 4) } }
      return
    }
    for c in 0..<32 {
      let quad = c / 4
      body[quad / 2 * 64 + c % 4] |= (codes[c] & 15) << UInt8(quad % 2 * 4)
    }
    if bits == 5 {
      for c in 0..<32 { body[4 * 64 + c % 4] |= (codes[c] >> 4) << UInt8(c / 4) }
    } else if bits == 6 {
      for c in 0..<32 {
        let quad = c / 4
        body[(4 + quad / 4) * 64 + c % 4] |= (codes[c] >> 4) << UInt8(quad % 4 * 2)
      }
    }
  }

  /// Stores an f16 pattern: `slot` 0 is d, 1 is m or e. In formats of two groups a unit the slots are the groups.
  @inline(__always)
  func placeScale(_ bits: UInt16, row: Int, group g: Int, slot: Int, panel: UnsafeMutablePointer<UInt8>) {
    let at = panel + unitOffset(g) + (groupsPerUnit == 2 ? g % 2 : slot) * 32 + 2 * row
    at[0] = UInt8(truncatingIfNeeded: bits)
    at[1] = UInt8(truncatingIfNeeded: bits >> 8)
  }

  /// Stores the exponent of a group of mxfp4.
  @inline(__always)
  func placeExponent(_ exponent: UInt8, row: Int, group g: Int, panel: UnsafeMutablePointer<UInt8>) {
    panel[unitOffset(g) + g % 4 * 16 + row] = exponent
  }

  /// Stores the two packed scales of a group of q2_k.
  @inline(__always)
  func placeHalves(_ packed: UnsafePointer<UInt8>, row: Int, group g: Int, panel: UnsafeMutablePointer<UInt8>) {
    let at = panel + unitOffset(g) + 64 + g % 8 * 32 + 2 * row
    at[0] = packed[0]
    at[1] = packed[1]
  }

  /// Ors the 6-bit scales of a group into a zeroed panel: one a row in iq4_xs, two in q3_k.
  @inline(__always)
  func placeSix(_ scales: UnsafePointer<UInt8>, row: Int, group g: Int, panel: UnsafeMutablePointer<UInt8>) {
    let (pairs, nibbles, count) = format == .q3_k ? (64, 128, 2) : (32, 64, 1)
    let (unit, inUnit) = (panel + unitOffset(g), g % 8)
    for i in 0..<count {
      let index = count * row + i
      unit[nibbles + inUnit % 4 * 16 * count + index] |= (scales[i] & 15) << UInt8(inUnit / 4 * 4)
      unit[pairs + inUnit % 2 * 16 * count + index] |= (scales[i] >> 4) << UInt8(inUnit / 2 * 2)
    }
  }

  /// Stores a byte scale of a k format: `index` counts half-groups in q6_k, else groups, `table` 0 is s, 1 is t.
  @inline(__always)
  func placeByteScale(
    _ scale: UInt8, row: Int, unit: Int, index: Int, table: Int, panel: UnsafeMutablePointer<UInt8>
  ) {
    panel[unitOffset(unit * groupsPerUnit) + 64 + table * 128 + index * 16 + row] = scale
  }
}
