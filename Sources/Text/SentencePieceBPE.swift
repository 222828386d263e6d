// SPDX-License-Identifier: Apache-2.0
// SentencePiece BPE: a stretch of text, spaces and all, merged from its characters; what has no token goes as bytes.
// The section spells the meta symbol ▁ (U+2581) as a space, so text is not rewritten. Spec: specs/tokenizer.md §7.

extension TokenizerView {
  private static var metaLead: UInt8 { 0xE2 }

  func encodeSentencePiece(
    _ text: UnsafePointer<UInt8>, _ byteCount: Int, _ scratch: UnsafeMutableRawBufferPointer, _ sink: inout TokenSink
  ) throws(TokenizerError) {
    var symbols = Symbols(scratch)
    var splitter = Splitter(self, text, byteCount)
    while let piece = try splitter.next() {
      var position = piece.start
      var unknown = UnknownRun()
      while position < piece.end {
        let end = has(TokenizerLayout.flagWordsBeginAtSpaces) ? wordEnd(text, position, piece.end) : piece.end
        let prefixed = position == piece.start && getsSpace(text + position, end &- position)
        try encodeWord(text + position, end &- position, prefixed: prefixed, &symbols, &unknown, &sink)
        position = end
      }
    }
  }

  private func encodeWord(
    _ text: UnsafePointer<UInt8>, _ byteCount: Int, prefixed: Bool, _ symbols: inout Symbols,
    _ unknown: inout UnknownRun, _ sink: inout TokenSink
  ) throws(TokenizerError) {
    guard byteCount + 1 <= symbols.capacity else {
      throw .scratchTooSmall(
        have: UInt64(symbols.capacity * Symbols.byteCountEach), need: UInt64((byteCount + 2) * Symbols.byteCountEach))
    }
    var space: UInt8 = 0x20
    symbols.count = 0
    if prefixed { symbols.append(word(&space, 1)) }
    var position = 0
    while position < byteCount {
      let length = UTF8Bytes.length(lead: text[position])
      symbols.append(isSpace(text + position, length) ? word(&space, 1) : word(text + position, length))
      position &+= length
    }
    symbols.merge(self)

    position = 0
    var ahead = prefixed ? 1 : 0  // the first symbol that stands for no text
    for index in 0..<symbols.count {
      let start = position
      var width = Int(symbols.nexts[index])
      width &-= ahead
      let isPrefixAlone = ahead == 1 && width == 0
      ahead = 0
      for _ in 0..<width { position &+= UTF8Bytes.length(lead: text[position]) }
      let id = symbols.ids[index]
      if id < UInt32(truncatingIfNeeded: tokenCount) {
        unknown.isOpen = false
        try sink.append(id, text + start, position &- start)
      } else if isPrefixAlone {
        try appendMeta(text, &unknown, &sink)
      } else {
        try appendBytes(text, start, position, &unknown, &sink)
      }
    }
  }

  /// Byte tokens for `text[start..<end]`, a space as the three bytes of ▁; the unknown token where there are none.
  private func appendBytes(
    _ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ unknown: inout UnknownRun, _ sink: inout TokenSink
  ) throws(TokenizerError) {
    for index in start..<end {
      if text[index] == 0x20 {
        try appendMeta(text + index, &unknown, &sink)
      } else {
        try appendByte(text[index], first: text[index] & 0xC0 != 0x80, at: text + index, &unknown, &sink)
      }
    }
  }

  /// - Parameter at: the byte that this is instead of, or before which it was put.
  func appendMeta(
    _ at: UnsafePointer<UInt8>, _ unknown: inout UnknownRun, _ sink: inout TokenSink
  ) throws(TokenizerError) {
    try appendByte(Self.metaLead, first: true, at: at, &unknown, &sink)
    try appendByte(0x96, first: false, at: at, &unknown, &sink)
    try appendByte(0x81, first: false, at: at, &unknown, &sink)
  }

  /// One unknown token for a character whose bytes have no tokens.
  func appendByte(
    _ byte: UInt8, first: Bool, at: UnsafePointer<UInt8>, _ unknown: inout UnknownRun, _ sink: inout TokenSink
  ) throws(TokenizerError) {
    let id = byteTokens[Int(byte)]
    if id != TokenizerLayout.none {
      unknown.isOpen = false
      try sink.append(id, at, 1)
    } else if first, let token = self.unknown {
      if unknown.isOpen, has(TokenizerLayout.flagUnknownFused) { return sink.extend(at) }
      unknown.isOpen = true
      try sink.append(token, at, 1)
    }
  }
}
