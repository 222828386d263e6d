// SPDX-License-Identifier: Apache-2.0
// What the file system can refuse, apart from what a format can.

/// Why a file could not be opened or read. `code` is the system's `errno`.
public enum FileError: Explained, Equatable {
  case notFound(path: String)
  case permissionDenied(path: String)
  case isDirectory(path: String)
  /// A pipe, a socket, a device: nothing that can be read at an offset.
  case notRegularFile(path: String)
  case empty(path: String)
  case openFailed(path: String, code: Int32)
  case readFailed(path: String, offset: Int, code: Int32)
  /// The file ends earlier than it did when it was opened.
  case becameShorter(path: String, offset: Int, need: Int)
  case tooLarge(path: String, byteCount: Int, limit: Int)

  public var message: String {
    switch self {
    case .notFound(let path): "\(quoted(path)) does not exist"
    case .permissionDenied(let path): "\(quoted(path)) cannot be read: permission denied"
    case .isDirectory(let path): "\(quoted(path)) is a directory, expected a file"
    case .notRegularFile(let path): "\(quoted(path)) is not a regular file"
    case .empty(let path): "\(quoted(path)) is empty (0 bytes)"
    case .openFailed(let path, let code): "\(quoted(path)) cannot be opened: \(systemMessage(code))"
    case .readFailed(let path, let offset, let code):
      "\(quoted(path)) cannot be read at byte \(offset): \(systemMessage(code))"
    case .becameShorter(let path, let offset, let need):
      "\(quoted(path)) became shorter while it was read: \(need) bytes at byte \(offset) are gone"
    case .tooLarge(let path, let byteCount, let limit):
      "\(quoted(path)) has \(byteCount) bytes, expected at most \(limit)"
    }
  }

  public var hint: String? {
    switch self {
    case .notFound: "check the path"
    case .permissionDenied: "check the file's permissions, and those of the folders above it"
    case .empty: "an interrupted download leaves such a file; fetch it again"
    default: nil
    }
  }
}
