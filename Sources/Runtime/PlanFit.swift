// SPDX-License-Identifier: Apache-2.0
// The largest plan under a limit: `--max-memory`.
import Ops

/// A limit that even the smallest plan exceeds.
public struct DoesNotFit: Error, Equatable, Sendable {
  public var limit: UInt64
  public var need: UInt64
}

extension Plan {
  /// The largest context, then the largest chunk, that fit into `byteCountMax`; `context`, when given, is kept.
  ///
  /// The context is sought with a chunk of 16 tokens, since more context is worth more than a faster prefill; the chunk is
  /// then doubled while it fits, up to `chunkMax`.
  public static func fitting(
    _ program: Program, byteCountMax: UInt64, context: Int?, chunkMax: Int, base: PlanOptions
  ) throws(DoesNotFit) -> Plan {
    func plan(_ context: Int, _ chunk: Int) -> Plan? {
      var options = base
      options.context = context
      options.chunk = min(chunk, context)
      guard let plan = try? Plan(program, options) else { return nil }
      return plan
    }
    func fits(_ plan: Plan?) -> Bool { plan.map { UInt64($0.byteCount) <= byteCountMax } ?? false }
    var least = context ?? 1
    if !fits(plan(least, 1)) {
      throw DoesNotFit(limit: byteCountMax, need: plan(least, 1).map { UInt64($0.byteCount) } ?? .max)
    }
    let least16 = fits(plan(least, 16)) ? 16 : 1
    if context == nil {
      var high = program.contextMax
      while least < high {
        let middle = least + (high - least + 1) / 2
        if fits(plan(middle, least16)) { least = middle } else { high = middle - 1 }
      }
    }
    var chunk = min(least16, least)
    while chunk * 2 <= min(chunkMax, least), fits(plan(least, chunk * 2)) { chunk *= 2 }
    return plan(least, chunk)!
  }
}
