// SPDX-License-Identifier: Apache-2.0
// A NumPy array file of format 1.0, f32 little-endian or i8, row by row under a temporary name.
import CSystem
import Format

/// An .npy file under way.
struct NPYFile {
  private let path: Word
  private let columns: Int
  private let isInt8: Bool
  private var byteCount = 0
  private var temp: Int32 = 0
  private var descriptor: Int32 = -1
  private var failure: Int32 = 0

  /// Nil without a path.
  init?(_ path: Word?, columns: Int, isInt8: Bool = false) throws(Failure) {
    guard let path else { return nil }
    (self.path, self.columns, self.isInt8) = (path, columns, isInt8)
    let errno = sys_temp_create(path.path, &temp, &descriptor)
    guard errno == 0 else { throw .file("cannot write", path: path, errno: errno) }
  }

  /// 128 bytes: magic, version, length of the dictionary, dictionary, spaces, LF.
  private func writeHead() -> Int32 {
    withUnsafeTemporaryAllocation(byteCount: 128, alignment: 8) { head in
      var writer = Writer(-1, buffer: head)
      writer.byte(0x93)
      writer.text("NUMPY\u{1}\u{0}v\u{0}{'descr': '")
      writer.text(isInt8 ? "|i1" : "<f4")
      writer.text("', 'fortran_order': False, 'shape': (")
      writer.number(byteCount / (isInt8 ? columns : 4 * columns))
      writer.text(", ")
      writer.number(columns)
      writer.text("), }")
      while writer.fill < 127 { writer.byte(32) }
      writer.byte(10)
      return sys_pwrite(descriptor, head.baseAddress!, 128, 0)
    }
  }

  /// Writes the next rows. A failure stays until `commit`.
  mutating func write(_ bytes: UnsafeRawBufferPointer) {
    if failure == 0 { failure = sys_pwrite(descriptor, bytes.baseAddress!, bytes.count, UInt64(128 + byteCount)) }
    byteCount += bytes.count
  }
  func abandon() { sys_temp_abandon(temp) }

  /// The head with the number of rows that there are, and the name.
  func commit() throws(Failure) {
    let errno = failure != 0 ? failure : writeHead()
    if errno != 0 { sys_temp_abandon(temp) }
    let after = errno != 0 ? errno : sys_temp_commit(temp)
    guard after == 0 else { throw .file("cannot write", path: path, errno: after) }
  }
}
