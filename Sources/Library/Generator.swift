// SPDX-License-Identifier: Apache-2.0
// Text out of a model, as it comes. One sequence in one arena; what a call has in common with the one before is not
// computed again. Start at `complete`.
import Board
import CKernels
import CSystem
import Dispatch
import Foundation
import Runtime
import Synchronization
import Tasks
import Text

/// How a text is made.
public struct GenerationOptions: Sendable {
  /// Tokens at most.
  public var tokenCountMax: Int
  /// 0: always the likeliest token.
  public var temperature: Float = 0
  public var topK = 0
  public var topP: Float = 1
  public var minP: Float = 0
  public var repetitionPenalty: Float = 1
  public var presencePenalty: Float = 0
  /// The same seed gives the same text on every machine.
  public var seed: UInt64 = 0
  /// Texts that end the answer, up to 16 of up to 256 bytes; they are not part of it.
  public var stops: [String] = []
  /// Tokens that are guessed from the text so far and verified together; the text is the same. The plan must have been
  /// asked for as many.
  public var draft = 0

  public init(tokenCountMax: Int = 256) { self.tokenCountMax = tokenCountMax }
}

/// One message of a conversation.
public struct ChatMessage: Sendable, Equatable {
  /// `system`, `user`, `assistant`, or what else the model's template knows.
  public var role: String
  public var content: String

  public init(role: String, content: String) {
    self.role = role
    self.content = content
  }
}

/// Why a text ended.
public enum EndReason: Sendable { case length, end, context, stopText, cancelled }

/// Makes texts with a model, one after another. May be shared between tasks: calls wait for one another.
public final class Generator: @unchecked Sendable {
  public let model: Model
  private let queue = DispatchQueue(label: "hardtack.generator")
  private let arena: UnsafeMutableRawBufferPointer
  let session: UnsafeMutablePointer<Session>
  private let ended = Mutex<EndReason?>(nil)

  /// Maps the arena of `plan` (by default `model.plan()`) and starts its threads. Nothing is allocated after this but
  /// the texts themselves.
  public init(_ model: Model, plan: MemoryPlan? = nil) throws {
    let plan = try plan ?? model.plan()
    guard let kernels = kernelTable(named: nil) else { throw HardtackError("this processor has no kernels") }
    var base: UnsafeMutableRawPointer?
    guard sys_map_anonymous(plan.byteCount, &base) == 0, let base else {
      throw HardtackError("cannot map an arena of \(plan.byteCount) bytes", hint: "a smaller context needs less")
    }
    arena = UnsafeMutableRawBufferPointer(start: base, count: plan.byteCount)
    self.model = model
    do {
      let started = try Session(model.program, plan.plan, kernels: kernels, arena: arena)
      session = .allocate(capacity: 1)
      session.initialize(to: started)
    } catch {
      sys_unmap(arena.baseAddress!, arena.count)
      throw HardtackError("the session does not start: \(error)")
    }
  }

  deinit {
    session.deinitialize(count: 1)  // its threads stand on the arena
    session.deallocate()
    sys_unmap(arena.baseAddress!, arena.count)
  }

  /// Why the last text ended; nil while one is being made.
  public var endReason: EndReason? { ended.withLock { $0 } }

  /// What follows `prompt`. The work begins with this call; ending the loop over the pieces ends it.
  public func complete(_ prompt: String, _ options: GenerationOptions = GenerationOptions()) -> TextPieces {
    pieces(options) { try $0.tokens(of: prompt) }
  }

  /// The answer to a conversation, through the model's chat template. What the messages say is plain text: a special
  /// token that is spelled out in it is none.
  public func answer(
    _ messages: [ChatMessage], _ options: GenerationOptions = GenerationOptions()
  ) -> TextPieces {
    pieces(options) { try $0.tokens(of: messages) }
  }

  private func pieces(
    _ options: GenerationOptions, _ prompt: @escaping @Sendable (Model) throws -> [UInt32]
  ) -> TextPieces {
    pieces { generator, isCancelled, yield in
      try generator.make(try prompt(generator.model), options, isCancelled, yield: yield)
    }
  }

  /// Runs `body` on the queue, behind what is there; what it yields are the pieces.
  func pieces(
    _ body: @escaping @Sendable (Generator, Cancellation, (String) -> Void) throws -> EndReason
  ) -> TextPieces {
    let (stream, continuation) = AsyncThrowingStream<String, Swift.Error>.makeStream()
    let isCancelled = Cancellation()
    continuation.onTermination = { _ in isCancelled.flag.store(true, ordering: .relaxed) }
    queue.async { [self] in
      ended.withLock { $0 = nil }
      do {
        let reason = try body(self, isCancelled) { continuation.yield($0) }
        ended.withLock { $0 = reason }
        continuation.finish()
      } catch { continuation.finish(throwing: error) }
    }
    return TextPieces(stream: stream)
  }

  /// Runs on the queue.
  func make(
    _ ids: [UInt32], _ options: GenerationOptions, _ isCancelled: Cancellation, isAtStart: Bool = false,
    yield: (String) -> Void
  ) throws -> EndReason {
    guard let tokenizer = model.tokenizer else { throw HardtackError("\(model.path) has no tokenizer") }
    guard !ids.isEmpty else { throw HardtackError("the prompt is empty") }
    let context = session.pointee.plan.options.context
    guard ids.count <= context else {
      throw HardtackError("the text needs \(ids.count) tokens, the context has \(context)")
    }
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: TextStream.roomByteCount(tokenizer), alignment: 16)
    defer { room.deallocate() }
    var stream = TextStream(tokenizer, skipsSpecial: true, isAtStart: isAtStart, room: room)
    let stops = options.stops.map { Array($0.utf8) }
    let copies = UnsafeMutableRawBufferPointer.allocate(byteCount: stops.reduce(1) { $0 + $1.count }, alignment: 1)
    defer { copies.deallocate() }
    var at = 0
    for stop in stops {
      let part = UnsafeMutableRawBufferPointer(rebasing: copies[at..<(at + stop.count)])
      part.copyBytes(from: stop)
      at += stop.count
      guard stream.addStop(UnsafeRawBufferPointer(part)) else {
        throw HardtackError("stops are up to 16 texts of 1 … 256 bytes")
      }
    }
    let prompt = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: ids.count)
    defer { prompt.deallocate() }
    _ = prompt.initialize(from: ids)
    var same = 0
    while same < session.pointee.past, same < ids.count - 1, session.pointee.tokens[same] == ids[same] { same += 1 }
    let kept = session.pointee.rewind(to: same)
    let generation = Generation(count: options.tokenCountMax, sampler: options.sampler, draft: options.draft)
    var piece: [UInt8] = []
    let summary: Summary
    do {
      summary = try generate(
        &session.pointee, prompt: UnsafeBufferPointer(rebasing: UnsafeBufferPointer(prompt)[kept...]), generation,
        isEnd: { self.model.endIDs.contains($0) }, isInterrupted: { isCancelled.flag.load(ordering: .relaxed) }
      ) { made in
        let isStopped = try? stream.append(made.id) { piece += $0 }
        if !piece.isEmpty { yield(String(decoding: piece, as: UTF8.self)) }
        piece = []
        return isStopped == true ? .text : nil
      }
    } catch { throw HardtackError("the text does not go on: \(error)") }
    try? stream.finish { piece += $0 }
    if !piece.isEmpty { yield(String(decoding: piece, as: UTF8.self)) }
    return EndReason(summary.stop)
  }
}

extension EndReason {
  init(_ stop: Stop) {
    switch stop {
    case .length: self = .length
    case .end: self = .end
    case .context: self = .context
    case .text: self = .stopText
    case .interrupt: self = .cancelled
    }
  }
}

/// Pieces of a text, whole characters each, as they are made.
public struct TextPieces: AsyncSequence, Sendable {
  public typealias Element = String
  let stream: AsyncThrowingStream<String, Swift.Error>

  public struct AsyncIterator: AsyncIteratorProtocol {
    var inner: AsyncThrowingStream<String, Swift.Error>.AsyncIterator

    /// The next piece, or nil at the end. Throws ``HardtackError``.
    public mutating func next() async throws -> String? { try await inner.next() }
  }

  public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(inner: stream.makeAsyncIterator()) }
}

/// Whether nobody waits any more.
final class Cancellation: Sendable {
  let flag = Atomic<Bool>(false)
}

extension GenerationOptions {
  var sampler: SamplerOptions {
    var sampler = SamplerOptions()
    sampler.temperature = temperature
    sampler.topK = max(0, topK)
    sampler.topP = topP
    sampler.minP = minP
    sampler.repetitionPenalty = repetitionPenalty
    sampler.presencePenalty = presencePenalty
    sampler.seed = seed
    return sampler
  }
}

extension Model {
  /// The ids of the prompt that the chat template gives for `messages`, up to where the answer begins.
  public func tokens(of messages: [ChatMessage]) throws -> [UInt32] {
    guard let template, let tokenizer else {
      throw HardtackError("\(path) has no chat template", hint: "complete(_:_:) goes without one")
    }
    let list = messages.map { ["role": $0.role, "content": $0.content] }
    let json = try JSONSerialization.data(withJSONObject: ["add_generation_prompt": true, "messages": list])
    let scratch = UnsafeMutableRawBufferPointer.allocate(
      byteCount: TemplateView.markedScratchByteCount(inputByteCount: json.count), alignment: 16)
    defer { scratch.deallocate() }
    return try json.withUnsafeBytes { json in
      let input = TemplateInput(
        json: json, bos: tokenizer.bos.flatMap { tokenizer.bytes(of: $0) },
        eos: tokenizer.eos.flatMap { tokenizer.bytes(of: $0) }, clock: Int(sys_wall_seconds()))
      let marked: MarkedText
      do { marked = try template.renderMarked(input, scratch: scratch) } catch {
        throw HardtackError("the chat template refuses the messages: \(error)")
      }
      return try encode(
        marked.text, EncodeOptions(addSpecial: false, parseSpecial: true, trusted: marked.trusted))
    }
  }
}
