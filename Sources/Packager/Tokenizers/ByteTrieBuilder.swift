// SPDX-License-Identifier: Apache-2.0
// Lays keys out as a double array (specs/tokenizer.md §6). Equal subtrees are kept once, so that a set of characters,
// however large, is small.

import Text

struct ByteTrieBuilder {
  static let keyByteCountMax = 1024
  private static let openBlocks = 16

  /// A node's children, ascending by byte: `first..<first + count` of the arrays below.
  private struct Node {
    var first: Int
    var count: Int
  }

  private var nodes: [Node] = []
  private var labels: [UInt8] = []
  private var values: [UInt32] = []  // one more than the value, or 0
  private var children: [Int32] = []  // a node, or −1
  private var known: [[UInt64]: Int32] = [:]

  private let keys: [ArraySlice<UInt8>]
  private let keyValues: [UInt32]
  private let sharesSubtrees: Bool

  /// - Parameters:
  ///   - entries: keys that are not empty, each once, and values below 2²⁴ − 1.
  ///   - sharing: looks for equal subtrees. Of no use where all values differ.
  /// - Returns: the units, a multiple of 256 of them.
  static func units(
    _ entries: [(key: ArraySlice<UInt8>, value: UInt32)], sharing: Bool
  ) throws(TokenizerCompileError) -> [UInt64] {
    if let long = entries.first(where: { $0.key.count > keyByteCountMax }) {
      throw .overLimit(part: "bytes of a token or rule", found: long.key.count, limit: keyByteCountMax)
    }
    var builder = ByteTrieBuilder(entries, sharing: sharing)
    let root = builder.build(0..<builder.keys.count, depth: 0)
    return try builder.laidOut(Int(root))
  }

  private init(_ entries: [(key: ArraySlice<UInt8>, value: UInt32)], sharing: Bool) {
    let sorted = entries.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    keys = sorted.map(\.key)
    keyValues = sorted.map(\.value)
    sharesSubtrees = sharing
  }

  private func byte(_ key: Int, _ depth: Int) -> UInt8 { keys[key][keys[key].startIndex + depth] }

  /// The node of the keys that share their first `depth` bytes and are longer.
  private mutating func build(_ range: Range<Int>, depth: Int) -> Int32 {
    var own: [(label: UInt8, value: UInt32, child: Int32)] = []
    var start = range.lowerBound
    while start < range.upperBound {
      let label = byte(start, depth)
      var end = start + 1
      while end < range.upperBound, byte(end, depth) == label { end += 1 }
      var value: UInt32 = 0
      var rest = start
      if keys[start].count == depth + 1 {
        value = keyValues[start] + 1
        rest += 1
      }
      own.append((label, value, rest < end ? build(rest..<end, depth: depth + 1) : -1))
      start = end
    }
    var signature: [UInt64] = []
    if sharesSubtrees {
      for item in own {
        signature.append(UInt64(item.label) << 32 | UInt64(item.value))
        signature.append(UInt64(UInt32(bitPattern: item.child)))
      }
      if let node = known[signature] { return node }
    }
    let node = Int32(nodes.count)
    nodes.append(Node(first: labels.count, count: own.count))
    for item in own {
      labels.append(item.label)
      values.append(item.value)
      children.append(item.child)
    }
    if sharesSubtrees { known[signature] = node }
    return node
  }

  private func laidOut(_ root: Int) throws(TokenizerCompileError) -> [UInt64] {
    var places = Places()
    var bases = [Int](repeating: -1, count: nodes.count)
    // Depth first from the root, so that what is walked together lies together.
    var stack = [root]
    while let node = stack.popLast() {
      if bases[node] >= 0 || nodes[node].count == 0 { continue }
      let range = nodes[node].first..<nodes[node].first + nodes[node].count
      bases[node] = try places.place(labels[range])
      for child in children[range].reversed() where child >= 0 { stack.append(Int(child)) }
    }
    var units = [UInt64](repeating: 0, count: places.count)
    func link(_ node: Int) -> UInt64 {
      node < 0 || bases[node] < 0
        ? 0 : ByteTrieUnit.hasChildren | UInt64(bases[node]) << ByteTrieUnit.baseShift
    }
    units[0] = link(root)
    for node in nodes.indices where bases[node] >= 0 {
      for index in nodes[node].first..<nodes[node].first + nodes[node].count {
        units[bases[node] ^ Int(labels[index])] =
          UInt64(labels[index]) | ByteTrieUnit.isUsed | UInt64(values[index]) << ByteTrieUnit.valueShift
          | link(Int(children[index]))
      }
    }
    return units
  }

  /// Free units of the last blocks of 256, and which bases are taken: no two nodes share one.
  private struct Places {
    private(set) var count = 0
    private var isTaken: [Bool] = []
    private var isBase: [Bool] = []
    private var free: [Int] = []  // ascending; of the open blocks

    init() {
      grow()
      isTaken[0] = true  // the root
      free.removeFirst()
    }

    private mutating func grow() {
      isTaken += Array(repeating: false, count: 256)
      isBase += Array(repeating: false, count: 256)
      count += 256
      let open = count - 256 * ByteTrieBuilder.openBlocks
      free.removeAll { $0 < open || isTaken[$0] }
      free += (count - 256)..<count
    }

    mutating func place(_ labels: ArraySlice<UInt8>) throws(TokenizerCompileError) -> Int {
      while true {
        if let base = find(labels) {
          isBase[base] = true
          for label in labels { isTaken[base ^ Int(label)] = true }
          return base
        }
        guard count + 256 <= TokenizerLayout.trieUnitsMax else {
          throw .overLimit(part: "units of a trie", found: count + 256, limit: TokenizerLayout.trieUnitsMax)
        }
        grow()
      }
    }

    private mutating func find(_ labels: ArraySlice<UInt8>) -> Int? {
      let first = Int(labels.first!)
      var kept = 0
      var found: Int?
      for index in free.indices {
        let unit = free[index]
        if isTaken[unit] { continue }
        free[kept] = unit
        kept += 1
        let base = unit ^ first
        if isBase[base] { continue }
        if labels.allSatisfy({ !isTaken[base ^ Int($0)] }) {
          found = base
          if kept <= index { free.replaceSubrange(kept...index, with: []) }
          return found
        }
      }
      free.removeLast(free.count - kept)
      return found
    }
  }
}
