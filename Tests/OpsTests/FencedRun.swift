// SPDX-License-Identifier: Apache-2.0
// Runs a program op by op with each part of the arena in a fenced memory of its own: a step outside ends the test.
import CKernels
import Format
import Ops
import TestBundles

/// Room for runs of small programs. Each part ends where its memory ends, or begins where it begins.
final class FencedRun {
  static let partByteCountMax = 1 << 20
  private let parts = (0..<4).map { _ in FencedMemory(byteCountMax: partByteCountMax) }
  /// What the program asked for more of than there is.
  private(set) var skipped = 0

  /// One call of `step` with `tokenCount` tokens, one of one token, one of `logits` over two rows; one of `encode` with
  /// two sequences, then of all that reads its result; every op by `lanes` lanes, one after the other. Returns the last
  /// row of the last entry; nil when the parts are too small for the program.
  func run(
    _ program: Program, kv: ht_kv, isa: ht_isa, lanes: Int, atEnd: Bool, tokenCount: Int = 3
  ) -> [Float]? {
    guard program.contextMax >= tokenCount else { return nil }
    let (positions, outputs) = (16, 2)
    var layerOffsets: [UInt64] = []
    var cacheByteCount = 0
    for index in 0..<program.kvLayerCount {
      layerOffsets.append(UInt64(cacheByteCount))
      let layer = program.kvLayer(index)
      let held = layer.positionCount(context: positions, chunk: tokenCount, outputs: outputs)
      cacheByteCount += layer.headCount * cacheHeadByteCount(layer, kv, held)
    }
    let scores = program.scoreCount(context: positions, chunk: tokenCount)
    let scratchByteCount = max(program.rowByteCountMax, 4 * Int(HT_ATTENTION_QUERIES_MAX) * scores)
    let byteCounts = [
      program.tokenByteCount * tokenCount, program.outputByteCount * outputs, cacheByteCount, scratchByteCount,
    ]
    guard byteCounts.allSatisfy({ $0 <= FencedRun.partByteCountMax }) else {
      skipped += 1
      return nil
    }
    let rooms = zip(parts, byteCounts).map { $0.room($1, atEnd: atEnd).baseAddress! }
    let ids = (0..<tokenCount).map { UInt32(($0 * 7 + program.vocab - 1) % program.vocab) }
    return ids.withUnsafeBufferPointer { ids in
      layerOffsets.withUnsafeBufferPointer { offsets in
        let none = UnsafePointer<UInt64>(bitPattern: 8)!
        var x = Execution(
          program: program, kernels: ht_kernels_of(isa)!, kv: kv, tokenArea: rooms[0], tokenCapacity: tokenCount,
          outputArea: rooms[1], outputCapacity: outputs, cache: rooms[2],
          cacheLayerOffsets: offsets.baseAddress ?? none, positionCapacity: positions, tokens: ids.baseAddress!)
        x.tokenCount = tokenCount
        x.sourceCount = tokenCount
        encode(&x, lanes: lanes, scratch: rooms[3])
        return step(&x, lanes: lanes, scratch: rooms[3]) ?? lastRow(x)
      }
    }
  }

  private func call(_ entry: Entry, _ x: Execution, lanes: Int, scratch: UnsafeMutableRawPointer) {
    for pc in entry.firstOp..<(entry.firstOp + entry.opCount) {
      for lane in 0..<lanes {
        execute(x.program.op(pc), in: x, lane: Lane(index: lane, count: lanes, scratch: scratch))
      }
    }
  }

  /// The logits of the last row; nil without `step`.
  private func step(_ x: inout Execution, lanes: Int, scratch: UnsafeMutableRawPointer) -> [Float]? {
    guard let step = x.program.entry(.step) else { return nil }
    let tokenCount = x.tokenCount
    call(step, x, lanes: lanes, scratch: scratch)
    if x.program.contextMax > tokenCount {  // and one more, as decode does
      (x.past, x.tokenCount) = (tokenCount, 1)
      call(step, x, lanes: lanes, scratch: scratch)
      (x.past, x.tokenCount) = (0, tokenCount)
      call(step, x, lanes: lanes, scratch: scratch)
    }
    guard let logits = x.program.entry(.logits) else { return [] }
    (x.outputFirst, x.outputCount) = (1, 2)
    call(logits, x, lanes: lanes, scratch: scratch)
    return row(1, of: logits, x)
  }

  /// All entries that read the result of `encode`, over a sequence of all tokens but one and one of that.
  private func encode(_ x: inout Execution, lanes: Int, scratch: UnsafeMutableRawPointer) {
    guard let encode = x.program.entry(.encode) else { return }
    let (count, typeCount) = (x.tokenCount, UInt32(x.program.typeCount))
    // The last sequence begins where the cache's positions of a call end: at 16 of 16 · 2.
    let spans = [
      SequenceSpan(firstToken: 0, tokenCount: count - 1, firstPosition: 0),
      SequenceSpan(firstToken: count - 1, tokenCount: 1, firstPosition: 16),
    ]
    let marks = (0..<count).map { token in
      let isLast = token == count - 1
      return TokenMark(
        position: isLast ? 0 : token, slot: isLast ? 16 : token, type: UInt32(token) % typeCount)
    }
    spans.withUnsafeBufferPointer { spans in
      marks.withUnsafeBufferPointer { marks in
        (x.sequences, x.sequenceCount, x.marks) = (spans.baseAddress, 2, marks.baseAddress)
        call(encode, x, lanes: lanes, scratch: scratch)
        for index in 0..<x.program.entryCount {
          let entry = x.program.entry(index)
          guard entry.kind.source == .encode else { continue }
          (x.outputFirst, x.outputCount) = (0, 2)
          call(entry, x, lanes: lanes, scratch: scratch)
        }
      }
    }
    (x.sequences, x.sequenceCount, x.marks) = (nil, 0, nil)
  }

  private func lastRow(_ x: Execution) -> [Float] {
    let entry = x.program.entry(x.program.entryCount - 1)
    return row(entry.kind.rows == .output ? 1 : x.tokenCount - 1, of: entry, x)
  }

  private func row(_ index: Int, of entry: Entry, _ x: Execution) -> [Float] {
    let result = x.program.value(entry.result)
    let row = (x.base(result) + index * result.rowByteCount).assumingMemoryBound(to: Float.self)
    return Array(UnsafeBufferPointer(start: row, count: result.columns))
  }
}
