// SPDX-License-Identifier: Apache-2.0
// Makes digests right again over fields that are wrong, as somebody who means harm would. By specs/index.md alone.
import Format
import Storage

enum Forge {
  static func put(_ value: UInt64, _ byteCount: Int, in bytes: inout [UInt8], at: Int) {
    for i in 0..<byteCount { bytes[at + i] = UInt8(truncatingIfNeeded: value >> UInt64(8 * i)) }
  }
  static func number(_ bytes: [UInt8], _ at: Int, _ byteCount: Int) -> UInt64 {
    (0..<byteCount).reduce(0) { $0 | UInt64(bytes[at + $1]) << UInt64(8 * $1) }
  }

  /// Where the segments of a good index start.
  static func heads(_ bytes: [UInt8]) -> [Int] {
    var (at, heads) = (12_288, [Int]())
    while at < bytes.count {
      heads.append(at)
      at += Int(number(bytes, at, 8))
    }
    return heads
  }

  private static func digest(_ bytes: [UInt8]) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: 32)
    bytes.withUnsafeBytes { bytes in
      out.withUnsafeMutableBytes { blake2b256(bytes.baseAddress, bytes.count, $0.baseAddress!) }
    }
    return out
  }

  /// Chains, and the digests of both roots.
  static func seal(_ bytes: inout [UInt8], _ heads: [Int]) {
    bytes.replaceSubrange(96..<128, with: digest(Array(bytes[0..<96])))
    var chain = Array(bytes[96..<128])
    for head in heads {
      chain = digest(Array(bytes[head..<head + 96]) + chain)
      bytes.replaceSubrange(head + 96..<head + 128, with: chain)
    }
    for page in [4096, 8192] {
      if number(bytes, page + 24, 8) == heads.count { bytes.replaceSubrange(page + 32..<page + 64, with: chain) }
      let sealed = digest(Array(bytes[page..<page + 64]) + bytes[96..<128])
      bytes.replaceSubrange(page + 64..<page + 96, with: sealed)
    }
  }
}
