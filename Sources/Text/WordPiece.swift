// SPDX-License-Identifier: Apache-2.0
// WordPiece: each word is cut from the left into the longest tokens; a word that cannot be is UNK as a whole. Tokens
// that begin a word are spelled with a space in front, so one trie holds both kinds. Spec: specs/tokenizer.md §7.

extension TokenizerView {
  func encodeWordPiece(
    _ text: UnsafePointer<UInt8>, _ byteCount: Int, _ sink: inout TokenSink
  ) throws(TokenizerError) {
    var splitter = Splitter(self, text, byteCount)
    var work = 0
    while let piece = try splitter.next() {
      try encodeWord(text + piece.start, piece.end &- piece.start, &work, &sink)
      if work > Self.workMax(byteCount) { throw .splitTooSlow(limit: UInt64(Self.workMax(byteCount))) }
    }
  }

  private func encodeWord(
    _ text: UnsafePointer<UInt8>, _ byteCount: Int, _ work: inout Int, _ sink: inout TokenSink
  ) throws(TokenizerError) {
    let before = sink.count
    var start = trie[0]
    var position = 0
    if codePointCount(text, byteCount) > wordCodePointsMax { return try appendUnknown(text, byteCount, &sink) }
    guard let space = ByteTrie.child(trie, start, 0x20) else { return try appendUnknown(text, byteCount, &sink) }
    start = space
    while position < byteCount {
      var unit = start
      var index = position
      var best = ByteTrie.Match()
      while index < byteCount, let next = ByteTrie.child(trie, unit, text[index]) {
        unit = next
        index &+= 1
        if let id = ByteTrie.value(unit), index == byteCount || text[index] & 0xC0 != 0x80 {
          best = ByteTrie.Match(byteCount: index &- position, value: id)
        }
      }
      work &+= index &- position
      guard best.byteCount > 0 else {
        sink.count = before
        return try appendUnknown(text, byteCount, &sink)
      }
      try sink.append(best.value, text + position, best.byteCount)
      position &+= best.byteCount
      start = trie[0]
    }
  }

  private func appendUnknown(
    _ text: UnsafePointer<UInt8>, _ byteCount: Int, _ sink: inout TokenSink
  ) throws(TokenizerError) {
    if let unknown { try sink.append(unknown, text, byteCount) }
  }

  private func codePointCount(_ text: UnsafePointer<UInt8>, _ byteCount: Int) -> Int {
    var count = 0
    for index in 0..<byteCount where text[index] & 0xC0 != 0x80 { count &+= 1 }
    return count
  }
}
