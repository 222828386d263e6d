// SPDX-License-Identifier: Apache-2.0
// Byte-pair merging: while any neighbours are a known pair, the best of them become one symbol; of equals the leftmost.
// O(n log n) in the symbols of a word, whatever the text. Spec: specs/tokenizer.md §7.

extension TokenizerView {
  static var pairNone: UInt32 { 0xFFFF_FFFF }

  /// The index of the pair in the table of pairs.
  @inline(__always)
  func pairIndex(_ left: UInt32, _ right: UInt32) -> UInt32 {
    if left == TokenizerLayout.none || right == TokenizerLayout.none { return Self.pairNone }
    let key = TokenizerLayout.pairKey(left, right)
    let hash = TokenizerLayout.mixed(key)
    let tag = TokenizerLayout.tag(hash)
    var slot = TokenizerLayout.slot(hash, slotCount: pairSlotCount)
    while true {
      let found = pairSlots[slot]
      if found == TokenizerLayout.none { return Self.pairNone }
      if found & ~TokenizerLayout.slotIndexMask == tag {
        let index = found & TokenizerLayout.slotIndexMask
        if pairs[Int(index)] & ((1 << 42) - 1) == key { return index }
      }
      slot &+= 1
      if slot == pairSlotCount { slot = 0 }
    }
  }

  @inline(__always)
  func merged(_ pair: UInt32) -> UInt32 { UInt32(truncatingIfNeeded: pairs[Int(pair)] >> 42) }

  /// Lower is sooner. A merge list ranks pairs; scores rank what pairs give.
  @inline(__always)
  func priority(_ pair: UInt32) -> UInt32 {
    if pair == Self.pairNone { return pair }
    if let priorities { return priorities[Int(merged(pair))] }
    return pair
  }

  /// The id of a word that stands in the table of words, or `none`.
  @inline(__always)
  func word(_ bytes: UnsafePointer<UInt8>, _ byteCount: Int) -> UInt32 {
    let hash = TokenizerLayout.hash(bytes, byteCount)
    let tag = TokenizerLayout.tag(hash)
    var slot = TokenizerLayout.slot(hash, slotCount: wordSlotCount)
    while true {
      let found = wordSlots[slot]
      if found == TokenizerLayout.none { return found }
      if found & ~TokenizerLayout.slotIndexMask == tag {
        let id = Int(found & TokenizerLayout.slotIndexMask)
        let start = Int(tokenOffsets[id])
        if Int(tokenOffsets[id &+ 1]) &- start == byteCount, Self.equal(tokenBytes + start, bytes, byteCount) {
          return UInt32(truncatingIfNeeded: id)
        }
      }
      slot &+= 1
      if slot == wordSlotCount { slot = 0 }
    }
  }

  @inline(__always)
  private static func equal(_ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ byteCount: Int) -> Bool {
    for index in 0..<byteCount where a[index] != b[index] { return false }
    return true
  }
}

/// The symbols of one word over the caller's scratch: five u32 arrays of `capacity` elements.
struct Symbols {
  /// Up to here the best pair is found by looking at all of them.
  static let smallCount = 32
  static let byteCountEach = 20

  let ids: UnsafeMutablePointer<UInt32>
  /// What a symbol covers, in first symbols: while merging by looking, its width; by tournament, the next one's place.
  let nexts: UnsafeMutablePointer<UInt32>
  private let previouses: UnsafeMutablePointer<UInt32>
  private let priorities: UnsafeMutablePointer<UInt32>
  private let tree: UnsafeMutablePointer<UInt32>
  let capacity: Int
  var count = 0

  init(_ scratch: UnsafeMutableRawBufferPointer) {
    capacity = scratch.count / Self.byteCountEach
    let words = scratch.baseAddress!.assumingMemoryBound(to: UInt32.self)
    ids = words
    nexts = words + capacity
    previouses = words + 2 * capacity
    priorities = words + 3 * capacity
    tree = words + 4 * capacity
  }

  /// Appends a symbol; the caller has made sure of the capacity.
  @inline(__always)
  mutating func append(_ id: UInt32) {
    ids[count] = id
    count &+= 1
  }

  /// Merges, then leaves `count` symbols in `ids`, each as wide as `nexts` says, in first symbols.
  mutating func merge(_ view: TokenizerView) {
    if count <= Self.smallCount { mergeSmall(view) } else { mergeLarge(view) }
  }

  private mutating func mergeSmall(_ view: TokenizerView) {
    for index in 0..<count { nexts[index] = 1 }
    if count < 2 { return }
    for index in 0..<count &- 1 { priorities[index] = view.priority(view.pairIndex(ids[index], ids[index &+ 1])) }
    while count > 1 {
      var best = 0
      for index in 1..<count where index < count &- 1 && priorities[index] < priorities[best] { best = index }
      if priorities[best] == TokenizerView.pairNone { return }
      ids[best] = view.merged(view.pairIndex(ids[best], ids[best &+ 1]))
      nexts[best] &+= nexts[best &+ 1]
      count &-= 1
      var index = best &+ 1
      while index < count {
        ids[index] = ids[index &+ 1]
        nexts[index] = nexts[index &+ 1]
        priorities[index &- 1] = priorities[index]
        index &+= 1
      }
      if best > 0 { priorities[best &- 1] = view.priority(view.pairIndex(ids[best &- 1], ids[best])) }
      if best &+ 1 < count { priorities[best] = view.priority(view.pairIndex(ids[best], ids[best &+ 1])) }
    }
  }

  /// A tournament over all places: leaf i is place i, the winner of a node the better of its two, the root at 1.
  private mutating func mergeLarge(_ view: TokenizerView) {
    let places = count
    for index in 0..<places {
      nexts[index] = UInt32(truncatingIfNeeded: index &+ 1)
      previouses[index] = UInt32(truncatingIfNeeded: index) &- 1
      priorities[index] =
        index &+ 1 < places
        ? view.priority(view.pairIndex(ids[index], ids[index &+ 1])) : TokenizerView.pairNone
    }
    for node in stride(from: places &- 1, to: 0, by: -1) { play(node, places) }
    while true {
      let best = Int(tree[1])
      if priorities[best] == TokenizerView.pairNone { break }
      let right = Int(nexts[best])
      ids[best] = view.merged(view.pairIndex(ids[best], ids[right]))
      let after = Int(nexts[right])
      nexts[best] = UInt32(truncatingIfNeeded: after)
      set(right, TokenizerView.pairNone, places)
      if after < places {
        previouses[after] = UInt32(truncatingIfNeeded: best)
        set(best, view.priority(view.pairIndex(ids[best], ids[after])), places)
      } else {
        set(best, TokenizerView.pairNone, places)
      }
      if best > 0 {
        let left = Int(previouses[best])
        set(left, view.priority(view.pairIndex(ids[left], ids[best])), places)
      }
    }
    var kept = 0
    var place = 0
    while place < places {
      let next = Int(nexts[place])
      ids[kept] = ids[place]
      nexts[kept] = UInt32(truncatingIfNeeded: next &- place)
      kept &+= 1
      place = next
    }
    count = kept
  }

  @inline(__always)
  private func play(_ node: Int, _ places: Int) {
    let left = 2 &* node
    let a = left >= places ? UInt32(truncatingIfNeeded: left &- places) : tree[left]
    let b = left &+ 1 >= places ? UInt32(truncatingIfNeeded: left &+ 1 &- places) : tree[left &+ 1]
    let (pa, pb) = (priorities[Int(a)], priorities[Int(b)])
    tree[node] = pa < pb || (pa == pb && a < b) ? a : b
  }

  @inline(__always)
  private func set(_ place: Int, _ priority: UInt32, _ places: Int) {
    if priorities[place] == priority { return }
    priorities[place] = priority
    var node = (place &+ places) >> 1
    while node > 0 {
      play(node, places)
      node >>= 1
    }
  }
}
