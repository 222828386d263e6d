// SPDX-License-Identifier: Apache-2.0
// `chat B`: messages from standard input, answers to standard output, everything else to standard error.
import CSystem
import Format
import Ops
import Runtime
import Tasks

func chat(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try Options(arguments, flags: .compute | .memory | .sampling | .count | .answer | .chat)
  let bundle = try OpenBundle(options.bundle!)
  let program = try bundle.program()
  _ = try bundle.tokenizer()
  _ = try bundle.chatTemplate()
  let kernels = try chooseKernels(options.word(.isa))
  if options.has(.verbose) { writeKernels(kernels, &io) }
  let plan = try options.chatPlan(program)
  options.noteChoice(plan, program, &io)
  var session = try startSession(program, plan, kernels)
  var chat = try Chat(options, bundle, context: plan.options.context)
  if let system = options.word(.system), !chat.setSystem(system) { throw .conversationTooLong }
  sys_catch_interrupts()
  let code = try talk(&chat, &session, &io)
  writeStatus(chat.total, bundle, plan, program, &io)
  return code
}

/// Reads and answers until there is nothing more to read. Returns the exit code: the last failure's.
private func talk(_ chat: inout Chat, _ session: inout Session, _ io: inout IO) throws(Failure) -> Int32 {
  var input = try ChatInput()
  var code: Int32 = 0
  var wasInterrupted = false
  while true {
    let line = try input.read(into: chat.room.message, &io)
    _ = sys_take_interrupts()
    switch line {
    case .end: return code
    case .interrupt:
      if wasInterrupted { return code }
      wasInterrupted = true
      io.note("once more Ctrl-C, or /exit, ends")
      continue
    case .tooLong:
      io.complain(.conversationTooLong)
      code = 4
    case .text(let count, let isCommand):
      if count == 0 { continue }
      let text = Word(rebasing: UnsafeRawBufferPointer(chat.room.message)[0..<count])
      do throws(Failure) {
        if isCommand {
          // A path in a command ends in a zero.
          chat.room.message[count] = 0
          if try chat.obey(text, &session, &io) { return code }
        } else {
          try chat.respond(to: text, &session, &io)
        }
      } catch {
        io.complain(error)
        code = error.exitCode
      }
    }
    wasInterrupted = false
  }
}

extension Chat {
  /// Answers `text`, and says how it ended where that is not plain.
  fileprivate mutating func respond(
    to text: Word, _ session: inout Session, _ io: inout IO
  ) throws(Failure) {
    guard isUTF8(text) else { throw .input("the message is not UTF-8", nil) }
    guard conversation.append(.user, text) else { throw .conversationTooLong }
    let before = reusedCount
    let summary = try answer(&session, &io)
    _ = sys_take_interrupts()
    switch summary.stop {
    case .context: io.note("the context of % tokens is full: the answer ends here", room.ids.count)
    case .interrupt: io.note("stopped")
    default: break
    }
    if options.has(.verbose) {
      io.note("% tokens held, % computed, % made", reusedCount - before, summary.promptCount, summary.madeCount)
    }
  }

  /// The system's message; empty: none.
  mutating func setSystem(_ text: Word) -> Bool { isUTF8(text) && conversation.setSystem(text) }
}

extension Options {
  /// The plan of a chat: `--max-memory` has to hold the conversation's memory too.
  func chatPlan(_ program: Program) throws(Failure) -> Plan {
    let plan = try plan(program, outputs: outputsNeeded)
    if maxMemory == 0 { return plan }
    var smaller = self
    let beside = UInt64(ChatRoom.byteCount(context: plan.options.context))
    smaller.maxMemory = maxMemory > beside ? maxMemory - beside : 1
    return try smaller.plan(program, outputs: outputsNeeded)
  }
}
