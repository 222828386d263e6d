// SPDX-License-Identifier: Apache-2.0
// `expand F -o B`: the mappable form of a compressed bundle, from a file or, with `-`, from standard input.
import CSystem
import Format
import Storage

func expand(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try Options(arguments, flags: .output)
  guard let target = options.outputPath else { throw .usage("-o FILE is missing", nil) }
  let path = options.bundle!
  var descriptor: Int32 = 0
  if !path.equals("-") {
    let errno = sys_open_read(path.path, &descriptor)
    guard errno == 0 else { throw .file("cannot read", path: path, errno: errno) }
  }
  var base: UnsafeMutableRawPointer?
  let errno = sys_map_anonymous(Expander.workspaceByteCount, &base)
  guard errno == 0 else { throw .memory(need: UInt64(Expander.workspaceByteCount), errno: errno) }
  let workspace = UnsafeMutableRawBufferPointer(start: base, count: Expander.workspaceByteCount)
  let start = sys_monotonic_ns()
  var byteCount: UInt64 = 0
  var bar = ProgressLine(isShown: io.errorIsTerminal)
  let identity: Digest
  do throws(StorageError) {
    identity = try Expander(workspace: workspace).expand(descriptor: descriptor, path: target.path) { done, total in
      byteCount = total
      bar.update(done, total, &io.error)
    }
  } catch {
    bar.clear(&io.error)
    throw .storage(error, path: path)
  }
  bar.clear(&io.error)
  io.error.text("expanded ")
  io.error.size(byteCount)
  io.error.text(" at ")
  io.error.decimal(Double(byteCount) / 1e6 / max(seconds(since: start), 1e-9), places: 0)
  io.error.text(" MB/s  #")
  io.error.hex(identity, digits: 8)
  io.error.byte(10)
  return 0
}

/// `\r42 %` on a terminal, at each whole percent.
struct ProgressLine {
  let isShown: Bool
  private var percent: UInt64 = .max

  init(isShown: Bool) { self.isShown = isShown }

  mutating func update(_ done: UInt64, _ total: UInt64, _ out: inout Writer) {
    guard isShown, total > 0, done * 100 / total != percent else { return }
    percent = done * 100 / total
    out.text("\r[")
    for i in 0..<30 { out.byte(i < Int(percent * 30 / 100) ? 35 : 46) }
    out.text("] ")
    out.number(percent)
    out.text(" %")
    out.flush()
  }

  func clear(_ out: inout Writer) {
    if isShown { out.text("\r\u{1B}[K") }
  }
}
