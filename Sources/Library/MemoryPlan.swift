// SPDX-License-Identifier: Apache-2.0
// The memory of a generator, to the byte, before any of it is mapped.
import CKernels
import Foundation
import Ops
import Runtime

/// How keys and values are kept.
public enum KVType: Sendable, CaseIterable {
  case f32, f16, q8

  var kind: ht_kv {
    switch self {
    case .f32: HT_KV_F32
    case .f16: HT_KV_F16
    case .q8: HT_KV_Q8
    }
  }
}

/// What a generator is asked to hold. What is nil is chosen: a context of 2,048 tokens or the model's, a chunk of 128,
/// the kind of cache that the bundle was made for, a thread for each processor.
public struct MemoryRequest: Sendable {
  public var context: Int?
  /// Tokens of one call: more of them make the prompt faster and take more memory.
  public var chunk: Int?
  public var kv: KVType?
  public var threads: Int?
  /// Tokens of a draft at most: ``GenerationOptions/draft``.
  public var draft = 0
  /// Texts that ``Generator/translate(_:)`` and ``Generator/summarise(_:)`` of an encoder–decoder try side by side, 1 …
  /// 16; nil: as many as the bundle says.
  public var beams: Int?

  public init(
    context: Int? = nil, chunk: Int? = nil, kv: KVType? = nil, threads: Int? = nil, draft: Int = 0, beams: Int? = nil
  ) {
    self.beams = beams
    self.context = context
    self.chunk = chunk
    self.kv = kv
    self.threads = threads
    self.draft = draft
  }
}

/// Where everything will lie. The weights come on top, as pages of the file that the system may take back.
public struct MemoryPlan: Sendable {
  /// Boxed: what imports this library need not be compiled again when a plan gets a part more.
  private final class Box: Sendable {
    let plan: Plan
    init(_ plan: Plan) { self.plan = plan }
  }
  private let box: Box

  init(plan: Plan) { box = Box(plan) }

  var plan: Plan { box.plan }

  /// Bytes of the one mapping that a generator takes.
  public var byteCount: Int { plan.byteCount }
  public var context: Int { plan.options.context }
  public var chunk: Int { plan.options.chunk }
  public var threads: Int { plan.options.threads }
}

extension Model {
  /// The memory that ``Generator`` takes: a pure function of the bundle and the request.
  public func plan(_ request: MemoryRequest = MemoryRequest()) throws -> MemoryPlan {
    let context = request.context ?? min(program.contextMax, hasSource ? 512 : 2048)
    // A source is read whole.
    let chunk = hasSource ? context : min(request.chunk ?? 128, context)
    let beams = try hasSource ? request.beams ?? textSettings().beams : 1
    let threads = request.threads ?? ProcessInfo.processInfo.activeProcessorCount
    var options = PlanOptions(
      context: context, chunk: chunk, outputs: max(1, min(max(request.draft + 1, beams), chunk)),
      kv: request.kv?.kind ?? program.kvDefault, threads: threads)
    options.beams = beams
    do { return MemoryPlan(plan: try Plan(program, options)) } catch {
      throw HardtackError("there is no such plan: \(error)", hint: "the model takes a context of 1 … \(contextMax)")
    }
  }
}
