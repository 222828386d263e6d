// SPDX-License-Identifier: Apache-2.0
// What an op sees while it runs: where the values are, which rows are asked for, which share is this thread's.
import CKernels
import Format

/// One sequence of a call of `encode`.
public struct SequenceSpan {
  public var firstToken: UInt32
  public var tokenCount: UInt32
  /// Of its keys and values: a multiple of 16, so that a sequence gives the same bits wherever it stands.
  public var firstPosition: UInt32

  public init(firstToken: Int, tokenCount: Int, firstPosition: Int) {
    self.firstToken = UInt32(firstToken)
    self.tokenCount = UInt32(tokenCount)
    self.firstPosition = UInt32(firstPosition)
  }
}

/// One token of a call of `encode`.
public struct TokenMark {
  /// Index in its sequence.
  public var position: UInt32
  /// Of its key and value.
  public var slot: UInt32
  /// Segment: 0, or 1 for the second text of a pair.
  public var type: UInt32

  public init(position: Int, slot: Int, type: UInt32) {
    self.position = UInt32(position)
    self.slot = UInt32(slot)
    self.type = type
  }
}

/// One call of an entry. Every thread of the team has the same; the pointers lead into the arena.
public struct Execution {
  public let program: Program
  private let valueTable: UnsafeRawBufferPointer
  private let tensorTable: UnsafeRawBufferPointer
  private let kvLayerTable: UnsafeRawBufferPointer
  private let weights: UnsafeRawPointer
  public var kernels: UnsafePointer<ht_kernels>
  public var kv: ht_kv
  /// Token values: `tokenCapacity` rows each.
  public var tokenArea: UnsafeMutableRawPointer
  public var tokenCapacity: Int
  /// Output values: `outputCapacity` rows each.
  public var outputArea: UnsafeMutableRawPointer
  public var outputCapacity: Int
  /// Cache of all layers, and where each layer begins in it.
  public var cache: UnsafeMutableRawPointer
  public var cacheLayerOffsets: UnsafePointer<UInt64>
  /// Positions of a sequence, a multiple of 16. A layer with a window has room for fewer: `cachePositionCount`.
  public var positionCapacity: Int
  /// Room for scores of one query in a thread's scratch.
  let scoreCount: Int
  /// u32 (tokenCount): the ids of this call, each below `vocab`.
  public var tokens: UnsafePointer<UInt32>
  public var tokenCount: Int
  /// Position of the first token.
  public var past: Int
  /// The sequences of a call of `encode`, one after the other; none: the call is of `step`.
  public var sequences: UnsafePointer<SequenceSpan>?
  public var sequenceCount = 0
  /// (tokenCount): what the tokens of a call of `encode` are to their sequences.
  public var marks: UnsafePointer<TokenMark>?
  /// Tokens of the last call of `encode`: what attention over a source sees.
  public var sourceCount = 0
  /// Sequences that `step` can make longer side by side: each has its own part of a sequence's layers.
  public var beamCount = 1
  /// The hidden rows that a call of `logits` takes: `outputFirst ..< outputFirst + outputCount`.
  public var outputFirst: Int
  public var outputCount: Int
  /// Whether the sequence is longer than `ropeOriginalContext`: rope reads its second tables.
  public var isLong = false

  public init(
    program: Program, kernels: UnsafePointer<ht_kernels>, kv: ht_kv, tokenArea: UnsafeMutableRawPointer,
    tokenCapacity: Int, outputArea: UnsafeMutableRawPointer, outputCapacity: Int, cache: UnsafeMutableRawPointer,
    cacheLayerOffsets: UnsafePointer<UInt64>, positionCapacity: Int, tokens: UnsafePointer<UInt32>
  ) {
    self.program = program
    valueTable = program.valueTable
    tensorTable = program.bundle.bytes(of: .tensors)
    kvLayerTable = program.kvLayerTable
    weights = program.weights
    self.kernels = kernels
    self.kv = kv
    self.tokenArea = tokenArea
    self.tokenCapacity = tokenCapacity
    self.outputArea = outputArea
    self.outputCapacity = outputCapacity
    self.cache = cache
    self.cacheLayerOffsets = cacheLayerOffsets
    self.positionCapacity = positionCapacity
    scoreCount = program.scoreCount(context: positionCapacity, chunk: tokenCapacity)
    self.tokens = tokens
    tokenCount = 0
    past = 0
    outputFirst = 0
    outputCount = 0
  }

  // Reached through the program these would copy all of it, in every op.

  @inline(never) func value(_ index: UInt32) -> Value { Value(trusted: valueTable, index: Int(index)) }

  @inline(never) func tensor(_ index: UInt32) -> Tensor { Tensor(trusted: tensorTable, index: Int(index)) }

  @inline(never) func kvLayer(_ index: Int) -> KVLayer { KVLayer(trusted: kvLayerTable, index: index) }

  /// Rows that this call has of `value`.
  @inline(__always) func rowCount(_ value: Value) -> Int { value.rows == .token ? tokenCount : outputCount }

  /// Row 0 of `value`; row r is r·rowByteCount further.
  @inline(__always) public func base(_ value: Value) -> UnsafeMutableRawPointer {
    value.rows == .token ? tokenArea + value.offset * tokenCapacity : outputArea + value.offset * outputCapacity
  }

  /// Row `row` of an f32 value.
  @inline(__always) func f32(_ value: Value, row: Int) -> UnsafeMutablePointer<Float> {
    (base(value) + row * value.rowByteCount).assumingMemoryBound(to: Float.self)
  }

  @inline(__always) func bytes(_ tensor: Tensor) -> UnsafePointer<UInt8> {
    (weights + Int(tensor.offset)).assumingMemoryBound(to: UInt8.self)
  }

  /// A plain f32 tensor.
  @inline(__always) func floats(_ tensor: Tensor) -> UnsafePointer<Float> {
    (weights + Int(tensor.offset)).assumingMemoryBound(to: Float.self)
  }

  /// Groups begin ..< end of `row`, f32 (columns), into a row of `value`, which is q8 or q16.
  @inline(__always)
  func quantize(
    _ value: Value, _ row: UnsafePointer<Float>, _ out: UnsafeMutablePointer<UInt8>, _ begin: Int, _ end: Int
  ) {
    if value.dtype == .q8 {
      kernels.pointee.quantize(row, value.columns, out, begin, end)
    } else {
      kernels.pointee.quantize16(row, value.columns, out, begin, end)
    }
  }

  /// Keys of one head: position panels; values follow at `valueOffset`.
  @inline(__always) func cacheHead(layer: Int, shape: KVLayer, head: Int) -> UnsafeMutablePointer<UInt8> {
    let at = Int(cacheLayerOffsets[layer]) + head * cacheHeadByteCount(shape, kv, cachePositionCount(shape))
    return (cache + at).assumingMemoryBound(to: UInt8.self)
  }

  /// Bytes from a head's keys to its values.
  @inline(__always) func valueOffset(_ shape: KVLayer) -> Int {
    cachePositionCount(shape) / 16 * ht_k_panel_byte_count(kv, shape.headDim)
  }

  /// Positions that a layer of the cache holds.
  @inline(__always) func cachePositionCount(_ shape: KVLayer) -> Int {
    shape.positionCount(context: positionCapacity, chunk: tokenCapacity, outputs: outputCapacity, beams: beamCount)
  }

  /// Where token `t` of this call is in its sequence.
  @inline(__always) func position(_ t: Int) -> Int {
    if let marks { return Int(marks[t].position) }
    return past + t
  }

  /// The segment of token `t` of this call.
  @inline(__always) func type(_ t: Int) -> Int {
    if let marks { return Int(marks[t].type) }
    return 0
  }

  /// Where a layer of that span, of `positionCount` positions, holds token `t` of this call.
  @inline(__always) func slot(_ t: Int, _ span: KVLayer.Span, of positionCount: Int) -> Int {
    switch span {
    case .sequence: return marks.map { Int($0[t].slot) } ?? (past + t) % positionCount  // marks: beams
    case .source: return t
    case .call: return marks.map { Int($0[t].slot) } ?? t
    }
  }
}

extension KVLayer {
  /// Positions that the cache holds of this layer, a multiple of 16: position p lies at p modulo that.
  ///
  /// With a window it is a ring that holds what the first token of a chunk sees when the last one has been appended.
  /// Of a call it is what `outputs` sequences of `chunk` tokens together take, each rounded up. `beams` sequences of a
  /// program that has a source lie one behind the other. specs/memory.md §3.
  public func positionCount(context: Int, chunk: Int, outputs: Int = 1, beams: Int = 1) -> Int {
    switch span {
    case .sequence:
      let all = aligned(context, to: 16)
      return window == 0 ? all * beams : min(all, aligned(window + chunk - 1, to: 16))
    case .call: return (chunk + 15 * outputs) / 16 * 16
    case .source: return aligned(chunk, to: 16)
    }
  }
}

/// Bytes of one head of one layer in the cache: key panels, then value rows, a multiple of 64. specs/memory.md §3.
public func cacheHeadByteCount(_ shape: KVLayer, _ kv: ht_kv, _ positionCount: Int) -> Int {
  let keys = positionCount / 16 * ht_k_panel_byte_count(kv, shape.headDim)
  return keys + aligned(positionCount * ht_v_row_byte_count(kv, shape.headDim), to: 64)
}

/// One thread's part in a call.
public struct Lane {
  public var index: Int
  public var count: Int
  /// This thread's own memory: at least a row of f32 and the attention's scores, 64-byte aligned.
  public var scratch: UnsafeMutableRawPointer

  public init(index: Int, count: Int, scratch: UnsafeMutableRawPointer) {
    self.index = index
    self.count = count
    self.scratch = scratch
  }

  /// This thread's share of `total` equal things: contiguous, the shares differ by one at most.
  @inline(never) func share(_ total: Int) -> Range<Int> {
    total * index / count..<total * (index + 1) / count
  }
}
