// SPDX-License-Identifier: Apache-2.0
// Why a template was refused, and where.
import ModelFiles

/// A template that the compiler does not take. Lines and columns count from 1, columns in code points.
public struct TemplateCompileError: Error, Equatable, Sendable {
  public var line: Int
  public var column: Int
  public var reason: String

  public init(line: Int, column: Int, reason: String) {
    self.line = line
    self.column = column
    self.reason = reason
  }
}

extension TemplateCompileError: Explained {
  public var message: String { "chat template, line \(line), column \(column): \(reason)" }
  public var hint: String? { nil }
}

/// A mistake at a byte offset of the source; becomes a ``TemplateCompileError`` where the source is known.
struct TemplateMistake: Error {
  var offset: Int
  var reason: String
}

/// The template's text with its lines. Line breaks are all LF here, and one at the very end is gone (spec §2).
struct TemplateSource {
  let bytes: [UInt8]
  private let lineStarts: [Int]

  init(_ text: String) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    var starts = [0]
    var afterCR = false
    for c in text.utf8 {
      if c == 10, afterCR {
        afterCR = false
        continue
      }
      afterCR = c == 13
      bytes.append(afterCR ? 10 : c)
      if bytes.last == 10 { starts.append(bytes.count) }
    }
    if bytes.last == 10 { bytes.removeLast() }
    self.bytes = bytes
    lineStarts = starts
  }

  /// The line, from 1, that holds the byte at `offset`.
  func line(at offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low + 1
  }

  func error(_ mistake: TemplateMistake) -> TemplateCompileError {
    let line = line(at: mistake.offset)
    let before = bytes[min(lineStarts[line - 1], bytes.count)..<min(mistake.offset, bytes.count)]
    let column = before.reduce(1) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
    return TemplateCompileError(line: line, column: column, reason: mistake.reason)
  }
}
