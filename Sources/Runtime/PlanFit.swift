// SPDX-License-Identifier: Apache-2.0
// The largest plan under a limit: `--max-memory`.
import Ops

/// A limit that even the smallest plan exceeds.
public struct DoesNotFit: Error, Equatable, Sendable {
  public var limit: UInt64
  public var need: UInt64

  public init(limit: UInt64, need: UInt64) {
    self.limit = limit
    self.need = need
  }
}

extension Plan {
  /// Tokens of a call with which the context is sought.
  private static let chunkFirst = 16

  /// The largest context, then the largest chunk, that fit into `byteCountMax`; `context`, when given, is kept, and
  /// `base.outputs` is lowered where the chunk is smaller.
  ///
  /// The context is sought with a chunk of 16 tokens, since more context is worth more than a faster prefill; the chunk
  /// is then doubled while it fits, up to `chunkMax`. Where 16 are too many for a context that is given, it starts from
  /// one.
  ///
  /// - Throws: `doesNotFit` with what the smallest plan needs; what `Plan.init` throws for options that have no plan.
  public static func fitting(
    _ program: Program, byteCountMax: UInt64, context: Int?, chunkMax: Int, base: PlanOptions
  ) throws(PlanError) -> Plan {
    func options(_ context: Int, _ chunk: Int) -> PlanOptions {
      var options = base
      options.context = context
      options.chunk = program.isEncoder ? context : min(chunk, context)
      options.outputs = min(base.outputs, max(options.chunk, 1))
      return options
    }
    func byteCount(_ options: PlanOptions) throws(PlanError) -> UInt64 { UInt64(try Plan(program, options).byteCount) }
    let chunkFirst = min(chunkFirst, chunkMax)
    var best = options(context ?? base.beams, min(chunkFirst, 1))
    let need = try byteCount(best)
    guard need <= byteCountMax else { throw .doesNotFit(DoesNotFit(limit: byteCountMax, need: need)) }
    if context == nil {
      var (least, high) = (base.beams, program.contextMax)
      while least < high {
        let middle = least + (high - least + 1) / 2
        if try byteCount(options(middle, chunkFirst)) <= byteCountMax { least = middle } else { high = middle - 1 }
      }
      best = options(least, chunkFirst)
    } else {
      let wider = options(best.context, chunkFirst)
      if try byteCount(wider) <= byteCountMax { best = wider }
    }
    while best.chunk * 2 <= min(chunkMax, best.context) {
      let wider = options(best.context, best.chunk * 2)
      guard try byteCount(wider) <= byteCountMax else { break }
      best = wider
    }
    return try Plan(program, best)
  }
}
