// SPDX-License-Identifier: Apache-2.0
// The memory of a run, to the byte, before anything is mapped. specs/memory.md.
import CKernels
import Format
import Ops

/// What a run is asked to hold.
public struct PlanOptions: Equatable, Sendable {
  /// Tokens of the longest sequence.
  public var context: Int
  /// Tokens of one call.
  public var chunk: Int
  /// Rows of logits of one call.
  public var outputs = 1
  /// Sequences that a decoder with a source makes longer side by side; their tokens and rows of logits go in one call.
  public var beams = 1
  public var kv: ht_kv
  public var threads: Int

  public init(context: Int, chunk: Int, outputs: Int = 1, kv: ht_kv, threads: Int) {
    self.context = context
    self.chunk = chunk
    self.outputs = outputs
    self.kv = kv
    self.threads = threads
  }
}

/// Why there is no plan.
public enum PlanError: Error, Equatable, Sendable {
  case contextOutOfRange(asked: UInt64, limit: UInt64)
  case chunkOutOfRange(asked: UInt64, limit: UInt64)
  case threadsOutOfRange(asked: UInt64, limit: UInt64)
  case beamsOutOfRange(asked: UInt64, limit: UInt64)
  case overflow
  /// From `Plan.fitting`.
  case doesNotFit(DoesNotFit)
}

/// One part of the arena.
public struct Region: Equatable, Sendable {
  public var offset = 0
  public var byteCount = 0
}

/// Where everything lies in the arena. A pure function of program and options.
public struct Plan: Sendable {
  public static let controlByteCount = 4096
  public static let stackByteCount = 131_072

  public let options: PlanOptions
  /// Positions of a sequence: context rounded up to whole panels.
  public let positionCapacity: Int
  public let control: Region
  public let layerOffsets: Region
  public let tokenIDs: Region
  /// Of a call of `encode`: u32 ids (chunk), marks (chunk), sequences (outputs). Nothing for a program without it.
  public let batchIDs: Region
  public let marks: Region
  /// u32 (context).
  public let typeRoom: Region
  public let sequences: Region
  /// Of a beam search: a token and where it came from, for each beam and position.
  public let beams: Region
  public let tokenValues: Region
  public let outputValues: Region
  public let cache: Region
  public let scratch: Region
  public let sampler: Region
  public let text: Region
  public let stacks: Region
  /// Bytes of the arena.
  public let byteCount: Int
  public let scratchByteCountPerThread: Int

  /// Work room of the tokenizer: what the longest word of a text needs, and 32 bytes a token of the context.
  private static func textByteCount(_ program: Program, _ context: Int) -> Int {
    program.bundle.head.section(.tokenizer) == nil ? 0 : 65_536 + 32 * context
  }

  public init(_ program: Program, _ options: PlanOptions) throws(PlanError) {
    guard options.context >= 1, options.context <= program.contextMax else {
      throw .contextOutOfRange(asked: UInt64(max(0, options.context)), limit: UInt64(program.contextMax))
    }
    // A sequence of an encoder is run whole, or several of them together.
    let isEncoder = program.isEncoder
    let chunkMax = isEncoder ? Limits.chunkLengthMax : min(options.context, Limits.chunkLengthMax)
    guard options.chunk >= (isEncoder ? options.context : 1), options.chunk <= chunkMax, options.outputs >= 1,
      options.outputs <= options.chunk
    else {
      throw .chunkOutOfRange(asked: UInt64(max(0, options.chunk)), limit: UInt64(chunkMax))
    }
    let beamMax = program.takesBeams ? min(Limits.beamCountMax, options.outputs) : 1
    guard options.beams >= 1, options.beams <= beamMax else {
      throw .beamsOutOfRange(asked: UInt64(max(0, options.beams)), limit: UInt64(beamMax))
    }
    guard options.threads >= 1, options.threads <= Limits.threadCountMax else {
      throw .threadsOutOfRange(asked: UInt64(max(0, options.threads)), limit: UInt64(Limits.threadCountMax))
    }
    self.options = options
    positionCapacity = aligned(options.context, to: 16)
    var cursor = Cursor()
    control = cursor.take(Plan.controlByteCount)
    layerOffsets = cursor.take(8 * program.kvLayerCount)
    tokenIDs = cursor.take(4 * options.context)
    batchIDs = cursor.take(isEncoder ? 4 * options.chunk : 0)
    typeRoom = cursor.take(isEncoder ? 4 * options.context : 0)
    marks = cursor.take(isEncoder ? MemoryLayout<TokenMark>.stride * options.chunk : 0)
    sequences = cursor.take(isEncoder ? MemoryLayout<SequenceSpan>.stride * options.outputs : 0)
    let hasSource = isEncoder && program.entry(.step) != nil
    beams = cursor.take(hasSource ? 8 * options.context : 0, times: options.beams)
    tokenValues = cursor.take(program.tokenByteCount, times: options.chunk)
    outputValues = cursor.take(program.outputByteCount, times: options.outputs)
    var cacheByteCount = 0
    for index in 0..<program.kvLayerCount {
      cacheByteCount += Plan.cacheByteCount(program.kvLayer(index), options)
    }
    cache = cursor.take(cacheByteCount)
    scratchByteCountPerThread = max(
      program.rowByteCountMax,
      4 * Int(HT_ATTENTION_QUERIES_MAX) * program.scoreCount(context: positionCapacity, chunk: options.chunk))
    scratch = cursor.take(scratchByteCountPerThread, times: options.threads)
    sampler = cursor.take(program.entry(.step) == nil ? 0 : 8 * program.vocab)
    text = cursor.take(Plan.textByteCount(program, options.context))
    stacks = cursor.take(Plan.stackByteCount, times: options.threads - 1)
    byteCount = cursor.end
    if cursor.isOver { throw .overflow }
  }

  /// Bytes of one layer of the cache. Within the limits of heads, head_dim and context this is below 2^42.
  static func cacheByteCount(_ layer: KVLayer, _ options: PlanOptions) -> Int {
    let positions = layer.positionCount(
      context: options.context, chunk: options.chunk, outputs: options.outputs, beams: options.beams)
    return layer.headCount * cacheHeadByteCount(layer, options.kv, positions)
  }

  private struct Cursor {
    var end = 0
    var isOver = false

    /// A region behind the ones before; one that is too large is nothing, and `isOver` says so.
    @inline(never)
    mutating func take(_ byteCount: Int, times: Int = 1) -> Region {
      let (bytes, overflow) = byteCount.multipliedReportingOverflow(by: times)
      guard !overflow, bytes <= Int(Limits.fileByteCountMax) * 4096 else {
        isOver = true
        return Region()
      }
      let region = Region(offset: end, byteCount: bytes)
      end = aligned(end + bytes, to: 64)
      return region
    }
  }
}

extension Program {
  /// Whether several sequences of one source can lie side by side: not where a ring or a change of rope would have to
  /// be kept for each.
  var takesBeams: Bool {
    for index in 0..<kvLayerCount where kvLayer(index).window > 0 { return false }
    return isEncoder && entry(.step) != nil && ropeOriginalContext == 0
  }

  /// How the cache holds keys and values when nobody says: f32 beside float weights, which are the reference path, and
  /// in an encoder, which keeps those of one layer; else f16.
  public var kvDefault: ht_kv {
    if isEncoder { return HT_KV_F32 }
    for index in 0..<opCount {
      let record = op(index)
      if record.opcode == MatMul.opcode, !tensor(record.u32(20)).format.isFloat { return HT_KV_F16 }
    }
    return HT_KV_F32
  }
}
