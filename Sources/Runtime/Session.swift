// SPDX-License-Identifier: Apache-2.0
// Runs a checked program over one arena: prefill in chunks, then decode, one token a call. Spec: specs/memory.md.
// Start at `feed`, then `runEntry`. Invariants: past ≤ context; the arena is written only here and by the ops; nothing
// is allocated.
import CKernels
import CSystem
import Format
import Ops

/// Why a session did not start or did not go on. Nothing has changed then.
public enum SessionError: Error, Equatable, Sendable {
  case arenaTooSmall(have: UInt64, need: UInt64)
  case threadStart(errno: Int32)
  case contextFull(have: UInt64, need: UInt64)
  case tokenOutOfRange(token: UInt32, vocab: UInt32)
  case noLogits
  case noEncoder
  case batchFull(have: UInt64, need: UInt64)
  case typeOutOfRange(type: UInt32, count: UInt32)
  case nothingEncoded
}

/// What all threads of a call share, in the arena's control region.
struct SharedState {
  var execution: Execution
  var team: ThreadTeam
  var scratch: UnsafeMutableRawPointer
  var scratchByteCount: Int
  var firstOp = 0
  var opCount = 0
}

/// One sequence of tokens in one arena.
public struct Session: ~Copyable {
  public let program: Program
  public let plan: Plan
  let arena: UnsafeMutableRawBufferPointer
  let shared: UnsafeMutablePointer<SharedState>
  let step: Entry?
  private let logits: Entry?
  let hasSource: Bool
  /// Types that a token of a batch may have.
  let typeCount: UInt32
  /// What is never made: its logits become −∞.
  public var rules = TextRules()
  /// Tokens in the cache.
  public internal(set) var past = 0
  /// Behind the last position that was appended since the start, also where the sequence was cut back since: what is
  /// older than reached − held is overwritten in a ring.
  var reached = 0
  /// Tokens that were run a second time, since the sequence grew past the program's `ropeOriginalContext`.
  public private(set) var recomputedCount = 0

  private static let sharedOffset = 1024
  private static let handlesOffset = 512

  /// `arena`: at least `plan.byteCount` bytes, 64-byte aligned; it must outlive the session.
  public init(
    _ program: Program, _ plan: Plan, kernels: UnsafePointer<ht_kernels>, arena: UnsafeMutableRawBufferPointer
  ) throws(SessionError) {
    guard arena.count >= plan.byteCount else {
      throw .arenaTooSmall(have: UInt64(arena.count), need: UInt64(plan.byteCount))
    }
    guard program.isEncoder || program.entry(.step) != nil && program.entry(.logits) != nil else { throw .noLogits }
    let base = arena.baseAddress!
    // Kernels load whole lines: a bundle that was read into memory instead of mapped would stop them.
    precondition(UInt(bitPattern: program.weights) % 64 == 0 && UInt(bitPattern: base) % 64 == 0, "not aligned to 64")
    precondition(Session.sharedOffset + MemoryLayout<SharedState>.size <= Plan.controlByteCount)
    // A session before this one may have left its threads' words here; all else is written before it is read.
    base.initializeMemory(as: UInt8.self, repeating: 0, count: Plan.controlByteCount)
    let offsets = (base + plan.layerOffsets.offset).assumingMemoryBound(to: UInt64.self)
    var offset = 0
    for layer in 0..<program.kvLayerCount {
      offsets[layer] = UInt64(offset)
      offset += Plan.cacheByteCount(program.kvLayer(layer), plan.options)
    }
    var execution = Execution(
      program: program, kernels: kernels, kv: plan.options.kv, tokenArea: base + plan.tokenValues.offset,
      tokenCapacity: plan.options.chunk, outputArea: base + plan.outputValues.offset,
      outputCapacity: plan.options.outputs, cache: base + plan.cache.offset, cacheLayerOffsets: offsets,
      positionCapacity: plan.positionCapacity,
      tokens: (base + plan.tokenIDs.offset).assumingMemoryBound(to: UInt32.self))
    execution.beamCount = plan.options.beams
    let shared = (base + Session.sharedOffset).assumingMemoryBound(to: SharedState.self)
    let team = ThreadTeam(
      count: plan.options.threads, words: TeamWords(base: base), job: { runOps($0, $1) },
      context: UnsafeMutableRawPointer(shared))
    shared.initialize(
      to: SharedState(
        execution: execution, team: team, scratch: base + plan.scratch.offset,
        scratchByteCount: plan.scratchByteCountPerThread))
    sys_atomic_store(team.words.enrolled, 1)
    try Session.startWorkers(plan, base, shared)
    self.program = program
    self.plan = plan
    self.arena = arena
    step = program.entry(.step)
    logits = program.entry(.logits)
    hasSource = program.isEncoder && step != nil
    typeCount = UInt32(program.typeCount)
    self.shared = shared
  }

  private static func startWorkers(
    _ plan: Plan, _ base: UnsafeMutableRawPointer, _ shared: UnsafeMutablePointer<SharedState>
  ) throws(SessionError) {
    let handles = (base + Session.handlesOffset).assumingMemoryBound(to: UInt64.self)
    for worker in 0..<(plan.options.threads - 1) {
      let stack = base + plan.stacks.offset + worker * Plan.stackByteCount
      let error = sys_thread_start(
        stack, Plan.stackByteCount,
        {
          $0!.assumingMemoryBound(to: SharedState.self).pointee.team.work()
          return nil
        }, UnsafeMutableRawPointer(shared), handles + worker)
      guard error == 0 else {
        stopWorkers(worker, base, shared)
        throw .threadStart(errno: error)
      }
    }
  }

  private static func stopWorkers(
    _ count: Int, _ base: UnsafeMutableRawPointer, _ shared: UnsafeMutablePointer<SharedState>
  ) {
    if count == 0 { return }
    shared.pointee.team.stop()
    let handles = (base + Session.handlesOffset).assumingMemoryBound(to: UInt64.self)
    for worker in 0..<count { sys_thread_join(handles[worker]) }
  }

  deinit { Session.stopWorkers(plan.options.threads - 1, arena.baseAddress!, shared) }

  /// u32 (past): the ids of the sequence so far.
  public var tokens: UnsafeBufferPointer<UInt32> {
    UnsafeBufferPointer(rebasing: UnsafeBufferPointer(tokenRoom)[0..<past])
  }

  /// The arena's work room for the tokenizer.
  public var text: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(
      rebasing: arena[plan.text.offset..<(plan.text.offset + plan.text.byteCount)])
  }

  /// A sampler that works in the arena, one for a sequence.
  public func sampler(_ options: SamplerOptions) -> Sampler {
    Sampler(options, vocab: program.vocab, kernels: shared.pointee.execution.kernels, room: samplerRoom)
  }

  /// 8 bytes for each id of the vocabulary.
  public var samplerRoom: UnsafeMutableRawPointer { arena.baseAddress! + plan.sampler.offset }

  /// u32 (context): the sequence, and behind it room where a caller may keep ids before it feeds them.
  public var tokenRoom: UnsafeMutableBufferPointer<UInt32> {
    UnsafeMutableBufferPointer(
      start: (arena.baseAddress! + plan.tokenIDs.offset).assumingMemoryBound(to: UInt32.self),
      count: plan.options.context)
  }

  /// The part of `tokenRoom` behind the sequence.
  public var idRoom: UnsafeMutablePointer<UInt32> { tokenRoom.baseAddress! + past }

  /// Forgets what comes after the first `count` tokens, and more where they cannot be kept: then all. Returns how many
  /// are left: `count` or 0.
  ///
  /// They cannot where a layer's ring has lost what the next token sees, or where the sequence had become long for rope
  /// and no longer is.
  @discardableResult public mutating func rewind(to count: Int) -> Int {
    guard count < past else { return past }
    let kept = canRewind(to: count) ? count : 0
    past = kept
    if kept == 0 { reached = 0 }
    if kept <= program.ropeOriginalContext { shared.pointee.execution.isLong = false }
    return kept
  }

  func canRewind(to count: Int) -> Bool {
    if shared.pointee.execution.isLong && count <= program.ropeOriginalContext { return false }
    for index in 0..<program.kvLayerCount {
      let layer = program.kvLayer(index)
      let held = positionCount(layer)
      // The next token, at `count`, sees from count + 1 − window on.
      if layer.window > 0 && max(0, count + 1 - layer.window) < reached - held { return false }
    }
    return true
  }

  /// Positions that the cache holds of a layer.
  func positionCount(_ layer: KVLayer) -> Int {
    let options = plan.options
    return layer.positionCount(
      context: options.context, chunk: options.chunk, outputs: options.outputs, beams: options.beams)
  }

  /// Touches the cache pages of positions `0 ..< count` (and all other pages of the arena that a call uses), so that
  /// what follows does not fault.
  public func warm(positions count: Int) {
    let base = arena.baseAddress!
    touch(base, plan.cache.offset)
    touch(base + plan.scratch.offset, plan.byteCount - plan.stacks.byteCount - plan.scratch.offset)
    let kv = plan.options.kv
    var at = base + plan.cache.offset
    for index in 0..<program.kvLayerCount {
      let layer = program.kvLayer(index)
      let held = positionCount(layer)
      let positions = min(aligned(count, to: 16), held)
      let keys = held / 16 * ht_k_panel_byte_count(kv, layer.headDim)
      for _ in 0..<layer.headCount {
        touch(at, positions / 16 * ht_k_panel_byte_count(kv, layer.headDim))
        touch(at + keys, positions * ht_v_row_byte_count(kv, layer.headDim))
        at += cacheHeadByteCount(layer, kv, held)
      }
    }
  }

  /// Reads and writes one byte of each page.
  private func touch(_ start: UnsafeMutableRawPointer, _ byteCount: Int) {
    var at = 0
    while at < byteCount {
      sys_touch(start + at)
      at += 4096
    }
    if byteCount > 0 { sys_touch(start + (byteCount - 1)) }
  }

  /// Runs `ids` after what is there, in chunks, and calls `body(position, logits)` for each of their positions from
  /// `firstOutput` on (all: 0; the last alone: `ids.count - 1`; none: `ids.count`).
  ///
  /// Logits are f32 `(vocab)`, valid inside `body` only. `progress(done)` is called after each chunk. A sequence that
  /// becomes long for rope is run again from its start first: every token of it must be rotated alike.
  public mutating func feed(
    _ ids: UnsafeBufferPointer<UInt32>, firstOutput: Int, progress: (Int) -> Void = { _ in },
    body: (Int, UnsafeBufferPointer<Float>) -> Void
  ) throws(SessionError) {
    guard ids.count <= plan.options.context - past else {
      throw .contextFull(have: UInt64(plan.options.context), need: UInt64(past) + UInt64(ids.count))
    }
    for id in ids where Int(id) >= program.vocab {
      throw .tokenOutOfRange(token: id, vocab: UInt32(program.vocab))
    }
    guard step != nil, logits != nil else { throw .noLogits }
    guard !hasSource || shared.pointee.execution.sourceCount > 0 else { throw .nothingEncoded }
    leaveBatch()
    let total = past + ids.count
    if program.ropeOriginalContext > 0, total > program.ropeOriginalContext, !shared.pointee.execution.isLong {
      let again = past
      (past, reached, recomputedCount) = (0, 0, recomputedCount + again)
      shared.pointee.execution.isLong = true
      run(
        UnsafeBufferPointer(rebasing: tokenRoom[0..<again]), firstOutput: again, progress: { _ in }, body: { _, _ in })
    }
    run(ids, firstOutput: firstOutput, progress: progress, body: body)
  }

  /// `feed`, of ids that have been checked.
  private mutating func run(
    _ ids: UnsafeBufferPointer<UInt32>, firstOutput: Int, progress: (Int) -> Void,
    body: (Int, UnsafeBufferPointer<Float>) -> Void
  ) {
    guard let step, let logits else { return }
    let all = (arena.baseAddress! + plan.tokenIDs.offset).assumingMemoryBound(to: UInt32.self)
    var done = 0
    while done < ids.count {
      let count = min(plan.options.chunk, ids.count - done)
      for i in 0..<count { all[past + i] = ids[done + i] }
      shared.pointee.execution.tokens = UnsafePointer(all + past)
      shared.pointee.execution.tokenCount = count
      shared.pointee.execution.past = past
      runEntry(step)
      var row = max(firstOutput - done, 0)
      while row < count {
        let rows = min(plan.options.outputs, count - row)
        shared.pointee.execution.outputFirst = row
        shared.pointee.execution.outputCount = rows
        runEntry(logits)
        for i in 0..<rows {
          forbid(i, length: past + row + i + 1)
          body(done + row + i, logitsRow(i))
        }
        row += rows
      }
      past += count
      reached = max(reached, past)
      done += count
      progress(done)
    }
    shared.pointee.execution.tokens = UnsafePointer(all)
  }

  /// f32 (vocab): row `index` of the last call of `logits`.
  public func logitsRow(_ index: Int) -> UnsafeBufferPointer<Float> {
    guard let logits else { return UnsafeBufferPointer(start: nil, count: 0) }
    return row(index, of: logits)
  }

  /// f32 (columns): row `index` of the result of the last call of `entry`.
  func row(_ index: Int, of entry: Entry) -> UnsafeBufferPointer<Float> {
    let result = program.value(entry.result)
    let row = shared.pointee.execution.base(result) + index * result.rowByteCount
    return UnsafeBufferPointer(start: row.assumingMemoryBound(to: Float.self), count: result.columns)
  }

  func runEntry(_ entry: Entry) {
    shared.pointee.firstOp = entry.firstOp
    shared.pointee.opCount = entry.opCount
    shared.pointee.team.run()
  }
}

/// The main loop: every thread runs its share of each op, and all meet before the next.
private func runOps(_ context: UnsafeMutableRawPointer, _ threadIndex: Int) {
  let shared = context.assumingMemoryBound(to: SharedState.self)
  let team = shared.pointee.team
  let lane = Lane(
    index: threadIndex, count: team.count,
    scratch: shared.pointee.scratch + threadIndex * shared.pointee.scratchByteCount)
  let first = shared.pointee.firstOp
  for pc in first..<(first + shared.pointee.opCount) {
    execute(shared.pointee.execution.program.op(pc), in: shared.pointee.execution, lane: lane)
    team.barrier()
  }
}
