// SPDX-License-Identifier: Apache-2.0
// Packs one tensor after the other into the weights section. At most one source tensor and one batch of panels are in
// memory at a time.
import Dispatch
import Format
import Foundation
import ModelFiles

/// What a conversion cost a tensor.
public struct TensorError: Sendable {
  public var name: String
  public var format: WeightFormat
  /// ‖x − x̂‖ / ‖x‖.
  public var relativeError: Double
}

/// Writes the weights section through `write`, in order.
struct WeightEmitter {
  /// Bytes of packed panels that are made before they are written.
  private static let batchByteCount = 16 << 20

  let source: any TensorSource
  let threads: Int
  private(set) var errors: [TensorError] = []

  init(source: any TensorSource, threads: Int) {
    self.source = source
    self.threads = threads
  }

  /// Emits all tensors, each at its record's offset; `progress(bytesDone)`.
  mutating func emit(
    _ tensors: [GraphTensor], write: (UnsafeRawBufferPointer) throws -> Void, progress: (UInt64) -> Void
  ) throws {
    let source = source
    var end: UInt64 = 0
    let zeros = [UInt8](repeating: 0, count: 64)
    for tensor in tensors {
      let gap = Int(tensor.record.offset - end)
      if gap > 0 { try zeros.withUnsafeBytes { try write(UnsafeRawBufferPointer(rebasing: $0[0..<gap])) } }
      switch tensor.content {
      case .floats(let values): try values.withUnsafeBytes { try write($0) }
      case .vector(let info, let order, let offset, let scale):
        let values = try floats(of: info, in: source)
        let ordered = values.indices.map { (values[order.sourceRow($0)] + offset) * scale }
        try ordered.withUnsafeBytes { try write($0) }
      case .matrix(let info, let order):
        try emitMatrix(
          tensor, info, order, read: { try source.read(info, into: $0) }, write: write
        ) { progress(tensor.record.offset + $0) }
      case .columns(let info, let columns):
        try emitMatrix(
          tensor, info, .asStored, columns: columns, read: { try source.read(info, into: $0) }, write: write
        ) { progress(tensor.record.offset + $0) }
      case .beside(let left, let right):
        let info = TensorInfo(left, besideColumnsOf: right)
        try emitMatrix(
          tensor, info, .asStored, read: { try readBeside(left, right, from: source, into: $0) }, write: write
        ) { progress(tensor.record.offset + $0) }
      }
      end = tensor.record.offset + tensor.record.byteCount
      progress(end)
    }
  }

  private mutating func emitMatrix(
    _ tensor: GraphTensor, _ info: TensorInfo, _ order: RowOrder, columns: [Int]? = nil,
    read: (UnsafeMutableRawBufferPointer) throws -> Void, write: (UnsafeRawBufferPointer) throws -> Void,
    progress: (UInt64) -> Void
  ) throws {
    let record = tensor.record
    let raw = UnsafeMutableRawBufferPointer.allocate(byteCount: info.byteCount, alignment: 64)
    defer { raw.deallocate() }
    try read(raw)
    let panelByteCount = record.format.panelByteCount(columns: record.columns)
    let panelCount = (record.rows + 15) / 16
    let batchPanels = max(1, min(panelCount, WeightEmitter.batchByteCount / panelByteCount))
    let batch = UnsafeMutableRawBufferPointer.allocate(byteCount: batchPanels * panelByteCount, alignment: 64)
    defer { batch.deallocate() }
    let isExact = columns == nil && WeightPolicy.exactFormat(info.type) == record.format
    var sums = [(Double, Double)](repeating: (0, 0), count: panelCount)
    for first in stride(from: 0, to: panelCount, by: batchPanels) {
      let count = min(batchPanels, panelCount - first)
      let bytes = UnsafeMutableRawBufferPointer(rebasing: batch[0..<(count * panelByteCount)])
      bytes.initializeMemory(as: UInt8.self, repeating: 0)
      let job = PanelJob(
        info: info, record: record, order: order, columns: columns, raw: UnsafeRawBufferPointer(raw), isExact: isExact)
      let made = job.run(first: first, count: count, into: bytes, threads: threads)
      for (index, sum) in made.enumerated() { sums[first + index] = sum }
      try write(UnsafeRawBufferPointer(bytes))
      progress(UInt64((first + count) * panelByteCount))
    }
    if !isExact {
      let total = sums.reduce((0, 0)) { ($0.0 + $1.0, $0.1 + $1.1) }
      // A NaN, an infinity, or a number that became one: each makes a sum that is not finite.
      guard total.0.isFinite, total.1.isFinite else {
        throw PackError.notFinite(tensor: tensor.name, format: record.format.name.description)
      }
      errors.append(
        TensorError(
          name: tensor.name, format: record.format,
          relativeError: Quantizer.relativeError(errorSum: total.0, valueSum: total.1)))
    }
  }
}

/// Rows of `left`, behind each a column of `right`.
private func readBeside(
  _ left: TensorInfo, _ right: TensorInfo, from source: any TensorSource, into out: UnsafeMutableRawBufferPointer
) throws {
  let parts = try [left, right].map { info in
    let bytes = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, info.byteCount), alignment: 64)
    try source.read(info, into: UnsafeMutableRawBufferPointer(rebasing: bytes[0..<info.byteCount]))
    return bytes
  }
  defer { for part in parts { part.deallocate() } }
  let (rows, width) = (left.rowCount, left.byteCount / left.elementCount)
  let rowByteCount = left.rowByteCount + width * right.rowCount
  for row in 0..<rows {
    let start = out.baseAddress! + row * rowByteCount
    start.copyMemory(from: parts[0].baseAddress! + row * left.rowByteCount, byteCount: left.rowByteCount)
    for column in 0..<right.rowCount {
      (start + left.rowByteCount + column * width).copyMemory(
        from: parts[1].baseAddress! + (column * rows + row) * width, byteCount: width)
    }
  }
}

extension TensorInfo {
  /// What a matrix is when a column of another, (columns, rows), goes behind each of its rows.
  init(_ left: TensorInfo, besideColumnsOf right: TensorInfo) {
    self.init(
      name: left.name, shape: [left.shape[0], left.shape[1] + right.shape[0]], type: left.type,
      byteCount: left.byteCount + right.byteCount, byteOffset: 0, index: left.index)
  }
}

/// Panels of one tensor, made by several threads. Each panel depends on its own rows only: the bytes are the same
/// whatever the number of threads.
private struct PanelJob: @unchecked Sendable {
  let info: TensorInfo
  let record: Tensor
  let order: RowOrder
  /// The source's column of each packed one; nil: as they are.
  let columns: [Int]?
  let raw: UnsafeRawBufferPointer
  let isExact: Bool

  /// Returns (error sum, value sum) of each panel.
  func run(first: Int, count: Int, into bytes: UnsafeMutableRawBufferPointer, threads: Int) -> [(Double, Double)] {
    let panelByteCount = bytes.count / count
    nonisolated(unsafe) let out = bytes.baseAddress!.assumingMemoryBound(to: UInt8.self)
    let sums = UnsafeMutableBufferPointer<(Double, Double)>.allocate(capacity: count)
    defer { sums.deallocate() }
    sums.initialize(repeating: (0, 0))
    nonisolated(unsafe) let results = sums
    let share = (count + threads - 1) / threads
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      for index in min(thread * share, count)..<min((thread + 1) * share, count) {
        results[index] = panel(first + index, out + index * panelByteCount)
      }
    }
    return Array(sums)
  }

  private func panel(_ panelIndex: Int, _ out: UnsafeMutablePointer<UInt8>) -> (Double, Double) {
    let rows = 16 * panelIndex..<min(16 * panelIndex + 16, record.rows)
    if isExact {
      let writer = PanelWriter(format: record.format, type: info.type, columns: record.columns)
      for row in rows {
        let at = order.sourceRow(row) * info.rowByteCount
        writer.write(raw.baseAddress! + at, row: row - rows.lowerBound, panel: out)
      }
      return (0, 0)
    }
    var quantizer = Quantizer(format: record.format, columns: record.columns)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: info.elementCount / info.rowCount) { values in
      for row in rows {
        let at = order.sourceRow(row) * info.rowByteCount
        let stored = UnsafeRawBufferPointer(rebasing: raw[at..<(at + info.rowByteCount)])
        BlockFormats.dequantize(info.type, stored, into: values)
        if let columns {
          quantizer.write(columns.map { values[$0] }, row: row - rows.lowerBound, panel: out)
        } else {
          quantizer.write(values.baseAddress!, row: row - rows.lowerBound, panel: out)
        }
      }
    }
    return (quantizer.errorSum, quantizer.valueSum)
  }
}
