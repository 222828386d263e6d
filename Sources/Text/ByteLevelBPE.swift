// SPDX-License-Identifier: Apache-2.0
// Byte-level BPE: the pieces of the splitter, each looked up whole and otherwise merged from its bytes.

extension TokenizerView {
  func encodeByteLevel(
    _ text: UnsafePointer<UInt8>, _ byteCount: Int, _ scratch: UnsafeMutableRawBufferPointer, _ sink: inout TokenSink
  ) throws(TokenizerError) {
    var splitter = Splitter(self, text, byteCount)
    var symbols = Symbols(scratch)
    while let piece = try splitter.next() {
      try encodeWord(text + piece.start, piece.end &- piece.start, &symbols, &sink)
    }
  }

  @inline(__always)
  private func encodeWord(
    _ text: UnsafePointer<UInt8>, _ byteCount: Int, _ symbols: inout Symbols, _ sink: inout TokenSink
  ) throws(TokenizerError) {
    if byteCount > 1, byteCount <= longestTokenByteCount {
      let id = word(text, byteCount)
      if id != TokenizerLayout.none { return try sink.append(id, text, byteCount) }
    }
    guard byteCount <= symbols.capacity else {
      throw .scratchTooSmall(
        have: UInt64(symbols.capacity * Symbols.byteCountEach), need: UInt64(byteCount * Symbols.byteCountEach))
    }
    symbols.count = 0
    for index in 0..<byteCount {
      // A byte without a token is left out, and its neighbours become neighbours.
      let id = byteTokens[Int(text[index])]
      if id != TokenizerLayout.none { symbols.append(id) }
    }
    symbols.merge(self)
    var position = 0
    for index in 0..<symbols.count {
      let start = position
      if sink.tracks { position = self.end(text, start, symbolCount: Int(symbols.nexts[index])) }
      try sink.append(symbols.ids[index], text + start, position &- start)
    }
  }

  /// Behind as many bytes with a token as a symbol was merged from, those between them included.
  private func end(_ text: UnsafePointer<UInt8>, _ start: Int, symbolCount: Int) -> Int {
    var position = start
    for _ in 0..<symbolCount {
      while byteTokens[Int(text[position])] == TokenizerLayout.none { position &+= 1 }
      position &+= 1
    }
    return position
  }
}

extension TokenizerView {
  /// Whether merging the bytes, not looked up whole, gives just this token. For the compiler of the word table.
  public func mergesToOne(
    _ bytes: UnsafeBufferPointer<UInt8>, into id: UInt32, scratch: UnsafeMutableRawBufferPointer
  ) -> Bool {
    var symbols = Symbols(scratch)
    guard bytes.count <= symbols.capacity else { return false }
    for byte in bytes { symbols.append(byteTokens[Int(byte)]) }
    symbols.merge(self)
    return symbols.count == 1 && symbols.ids[0] == id
  }

  /// Bytes of scratch for merging one word of `byteCount` bytes.
  public static func mergeScratchByteCount(wordByteCount: Int) -> Int { Symbols.byteCountEach * (wordByteCount + 1) }
}
