// SPDX-License-Identifier: Apache-2.0
// One answer of a conversation: the whole of it through the template, its ids, what of them the session holds already,
// the rest computed, the answer made. Start at `answer`.
import CSystem
import Format
import Runtime
import Tasks
import Text

/// A conversation and all that it is answered with, but the session.
struct Chat {
  let options: Options
  let bundle: OpenBundle
  let tokenizer: TokenizerView
  let template: PromptTemplate
  let end: EndIDs
  let room: ChatRoom
  var conversation: Conversation
  var stream: TextStream
  /// Answers so far: each has random numbers of its own.
  var answerCount = 0
  /// What all answers did.
  var total = Summary()
  /// Tokens that have not been computed again.
  var reusedCount = 0
  /// Tokens that an answer may have: `-n`, all there is room for without.
  private let countMax: Int

  init(_ options: Options, _ bundle: OpenBundle, context: Int) throws(Failure) {
    self.options = options
    let count = options.integer(.count) ?? 0
    countMax = count > 0 ? count : Int.max / 2
    self.bundle = bundle
    tokenizer = try bundle.tokenizer()
    template = try bundle.chatTemplate()
    end = try EndIDs(bundle, isIgnored: options.has(.ignoreEnd))
    room = ChatRoom(try mapRoom(ChatRoom.byteCount(context: context)), context: context)
    conversation = Conversation(room: room.messages)
    stream = TextStream(
      tokenizer, skipsSpecial: true, isAtStart: false, room: try mapRoom(TextStream.roomByteCount(tokenizer)))
    for index in 0..<options.stopCount { _ = stream.addStop(options.stop(index)) }
  }

  /// The ids of the conversation up to where the answer begins, in `room.ids`.
  private func promptCount(_ session: borrowing Session) throws(Failure) -> Int {
    guard let json = conversation.json(into: room.json) else { throw .conversationTooLong }
    let marked: MarkedText
    do throws(TemplateError) {
      marked = try template.renderMarked(json, in: room.template)
    } catch {
      switch error {
      case .failed(.scratchFull, _, _), .failed(.outputFull, _, _): throw .conversationTooLong
      default: throw .template(error, path: bundle.path)
      }
    }
    let encoding = EncodeOptions.rendered(marked)
    do throws(TokenizerError) {
      let count = try tokenizer.encode(marked.text, options: encoding, scratch: session.text, into: room.ids)
      if count > 0 { return count }
    } catch {
      guard case .outputFull = error else { throw .tokenizer(error) }
    }
    if marked.text.count == 0 { throw .emptyPrompt }
    let mapped = try encodeMapped(marked.text, encoding, tokenizer)
    sys_unmap(mapped.room.baseAddress!, mapped.room.count)
    throw .session(.contextFull(have: UInt64(room.ids.count), need: UInt64(mapped.count)))
  }

  /// Tokens that sliding keeps free for an answer: a quarter of the context, less where `-n` asks for less.
  private func reserve(_ context: Int) -> Int {
    max(1, min(countMax, context / 4))
  }

  /// The ids of the conversation with room behind them for `madeCount` tokens and for more; with `--on-full slide`
  /// the oldest turns go until there is. Nil where sliding leaves nothing to drop.
  private mutating func fittingCount(
    _ session: borrowing Session, madeCount: Int, _ io: inout IO
  ) throws(Failure) -> Int? {
    let context = room.ids.count
    var dropped = 0
    defer { if dropped > 0 { io.note("the context is full: % of the oldest turns dropped", dropped) } }
    while true {
      var need = context
      do throws(Failure) {
        let count = try promptCount(session)
        need = count + madeCount + (options.slides ? reserve(context) : 1)
        if need <= context { return count }
        // Where no turn is left to drop, a smaller answer is better than none.
        if options.slides, !conversation.hasOlderTurn, count + madeCount < context, madeCount == 0 { return count }
      } catch {
        guard options.slides, conversation.hasOlderTurn, error.isTooLong else { throw error }
      }
      guard options.slides, conversation.dropOldestTurn() else {
        if madeCount > 0 { return nil }
        throw .session(.contextFull(have: UInt64(context), need: UInt64(need)))
      }
      dropped += 1
    }
  }

  /// Answers the user's message, which is the last of the conversation; the answer becomes its last. When nothing was
  /// said the user's message is taken back.
  mutating func answer(_ session: inout Session, _ io: inout IO) throws(Failure) -> Summary {
    var summary = Summary()
    do throws(Failure) {
      summary = try makeAnswer(&session, &io)
    } catch {
      conversation.removeLast()
      throw error
    }
    return summary
  }

  private mutating func makeAnswer(_ session: inout Session, _ io: inout IO) throws(Failure) -> Summary {
    guard var promptCount = try fittingCount(session, madeCount: 0, &io) else { return Summary() }
    var sampling = options.sampler
    sampling.seed &+= UInt64(answerCount) &* 0x9E37_79B9_7F4A_7C15
    var sampler = session.sampler(sampling)
    var answer = AnswerText(room: room.message)
    var all = Summary()
    var left = countMax
    stream.restart()
    while true {
      let summary = try continueAnswer(&session, &sampler, promptCount + all.madeCount, left, &answer, &io)
      all.add(summary)
      left -= summary.madeCount
      guard summary.stop == .context, options.slides, left > 0 else { break }
      // What has been said so far goes on behind fewer turns.
      guard let fewer = try fittingCount(session, madeCount: all.madeCount, &io) else { break }
      room.ids.baseAddress!.advanced(by: fewer).update(
        from: session.tokenRoom.baseAddress! + promptCount, count: all.madeCount)
      promptCount = fewer
    }
    finish(&answer, &io)
    total.add(all)
    answerCount += 1
    if all.madeCount == 0, all.stop == .interrupt {
      conversation.removeLast()
    } else if !conversation.append(.assistant, answer.text) {
      throw .conversationTooLong
    }
    return all
  }

  /// Computes those of the first `count` ids that the session does not hold, and makes tokens behind them.
  private mutating func continueAnswer(
    _ session: inout Session, _ sampler: inout Sampler, _ count: Int, _ left: Int, _ answer: inout AnswerText,
    _ io: inout IO
  ) throws(Failure) -> Summary {
    let ids = UnsafeBufferPointer(rebasing: UnsafeBufferPointer(room.ids)[0..<count])
    var same = 0
    while same < session.past, same < count - 1, session.tokens[same] == ids[same] { same += 1 }
    let kept = session.rewind(to: same)
    reusedCount += kept
    let generation = Generation(
      count: min(left, session.plan.options.context), sampler: options.sampler, draft: options.draft)
    var stream = stream
    let end = end
    do throws(SessionError) {
      let summary = try generate(
        &session, prompt: UnsafeBufferPointer(rebasing: ids[kept...]), generation, &sampler,
        isEnd: { end.contains($0) }, isInterrupted: { sys_is_interrupted() != 0 }
      ) { made in
        // An id that the model made and the tokenizer lacks has no text.
        let isStopped = try? stream.append(made.id) { answer.take($0, &io) }
        io.out.flush()
        return isStopped == true ? .text : answer.isFull ? .context : nil
      }
      self.stream = stream
      return summary
    } catch { throw .session(error) }
  }

  private mutating func finish(_ answer: inout AnswerText, _ io: inout IO) {
    try? stream.finish { answer.take($0, &io) }
    io.out.byte(10)
    io.out.flush()
  }
}

/// The text of an answer while it comes.
struct AnswerText {
  private let room: UnsafeMutableRawBufferPointer
  private var count = 0
  private(set) var isFull = false

  init(room: UnsafeMutableRawBufferPointer) { self.room = room }

  var text: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: room[0..<count]) }

  /// Prints and keeps `bytes`.
  mutating func take(_ bytes: UnsafeRawBufferPointer, _ io: inout IO) {
    guard bytes.count <= room.count - count else {
      isFull = true
      return
    }
    io.out.bytes(bytes)
    if bytes.count > 0 { (room.baseAddress! + count).copyMemory(from: bytes.baseAddress!, byteCount: bytes.count) }
    count += bytes.count
  }
}

extension OpenBundle {
  /// The template that a chat needs, or why there is no chat.
  func chatTemplate() throws(Failure) -> PromptTemplate {
    guard view.head.section(.template) != nil else { throw .noChat(path: path) }
    return try promptTemplate()
  }
}
