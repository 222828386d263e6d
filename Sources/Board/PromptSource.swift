// SPDX-License-Identifier: Apache-2.0
// Where a prompt comes from: -p TEXT, -f FILE, standard input, --messages FILE.json, --ids. It is encoded before there
// is an arena, since the context goes by its length.
import CSystem
import Format
import Runtime
import Tasks
import Text

extension Options {
  /// Refuses what does not go together.
  func checkPrompt() throws(Failure) {
    let given = (has(.ids) ? 1 : 0) + (has(.prompt) ? 1 : 0) + (has(.file) ? 1 : 0) + (has(.messages) ? 1 : 0)
    guard given <= 1 else { throw .usage("give one of -p TEXT, -f FILE, --messages FILE and --ids", nil) }
    if given == 0, sys_is_terminal(0) != 0 {
      throw .usage("give -p TEXT, -f FILE, --messages FILE or --ids, or a text on standard input", nil)
    }
    if has(.messages), has(.raw) { throw .usage("--raw and --messages contradict each other", nil) }
    if has(.logprobs), !has(.json) { throw .usage("--logprobs needs --json", nil) }
  }

  /// Bytes of the prompt's text, mapped; nil for `--ids` and `--messages`. One line end behind the last line of a file
  /// is not part of the prompt, unless it is `--raw`.
  func promptText() throws(Failure) -> Word? {
    if let prompt = word(.prompt) { return prompt }
    if has(.ids) || has(.messages) { return nil }
    var text: Word
    if let path = word(.file), !path.equals("-") { text = try mappedFile(path) } else { text = try readAll(0) }
    if !has(.raw), text.last == 10 { text = Word(rebasing: text.dropLast()) }
    if !has(.raw), text.last == 13 { text = Word(rebasing: text.dropLast()) }
    return text
  }
}

/// A file's bytes, mapped; those of a pipe or a device, read.
func mappedFile(_ path: Word) throws(Failure) -> Word {
  var base: UnsafeRawPointer?
  var byteCount = 0
  var errno = sys_map_file(path.path, &base, &byteCount)
  if errno == 19 {  // ENODEV: no regular file
    var descriptor: Int32 = 0
    errno = sys_open_read(path.path, &descriptor)
    if errno == 0 {
      defer { sys_close(descriptor) }
      return try readAll(descriptor)
    }
  }
  guard errno == 0 else { throw .file("cannot read", path: path, errno: errno) }
  return Word(start: base, count: byteCount)
}

/// All that a descriptor gives, in a mapping that grows, up to the longest text that a tokenizer takes.
func readAll(_ descriptor: Int32) throws(Failure) -> Word {
  var room = try mapRoom(65_536)
  var count = 0
  while true {
    var got = 0
    let errno = sys_read(descriptor, room.baseAddress! + count, room.count - count, &got)
    guard errno == 0 else { throw .file("cannot read standard input", path: Word(start: nil, count: 0), errno: errno) }
    count += got
    if count < room.count { return Word(rebasing: UnsafeRawBufferPointer(room)[0..<count]) }
    guard count < 1 << 30 else { throw .input("standard input is longer than a prompt can be", nil) }
    let larger = try mapRoom(2 * room.count)
    larger.baseAddress!.copyMemory(from: room.baseAddress!, byteCount: count)
    sys_unmap(room.baseAddress!, room.count)
    room = larger
  }
}

/// Zero bytes of memory of the process's own.
func mapRoom(_ byteCount: Int) throws(Failure) -> UnsafeMutableRawBufferPointer {
  var base: UnsafeMutableRawPointer?
  let errno = sys_map_anonymous(byteCount, &base)
  guard errno == 0 else { throw .memory(need: UInt64(byteCount), errno: errno) }
  return UnsafeMutableRawBufferPointer(start: base, count: byteCount)
}

/// The ids of `text`, in a mapping of their own, and that mapping.
func encodeMapped(_ text: Word, _ options: EncodeOptions, _ tokenizer: TokenizerView) throws(Failure) -> MappedIDs {
  let scratch = try mapRoom(max(64, tokenizer.encodeScratchByteCount(textByteCount: text.count)))
  defer { sys_unmap(scratch.baseAddress!, scratch.count) }
  let room = try mapRoom(max(4, 4 * tokenizer.tokenCountMax(textByteCount: text.count)))
  do throws(TokenizerError) {
    let count = try tokenizer.encode(text, options: options, scratch: scratch, into: room.bindMemory(to: UInt32.self))
    return MappedIDs(room: room, count: count)
  } catch { throw .tokenizer(error) }
}

/// Ids that wait until there is an arena.
struct MappedIDs {
  let room: UnsafeMutableRawBufferPointer
  let count: Int

  /// Moves them behind the sequence of `session`.
  func move(to session: borrowing Session) throws(Failure) -> UnsafeBufferPointer<UInt32> {
    let context = session.plan.options.context
    guard count <= context - session.past else {
      throw .session(.contextFull(have: UInt64(context), need: UInt64(session.past + count)))
    }
    let ids = session.idRoom
    ids.update(from: room.assumingMemoryBound(to: UInt32.self).baseAddress!, count: count)
    sys_unmap(room.baseAddress!, room.count)
    return UnsafeBufferPointer(start: ids, count: count)
  }
}
