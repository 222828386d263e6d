// SPDX-License-Identifier: Apache-2.0
// Translations and summaries, as the verbs of the same names write them: docs/tasks-translate.md. Start at `translate`.
import Format
import Foundation
import Ops
import Runtime
import Synchronization
import Tasks
import Text

extension Generator {
  /// A translation of `text`, sentence by sentence; lines stay lines. For a bundle of an encoder–decoder.
  public func translate(_ text: String) -> TextPieces {
    pieces { generator, isCancelled, yield in
      guard generator.model.hasSource else { throw HardtackError("\(generator.model.path) does not translate") }
      let writer = try TextWriter(generator, isCancelled, ask: "")
      let bytes = Array(text.utf8)
      let first = bytes.withUnsafeBytes { nextSentence($0, from: 0) }
      guard first != nil else { throw HardtackError("the text is empty") }
      try bytes.withUnsafeBytes { try writer.translate($0, yield) }
      return isCancelled.flag.load(ordering: .relaxed) ? .cancelled : writer.reason
    }
  }

  /// A summary of `text`: in parts of as many sentences as fit, whose summaries are summarised again. For a bundle of
  /// an encoder–decoder, or one with a chat template.
  public func summarise(_ text: String) -> TextPieces {
    pieces { generator, isCancelled, yield in
      let model = generator.model
      guard model.hasSource || model.canChat else { throw HardtackError("\(model.path) does not summarise") }
      let writer = try TextWriter(
        generator, isCancelled,
        ask: model.hasSource ? "summarize: " : "Summarize the following text in a few sentences.\n\n")
      try writer.summarise(text, yield)
      return isCancelled.flag.load(ordering: .relaxed) ? .cancelled : writer.reason
    }
  }
}

/// What the manifest of an encoder–decoder says of its texts: specs/bundle.md §5.1.
struct TextSettings {
  var prefix: String?
  var beams = 1
  var start: UInt32 = 0
  var rules = TextRules()
  var search = BeamOptions(count: 0)
}

extension Model {
  /// Whether this is an encoder–decoder: ``Generator/translate(_:)`` can be asked.
  public var hasSource: Bool { program.isEncoder && program.entry(.step) != nil }

  func textSettings() throws -> TextSettings {
    let manifest = Manifest(program.bundle)
    func text(_ key: StaticString) -> String? { manifest.value(key).map { String(decoding: $0, as: UTF8.self) } }
    func number(_ key: StaticString) throws -> Int? {
      guard let text = text(key) else { return nil }
      guard let number = Int(text) else { throw HardtackError("the manifest of \(path) has no number \(key)") }
      return number
    }
    var settings = TextSettings()
    settings.prefix = text("prefix")
    settings.beams = try number("beams") ?? 1
    guard !hasSource || text("start_id") != nil else { throw HardtackError("\(path) has no start_id") }
    settings.start = UInt32(clamping: try number("start_id") ?? 0)
    settings.rules.lengthMin = try number("min_length") ?? 0
    settings.rules.noRepeatCount = try number("no_repeat_ngram") ?? 0
    for id in text("never_ids")?.split(separator: ",").compactMap({ UInt32($0) }) ?? [] {
      guard settings.rules.never.add(id) else { throw HardtackError("\(path) has too many never_ids") }
    }
    for id in hasSource ? endIDs : [] {
      guard settings.rules.ends.add(id) else { throw HardtackError("\(path) has too many end_ids") }
    }
    settings.search.count = try (number("max_length") ?? 1) - 1
    settings.search.lengthPenalty = text("length_penalty").flatMap { Float($0) }.map { Double($0) } ?? 1
    settings.search.forcesEnd = text("forced_end") != nil
    if let stopping = text("early_stopping") { settings.search.stopping = stopping == "never" ? .never : .on }
    return settings
  }
}

/// Writes a text of a text with a generator, on its queue.
private final class TextWriter {
  private let generator: Generator
  private let isCancelled: Cancellation
  private let settings: TextSettings
  private let prefix: String
  private(set) var reason = EndReason.end
  private var model: Model { generator.model }
  private var context: Int { generator.session.pointee.plan.options.context }
  /// Tokens of a text that is written, at most.
  private var limit: Int {
    guard model.hasSource else { return min(256, context / 4) }
    return min(settings.search.count > 0 ? settings.search.count : context, context - 1)
  }

  init(_ generator: Generator, _ isCancelled: Cancellation, ask: String) throws {
    (self.generator, self.isCancelled) = (generator, isCancelled)
    settings = try generator.model.textSettings()
    prefix = settings.prefix ?? ask
  }

  func translate(_ text: UnsafeRawBufferPointer, _ yield: (String) -> Void) throws {
    var next = nextSentence(text, from: 0)
    while let sentence = next, !isCancelled.flag.load(ordering: .relaxed) {
      var at = sentence.start
      while at < sentence.end {
        let end = try endOfWhatFits(text, in: at..<sentence.end) { try fits(text, $0) }
        try write(string(text, at, end), yield)
        at = end
        if at < sentence.end { yield(" ") }
      }
      next = nextSentence(text, from: sentence.next)
      if next == nil { break }
      let lines = text[sentence.end..<sentence.next].count { $0 == 10 }
      yield(lines == 0 ? " " : String(repeating: "\n", count: lines))
    }
  }

  func summarise(_ text: String, _ yield: (String) -> Void) throws {
    var text = text
    for round in 1...8 {
      while let last = text.utf8.last, last <= 32 { text.unicodeScalars.removeLast() }
      var written: [String] = []
      let isDone = try Array(text.utf8).withUnsafeBytes { bytes in
        guard let first = nextSentence(bytes, from: 0) else { throw HardtackError("the text is empty") }
        var next: Sentence? = first
        while let sentence = next, !isCancelled.flag.load(ordering: .relaxed) {
          let end = try endOfWhatFits(bytes, from: sentence, byteCountMax: 64 * context) { try fits(bytes, $0) }
          let part = string(bytes, sentence.start, end)
          if written.isEmpty, end == bytes.count {
            try write(part, yield)
            return true
          }
          var summary = ""
          try write(part) { summary += $0 }
          written.append(summary)
          next = nextSentence(bytes, from: end)
        }
        return isCancelled.flag.load(ordering: .relaxed)
      }
      if isDone { return }
      let summaries = written.joined(separator: "\n")
      // Summaries that do not become shorter are what there is.
      if round == 8 || summaries.utf8.count >= text.utf8.count || summaries.utf8.allSatisfy({ $0 <= 32 }) {
        return yield(summaries)
      }
      text = summaries
    }
  }

  /// Without the white space behind it.
  private func string(_ text: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> String {
    var end = end
    while end > start, text[end - 1] <= 32 { end -= 1 }
    return String(decoding: text[start..<end], as: UTF8.self)
  }

  private func ids(_ text: String) throws -> [UInt32] {
    guard model.hasSource else { return try model.tokens(of: [ChatMessage(role: "user", content: prefix + text)]) }
    // Only the prefix can spell special tokens.
    let bytes = Array((prefix + text).utf8)
    let marks = bytes.indices.map { UInt8($0 < prefix.utf8.count ? 1 : 0) }
    return try bytes.withUnsafeBytes { bytes in
      try marks.withUnsafeBufferPointer { try model.encode(bytes, EncodeOptions(trusted: $0.baseAddress)) }
    }
  }

  private func fits(_ text: UnsafeRawBufferPointer, _ part: Range<Int>) throws -> Bool {
    let ids = try ids(String(decoding: text[part], as: UTF8.self))
    return ids.count <= (model.hasSource ? context : max(1, context - limit))
  }

  /// One call of the model.
  private func write(_ text: String, _ yield: (String) -> Void) throws {
    let ids = try ids(text)
    guard model.hasSource else {
      reason = try generator.make(
        ids, GenerationOptions(tokenCountMax: limit), isCancelled, isAtStart: true, yield: yield)
      return
    }
    guard ids.count <= context else {
      throw HardtackError("the text needs \(ids.count) tokens, the context has \(context)")
    }
    let session = generator.session
    do {
      session.pointee.startBatch()
      session.pointee.rules = settings.rules
      try ids.withUnsafeBufferPointer { try session.pointee.add($0) }
      try session.pointee.encode()
      session.pointee.rewind(to: 0)
    } catch { throw HardtackError("the text cannot be read: \(error)") }
    var search = settings.search
    search.count = limit
    if session.pointee.plan.options.beams == 1 {
      let count = search.forcesEnd ? limit - 1 : limit
      reason = try generator.make(
        [settings.start], GenerationOptions(tokenCountMax: count), isCancelled, isAtStart: true, yield: yield)
      return
    }
    do {
      let result = try beamSearch(&session.pointee, start: settings.start, search) { self.model.endIDs.contains($0) }
      reason = result.isEnded ? .end : .length
      let made = UnsafeBufferPointer(rebasing: UnsafeBufferPointer(session.pointee.tokenRoom)[1..<(1 + result.count)])
      yield(try model.text(of: made))
    } catch let error as HardtackError { throw error } catch {
      throw HardtackError("the text does not go on: \(error)")
    }
  }
}

extension Model {
  /// The text of `ids` as a text of its own, special tokens left out.
  func text(of ids: UnsafeBufferPointer<UInt32>) throws -> String {
    guard let tokenizer else { throw HardtackError("\(path) has no tokenizer") }
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: TextStream.roomByteCount(tokenizer), alignment: 16)
    defer { room.deallocate() }
    var stream = TextStream(tokenizer, skipsSpecial: true, isAtStart: true, room: room)
    var bytes: [UInt8] = []
    for id in ids { _ = try? stream.append(id) { bytes += $0 } }
    try? stream.finish { bytes += $0 }
    return String(decoding: bytes, as: UTF8.self)
  }
}
