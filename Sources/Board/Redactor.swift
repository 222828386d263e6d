// SPDX-License-Identifier: Apache-2.0
// What `redact` and the library do: a text comes in pieces, and its parts go out: text that stays, and what is put in
// the place of what does not. Rules: docs/tasks.md, redact.
import CSystem
import Format
import Runtime
import Storage
import Tasks
import Text

/// What is taken out, and what is put in its place.
package struct RedactionChoice {
  package var kinds = PatternSet.all
  /// Labels, with commas between them: these alone; not these. Those of the recognisers count too.
  package var only: Word?
  package var except: Word?
  package var minScore: Float = 0
  /// What stands for an entity: `{label}` and `{id}` in it are replaced; one character stands for each of its.
  package var replacement: Word
  /// 32 bytes of a key for `{id}`.
  package var key: UnsafeRawPointer?

  package init(replacement: Word) { self.replacement = replacement }

  /// Whether the replacement has `{id}`, which takes a key.
  package var hasID: Bool {
    for at in 0..<replacement.count where replacement.has("{id}", at: at) { return true }
    return false
  }

  package func takes(_ label: Word) -> Bool {
    if let only, !only.lists(label) { return false }
    return except.map { !$0.lists(label) } ?? true
  }

  /// The first name of a list that is none of a recogniser or of the labels of `record`.
  package static func unknown(_ names: Word?, _ record: TaskRecord?) -> Word? {
    names?.firstName { name in
      for raw in 0..<UInt8(PatternKind.count) where PatternKind(rawValue: raw)!.label.word.equals(name) { return true }
      guard let record else { return false }
      for index in 0..<record.labelCount {
        let label = record.label(index)
        if label.role != .outside, label.entityName.equals(name) || label.text.equals(name) { return true }
      }
      return false
    }
  }

  /// The recognisers that are asked for: those of `names`, or all.
  package mutating func choose(_ names: Word?) {
    for raw in 0..<UInt8(PatternKind.count) {
      let kind = PatternKind(rawValue: raw)!
      let label = kind.label.word
      if takes(label), names.map({ $0.lists(label) }) ?? true { continue }
      kinds.rawValue &= ~PatternSet(kind).rawValue
    }
  }
}

extension UnsafeRawBufferPointer {
  /// Calls `body` with each name between commas; returns the first for which it is false.
  func firstName(_ isFine: (Word) -> Bool) -> Word? {
    var at = 0
    while at <= count {
      var end = at
      while end < count, self[end] != 44 { end += 1 }
      let name = Word(rebasing: self[at..<end])
      if !isFine(name) { return name }
      at = end + 1
    }
    return nil
  }

  func lists(_ name: Word) -> Bool { firstName { !$0.equals(name) } != nil }

  /// Whether `text` begins at `at`.
  func has(_ text: StaticString, at: Int) -> Bool {
    let end = at + text.utf8CodeUnitCount
    return end <= count && Word(rebasing: self[at..<end]).equals(text)
  }
}

/// A part of a text that comes out.
package enum RedactedPart {
  case text(UnsafeRawBufferPointer)
  /// `text` of the original; `own` is the part of it that a pseudonym is made of.
  case entity(
    RedactedRegion, label: UnsafeRawBufferPointer, own: UnsafeRawBufferPointer, text: UnsafeRawBufferPointer)
}

/// A text under way.
package struct Redactor: ~Copyable {
  private var reader: TagReader?
  /// Nil without a tagger.
  private let record: TaskRecord?
  private let isToken: Bool
  private let windowByteCount: Int
  /// Where the tagger's next window begins.
  private var start = 0
  private let choice: RedactionChoice
  private var redaction: Redaction
  private var isTagged = false

  /// Bytes of memory that a text takes beside the arena of a tagger.
  package static func roomByteCount(lengthMax: Int) -> Int {
    let byteCount = 65_536 + 2 * bytesPerToken * lengthMax
    return byteCount + (lengthMax == 0 ? 0 : byteCount * MemoryLayout<TaggedEntity>.stride)
  }
  private static let bytesPerToken = 8

  /// - Parameters:
  ///   - reader: of a tagger, or none. `finish` gives it back.
  ///   - room: `roomByteCount` bytes of the reader's length, or of 0.
  package init(
    _ reader: consuming TagReader?, _ choice: RedactionChoice, room: UnsafeMutableRawBufferPointer
  ) {
    self.choice = choice
    switch consume reader {
    case .some(var opened):
      opened.restart(bytesPerToken: Redactor.bytesPerToken)
      (windowByteCount, isToken, record) = (opened.windowByteCount, opened.strategy == .none, opened.model.record)
      self.reader = consume opened
    case .none:
      (windowByteCount, isToken, record) = (0, false, nil)
      self.reader = nil
    }
    let byteCount = 65_536 + 2 * windowByteCount
    let rest = UnsafeMutableRawBufferPointer(rebasing: room[byteCount...])
    redaction = Redaction(
      choice.kinds, room: UnsafeMutableRawBufferPointer(rebasing: room[..<byteCount]),
      entities: UnsafeMutableBufferPointer(
        start: rest.baseAddress?.assumingMemoryBound(to: TaggedEntity.self),
        count: rest.count / MemoryLayout<TaggedEntity>.stride))
  }

  /// The reader, for other texts.
  package consuming func finish() -> TagReader? { reader }

  /// Where the next bytes of the text go, not more than are looked at together.
  package mutating func free() -> UnsafeMutableRawBufferPointer {
    redaction.drop(before: record == nil ? .max : start)
    let free = redaction.free
    if record == nil { return free }
    let wanted = start + windowByteCount - redaction.end
    return UnsafeMutableRawBufferPointer(rebasing: free[..<max(1, min(wanted, free.count))])
  }

  /// Takes the bytes that were put there, and calls `body` with each part that is sure.
  package mutating func take(
    _ byteCount: Int, isEnd: Bool, _ body: (RedactedPart) -> Void
  ) throws(Failure) {
    if let offset = redaction.took(byteCount, isEnd: isEnd) {
      throw .tokenizer(.textNotUTF8(offset: UInt64(offset)))
    }
    if let record { try tag(record, isEnd) }
    while let part = redaction.next() {
      switch part {
      case .text(let text): body(.text(text))
      case .region(let region):
        var label = Word(start: nil, count: 0)
        if let pattern = region.pattern {
          label = pattern.label.word
        } else if let record {
          label = record.name(region.label, isToken: isToken)
        }
        body(
          .entity(
            region, label: label, own: redaction.bytes(region.ownBegin, region.ownEnd),
            text: redaction.bytes(region.begin, region.end)))
      }
    }
  }

  /// Reads every window that is whole.
  private mutating func tag(_ record: TaskRecord, _ isEnd: Bool) throws(Failure) {
    // The reader calls back while it works: what it adds to must not be a part of the same thing.
    var redaction = redaction
    let (choice, isToken) = (choice, isToken)
    while !isTagged {
      let text = redaction.bytes(from: start)
      guard isEnd || text.count >= windowByteCount - 3 else { break }
      isTagged = try reader!.pass(text, isEnd: isEnd) { entity in
        if entity.score >= choice.minScore, choice.takes(record.name(entity.label, isToken: isToken)) {
          redaction.add(entity)
        }
      }
      if let place = reader?.place { (start, redaction.tagged) = (place.start, isTagged ? .max : place.settled) }
    }
    self.redaction = redaction
  }
}

extension TaskRecord {
  /// What an entity is called: by its own label where it is a token.
  package func name(_ label: Int, isToken: Bool) -> UnsafeRawBufferPointer {
    let label = self.label(label)
    return isToken ? label.text : label.entityName
  }
}

extension RedactionChoice {
  /// Hands `body` what stands for the entity `text` of that label, in pieces. Its pseudonym is that of `own`.
  package func replace(_ text: Word, own: Word, _ label: Word, _ body: (UnsafeRawBufferPointer) -> Void) {
    if replacement.count > 0, utf8SequenceByteCount(replacement, at: 0) == replacement.count {
      for byte in text where byte & 0xC0 != 0x80 { body(replacement) }
      return
    }
    var at = 0
    var plain = 0
    while at < replacement.count {
      let isLabel = replacement.has("{label}", at: at)
      guard isLabel || replacement.has("{id}", at: at) else {
        at += 1
        continue
      }
      body(Word(rebasing: replacement[plain..<at]))
      if isLabel { body(label) } else { putID(own, label, body) }
      at += isLabel ? 7 : 4
      plain = at
    }
    body(Word(rebasing: replacement[plain...]))
  }

  /// The first 12 hexadecimal digits of BLAKE2b-256 with the key of label, a zero byte, text.
  private func putID(_ text: Word, _ label: Word, _ body: (UnsafeRawBufferPointer) -> Void) {
    let digest = streamDigest(key: key) { update in
      update(label)
      update(("\0" as StaticString).word)
      update(text)
    }
    withUnsafeTemporaryAllocation(byteCount: 44, alignment: 8) { room in
      room.put(digest, at: 0)
      for i in 0..<12 {
        let nibble = room[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15
        room[32 + i] = nibble < 10 ? 48 + nibble : 87 + nibble
      }
      body(Word(rebasing: UnsafeRawBufferPointer(room)[32..<44]))
    }
  }
}
