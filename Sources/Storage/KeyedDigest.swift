// SPDX-License-Identifier: Apache-2.0
// BLAKE2b-256 with a key: what a pseudonym is made of.
import CCodec
import Format

/// The digest of `first`, a zero byte and `second` that only those who have the key can make.
///
/// - Parameter key: 32 bytes.
@inline(never)
public func keyedDigest(
  _ key: UnsafeRawPointer, _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer
) -> Digest {
  withUnsafeTemporaryAllocation(byteCount: 480, alignment: 16) { room in
    let skip = Int((0 &- UInt(bitPattern: room.baseAddress!)) % UInt(CODEC_BLAKE2B_ALIGNMENT))
    let state = room.baseAddress! + skip
    let out = state + Int(CODEC_BLAKE2B_BYTE_COUNT)
    codec_blake2b256_start_keyed(state, key)
    codec_blake2b256_update(state, first.baseAddress, first.count)
    out.storeBytes(of: 0, as: UInt8.self)
    codec_blake2b256_update(state, out, 1)
    codec_blake2b256_update(state, second.baseAddress, second.count)
    codec_blake2b256_finish(state, out)
    return UnsafeRawBufferPointer(start: out, count: 32).digest(0)
  }
}
