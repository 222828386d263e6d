// SPDX-License-Identifier: Apache-2.0
// The template section's numbers: header, tables, records, opcodes, filters, tests, limits. Writer and reader share
// this file. Spec: specs/template.md §3 to §6.

public enum TemplateLayout {
  /// "HTJT", little-endian.
  public static let magic: UInt32 = 0x544A_5448
  public static let version: UInt16 = 1
  public static let headerByteCount = 64
  public static let versionOffset = 4
  public static let entryCountOffset = 6
  public static let byteCountOffset = 8
  public static let reservedOffset = 12
  public static let directoryOffset = 16
  public static let tableCount = 6

  public static let entryByteCount = 8
  public static let functionByteCount = 32
  public static let instructionByteCount = 8
  public static let lineByteCount = 2
  public static let constantByteCount = 16

  // Function flags.
  public static let catchesKeywords: UInt8 = 1
  public static let catchesPositional: UInt8 = 2
  public static let catchesCaller: UInt8 = 4
  public static let hasOwnCaller: UInt8 = 8
  /// Body of a recursive loop: parameter 0 is what it runs over.
  public static let isRecursiveLoop: UInt8 = 16
  public static let functionFlagsKnown: UInt8 = 31

  public static let noParent: UInt32 = 0xFFFF_FFFF

  // Limits, specs/template.md §6.
  public static let byteCountMax = 1 << 24
  public static let entriesMax = 16
  public static let functionsMax = 4096
  public static let constantsMax = 65_535
  public static let slotsMax = 4096
  public static let stackMax = 2048
  public static let nestingMax = 64
  public static let parametersMax = 255
}

/// The tables of the section, in file order.
public enum TemplateTable: Int, Sendable {
  case entries, functions, code, lines, constants, text
}

/// What a constant is: byte 0 of its record.
public enum TemplateConstantKind: UInt8, Sendable {
  case none, no, yes, int, float, string, undefined
}

/// Operations. `a` and `b` are the operands; stack effects in specs/template.md §5.
public enum TemplateOp: UInt8, Sendable {
  case constant = 1, pop, dup, swap, rotate
  case load, loadRaw, store, clear, resolve
  case attribute, item, slice, setAttribute
  case not, negate, plus
  case add, subtract, multiply, divide, floorDivide, modulo, power
  case equal, notEqual, less, lessEqual, greater, greaterEqual, contains, containsNot
  case concat, list, tuple, dict
  case jump, jumpIfFalse, jumpIfTrue, jumpIfFalseKeep, jumpIfTrueKeep, jumpIfSet
  case call, spreadCall, filter, test
  case iterate, next, unpack, gather
  case emit, emitConstant, capture, endCapture
  case macro, finish, fail
}

/// Filters. The first operand is the value; the others are in the order of the signature, absent ones undefined.
public enum TemplateFilter: UInt8, Sendable {
  case abs = 1, attr, batch, capitalize, center, length, `default`, dictsort, escape, first, float, forceescape
  case format, indent, int, items, join, last, list, lower, map, mapAttribute, max, min, reject, rejectattr
  case replace, reverse, round, safe, select, selectattr, slice, sort, string, sum, title, tojson, trim
  case truncate, unique, upper
}

/// Tests, and `truth` for `select` without a name.
public enum TemplateTest: UInt8, Sendable {
  case truth = 1, boolean, callable, defined, divisibleby, equal, escaped, even, no, yes, float, greaterEqual, greater
  case contained, integer, iterable, lessEqual, lower, less, mapping, notEqual, none, number, odd, sameas, sequence
  case string, undefined, upper, filter, test
}

extension TemplateOp {
  public var isJump: Bool {
    switch self {
    case .jump, .jumpIfFalse, .jumpIfTrue, .jumpIfFalseKeep, .jumpIfTrueKeep, .jumpIfSet, .next: true
    default: false
    }
  }

  /// Operands taken from the stack when the next instruction follows.
  public func pops(a: Int, b: Int) -> Int {
    switch self {
    case .constant, .load, .loadRaw, .clear, .resolve, .jump, .emitConstant, .capture, .macro, .finish, .fail, .next: 0
    case .pop, .dup, .store, .attribute, .not, .negate, .plus, .jumpIfFalse, .jumpIfTrue: 1
    case .jumpIfFalseKeep, .jumpIfTrueKeep, .jumpIfSet, .iterate, .unpack, .emit, .endCapture: 1
    case .swap, .item, .setAttribute, .add, .subtract, .multiply, .divide, .floorDivide, .modulo, .power: 2
    case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual, .contains, .containsNot: 2
    case .gather: a == 0 ? 2 : 1
    case .rotate: 3
    case .slice: 4
    case .concat, .list, .tuple: b
    case .dict: 2 * b
    case .call: 1 + a + 2 * b
    case .spreadCall: 5
    case .filter, .test: a
    }
  }

  /// Operands put on the stack when the next instruction follows.
  public func pushes(a: Int, b: Int) -> Int {
    switch self {
    case .constant, .load, .loadRaw, .resolve, .attribute, .item, .slice, .not, .negate, .plus: 1
    case .add, .subtract, .multiply, .divide, .floorDivide, .modulo, .power: 1
    case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual, .contains, .containsNot: 1
    case .concat, .list, .tuple, .dict, .call, .spreadCall, .filter, .test, .iterate, .next: 1
    case .capture, .endCapture, .macro, .gather: 1
    case .dup, .swap: 2
    case .rotate: 3
    case .unpack: b
    default: 0
    }
  }
}
