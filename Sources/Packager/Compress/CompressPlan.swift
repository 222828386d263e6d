// SPDX-License-Identifier: Apache-2.0
// Cuts the sections of a bundle into blocks of at most 1 MiB and their segments: a function of the bundle alone.
import CCodec
import Format
import Storage

/// One block before it is encoded.
struct PlannedBlock {
  var offset: Int  // in its section
  var byteCount = 0
  var segments: [PlannedSegment] = []
}

/// A run of bytes of one kind.
struct PlannedSegment {
  enum Content {
    case bytes  // anything
    case numbers(width: Int, inPanels: Bool)  // f32, f16, bf16
    case panels(CodecPanels)  // quantized weights; `order` and `rank_count` are to be chosen
  }
  var content: Content
  var byteCount: Int
}

/// The blocks of a section without inner structure.
func planBlocks(byteCount: Int) -> [PlannedBlock] {
  var planner = BlockPlanner()
  planner.add(.bytes, byteCount: byteCount, step: 1)
  return planner.finish()
}

/// The blocks of the weights section: segments end where tensors end, and between whole panels or units.
func planWeightBlocks(_ view: BundleView) -> [PlannedBlock] {
  var planner = BlockPlanner()
  var end = 0
  for i in 0..<view.tensorCount {
    let tensor = view.tensor(i)
    planner.add(.bytes, byteCount: Int(tensor.offset) - end, step: 1)
    end = Int(tensor.offset) + Int(tensor.byteCount)
    planner.add(tensor)
  }
  return planner.finish()
}

private struct BlockPlanner {
  private var done: [PlannedBlock] = []
  private var block = PlannedBlock(offset: 0)

  private var room: Int {
    block.segments.count == BlockHeader.segmentCountMax ? 0 : BlockHeader.expandedByteCountMax - block.byteCount
  }

  /// Adds `byteCount` bytes that may be cut at multiples of `step`, which is far below a block.
  mutating func add(_ content: PlannedSegment.Content, byteCount: Int, step: Int) {
    var left = byteCount
    while left > 0 {
      let n = left <= room ? left : room / step * step
      if n > 0 { append(content, n) } else { close() }
      left -= n
    }
  }

  mutating func add(_ tensor: Tensor) {
    guard !tensor.isPlain, !tensor.format.isFloat else {
      let width = tensor.format == .f32 ? 4 : 2
      // Panels are whole groups of 16 rows × 32 columns.
      let step = tensor.isPlain ? 64 : 512 * width
      return add(.numbers(width: width, inPanels: !tensor.isPlain), byteCount: Int(tensor.byteCount), step: step)
    }
    let panelByteCount = tensor.format.panelByteCount(columns: tensor.columns)
    var panelCount = Int(tensor.byteCount) / panelByteCount
    let unit = unitRecord(tensor.format)
    guard panelByteCount <= BlockHeader.expandedByteCountMax else {
      for _ in 0..<panelCount { addUnits(unit, byteCount: panelByteCount) }
      return
    }
    while panelCount > 0 {
      let n = min(panelCount, room / panelByteCount)
      if n > 0 {
        append(.panels(panelRecord(unit, panelByteCount: panelByteCount, panelCount: n)), n * panelByteCount)
      } else {
        close()
      }
      panelCount -= n
    }
  }

  /// One panel that is larger than a block, as runs of whole units.
  private mutating func addUnits(_ unit: CodecPanels, byteCount: Int) {
    let unitByteCount = Int(unit.unit_byte_count)
    var left = byteCount
    while left > 0 {
      let n = left <= room ? left : room / unitByteCount * unitByteCount
      if n > 0 { append(.panels(panelRecord(unit, panelByteCount: n, panelCount: 1)), n) } else { close() }
      left -= n
    }
  }

  private mutating func append(_ content: PlannedSegment.Content, _ byteCount: Int) {
    block.segments.append(PlannedSegment(content: content, byteCount: byteCount))
    block.byteCount += byteCount
    if room == 0 { close() }
  }

  private mutating func close() {
    guard block.byteCount > 0 else { return }
    done.append(block)
    block = PlannedBlock(offset: block.offset + block.byteCount)
  }

  mutating func finish() -> [PlannedBlock] {
    close()
    return done
  }
}

/// What a unit of a quantized format consists of; specs/weights.md §2.
private func unitRecord(_ format: WeightFormat) -> CodecPanels {
  let (unitLineCount, byteLineCount, groupCount): (UInt32, UInt32, UInt32) =
    switch format {
    case .q8_0: (17, 0, 2)
    case .q4_0, .iq4_nl: (9, 0, 2)
    case .q4_1: (5, 0, 1)
    case .q5_0: (11, 0, 2)
    case .q5_1: (6, 0, 1)
    case .q6_0: (13, 0, 2)
    case .q4_k: (37, 4, 8)
    case .q5_k: (45, 4, 8)
    case .q6_k: (53, 4, 8)
    case .q2_k: (21, 4, 8)
    case .q3_k: (28, 3, 8)
    case .iq4_xs: (34, 1, 8)
    case .mxfp4: (17, 0, 4)  // its line of 64 exponents is taken for two vectors of 16-bit scales
    case .f32, .f16, .bf16: (1, 0, 1)  // floats are planned as numbers
    }
  return CodecPanels(
    panel_count: 0, panel_byte_count: 0, unit_byte_count: unitLineCount * 64, unit_count: 0, scale_vector_count: 2,
    byte_line_count: byteLineCount, group_count: groupCount, rank_count: 0, order: 0)
}

private func panelRecord(_ unit: CodecPanels, panelByteCount: Int, panelCount: Int) -> CodecPanels {
  var record = unit
  record.panel_count = UInt32(panelCount)
  record.panel_byte_count = UInt32(panelByteCount)
  record.unit_count = (UInt32(panelByteCount) + unit.unit_byte_count - 1) / unit.unit_byte_count
  return record
}
