// SPDX-License-Identifier: Apache-2.0
// `tag B TEXT`: the entities of a text, with the bytes and characters that they stand at. Texts longer than the model
// takes are read through windows that overlap; each token counts as the window says that sees most around it.
import Format
import Ops
import Runtime
import Tasks
import Text

func tag(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try Options(arguments, flags: .json | .compute | .memory | .lines | .words | .task)
  var reader = try TagReader(openTask(options, .tag, sequences: 1), options)
  var texts = try TextSource(options)
  let isJSON = texts.isStream || options.json
  var code: Int32 = 0
  var line = 0
  while let text = try texts.next() {
    line += 1
    do throws(Failure) {
      try reader.check(text)
      var found = EntityWriter(text, reader.model.record, options, isJSON: isJSON)
      if isJSON { io.out.byte(91) }
      try reader.read(text) { found.write($0, &io) }
      if isJSON { io.out.text("]\n") }
    } catch {
      guard texts.isStream else { throw error }
      let failure = error
      noteLine(failure, line, &code, &io)
    }
    if !texts.hasNext { io.out.flush() }
  }
  return code
}

/// A tagger's model and the rooms that it works in.
struct TagReader: ~Copyable {
  var model: TaskModel
  private let strategy: TagStrategy
  private let sums: UnsafeMutablePointer<Float>
  private let input: UnsafeMutablePointer<UInt32>

  init(_ model: consuming TaskModel, _ options: Options) throws(Failure) {
    let room = try mapRoom(4 * (model.record.labelCount + model.lengthMax))
    sums = room.baseAddress!.assumingMemoryBound(to: Float.self)
    input = (room.baseAddress! + 4 * model.record.labelCount).assumingMemoryBound(to: UInt32.self)
    strategy = options.task.strategy
    self.model = model
  }

  /// Encodes `text`; an error where there is nothing to tag.
  mutating func check(_ text: Word) throws(Failure) {
    guard text.count > 0 else { throw .input("the text is empty", nil) }
    let around = model.tokenizer.prefix.count + model.tokenizer.suffix.count
    guard model.lengthMax > around else { throw model.tooLong(around + 1) }
  }

  /// Calls `body` with each entity of `text`, in order.
  mutating func read(_ text: Word, _ body: (TaggedEntity) -> Void) throws(Failure) {
    let ids = try model.room.encode(model.tokenizer, text, .content, withSpans: true)
    guard let spans = model.room.spans, ids.count > 0 else { return }
    let (prefix, suffix) = (model.tokenizer.prefix, model.tokenizer.suffix)
    let room = model.lengthMax - prefix.count - suffix.count
    let windows = Windows(tokenCount: ids.count, room: room, stride: min(model.record.stride, room / 2))
    var tagger = Tagger(model.record, strategy, sums: sums)
    for index in 0..<windows.count {
      let window = windows[index]
      let count = prefix.count + window.count
      for i in 0..<prefix.count { input[i] = prefix[i] }
      for i in 0..<window.count { input[prefix.count + i] = ids[window.lowerBound + i] }
      for i in 0..<suffix.count { input[count + i] = suffix[i] }
      model.session.startBatch()
      try model.add(UnsafeBufferPointer(start: UnsafePointer(input), count: count + suffix.count))
      try model.run()
      for t in windows.own(index) {
        let row = model.session.row(prefix.count + t - window.lowerBound, of: .tokenLogits)
        model.session.score(row, .softmax)
        let token = TagToken(
          index: t, begin: Int(spans[t].begin), end: Int(spans[t].end),
          isContinuation: t > 0 && model.tokenizer.continuesWord(ids[t], spans[t], in: text))
        tagger.take(row, token, body)
      }
    }
    tagger.finish(body)
  }
}

/// Writes entities: a JSON object each, or a line.
private struct EntityWriter {
  private let text: Word
  private let record: TaskRecord
  private let isToken: Bool
  private let least: Float
  private let isJSON: Bool
  private var characters: CharacterOffsets
  private var count = 0

  init(_ text: Word, _ record: TaskRecord, _ options: Options, isJSON: Bool) {
    (self.text, self.record, self.isJSON) = (text, record, isJSON)
    isToken = options.task.strategy == .none
    least = max(options.task.minScore, record.threshold)
    characters = CharacterOffsets(text)
  }

  mutating func write(_ entity: TaggedEntity, _ io: inout IO) {
    if entity.score < least { return }
    let end = max(entity.begin, entity.end)
    let label = record.label(entity.label)
    let name = isToken ? label.text : label.entityName
    let part = Word(rebasing: text[entity.begin..<end])
    if isJSON {
      io.out.text(count == 0 ? "{\"entity\":" : ",{\"entity\":")
      io.out.json(name)
      io.out.text(",\"score\":")
      io.out.decimal(Double(entity.score), places: 6)
      io.out.text(",\"text\":")
      io.out.json(part)
      io.out.place(entity.begin, end, &characters)
      io.out.byte(125)
    } else {
      io.out.bytes(name)
      io.out.byte(9)
      io.out.decimal(Double(entity.score), places: 6)
      io.out.say("\t%\t%\t", entity.begin, end)
      for c in part { io.out.byte(c < 32 ? 32 : c) }
      io.out.byte(10)
    }
    count += 1
  }
}

extension Writer {
  /// `,"bytes":[…],"characters":[…]`
  mutating func place(_ begin: Int, _ end: Int, _ characters: inout CharacterOffsets) {
    say(",\"bytes\":[%,%]", begin, end)
    let first = characters.character(atByte: UInt32(begin))
    say(",\"characters\":[%,%]", first, characters.character(atByte: UInt32(end)))
  }
}
