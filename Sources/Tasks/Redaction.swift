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
  public var begin = 0
  public var end = 0
  /// The bytes that a pseudonym is made of: those of the first exact find in it, else all.
  public var ownBegin = 0
  public var ownEnd = 0
  /// Whether an exact find is in it: then `label` is its kind, else index of the entity's label.
  public var isExact = false
  public var label = 0
  /// 1 of an exact find.
  public var score: Float = 0
}

/// What `Redaction.next` has come to.
public enum RedactionStep: Sendable {
  /// Nothing, until more of the text comes.
  case none
  /// `region` is text that stays: its bytes alone count.
  case text
  /// `region` is taken out.
  case region
}

/// A window that moves over a text. Offsets are of the whole text.
public struct Redaction {
  /// Longer regions are cut: what is left of them is a region of its own.
  public static let regionByteCountMax = 8_192
  /// What the last step has come to.
  public private(set) var region = RedactedRegion()
  private let room: UnsafeMutableRawBufferPointer
  private let scanner: PatternScanner
  /// Of the first byte in the room.
  private var origin = 0
  /// Behind the last byte that came, and behind the last that is known to be whole characters.
  public private(set) var end = 0
  private var validEnd = 0
  private var isAtEnd = false
  /// What comes before is written.
  private var done = 0
  /// No find begins before, but for the one that waits.
  private var scanned = 0
  private var find = PatternSpan(kind: .url, begin: 0, end: 0)
  private var hasFind = false
  private var isOpen = false
  /// No entity begins before that is not in the list.
  public var tagged: Int
  private let entities: UnsafeMutableBufferPointer<TaggedEntity>
  private var entityFirst = 0
  private var entityEnd = 0

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

  @inline(never)
  public func bytes(_ begin: Int, _ end: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: room.baseAddress! + (begin - origin), count: end - begin)
  }

  /// Returns the offset of the first byte that is no text, if there is one: not UTF-8, or zero. Nothing from there on
  /// comes to be a part.
  @inline(never)
  public mutating func took(_ byteCount: Int, isEnd: Bool) -> Int? {
    end += byteCount
    isAtEnd = isEnd
    let window = bytes(origin, end)
    var at = validEnd - origin
    while at < window.count {
      if window.count - at >= 8 {
        let word = window.loadUnaligned(fromByteOffset: at, as: UInt64.self)
        // No byte is above 127 and none is 0.
        if (word | word &- 0x0101_0101_0101_0101) & 0x8080_8080_8080_8080 == 0 {
          at &+= 8
          continue
        }
      }
      let count = window[at] == 0 ? 0 : utf8SequenceByteCount(window, at: at)
      if count == 0 { break }
      at &+= count
    }
    validEnd = origin + at
    // The rest of the character may come yet.
    let isWhole = at == window.count || window[at] >= 0xC2 && window.count - at < 4 && !isEnd
    return isWhole ? nil : validEnd
  }

  /// Adds an entity, which begins where the last one does or behind it.
  @inline(never)
  public mutating func add(_ entity: TaggedEntity) {
    if entity.begin >= entity.end { return }
    let list = entities.baseAddress!
    if entityFirst == entityEnd { (entityFirst, entityEnd) = (0, 0) }
    if entityEnd == entities.count {
      entityEnd -= entityFirst
      list.update(from: list + entityFirst, count: entityEnd)
      entityFirst = 0
    }
    let last = list + (entityEnd - 1)
    if entityEnd > entityFirst, entityEnd == entities.count || entity.begin < last.pointee.end {
      last.pointee.end = max(last.pointee.end, entity.end)
    } else {
      list[entityEnd] = entity
      entityEnd += 1
    }
  }

  /// Goes on in the text.
  @inline(never)
  public mutating func next() -> RedactionStep {
    while true {
      if !hasFind { scan() }
      let entity = entities.baseAddress.map { $0 + entityFirst }
      let hasEntity = entityFirst < entityEnd
      let findAt = hasFind ? find.begin : scanned
      let entityAt = hasEntity ? entity!.pointee.begin : tagged
      if !isOpen {
        let at = min(min(findAt, entityAt), validEnd)
        if at > done {
          (region.begin, region.end, done) = (done, at, at)
          return .text
        }
        guard findAt <= at ? hasFind : hasEntity else { return .none }
        region.begin = done
        region.end = done
        region.isExact = false
        isOpen = true
      }
      // The last byte of a region that is empty so far is the one that is looked at.
      let reach = max(region.end, region.begin + 1)
      if hasFind, findAt < reach {
        hasFind = false
        if !region.isExact {
          (region.isExact, region.label, region.score) = (true, Int(find.kind.rawValue), 1)
          (region.ownBegin, region.ownEnd) = (max(find.begin, region.begin), find.end)
        }
        region.end = max(region.end, find.end)
      } else if hasEntity, entityAt < reach {
        entityFirst += 1
        let entity = entity!.pointee
        if region.end == region.begin {
          (region.label, region.score, region.ownBegin) = (entity.label, entity.score, done)
        }
        region.end = max(region.end, entity.end)
        if !region.isExact { region.ownEnd = region.end }
      } else {
        let isSure = (hasFind || scanned >= region.end) && (hasEntity || tagged >= region.end)
        if !isSure, region.end - region.begin < Redaction.regionByteCountMax { return .none }
        isOpen = false
        // What a region that was cut has taken is no other's.
        if region.end <= done { continue }
        done = region.end
        return .region
      }
    }
  }

  /// Looks for the next find.
  @inline(never)
  private mutating func scan() {
    if scanner.kinds.rawValue == 0 { scanned = validEnd }
    if scanned >= validEnd { return }
    scan(to: validEnd, isEnd: isAtEnd)
    if hasFind || isAtEnd { return }
    // No find goes over the end of a line: what comes before the last one is decided.
    var line = validEnd
    while line > scanned, room[line - origin - 1] != 10 { line -= 1 }
    if line > scanned { scan(to: line, isEnd: true) }
  }

  private mutating func scan(to end: Int, isEnd: Bool) {
    switch scanner.next(in: bytes(origin, end), from: scanned - origin, isEnd: isEnd) {
    case .found(let span):
      find = PatternSpan(kind: span.kind, begin: span.begin + origin, end: span.end + origin)
      hasFind = true
      scanned = find.end
    case .none(let before): scanned = origin + before
    }
  }

  /// Forgets what is not needed any more: what comes before byte `begin` too, which a tagger goes on from.
  @inline(never)
  public mutating func drop(before begin: Int) {
    let least = min(min(begin, done), scanned - PatternScanner.lookbehindByteCount)
    if least <= origin { return }
    room.baseAddress!.copyMemory(from: room.baseAddress! + (least - origin), byteCount: end - least)
    origin = least
  }
}
