// SPDX-License-Identifier: Apache-2.0
// A bundle at the task that it was trained for, as `hardtack classify`, `tag`, `answer`, `embed`, `rerank` and `fill`
// do it.
// Start at one of the calls; redact is in Redaction.swift.
import Board
import CSystem
import Dispatch
import Format
import Foundation
import Ops
import Runtime
import Synchronization
import Tasks
import Text

/// A label and how sure it is.
public struct Classification: Sendable, Equatable {
  public var label: String
  public var score: Float
}

/// A part of a text that means something.
public struct Entity: Sendable, Equatable {
  /// Without `B-` and its kin; of a token by itself the whole label.
  public var label: String
  public var score: Float
  public var text: String
  /// Where it stands, and at which bytes of UTF-8.
  public var range: Range<String.Index>
  public var bytes: Range<Int>
}

/// A part of a context that answers a question.
public struct Answer: Sendable, Equatable {
  public var text: String
  public var score: Float
  public var range: Range<String.Index>
  public var bytes: Range<Int>
}

/// A passage and how well it goes with a query.
public struct RankedPassage: Sendable, Equatable {
  /// Among those that were given.
  public var index: Int
  public var score: Float
}

/// What could stand where a text has the mask.
public struct Candidate: Sendable, Equatable {
  public var token: UInt32
  public var text: String
  public var score: Float
}

/// How tokens become entities: transformers' aggregation strategies.
public enum EntityStrategy: UInt8, Sendable, CaseIterable { case none, simple, first, average, max }

/// A model that reads texts. May be shared between tasks: calls wait for one another.
public final class Encoder: @unchecked Sendable {
  public let model: Model
  /// The verb: `classify`, `tag`, `answer`, `rerank`, `fill`, `embed`.
  public var verb: String { "\(record.kind.name)" }
  /// Labels of texts or tokens, in the order of the model's.
  public var labels: [String] { (0..<record.labelCount).map { String(decoding: record.label($0).text, as: UTF8.self) } }

  let record: TaskRecord
  private let lock = Mutex(())
  private let arena: UnsafeMutableRawBufferPointer
  /// Where it is cannot change: others point to it.
  private let task: UnsafeMutablePointer<Board.TaskModel>
  private var tagger: TagReader?
  private var answerer: AnswerReader?
  private var ranking: Ranking?

  /// Maps the arena and starts its threads, by default one for each processor.
  public init(_ model: Model, threads: Int? = nil) throws {
    self.model = model
    guard let tokenizer = model.tokenizer, !model.taskRecord.isEmpty else {
      throw HardtackError("\(model.path) was not trained for a task")
    }
    do {
      record = try TaskRecord(checking: model.taskRecord)
      try record.check(model.program)
    } catch { throw HardtackError("the task record of \(model.path) is refused: \(error)", hint: "pack it again") }
    guard let kernels = kernelTable(named: nil) else { throw HardtackError("this processor has no kernels") }
    let context = min(model.contextMax, max(record.lengthMax, 512))
    var options = PlanOptions(
      context: context, chunk: context, kv: model.program.kvDefault,
      threads: threads ?? ProcessInfo.processInfo.activeProcessorCount)
    options.outputs = min(batchCountMax, context)
    let plan: Plan
    do { plan = try Plan(model.program, options) } catch { throw HardtackError("there is no such plan: \(error)") }
    var base: UnsafeMutableRawPointer?
    guard sys_map_anonymous(plan.byteCount, &base) == 0, let base else {
      throw HardtackError("cannot map an arena of \(plan.byteCount) bytes")
    }
    arena = UnsafeMutableRawBufferPointer(start: base, count: plan.byteCount)
    do {
      let session = try Session(model.program, plan, kernels: kernels, arena: arena)
      task = .allocate(capacity: 1)
      task.initialize(to: Board.TaskModel(record, tokenizer, session))
    } catch {
      sys_unmap(arena.baseAddress!, arena.count)
      throw HardtackError("the session does not start: \(error)")
    }
    do throws(Failure) {
      switch record.kind {
      case .tag: tagger = try TagReader(task, .simple)
      case .answer: answerer = try AnswerReader(task)
      case .rerank, .embed: ranking = try Ranking(task)
      default: break
      }
    } catch { throw HardtackError(error) }
  }

  deinit {
    tagger?.unmap()
    answerer?.unmap()
    ranking?.unmap()
    task.pointee.unmap()
    task.deinitialize(count: 1)  // its threads stand on the arena
    task.deallocate()
    sys_unmap(arena.baseAddress!, arena.count)
  }

  /// Labels of `text`, the best first: `top` of them, or all. Those with a score below the bundle's threshold are left
  /// out of a single one.
  public func classify(_ text: String, top: Int? = 1) throws -> [Classification] {
    try classify([text], top: top)[0]
  }

  /// The same for many texts, as many together as there is room for; each gets the scores that it gets alone.
  public func classify(_ texts: [String], top: Int? = 1) throws -> [[Classification]] {
    try exclusively {
      guard record.kind == .classify else { throw wrongTask("classify") }
      var results: [[Classification]] = []
      func take(_ row: UnsafeBufferPointer<Float>) {
        var labels: [Classification] = []
        forEachLargest(row, top ?? row.count) { best in
          if top == 1, !record.isEnough(row[best], record.threshold) { return }
          labels.append(
            Classification(label: String(decoding: record.label(best).text, as: UTF8.self), score: row[best]))
        }
        results.append(labels)
      }
      task.pointee.session.startBatch()
      for text in texts { try withBytes(text) { bytes in try task.pointee.classify(adding: bytes, take) } }
      try task.pointee.classify(take)
      return results
    }
  }

  /// The entities of `text`, in order, however long it is.
  public func entities(in text: String, strategy: EntityStrategy = .simple) throws -> [Entity] {
    try exclusively {
      guard tagger != nil else { throw wrongTask("tag") }
      return try withBytes(text) { bytes in
        var entities: [Entity] = []
        var places = Places(text)
        tagger!.use(TagStrategy(rawValue: strategy.rawValue)!)
        try tagger!.read(bytes) { entity in
          if entity.score < record.threshold { return }
          let name = record.name(entity.label, isToken: strategy == .none)
          entities.append(
            places.entity(String(decoding: name, as: UTF8.self), entity.score, entity.begin..<entity.end))
        }
        return entities
      }
    }
  }

  /// The best answers to `question` that stand in `context`, however long that is; none where the best is below the
  /// bundle's threshold. `allowsNone`: the model may say that there is none.
  public func answer(
    _ question: String, in context: String, top: Int = 1, allowsNone: Bool = false
  ) throws -> [Answer] {
    try exclusively {
      guard answerer != nil else { throw wrongTask("answer") }
      return try withBytes(question) { asked in
        try withBytes(context) { bytes in
          let search = try answerer!.read(asked, bytes, count: top)
          if search.none(allowed: allowsNone, record.threshold) != nil { return [] }
          var places = Places(context)
          return (0..<search.count).filter { search[$0].score >= record.threshold }.map { rank in
            let place = places.entity("", search[rank].score, answerer!.bytes(of: search[rank], in: bytes))
            return Answer(text: place.text, score: place.score, range: place.range, bytes: place.bytes)
          }
        }
      }
    }
  }

  /// `text` without its entities: a tagger's and those of the exact recognisers. However long it is.
  public func redact(_ text: String, _ options: RedactionOptions = RedactionOptions()) throws -> Redaction {
    try exclusively {
      guard tagger != nil else { throw wrongTask("redact") }
      tagger!.use(TagStrategy(rawValue: options.strategy.rawValue)!)
      return try withUnsafeMutablePointer(to: &tagger!) { try Redaction(text, options, $0) }
    }
  }

  /// The vector of `text`, of length 1, behind the prompt that the model has for all texts. A text that is longer than
  /// the model takes is refused.
  public func embed(_ text: String) throws -> [Float] {
    try exclusively {
      guard record.kind == .embed else { throw wrongTask("embed") }
      let prompt = record.defaultPrompt.map { String(decoding: record.prompt($0).text, as: UTF8.self) } ?? ""
      return try withBytes(prompt + text) { bytes in
        task.pointee.session.startBatch()
        try task.pointee.run(try task.pointee.encode(bytes))
        var vector = Array(task.pointee.session.row(0, of: .embedding))
        vector.withUnsafeMutableBufferPointer {
          Normalize.row($0.baseAddress!, columns: $0.count, $0.baseAddress!)
        }
        task.pointee.session.startBatch()
        return vector
      }
    }
  }

  /// How well each passage goes with `query`, the best first.
  public func rerank(_ query: String, _ passages: [String]) throws -> [RankedPassage] {
    try exclusively {
      guard ranking != nil else { throw wrongTask("rerank") }
      var ranks: [RankedPassage] = []
      try withBytes(query) { try ranking!.ask($0) }
      for (index, passage) in passages.enumerated() {
        try withBytes(passage) { bytes in
          try ranking!.add(bytes, index) { ranks.append(RankedPassage(index: $0, score: $1)) }
        }
      }
      try ranking!.flush { ranks.append(RankedPassage(index: $0, score: $1)) }
      return ranks.sorted { $0.score == $1.score ? $0.index < $1.index : $0.score > $1.score }
    }
  }

  /// What could stand for each mask of `text`, the likeliest first. A mask is spelled as the tokenizer spells it.
  public func fill(_ text: String, top: Int = 5) throws -> [[Candidate]] {
    try exclusively {
      guard record.kind == .fill else { throw wrongTask("fill") }
      return try withBytes(text) { bytes in
        let masks = Array(try task.pointee.encodeMasks(bytes))
        return try masks.map { mask in
          let row = task.pointee.scores(ofMask: mask)
          var best: [(UInt32, Float)] = []
          forEachLargest(row, top) { best.append((UInt32($0), row[$0])) }
          return try best.map { try Candidate(token: $0.0, text: self.text(of: $0.0), score: $0.1) }
        }
      }
    }
  }

  /// The text of a token by itself.
  private func text(of token: UInt32) throws -> String {
    guard let tokenizer = model.tokenizer else { return "" }
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: TextStream.roomByteCount(tokenizer), alignment: 16)
    defer { room.deallocate() }
    var stream = TextStream(tokenizer, skipsSpecial: false, isAtStart: true, room: room)
    var bytes: [UInt8] = []
    _ = try stream.append(token) { bytes += $0 }
    try stream.finish { bytes += $0 }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Calls `body` when nobody else works with the model; a failure becomes prose.
  private func exclusively<Result: Sendable>(_ body: () throws -> Result) throws -> Result {
    try lock.withLock { _ in
      do { return try body() } catch let failure as Failure { throw HardtackError(failure) }
    }
  }

  private func wrongTask(_ asked: String) -> HardtackError {
    HardtackError("\(model.path) cannot \(asked)", hint: "it can: \(verb)")
  }
}

/// The bytes of a text, without a copy where it has them in one piece.
func withBytes<Result>(_ text: String, _ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
  var text = text
  return try text.withUTF8 { try body(UnsafeRawBufferPointer($0)) }
}

/// Indexes of a text for bytes that mostly rise.
struct Places {
  private let text: String
  private var index: String.Index
  private var byte = 0

  init(_ text: String) { (self.text, index) = (text, text.utf8.startIndex) }

  mutating func entity(_ label: String, _ score: Float, _ bytes: Range<Int>) -> Entity {
    index = text.utf8.index(index, offsetBy: bytes.lowerBound - byte)
    let end = text.utf8.index(index, offsetBy: bytes.count)
    byte = bytes.lowerBound
    return Entity(
      label: label, score: score, text: String(decoding: text.utf8[index..<end], as: UTF8.self), range: index..<end,
      bytes: bytes)
  }
}
