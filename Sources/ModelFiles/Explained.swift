// SPDX-License-Identifier: Apache-2.0
// Errors that can say themselves to a person: what was found, what was expected, where; and what to do about it.

/// An error with prose. The command line prints `error: MESSAGE`, then `hint: HINT` where there is one.
public protocol Explained: Error {
  /// One sentence without a full stop: found, expected, where.
  var message: String { get }
  /// What the reader of the message can do, or nil when there is nothing to do.
  var hint: String? { get }
}

extension Explained {
  public var hint: String? { nil }
}

/// `name` in quotes for a message: control characters escaped, cut at 96 characters, so that a hostile name can
/// neither move a terminal's cursor nor fill its screen.
public func quoted(_ name: String) -> String {
  var text = "\""
  var shownCount = 0
  for scalar in name.unicodeScalars {
    if shownCount == 96 {
      text += "…"
      break
    }
    shownCount += 1
    let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
    // Bidirectional controls reorder what follows them on a terminal.
    let reorders =
      (0x200E...0x200F).contains(scalar.value) || (0x202A...0x202E).contains(scalar.value)
      || (0x2066...0x2069).contains(scalar.value)
    if isControl || reorders || scalar == "\"" || scalar == "\\" {
      text += scalar.escaped(asASCII: true)
    } else {
      text.unicodeScalars.append(scalar)
    }
  }
  return text + "\""
}
