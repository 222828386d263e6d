// SPDX-License-Identifier: Apache-2.0
// `embed B TEXT` and `embed B --jsonl`: vectors of texts. Lines that fit into one call are encoded together.
import CSystem
import Format
import Ops
import Runtime
import Text

func embed(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try Options(arguments, flags: .json | .compute | .memory | .lines | .vectors)
  let bundle = try OpenBundle(options.bundle!)
  let program = try bundle.program()
  guard program.entry(.embedding) != nil else { throw .input("this bundle gives no embeddings", nil) }
  let tokenizer = try bundle.tokenizer()
  let plan = try options.encoderPlan(program, sequences: options.lines ? 32 : 1)
  var session = try startSession(program, plan, try chooseKernels(options.isa))
  session.startBatch()
  var room = EncodeRoom()
  if options.lines {
    var reader = try LineReader(0)
    while let line = try reader.next() {
      let ids = try room.encode(tokenizer, try decodeJSONString(line), EncodeOptions(parseSpecial: false))
      if !session.hasRoom(for: ids.count) { try writeVectors(&session, options, &io) }
      try add(ids, &session)
    }
  } else {
    guard let text = options.rest else { throw .usage("which text?", nil) }
    try add(try room.encode(tokenizer, text, EncodeOptions(parseSpecial: false)), &session)
  }
  try writeVectors(&session, options, &io)
  return 0
}

private func add(_ ids: UnsafeBufferPointer<UInt32>, _ session: inout Session) throws(Failure) {
  do throws(SessionError) { try session.add(ids) } catch { throw .session(error) }
}

/// A line for each text of the batch, which is empty then.
private func writeVectors(_ session: inout Session, _ options: Options, _ io: inout IO) throws(Failure) {
  if session.batchCount == 0 { return }
  do throws(SessionError) { try session.encode() } catch { throw .session(error) }
  _ = session.run(.embedding)
  for index in 0..<session.batchCount {
    let row = session.row(index, of: .embedding)
    let vector = UnsafeMutablePointer(mutating: row.baseAddress!)
    if !options.raw { Normalize.row(vector, columns: row.count, vector) }
    io.out.byte(91)
    for i in 0..<row.count {
      if i > 0 { io.out.text(", ") }
      io.out.decimal(Double(row[i]), places: 9)
    }
    io.out.text("]\n")
  }
  session.startBatch()
}
