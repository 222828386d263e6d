// SPDX-License-Identifier: Apache-2.0
// Texts to vectors, many in a call: what `embed` and `index` have in common. A text longer than the model takes is
// cut, refused, or becomes the mean of its parts' vectors, weighted by their tokens.
import CSystem
import Format
import Ops
import Runtime
import Tasks
import Text

/// The vector of a text as the model makes it, and the tokens that it was made of.
struct EmbeddedText {
  var vector: UnsafeMutableBufferPointer<Float>
  var tokenCount: Int

  @inline(never)
  func normalize() { Normalize.row(vector.baseAddress!, columns: vector.count, vector.baseAddress!) }
}

/// What becomes of a text that is longer than the model takes.
enum LongText: UInt8 { case cut, average, refuse }

extension Options {
  /// `--long`.
  func long() throws(Failure) -> LongText {
    guard let word = word(.long) else { return .cut }
    guard let index = word.index(among: "cut\naverage\nrefuse\n", separator: 10) else {
      throw .value("--long", word, takes: "cut, average or refuse")
    }
    return LongText(rawValue: UInt8(index))!
  }
}

struct Embedder: ~Copyable {
  let model: UnsafeMutablePointer<TaskModel>
  /// Of the bundle.
  let identity: Digest
  let columnCount: Int
  private let long: LongText
  private var joined = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  /// u32 (lengthMax): a part of a text that is too long.
  private let part: UnsafeMutablePointer<UInt32>
  /// f32 (columns): the sum of its parts, and their tokens.
  private let sum: UnsafeMutablePointer<Float>
  private var tokenCount = 0
  /// Which sequences of the batch end a text: a set.
  private var ends: UInt32 = 0

  init(_ options: Options, sequences: Int = batchCountMax) throws(Failure) {
    let long = try options.long()
    let model = try openTask(options, .embed, sequences: sequences)
    let columnCount = model.pointee.session.program.value(model.pointee.session.program.entry(.embedding)!.result)
      .columns
    let identity = try OpenBundle(options.bundle!).view.head.identity
    let room = try mapRoom(4 * (model.pointee.lengthMax + columnCount)).baseAddress!
    part = room.assumingMemoryBound(to: UInt32.self)
    sum = (room + 4 * model.pointee.lengthMax).assumingMemoryBound(to: Float.self)
    (self.columnCount, self.identity) = (columnCount, identity)
    (self.model, self.long) = (model, long)
  }

  /// Bytes of memory of the session's.
  var byteCount: Int { model.pointee.session.plan.byteCount }

  /// What stands before a text of that kind, as sentence-transformers has it.
  func prompt(_ name: StaticString, or other: StaticString = "") -> Word? {
    let record = model.pointee.record
    return record.prompt(named: name) ?? record.prompt(named: other)
      ?? record.defaultPrompt.map { record.prompt($0).text }
  }

  /// Tokens of a part of a text.
  @inline(never)
  mutating func tokenCount(_ text: Word) throws(Failure) -> Int {
    try model.pointee.room.encode(model.pointee.tokenizer, text, .content).count
  }

  /// Tokens that a text may have, beside its prompt and what the tokenizer puts around both.
  mutating func tokenCountMax(_ prompt: Word?) throws(Failure) -> Int {
    let around = model.pointee.tokenizer.prefix.count + model.pointee.tokenizer.suffix.count
    return max(1, model.pointee.lengthMax - around - (prompt == nil ? 0 : try tokenCount(prompt!)))
  }

  /// The text behind its prompt.
  @inline(never)
  private mutating func join(_ prompt: Word?, _ text: Word) throws(Failure) -> Word {
    guard let prompt, prompt.count > 0 else { return text }
    let count = prompt.count + text.count
    if joined.count < count {
      sys_unmap(joined.baseAddress, joined.count)
      joined = try mapRoom(2 * count)
    }
    let base = joined.baseAddress!
    base.copyMemory(from: prompt.baseAddress!, byteCount: prompt.count)
    if text.count > 0 { (base + prompt.count).copyMemory(from: text.baseAddress!, byteCount: text.count) }
    return Word(start: base, count: count)
  }

  /// Takes a text; `body` gets the vectors of texts that had to make room, in order.
  @inline(never)
  mutating func add(
    _ text: Word, _ prompt: Word?, _ io: inout IO, _ body: (EmbeddedText, inout IO) throws(Failure) -> Void
  ) throws(Failure) {
    let text = try join(prompt, text)
    var ids = try model.pointee.room.encode(model.pointee.tokenizer, text, EncodeOptions(parseSpecial: false))
    guard ids.count > 0 else { throw .input("the text has no tokens", nil) }
    let (prefix, suffix) = (model.pointee.tokenizer.prefix, model.pointee.tokenizer.suffix)
    let content = UnsafeBufferPointer(rebasing: ids[prefix.count..<(ids.count - suffix.count)])
    let room = model.pointee.lengthMax - prefix.count - suffix.count
    var at = 0
    repeat {
      var count = content.count - at
      if count > room {
        guard long != .refuse, room > 0 else { throw model.pointee.tooLong(ids.count) }
        count = room
      }
      let start = at
      at += count
      if start > 0 || at < content.count {
        for i in 0..<prefix.count { part[i] = prefix[i] }
        for i in 0..<count { part[prefix.count + i] = content[start + i] }
        for i in 0..<suffix.count { part[prefix.count + count + i] = suffix[i] }
        if long == .cut {
          io.error.say("a text of % tokens is cut to %\n", ids.count, model.pointee.lengthMax)
          at = content.count
        }
        ids = UnsafeBufferPointer(start: part, count: prefix.count + count + suffix.count)
      }
      if !model.pointee.session.hasRoom(for: ids.count) { try flush(&io, body) }
      if at == content.count { ends |= 1 << UInt32(model.pointee.session.batchCount) }
      try model.pointee.add(ids)
    } while at < content.count
  }

  /// Gives the vectors of all that was taken. What it gives is valid until `body` returns.
  @inline(never)
  mutating func flush(
    _ io: inout IO, _ body: (EmbeddedText, inout IO) throws(Failure) -> Void
  ) throws(Failure) {
    let count = model.pointee.session.batchCount
    if count == 0 { return }
    try model.pointee.run()
    for index in 0..<count {
      let row = UnsafeMutableBufferPointer(mutating: model.pointee.session.row(index, of: .embedding))
      var tokens = Int(model.pointee.session.sequence(index)!.tokenCount)
      let isEnd = ends >> UInt32(index) & 1 == 1
      if !isEnd || tokenCount > 0 {
        tokenCount += tokens
        for i in 0..<row.count { sum[i] += Float(tokens) * row[i] }
        if !isEnd { continue }
        for i in 0..<row.count { (row[i], sum[i]) = (sum[i] / Float(tokenCount), 0) }
        (tokens, tokenCount) = (tokenCount, 0)
      }
      try body(EmbeddedText(vector: row, tokenCount: tokens), &io)
    }
    model.pointee.session.startBatch()
    ends = 0
  }
}
