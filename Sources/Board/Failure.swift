// SPDX-License-Identifier: Apache-2.0
// Everything that ends a verb early, with numbers; Messages.swift has the prose. Exit codes: 2 usage, 3 the input is
// bad, 4 it does not fit, 5 the system failed us.
import Format
import Ops
import Retrieval
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
  #if TEMPLATES
    case noTemplate(path: Word)
    case template(TemplateError, path: Word)
  #endif
  case input(StaticString, Word?)
  case emptyPrompt
  #if TEMPLATES
    case noChat(path: Word)
    case conversationTooLong
    case state(StateError, path: Word)
  #endif
  case plan(PlanError)
  case memory(need: UInt64, errno: Int32)
  case session(SessionError)
  case isaMissing(Word)
  case index(IndexError, path: Word)
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
    #if TEMPLATES
      case .noTemplate, .noChat: 3
      case .conversationTooLong: 4
      case .state(let error, _):
        if case .contextSmaller = error { 4 } else { 3 }
      case .template(let error, _):
        if case .scratchTooSmall = error { 4 } else { 3 }
    #endif
    case .plan, .memory: 4
    case .session(let error):
      switch error {
      case .arenaTooSmall, .contextFull, .batchFull: 4
      case .threadStart: 5
      case .tokenOutOfRange, .typeOutOfRange, .noLogits, .noEncoder, .nothingEncoded: 3
      }
    case .isaMissing: 4
    case .index(let error, _): error.exitCode
    case .storage(let error, _, _): error.exitCode
    }
  }
}
