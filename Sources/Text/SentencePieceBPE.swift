// SPDX-License-Identifier: Apache-2.0
// SentencePiece BPE: a stretch of text, spaces and all, merged from its characters; what has no token goes as bytes.
// The section spells the meta symbol ▁ (U+2581) as a space, so text is not rewritten. Spec: specs/tokenizer.md §7.

extension TokenizerView {
  private static var metaLead: UInt8 { 0xE2 }

  func encodeSentencePiece(
    _ text: UnsafePointer<UInt8>, _ byteCount: Int, _ scratch: UnsafeMutableRawBufferPointer, _ sink: inout TokenSink
  ) throws(TokenizerError) {
    var symbols = Symbols(scratch)
    var position = 0
    var isFirst = true
    while position < byteCount {
      let end = has(TokenizerLayout.flagWordsBeginAtSpaces) ? wordEnd(text, position, byteCount) : byteCount
      let prefixed = isFirst && has(TokenizerLayout.flagDummyPrefix)
      try encodeWord(text + position, end &- position, prefixed: prefixed, &symbols, &sink)
      isFirst = false
      position = end
    }
  }

  /// Whether a space or a literal ▁ stands here.
  @inline(__always)
  private func isSpace(_ text: UnsafePointer<UInt8>) -> Bool {
    text[0] == 0x20 || (text[0] == Self.metaLead && text[1] == 0x96 && text[2] == 0x81)
  }

  /// Behind the spaces at `start` and the characters up to the next space. No token reaches over such a place.
  private func wordEnd(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    var position = start
    while position < end, isSpace(text + position) { position &+= UTF8Bytes.length(lead: text[position]) }
    while position < end, !isSpace(text + position) { position &+= UTF8Bytes.length(lead: text[position]) }
    return position
  }

  private func encodeWord(
    _ text: UnsafePointer<UInt8>, _ byteCount: Int, prefixed: Bool, _ symbols: inout Symbols, _ sink: inout TokenSink
  ) throws(TokenizerError) {
    guard byteCount + 1 <= symbols.capacity else {
      throw .scratchTooSmall(
        have: UInt64(symbols.capacity * Symbols.byteCountEach), need: UInt64((byteCount + 1) * Symbols.byteCountEach))
    }
    var space: UInt8 = 0x20
    symbols.count = 0
    if prefixed { symbols.append(word(&space, 1)) }
    var position = 0
    while position < byteCount {
      let length = UTF8Bytes.length(lead: text[position])
      symbols.append(isSpace(text + position) ? word(&space, 1) : word(text + position, length))
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
        try sink.append(id)
      } else if isPrefixAlone {
        try appendBytes(text, 0, 0, meta: true, &sink)
      } else {
        try appendBytes(text, start, position, meta: false, &sink)
      }
    }
  }

  /// Byte tokens for `text[start..<end]`, a space as the three bytes of ▁; the unknown token where there are none.
  private func appendBytes(
    _ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int, meta: Bool, _ sink: inout TokenSink
  ) throws(TokenizerError) {
    if meta { return try appendMeta(&sink) }
    for index in start..<end {
      if text[index] == 0x20 {
        try appendMeta(&sink)
      } else {
        try appendByte(text[index], first: index == start, &sink)
      }
    }
  }

  private func appendMeta(_ sink: inout TokenSink) throws(TokenizerError) {
    try appendByte(Self.metaLead, first: true, &sink)
    try appendByte(0x96, first: false, &sink)
    try appendByte(0x81, first: false, &sink)
  }

  /// One unknown token for a character whose bytes have no tokens.
  private func appendByte(_ byte: UInt8, first: Bool, _ sink: inout TokenSink) throws(TokenizerError) {
    let id = byteTokens[Int(byte)]
    if id != TokenizerLayout.none {
      try sink.append(id)
    } else if first, let unknown {
      try sink.append(unknown)
    }
  }
}
