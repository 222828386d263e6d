// SPDX-License-Identifier: Apache-2.0
// Where the words of a text begin and end, for answers that must not begin or end inside of one: by what lies on either
// side of a place, roughly as the tokenizer of each kind splits. docs/tasks.md says where it differs from theirs.
import Text

/// What a byte of UTF-8 belongs to.
private enum ByteClass { case space, letter, digit, other }

public struct WordEdges {
  private let text: UnsafeRawBufferPointer
  private let kind: TokenizerKind

  /// - Parameter text: UTF-8.
  public init(_ text: UnsafeRawBufferPointer, _ kind: TokenizerKind) { (self.text, self.kind) = (text, kind) }

  /// The beginning of the word that byte `at` is in, or begins.
  public func begin(_ at: Int) -> Int {
    var at = at
    while at > 0, at < text.count, isInside(at) { at -= 1 }
    return at
  }

  /// The end of the word that the byte before `at` is in.
  public func end(_ at: Int) -> Int {
    var at = at
    while at > 0, at < text.count, isInside(at) { at += 1 }
    return at
  }

  /// Whether a word goes on over the place before byte `at`.
  private func isInside(_ at: Int) -> Bool {
    let (left, right) = (byteClass(text[at - 1]), byteClass(text[at]))
    if left == .space || right == .space { return false }
    switch kind {
    case .wordPiece: return left != .other && right != .other
    case .byteLevelBPE: return left == right
    default: return true
    }
  }

  private func byteClass(_ byte: UInt8) -> ByteClass {
    switch byte {
    case 9, 10, 13, 32: .space
    case 48...57: .digit
    case 65...90, 97...122, 128...: .letter
    default: .other
    }
  }
}
