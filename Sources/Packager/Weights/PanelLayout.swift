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
  /// 0, 1 or 2 bits beyond the nibble; 4: whole bytes.
  let highBits: Int

  init(_ format: WeightFormat) {
    self.format = format
    switch format {
    case .q8_0: (groupsPerUnit, headLineCount, bodyLineCount, highBits) = (2, 1, 8, 4)
    case .q4_0: (groupsPerUnit, headLineCount, bodyLineCount, highBits) = (2, 1, 4, 0)
    case .q5_0: (groupsPerUnit, headLineCount, bodyLineCount, highBits) = (2, 1, 5, 1)
    case .q6_0: (groupsPerUnit, headLineCount, bodyLineCount, highBits) = (2, 1, 6, 2)
    case .q4_1: (groupsPerUnit, headLineCount, bodyLineCount, highBits) = (1, 1, 4, 0)
    case .q5_1: (groupsPerUnit, headLineCount, bodyLineCount, highBits) = (1, 1, 5, 1)
    case .q4_k: (groupsPerUnit, headLineCount, bodyLineCount, highBits) = (8, 5, 4, 0)
    case .q5_k: (groupsPerUnit, headLineCount, bodyLineCount, highBits) = (8, 5, 5, 1)
    case .q6_k: (groupsPerUnit, headLineCount, bodyLineCount, highBits) = (8, 5, 6, 2)
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
    if highBits == 4 {
      for c in 0..<32 { body[c / 4 * 64 + c % 4] = codes[c] }
      return
    }
    for c in 0..<32 {
      let quad = c / 4
      body[quad / 2 * 64 + c % 4] |= (codes[c] & 15) << UInt8(quad % 2 * 4)
    }
    if highBits == 1 {
      for c in 0..<32 { body[4 * 64 + c % 4] |= (codes[c] >> 4) << UInt8(c / 4) }
    } else if highBits == 2 {
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

  /// Stores a byte scale of a k format: `index` counts half-groups in q6_k, else groups, `table` 0 is s, 1 is t.
  @inline(__always)
  func placeByteScale(
    _ scale: UInt8, row: Int, unit: Int, index: Int, table: Int, panel: UnsafeMutablePointer<UInt8>
  ) {
    panel[unitOffset(unit * groupsPerUnit) + 64 + table * 128 + index * 16 + row] = scale
  }
}
