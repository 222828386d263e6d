// SPDX-License-Identifier: Apache-2.0
// Several sequences of one source side by side: one call of `step` makes each of them a token longer. Their keys and
// values lie in slots of the cache; where one sequence becomes two, its slot is copied. specs/memory.md §5.
import CKernels
import Format
import Ops

/// A few ids.
public struct FewIDs: Sendable {
  private var ids = InlineArray<8, UInt32>(repeating: 0)
  public private(set) var count = 0

  public init() {}

  /// False when there are too many.
  public mutating func add(_ id: UInt32) -> Bool {
    for index in 0..<count where ids[index] == id { return true }
    if count == Limits.neverCountMax { return false }
    ids[count] = id
    count += 1
    return true
  }

  public subscript(index: Int) -> UInt32 { ids[index] }

  func forbid(_ logits: UnsafeMutableBufferPointer<Float>) {
    for index in 0..<count where Int(ids[index]) < logits.count { logits[Int(ids[index])] = -.infinity }
  }
}

/// What a text must not be, as transformers' processors of logits define it.
public struct TextRules: Sendable {
  /// Ids that are never made.
  public var never = FewIDs()
  /// Those that end a text: not made before it has `lengthMin` tokens, the first one, which it starts with, included.
  public var ends = FewIDs()
  public var lengthMin = 0
  /// No so many tokens in a row come twice; 0: any may.
  public var noRepeatCount = 0

  public init() {}
}

extension Session {
  /// Makes −∞ in row `index` of the logits what the rules forbid behind the first `length` tokens of `tokenRoom`.
  public func forbid(_ index: Int, length: Int) {
    let logits = UnsafeMutableBufferPointer(mutating: logitsRow(index))
    rules.never.forbid(logits)
    if length < rules.lengthMin { rules.ends.forbid(logits) }
    let (tokens, count) = (tokenRoom, rules.noRepeatCount)
    if count == 0 || length < count { return }
    for first in 0...(length - count) {
      var same = 0
      while same < count - 1, tokens[first + same] == tokens[length + 1 - count + same] { same += 1 }
      if same == count - 1 { logits[Int(tokens[first + same])] = -.infinity }
    }
  }

  /// Positions from one slot to the next.
  private var beamStride: Int { aligned(plan.options.context, to: 16) }

  /// The token and the node before it, of each beam and position: u32 pairs (beams · context), for a search to keep.
  public var beamRoom: UnsafeMutablePointer<UInt32> {
    (arena.baseAddress! + plan.beams.offset).assumingMemoryBound(to: UInt32.self)
  }

  /// Appends `token(b)` to the sequence in slot `slot(b)`, for each of `plan.options.beams` beams. Row b of the logits
  /// is that beam's; `rules` are not applied. All sequences are `past` tokens long.
  @inline(never)
  public mutating func stepBeams(_ token: (Int) -> UInt32, slot: (Int) -> Int) throws(SessionError) {
    guard let step = program.entry(.step), let logits = program.entry(.logits) else { throw .noLogits }
    let context = plan.options.context
    guard past < context else { throw .contextFull(have: UInt64(context), need: UInt64(context) + 1) }
    let base = arena.baseAddress!
    let ids = (base + plan.batchIDs.offset).assumingMemoryBound(to: UInt32.self)
    let marks = (base + plan.marks.offset).assumingMemoryBound(to: TokenMark.self)
    let count = plan.options.beams
    for beam in 0..<count {
      let id = token(beam)
      guard Int(id) < program.vocab else { throw .tokenOutOfRange(token: id, vocab: UInt32(program.vocab)) }
      let first = slot(beam) * beamStride
      ids[beam] = id
      marks[beam] = TokenMark(position: past, slot: first + past, type: 0)
      spans[beam] = SequenceSpan(firstToken: beam, tokenCount: 1, firstPosition: first)
    }
    startBatch()
    shared.pointee.execution.sequenceCount = count
    shared.pointee.execution.tokenCount = count
    runEntry(step)
    shared.pointee.execution.outputFirst = 0
    shared.pointee.execution.outputCount = count
    runEntry(logits)
    leaveBatch()
    shared.pointee.execution.tokens = UnsafePointer(tokenRoom.baseAddress!)
    past += 1
    reached = max(reached, past)
  }

  /// Makes the sequence in slot `target` that of slot `source`: keys and values of the first `past` positions.
  @inline(never)
  public func copyBeam(_ source: Int, to target: Int) {
    let (kv, stride) = (plan.options.kv, beamStride)
    var at = arena.baseAddress! + plan.cache.offset
    for index in 0..<program.kvLayerCount {
      let layer = program.kvLayer(index)
      let held = positionCount(layer)
      let panel = ht_k_panel_byte_count(kv, layer.headDim)
      let row = ht_v_row_byte_count(kv, layer.headDim)
      let keyByteCount = held / 16 &* panel
      for _ in 0..<layer.headCount {
        if layer.span == .sequence {
          let keys = stride / 16 &* panel
          (at + target &* keys).copyMemory(from: at + source &* keys, byteCount: (past &+ 15) / 16 &* panel)
          let values = at + keyByteCount
          (values + target &* stride &* row).copyMemory(
            from: values + source &* stride &* row, byteCount: past &* row)
        }
        // cacheHeadByteCount, of what is known here.
        at += keyByteCount &+ (held &* row &+ 63) & ~63
      }
    }
  }
}
