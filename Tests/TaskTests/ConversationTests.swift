// SPDX-License-Identifier: Apache-2.0
// Conversations: turns as a list of texts would have them, JSON as Foundation reads it, hostile bytes refused.
import Foundation
import TestBundles
import Testing

import Tasks

private final class Talk {
  let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
  lazy var conversation = Conversation(room: room)
  deinit { room.deallocate() }

  @discardableResult func add(_ role: Role, _ text: String) -> Bool {
    Array(text.utf8).withUnsafeBytes { conversation.append(role, $0) }
  }
  @discardableResult func system(_ text: String) -> Bool {
    Array(text.utf8).withUnsafeBytes { conversation.setSystem($0) }
  }
  func drop() -> Bool { conversation.dropOldestTurn() }
  var list: [String] {
    var all: [String] = []
    conversation.forEach { all.append("\($0.role.name) \(String(decoding: $0.text, as: UTF8.self))") }
    return all
  }
}

@Suite("Conversations")
struct ConversationTests {
  @Test("turns go whole, the system's message stays")
  func turns() {
    let talk = Talk()
    talk.add(.user, "a")
    talk.add(.assistant, "A long answer")
    talk.system("be brief")
    talk.add(.user, "bb")
    talk.add(.assistant, "")
    talk.add(.user, "ccc")
    #expect(talk.list == ["system be brief", "user a", "assistant A long answer", "user bb", "assistant ", "user ccc"])
    #expect(talk.conversation.messageCount == 6)
    talk.system("be briefer still")
    #expect(talk.conversation.hasOlderTurn)
    #expect(talk.drop())
    #expect(talk.list == ["system be briefer still", "user bb", "assistant ", "user ccc"])
    #expect(talk.drop())
    #expect(talk.list == ["system be briefer still", "user ccc"])
    #expect(!talk.conversation.hasOlderTurn)
    #expect(!talk.drop())
    talk.conversation.removeLast()
    #expect(talk.list == ["system be briefer still"])
    talk.system("")
    #expect(talk.list == [])
    #expect(talk.conversation.byteCount == 0)
    #expect(talk.conversation.messageCount == 0)
  }

  @Test("what has no room changes nothing")
  func full() {
    let talk = Talk()
    talk.system("s")
    var count = 0
    while talk.add(.user, String(repeating: "x", count: 100)) { count += 1 }
    #expect(count == (4096 - 16) / 112)
    let before = talk.list
    #expect(!talk.add(.user, String(repeating: "y", count: 200)))
    #expect(talk.list == before)
  }

  @Test("JSON says what was said")
  func json() throws {
    let talk = Talk()
    let hard = "\u{0}\u{1F}\u{7F} \"quoted\" \\ back \n\t\r </s> é 東京 👍🏽"
    talk.system("s")
    talk.add(.user, hard)
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 8192, alignment: 1)
    defer { room.deallocate() }
    let bytes = try #require(talk.conversation.json(into: room))
    let object = try #require(try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any])
    #expect(object["add_generation_prompt"] as? Bool == true)
    let messages = try #require(object["messages"] as? [[String: String]])
    #expect(messages == [["role": "system", "content": "s"], ["role": "user", "content": hard]])
    for count in 0..<bytes.count {
      #expect(talk.conversation.json(into: UnsafeMutableRawBufferPointer(rebasing: room[0..<count])) == nil)
    }
  }

  @Test("Hostile bytes are refused or are messages")
  func hostile() {
    let talk = Talk()
    talk.system("be brief")
    talk.add(.user, "hello there")
    talk.add(.assistant, "well")
    let good = Array(talk.conversation.bytes)
    func count(_ bytes: [UInt8]) -> Int? {
      bytes.withUnsafeBytes { Conversation.messageCount($0) { String(validating: $0, as: UTF8.self) != nil } }
    }
    #expect(count(good) == 3)
    #expect(count([]) == 0)
    for end in 1..<good.count where ![16, 40].contains(end) { #expect(count(Array(good[..<end])) == nil, "\(end)") }
    var random = Seeded(9)
    for _ in 0..<20000 {
      var bytes = good
      for _ in 0...random.below(3) { bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next()) }
      guard let accepted = count(bytes) else { continue }
      let other = Talk()
      let isTaken = bytes.withUnsafeBytes { other.conversation.replace(with: $0, messageCount: accepted) }
      #expect(isTaken)
      #expect(other.list.count == accepted)
    }
  }
}
