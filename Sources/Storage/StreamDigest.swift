// SPDX-License-Identifier: Apache-2.0
// BLAKE2b-256 over bytes that come in parts: the fingerprint of logits.
import CCodec
import Format

/// Calls `body` with a function that takes bytes, in order, and returns their digest.
public func streamDigest<Failure: Error>(
  _ body: ((UnsafeRawBufferPointer) -> Void) throws(Failure) -> Void
) throws(Failure) -> Digest {
  // The state and room to align it; Embedded Swift puts a literal byte count up to 1,024 on the stack.
  try withUnsafeTemporaryAllocation(byteCount: 480, alignment: 16) { room throws(Failure) in
    let address = UInt(bitPattern: room.baseAddress!)
    let skip = Int((0 &- address) % UInt(CODEC_BLAKE2B_ALIGNMENT))
    let state = room.baseAddress! + skip
    codec_blake2b256_start(state)
    try body { bytes in codec_blake2b256_update(state, bytes.baseAddress!, bytes.count) }
    let out = state + Int(CODEC_BLAKE2B_BYTE_COUNT)
    codec_blake2b256_finish(state, out)
    return UnsafeRawBufferPointer(start: out, count: 32).digest(0)
  }
}
