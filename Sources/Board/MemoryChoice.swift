// SPDX-License-Identifier: Apache-2.0
// `--max-memory`: which context, chunk and kind of cache it means, and what else would fit.
import CKernels
import Ops
import Runtime

/// The kind of cache after `kv`, less exact and smaller; nil after the last.
func smallerKind(_ kv: ht_kv) -> ht_kv? {
  switch kv {
  case HT_KV_F32: HT_KV_F16
  case HT_KV_F16: HT_KV_Q8
  default: nil
  }
}

extension Options {
  /// The plan for `--max-memory`. A context that is given is kept, and so is a kind of cache. Without `--kv` it is the
  /// most exact kind, from the program's own on, with which the context can be had; without `--context` the context
  /// that it has to reach is 2,048 or the model's; if none reaches it, the kind that gives the longest.
  func fittingPlan(_ program: Program, base: PlanOptions) throws(PlanError) -> Plan {
    let wanted = context > 0 ? context : min(program.contextMax, defaultContext)
    // The plans themselves are large: only what they were asked for is kept.
    var best: PlanOptions?
    var least = DoesNotFit(limit: maxMemory, need: .max)
    var kind: ht_kv? = base.kv
    while let kv = kind {
      do throws(PlanError) {
        let found = try fitting(program, kv, base, context: context > 0 ? context : nil).options
        if found.context > best?.context ?? 0 { best = found }
        if found.context >= wanted { break }
      } catch {
        guard case .doesNotFit(let why) = error else { throw error }
        if why.need < least.need { least = why }
      }
      kind = self.kv == nil ? smallerKind(kv) : nil
    }
    guard let best else { throw .doesNotFit(least) }
    return try Plan(program, best)
  }

  private func fitting(
    _ program: Program, _ kv: ht_kv, _ base: PlanOptions, context: Int?
  ) throws(PlanError) -> Plan {
    var options = base
    options.kv = kv
    return try Plan.fitting(
      program, byteCountMax: maxMemory, context: context, chunkMax: chunk > 0 ? chunk : 512, base: options)
  }

  /// Calls `body` with every other plan that fits: for each kind of cache, contexts that double from 128 up to the
  /// model's, each with the largest chunk.
  func forEachFitting(_ program: Program, base: PlanOptions, _ body: (Plan) -> Void) {
    var kind: ht_kv? = kv ?? program.kvDefault
    while let kv = kind {
      var context = min(128, program.contextMax)
      while true {
        if let plan = try? fitting(program, kv, base, context: context) { body(plan) }
        if context == program.contextMax { break }
        context = min(2 * context, program.contextMax)
      }
      kind = self.kv == nil ? smallerKind(kv) : nil
    }
  }

  /// Says what `--max-memory` has chosen: a run is not made smaller in silence.
  func noteChoice(_ plan: Plan, _ program: Program, _ io: inout IO) {
    if maxMemory == 0 { return }
    io.error.say("--max-memory: context %  chunk %  kv ", plan.options.context, plan.options.chunk)
    io.error.text(kvName(plan.options.kv))
    io.error.byte(10)
    io.error.flush()
  }
}
