// SPDX-License-Identifier: Apache-2.0
// `plan B`: the memory that a run will use, to the byte, before anything is mapped. specs/memory.md.
import CKernels
import Format
import Ops
import Runtime

func plan(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try Options(arguments, flags: .json | .memory | .compute)
  let bundle = try OpenBundle(options.bundle!)
  let plan = try options.plan(try bundle.program())
  if options.json { writeJSON(plan, bundle, &io) } else { writeTable(plan, bundle, &io) }
  return 0
}

/// The regions of specs/memory.md §1 in order.
private func forEachRegion(_ plan: Plan, _ body: (StaticString, Region) -> Void) {
  body("control", plan.control)
  body("layer_offsets", plan.layerOffsets)
  body("token_ids", plan.tokenIDs)
  body("token_values", plan.tokenValues)
  body("output_values", plan.outputValues)
  body("kv_cache", plan.cache)
  body("scratch", plan.scratch)
  body("sampler", plan.sampler)
  body("text", plan.text)
  body("stacks", plan.stacks)
}

private func writeJSON(_ plan: Plan, _ bundle: OpenBundle, _ io: inout IO) {
  io.out.say("{\"context\":%,\"chunk\":%,\"kv\":\"", plan.options.context, plan.options.chunk)
  io.out.text(kvName(plan.options.kv))
  io.out.say(
    "\",\"threads\":%,\"mapped_bytes\":%,\"arena_bytes\":%,\"regions\":{", plan.options.threads, bundle.byteCount,
    plan.byteCount)
  var isFirst = true
  forEachRegion(plan) { name, region in
    if !isFirst { io.out.byte(44) }
    isFirst = false
    io.out.byte(34)
    io.out.text(name)
    io.out.say("\":%", region.byteCount)
  }
  io.out.text("}}\n")
}

private func writeTable(_ plan: Plan, _ bundle: OpenBundle, _ io: inout IO) {
  io.out.say("context %  chunk %  kv ", plan.options.context, plan.options.chunk)
  io.out.text(kvName(plan.options.kv))
  io.out.say("  threads %\n", plan.options.threads)
  forEachRegion(plan) { name, region in
    io.out.text("  ")
    io.out.text(name)
    for _ in name.utf8CodeUnitCount..<16 { io.out.byte(32) }
    io.out.say("%\n", region.byteCount)
  }
  io.out.say("arena  % B (", plan.byteCount)
  io.out.size(UInt64(plan.byteCount))
  io.out.say(")\nmapped % B (", bundle.byteCount)
  io.out.size(UInt64(bundle.byteCount))
  io.out.text(")\n")
}
