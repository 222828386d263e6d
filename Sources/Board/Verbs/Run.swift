// SPDX-License-Identifier: Apache-2.0
// `run B`: complete a text, token by token, streamed; then one status line.
import CKernels
import CSystem
import Format
import Ops
import Runtime
import Tasks

func run(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  var options = try Options(arguments, flags: .json | .compute | .memory | .sampling | .ids | .prompt)
  if options.count < 0 { options.count = 64 }
  let bundle = try OpenBundle(options.bundle!)
  let program = try bundle.program()
  let kernels = try chooseKernels(options.isa)
  if options.verbose { writeKernels(kernels, &io) }
  guard let list = options.ids else { throw .noTokenizer(path: bundle.path) }
  var promptCount = 0
  try list.forEachNumber("--ids", { _ in promptCount += 1 })
  guard promptCount > 0 else { throw .usage("--ids needs at least one id", list) }
  let plan = try options.plan(program, contextNeeded: promptCount + options.count)
  var session = try startSession(program, plan, kernels)
  let ids = try parseIDs(list, &session)
  let end = EndIDs(bundle.view, isIgnored: options.ignoreEnd)
  var printer = IDPrinter(isJSON: options.json)
  let generation = Generation(count: options.count, sampler: options.sampler)
  let summary: Summary
  do throws(SessionError) {
    summary = try generate(&session, prompt: ids, generation, isEnd: { end.contains($0) }) { token in
      printer.token(token, &io)
    }
  } catch { throw .session(error) }
  printer.finish(summary, &io)
  writeStatus(summary, bundle, session.plan, program, &io)
  return 0
}

private func writeKernels(_ kernels: UnsafePointer<ht_kernels>, _ io: inout IO) {
  io.error.text("kernels: ")
  io.error.cString(ht_isa_name(kernels.pointee.isa))
  io.error.byte(10)
  io.error.flush()
}

/// Ids as text or as the array of a JSON object, each flushed as it comes: the first line is the first token.
private struct IDPrinter {
  let isJSON: Bool
  private var count = 0

  init(isJSON: Bool) { self.isJSON = isJSON }

  mutating func token(_ id: UInt32, _ io: inout IO) {
    if isJSON { io.out.text(count == 0 ? "{\"ids\":[" : ",") }
    io.out.number(UInt64(id))
    io.out.byte(10)
    io.out.flush()
    count += 1
  }

  func finish(_ summary: Summary, _ io: inout IO) {
    if !isJSON { return }
    if count == 0 { io.out.text("{\"ids\":[") }
    io.out.text("],\"prompt_tokens\":")
    io.out.number(summary.promptCount)
    io.out.text(",\"stop\":\"")
    io.out.text(summary.stop.name)
    io.out.text("\"}\n")
  }
}
