// SPDX-License-Identifier: Apache-2.0
// The one line with which every run ends: speed, bandwidth, memory, fingerprint.
import Format
import Ops
import Runtime
import Tasks

/// `prefill 412.0 tok/s  decode 61.3 tok/s  29.9 GB/s  arena 18.2 MiB  mapped 97.4 MiB  #9f31c2d0`
func writeStatus(_ summary: Summary, _ bundle: OpenBundle, _ plan: Plan, _ program: Program, _ io: inout IO) {
  io.out.flush()
  io.error.text("prefill ")
  io.error.decimal(rate(summary.promptCount, summary.prefillSeconds), places: 1)
  io.error.text(" tok/s")
  if summary.decodeCount > 0 {
    let tokensPerSecond = rate(summary.decodeCount, summary.decodeSeconds)
    io.error.text("  decode ")
    io.error.decimal(tokensPerSecond, places: 1)
    io.error.text(" tok/s  ")
    io.error.decimal(tokensPerSecond * Double(decodeByteCount(program)) / 1e9, places: 1)
    io.error.text(" GB/s")
  }
  if summary.draftedCount > 0 {
    io.error.say("  draft %/% (", summary.acceptedCount, summary.draftedCount)
    io.error.decimal(100 * Double(summary.acceptedCount) / Double(summary.draftedCount), places: 0)
    io.error.text(" %)")
  }
  if summary.recomputedCount > 0 { io.error.say("  computed anew % (long RoPE)", summary.recomputedCount) }
  io.error.text("  arena ")
  io.error.size(UInt64(plan.byteCount))
  io.error.text("  mapped ")
  io.error.size(UInt64(bundle.byteCount))
  io.error.text("  #")
  io.error.hex(bundle.view.head.identity, digits: 8)
  io.error.byte(10)
  io.error.flush()
}

func rate(_ count: Int, _ seconds: Double) -> Double { seconds > 0 ? Double(count) / seconds : 0 }

/// Weight bytes that one decoded token reads: every tensor of every matmul.
func decodeByteCount(_ program: Program) -> UInt64 {
  var total: UInt64 = 0
  let source = program.hasSource ? program.entry(.encode) : nil
  for index in 0..<program.opCount {
    if let source, index >= source.firstOp, index < source.firstOp + source.opCount { continue }
    let record = program.op(index)
    guard record.opcode == MatMul.opcode else { continue }
    for i in 0..<Int(record.u32(16)) { total += program.tensor(record.u32(20 + 4 * i)).byteCount }
  }
  return total
}
