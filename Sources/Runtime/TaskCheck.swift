// SPDX-License-Identifier: Apache-2.0
// Whether a task record and a program go together. specs/labels.md §4.
import Format
import Ops

/// Why a bundle cannot do its task: its record and its program do not go together.
public enum TaskError: Error, Equatable, Sendable {
  /// The program has no entry that gives these numbers.
  case headMissing
  case columnsDiffer(found: UInt32, expected: UInt32)
  /// A mask, an id or a type of the record that the program does not have.
  case recordOutOfRange(found: UInt32, limit: UInt32)
}

extension TaskRecord {
  /// The entry that the task reads.
  public var entry: EntryKind {
    switch kind {
    case .classify, .rerank: .sequenceLogits
    case .tag, .answer: .tokenLogits
    case .fill: .maskLogits
    default: .embedding
    }
  }

  /// Whether `program` gives what the record speaks of.
  public func check(_ program: Program) throws(TaskError) {
    guard let found = program.entry(entry) else { throw .headMissing }
    let columns = program.value(found.result).columns
    let expected: Int? =
      switch kind {
      case .classify, .tag: labelCount
      case .answer: 2
      case .rerank: 1
      default: nil
      }
    if let expected, expected != columns {
      throw .columnsDiffer(found: UInt32(columns), expected: UInt32(expected))
    }
    let vocab = UInt32(program.vocab)
    if let mask, mask >= vocab { throw .recordOutOfRange(found: mask, limit: vocab) }
    if !hasPair { return }
    let typeCount = UInt32(max(program.typeCount, 1))
    for index in 0..<pairCount {
      let token = pairToken(index)
      guard token.id < vocab else { throw .recordOutOfRange(found: token.id, limit: vocab) }
      guard token.type < typeCount else { throw .recordOutOfRange(found: token.type, limit: typeCount) }
    }
    let most = max(pairTypes.first, pairTypes.second)
    guard most < typeCount else { throw .recordOutOfRange(found: most, limit: typeCount) }
  }
}
