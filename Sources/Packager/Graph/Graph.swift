// SPDX-License-Identifier: Apache-2.0
// A model between front-end and emit: tensors, values, ops in order. A family fills it; the passes finish it.
import Format
import ModelFiles
import Ops

typealias TensorID = UInt32
typealias ValueID = UInt32

/// Which source row becomes row r of a packed tensor.
enum RowOrder: Equatable {
  case asStored
  /// GGUF's llama: within each head of `headDim` rows, row 2j + s is stored for row s·headDim/2 + j.
  case pairsToHalves(headDim: Int)

  func sourceRow(_ row: Int) -> Int {
    switch self {
    case .asStored: return row
    case .pairsToHalves(let headDim):
      let (head, inner) = (row / headDim, row % headDim)
      let half = headDim / 2
      return head * headDim + 2 * (inner % half) + inner / half
    }
  }
}

/// Where the elements of a packed tensor come from.
enum TensorContent {
  /// Rows of a source tensor, into panels.
  case matrix(TensorInfo, RowOrder)
  /// Columns of a source matrix of floats: column i is its column [i].
  case columns(TensorInfo, [Int])
  /// A source vector, widened to f32, plus a number, times one. A matrix of one row's worth in the source.
  case vector(TensorInfo, RowOrder, offset: Float, scale: Float)
  /// Rows of one source matrix, behind each the column of another that has its number: both of one float type.
  case beside(TensorInfo, columnsOf: TensorInfo)
  /// Numbers that the packager computed.
  case floats([Float])
}

/// A tensor to be emitted.
struct GraphTensor {
  var name: String
  var record: Tensor
  var content: TensorContent
}

/// A value with its name; `record` gets lifetime and offset from the passes.
struct GraphValue {
  var name: String
  var record: Value
}

/// One op: opcode, operands, and how its own fields are written.
struct GraphOp {
  var opcode: UInt16
  var input: ValueID
  var second: ValueID
  var output: ValueID
  /// The value that the output takes the place of, when this is its last use.
  var inPlace: ValueID
  var write: (UnsafeMutableRawBufferPointer) -> Void
}

/// The model as a program.
struct Graph {
  var tensors: [GraphTensor] = []
  var values: [GraphValue] = []
  var ops: [GraphOp] = []
  var kvLayers: [KVLayer] = []
  var entries: [Entry] = []
  var contextMax = 0
  var vocab = 0
  /// Sequences of more tokens read rope's second tables; 0: there are none.
  var ropeOriginalContext = 0
  /// Every tensor that was asked of a source that is not there; one may come again.
  var invented: [TensorInfo] = []
  /// Set by `assignOffsets`.
  var tokenByteCount = 0
  var outputByteCount = 0

  var isEncoder: Bool { entries.contains { $0.kind == .encode } }

  mutating func add(_ tensor: GraphTensor) -> TensorID {
    tensors.append(tensor)
    return TensorID(tensors.count - 1)
  }

  mutating func value(_ name: String, _ dtype: Value.DType, rows: Value.Rows, columns: Int) -> ValueID {
    values.append(GraphValue(name: name, record: Value(dtype: dtype, rows: rows, columns: columns)))
    return ValueID(values.count - 1)
  }

  /// Appends an op and extends the lifetimes of what it reads.
  mutating func emit(
    _ opcode: UInt16, input: ValueID = Value.none, second: ValueID = Value.none, output: ValueID = Value.none,
    inPlace: ValueID = Value.none, write: @escaping (UnsafeMutableRawBufferPointer) -> Void = { _ in }
  ) {
    let index = UInt32(ops.count)
    for read in [input, second] where read != Value.none { values[Int(read)].record.lastOp = index }
    if output != Value.none {
      values[Int(output)].record.firstOp = index
      values[Int(output)].record.lastOp = index
    }
    ops.append(
      GraphOp(opcode: opcode, input: input, second: second, output: output, inPlace: inPlace, write: write))
  }

  /// Ends an entry whose result is `value`; it began where the one before ended.
  mutating func endEntry(_ kind: EntryKind, result: ValueID) {
    let first = entries.last.map { $0.firstOp + $0.opCount } ?? 0
    entries.append(Entry(kind: kind, firstOp: first, opCount: ops.count - first, result: result))
  }

  /// Results live to the end of the program.
  mutating func finishLifetimes() {
    for entry in entries { values[Int(entry.result)].record.lastOp = UInt32(ops.count - 1) }
  }
}
