// SPDX-License-Identifier: Apache-2.0
// Packs source rows into one panel: exactly what the source holds, in the order that the kernels read.
import Format
import ModelFiles

/// Packs panels of one tensor. Values are never rounded: types that differ from `format` go through `Quantizer`.
struct PanelWriter {
  let format: WeightFormat
  let type: ElementType
  let columns: Int

  /// Writes row `row` of a zeroed panel from the source's stored row.
  func write(_ source: UnsafeRawPointer, row: Int, panel: UnsafeMutablePointer<UInt8>) {
    switch format {
    case .f32: writeFloats(source, row, panel, byteCount: 4)
    case .f16, .bf16: writeFloats(source, row, panel, byteCount: 2)
    case .q4_k, .q5_k, .q6_k: writeSuperBlocks(source, row, panel)
    case .q2_k, .q3_k, .iq4_xs: writeLowBitBlocks(source, row, panel)
    default: writeBlocks(source, row, panel)
    }
  }

  /// Column k of row r is element 16·k + r.
  private func writeFloats(_ source: UnsafeRawPointer, _ row: Int, _ panel: UnsafeMutablePointer<UInt8>, byteCount: Int)
  {
    let target = UnsafeMutableRawPointer(panel)
    for k in 0..<columns {
      (target + (16 * k + row) * byteCount).copyMemory(from: source + k * byteCount, byteCount: byteCount)
    }
  }

  private func writeBlocks(_ source: UnsafeRawPointer, _ row: Int, _ panel: UnsafeMutablePointer<UInt8>) {
    let layout = PanelLayout(format)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { room in
      let codes = room.baseAddress!
      for g in 0..<(columns / 32) {
        let block = source + g * type.bytesPerBlock
        if format == .mxfp4 {
          layout.placeExponent(BlockMXFP4.unpack(block, quants: codes), row: row, group: g, panel: panel)
          layout.place(codes, row: row, group: g, panel: panel)
          continue
        }
        let scale: UInt16
        var minimum: UInt16?
        switch format {
        case .q4_0: scale = BlockQ4_0.unpack(block, quants: codes)
        case .iq4_nl: scale = BlockIQ4_NL.unpack(block, quants: codes)
        case .q5_0: scale = BlockQ5_0.unpack(block, quants: codes)
        case .q8_0: scale = codes.withMemoryRebound(to: Int8.self, capacity: 32) { BlockQ8_0.unpack(block, quants: $0) }
        case .q4_1: (scale, minimum) = BlockQ4_1.unpack(block, quants: codes)
        default: (scale, minimum) = BlockQ5_1.unpack(block, quants: codes)
        }
        layout.place(codes, row: row, group: g, panel: panel)
        layout.placeScale(scale, row: row, group: g, slot: 0, panel: panel)
        if let minimum { layout.placeScale(minimum, row: row, group: g, slot: 1, panel: panel) }
      }
    }
  }

  /// Q2_K, Q3_K, IQ4_XS: as their groups come, two scales or one each.
  private func writeLowBitBlocks(_ source: UnsafeRawPointer, _ row: Int, _ panel: UnsafeMutablePointer<UInt8>) {
    let layout = PanelLayout(format)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 256 + 16) { room in
      let codes = room.baseAddress!
      let scales = codes + 256
      for unit in 0..<(columns / 256) {
        let block = source + unit * type.bytesPerBlock
        let d: UInt16
        switch format {
        case .q2_k:
          let dmin: UInt16
          (d, dmin) = BlockQ2_K.unpack(block, quants: codes, scales: scales)
          layout.placeScale(dmin, row: row, group: unit * 8, slot: 1, panel: panel)
        case .q3_k: d = BlockQ3_K.unpack(block, quants: codes, scales: scales)
        default: d = BlockIQ4_XS.unpack(block, quants: codes, scales: scales)
        }
        layout.placeScale(d, row: row, group: unit * 8, slot: 0, panel: panel)
        for g in 0..<8 {
          let group = unit * 8 + g
          layout.place(codes + 32 * g, row: row, group: group, panel: panel)
          switch format {
          case .q2_k: layout.placeHalves(scales + 2 * g, row: row, group: group, panel: panel)
          case .q3_k: layout.placeSix(scales + 2 * g, row: row, group: group, panel: panel)
          default: layout.placeSix(scales + g, row: row, group: group, panel: panel)
          }
        }
      }
    }
  }

  private func writeSuperBlocks(_ source: UnsafeRawPointer, _ row: Int, _ panel: UnsafeMutablePointer<UInt8>) {
    let layout = PanelLayout(format)
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 256 + 32) { room in
      let codes = room.baseAddress!
      let (scales, minima) = (codes + 256, codes + 272)
      for unit in 0..<(columns / 256) {
        let block = source + unit * type.bytesPerBlock
        let d: UInt16
        var minimum: UInt16?
        let scaleCount = format == .q6_k ? 16 : 8
        switch format {
        case .q4_k: (d, minimum) = BlockQ4_K.unpack(block, quants: codes, scales: scales, minima: minima)
        case .q5_k: (d, minimum) = BlockQ5_K.unpack(block, quants: codes, scales: scales, minima: minima)
        default:
          d = scales.withMemoryRebound(to: Int8.self, capacity: 16) {
            BlockQ6_K.unpack(block, quants: codes, scales: $0)
          }
        }
        for g in 0..<8 { layout.place(codes + 32 * g, row: row, group: unit * 8 + g, panel: panel) }
        layout.placeScale(d, row: row, group: unit * 8, slot: 0, panel: panel)
        for i in 0..<scaleCount {
          layout.placeByteScale(scales[i], row: row, unit: unit, index: i, table: 0, panel: panel)
        }
        if let minimum {
          layout.placeScale(minimum, row: row, group: unit * 8, slot: 1, panel: panel)
          for i in 0..<8 { layout.placeByteScale(minima[i], row: row, unit: unit, index: i, table: 1, panel: panel) }
        }
      }
    }
  }
}
