// SPDX-License-Identifier: Apache-2.0
// A bundle opened for one of the task verbs: record, tokenizer, session; and what a text needs before it is encoded.
import CSystem
import Format
import Ops
import Runtime
import Tasks
import Text

/// Texts of one call at most.
package let batchCountMax = 32

package struct TaskModel: ~Copyable {
  package let record: TaskRecord
  package let tokenizer: TokenizerView
  package var session: Session
  var room = EncodeRoom()
  /// Tokens of the longest input.
  package let lengthMax: Int
  /// Whether a longer text is cut.
  package var truncates = false
  /// Tokens of the last text where it was cut, else 0.
  private(set) var cutCount = 0

  /// - Parameter session: on a plan for `record.lengthMax`; a batch of it begins.
  package init(_ record: TaskRecord, _ tokenizer: TokenizerView, _ session: consuming Session) {
    (self.record, self.tokenizer) = (record, tokenizer)
    lengthMax = min(record.lengthMax, session.plan.options.context)
    session.startBatch()
    self.session = session
  }

  /// Gives back what is mapped.
  package mutating func unmap() { room.unmap() }

  /// Tokens that the tokenizer puts around a text.
  var aroundCount: Int { tokenizer.prefix.count + tokenizer.suffix.count }

  /// The ids of `text` as one input, cut where that was asked for; an error where it is empty or too long.
  package mutating func encode(_ text: Word) throws(Failure) -> UnsafeBufferPointer<UInt32> {
    cutCount = 0
    if text.count == 0 { throw emptyText }
    let ids = try room.encode(tokenizer, text, EncodeOptions(parseSpecial: false))
    guard ids.count > aroundCount else { throw .input("the text has no tokens", nil) }
    if ids.count <= lengthMax { return ids }
    guard truncates, lengthMax > aroundCount else { throw tooLong(ids.count) }
    cutCount = ids.count
    let start = UnsafeMutablePointer(mutating: ids.baseAddress!)
    let end = tokenizer.suffix
    for i in 0..<end.count { start[lengthMax - end.count + i] = end[i] }
    return UnsafeBufferPointer(start: start, count: lengthMax)
  }

  func noteCut(_ io: inout IO) {
    if cutCount == 0 { return }
    io.error.say("a text of % tokens is cut to %\n", cutCount, lengthMax)
    io.error.flush()
  }

  /// The ids of `text` alone, for a part of an input.
  mutating func encodePart(_ text: Word) throws(Failure) -> UnsafeBufferPointer<UInt32> {
    let ids = try room.encode(tokenizer, text, .content)
    if ids.count == 0 { throw emptyText }
    return ids
  }

  func tooLong(_ count: Int) -> Failure {
    .session(.contextFull(have: UInt64(lengthMax), need: UInt64(count)))
  }

  @inline(never)
  mutating func add(_ ids: UnsafeBufferPointer<UInt32>, types: UnsafePointer<UInt32>? = nil) throws(Failure) {
    let types = session.program.typeCount == 0 ? nil : types
    do throws(SessionError) { try session.add(ids, types: types) } catch { throw .session(error) }
  }

  /// Runs the batch and the head.
  @inline(never)
  mutating func run() throws(Failure) {
    do throws(SessionError) { try session.encode() } catch { throw .session(error) }
    if record.kind != .fill { _ = session.run(record.entry) }
  }

  /// Runs one input, which is the batch.
  package mutating func run(_ ids: UnsafeBufferPointer<UInt32>) throws(Failure) {
    session.startBatch()
    try add(ids)
    try run()
  }
}

var emptyText: Failure { .input("the text is empty", nil) }

/// Opens the bundle for `kind`, with room for `sequences` texts in a call.
///
/// - Parameter other: a task whose bundles will do as well.
/// - Returns: it lies where it does until the process ends: what works with it need not carry it about.
@inline(never)
func openTask(
  _ options: Options, _ kind: TaskKind, or other: TaskKind? = nil, sequences: Int
) throws(Failure) -> UnsafeMutablePointer<TaskModel> {
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
  let session = try startSession(program, plan, try chooseKernels(options.word(.isa)))
  let model = try mapRoom(MemoryLayout<TaskModel>.size).baseAddress!.bindMemory(to: TaskModel.self, capacity: 1)
  model.initialize(to: TaskModel(record, tokenizer, session))
  model.pointee.truncates = options.has(.truncate)
  return model
}

private var recordRefused: Failure {
  .input("the task record of this bundle is refused: pack the model again", nil)
}

/// What a bundle can do instead.
func wrongTask(_ kind: TaskKind?, _ program: Program) -> Failure {
  let what: StaticString =
    switch kind {
    case .classify: "this bundle can: classify"
    case .tag: "this bundle can: tag, redact"
    case .answer: "this bundle can: answer"
    case .embed: "this bundle can: embed, rerank"
    case .rerank: "this bundle can: rerank"
    case .fill: "this bundle can: fill"
    case .translate: "this bundle can: translate"
    case .summarise: "this bundle can: summarise"
    case nil where program.hasSource: "this bundle can: translate, summarise"
    case nil where program.entry(.step) != nil: "this bundle can: run, chat"
    case nil: "this bundle can: logits; it was packed without a tokenizer"
    }
  return .input(what, nil)
}

extension Writer {
  /// A score: the next field of a JSON object, or of a line.
  @inline(never)
  mutating func score(_ score: Float, isJSON: Bool) {
    text(isJSON ? ",\"score\":" : "\t")
    decimal(Double(score), places: 6)
  }

  /// Text in a field of a line: what would end either is a blank.
  mutating func field(_ text: Word) { for c in text { byte(c < 32 ? 32 : c) } }

  /// `{"NAME":"…","score":…,"text":"…","bytes":[…],"characters":[…]}`; what is nil is `null`, or left out.
  @inline(never)
  mutating func found(
    _ name: StaticString, _ what: Word?, _ score: Float, text part: Word?, _ place: Place?
  ) {
    text("{\"")
    text(name)
    text("\":")
    if let what { json(what) } else { text("null") }
    self.score(score, isJSON: true)
    if let part {
      text(",\"text\":")
      json(part)
    }
    if let place {
      say(",\"bytes\":[%,%],\"characters\":[%,", place.bytes.lowerBound, place.bytes.upperBound, place.first)
      say("%]", place.end)
    }
    byte(125)
  }
}
