// SPDX-License-Identifier: Apache-2.0
// `expand F|- -o B`: from the form for shipping to the mappable one; specs/shipping.md.
import CSystem
import Format
import Storage

func expandBundle(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try ExpandOptions(arguments)
  sys_clean_up_on_signals()
  let start = sys_monotonic_ns()
  var room: UnsafeMutableRawPointer?
  let mapErrno = sys_map_anonymous(Expander.workspaceByteCount, &room)
  guard mapErrno == 0 else { throw .memory(need: UInt64(Expander.workspaceByteCount), errno: mapErrno) }
  defer { sys_unmap(room, Expander.workspaceByteCount) }
  var descriptor: Int32 = 0
  if !options.source.equals("-") {
    let errno = sys_open_read(options.source.path, &descriptor)
    guard errno == 0 else { throw .file("cannot read", path: options.source, errno: errno) }
  }
  defer { if descriptor > 0 { sys_close(descriptor) } }

  var expandedByteCount: UInt64 = 0
  var shownPercent: UInt64 = .max
  let identity: Digest
  do throws(StorageError) {
    let workspace = UnsafeMutableRawBufferPointer(start: room, count: Expander.workspaceByteCount)
    identity = try Expander(workspace: workspace).expand(descriptor: descriptor, path: options.target.path) {
      done, total in
      expandedByteCount = total
      let percent = total == 0 ? 100 : 100 * done / total
      if io.errorIsTerminal, percent != shownPercent {
        shownPercent = percent
        io.error.progress("expanding", percent: percent)
      }
    }
  } catch {
    if io.errorIsTerminal { io.error.clearLine() }
    throw .storage(error, source: options.source, target: options.target)
  }
  if io.errorIsTerminal { io.error.clearLine() }
  writeExpandStatus(expandedByteCount, identity, start, &io)
  return 0
}

/// `expanded 97.4 MiB  612 MB/s  #9f31c2d0`
private func writeExpandStatus(_ byteCount: UInt64, _ identity: Digest, _ start: UInt64, _ io: inout IO) {
  let time = seconds(since: start)
  io.error.text("expanded ")
  io.error.size(byteCount)
  io.error.text("  ")
  io.error.decimal(time > 0 ? Double(byteCount) / time / 1e6 : 0, places: 0)
  io.error.text(" MB/s  #")
  io.error.hex(identity, digits: 8)
  io.error.byte(10)
}

/// `-` names standard input, which `Options` would take for a flag.
private struct ExpandOptions {
  var source: Word
  var target: Word

  init(_ arguments: Arguments) throws(Failure) {
    var source: Word?
    var target: Word?
    var cursor = ArgumentCursor(arguments, from: 2)
    while let word = cursor.next() {
      if word.equals("-o") || word.equals("--output") {
        target = try cursor.value(of: word)
      } else if word.count > 1, word[0] == 45 {
        throw .usage("this verb has no flag", word)
      } else if source == nil {
        source = word
      } else {
        throw .usage("one bundle at a time, not also", word)
      }
    }
    guard let source else { throw .usage("which bundle?", nil) }
    guard let target else { throw .usage("expand needs -o and the file to write", nil) }
    self.source = source
    self.target = target
  }
}

extension Writer {
  /// `TITLE 42 %` over what stood on the line.
  mutating func progress(_ title: StaticString, percent: UInt64) {
    byte(13)
    text(title)
    say(" %", percent)
    text(" %")
    flush()
  }

  mutating func clearLine() { text("\r\u{1B}[K") }
}
