// SPDX-License-Identifier: Apache-2.0
// A bundle's own test: a few ids and the digest of the logits of all their rows. specs/bundle.md §5.7.
import CKernels
import Format
import Ops
import Runtime
import Storage

/// One vector of the conformance section, proven.
public struct ConformanceVector {
  public static let byteCount = 128
  static let idCountMax = 16
  /// Of a section: each vector costs a run.
  static let countMax = 16
  public let ids: UnsafeBufferPointer<UInt32>
  public let kv: ht_kv
  public let digest: Digest

  /// Nil when malformed. `bytes` are 4-byte aligned, 128 of them.
  public init?(checking bytes: UnsafeRawBufferPointer, _ program: Program) {
    let count = Int(bytes.u32(4))
    guard bytes.u32(0) == 1, count >= 1, count <= ConformanceVector.idCountMax, count <= program.contextMax,
      bytes.u32(8) < HT_KV_COUNT.rawValue, bytes.u32(12) == 0
    else { return nil }
    kv = ht_kv(rawValue: bytes.u32(8))
    for i in 0..<count where Int(bytes.u32(16 + 4 * i)) >= program.vocab { return nil }
    guard bytes.part(16 + 4 * count, 80 - 4 * count).isZero else { return nil }
    ids = UnsafeBufferPointer(
      start: (bytes.baseAddress! + 16).assumingMemoryBound(to: UInt32.self), count: count)
    digest = bytes.digest(96)
  }
}

/// BLAKE2b-256 over what a program gives for `ids`, f32 little-endian: of an encoder the hidden rows, then the rows of
/// every entry that reads them (of `mask_logits` the first token's); of a decoder the logits of all rows.
///
/// An encoder runs them as the last of as many sequences as have room, up to two: the digest may not depend on that.
public func conformanceDigest(
  _ session: inout Session, _ ids: UnsafeBufferPointer<UInt32>
) throws(SessionError) -> Digest {
  var failure: SessionError?
  let digest = streamDigest { (update: (UnsafeRawBufferPointer) -> Void) in
    do throws(SessionError) {
      if session.program.isEncoder { try encodingDigest(&session, ids, update) }
      if session.program.entry(.step) != nil {
        try session.feed(ids, firstOutput: 0) { _, row in update(UnsafeRawBufferPointer(row)) }
      }
    } catch { failure = error }
  }
  if let failure { throw failure }
  return digest
}

private func encodingDigest(
  _ session: inout Session, _ ids: UnsafeBufferPointer<UInt32>, _ update: (UnsafeRawBufferPointer) -> Void
) throws(SessionError) {
  session.startBatch()
  try session.add(ids)
  if session.hasRoom(for: ids.count) { try session.add(ids) }
  try session.encode()
  let last = session.batchCount - 1
  let firstToken = last * ids.count
  for t in 0..<ids.count { update(session.bytes(firstToken + t, of: .encode)) }
  if session.run(.tokenLogits) { for t in 0..<ids.count { update(session.bytes(firstToken + t, of: .tokenLogits)) } }
  if session.run(.sequenceLogits) { update(session.bytes(last, of: .sequenceLogits)) }
  if session.run(.poolerOutput) { update(session.bytes(last, of: .poolerOutput)) }
  if session.run(.embedding) { update(session.bytes(last, of: .embedding)) }
  if session.run(.maskLogits, rows: firstToken..<(firstToken + 1)) { update(session.bytes(0, of: .maskLogits)) }
}

extension Session {
  fileprivate borrowing func bytes(_ index: Int, of kind: EntryKind) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(row(index, of: kind))
  }
}
