// SPDX-License-Identifier: Apache-2.0
// `logits B --ids …`: the raw numbers, as .npy, as a digest, or the ten best of the last row.
import CSystem
import Format
import Ops
import Runtime
import Storage

func logits(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try Options(arguments, flags: .compute | .memory | .ids | .logits | .output | .outputName | .all)
  let bundle = try OpenBundle(options.bundle!)
  let program = try bundle.program()
  if program.entry(.step) == nil { return try encoderLogits(options, program, &io) }
  if let name = options.word(.outputName), !name.equals("logits") {
    throw .usage("a decoder has no output named", name)
  }
  if let types = options.word(.typeIDs) { throw .usage("a decoder takes no --type-ids", types) }
  guard let list = options.word(.ids) else { throw .usage("--ids is missing", nil) }
  var count = 0
  try list.forEachNumber("--ids", { _ in count += 1 })
  guard count > 0 else { throw .usage("--ids needs at least one id", list) }
  let plan = try options.plan(program, outputs: options.has(.all) ? 16 : 1, contextNeeded: count)
  var session = try startSession(program, plan, try chooseKernels(options.word(.isa)))
  let ids = try parseIDs(list, &session)
  let rows = options.has(.all) ? count : 1
  var file = try NPYFile(options.word(.output), columns: program.vocab)
  var failure: Failure?
  let digest = streamDigest { (update: (UnsafeRawBufferPointer) -> Void) in
    do throws(SessionError) {
      try session.feed(ids, firstOutput: count - rows) { _, row in
        let bytes = UnsafeRawBufferPointer(row)
        update(bytes)
        file?.write(bytes)
      }
    } catch { failure = .session(error) }
  }
  if let failure {
    file?.abandon()
    throw failure
  }
  try file?.commit()
  if options.word(.output) == nil, !options.has(.hash) {
    writeBest(session.logitsRow((rows - 1) % plan.options.outputs), &io)
  }
  if options.has(.hash) {
    io.out.hex(digest)
    io.out.byte(10)
  }
  return 0
}

/// The ids of `list`, kept in the arena's sampler room until they are fed.
func parseIDs(_ list: Word, _ session: inout Session) throws(Failure) -> UnsafeBufferPointer<UInt32> {
  let context = session.plan.options.context
  let vocab = session.program.vocab
  let room = session.idRoom
  var count = 0
  try list.forEachNumber("--ids") { id throws(Failure) in
    guard id < vocab else {
      throw .session(.tokenOutOfRange(token: UInt32(clamping: id), vocab: UInt32(vocab)))
    }
    if count < context { room[count] = UInt32(id) }
    count += 1
  }
  guard count <= context else { throw .session(.contextFull(have: UInt64(context), need: UInt64(count))) }
  return UnsafeBufferPointer(start: room, count: count)
}

/// The ten largest logits, a line each: id, tab, logit.
private func writeBest(_ row: UnsafeBufferPointer<Float>, _ io: inout IO) {
  var below = Float.infinity
  var belowID = -1
  for _ in 0..<min(10, row.count) {
    var best = -1
    for id in 0..<row.count {
      guard row[id] < below || (row[id] == below && id > belowID) else { continue }
      if best < 0 || row[id] > row[best] { best = id }
    }
    if best < 0 { return }
    io.out.number(best)
    io.out.byte(9)
    io.out.decimal(Double(row[best]), places: 6)
    io.out.byte(10)
    below = row[best]
    belowID = best
  }
}
