// SPDX-License-Identifier: Apache-2.0
// `plan B`: the memory that a run will use, to the byte, before anything is mapped. specs/memory.md.
import CKernels
import Format
import Ops
import Runtime
import Tasks

func plan(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try Options(arguments, flags: .json | .memory | .compute | .beams)
  let bundle = try OpenBundle(options.bundle!)
  let program = try bundle.program()
  let plan = try options.plan(program, beams: try options.beamCount(bundle, program))
  if options.has(.json) { writeJSON(plan, bundle, &io) } else { writeTable(plan, bundle, &io) }
  if options.maxMemory > 0 { writeFitting(options, program, plan, &io) }
  if options.has(.json) { io.out.text("}\n") }
  return 0
}

/// The regions of specs/memory.md §1 in order.
private func forEachRegion(_ plan: Plan, _ body: (StaticString, Region) -> Void) {
  body("control", plan.control)
  body("layer_offsets", plan.layerOffsets)
  body("token_ids", plan.tokenIDs)
  if plan.batchIDs.byteCount > 0 {  // an encoder's
    body("batch_ids", plan.batchIDs)
    body("types", plan.typeRoom)
    body("marks", plan.marks)
    body("sequences", plan.sequences)
    body("beams", plan.beams)
  }
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
  io.out.byte(125)
  if let beside = chatByteCount(plan, bundle) { io.out.say(",\"chat_bytes\":%", beside) }
}

/// What `chat` takes beside the arena; nil for a bundle that cannot chat.
private func chatByteCount(_ plan: Plan, _ bundle: OpenBundle) -> Int? {
  guard bundle.view.head.section(.template) != nil, bundle.view.head.section(.tokenizer) != nil else { return nil }
  return ChatRoom.byteCount(context: plan.options.context)
}

/// What else `--max-memory` would hold.
private func writeFitting(_ options: Options, _ program: Program, _ plan: Plan, _ io: inout IO) {
  var isFirst = true
  if options.has(.json) {
    io.out.text(",\"fits\":[")
  } else {
    io.out.text("what else fits in ")
    io.out.size(options.maxMemory)
    io.out.text(":\n  kv    context   chunk       arena\n")
  }
  options.forEachFitting(program, base: plan.options) { other in
    if options.has(.json) {
      io.out.text(isFirst ? "{\"kv\":\"" : ",{\"kv\":\"")
      io.out.text(kvName(other.options.kv))
      io.out.say(
        "\",\"context\":%,\"chunk\":%,\"arena_bytes\":%}", other.options.context, other.options.chunk,
        other.byteCount)
    } else {
      io.out.text("  ")
      io.out.text(kvName(other.options.kv))
      io.out.number(other.options.context, width: 13 - kvName(other.options.kv).utf8CodeUnitCount)
      io.out.number(other.options.chunk, width: 8)
      io.out.number(other.byteCount, width: 12)
      io.out.text(" B\n")
    }
    isFirst = false
  }
  if options.has(.json) { io.out.byte(93) }
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
  if let beside = chatByteCount(plan, bundle) {
    io.out.say("chat   % B (", beside)
    io.out.size(UInt64(beside))
    io.out.text(") beside the arena\n")
  }
}
