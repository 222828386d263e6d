// SPDX-License-Identifier: Apache-2.0
// A file's bytes: mapped for the parsers, who touch only headers, and read by `pread` for the tensors.
// So a model larger than memory is opened for the cost of its header.

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The bytes of one file, or of a buffer that stands for one.
///
/// The mapping is private and read-only. A file that somebody cuts short while it is open is outside of what is
/// defended against (the kernel then ends the process); one that is replaced by renaming is not noticed.
public final class FileBytes: @unchecked Sendable {
  /// The path as the caller gave it, or a name for a buffer.
  public let path: String
  /// Everything from byte 0 to the end. Valid while this object lives.
  public let bytes: UnsafeRawBufferPointer

  private enum Backing {
    case mapping(descriptor: Int32)
    case copy
    case borrowed
  }
  private let backing: Backing

  public var byteCount: Int { bytes.count }

  /// Opens and maps a file. An empty one is refused: no format here can be empty.
  public init(path: String) throws(FileError) {
    self.path = path
    // O_NONBLOCK: opening a pipe must not wait for its writer. It changes nothing for a regular file.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Self.openError(path: path, code: errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let code = errno
      close(descriptor)
      throw .openFailed(path: path, code: code)
    }
    let kind = status.st_mode & S_IFMT
    guard kind == S_IFREG else {
      close(descriptor)
      throw kind == S_IFDIR ? .isDirectory(path: path) : .notRegularFile(path: path)
    }
    let byteCount = Int(status.st_size)
    guard byteCount > 0 else {
      close(descriptor)
      throw .empty(path: path)
    }
    guard let base = mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, descriptor, 0), base != MAP_FAILED else {
      let code = errno
      close(descriptor)
      throw .openFailed(path: path, code: code)
    }
    bytes = UnsafeRawBufferPointer(start: base, count: byteCount)
    backing = .mapping(descriptor: descriptor)
  }

  /// A copy of `contents`, under a name for messages.
  public init(copying contents: [UInt8], name: String = "(memory)") {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: max(contents.count, 1), alignment: 16)
    copy.copyBytes(from: contents)
    path = name
    bytes = UnsafeRawBufferPointer(rebasing: copy[..<contents.count])
    backing = .copy
  }

  /// A view of `buffer`, which the caller keeps alive and unchanged for as long as this object lives.
  public init(borrowing buffer: UnsafeRawBufferPointer, name: String = "(memory)") {
    path = name
    bytes = buffer
    backing = .borrowed
  }

  deinit {
    switch backing {
    case .mapping(let descriptor):
      munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress!), bytes.count)
      close(descriptor)
    case .copy: UnsafeMutableRawPointer(mutating: bytes.baseAddress!).deallocate()
    case .borrowed: break
    }
  }

  /// Fills `buffer` with the bytes at `offset`. Through `pread`, so that what is read does not stay resident.
  ///
  /// - Precondition: `offset` and the end lie inside the file as it was opened.
  public func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(FileError) {
    precondition(offset >= 0 && offset <= byteCount && buffer.count <= byteCount - offset, "read past the end")
    guard case .mapping(let descriptor) = backing else {
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + buffer.count]))
      return
    }
    var doneCount = 0
    while doneCount < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[doneCount...])
      let readCount = pread(descriptor, rest.baseAddress, min(rest.count, 1 << 30), off_t(offset + doneCount))
      if readCount < 0 {
        if errno == EINTR { continue }
        throw .readFailed(path: path, offset: offset + doneCount, code: errno)
      }
      guard readCount > 0 else {
        throw .becameShorter(path: path, offset: offset + doneCount, need: rest.count)
      }
      doneCount += readCount
    }
  }

  private static func openError(path: String, code: Int32) -> FileError {
    switch code {
    case ENOENT, ENOTDIR: .notFound(path: path)
    case EACCES, EPERM: .permissionDenied(path: path)
    case ENXIO: .notRegularFile(path: path)  // a socket, or a device that is not there
    default: .openFailed(path: path, code: code)
    }
  }
}

/// What a path leads to, links followed.
enum PathKind {
  case file, directory, other

  static func of(_ path: String) throws(FileError) -> PathKind {
    var status = stat()
    guard stat(path, &status) == 0 else {
      switch errno {
      case ENOENT, ENOTDIR: throw .notFound(path: path)
      case EACCES: throw .permissionDenied(path: path)
      default: throw .openFailed(path: path, code: errno)
      }
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return .file
    case S_IFDIR: return .directory
    default: return .other
    }
  }
}

/// The names in a directory, sorted by their bytes; `.` and `..` left out.
func namesInDirectory(_ path: String) throws(FileError) -> [String] {
  guard let directory = opendir(path) else {
    switch errno {
    case ENOENT: throw .notFound(path: path)
    case EACCES: throw .permissionDenied(path: path)
    default: throw .openFailed(path: path, code: errno)
    }
  }
  defer { closedir(directory) }
  var names: [String] = []
  while let entry = readdir(directory) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
      tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
}

/// Whether two byte runs are the same.
@inline(__always)
func sameBytes(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
  guard a.count == b.count, let first = a.baseAddress, let second = b.baseAddress else { return a.count == b.count }
  return memcmp(first, second, a.count) == 0
}

/// The system's words for an `errno`.
func systemMessage(_ code: Int32) -> String {
  String(cString: strerror(code))
}
