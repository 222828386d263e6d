// SPDX-License-Identifier: Apache-2.0
// Who has said what, in given memory: messages one behind the other, as they also lie in a saved conversation
// (specs/state.md §3).

/// Who speaks. The numbers are those on disk.
public enum Role: UInt32, Sendable {
  case system, user, assistant

  public var name: StaticString {
    switch self {
    case .system: "system"
    case .user: "user"
    case .assistant: "assistant"
    }
  }
}

/// A message in place.
public struct Message: @unchecked Sendable {
  public var role: Role
  public var text: UnsafeRawBufferPointer
}

/// A list of messages. The first may be the system's; what follows are turns: a user's message and the answer.
public struct Conversation {
  /// A message's head: u32 role, u32 bytes of text. The text follows, then zeros up to a multiple of 8.
  public static let headByteCount = 8
  private let room: UnsafeMutableRawBufferPointer
  public private(set) var byteCount = 0
  public private(set) var messageCount = 0

  /// `room`: aligned to 8.
  public init(room: UnsafeMutableRawBufferPointer) { self.room = room }

  /// The messages as they lie in memory.
  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: room[0..<byteCount]) }

  private static func messageByteCount(_ textByteCount: Int) -> Int { (headByteCount + textByteCount + 7) & ~7 }

  private func head(_ at: Int, _ field: Int) -> UInt32 {
    UInt32(littleEndian: room.load(fromByteOffset: at + 4 * field, as: UInt32.self))
  }

  private func end(of at: Int) -> Int { at + Conversation.messageByteCount(Int(head(at, 1))) }

  private func role(at: Int) -> Role { Role(rawValue: head(at, 0)) ?? .user }

  /// Where the first turn begins.
  private var turnsAt: Int { byteCount > 0 && role(at: 0) == .system ? end(of: 0) : 0 }

  public func forEach(_ body: (Message) -> Void) {
    var at = 0
    while at < byteCount {
      let start = at + Conversation.headByteCount
      let text = UnsafeRawBufferPointer(rebasing: room[start..<(start + Int(head(at, 1)))])
      body(Message(role: role(at: at), text: text))
      at = end(of: at)
    }
  }

  /// Puts a message behind the others; false, and nothing changes, where there is no room.
  public mutating func append(_ role: Role, _ text: UnsafeRawBufferPointer) -> Bool {
    insert(role, text, at: byteCount)
  }

  private mutating func insert(_ role: Role, _ text: UnsafeRawBufferPointer, at: Int) -> Bool {
    let added = Conversation.messageByteCount(text.count)
    guard text.count < Int(UInt32.max), added <= room.count - byteCount else { return false }
    let base = room.baseAddress!
    (base + at + added).copyMemory(from: base + at, byteCount: byteCount - at)
    (base + at).initializeMemory(as: UInt8.self, repeating: 0, count: added)
    room.storeBytes(of: role.rawValue.littleEndian, toByteOffset: at, as: UInt32.self)
    room.storeBytes(of: UInt32(text.count).littleEndian, toByteOffset: at + 4, as: UInt32.self)
    if let bytes = text.baseAddress {
      (base + at + Conversation.headByteCount).copyMemory(from: bytes, byteCount: text.count)
    }
    byteCount += added
    messageCount += 1
    return true
  }

  private mutating func remove(from start: Int, to end: Int) {
    var at = start
    while at < end {
      at = self.end(of: at)
      messageCount -= 1
    }
    let base = room.baseAddress!
    (base + start).copyMemory(from: base + end, byteCount: byteCount - end)
    byteCount -= end - start
  }

  /// Takes the last message away.
  public mutating func removeLast() {
    var (last, at) = (0, 0)
    while at < byteCount { (last, at) = (at, end(of: at)) }
    remove(from: last, to: byteCount)
  }

  /// All turns go; what the system says stays.
  public mutating func removeTurns() { remove(from: turnsAt, to: byteCount) }

  /// The system's message becomes `text`, or goes when that is empty; false, with no such message, where there is no
  /// room.
  public mutating func setSystem(_ text: UnsafeRawBufferPointer) -> Bool {
    remove(from: 0, to: turnsAt)
    return text.count == 0 || insert(.system, text, at: 0)
  }

  /// Whether there is a turn before the last one.
  public var hasOlderTurn: Bool {
    let start = turnsAt
    var at = start
    while at < byteCount {
      if at > start, role(at: at) == .user { return true }
      at = end(of: at)
    }
    return false
  }

  /// Takes the oldest turn away whole: up to the user's next message. False where the last turn is the only one.
  public mutating func dropOldestTurn() -> Bool {
    let start = turnsAt
    var at = start
    while at < byteCount {
      at = end(of: at)
      if at < byteCount, role(at: at) == .user {
        remove(from: start, to: at)
        return true
      }
    }
    return false
  }

  /// Whether `bytes` are messages as they lie in memory, each field and text as it must be, with nothing behind them.
  /// Returns how many, or nil.
  public static func messageCount(
    _ bytes: UnsafeRawBufferPointer, isText: (UnsafeRawBufferPointer) -> Bool
  ) -> Int? {
    var (at, count) = (0, 0)
    while at < bytes.count {
      guard bytes.count - at >= headByteCount else { return nil }
      let role = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self))
      let textCount = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self)))
      let all = messageByteCount(textCount)
      guard Role(rawValue: role) != nil, role != Role.system.rawValue || at == 0, all <= bytes.count - at else {
        return nil
      }
      let end = at + headByteCount + textCount
      guard isText(UnsafeRawBufferPointer(rebasing: bytes[(at + headByteCount)..<end])) else { return nil }
      for index in end..<(at + all) where bytes[index] != 0 { return nil }
      at += all
      count += 1
    }
    return count
  }

  /// Takes messages that `messageCount` has accepted; false where there is no room.
  public mutating func replace(with bytes: UnsafeRawBufferPointer, messageCount: Int) -> Bool {
    guard bytes.count <= room.count else { return false }
    if bytes.count > 0 { room.baseAddress!.copyMemory(from: bytes.baseAddress!, byteCount: bytes.count) }
    (byteCount, self.messageCount) = (bytes.count, messageCount)
    return true
  }
}

extension Conversation {
  /// `{"add_generation_prompt":true,"messages":[…]}` for a template; nil where `room` is too small.
  public func json(into room: UnsafeMutableRawBufferPointer) -> UnsafeRawBufferPointer? {
    var out = JSONBytes(room: room)
    out.text("{\"add_generation_prompt\":true,\"messages\":[")
    var isFirst = true
    forEach { message in
      out.text(isFirst ? "{\"role\":\"" : ",{\"role\":\"")
      isFirst = false
      out.text(message.role.name)
      out.text("\",\"content\":\"")
      for c in message.text { out.character(c) }
      out.text("\"}")
    }
    out.text("]}")
    return out.isWhole ? UnsafeRawBufferPointer(rebasing: room[0..<out.count]) : nil
  }
}

/// JSON into given memory, as far as it goes.
private struct JSONBytes {
  let room: UnsafeMutableRawBufferPointer
  var count = 0
  var isWhole = true

  mutating func byte(_ byte: UInt8) {
    guard count < room.count else {
      isWhole = false
      return
    }
    room[count] = byte
    count += 1
  }

  mutating func text(_ text: StaticString) {
    for index in 0..<text.utf8CodeUnitCount { byte(text.utf8Start[index]) }
  }

  /// One byte inside a string.
  mutating func character(_ c: UInt8) {
    if c >= 32, c != 34, c != 92 { return byte(c) }
    byte(92)
    switch c {
    case 34, 92: byte(c)
    case 10: byte(110)
    case 9: byte(116)
    case 13: byte(114)
    default:
      text("u00")
      byte(48 + (c >> 4))
      byte((c & 15) < 10 ? 48 + (c & 15) : 87 + (c & 15))
    }
  }
}
