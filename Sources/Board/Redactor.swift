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
  /// Labels, with commas between them: these alone; not these. Those of the recognisers count too. Without a base
  /// address: nothing was said.
  package var only = UnsafeRawBufferPointer(start: nil, count: 0)
  package var except = UnsafeRawBufferPointer(start: nil, count: 0)
  /// Labels of the recognisers that are asked.
  package var patterns = UnsafeRawBufferPointer(start: nil, count: 0)
  package var minScore: Float = 0
  /// What stands for an entity: `{label}` and `{id}` in it are replaced; one character stands for each of its.
  package var replacement: UnsafeRawBufferPointer
  /// 32 bytes of a key for `{id}`.
  package var key: UnsafeRawPointer?

  package init(replacement: UnsafeRawBufferPointer) { self.replacement = replacement }

  @inline(never)
  func takes(_ label: Word) -> Bool {
    (only.baseAddress == nil || only.lists(label)) && !except.lists(label)
  }

  /// The first name in the lists that is none of a recogniser or of the labels of `record`: a label that is misspelled
  /// would let through what it stands for.
  @inline(never)
  package func unknown(_ record: TaskRecord?) -> UnsafeRawBufferPointer? {
    only.firstName { isLabel($0, record) } ?? except.firstName { isLabel($0, record) }
      ?? patterns.firstName { isLabel($0, nil) || $0.equals("none") }
  }

  @inline(never)
  private func isLabel(_ name: Word, _ record: TaskRecord?) -> Bool {
    for raw in 0..<PatternKind.count where patternLabel(raw).equals(name) { return true }
    guard let record else { return false }
    for index in 0..<record.labelCount {
      let label = record.label(index)
      if label.role != .outside, label.entityName.equals(name) || label.text.equals(name) { return true }
    }
    return false
  }

  /// The recognisers that are asked.
  var kinds: PatternSet {
    var kinds = PatternSet(rawValue: 0)
    for raw in 0..<PatternKind.count {
      let label = patternLabel(raw)
      if takes(label), patterns.baseAddress == nil || patterns.lists(label) { kinds.rawValue |= 1 << UInt8(raw) }
    }
    return kinds
  }

  /// Whether the replacement has `{id}`, which takes a key.
  package var hasID: Bool {
    for at in 0..<replacement.count where replacement.has("{id}", at: at) { return true }
    return false
  }
}

@inline(never)
private func patternLabel(_ raw: Int) -> Word { PatternKind(rawValue: UInt8(raw))!.label.word }

extension UnsafeRawBufferPointer {
  /// The first of the names between commas for which `isFine` is false.
  @inline(never)
  func firstName(_ isFine: (Word) -> Bool) -> Word? {
    if baseAddress == nil { return nil }
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

  @inline(never)
  func lists(_ name: Word) -> Bool { firstName { !$0.equals(name) } != nil }

  /// Whether `text` begins at `at`.
  @inline(never)
  func has(_ text: StaticString, at: Int) -> Bool {
    let end = at + text.utf8CodeUnitCount
    return end <= count && Word(rebasing: self[at..<end]).equals(text)
  }
}

/// A text under way.
package struct Redactor {
  private let reader: UnsafeMutablePointer<TagReader>?
  private let choice: RedactionChoice
  private var redaction: Redaction
  private let windowByteCount: Int
  /// Where the tagger's next window begins.
  private var start = 0
  private var isTagged = false

  /// Bytes of memory that a text takes beside the arena of a tagger; `lengthMax` is 0 without one.
  package static func roomByteCount(lengthMax: Int) -> Int {
    let byteCount = 65_536 + 2 * bytesPerToken * lengthMax
    return lengthMax == 0 ? byteCount : byteCount * (1 + MemoryLayout<TaggedEntity>.stride)
  }
  private static let bytesPerToken = 8

  /// - Parameters:
  ///   - reader: of a tagger, or none.
  ///   - room: `roomByteCount` bytes.
  @inline(never)
  package init(
    _ reader: UnsafeMutablePointer<TagReader>?, _ choice: RedactionChoice, room: UnsafeMutableRawBufferPointer
  ) {
    (self.reader, self.choice) = (reader, choice)
    reader?.pointee.restart(bytesPerToken: Redactor.bytesPerToken)
    windowByteCount = reader?.pointee.windowByteCount ?? 0
    let byteCount = 65_536 + 2 * windowByteCount
    let entities = (room.baseAddress! + byteCount).assumingMemoryBound(to: TaggedEntity.self)
    redaction = Redaction(
      choice.kinds, room: UnsafeMutableRawBufferPointer(rebasing: room[..<byteCount]),
      entities: UnsafeMutableBufferPointer(
        start: reader == nil ? nil : entities, count: reader == nil ? 0 : byteCount))
  }

  /// Where the next bytes of the text go, not more than are looked at together.
  @inline(never)
  package mutating func free() -> UnsafeMutableRawBufferPointer {
    redaction.drop(before: reader == nil ? .max : start)
    let free = redaction.free
    let wanted = reader == nil ? free.count : min(start + windowByteCount - redaction.end, free.count)
    return UnsafeMutableRawBufferPointer(start: free.baseAddress, count: max(1, wanted))
  }

  /// Takes the bytes that were put there. An error where they are no text: nothing from there on comes out.
  @inline(never)
  package mutating func take(_ byteCount: Int, isEnd: Bool) throws(Failure) {
    if let offset = redaction.took(byteCount, isEnd: isEnd) {
      throw .tokenizer(.textNotUTF8(offset: UInt64(offset)))
    }
    while let reader, !isTagged {
      let text = redaction.bytes(from: start)
      // Of a window that is whole a part of a character may be missing.
      guard isEnd || text.count >= windowByteCount - 3 else { break }
      isTagged = try pass(reader, text, isEnd)
    }
  }

  @inline(never)
  private mutating func pass(
    _ reader: UnsafeMutablePointer<TagReader>, _ text: Word, _ isEnd: Bool
  ) throws(Failure) -> Bool {
    let (record, isToken) = (reader.pointee.record, reader.pointee.strategy == .none)
    let isThrough = try reader.pointee.pass(text, isEnd: isEnd) { entity in
      if entity.score >= choice.minScore, choice.takes(record.name(entity.label, isToken: isToken)) {
        redaction.add(entity)
      }
    }
    start = reader.pointee.start
    redaction.tagged = isThrough ? .max : reader.pointee.settled
    return isThrough
  }

  /// Goes on in the text.
  package mutating func next() -> RedactionStep { redaction.next() }

  package var region: RedactedRegion { redaction.region }

  /// The bytes of the last step.
  package var text: UnsafeRawBufferPointer { redaction.bytes(redaction.region.begin, redaction.region.end) }

  /// The label of a region.
  package var label: UnsafeRawBufferPointer {
    let index = redaction.region.label
    return redaction.region.isExact
      ? patternLabel(index) : reader!.pointee.record.name(index, isToken: reader!.pointee.strategy == .none)
  }

  /// Hands `body` what stands for a region, in pieces.
  @inline(never)
  package func replace(_ body: (UnsafeRawBufferPointer) -> Void) {
    let replacement = choice.replacement
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
      if isLabel { body(label) } else { putID(body) }
      at += isLabel ? 7 : 4
      plain = at
    }
    body(Word(rebasing: replacement[plain...]))
  }

  /// The first 12 hexadecimal digits of BLAKE2b-256 with the key of label, a zero byte, text.
  @inline(never)
  private func putID(_ body: (UnsafeRawBufferPointer) -> Void) {
    guard let key = choice.key else { return }
    let own = redaction.bytes(redaction.region.ownBegin, redaction.region.ownEnd)
    let digest = keyedDigest(key, label, own)
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

extension TaskRecord {
  /// What an entity is called: by its own label where it is a token.
  package func name(_ label: Int, isToken: Bool) -> UnsafeRawBufferPointer {
    let label = self.label(label)
    return isToken ? label.text : label.entityName
  }
}
