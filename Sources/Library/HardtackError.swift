// SPDX-License-Identifier: Apache-2.0
// What went wrong, in prose.
import Board
import Foundation
import ModelFiles

/// Why a call of this library did not do what it was asked to.
public struct HardtackError: Error, CustomStringConvertible, Sendable {
  /// One line: what was found, and where.
  public var message: String
  /// What to do about it, where there is something to do.
  public var hint: String?

  public var description: String { hint.map { "\(message) (\($0))" } ?? message }

  init(_ message: String, hint: String? = nil) {
    self.message = message
    self.hint = hint
  }

  /// What a verb would say.
  init(_ failure: Failure) {
    let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 8)
    defer { room.deallocate() }
    let lines = String(decoding: failure.text(room), as: UTF8.self).split(separator: "\n", maxSplits: 1)
    message = String((lines.first ?? "").dropFirst("hardtack: error: ".count))
    hint = lines.count > 1 ? lines[1].dropFirst("hint: ".count).trimmingCharacters(in: .newlines) : nil
  }

  /// An error of the packager or of a reader of model files.
  init(_ error: any Explained) { self.init(error.message, hint: error.hint) }
}
