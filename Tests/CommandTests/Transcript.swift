// SPDX-License-Identifier: Apache-2.0
// Transcripts: text files that say what is typed and what is answered. A line is
//
//     # …            a comment
//     % SHELL…       something to prepare, which must succeed
//     $ SHELL…       a command; what follows is its answer
//     | …            a line of standard output
//     ! …            a line of standard error
//     = N            the exit status
//
// In answers `<…>` stands for what changes: `<any>` for any text, `<n>` for a number, `<hex>` for hexadecimal digits;
// a line `<lines>` for any lines, or none. Commands run in a folder of their own, with `hardtack` and `make-tiny-model`
// on PATH.
import Foundation

/// One command and what is expected of it.
struct Step {
  var line: Int
  var command: String
  /// Nothing but success is expected of it.
  var isPreparation = false
  var output: [String] = []
  var errors: [String] = []
  var status: Int32 = 0
}

struct TranscriptError: Error, CustomStringConvertible {
  var description: String
}

/// The steps of a transcript.
func steps(of text: String) throws -> [Step] {
  var steps: [Step] = []
  for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
    guard let kind = line.first, kind != "#" else { continue }
    let rest = String(line.dropFirst(line.dropFirst().first == " " ? 2 : 1))
    guard "%$".contains(kind) || steps.last?.isPreparation == false else {
      throw TranscriptError(description: "line \(index + 1): an answer without a command")
    }
    switch kind {
    case "%", "$": steps.append(Step(line: index + 1, command: rest, isPreparation: kind == "%"))
    case "|": steps[steps.count - 1].output.append(rest)
    case "!": steps[steps.count - 1].errors.append(rest)
    case "=":
      guard let status = Int32(rest) else { throw TranscriptError(description: "line \(index + 1): no exit status") }
      steps[steps.count - 1].status = status
    default: throw TranscriptError(description: "line \(index + 1): starts with \(kind)")
    }
  }
  return steps
}

/// What is wrong with `found`, if anything: the first line that differs.
func difference(_ found: String, from expected: [String]) -> String? {
  var lines = found.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  if lines.last == "" { lines.removeLast() }
  return difference(lines[...], from: expected[...])
}

private func difference(_ found: ArraySlice<String>, from expected: ArraySlice<String>) -> String? {
  guard let pattern = expected.first else { return found.first.map { "one line more: \($0)" } }
  if pattern == "<lines>" {
    let ends = (found.startIndex...found.endIndex).reversed()
    if ends.contains(where: { difference(found[$0...], from: expected.dropFirst()) == nil }) { return nil }
    return "no end fits after <lines>; found:\n\(found.joined(separator: "\n"))"
  }
  guard let line = found.first else { return "a line is missing: \(pattern)" }
  guard matches(line, pattern) else { return "found:    \(line)\nexpected: \(pattern)" }
  return difference(found.dropFirst(), from: expected.dropFirst())
}

/// Whether a line is what a pattern allows.
func matches(_ line: String, _ pattern: String) -> Bool {
  var expression = NSRegularExpression.escapedPattern(for: pattern)
  for (name, meaning) in [("<any>", ".*"), ("<n>", "[0-9]+(\\.[0-9]+)?"), ("<hex>", "[0-9a-f]+")] {
    expression = expression.replacingOccurrences(of: name, with: meaning)
  }
  return line.range(of: "^(?:\(expression))$", options: .regularExpression) != nil
}
