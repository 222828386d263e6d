// SPDX-License-Identifier: Apache-2.0
// A conversation in a file, with the keys and values of its tokens. Bound to one bundle; every byte is under a digest,
// and every field is checked after that all the same. Spec: specs/state.md.
import CKernels
import CSystem
import Format
import Ops
import Runtime
import Storage
import Tasks

/// Why a saved conversation was refused. specs/state.md §4.
enum StateError: Error {
  case truncated(have: UInt64, need: UInt64)  // C-01
  case badMagic  // C-02
  case versionUnknown(found: UInt32, known: UInt32)  // C-03
  case otherBundle(Digest)  // C-04
  case otherCache(found: UInt32)  // C-05
  case malformed(offset: UInt32)  // C-06
  case digestDiffers  // C-07
  case contextSmaller(have: UInt64, need: UInt64)  // C-08
}

/// The fixed part of the file: 96 bytes.
struct StateHead {
  static let byteCount = 96
  static let magic: UInt64 = 0x0A1A_0A0D_736B_6174  // "taks" CR LF SUB LF
  /// Raised whenever the layout of the cache or any number in it may differ.
  static let version: UInt32 = 1
  static let digestByteCount = 32

  var kv: UInt32
  var kept: KeptState
  var messageByteCount: Int
  var messageCount: Int
  var cacheByteCount: Int
  var answerCount: UInt64

  var idsAt: Int { StateHead.byteCount + messageByteCount }
  var cacheAt: Int { (idsAt + 4 * kept.count + 63) & ~63 }
  var digestAt: Int { cacheAt + cacheByteCount }
  var fileByteCount: Int { digestAt + StateHead.digestByteCount }

  func write(into room: UnsafeMutableRawBufferPointer, identity: Digest) {
    room.initializeMemory(as: UInt8.self, repeating: 0)
    room.put(StateHead.magic, at: 0)
    room.put(StateHead.version, at: 8)
    room.put(kv, at: 12)
    room.put(identity, at: 16)
    room.put(UInt32(kept.context), at: 48)
    room.put(UInt32(kept.chunk), at: 52)
    room.put(UInt32(kept.count), at: 56)
    room.put(UInt32(messageCount), at: 60)
    room.put(UInt64(messageByteCount), at: 64)
    room.put(UInt64(cacheByteCount), at: 72)
    room.put(answerCount, at: 80)
    room.put(UInt64(fileByteCount), at: 88)
  }
}

/// A file under way whose bytes are counted into a digest.
private struct StateWriter {
  let descriptor: Int32
  var failure: Int32 = 0

  mutating func write(_ bytes: UnsafeRawBufferPointer, _ digest: (UnsafeRawBufferPointer) -> Void) {
    if bytes.count == 0 { return }
    digest(bytes)
    if failure == 0 { failure = sys_write(descriptor, bytes.baseAddress!, bytes.count) }
  }
}

extension Chat {
  /// Keeps the conversation and the session's state in the file at `path`, which gets its name when it is whole.
  func save(to path: Word, _ session: borrowing Session, _ io: inout IO) throws(Failure) {
    let kept = session.keepable
    let head = StateHead(
      kv: session.plan.options.kv.rawValue, kept: kept, messageByteCount: conversation.byteCount,
      messageCount: conversation.messageCount, cacheByteCount: session.byteCount(of: kept),
      answerCount: UInt64(answerCount))
    var (temp, descriptor) = (Int32(0), Int32(-1))
    var errno = sys_temp_create(path.path, &temp, &descriptor)
    guard errno == 0 else { throw .file("cannot write", path: path, errno: errno) }
    var file = StateWriter(descriptor: descriptor)
    let digest = streamDigest { (update: (UnsafeRawBufferPointer) -> Void) in
      withUnsafeTemporaryAllocation(byteCount: StateHead.byteCount, alignment: 8) { room in
        head.write(into: room, identity: bundle.view.head.identity)
        file.write(UnsafeRawBufferPointer(room), update)
      }
      file.write(conversation.bytes, update)
      let ids = UnsafeBufferPointer(rebasing: session.tokens[0..<kept.count])
      file.write(UnsafeRawBufferPointer(ids), update)
      withUnsafeTemporaryAllocation(byteCount: 64, alignment: 8) { room in
        room.initializeMemory(as: UInt8.self, repeating: 0)
        let padding = head.cacheAt - head.idsAt - 4 * kept.count
        file.write(UnsafeRawBufferPointer(rebasing: room[0..<padding]), update)
      }
      session.forEachPart(of: kept) { file.write(UnsafeRawBufferPointer($0), update) }
    }
    withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { room in
      room.put(digest, at: 0)
      file.write(UnsafeRawBufferPointer(room)) { _ in }
    }
    if file.failure != 0 { sys_temp_abandon(temp) }
    errno = file.failure != 0 ? file.failure : sys_temp_commit(temp)
    guard errno == 0 else { throw .file("cannot write", path: path, errno: errno) }
    io.note("kept: % messages, the state of % tokens, % bytes", head.messageCount, kept.count, head.fileByteCount)
  }

  /// Goes on where the file at `path` was kept. Nothing changes when it is refused.
  mutating func load(from path: Word, _ session: inout Session, _ io: inout IO) throws(Failure) {
    let file = try mappedFile(path)
    defer { sys_unmap(file.baseAddress, file.count) }
    let head: StateHead
    do throws(StateError) {
      head = try check(file, session)
    } catch { throw .state(error, path: path) }
    let messages = UnsafeRawBufferPointer(rebasing: file[StateHead.byteCount..<head.idsAt])
    guard conversation.replace(with: messages, messageCount: head.messageCount) else {
      throw .conversationTooLong
    }
    answerCount = Int(truncatingIfNeeded: head.answerCount)
    guard session.canRestore(head.kept) else {
      _ = session.rewind(to: 0)
      io.note("% messages; their state lies in a ring of another length and is computed again", head.messageCount)
      return
    }
    let ids = UnsafeRawBufferPointer(rebasing: file[head.idsAt..<(head.idsAt + 4 * head.kept.count)])
    var at = head.cacheAt
    session.restore(head.kept, ids: ids.bindMemory(to: UInt32.self)) { part in
      if part.count > 0 { part.baseAddress!.copyMemory(from: file.baseAddress! + at, byteCount: part.count) }
      at += part.count
    }
    io.note("% messages, the state of % tokens", head.messageCount, head.kept.count)
  }

  /// Every rule of specs/state.md §4, in that order.
  private func check(
    _ file: UnsafeRawBufferPointer, _ session: borrowing Session
  ) throws(StateError) -> StateHead {
    let least = StateHead.byteCount + StateHead.digestByteCount
    guard file.count >= least else { throw .truncated(have: UInt64(file.count), need: UInt64(least)) }
    guard file.u64(0) == StateHead.magic else { throw .badMagic }
    guard file.u32(8) == StateHead.version else {
      throw .versionUnknown(found: file.u32(8), known: StateHead.version)
    }
    guard file.digest(16) == bundle.view.head.identity else { throw .otherBundle(file.digest(16)) }
    guard file.u32(12) == session.plan.options.kv.rawValue else { throw .otherCache(found: file.u32(12)) }
    let program = session.program
    func field(_ offset: Int, _ value: UInt64, _ range: ClosedRange<Int>) throws(StateError) -> Int {
      guard value >= UInt64(range.lowerBound), value <= UInt64(range.upperBound) else {
        throw .malformed(offset: UInt32(offset))
      }
      return Int(value)
    }
    let context = try field(48, UInt64(file.u32(48)), 1...program.contextMax)
    let chunk = try field(52, UInt64(file.u32(52)), 1...min(context, Limits.chunkLengthMax))
    let count = try field(56, UInt64(file.u32(56)), 0...context)
    guard count % 16 == 0 else { throw .malformed(offset: 56) }
    let head = StateHead(
      kv: file.u32(12), kept: KeptState(count: count, context: context, chunk: chunk),
      messageByteCount: try field(64, file.u64(64), 0...1 << 40), messageCount: Int(file.u32(60)),
      cacheByteCount: try field(72, file.u64(72), 0...1 << 40), answerCount: file.u64(80))
    guard head.fileByteCount == file.count else {
      throw .truncated(have: UInt64(file.count), need: UInt64(head.fileByteCount))
    }
    guard file.u64(88) == UInt64(file.count) else { throw .malformed(offset: 88) }
    guard head.messageByteCount % 8 == 0 else { throw .malformed(offset: 64) }
    guard head.cacheByteCount == session.byteCount(of: head.kept) else { throw .malformed(offset: 72) }
    let digest = streamDigest { (update: (UnsafeRawBufferPointer) -> Void) in
      update(UnsafeRawBufferPointer(rebasing: file[0..<head.digestAt]))
    }
    guard digest == file.digest(head.digestAt) else { throw .digestDiffers }
    try checkContents(file, head, session)
    return head
  }

  private func checkContents(
    _ file: UnsafeRawBufferPointer, _ head: StateHead, _ session: borrowing Session
  ) throws(StateError) {
    let messages = UnsafeRawBufferPointer(rebasing: file[StateHead.byteCount..<head.idsAt])
    guard Conversation.messageCount(messages, isText: isUTF8) == head.messageCount else {
      throw .malformed(offset: 60)
    }
    for index in 0..<head.kept.count where Int(file.u32(head.idsAt + 4 * index)) >= session.program.vocab {
      throw .malformed(offset: UInt32(truncatingIfNeeded: head.idsAt + 4 * index))
    }
    for at in (head.idsAt + 4 * head.kept.count)..<head.cacheAt where file[at] != 0 {
      throw .malformed(offset: UInt32(truncatingIfNeeded: at))
    }
    guard head.kept.count <= session.plan.options.context else {
      throw .contextSmaller(have: UInt64(session.plan.options.context), need: UInt64(head.kept.count))
    }
  }
}

extension Writer {
  mutating func state(_ error: StateError, _ path: Word) {
    safe(path)
    text(" is refused: ")
    switch error {
    case .truncated(let have, let need): say("it has % bytes, its head promises % [C-01]", have, need)
    case .badMagic: text("it is no saved conversation [C-02]")
    case .versionUnknown(let found, let known):
      say("its version is %, this program's is % [C-03]", UInt64(found), UInt64(known))
    case .otherBundle(let identity):
      text("it belongs to bundle #")
      hex(identity, digits: 8)
      text(" [C-04]")
    case .otherCache(let found):
      text("it was kept with --kv ")
      text(kvName(ht_kv(rawValue: found)))
      text(" [C-05]")
    case .malformed(let offset): say("what is at byte % cannot be [C-06]", UInt64(offset))
    case .digestDiffers: text("it is damaged: the digest differs [C-07]")
    case .contextSmaller(let have, let need):
      say("it holds % tokens, the context has % [C-08]", need, have)
      text("\nhint: --context N makes it longer, up to what the model takes")
    }
  }
}
