// SPDX-License-Identifier: Apache-2.0
// A bundle opened for one of the task verbs: record, tokenizer, session; and what a text needs before it is encoded.
import CSystem
import Format
import Ops
import Runtime
import Tasks
import Text

/// Texts of one call at most.
let batchCountMax = 32

struct TaskModel: ~Copyable {
  let record: TaskRecord
  let tokenizer: TokenizerView
  var session: Session
  var room = EncodeRoom()
  /// Tokens of the longest input.
  let lengthMax: Int
  private let truncates: Bool

  init(_ record: TaskRecord, _ tokenizer: TokenizerView, _ session: consuming Session, _ options: Options) {
    (self.record, self.tokenizer) = (record, tokenizer)
    lengthMax = min(record.lengthMax, session.plan.options.context)
    truncates = options.task.truncates
    self.session = session
  }

  /// The ids of `text` as one input, cut where that was asked for; an error where it is empty or too long.
  mutating func encode(_ text: Word, _ io: inout IO) throws(Failure) -> UnsafeBufferPointer<UInt32> {
    guard text.count > 0 else { throw .input("the text is empty", nil) }
    let ids = try room.encode(tokenizer, text, EncodeOptions(parseSpecial: false))
    let around = tokenizer.prefix.count + tokenizer.suffix.count
    guard ids.count > around else { throw .input("the text has no tokens", nil) }
    if ids.count <= lengthMax { return ids }
    guard truncates, lengthMax > around else { throw tooLong(ids.count) }
    io.error.say("a text of % tokens is cut to %\n", ids.count, lengthMax)
    io.error.flush()
    let start = UnsafeMutablePointer(mutating: ids.baseAddress!)
    let end = tokenizer.suffix
    for i in 0..<end.count { start[lengthMax - end.count + i] = end[i] }
    return UnsafeBufferPointer(start: start, count: lengthMax)
  }

  /// The ids of `text` alone, for a part of an input.
  mutating func encodePart(_ text: Word) throws(Failure) -> UnsafeBufferPointer<UInt32> {
    let ids = try room.encode(tokenizer, text, .content)
    guard ids.count > 0 else { throw .input("the text is empty", nil) }
    return ids
  }

  func tooLong(_ count: Int) -> Failure {
    .session(.contextFull(have: UInt64(lengthMax), need: UInt64(count)))
  }

  mutating func add(_ ids: UnsafeBufferPointer<UInt32>, types: UnsafePointer<UInt32>? = nil) throws(Failure) {
    let types = session.program.typeCount == 0 ? nil : types
    do throws(SessionError) { try session.add(ids, types: types) } catch { throw .session(error) }
  }

  /// Runs the batch and the head.
  mutating func run() throws(Failure) {
    do throws(SessionError) { try session.encode() } catch { throw .session(error) }
    if record.kind != .fill { _ = session.run(record.entry) }
  }
}

/// Opens the bundle for `kind`, with room for `sequences` texts in a call.
///
/// - Parameter other: a task whose bundles will do as well.
func openTask(
  _ options: Options, _ kind: TaskKind, or other: TaskKind? = nil, sequences: Int
) throws(Failure) -> TaskModel {
  let bundle = try OpenBundle(options.bundle!)
  let program = try bundle.program()
  let section = bundle.view.bytes(of: .labels)
  guard section.count > 0 else { throw wrongTask(program.entry(.embedding) == nil ? nil : .embed, program) }
  let record: TaskRecord
  do throws(TaskRecordError) { record = try TaskRecord(checking: section) } catch { throw recordRefused }
  guard record.kind == kind || record.kind == other else { throw wrongTask(record.kind, program) }
  do throws(TaskError) { try record.check(program) } catch { throw recordRefused }
  let tokenizer = try bundle.tokenizer()
  let plan = try options.encoderPlan(program, sequences: sequences, contextNeeded: record.lengthMax)
  var session = try startSession(program, plan, try chooseKernels(options.isa))
  session.startBatch()
  return TaskModel(record, tokenizer, session, options)
}

private var recordRefused: Failure {
  .input("the task record of this bundle is refused: pack the model again", nil)
}

/// What a bundle can do instead.
func wrongTask(_ kind: TaskKind?, _ program: Program) -> Failure {
  switch kind {
  case .classify: .input("this bundle can: classify", nil)
  case .tag: .input("this bundle can: tag", nil)
  case .answer: .input("this bundle can: answer", nil)
  case .embed: .input("this bundle can: embed, rerank", nil)
  case .rerank: .input("this bundle can: rerank", nil)
  case .fill: .input("this bundle can: fill", nil)
  case .translate: .input("this bundle can: translate", nil)
  case .summarise: .input("this bundle can: summarise", nil)
  case nil where program.hasSource: .input("this bundle can: translate, summarise", nil)
  case nil where program.entry(.step) != nil: .input("this bundle can: run, chat", nil)
  case nil: .input("this bundle can: logits; it was packed without a tokenizer", nil)
  }
}

/// Says what kept a line of a stream from an answer; the stream goes on. The verb ends with that exit code.
func noteLine(_ failure: Failure, _ line: Int, _ code: inout Int32, _ io: inout IO, hasLines: Bool = true) {
  if hasLines { io.out.text("null\n") }
  io.error.say("line %: ", line)
  io.error.failure(failure, program: io.program)
  io.error.flush()
  code = failure.exitCode
}

extension Writer {
  /// `{"label":…,"score":…` of a label or none.
  mutating func label(_ text: Word?, _ score: Float, isJSON: Bool) {
    if isJSON {
      self.text("{\"label\":")
      if let text { json(text) } else { self.text("null") }
      self.text(",\"score\":")
      decimal(Double(score), places: 6)
      byte(125)
    } else {
      if let text { bytes(text) } else { self.text("none") }
      byte(9)
      decimal(Double(score), places: 6)
    }
  }
}
