// SPDX-License-Identifier: Apache-2.0
// What begins with a slash in a chat.
import Format
import Runtime
import Tasks

extension Chat {
  /// Does what `line` says; true when the chat is to end.
  mutating func obey(_ line: Word, _ session: inout Session, _ io: inout IO) throws(Failure) -> Bool {
    var at = 0
    while at < line.count, line[at] != 32, line[at] != 10 { at += 1 }
    let name = Word(rebasing: line[0..<at])
    while at < line.count, line[at] == 32 { at += 1 }
    let rest = Word(rebasing: line[at...])
    if name.equals("/exit") || name.equals("/bye") || name.equals("/quit") { return true }
    if name.equals("/help") || name.equals("/?") {
      help(&io)
    } else if name.equals("/reset") || name.equals("/clear") {
      conversation.removeTurns()
      answerCount = 0
      io.note("the conversation begins anew")
    } else if name.equals("/system") {
      guard setSystem(rest) else { throw .conversationTooLong }
      io.note(rest.count == 0 ? "no system message" : "the system message is set")
    } else if name.equals("/save") || name.equals("/load") {
      guard rest.count > 0 else { throw .input("which file?", name) }
      if name.equals("/save") { try save(to: rest, session, &io) } else { try load(from: rest, &session, &io) }
    } else {
      throw .input(
        "no such command; /help lists them. A message goes between three quotes:",
        name)
    }
    return false
  }

  private func help(_ io: inout IO) {
    io.out.flush()
    io.error.text(
      """
      /reset         forget the conversation, not the system message
      /system TEXT   set the system message; without a text: none
      /save FILE     keep the conversation with its state
      /load FILE     go on where a conversation was kept
      /exit          end; so does the end of the input
      A message is a line. One that ends in a backslash goes on; so do those between \"\"\" and \"\"\", and a paste
      Ctrl-C stops an answer.

      """)
    io.error.flush()
  }
}

extension IO {
  /// A line for the person at the other end.
  mutating func note(_ text: StaticString, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0) {
    out.flush()
    error.byte(91)
    error.say(text, a, b, c)
    error.text("]\n")
    error.flush()
  }

  /// A failure that does not end the chat.
  mutating func complain(_ failure: Failure) {
    out.flush()
    error.failure(failure, program: program)
    error.flush()
  }
}

extension Failure {
  /// Whether less text would do.
  var isTooLong: Bool {
    switch reason {
    case .conversationTooLong, .session(.contextFull): true
    default: false
    }
  }
}
