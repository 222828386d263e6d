// SPDX-License-Identifier: Apache-2.0
// Everything that ends a verb early, with numbers; Messages.swift has the prose. Exit codes: 2 usage, 3 the input is
// bad, 4 it does not fit, 5 the system failed us.
import Format
import Ops
import Runtime
import Storage
import Text

/// Bytes of an argument or name, for a message.
typealias Word = UnsafeRawBufferPointer

/// Why a verb ended early.
enum Failure: Error, @unchecked Sendable {
  case usage(StaticString, Word?)
  /// The value of a flag that takes a number from one to the other.
  case range(StaticString, Word, Double, Double)
  /// The value of a flag, and what the flag takes.
  case value(StaticString, Word, takes: StaticString)
  case file(StaticString, path: Word, errno: Int32)
  case bundle(BundleError, path: Word)
  case program(ProgramError, path: Word)
  case noProgram(path: Word)
  case noTokenizer(path: Word)
  case tokenizer(TokenizerError)
  case noTemplate(path: Word)
  case template(TemplateError, path: Word)
  case input(StaticString, Word?)
  case emptyPrompt
  case noChat(path: Word)
  case conversationTooLong
  case state(StateError, path: Word)
  case plan(PlanError)
  case memory(need: UInt64, errno: Int32)
  case session(SessionError)
  case isaMissing(Word)
  case storage(StorageError, source: Word, target: Word)

  var exitCode: Int32 {
    switch self {
    case .usage, .range, .value, .emptyPrompt: 2
    case .file(_, _, let errno): errno == 2 || errno == 13 || errno == 20 || errno == 21 || errno == 22 ? 3 : 5
    case .bundle, .program, .noProgram, .noTokenizer, .input: 3
    case .tokenizer(let error):
      switch error {
      case .scratchTooSmall, .outputFull: 4
      default: 3
      }
    case .noTemplate, .noChat: 3
    case .conversationTooLong: 4
    case .state(let error, _):
      if case .contextSmaller = error { 4 } else { 3 }
    case .template(let error, _):
      if case .scratchTooSmall = error { 4 } else { 3 }
    case .plan, .memory: 4
    case .session(let error):
      switch error {
      case .arenaTooSmall, .contextFull: 4
      case .threadStart: 5
      case .tokenOutOfRange, .noLogits: 3
      }
    case .isaMissing: 4
    case .storage(let error, _, _): error.exitCode
    }
  }
}
