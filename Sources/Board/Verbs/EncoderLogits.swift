// SPDX-License-Identifier: Apache-2.0
// `logits B --ids … [--type-ids …] [--output NAME]` of an encoder: the numbers that its heads give, or its hidden rows.
import CSystem
import Format
import Ops
import Runtime
import Storage

/// What `--output` names, as transformers and sentence-transformers call it.
private struct EncoderOutput {
  var kind: EntryKind
  /// The one column that counts.
  var column: Int?
  /// How the hidden rows become one; at length 1 if `isUnit`.
  var pool: Pool.Mode?
  var isUnit = false

  init(_ name: Word?, _ program: Program) throws(Failure) {
    kind = .encode
    if let name {
      try take(name, program)
    } else {
      kind = EncoderOutput.head(program) ?? .encode
    }
    guard let entry = program.entry(kind), column == nil || program.value(entry.result).columns == 2 else {
      throw .usage("this bundle has no output named", name)
    }
  }

  private static func head(_ program: Program) -> EntryKind? {
    if program.entry(.sequenceLogits) != nil { return .sequenceLogits }
    if program.entry(.tokenLogits) != nil { return .tokenLogits }
    return program.entry(.maskLogits) != nil ? .maskLogits : nil
  }

  private mutating func take(_ name: Word, _ program: Program) throws(Failure) {
    if name.equals("last_hidden_state") { return }
    if name.equals("mean_pooled") || name.equals("mean_pooled_l2") || name.equals("cls_l2") {
      pool = name.equals("cls_l2") ? .first : .mean
      isUnit = !name.equals("mean_pooled")
    } else if name.equals("pooler_output") {
      kind = .poolerOutput
    } else if name.equals("embedding") {
      kind = .embedding
    } else if name.equals("start_logits") || name.equals("end_logits") {
      (kind, column) = (.tokenLogits, name.equals("start_logits") ? 0 : 1)
    } else if name.equals("logits"), let head = EncoderOutput.head(program) {
      kind = head
    } else {
      throw .usage("this bundle has no output named", name)
    }
  }
}

/// All rows of the output, as .npy, as a digest, or a line each.
func encoderLogits(_ options: Options, _ program: Program, _ io: inout IO) throws(Failure) -> Int32 {
  guard let list = options.word(.ids) else { throw .usage("--ids is missing", nil) }
  let output = try EncoderOutput(options.word(.outputName), program)
  var count = 0
  try list.forEachNumber("--ids", { _ in count += 1 })
  guard count > 0 else { throw .usage("--ids needs at least one id", list) }
  let plan = try options.encoderPlan(program, contextNeeded: count)
  var session = try startSession(program, plan, try chooseKernels(options.word(.isa)))
  let ids = try parseIDs(list, &session)
  let types = try options.word(.typeIDs).map { list throws(Failure) in try parseTypes(list, ids.count, &session) }
  do throws(SessionError) {
    try session.add(ids, types: types)
    try session.encode()
  } catch { throw .session(error) }
  if output.kind != .encode { _ = session.run(output.kind) }
  let isToken = output.kind.rows == .token && output.pool == nil
  let rows = isToken ? count : 1
  let columns = output.column == nil ? session.row(0, of: output.kind).count : 1
  var file = try NPYFile(options.word(.output), columns: columns)
  let digest = streamDigest { (update: (UnsafeRawBufferPointer) -> Void) in
    for index in 0..<rows {
      var row = session.row(index, of: output.kind)
      if let pool = output.pool { row = session.pooledRow(0, pool, isUnit: output.isUnit) }
      if let column = output.column { row = UnsafeBufferPointer(rebasing: row[column...column]) }
      update(UnsafeRawBufferPointer(row))
      file?.write(UnsafeRawBufferPointer(row))
      if options.word(.output) == nil, !options.has(.hash) { io.out.row(row) }
    }
  }
  try file?.commit()
  if options.has(.hash) {
    io.out.hex(digest)
    io.out.byte(10)
  }
  return 0
}

/// u32 (count): the types of `list`, in the session's room for them.
private func parseTypes(_ list: Word, _ count: Int, _ session: inout Session) throws(Failure) -> UnsafePointer<UInt32> {
  let room = session.typeRoom
  var found = 0
  try list.forEachNumber("--type-ids") { type throws(Failure) in
    if found < count { room[found] = UInt32(clamping: type) }
    found += 1
  }
  guard found == count else { throw .usage("--type-ids needs as many as --ids", list) }
  return UnsafePointer(room)
}

extension Writer {
  /// The numbers of a row, tabs between them.
  fileprivate mutating func row(_ row: UnsafeBufferPointer<Float>) {
    for i in 0..<row.count {
      if i > 0 { byte(9) }
      decimal(Double(row[i]), places: 6)
    }
    byte(10)
  }
}
