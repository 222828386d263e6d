// SPDX-License-Identifier: Apache-2.0
// Everything that ends a verb early, with numbers; Messages.swift has the prose. Exit codes: 2 usage, 3 the input is
// bad, 4 it does not fit, 5 the system failed us.
import CSystem
import Format
import Ops
import Retrieval
import Runtime
import Storage
import Text

/// Bytes of an argument or name, for a message.
package typealias Word = UnsafeRawBufferPointer

/// Why a verb ended early: that it did. What happened lies in memory of the thread's own, as errno does, until the
/// next failure: as a part of the error, every `try` of the verbs would copy its 70 bytes.
package struct Failure: Error {
  @inline(never)
  private init(_ reason: Reason) {
    precondition(MemoryLayout<Reason>.size <= 128)
    sys_error_room().initializeMemory(as: Reason.self, to: reason)
  }

  /// What the last failure of this thread was.
  var reason: Reason { sys_error_room().assumingMemoryBound(to: Reason.self).pointee }

  @inline(never)
  static func usage(_ what: StaticString, _ word: Word?) -> Failure { Failure(.usage(what, word)) }
  static func range(_ flag: Word, _ word: Word, _ least: Double, _ most: Double) -> Failure {
    Failure(.range(flag, word, least, most))
  }
  static func value(_ flag: StaticString, _ word: Word, takes: StaticString) -> Failure {
    Failure(.value(flag, word, takes: takes))
  }
  @inline(never)
  static func file(_ what: StaticString, path: Word, errno: Int32) -> Failure {
    Failure(.file(what, path: path, errno: errno))
  }
  static func bundle(_ error: BundleError, path: Word) -> Failure { Failure(.bundle(error, path: path)) }
  static func program(_ error: ProgramError, path: Word) -> Failure { Failure(.program(error, path: path)) }
  static func noProgram(path: Word) -> Failure { Failure(.noProgram(path: path)) }
  static func noTokenizer(path: Word) -> Failure { Failure(.noTokenizer(path: path)) }
  static func tokenizer(_ error: TokenizerError) -> Failure { Failure(.tokenizer(error)) }
  static func noTemplate(path: Word) -> Failure { Failure(.noTemplate(path: path)) }
  static func template(_ error: TemplateError, path: Word) -> Failure { Failure(.template(error, path: path)) }
  @inline(never)
  static func input(_ what: StaticString, _ word: Word?) -> Failure { Failure(.input(what, word)) }
  static var emptyPrompt: Failure { Failure(.emptyPrompt) }
  static func noChat(path: Word) -> Failure { Failure(.noChat(path: path)) }
  static var conversationTooLong: Failure { Failure(.conversationTooLong) }
  static func state(_ error: StateError, path: Word) -> Failure { Failure(.state(error, path: path)) }
  static func plan(_ error: PlanError) -> Failure { Failure(.plan(error)) }
  static func memory(need: UInt64, errno: Int32) -> Failure { Failure(.memory(need: need, errno: errno)) }
  static func session(_ error: SessionError) -> Failure { Failure(.session(error)) }
  static func isaMissing(_ name: Word) -> Failure { Failure(.isaMissing(name)) }
  static func index(_ error: IndexError, path: Word) -> Failure { Failure(.index(error, path: path)) }
  static func storage(_ error: StorageError, source: Word, target: Word) -> Failure {
    Failure(.storage(error, source: source, target: target))
  }
}

/// What a failure was.
enum Reason: @unchecked Sendable {
  case usage(StaticString, Word?)
  /// The value of a flag that takes a number from one to the other.
  case range(Word, Word, Double, Double)
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
  case index(IndexError, path: Word)
  case storage(StorageError, source: Word, target: Word)
}

extension Failure {
  var exitCode: Int32 {
    switch reason {
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
