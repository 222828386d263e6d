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

  /// One call of `step` with `tokenCount` tokens, one of one token, one of `logits` over two rows; every op by `lanes`
  /// lanes, one after the other. Returns the logits of the last row; nil when the parts are too small for the program.
  func run(
    _ program: Program, kv: ht_kv, isa: ht_isa, lanes: Int, atEnd: Bool, tokenCount: Int = 3
  ) -> [Float]? {
    guard let step = program.entry(.step), program.contextMax >= tokenCount else { return nil }
    let positions = 16
    var layerOffsets: [UInt64] = []
    var cacheByteCount = 0
    for index in 0..<program.kvLayerCount {
      layerOffsets.append(UInt64(cacheByteCount))
      let layer = program.kvLayer(index)
      cacheByteCount +=
        layer.headCount
        * cacheHeadByteCount(
          layer, kv, layer.positionCount(context: positions, chunk: tokenCount))
    }
    let scratchByteCount = max(program.rowByteCountMax, 4 * Int(HT_ATTENTION_QUERIES_MAX) * positions)
    let byteCounts = [
      program.tokenByteCount * tokenCount, program.outputByteCount * 2, cacheByteCount, scratchByteCount,
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
          outputArea: rooms[1], outputCapacity: 2, cache: rooms[2],
          cacheLayerOffsets: offsets.baseAddress ?? none, positionCapacity: positions, tokens: ids.baseAddress!)
        func call(_ entry: Entry) {
          for pc in entry.firstOp..<(entry.firstOp + entry.opCount) {
            for lane in 0..<lanes {
              execute(program.op(pc), in: x, lane: Lane(index: lane, count: lanes, scratch: rooms[3]))
            }
          }
        }
        x.tokenCount = tokenCount
        call(step)
        if program.contextMax > tokenCount {  // and one more, as decode does
          (x.past, x.tokenCount) = (tokenCount, 1)
          call(step)
          (x.past, x.tokenCount) = (0, tokenCount)
          call(step)
        }
        guard let logits = program.entry(.logits) else { return [] }
        (x.outputFirst, x.outputCount) = (1, 2)
        call(logits)
        let result = program.value(logits.result)
        let row = (x.base(result) + result.rowByteCount).assumingMemoryBound(to: Float.self)
        return Array(UnsafeBufferPointer(start: row, count: program.vocab))
      }
    }
  }
}
