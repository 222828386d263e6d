// SPDX-License-Identifier: Apache-2.0
// Bytes of a file or pipe in order, a piece at a time, in a buffer of the caller's. It reads no further than it is
// asked to, so that large pieces land where they are used.
import CSystem
import Format

/// Reads a descriptor forwards only; hands out pieces in place.
struct StreamReader {
  private let descriptor: Int32
  private let buffer: UnsafeMutableRawBufferPointer
  private var start = 0
  private var end = 0
  private var atEnd = false
  /// Of the next byte that `take` gives, from the first that was read.
  private(set) var offset: UInt64 = 0

  init(descriptor: Int32, buffer: UnsafeMutableRawBufferPointer) {
    self.descriptor = descriptor
    self.buffer = buffer
  }

  /// The next `byteCount` bytes, which stay; at most the buffer's size. They are valid until the next call.
  mutating func peek(_ byteCount: Int, in section: SectionKind?) throws(StorageError) -> UnsafeRawBufferPointer {
    if end - start < byteCount { try fill(byteCount) }
    guard end - start >= byteCount else {
      throw .cut(section: section, have: offset + UInt64(end - start), need: offset + UInt64(byteCount))
    }
    return UnsafeRawBufferPointer(rebasing: buffer[start..<(start + byteCount)])
  }

  /// The next `byteCount` bytes, at most the buffer's size. They are valid until the next call.
  mutating func take(_ byteCount: Int, in section: SectionKind?) throws(StorageError) -> UnsafeRawBufferPointer {
    let bytes = try peek(byteCount, in: section)
    start += byteCount
    offset += UInt64(byteCount)
    return bytes
  }

  /// Whether no byte is left. Waits for one.
  mutating func isAtEnd() throws(StorageError) -> Bool {
    if start == end { try fill(1) }
    return start == end
  }

  private mutating func fill(_ byteCount: Int) throws(StorageError) {
    if atEnd { return }
    if start > 0 {
      buffer.baseAddress!.copyMemory(from: buffer.baseAddress! + start, byteCount: end - start)
      end -= start
      start = 0
    }
    let wanted = byteCount - end
    var got = 0
    let error = sys_read(descriptor, buffer.baseAddress! + end, wanted, &got)
    guard error == 0 else { throw .system(call: .read, errno: error) }
    atEnd = got < wanted
    end += got
  }
}
