// SPDX-License-Identifier: Apache-2.0
// Why a text was refused as JSON, and why a value in it is not what was asked for.

/// Why bytes are not JSON. Line and column count from 1, the column in bytes.
public struct JSONError: Explained, Equatable {
  public enum Problem: Equatable, Sendable {
    case unexpectedEnd
    case unexpectedByte(found: UInt8, expected: StaticName)
    case trailingBytes
    case tooDeep(atMost: Int)
    case tooManyValues(atMost: Int)
    case duplicateKey(String)
    case badNumber
    case numberTooLong(atMost: Int)
    case badEscape
    case loneSurrogate
    case controlCharacter(UInt8)
    case notUTF8
    case byteOrderMark
  }

  /// What was expected, in words.
  public enum StaticName: String, Sendable {
    case value = "a value"
    case colon = "':'"
    case commaOrBrace = "',' or '}'"
    case commaOrBracket = "',' or ']'"
    case key = "a key in quotes"
    case object = "'{'"
    case array = "'['"
    case string = "a string"
    case count = "an integer from 0 to 2⁶³ - 1"
  }

  public var problem: Problem
  public var byteOffset: Int
  public var line: Int
  public var column: Int

  init(_ problem: Problem, at byteOffset: Int, in bytes: UnsafeRawBufferPointer) {
    self.problem = problem
    self.byteOffset = byteOffset
    line = 1
    var lineStart = 0
    for index in 0..<min(byteOffset, bytes.count) where bytes[index] == 0x0A {
      line += 1
      lineStart = index + 1
    }
    column = byteOffset - lineStart + 1
  }

  public var message: String { "line \(line), column \(column) (byte \(byteOffset)): \(problemMessage)" }

  private var problemMessage: String {
    switch problem {
    case .unexpectedEnd: return "the JSON text ends early"
    case .unexpectedByte(let found, let expected):
      let shown = (0x21...0x7E).contains(found) ? "'\(Character(UnicodeScalar(found)))'" : "byte \(found)"
      return "found \(shown), expected \(expected.rawValue)"
    case .trailingBytes: return "more text after the end of the JSON value"
    case .tooDeep(let atMost): return "objects and arrays are nested more than \(atMost) deep"
    case .tooManyValues(let atMost): return "more than \(atMost) values in one document"
    case .duplicateKey(let key): return "key \(quoted(key)) appears twice in one object"
    case .badNumber: return "not a JSON number"
    case .numberTooLong(let atMost): return "a number of more than \(atMost) characters"
    case .badEscape: return "not a JSON escape"
    case .loneSurrogate: return "half of a surrogate pair"
    case .controlCharacter(let byte): return "control character \(byte) in a string, expected an escape"
    case .notUTF8: return "not UTF-8"
    case .byteOrderMark: return "a byte order mark, expected a JSON value"
    }
  }
}

/// Why a JSON value is not what a reader of a document needs.
public enum JSONFieldError: Explained, Equatable {
  case missing(document: String, key: String, expected: String)
  case wrongType(document: String, key: String, found: String, expected: String)

  public var message: String {
    switch self {
    case .missing(let document, let key, let expected):
      "\(document): key \(quoted(key)) is missing, expected \(expected)"
    case .wrongType(let document, let key, let found, let expected):
      "\(document): key \(quoted(key)) is \(found), expected \(expected)"
    }
  }
}
