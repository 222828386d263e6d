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
  /// Bytes of the mark that have come: ESC [ 2 0 0 ~ or ESC [ 2 0 1 ~.
  private var markCount = 0
  private var isPasting = false
  private var isAfterReturn = false
  private let isTerminal: Bool

  init() throws(Failure) {
    buffer = try mapRoom(4096)
    isTerminal = sys_is_terminal(0) != 0
  }

  private enum Byte { case byte(UInt8), lineEnd, interrupt, end }

  /// The next byte, with CR and CR LF as line ends and the marks of a paste taken out.
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
      if takesMark(c) { continue }
      let isSecond = c == 10 && isAfterReturn
      isAfterReturn = c == 13
      if isSecond { continue }
      return c == 10 || c == 13 ? .lineEnd : .byte(c)
    }
  }

  /// Whether `c` belongs to the mark of a paste. What only began like one is dropped: no text has an ESC in it.
  private mutating func takesMark(_ c: UInt8) -> Bool {
    let mark: StaticString = "\u{1B}[200~"
    let expected = mark.utf8Start[markCount]
    guard c == expected || (markCount == 4 && c == 49) else {
      let began = markCount > 0
      markCount = 0
      return began && c == 27
    }
    if markCount == 4 { isPasting = c == 48 }
    markCount = markCount == 5 ? 0 : markCount + 1
    return true
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
      case .interrupt: return .interrupt
      case .end:
        if count == 0 { return .end }
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

  private func prompt(_ text: StaticString, _ io: inout IO) {
    guard isTerminal, io.errorIsTerminal else { return }
    io.error.text(text)
    io.error.flush()
  }
}
