// SPDX-License-Identifier: Apache-2.0
// A NumPy array file of format 1.0, f32 little-endian, row by row under a temporary name.
import CSystem
import Format

/// An .npy file under way.
struct NPYFile {
  private let path: Word
  private var temp: Int32 = 0
  private var descriptor: Int32 = -1
  private var failure: Int32 = 0

  /// Nil without a path.
  init?(_ path: Word?, rows: Int, columns: Int) throws(Failure) {
    guard let path else { return nil }
    self.path = path
    let errno = sys_temp_create(path.path, &temp, &descriptor)
    guard errno == 0 else { throw .file("cannot write", path: path, errno: errno) }
    writeHead(rows, columns)
  }

  /// 128 bytes: magic, version, length of the dictionary, dictionary, spaces, LF.
  private func writeHead(_ rows: Int, _ columns: Int) {
    withUnsafeTemporaryAllocation(byteCount: 128, alignment: 8) { head in
      var writer = Writer(descriptor, buffer: head)
      writer.byte(0x93)
      writer.text("NUMPY\u{1}\u{0}v\u{0}{'descr': '<f4', 'fortran_order': False, 'shape': (")
      writer.number(rows)
      writer.text(", ")
      writer.number(columns)
      writer.text("), }")
      while writer.fill < 127 { writer.byte(32) }
      writer.byte(10)
      writer.flush()
    }
  }

  /// Writes the next rows. A failure stays until `commit`.
  mutating func write(_ bytes: UnsafeRawBufferPointer) {
    if failure == 0 { failure = sys_write(descriptor, bytes.baseAddress!, bytes.count) }
  }
  func abandon() { sys_temp_abandon(temp) }

  func commit() throws(Failure) {
    if failure != 0 { sys_temp_abandon(temp) }
    let errno = failure != 0 ? failure : sys_temp_commit(temp)
    guard errno == 0 else { throw .file("cannot write", path: path, errno: errno) }
  }
}
