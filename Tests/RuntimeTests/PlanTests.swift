// SPDX-License-Identifier: Apache-2.0
// The plan against the formula of specs/memory.md, written out once more; `--max-memory` against trying all.
import CKernels
import Format
import Ops
import Runtime
import Testing
import TestBundles

/// specs/memory.md, from its words: bytes of the arena.
private func arenaByteCount(_ program: Program, _ o: PlanOptions, hasTokenizer: Bool = false) -> Int {
  func up(_ x: Int, _ step: Int) -> Int { x % step == 0 ? x : x + step - x % step }
  let positions = up(o.context, 16)
  var (cache, scores) = (0, 16)
  for index in 0..<program.kvLayerCount {
    let layer = program.kvLayer(index)
    let (h, groups) = (layer.headDim, up(layer.headDim, 32) / 32)
    let keyPanel: Int
    let valueRow: Int
    if o.kv != HT_KV_Q8 {
      let width = o.kv == HT_KV_F32 ? 4 : 2
      (keyPanel, valueRow) = (16 * width * h, width * up(h, 16))
    } else {
      (keyPanel, valueRow) = (up(16 * h + 32 * groups, 64), up(up(h, 16) + 2 * groups, 16))
    }
    let held = layer.window == 0 ? positions : min(positions, up(layer.window + o.chunk - 1, 16))
    cache += layer.headCount * (held / 16 * keyPanel + up(held * valueRow, 64))
    scores = max(scores, min(held + 16, positions))
  }
  var widest = 0
  for index in 0..<program.valueCount { widest = max(widest, up(4 * program.value(UInt32(index)).columns, 64)) }
  let regions = [
    4096, 8 * program.kvLayerCount, 4 * o.context, program.tokenByteCount * o.chunk,
    program.outputByteCount * o.outputs, cache, o.threads * max(widest, 4 * 8 * scores), 8 * program.vocab,
    hasTokenizer ? 65_536 + 32 * o.context : 0, (o.threads - 1) * 131_072,
  ]
  return regions.reduce(0) { $0 + up($1, 64) }
}

@Suite("Plan")
struct PlanTests {
  private static let opened = Result { try OpenBundle(ProgramVector("valid_layer").file) }
  private let bundle: OpenBundle
  private var program: Program { bundle.program }

  init() throws { bundle = try PlanTests.opened.get() }

  @Test("is the sum of specs/memory.md", arguments: [HT_KV_F16.rawValue, HT_KV_Q8.rawValue, HT_KV_F32.rawValue])
  func formula(kv: UInt32) throws {
    let kv = ht_kv(rawValue: kv)
    let tiny = try TinyLlama().bundle()
    for bundle in [bundle, tiny] {
      for context in [1, 2, 15, 16, 17, 31, 63, 64] {
        for chunk in [1, 3, 16, context] where chunk <= context {
          for threads in [1, 2, 5] {
            let outputs = min(chunk, 2)
            let options = PlanOptions(context: context, chunk: chunk, outputs: outputs, kv: kv, threads: threads)
            let plan = try Plan(bundle.program, options)
            #expect(plan.byteCount == arenaByteCount(bundle.program, options))
            #expect(try Plan(bundle.program, options).byteCount == plan.byteCount)
          }
        }
      }
    }
  }

  @Test("regions follow one another, each at a line, none over another")
  func regions() throws {
    let plan = try Plan(program, PlanOptions(context: 50, chunk: 7, outputs: 3, kv: HT_KV_Q8, threads: 3))
    let regions = [
      plan.control, plan.layerOffsets, plan.tokenIDs, plan.tokenValues, plan.outputValues, plan.cache, plan.scratch,
      plan.sampler, plan.text, plan.stacks,
    ]
    var end = 0
    for region in regions {
      #expect(region.offset % 64 == 0)
      #expect(region.offset >= end && region.offset < end + 64)
      end = region.offset + region.byteCount
    }
    #expect(plan.byteCount == (end + 63) / 64 * 64)
  }

  @Test("refuses what is out of range, with the range")
  func refusals() {
    func error(_ context: Int, _ chunk: Int, _ outputs: Int, _ threads: Int) -> PlanError? {
      do throws(PlanError) {
        _ = try Plan(
          program, PlanOptions(context: context, chunk: chunk, outputs: outputs, kv: HT_KV_F16, threads: threads))
        return nil
      } catch { return error }
    }
    #expect(error(0, 1, 1, 1) == .contextOutOfRange(asked: 0, limit: 64))
    #expect(error(65, 1, 1, 1) == .contextOutOfRange(asked: 65, limit: 64))
    #expect(error(-1, 1, 1, 1) == .contextOutOfRange(asked: 0, limit: 64))
    #expect(error(10, 11, 1, 1) == .chunkOutOfRange(asked: 11, limit: 10))
    #expect(error(10, 0, 1, 1) == .chunkOutOfRange(asked: 0, limit: 10))
    #expect(error(10, 2, 3, 1) == .chunkOutOfRange(asked: 2, limit: 10))
    #expect(error(10, 1, 1, 0) == .threadsOutOfRange(asked: 0, limit: 64))
    #expect(error(10, 1, 1, 65) == .threadsOutOfRange(asked: 65, limit: 64))
    #expect(error(64, 64, 64, 64) == nil)
  }

  @Test("fitting finds the largest context, then the largest chunk", arguments: [1, 4, 16, 64])
  func fitting(chunkMax: Int) throws {
    for outputs in [1, 4] {
      let base = PlanOptions(context: 1, chunk: 1, outputs: outputs, kv: HT_KV_F16, threads: 2)
      func byteCount(_ context: Int, _ chunk: Int) -> Int {
        arenaByteCount(
          program,
          PlanOptions(
            context: context, chunk: min(chunk, context), outputs: min(outputs, chunk, context), kv: base.kv,
            threads: base.threads))
      }
      let first = min(16, chunkMax)
      for limit in stride(from: byteCount(1, 1), to: byteCount(64, 64) + 4096, by: 1531) {
        let plan = try Plan.fitting(
          program, byteCountMax: UInt64(limit), context: nil, chunkMax: chunkMax, base: base)
        let context = (1...64).last { byteCount($0, first) <= limit } ?? 1
        var chunk = min(first, context)
        while chunk * 2 <= min(chunkMax, context), byteCount(context, chunk * 2) <= limit { chunk *= 2 }
        #expect(plan.options.context == context && plan.options.chunk == chunk, "limit \(limit)")
        #expect(plan.byteCount <= limit)
        let given = try? Plan.fitting(
          program, byteCountMax: UInt64(limit), context: 40, chunkMax: chunkMax, base: base)
        #expect((given != nil) == (byteCount(40, 1) <= limit))
        if let given {
          #expect(given.options.context == 40 && given.byteCount <= limit && given.options.chunk <= chunkMax)
          #expect(given.options.chunk * 2 > min(chunkMax, 40) || byteCount(40, given.options.chunk * 2) > limit)
        }
      }
    }
  }

  @Test("fitting refuses with have and need, and says so of a context that the model has not")
  func fittingRefuses() throws {
    let base = PlanOptions(context: 1, chunk: 1, kv: HT_KV_F16, threads: 1)
    let need = arenaByteCount(program, base)
    #expect(throws: PlanError.doesNotFit(DoesNotFit(limit: UInt64(need - 1), need: UInt64(need)))) {
      _ = try Plan.fitting(program, byteCountMax: UInt64(need - 1), context: nil, chunkMax: 64, base: base)
    }
    _ = try Plan.fitting(program, byteCountMax: UInt64(need), context: nil, chunkMax: 64, base: base)
    #expect(throws: PlanError.contextOutOfRange(asked: 65, limit: 64)) {
      _ = try Plan.fitting(program, byteCountMax: 1 << 30, context: 65, chunkMax: 64, base: base)
    }
  }

  @Test("an arena that is too small is refused, always with the same need, until it is enough")
  func starve() throws {
    let plan = try Plan(program, PlanOptions(context: 16, chunk: 4, outputs: 2, kv: HT_KV_F16, threads: 2))
    let memory = FencedMemory(byteCountMax: plan.byteCount)
    let kernels = ht_kernels_of(HT_ISA_SCALAR)!
    var refusals = 0
    for have in stride(from: 0, to: plan.byteCount, by: 64) {
      let arena = UnsafeMutableRawBufferPointer(rebasing: memory.room(plan.byteCount, atEnd: true)[0..<have])
      do throws(SessionError) {
        _ = try Session(program, plan, kernels: kernels, arena: arena)
        Issue.record("started with \(have) bytes")
      } catch {
        #expect(error == .arenaTooSmall(have: UInt64(have), need: UInt64(plan.byteCount)))
        refusals += 1
      }
    }
    #expect(refusals == plan.byteCount / 64)
    try withExtendedLifetime(memory) {
      var session = try Session(program, plan, kernels: kernels, arena: memory.room(plan.byteCount, atEnd: true))
      #expect(try session.logits([1, 2, 3]).count == 3)
    }
  }
}
