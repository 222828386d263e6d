// SPDX-License-Identifier: Apache-2.0
// The sections program, values, tensors and names of a finished graph. specs/program.md.
import Format
import Ops

/// The small sections of a graph, as bytes.
struct GraphSections {
  private(set) var names: [UInt8] = []
  private(set) var program: [UInt8] = []
  private(set) var values: [UInt8] = []
  private(set) var tensors: [UInt8] = []
  /// Bytes of the weights section.
  private(set) var weightsByteCount: UInt64 = 0

  /// Also sets the tensors' offsets in `graph`.
  init(_ graph: inout Graph) {
    tensors = [UInt8](repeating: 0, count: graph.tensors.count * Tensor.byteCount)
    for index in graph.tensors.indices {
      var record = graph.tensors[index].record
      record.offset = (weightsByteCount + 63) / 64 * 64
      (record.nameOffset, record.nameByteCount) = add(name: graph.tensors[index].name)
      weightsByteCount = record.offset + record.byteCount
      graph.tensors[index].record = record
      tensors.withUnsafeMutableBytes { record.write(into: $0, at: index * Tensor.byteCount) }
    }
    values = [UInt8](repeating: 0, count: graph.values.count * Value.byteCount)
    for index in graph.values.indices {
      var record = graph.values[index].record
      (record.nameOffset, record.nameByteCount) = add(name: graph.values[index].name)
      values.withUnsafeMutableBytes { record.write(into: $0, at: index * Value.byteCount) }
    }
    program = GraphSections.program(graph)
  }

  private mutating func add(name: String) -> (UInt32, UInt32) {
    let start = names.count
    names.append(contentsOf: name.utf8)
    return (UInt32(start), UInt32(names.count - start))
  }

  private static func program(_ graph: Graph) -> [UInt8] {
    let entriesAt = Program.headerByteCount
    let kvLayersAt = entriesAt + graph.entries.count * Entry.byteCount
    let opsAt = kvLayersAt + graph.kvLayers.count * KVLayer.byteCount
    var bytes = [UInt8](repeating: 0, count: opsAt + graph.ops.count * OpRecord.byteCount)
    bytes.withUnsafeMutableBytes { out in
      let header = [
        graph.entries.count, graph.kvLayers.count, graph.ops.count, graph.contextMax, graph.vocab,
        graph.tokenByteCount, graph.outputByteCount, graph.ropeOriginalContext,
      ]
      for (index, field) in header.enumerated() { out.put(UInt32(field), at: 4 * index) }
      for (index, entry) in graph.entries.enumerated() {
        let at = entriesAt + index * Entry.byteCount
        out.put(entry.kind.rawValue, at: at)
        out.put(UInt32(entry.firstOp), at: at + 4)
        out.put(UInt32(entry.opCount), at: at + 8)
        out.put(entry.result, at: at + 12)
      }
      for (index, layer) in graph.kvLayers.enumerated() {
        let at = kvLayersAt + index * KVLayer.byteCount
        out.put(layer.span.rawValue, at: at + 12)
        out.put(UInt32(layer.headCount), at: at)
        out.put(UInt32(layer.headDim), at: at + 4)
        out.put(UInt32(layer.window), at: at + 8)
      }
      for (index, op) in graph.ops.enumerated() {
        let at = opsAt + index * OpRecord.byteCount
        let record = UnsafeMutableRawBufferPointer(rebasing: out[at..<(at + OpRecord.byteCount)])
        record.put(op.opcode, at: 0)
        record.put(op.input, at: 4)
        record.put(op.output, at: 8)
        op.write(record)
      }
    }
    return bytes
  }
}
