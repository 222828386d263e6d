// SPDX-License-Identifier: Apache-2.0
// What there is to keep of a session when it is put away: the cached keys and values of its tokens. specs/state.md.
import CKernels
import Format
import Ops

/// How many positions were kept, and by which plan: what decides where they lie.
public struct KeptState: Equatable, Sendable {
  /// Tokens whose keys and values are kept: whole panels, so a multiple of 16. The others are computed again.
  public var count: Int
  public var context: Int
  public var chunk: Int

  public init(count: Int, context: Int, chunk: Int) {
    self.count = count
    self.context = context
    self.chunk = chunk
  }

  /// Positions that a layer's part holds: all that are kept, or the whole ring once it has gone round.
  func positionCount(_ layer: KVLayer) -> Int { min(count, layer.positionCount(context: context, chunk: chunk)) }
}

extension Session {
  /// Tokens from which on a sequence is long for rope; 0: none is. `Program.ropeOriginalContext`.
  public var ropeOriginalContext: Int { program.ropeOriginalContext }

  /// What can be kept now: whole panels that the session could be rewound to, else nothing.
  public var keepable: KeptState {
    let whole = past & ~15
    return KeptState(
      count: whole == past || canRewind(to: whole) ? whole : 0, context: plan.options.context,
      chunk: plan.options.chunk)
  }

  /// Bytes of the cache that `kept` is, for this program and kind of cache.
  public func byteCount(of kept: KeptState) -> Int {
    var total = 0
    for index in 0..<program.kvLayerCount {
      let layer = program.kvLayer(index)
      let positions = kept.positionCount(layer)
      total += layer.headCount * (keyByteCount(layer, positions) + valueByteCount(layer, positions))
    }
    return total
  }

  /// Whether what was kept lies in this session's cache as it lay in the other's. A ring that has gone round does so
  /// only in a ring of the same length.
  public func canRestore(_ kept: KeptState) -> Bool {
    guard kept.count % 16 == 0, kept.count <= plan.options.context else { return false }
    for index in 0..<program.kvLayerCount {
      let layer = program.kvLayer(index)
      let there = layer.positionCount(context: kept.context, chunk: kept.chunk)
      let here = layer.positionCount(context: plan.options.context, chunk: plan.options.chunk)
      if there != here && kept.count > min(there, here) { return false }
    }
    return true
  }

  /// Calls `body` with the parts of the cache that `kept` is, in order: of each layer and head the key panels, then the
  /// value rows.
  public func forEachPart(of kept: KeptState, _ body: (UnsafeMutableRawBufferPointer) -> Void) {
    var at = arena.baseAddress! + plan.cache.offset
    for index in 0..<program.kvLayerCount {
      let layer = program.kvLayer(index)
      let held = layer.positionCount(context: plan.options.context, chunk: plan.options.chunk)
      let positions = kept.positionCount(layer)
      for _ in 0..<layer.headCount {
        body(UnsafeMutableRawBufferPointer(start: at, count: keyByteCount(layer, positions)))
        let values = at + keyByteCount(layer, held)
        body(UnsafeMutableRawBufferPointer(start: values, count: valueByteCount(layer, positions)))
        at += cacheHeadByteCount(layer, plan.options.kv, held)
      }
    }
  }

  /// The sequence becomes `ids`, whose keys and values `fill` puts into the parts that it is called with.
  ///
  /// - Precondition: `canRestore(kept)`, and `ids` are `kept.count` ids of the vocabulary.
  public mutating func restore(
    _ kept: KeptState, ids: UnsafeBufferPointer<UInt32>, _ fill: (UnsafeMutableRawBufferPointer) -> Void
  ) {
    precondition(canRestore(kept) && ids.count == kept.count, "not what was kept")
    forEachPart(of: kept, fill)
    for index in 0..<ids.count {
      precondition(Int(ids[index]) < program.vocab, "an id beyond the vocabulary")
      tokenRoom[index] = ids[index]
    }
    past = kept.count
    // The session that kept it may have gone further before it was cut back: as far as `canRewind` let it.
    reached = plan.options.context
    for index in 0..<program.kvLayerCount {
      let layer = program.kvLayer(index)
      let held = layer.positionCount(context: plan.options.context, chunk: plan.options.chunk)
      if layer.window > 0 { reached = min(reached, held + max(0, past + 1 - layer.window)) }
    }
    let original = program.ropeOriginalContext
    shared.pointee.execution.isLong = original > 0 && past > original
  }

  private func keyByteCount(_ layer: KVLayer, _ positions: Int) -> Int {
    positions / 16 * ht_k_panel_byte_count(plan.options.kv, layer.headDim)
  }

  private func valueByteCount(_ layer: KVLayer, _ positions: Int) -> Int {
    positions * ht_v_row_byte_count(plan.options.kv, layer.headDim)
  }
}
