// SPDX-License-Identifier: Apache-2.0
// From text to ids: added tokens, then normalizing, splitting and merging of what lies between them.
// Spec: specs/tokenizer.md §7. Start at `encode`.

public struct EncodeOptions: @unchecked Sendable {
  /// Puts the source's own tokens (BOS, EOS, …) before and behind the text.
  public var addSpecial: Bool
  /// Takes special tokens that are spelled out in the text as those tokens. Off, they are plain text: so it is for
  /// what users and documents say, where `<|im_start|>` must never begin a turn.
  public var parseSpecial: Bool
  /// For each byte of the text, whether it may be part of a special token; nil: every byte may. A special token is one
  /// only where all of its bytes are trusted; see TokenTrust.swift for text that the normalizer changes.
  public var trusted: UnsafePointer<UInt8>?

  public init(addSpecial: Bool = true, parseSpecial: Bool = true, trusted: UnsafePointer<UInt8>? = nil) {
    self.addSpecial = addSpecial
    self.parseSpecial = parseSpecial
    self.trusted = trusted
  }

  /// Of content that somebody else wrote: nothing is added, and no special token comes of it.
  public static let content = EncodeOptions(addSpecial: false, parseSpecial: false)
}

extension TokenizerView {
  /// Bytes of scratch with which no text of `textByteCount` bytes can fail. Most texts do with far less: what is really
  /// needed goes by the longest word, so a caller may give less and be told what a word asks for.
  ///
  /// - Parameter withSpans: for `encode` with spans, which takes four bytes more for each byte of the normalized text.
  public func encodeScratchByteCount(textByteCount: Int, withSpans: Bool = false) -> Int {
    scratchByteCountMax(textByteCount, tracks: withSpans)
  }

  /// The largest number of ids that a text of `textByteCount` bytes can give.
  public func tokenCountMax(textByteCount: Int) -> Int {
    let text = normalizedByteCountMax(textByteCount)
    // A space before each piece, and a space or ▁ without a token of its own, cost three bytes.
    let isByteLevel = kind == .byteLevelBPE || kind == .wordPiece
    return prefixCount + suffixCount + (isByteLevel ? text : 6 * (text + 1))
  }

  /// Encodes UTF-8 text and returns the number of ids written.
  ///
  /// - Parameters:
  ///   - scratch: aligned to 8; see `encodeScratchByteCount`. Its contents afterwards mean nothing.
  ///   - ids: room for the result; see `tokenCountMax`.
  ///   - spans: nil, or room for as many spans as `ids` has: the bytes of `text` that each token came from.
  /// - Throws: T-40 to T-45. What was written to `ids` before then means nothing.
  /// - Complexity: O(n log n) in the bytes of the text. Allocates nothing.
  public func encode(
    _ text: UnsafeRawBufferPointer, options: EncodeOptions = EncodeOptions(),
    scratch: UnsafeMutableRawBufferPointer, into ids: UnsafeMutableBufferPointer<UInt32>,
    spans: UnsafeMutablePointer<TokenSpan>? = nil
  ) throws(TokenizerError) -> Int {
    guard text.count <= TokenizerLayout.textByteCountMax else {
      throw .textTooLong(found: UInt64(text.count), limit: UInt64(TokenizerLayout.textByteCountMax))
    }
    guard let scratchStart = scratch.baseAddress, UInt(bitPattern: scratchStart) % 8 == 0 else {
      throw .scratchTooSmall(have: 0, need: UInt64(encodeScratchByteCount(textByteCount: text.count)))
    }
    let scratch = UnsafeMutableRawBufferPointer(rebasing: scratch[..<(scratch.count & ~7)])
    let bytes = (text.baseAddress ?? UnsafeRawPointer(scratchStart)).assumingMemoryBound(to: UInt8.self)
    var sink = TokenSink(
      ids: ids, spans: spans, text: bytes, textByteCount: text.count, stretch: bytes,
      trims: has(TokenizerLayout.flagSpansTrimmed), keepsFirst: has(TokenizerLayout.flagSpansKeepFirst))
    if options.addSpecial { for id in prefix { try sink.appendAffix(id) } }
    if text.count > 0 {
      let valid = UTF8Bytes.validated(bytes, text.count)
      guard valid == text.count else { throw .textNotUTF8(offset: UInt64(valid)) }
      var position = 0
      var borders = Borders(before: TokenizerLayout.atText, behind: TokenizerLayout.atText)
      while let match = nextAdded(
        bytes, from: position, to: text.count, special: options.parseSpecial, normalized: false,
        trusted: options.trusted)
      {
        borders.behind = match.border
        try encodePlain(
          bytes + position, match.start &- position, borders, options.advanced(by: position), scratch, &sink)
        (sink.plainOffset, sink.plainSources) = (0, nil)
        try appendAdded(match, bytes, &sink)
        borders.before = match.border
        position = match.end
      }
      borders.behind = TokenizerLayout.atText
      try encodePlain(
        bytes + position, text.count &- position, borders, options.advanced(by: position), scratch, &sink)
    }
    if options.addSpecial { for id in suffix { try sink.appendAffix(id) } }
    return sink.count
  }

  /// A token that was found in `text`, which is the whole text or a normalized stretch.
  private func appendAdded(
    _ match: AddedMatch, _ text: UnsafePointer<UInt8>, _ sink: inout TokenSink
  ) throws(TokenizerError) {
    var (start, end) = (0, match.end &- match.start)
    if sink.tracks {
      sink.enter(text, at: 0)
      if sink.trims {
        (start, end) = stripped(TokenizerLayout.stripsBoth, text + match.start, end)
      }
    }
    try sink.append(match.id, text + match.start + start, end &- start)
  }

  /// What lies between added tokens of the text as it came: normalized, and searched for those added tokens that are
  /// looked for in normalized text.
  private func encodePlain(
    _ text: UnsafePointer<UInt8>, _ byteCount: Int, _ borders: Borders, _ options: EncodeOptions,
    _ scratch: UnsafeMutableRawBufferPointer, _ sink: inout TokenSink
  ) throws(TokenizerError) {
    if byteCount == 0, borders.behind != TokenizerLayout.atAdded { return }
    let normalized = try normalize(text, byteCount, borders, late: false, tracks: sink.tracks, scratch)
    let rest = try Self.rest(of: scratch, behind: normalized)
    (sink.plainOffset, sink.plainSources) = (text - sink.text, normalized.sources)
    let options = trust(options, text, byteCount, normalized.text, normalized.byteCount)
    let text = normalized.text
    var position = 0
    var borders = borders
    let last = borders.behind
    while let match = nextAdded(
      text, from: position, to: normalized.byteCount, special: options.parseSpecial, normalized: true,
      trusted: options.trusted)
    {
      borders.behind = match.border
      try encodeStretch(text + position, match.start &- position, at: position, borders, rest, &sink)
      try appendAdded(match, text, &sink)
      borders.before = match.border
      position = match.end
    }
    borders.behind = last
    try encodeStretch(text + position, normalized.byteCount &- position, at: position, borders, rest, &sink)
  }

  private static func rest(
    of scratch: UnsafeMutableRawBufferPointer, behind normalized: Normalized
  ) throws(TokenizerError) -> UnsafeMutableRawBufferPointer {
    let end = scratch.count &- normalized.sourcesByteCount
    guard normalized.scratchByteCount < end else {
      let need = normalized.scratchByteCount &+ normalized.sourcesByteCount
      throw .scratchTooSmall(have: UInt64(scratch.count), need: UInt64(need) + 1)
    }
    return UnsafeMutableRawBufferPointer(rebasing: scratch[normalized.scratchByteCount..<end])
  }

  private func encodeStretch(
    _ text: UnsafePointer<UInt8>, _ byteCount: Int, at offset: Int, _ borders: Borders,
    _ scratch: UnsafeMutableRawBufferPointer, _ sink: inout TokenSink
  ) throws(TokenizerError) {
    if byteCount == 0 { return }
    let stretch = try normalize(text, byteCount, borders, late: true, tracks: sink.tracks, scratch)
    let rest = try Self.rest(of: scratch, behind: stretch)
    sink.enter(stretch.text, at: offset, sources: stretch.sources)
    switch kind {
    case .byteLevelBPE: try encodeByteLevel(stretch.text, stretch.byteCount, rest, &sink)
    case .sentencePieceBPE: try encodeSentencePiece(stretch.text, stretch.byteCount, rest, &sink)
    case .unigram: try encodeUnigram(stretch.text, stretch.byteCount, rest, &sink)
    case .wordPiece: try encodeWordPiece(stretch.text, stretch.byteCount, &sink)
    }
  }

  /// The text as the steps before added tokens leave it. For the compiler, which looks for added tokens in that form.
  ///
  /// - Returns: the number of bytes, at the start of the scratch.
  public func normalizedCopy(
    _ text: UnsafeBufferPointer<UInt8>, scratch: UnsafeMutableRawBufferPointer
  ) throws(TokenizerError) -> Int {
    guard let start = text.baseAddress, text.count > 0 else { return 0 }
    let borders = Borders(before: TokenizerLayout.atText, behind: TokenizerLayout.atText)
    let result = try normalize(start, text.count, borders, late: false, tracks: false, scratch)
    if result.scratchByteCount == 0 { scratch.copyMemory(from: UnsafeRawBufferPointer(text)) }
    return result.byteCount
  }
}
