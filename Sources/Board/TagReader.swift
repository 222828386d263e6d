// SPDX-License-Identifier: Apache-2.0
// Reads a text with a tagger, however long it is, through windows that overlap: what a window says counts of those
// tokens that have half a stride of text around them. A window has whole words, so that its tokens are the text's.
import CSystem
import Format
import Ops
import Runtime
import Tasks
import Text

/// A tagger and the rooms that it works in.
package struct TagReader {
  /// Entities that are not whole after as many bytes are cut.
  static let entityByteCountMax = 2_048
  package let model: UnsafeMutablePointer<TaskModel>
  package let record: TaskRecord
  package private(set) var strategy: TagStrategy
  /// Bytes of a window at most: how much of a text is looked at for each token that fits.
  private(set) var windowByteCount = 0
  /// Where in the text the next window begins.
  private(set) var start = 0
  /// The first byte whose token no window has judged.
  private var from = 0
  private var tokenIndex = 0
  private var tagger: Tagger
  private let room: UnsafeMutableRawBufferPointer
  private let input: UnsafeMutablePointer<UInt32>

  package init(_ model: UnsafeMutablePointer<TaskModel>, _ strategy: TagStrategy) throws(Failure) {
    (self.model, record) = (model, model.pointee.record)
    room = try mapRoom(4 * (record.labelCount + model.pointee.lengthMax))
    let sums = room.baseAddress!.assumingMemoryBound(to: Float.self)
    input = (room.baseAddress! + 4 * record.labelCount).assumingMemoryBound(to: UInt32.self)
    self.strategy = strategy
    tagger = Tagger(record, strategy, sums: sums)
  }

  /// In memory of its own, which stays.
  @inline(never)
  static func open(_ options: Options) throws(Failure) -> UnsafeMutablePointer<TagReader> {
    let reader = try TagReader(openTask(options, .tag, sequences: 1), try options.strategy())
    let room = try mapRoom(MemoryLayout<TagReader>.size).baseAddress!.bindMemory(to: TagReader.self, capacity: 1)
    room.initialize(to: reader)
    return room
  }

  package mutating func use(_ strategy: TagStrategy) {
    self.strategy = strategy
    tagger = Tagger(record, strategy, sums: room.baseAddress!.assumingMemoryBound(to: Float.self))
  }

  package func unmap() {
    sys_unmap(room.baseAddress!, room.count)
  }

  /// Tokens of a window, with those around it.
  package var lengthMax: Int { model.pointee.lengthMax }

  /// An error where a text cannot be read to its end.
  func check(_ text: Word) throws(Failure) {
    var at = 0
    while at < text.count {
      let count = utf8SequenceByteCount(text, at: at)
      if count == 0 { throw .tokenizer(.textNotUTF8(offset: UInt64(at))) }
      at += count
    }
    try checkLength()
  }

  func checkLength() throws(Failure) {
    let around = model.pointee.aroundCount
    guard lengthMax > around else { throw model.pointee.tooLong(around + 1) }
  }

  /// Calls `body` with each entity of `text`, in order.
  package mutating func read(_ text: UnsafeRawBufferPointer, _ body: (TaggedEntity) -> Void) throws(Failure) {
    try check(text)
    restart(bytesPerToken: 32)
    while try !pass(Word(rebasing: text[start...]), isEnd: true, body) {}
  }

  /// Goes on with another text.
  mutating func restart(bytesPerToken: Int) {
    // An error may have left something of the last one.
    tagger.finish { _ in }
    (start, from, tokenIndex) = (0, 0, 0)
    windowByteCount = bytesPerToken * model.pointee.lengthMax
  }

  /// No entity begins before that is not whole.
  var settled: Int { min(from, tagger.openBegin ?? from) }

  /// Reads the next window: `text` begins at `start` and has `windowByteCount` bytes, or ends with the whole. Returns
  /// whether the text is through.
  mutating func pass(_ text: Word, isEnd: Bool, _ body: (TaggedEntity) -> Void) throws(Failure) -> Bool {
    let part = text.count > windowByteCount ? wholeCharacters(text, windowByteCount) : text
    let ids = try model.pointee.room.encode(model.pointee.tokenizer, part, .content, withSpans: true)
    guard let spans = model.pointee.room.spans else { return true }
    let room = model.pointee.lengthMax - model.pointee.aroundCount
    let stride = min(record.stride, room / 2)
    let count = min(ids.count, room)
    let isLast = isEnd && part.count == text.count && count == ids.count
    var first = 0
    while first < count, start + Int(spans[first].begin) < from { first += 1 }
    var end = count
    if !isLast {
      end = wordBegin(ids, spans, part, from: count - stride / 2, downTo: count - stride)
      // So few tokens: without a margin, but for the last, which may be cut.
      if end <= first { end = count == ids.count ? count - 1 : count }
      if end <= first { end = count }
      if end <= first {
        // No token is left: without what was before, or behind all of it.
        if start == from { (start, from) = (start + part.count, start + part.count) } else { start = from }
        return false
      }
    }
    if end > first { try judge(first..<end, of: count, ids, spans, part, body) }
    tokenIndex += end - first
    if isLast {
      tagger.finish(body)
      return true
    }
    from = end < ids.count ? start + Int(spans[end].begin) : start + part.count
    if from - settled > TagReader.entityByteCountMax { tagger.finish(body) }
    let next = wordBegin(ids, spans, part, from: end - stride / 2, downTo: end - stride)
    if next > 0 {
      // A blank belongs to the word behind it.
      let begin = Int(spans[next].begin)
      start += begin > 0 && part[begin - 1] == 32 ? begin - 1 : begin
    }
    return false
  }

  /// The token at or before `token` that begins a word, if there is one from `least` on; else `token`.
  @inline(never)
  private func wordBegin(
    _ ids: UnsafeBufferPointer<UInt32>, _ spans: UnsafeMutablePointer<TokenSpan>, _ text: Word, from token: Int,
    downTo least: Int
  ) -> Int {
    var at = min(token, ids.count - 1)
    while at > 0, at >= least {
      if !model.pointee.tokenizer.continuesWord(ids[at], spans[at], in: text) { return at }
      at -= 1
    }
    return max(token, 0)
  }

  /// Runs the model on the first `count` tokens and hands those of `tokens` to the tagger.
  @inline(never)
  private mutating func judge(
    _ tokens: Range<Int>, of count: Int, _ ids: UnsafeBufferPointer<UInt32>, _ spans: UnsafeMutablePointer<TokenSpan>,
    _ text: Word, _ body: (TaggedEntity) -> Void
  ) throws(Failure) {
    let tokenizer = model.pointee.tokenizer
    let (prefix, suffix) = (tokenizer.prefix, tokenizer.suffix)
    for i in 0..<prefix.count { input[i] = prefix[i] }
    for i in 0..<count { input[prefix.count + i] = ids[i] }
    for i in 0..<suffix.count { input[prefix.count + count + i] = suffix[i] }
    try model.pointee.run(UnsafeBufferPointer(start: UnsafePointer(input), count: prefix.count + count + suffix.count))
    for t in tokens {
      let row = model.pointee.session.row(prefix.count + t, of: .tokenLogits)
      model.pointee.session.score(row, .softmax)
      let token = TagToken(
        index: tokenIndex + t - tokens.lowerBound, begin: start + Int(spans[t].begin),
        end: start + max(Int(spans[t].begin), Int(spans[t].end)),
        isContinuation: t > 0 && tokenizer.continuesWord(ids[t], spans[t], in: text))
      tagger.take(row, token, body)
    }
  }
}

/// At most `byteCount` bytes of UTF-8.
private func wholeCharacters(_ text: Word, _ byteCount: Int) -> Word {
  var end = byteCount
  while end > 0, text[end] & 0xC0 == 0x80 { end -= 1 }
  return Word(rebasing: text[0..<end])
}
