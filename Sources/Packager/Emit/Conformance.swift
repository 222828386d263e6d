// SPDX-License-Identifier: Apache-2.0
// The conformance section: what `selftest` runs on the board, with the digest of the logits that it must get.
// specs/bundle.md §5.7.
import Format

/// Fixed-width vectors, 128 bytes each.
public enum Conformance {
  public static let vectorCount = 2
  public static let vectorByteCount = 128
  public static let tokenCount = 16
  public static let byteCount = vectorCount * vectorByteCount

  /// The section's bytes, a vector for each of two kinds of cache. `digest(ids, kv)` gives BLAKE2b-256 over what the
  /// program makes of them, f32 little-endian.
  public static func make(
    vocab: Int, contextMax: Int, kinds: [UInt32] = [0, 1], digest: (_ ids: [UInt32], _ kv: UInt32) throws -> Digest
  ) rethrows -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: byteCount)
    let count = min(tokenCount, contextMax)
    for index in 0..<vectorCount {
      let kv = kinds[index]
      // Spread over the vocabulary by a linear congruence: any ids serve, as long as they are always the same.
      let ids = (0..<count).map { UInt32((UInt64($0 + 1) * 2_654_435_761 + UInt64(index) * 97) % UInt64(vocab)) }
      let found = try digest(ids, kv)
      bytes.withUnsafeMutableBytes { out in
        let at = index * vectorByteCount
        out.put(UInt32(1), at: at)
        out.put(UInt32(count), at: at + 4)
        out.put(kv, at: at + 8)
        for (i, id) in ids.enumerated() { out.put(id, at: at + 16 + 4 * i) }
        out.put(found, at: at + 96)
      }
    }
    return bytes
  }
}
