// SPDX-License-Identifier: Apache-2.0
// A bar on standard error while something long goes on, when a person watches.
import Foundation

/// Redrawn at most ten times a second; nothing at all when standard error is no terminal.
final class ProgressBar {
  private let title: String
  private let isShown = isatty(2) == 1
  private var last = Date.distantPast

  init(_ title: String) { self.title = title }

  func update(done: UInt64, of total: UInt64) {
    guard isShown, total > 0, Date().timeIntervalSince(last) > 0.1 else { return }
    last = Date()
    let width = 30
    let filled = Int(UInt64(width) * min(done, total) / total)
    let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
    FileHandle.standardError.write(Data("\r\(title) [\(bar)] \(100 * min(done, total) / total) % ".utf8))
  }

  func clear() {
    if isShown { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
  }
}
