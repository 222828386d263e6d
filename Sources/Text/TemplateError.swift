// SPDX-License-Identifier: Apache-2.0
// Why a template section was refused (J-01 …) or rendering ended early (J-40 …). Rules: specs/template.md §8.

/// Numbers, never text. `table` is an index of the section's table directory.
public enum TemplateError: Error, @unchecked Sendable {
  case truncated(have: UInt64, need: UInt64)  // J-01
  case misaligned(addressModulo8: UInt8)  // J-02
  case wrongMagic(found: UInt32)  // J-03
  case unknownVersion(found: UInt16, known: UInt16)  // J-04
  case byteCountWrong(found: UInt64, stated: UInt64)  // J-05
  case reservedNotZero(offset: UInt32)  // J-06
  case tableMisplaced(table: UInt8, offset: UInt32, expected: UInt32)  // J-07
  case paddingNotZero(offset: UInt32)  // J-08
  case tableByteCountWrong(table: UInt8, found: UInt32, expected: UInt32)  // J-09
  case overLimit(table: UInt8, found: UInt64, limit: UInt64)  // J-10
  case constantWrong(index: UInt32)  // J-11
  case entryWrong(index: UInt32)  // J-12
  case functionWrong(index: UInt32)  // J-13
  case unknownOperation(index: UInt32, found: UInt8)  // J-14
  case operandWrong(index: UInt32)  // J-15
  case stackWrong(index: UInt32, found: UInt16)  // J-16
  case jumpWrong(index: UInt32, target: UInt32)  // J-17

  /// The scratch memory cannot hold even an empty run.
  case scratchTooSmall(have: UInt64, need: UInt64)  // J-40
  /// What is to be rendered is not one JSON object: the offset of the first byte that cannot be.
  case inputWrong(offset: UInt64)  // J-41
  /// The template stopped at `line`, counted from 1.
  case failed(TemplateFault, line: UInt16, detail: TemplateDetail)  // J-42 and up, by fault
}

/// Bytes that say which name or text a fault is about. They lie in the scratch memory or the section, and are valid as
/// long as those are.
public struct TemplateDetail: @unchecked Sendable {
  public var bytes: UnsafeRawBufferPointer
}

/// What can go wrong while a template runs.
public enum TemplateFault: UInt8, Error, Sendable {
  /// `raise_exception`: the detail is its text.
  case raised = 42
  /// An undefined value was used where only a defined one can be.
  case undefined
  /// A mutation, or an attribute with a leading underscore.
  case unsafeAttribute
  /// A value of the wrong type for an operation.
  case wrongType
  case notIterable
  case notCallable
  case wrongArguments
  case wrongItemCount
  case divisionByZero
  /// An integer beyond 64 bits, or a range over 100,000.
  case tooLarge
  case notSerializable
  /// What the compiler knew would fail when it runs: the detail says why.
  case foreseen
  case unsupported
  case badValue
  // Limits.
  case tooManySteps
  case tooDeep
  case scratchFull
  case outputFull
  /// The bytecode does what no compiler emits.
  case corrupt
}

/// What a run may use, besides its scratch memory.
public struct TemplateLimits: Sendable {
  /// Operations, and the work of filters in the same measure.
  public var steps = 20_000_000
  /// Calls of macros inside one another.
  public var calls = 200

  public init() {}
}
