// SPDX-License-Identifier: Apache-2.0
// What is taken out of a text that comes in pieces: the exact finds of the recognisers and the entities of a tagger,
// put together where they overlap. Constant memory, whatever the length of the text. Rules: docs/tasks.md, redact.
import Format

extension PatternKind {
  public static let count = 7

  /// The label of what was found.
  public var label: StaticString {
    switch self {
    case .url: "URL"
    case .email: "EMAIL"
    case .iban: "IBAN"
    case .ipv6, .ipv4: "IP"
    case .card: "CARD"
    case .phone: "PHONE"
    }
  }
}

/// A stretch of a text that is taken out.
public struct RedactedRegion: Sendable {
  /// Bytes of the text.
  public var begin: Int
  public var end: Int
  /// What kind of exact find is in it: the first one.
  public var pattern: PatternKind?
  /// Without one, index of the entity's label.
  public var label: Int
  /// 1 of an exact find.
  public var score: Float
  /// The bytes that a pseudonym is made of: those of the exact find, else all.
  public var ownBegin: Int
  public var ownEnd: Int
}

/// What follows in the text.
public enum RedactionPart {
  case text(UnsafeRawBufferPointer)
  case region(RedactedRegion)
}

/// A window that moves over a text. Offsets are of the whole text.
public struct Redaction {
  /// Longer regions are cut: what is left of them is a region of its own.
  public static let regionByteCountMax = 8_192
  private let room: UnsafeMutableRawBufferPointer
  private let scanner: PatternScanner
  /// Of the first byte in the room.
  private var origin = 0
  /// Behind the last byte that came, and behind the last that is known to be whole characters.
  public private(set) var end = 0
  public private(set) var validEnd = 0
  public private(set) var isAtEnd = false
  /// What comes before is written.
  private var done = 0
  /// No find begins before, but for the one that waits.
  private var scanned = 0
  private var pattern: PatternSpan?
  /// No entity begins before that is not in the list.
  public var tagged: Int
  private let entities: UnsafeMutableBufferPointer<TaggedEntity>
  private var entityFirst = 0
  private var entityEnd = 0
  private var region: RedactedRegion?

  /// - Parameters:
  ///   - room: for the window: 65,536 bytes and twice those that a tagger wants before it looks.
  ///   - entities: of a tagger; empty for none. As many as that window has bytes always suffice.
  public init(
    _ kinds: PatternSet, room: UnsafeMutableRawBufferPointer, entities: UnsafeMutableBufferPointer<TaggedEntity>
  ) {
    scanner = PatternScanner(kinds)
    (self.room, self.entities) = (room, entities)
    tagged = entities.isEmpty ? .max : 0
  }

  /// Where the next bytes of the text go. `took` says how many came.
  public var free: UnsafeMutableRawBufferPointer {
    UnsafeMutableRawBufferPointer(rebasing: room[(end - origin)...])
  }

  /// The whole characters from byte `begin` on.
  public func bytes(from begin: Int) -> UnsafeRawBufferPointer { bytes(begin, validEnd) }

  public func bytes(_ begin: Int, _ end: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: room[(begin - origin)..<(end - origin)])
  }

  /// Returns the offset of the first byte that is no text, if there is one: not UTF-8, or zero. Nothing from there on
  /// comes to be a part.
  public mutating func took(_ byteCount: Int, isEnd: Bool) -> Int? {
    end += byteCount
    isAtEnd = isEnd
    let window = UnsafeRawBufferPointer(rebasing: room[0..<(end - origin)])
    var at = validEnd - origin
    while at < window.count {
      if window.count - at >= 8 {
        let word = window.loadUnaligned(fromByteOffset: at, as: UInt64.self)
        // No byte is above 127 and none is 0.
        if (word | word &- 0x0101_0101_0101_0101) & 0x8080_8080_8080_8080 == 0 {
          at += 8
          continue
        }
      }
      let count = window[at] == 0 ? 0 : utf8SequenceByteCount(window, at: at)
      if count == 0 {
        validEnd = origin + at
        // The rest of the character may come yet.
        return window[at] >= 0xC2 && window.count - at < 4 && !isEnd ? nil : validEnd
      }
      at += count
    }
    validEnd = origin + at
    return nil
  }

  /// Adds an entity, which begins where the last one does or behind it.
  public mutating func add(_ entity: TaggedEntity) {
    if entity.begin >= entity.end { return }
    if entityFirst == entityEnd { (entityFirst, entityEnd) = (0, 0) }
    if entityEnd == entities.count, entityFirst > 0 {
      for index in entityFirst..<entityEnd { entities[index - entityFirst] = entities[index] }
      (entityFirst, entityEnd) = (0, entityEnd - entityFirst)
    }
    if entityEnd > entityFirst, entityEnd == entities.count || entity.begin < entities[entityEnd - 1].end {
      entities[entityEnd - 1].end = max(entities[entityEnd - 1].end, entity.end)
    } else {
      entities[entityEnd] = entity
      entityEnd += 1
    }
  }

  /// The next part of the text; nil until more of it has come, or it has ended. Valid until `drop`.
  public mutating func next() -> RedactionPart? {
    while true {
      if pattern == nil { scan() }
      guard var open = region else {
        let at = min(pattern?.begin ?? scanned, entityFirst < entityEnd ? entities[entityFirst].begin : tagged)
        if at > done {
          let text = bytes(done, min(at, validEnd))
          done += text.count
          return text.count > 0 ? .text(text) : nil
        }
        if let span = pattern, span.begin <= at {
          region = RedactedRegion(
            begin: max(span.begin, done), end: span.end, pattern: span.kind, label: 0, score: 1,
            ownBegin: max(span.begin, done), ownEnd: span.end)
          pattern = nil
        } else if entityFirst < entityEnd, entities[entityFirst].begin <= at {
          let entity = entities[entityFirst]
          let begin = max(entity.begin, done)
          region = RedactedRegion(
            begin: begin, end: entity.end, pattern: nil, label: entity.label, score: entity.score, ownBegin: begin,
            ownEnd: entity.end)
          entityFirst += 1
        } else {
          return nil
        }
        // A region that was cut has taken all of it.
        if region!.end <= done { region = nil }
        continue
      }
      if let span = pattern, span.begin < open.end {
        if open.pattern == nil {
          (open.pattern, open.score, open.ownBegin, open.ownEnd) = (span.kind, 1, max(span.begin, open.begin), span.end)
        }
        open.end = max(open.end, span.end)
        pattern = nil
        region = open
      } else if entityFirst < entityEnd, entities[entityFirst].begin < open.end {
        open.end = max(open.end, entities[entityFirst].end)
        if open.pattern == nil { open.ownEnd = open.end }
        entityFirst += 1
        region = open
      } else {
        let isSure = (pattern != nil || scanned >= open.end) && (entityFirst < entityEnd || tagged >= open.end)
        if !isSure, open.end - open.begin < Redaction.regionByteCountMax { return nil }
        region = nil
        done = open.end
        return .region(open)
      }
    }
  }

  /// Looks for the next find.
  private mutating func scan() {
    if scanner.kinds.rawValue == 0 { scanned = validEnd }
    if scanned >= validEnd { return }
    let from = scanned - origin
    let window = UnsafeRawBufferPointer(rebasing: room[0..<(validEnd - origin)])
    if take(scanner.next(in: window, from: from, isEnd: isAtEnd)) || isAtEnd { return }
    // No find goes over the end of a line: what comes before the last one is decided.
    var line = window.count
    while line > scanned - origin, window[line - 1] != 10 { line -= 1 }
    if line == scanned - origin { return }
    let lines = UnsafeRawBufferPointer(rebasing: window[0..<line])
    _ = take(scanner.next(in: lines, from: scanned - origin, isEnd: true))
  }

  private mutating func take(_ step: PatternStep) -> Bool {
    switch step {
    case .found(let span):
      pattern = PatternSpan(kind: span.kind, begin: span.begin + origin, end: span.end + origin)
      scanned = pattern!.end
      return true
    case .none(let before):
      scanned = origin + before
      return false
    }
  }

  /// Forgets what is not needed any more: what comes before byte `begin` too, which a tagger goes on from.
  public mutating func drop(before begin: Int) {
    let least = min(min(begin, done), scanned - PatternScanner.lookbehindByteCount)
    if least <= origin { return }
    room.baseAddress!.copyMemory(from: room.baseAddress! + (least - origin), byteCount: end - least)
    origin = least
  }
}
