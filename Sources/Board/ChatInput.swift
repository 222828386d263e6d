// SPDX-License-Identifier: Apache-2.0
// What somebody types or pastes: a message is a line; more lines when one ends in a backslash, between two """, or
// when the terminal marks them as one paste. Works on a terminal, a serial line and a pipe alike.
import CSystem
import Format

/// What has been read.
enum ChatLine: Equatable {
  /// A message or command, in the room that was given: this many bytes. Only a command may begin with a slash.
  case text(count: Int, isCommand: Bool)
  case tooLong
  case interrupt
  case end
}

struct ChatInput {
  private let buffer: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0
  private var isAtEnd = false
  /// Where in a control sequence the last byte stood, and the number in it: ESC [ 200 ~ and ESC [ 201 ~ mark a paste.
  private enum Place { case text, escape, sequence, single }
  private var place = Place.text
  private var number = 0
  private var isPasting = false
  private var isAfterReturn = false
  private let isTerminal: Bool

  init() throws(Failure) {
    buffer = try mapRoom(4096)
    isTerminal = sys_is_terminal(0) != 0
  }

  private enum Byte { case byte(UInt8), lineEnd, interrupt, end }

  /// The next byte, with CR and CR LF as line ends and control sequences taken out.
  private mutating func next() throws(Failure) -> Byte {
    while true {
      if start == end {
        if isAtEnd { return .end }
        let errno = sys_read_some(0, buffer.baseAddress!, buffer.count, &end)
        start = 0
        if errno == 4 { return .interrupt }
        guard errno == 0 else {
          throw .file("cannot read standard input", path: Word(start: nil, count: 0), errno: errno)
        }
        if end == 0 {
          isAtEnd = true
          return .end
        }
      }
      let c = buffer[start]
      start += 1
      if isControl(c) { continue }
      let isSecond = c == 10 && isAfterReturn
      isAfterReturn = c == 13
      if isSecond { continue }
      return c == 10 || c == 13 ? .lineEnd : .byte(c)
    }
  }

  /// Whether `c` belongs to a control sequence: the mark of a paste, or a key such as an arrow, which says nothing.
  private mutating func isControl(_ c: UInt8) -> Bool {
    let before = place
    place = c == 27 ? .escape : .text
    if c == 27 { return true }
    switch before {
    case .text: return false
    case .escape:
      number = 0
      if c == 91 { place = .sequence } else if c == 79 { place = .single }
      return place != .text
    case .single: return c >= 32
    case .sequence:
      guard c >= 32, c < 127 else { return false }
      if c < 64 {
        place = .sequence
        number = c >= 48 && c < 58 ? min(number * 10 + Int(c) - 48, 1000) : 1000
      } else if c == 126, number == 200 || number == 201 {
        isPasting = number == 200
      }
      return true
    }
  }

  /// Reads the next message or command into `room`.
  mutating func read(into room: UnsafeMutableRawBufferPointer, _ io: inout IO) throws(Failure) -> ChatLine {
    prompt("> ", &io)
    if isTerminal { sys_terminal_mark_pastes(0, 1) }
    defer { sys_terminal_mark_pastes(0, 0) }
    var (count, lineAt, lost) = (0, 0, false)
    var isBlock = false
    while true {
      switch try next() {
      case .byte(let c):
        // One byte stays free: a path ends in a zero.
        if count + 1 < room.count { room[count] = c } else { lost = true }
        if !lost { count += 1 }
        continue
      case .interrupt:
        isPasting = false  // its end may have been lost on the way
        leave(&io)
        return .interrupt
      case .end:
        if count == 0 {
          leave(&io)
          return .end
        }
      case .lineEnd:
        if isPasting {
          append(10, room, &count, &lost)
          continue
        }
        if !isBlock, lineAt == 0, begins(room, count) {
          isBlock = true
          count = remove(3, at: 0, room, count)
          // A block may be closed on the line that opens it.
        }
        if isBlock, !ends(room, count, from: lineAt) {
          append(10, room, &count, &lost)
          lineAt = count
          prompt("… ", &io)
          continue
        }
        if !isBlock, count > lineAt, room[count - 1] == 92 {
          room[count - 1] = 10
          lineAt = count
          prompt("… ", &io)
          continue
        }
      }
      if lost { return .tooLong }
      if isBlock, ends(room, count, from: lineAt) { count -= 3 }
      let isCommand = !isBlock && count > 0 && room[0] == 47
      return .text(count: count, isCommand: isCommand)
    }
  }

  private func append(
    _ byte: UInt8, _ room: UnsafeMutableRawBufferPointer, _ count: inout Int, _ lost: inout Bool
  ) {
    if count + 1 < room.count { room[count] = byte } else { lost = true }
    if !lost { count += 1 }
  }

  private func begins(_ room: UnsafeMutableRawBufferPointer, _ count: Int) -> Bool {
    count >= 3 && room[0] == 34 && room[1] == 34 && room[2] == 34
  }

  private func ends(_ room: UnsafeMutableRawBufferPointer, _ count: Int, from lineAt: Int) -> Bool {
    count - lineAt >= 3 && room[count - 1] == 34 && room[count - 2] == 34 && room[count - 3] == 34
  }

  private func remove(_ bytes: Int, at: Int, _ room: UnsafeMutableRawBufferPointer, _ count: Int) -> Int {
    (room.baseAddress! + at).copyMemory(from: room.baseAddress! + at + bytes, byteCount: count - at - bytes)
    return count - bytes
  }

  /// What follows does not begin behind the prompt.
  private func leave(_ io: inout IO) { prompt("\n", &io) }

  private func prompt(_ text: StaticString, _ io: inout IO) {
    guard isTerminal, io.errorIsTerminal else { return }
    io.error.text(text)
    io.error.flush()
  }
}
