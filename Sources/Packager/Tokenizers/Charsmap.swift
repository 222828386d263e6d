// SPDX-License-Identifier: Apache-2.0
// SentencePiece's precompiled normalizer map: u32 bytes of a Darts-clone double array, the array, then replacements
// that each end with a zero. Read once, into rules; everything in it may be hostile.

import ModelFiles
import Text

struct Charsmap {
  private static let ruleCountMax = 1 << 18
  private static let keyByteCountMax = 64

  struct Rule {
    var key: [UInt8]
    var replacement: [UInt8]
  }

  private(set) var rules: [Rule] = []
  /// Nodes that may still be visited: a map whose nodes are their own descendants stops here.
  private var visitsLeft = 1 << 20

  private let units: [UInt32]
  private let texts: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) throws(TokenizerCompileError) {
    func u32(_ offset: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(bytes[offset + $1]) << (8 * UInt32($1)) } }
    guard bytes.count >= 4 else { throw Self.wrong("\(bytes.count) bytes") }
    let arrayByteCount = Int(u32(0))
    guard arrayByteCount % 4 == 0, arrayByteCount >= 4, arrayByteCount <= bytes.count - 4 else {
      throw Self.wrong("an array of \(arrayByteCount) bytes in \(bytes.count)")
    }
    units = (0..<arrayByteCount / 4).map { u32(4 + 4 * $0) }
    texts = bytes[(4 + arrayByteCount)...]
    var key: [UInt8] = []
    try walk(0, &key)
  }

  private static func wrong(_ what: String) -> TokenizerCompileError { .charsmap(what) }

  private func offset(_ unit: UInt32) -> Int { Int(unit >> 10) << Int((unit & 1 << 9) >> 6) }

  /// All keys below a node, in order.
  private mutating func walk(_ node: Int, _ key: inout [UInt8]) throws(TokenizerCompileError) {
    guard key.count < Self.keyByteCountMax else { throw Self.wrong("a key of over \(Self.keyByteCountMax) bytes") }
    visitsLeft -= 1
    guard visitsLeft >= 0 else { throw Self.wrong("too many nodes") }
    let base = node ^ offset(units[node])
    for label in 1...255 {
      let child = base ^ label
      guard child < units.count, units[child] & (1 << 31 | 0xFF) == UInt32(label) else { continue }
      key.append(UInt8(label))
      if units[child] >> 8 & 1 == 1 {
        let leaf = child ^ offset(units[child])
        guard leaf < units.count else { throw Self.wrong("a value outside the array") }
        rules.append(Rule(key: key, replacement: try text(Int(units[leaf] & 0x7FFF_FFFF))))
        guard rules.count <= Self.ruleCountMax else { throw Self.wrong("over \(Self.ruleCountMax) rules") }
      }
      try walk(child, &key)
      key.removeLast()
    }
  }

  private func text(_ offset: Int) throws(TokenizerCompileError) -> [UInt8] {
    guard offset < texts.count, let end = texts[(texts.startIndex + offset)...].firstIndex(of: 0) else {
      throw Self.wrong("a replacement outside the texts")
    }
    return Array(texts[(texts.startIndex + offset)..<end])
  }
}
