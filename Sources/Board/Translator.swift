// SPDX-License-Identifier: Apache-2.0
// One text in, one text out. By a bundle with a source: the manifest's prefix in front, then greedy or beam search. By
// a decoder with a chat template: a request with the text in it, and the answer.
import CSystem
import Format
import Ops
import Runtime
import Tasks
import Text

extension Options {
  /// Sequences side by side: `--beam`, else what the bundle says.
  func beamCount(_ bundle: OpenBundle, _ program: Program) throws(Failure) -> Int {
    if !program.hasSource {
      guard integer(.beams) ?? 1 == 1 else { throw .usage("--beam is for an encoder-decoder", nil) }
      return 1
    }
    if let count = integer(.beams) { return count }
    return max(1, try Manifest(bundle.view).number("beams", max: Limits.beamCountMax))
  }
}

/// What `translate` and `summarise` work with.
struct Translator {
  let tokenizer: TokenizerView
  /// Nil: a decoder.
  private let start: TextStart?
  private var chat: PromptTemplate?
  private let path: Word
  let end: EndIDs
  let beams: Int
  private var search: BeamOptions
  private let prefix: Word
  private var room = EncodeRoom()
  private var joined = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  private var stream: TextStream
  /// Of the last text: tokens of the source and of the text, and the score that beam search gives.
  private(set) var sourceCount = 0
  private(set) var madeFrom = 1
  private(set) var madeCount = 0
  private(set) var score: Double?
  private(set) var stop = Stop.end

  /// `prefix`: of a bundle whose manifest has none; of a decoder what is asked for, with the text behind it.
  @inline(never)
  init(_ options: Options, _ bundle: OpenBundle, _ program: Program, prefix: StaticString) throws(Failure) {
    let manifest = Manifest(bundle.view)
    tokenizer = try bundle.tokenizer()
    start = program.hasSource ? try TextStart(bundle, program) : nil
    chat = program.hasSource ? nil : try bundle.promptTemplate()
    path = bundle.path
    end = try EndIDs(bundle, isIgnored: false)
    self.prefix =
      manifest.value("prefix") ?? Word(start: prefix.utf8Start, count: prefix.utf8CodeUnitCount)
    beams = try options.beamCount(bundle, program)
    if beams == 1, options.decimal(.lengthPenalty) != nil { throw .usage("--length-penalty is for a beam search", nil) }
    var penalty: Float = 1
    if let value = manifest.value("length_penalty") { penalty = try value.decimal(word("length_penalty"), -10, 10) }
    // The model's count has the token that a text starts with.
    var count = try manifest.number("max_length") - 1
    if let wanted = options.integer(.count) {
      guard wanted > 0 else { throw .usage("-n takes 1 or more here", nil) }
      count = wanted
    }
    search = BeamOptions(
      count: count,
      lengthPenalty: Double(options.decimal(.lengthPenalty) ?? penalty))
    search.forcesEnd = manifest.value("forced_end") != nil
    if let value = manifest.value("early_stopping") { search.stopping = value.equals("never") ? .never : .on }
    stream = TextStream(
      tokenizer, skipsSpecial: true, isAtStart: true, room: try mapRoom(TextStream.roomByteCount(tokenizer)))
  }

  /// Tokens that what is written may have, an end included: `-n`, else what the model says, else what there is room
  /// for; a decoder's answer has a quarter of the context, 256 at most.
  private func limit(_ session: borrowing Session) -> Int {
    let context = session.plan.options.context
    if start != nil { return min(search.count > 0 ? search.count : context, context - 1) }
    return search.count > 0 ? search.count : min(256, context / 4)
  }

  /// Tokens that a text with its prefix may have.
  func capacity(_ session: borrowing Session) -> Int {
    let context = session.plan.options.context
    return start == nil ? max(1, context - limit(session)) : context
  }

  /// The ids of prefix and text. Only the prefix can spell special tokens: a language, for instance.
  mutating func encode(_ text: Word) throws(Failure) -> UnsafeBufferPointer<UInt32> {
    if chat != nil { return try request(text) }
    let count = prefix.count + text.count
    if joined.count < 2 * count {
      if let base = joined.baseAddress { sys_unmap(base, joined.count) }
      joined = try mapRoom(4 * count)
    }
    let (base, marks) = (joined.baseAddress!, joined.baseAddress! + count)
    if prefix.count > 0 { base.copyMemory(from: prefix.baseAddress!, byteCount: prefix.count) }
    if text.count > 0 { (base + prefix.count).copyMemory(from: text.baseAddress!, byteCount: text.count) }
    for i in 0..<count { marks.storeBytes(of: i < prefix.count ? 1 : 0, toByteOffset: i, as: UInt8.self) }
    let options = EncodeOptions(trusted: UnsafePointer(marks.assumingMemoryBound(to: UInt8.self)))
    return try room.encode(tokenizer, Word(start: base, count: count), options)
  }

  /// The ids of a chat with one message: the prefix and the text.
  private mutating func request(_ text: Word) throws(Failure) -> UnsafeBufferPointer<UInt32> {
    // Of a byte in JSON come six at most.
    let memory = try mapRoom(6 * (prefix.count + text.count) + 128)
    defer { sys_unmap(memory.baseAddress!, memory.count) }
    var json = Writer(-1, buffer: memory)
    json.text("{\"add_generation_prompt\":true,\"messages\":[{\"role\":\"user\",\"content\":\"")
    for c in prefix { json.jsonByte(c) }
    for c in text { json.jsonByte(c) }
    json.text("\"}]}")
    let input = Word(rebasing: UnsafeRawBufferPointer(memory)[0..<json.fill])
    let marked: MarkedText
    do throws(TemplateError) {
      marked = try chat!.renderMarked(input, in: try chat!.room(for: input, copies: 2))
    } catch { throw .template(error, path: path) }
    return try room.encode(tokenizer, marked.text, .rendered(marked))
  }

  /// Calls `emit` with parts of the text that the model writes for `text`: as they come, or all at once behind a beam
  /// search. The tokens are in `session.tokenRoom` from index `madeFrom` on.
  mutating func write(_ text: Word, _ session: inout Session, _ emit: (Word) -> Void) throws(Failure) {
    let ids = try encode(text)
    sourceCount = ids.count
    stream.restart()
    score = nil
    do throws(SessionError) {
      _ = session.rewind(to: 0)
      var first = ids
      if let start { first = try start.read(ids, &session) }
      search.count = limit(session)
      if beams == 1 {
        // The last one of them is the end, where it is forced.
        let generation = Generation(
          count: search.forcesEnd ? search.count - 1 : search.count, sampler: SamplerOptions())
        let summary = try generate(&session, prompt: first, generation, isEnd: { end.contains($0) }) { made in
          // An id that the model made and the tokenizer lacks has no text.
          _ = try? stream.append(made.id, emit)
          return nil
        }
        (madeFrom, madeCount, stop) = (summary.madeFrom, summary.madeCount, summary.stop)
      } else {
        let result = try beamSearch(&session, start: first[0], search, isEnd: { end.contains($0) })
        let isCut = !result.isEnded || search.forcesEnd && result.count == search.count - 1
        (madeCount, score, stop) = (result.count, result.score, isCut ? .length : .end)
        for index in 0..<madeCount { _ = try? stream.append(session.tokenRoom[madeFrom + index], emit) }
      }
    } catch { throw .session(error) }
    do throws(TokenizerError) { try stream.finish(emit) } catch { throw .tokenizer(error) }
  }
}
