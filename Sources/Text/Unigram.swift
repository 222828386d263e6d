// SPDX-License-Identifier: Apache-2.0
// Unigram: of all ways to cut a word into tokens the one with the largest sum of scores, by Viterbi's algorithm over
// the vocabulary's trie. Spec: specs/tokenizer.md §7.

extension TokenizerView {
  func encodeUnigram(
    _ text: UnsafePointer<UInt8>, _ byteCount: Int, _ scratch: UnsafeMutableRawBufferPointer, _ sink: inout TokenSink
  ) throws(TokenizerError) {
    var splitter = Splitter(self, text, byteCount)
    var work = 0
    while let piece = try splitter.next() {
      var unknown = UnknownRun()
      var position = piece.start
      var isFirst = true
      while position < piece.end {
        let end = has(TokenizerLayout.flagWordsBeginAtSpaces) ? wordEnd(text, position, piece.end) : piece.end
        let prefixed = isFirst && getsSpace(text + position, end &- position)
        var lattice = try Lattice(text + position, end &- position, prefixed: prefixed, scratch)
        fill(&lattice, &work)
        if work > Self.workMax(byteCount) { throw .splitTooSlow(limit: UInt64(Self.workMax(byteCount))) }
        try emit(lattice, text + position, &unknown, &sink)
        isFirst = false
        position = end
      }
    }
  }

  /// Whether a piece gets a space in front.
  @inline(__always)
  func getsSpace(_ text: UnsafePointer<UInt8>, _ byteCount: Int) -> Bool {
    has(TokenizerLayout.flagPiecesBeginWithSpace) && !isSpace(text, byteCount)
  }

  /// Behind the spaces at `start` and the characters up to the next space. No token reaches over such a place.
  func wordEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    var position = start
    while position < end, isSpace(text + position, end &- position) {
      position &+= UTF8Bytes.length(lead: text[position])
    }
    while position < end, !isSpace(text + position, end &- position) {
      position &+= UTF8Bytes.length(lead: text[position])
    }
    return position
  }

  private func fill(_ lattice: inout Lattice, _ work: inout Int) {
    let units = trie
    let root = units[0]
    let scores = priorities!
    let (text, byteCount) = (lattice.text, lattice.byteCount)
    lattice.sums[0] = 0
    for index in 1...byteCount { lattice.ids[index] = Lattice.unreached }
    var position = 0
    while position < byteCount {
      let sum = lattice.sums[position]
      let length = UTF8Bytes.length(lead: text[position])
      var unit = root
      var index = position
      var hasSingle = false
      while index < byteCount, let next = ByteTrie.child(units, unit, text[index]) {
        unit = next
        index &+= 1
        guard let id = ByteTrie.value(unit), index == byteCount || text[index] & 0xC0 != 0x80 else { continue }
        if index &- position == length { hasSingle = true }
        lattice.offer(index, from: position, id, sum + Double(Float(bitPattern: scores[Int(id)])))
      }
      work &+= index &- position
      if !hasSingle {
        lattice.offer(position &+ length, from: position, Lattice.unknown, sum + Double(unknownScore))
      }
      position &+= length
    }
  }

  /// - Parameter word: what the lattice was made of.
  private func emit(
    _ lattice: Lattice, _ word: UnsafePointer<UInt8>, _ unknown: inout UnknownRun, _ sink: inout TokenSink
  ) throws(TokenizerError) {
    var end = lattice.byteCount
    var count = 0
    while end > 0 {
      lattice.stack[count] = UInt32(truncatingIfNeeded: end)
      count &+= 1
      end = Int(lattice.starts[end])
    }
    var place = word
    while count > 0 {
      count &-= 1
      let end = Int(lattice.stack[count])
      let start = Int(lattice.starts[end])
      let id = lattice.ids[end]
      let first = place
      if sink.tracks { place = lattice.advanced(place, start, end) }
      if id != Lattice.unknown {
        unknown.isOpen = false
        // A piece without an id of its own.
        let isUnlisted = tokenFlags[Int(id)] & TokenizerLayout.tokenIsUnused != 0
        try sink.append(isUnlisted ? self.unknown ?? id : id, first, place - first)
      } else {
        for index in start..<end {
          if lattice.text[index] == 0x20 {
            try appendMeta(first, &unknown, &sink)
          } else {
            try appendByte(lattice.text[index], first: index == start, at: first, &unknown, &sink)
          }
        }
      }
    }
  }
}

/// The best way to each place of one word, over the caller's scratch: 17 bytes a byte of the word.
private struct Lattice {
  static let unknown: UInt32 = 0xFFFF_FFFF
  static let unreached: UInt32 = 0xFFFF_FFFE

  let sums: UnsafeMutablePointer<Double>
  /// Places on the best way, from its end; where the sums were.
  let stack: UnsafeMutablePointer<UInt32>
  let ids: UnsafeMutablePointer<UInt32>
  let starts: UnsafeMutablePointer<UInt32>
  let text: UnsafeMutablePointer<UInt8>
  var byteCount = 0
  let isPrefixed: Bool

  /// Copies the word, ▁ as a space.
  init(
    _ word: UnsafePointer<UInt8>, _ wordByteCount: Int, prefixed: Bool, _ scratch: UnsafeMutableRawBufferPointer
  ) throws(TokenizerError) {
    let places = wordByteCount + 2
    guard scratch.count >= Symbols.byteCountEach * places else {
      throw .scratchTooSmall(have: UInt64(scratch.count), need: UInt64(Symbols.byteCountEach * places))
    }
    let base = scratch.baseAddress!
    sums = base.assumingMemoryBound(to: Double.self)
    stack = base.assumingMemoryBound(to: UInt32.self)
    ids = (base + 8 * places).assumingMemoryBound(to: UInt32.self)
    starts = (base + 12 * places).assumingMemoryBound(to: UInt32.self)
    text = (base + 16 * places).assumingMemoryBound(to: UInt8.self)
    isPrefixed = prefixed
    if prefixed {
      text[0] = 0x20
      byteCount = 1
    }
    var index = 0
    while index < wordByteCount {
      if word[index] == 0xE2, wordByteCount &- index >= 3, word[index &+ 1] == 0x96, word[index &+ 2] == 0x81 {
        text[byteCount] = 0x20
        index &+= 3
      } else {
        text[byteCount] = word[index]
        index &+= 1
      }
      byteCount &+= 1
    }
  }

  /// The place in the word behind what `text[start..<end]` was copied from, which begins at `place`.
  func advanced(_ place: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> UnsafePointer<UInt8> {
    var place = place
    for index in start..<end where index > 0 || !isPrefixed {
      place += text[index] == 0x20 && place[0] != 0x20 ? 3 : 1
    }
    return place
  }

  @inline(__always)
  func offer(_ end: Int, from start: Int, _ id: UInt32, _ sum: Double) {
    if ids[end] != Self.unreached && sum <= sums[end] { return }
    ids[end] = id
    sums[end] = sum
    starts[end] = UInt32(truncatingIfNeeded: start)
  }
}

/// Whether the last id written stands for something without a token, for tokenizers that fuse those.
struct UnknownRun {
  var isOpen = false
}
