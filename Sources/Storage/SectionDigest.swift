// SPDX-License-Identifier: Apache-2.0
// The digest of a section: BLAKE2b-256 over the list of BLAKE2b-256 digests of its pages of 64 KiB. specs/bundle.md.
import CCodec
import Format

/// BLAKE2b-256 by libsodium: what `BundleView(checking:blake2b:)` asks for.
public let blake2b256: Blake2b256 = { codec_blake2b256($0, $1, $2) }

/// The digest of a section whose bytes come in order, in parts of any size.
///
/// The state lies in the caller's memory; a value must be used from one thread at a time and not be copied.
public struct SectionDigest {
  /// Bytes of state, and their alignment.
  public static let stateByteCount = 2 * Int(CODEC_BLAKE2B_BYTE_COUNT)
  public static let stateAlignment = Int(CODEC_BLAKE2B_ALIGNMENT)

  private let page: UnsafeMutableRawPointer
  private let list: UnsafeMutableRawPointer
  private var pageFill = 0

  /// Starts a digest in `state`: `stateByteCount` bytes, aligned to `stateAlignment`.
  public init(in state: UnsafeMutableRawPointer) {
    page = state
    list = state + Int(CODEC_BLAKE2B_BYTE_COUNT)
    codec_blake2b256_start(list)
  }

  /// Takes the next bytes; calls `body` with the digest of each page that they complete. Fastest with many whole pages.
  public mutating func update(_ bytes: UnsafeRawBufferPointer, onPage body: (Digest) -> Void) {
    var at = 0
    while at < bytes.count {
      let wholeCount = pageFill == 0 ? (bytes.count - at) / Limits.digestPageByteCount : 0
      if wholeCount > 0 {
        takePages(bytes.part(at, wholeCount * Limits.digestPageByteCount), body)
        at += wholeCount * Limits.digestPageByteCount
        continue
      }
      let byteCount = min(Limits.digestPageByteCount - pageFill, bytes.count - at)
      if pageFill == 0 { codec_blake2b256_start(page) }
      codec_blake2b256_update(page, bytes.baseAddress! + at, byteCount)
      pageFill += byteCount
      at += byteCount
      if pageFill == Limits.digestPageByteCount { body(takePage()) }
    }
  }

  private func takePages(_ pages: UnsafeRawBufferPointer, _ body: (Digest) -> Void) {
    forEachPage(of: pages) { digest in body(take(digest)) }
  }

  /// Takes the 32 bytes of a page's digest: for the digest of the section that holds the lists.
  mutating func update(page digest: Digest) {
    withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { room in
      room.put(digest, at: 0)
      update(UnsafeRawBufferPointer(room)) { _ in }
    }
  }

  /// The digest of the section; calls `body` with the digest of a last page that was not full.
  public mutating func finish(onPage body: (Digest) -> Void) -> Digest {
    if pageFill > 0 { body(takePage()) }
    return withDigestRoom { out in codec_blake2b256_finish(list, out) }
  }

  private mutating func takePage() -> Digest {
    pageFill = 0
    return take(withDigestRoom { out in codec_blake2b256_finish(page, out) })
  }

  private func take(_ digest: Digest) -> Digest {
    withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { room in
      room.put(digest, at: 0)
      codec_blake2b256_update(list, room.baseAddress!, 32)
    }
    return digest
  }
}

private func withDigestRoom(_ body: (UnsafeMutableRawPointer) -> Void) -> Digest {
  withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { room in
    body(room.baseAddress!)
    return UnsafeRawBufferPointer(room).digest(0)
  }
}

/// Calls `body` with the digest of each page of `bytes`, in order; the last may be shorter than a page.
func forEachPage(of bytes: UnsafeRawBufferPointer, _ body: (Digest) -> Void) {
  let pageByteCount = Limits.digestPageByteCount
  withUnsafeTemporaryAllocation(byteCount: 512, alignment: 8) { digests in
    var at = 0
    while at < bytes.count {
      let pageCount = min((bytes.count - at) / pageByteCount, 16)
      if pageCount == 0 { return body(BundleHead.digest(of: bytes.part(at, bytes.count - at), blake2b256)) }
      codec_blake2b256_pages(bytes.baseAddress! + at, pageByteCount, pageCount, digests.baseAddress!)
      for i in 0..<pageCount { body(UnsafeRawBufferPointer(digests).digest(32 * i)) }
      at += pageCount * pageByteCount
    }
  }
}

/// The digest of a whole section in memory; calls `body` with the digest of each page, in order.
public func sectionDigest(
  of bytes: UnsafeRawBufferPointer, onPage body: (Digest) -> Void = { _ in }
) -> Digest {
  // The state and room to align it; Embedded Swift puts a literal byte count up to 1,024 on the stack.
  withUnsafeTemporaryAllocation(byteCount: 896, alignment: 16) { room in
    let address = UInt(bitPattern: room.baseAddress!)
    let skip = Int((0 &- address) % UInt(SectionDigest.stateAlignment))
    var digest = SectionDigest(in: room.baseAddress! + skip)
    digest.update(bytes, onPage: body)
    return digest.finish(onPage: body)
  }
}
