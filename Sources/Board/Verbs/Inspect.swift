// SPDX-License-Identifier: Apache-2.0
// `inspect B`: what a bundle contains. Reads head and tables only; weights are not touched.
import Runtime
import Format
import Ops
import Storage

func inspect(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try Options(arguments, flags: .json | .inspect | .memory | .compute)
  let bundle: OpenBundle
  do throws(Failure) {
    bundle = try OpenBundle(options.bundle!)
  } catch {
    guard case .bundle(.compressed, _) = error.reason else { throw error }
    inspectCompressed(try OpenBundle.head(options.bundle!), options, &io)
    return 0
  }
  let hasProgram = bundle.view.head.section(.program) != nil || bundle.view.head.section(.values) != nil
  if hasProgram { try bundle.checkProgram() }
  if options.has(.json) {
    withUnsafeMutablePointer(to: &io.out) { out in inspectJSON(bundle.view) { out.pointee.bytes($0) } }
    return 0
  }
  Manifest(bundle.view).forEach { key, value in
    io.out.bytes(key)
    io.out.text(": ")
    io.out.bytes(value)
    io.out.byte(10)
  }
  io.out.text("identity: ")
  io.out.hex(bundle.view.head.identity)
  io.out.text("\nsize: ")
  io.out.size(UInt64(bundle.byteCount))
  io.out.byte(10)
  if let record = try? TaskRecord(checking: bundle.view.bytes(of: .labels)) { describe(record, &io) }
  if !hasProgram { return 0 }
  let program = try bundle.program()
  io.out.say("context: %\nvocabulary: %\nops: %\ntensors: ", program.contextMax, program.vocab, program.opCount)
  io.out.say("%\n", bundle.view.tensorCount)
  if options.has(.tensors) { listTensors(bundle.view, &io) }
  if options.has(.program) { listProgram(program, &io) }
  if options.has(.plan) { drawPlan(program, try options.plan(program), &io) }
  return 0
}

/// Labels and limits of a task.
private func describe(_ record: TaskRecord, _ io: inout IO) {
  io.out.say("longest input: % tokens\n", record.lengthMax)
  if record.labelCount > 0 { io.out.say("labels: %", record.labelCount) }
  for index in 0..<record.labelCount {
    io.out.text(index == 0 ? " (" : ", ")
    io.out.bytes(record.label(index).text)
  }
  if record.labelCount > 0 { io.out.text(")\n") }
  for index in 0..<record.promptCount {
    io.out.text("prompt ")
    io.out.json(record.prompt(index).name)
    io.out.text(": ")
    io.out.json(record.prompt(index).text)
    io.out.byte(10)
  }
}

/// Of the form for shipping there is the head alone, and the way to the other form.
private func inspectCompressed(_ head: BundleHead, _ options: Options, _ io: inout IO) {
  if options.has(.json) {
    withUnsafeMutablePointer(to: &io.out) { out in inspectJSON(head) { out.pointee.bytes($0) } }
    return
  }
  io.out.text("compressed for shipping: ")
  io.out.size(head.header.fileByteCount)
  io.out.text(", expands to ")
  io.out.size(head.mappableByteCount)
  io.out.text("\nidentity: ")
  io.out.hex(head.identity)
  io.out.text("\nto run it: ")
  io.out.text(io.program)
  io.out.text(" expand ")
  io.out.safe(options.bundle!)
  io.out.text(" -o EXPANDED.tack\n")
}

private func listTensors(_ view: BundleView, _ io: inout IO) {
  for index in 0..<view.tensorCount {
    let tensor = view.tensor(index)
    io.out.say("% ", index)
    io.out.bytes(view.name(tensor.nameOffset, tensor.nameByteCount))
    io.out.byte(32)
    io.out.text(tensor.format.name)
    io.out.text(tensor.isPlain ? " plain " : " ")
    io.out.say("% x % % B\n", UInt64(tensor.rows), UInt64(tensor.columns), tensor.byteCount)
  }
}

private func listProgram(_ program: Program, _ io: inout IO) {
  for index in 0..<program.opCount {
    let record = program.op(index)
    io.out.say("% ", index)
    io.out.text(opName(record.opcode))
    if record.input != Value.none { writeValue(program, record.input, " ", &io) }
    if record.output != Value.none { writeValue(program, record.output, " -> ", &io) }
    io.out.byte(10)
  }
}

private func writeValue(_ program: Program, _ index: UInt32, _ before: StaticString, _ io: inout IO) {
  let value = program.value(index)
  io.out.text(before)
  io.out.bytes(program.bundle.name(value.nameOffset, value.nameByteCount))
  io.out.text(value.dtype == .f32 ? " f32(" : value.dtype == .q8 ? " q8(" : " q16(")
  io.out.text(value.rows == .token ? "T, " : "R, ")
  io.out.say("%) @%", value.columns, value.offset)
}

/// Time down (an op a line), bytes of the token area across (64 columns), one letter a value.
private func drawPlan(_ program: Program, _ plan: Plan, _ io: inout IO) {
  io.out.say("token area of % B a token, times a chunk of %\n", program.tokenByteCount, plan.options.chunk)
  for op in 0..<program.opCount {
    var cells = InlineArray<64, UInt8>(repeating: 46)
    for index in 0..<program.valueCount {
      let value = program.value(UInt32(index))
      guard value.rows == .token, Int(value.firstOp) <= op, op <= Int(value.lastOp) else { continue }
      let first = value.offset * cells.count / program.tokenByteCount
      let last = (value.offset + value.rowByteCount - 1) * cells.count / program.tokenByteCount
      for cell in first...min(last, cells.count - 1) { cells[cell] = UInt8(65 + index % 26) }
    }
    for cell in 0..<cells.count { io.out.byte(cells[cell]) }
    io.out.say(" % ", op)
    io.out.text(opName(program.op(op).opcode))
    io.out.byte(10)
  }
}
