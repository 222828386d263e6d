// SPDX-License-Identifier: Apache-2.0
// From text to ids: added tokens, then normalizing, splitting and merging of what lies between them.
// Spec: specs/tokenizer.md §7. Start at `encode`.

public struct EncodeOptions: @unchecked Sendable {
  /// Puts the source's own tokens (BOS, EOS, …) before and behind the text.
  public var addSpecial: Bool
  /// Takes special tokens that are spelled out in the text as those tokens. Off, they are plain text.
  public var parseSpecial: Bool
  /// For each byte of the text, whether it may be part of a special token; nil: every byte may. A special token is one
  /// only where all of its bytes are trusted, and not in a stretch that the normalizer changes.
  public var trusted: UnsafePointer<UInt8>?

  public init(addSpecial: Bool = true, parseSpecial: Bool = true, trusted: UnsafePointer<UInt8>? = nil) {
    self.addSpecial = addSpecial
    self.parseSpecial = parseSpecial
    self.trusted = trusted
  }
}

extension EncodeOptions {
  /// The same for the text from byte `count` on.
  func advanced(by count: Int) -> EncodeOptions {
    EncodeOptions(addSpecial: addSpecial, parseSpecial: parseSpecial, trusted: trusted.map { $0 + count })
  }
}

/// Ids so far; never more than the caller gave room for.
struct TokenSink {
  let ids: UnsafeMutableBufferPointer<UInt32>
  var count = 0

  @inline(__always)
  mutating func append(_ id: UInt32) throws(TokenizerError) {
    guard count < ids.count else { throw .outputFull(capacity: UInt64(ids.count)) }
    ids[count] = id
    count &+= 1
  }
}

extension TokenizerView {
  /// Bytes of scratch with which no text of `textByteCount` bytes can fail. Most texts do with far less: what is really
  /// needed goes by the longest word, so a caller may give less and be told what a word asks for.
  public func encodeScratchByteCount(textByteCount: Int) -> Int {
    let normalized = normalizer == nil ? 0 : NormalizerTables.scratchByteCount(textByteCount: textByteCount)
    let text = normalizer == nil ? textByteCount : NormalizerTables.byteCountMax(textByteCount: textByteCount)
    return normalized + Symbols.byteCountEach * (text + 1)
  }

  /// The largest number of ids that a text of `textByteCount` bytes can give.
  public func tokenCountMax(textByteCount: Int) -> Int {
    let text = normalizer == nil ? textByteCount : NormalizerTables.byteCountMax(textByteCount: textByteCount)
    // A dummy prefix before each stretch of plain text, and a space or ▁ without a token of its own, cost three bytes.
    return prefixCount + suffixCount + (kind == .sentencePieceBPE ? 6 * (text + 1) : text)
  }

  /// Encodes UTF-8 text and returns the number of ids written.
  ///
  /// - Parameters:
  ///   - scratch: aligned to 8; see `encodeScratchByteCount`. Its contents afterwards mean nothing.
  ///   - ids: room for the result; see `tokenCountMax`.
  /// - Throws: T-40 to T-45. What was written to `ids` before then means nothing.
  /// - Complexity: O(n log n) in the bytes of the text. Allocates nothing.
  public func encode(
    _ text: UnsafeRawBufferPointer, options: EncodeOptions = EncodeOptions(),
    scratch: UnsafeMutableRawBufferPointer, into ids: UnsafeMutableBufferPointer<UInt32>
  ) throws(TokenizerError) -> Int {
    guard text.count <= TokenizerLayout.textByteCountMax else {
      throw .textTooLong(found: UInt64(text.count), limit: UInt64(TokenizerLayout.textByteCountMax))
    }
    guard let scratchStart = scratch.baseAddress, UInt(bitPattern: scratchStart) % 8 == 0 else {
      throw .scratchTooSmall(have: 0, need: UInt64(encodeScratchByteCount(textByteCount: text.count)))
    }
    var sink = TokenSink(ids: ids)
    if options.addSpecial { for id in prefix { try sink.append(id) } }
    if let start = text.baseAddress, text.count > 0 {
      let bytes = start.assumingMemoryBound(to: UInt8.self)
      let valid = UTF8Bytes.validated(bytes, text.count)
      guard valid == text.count else { throw .textNotUTF8(offset: UInt64(valid)) }
      var position = 0
      while let match = nextAdded(
        bytes, from: position, to: text.count, special: options.parseSpecial, normalized: false,
        trusted: options.trusted)
      {
        try encodePlain(
          bytes + position, match.start &- position, options.advanced(by: position), scratch, &sink)
        try sink.append(match.id)
        position = match.end
      }
      try encodePlain(bytes + position, text.count &- position, options.advanced(by: position), scratch, &sink)
    }
    if options.addSpecial { for id in suffix { try sink.append(id) } }
    return sink.count
  }

  /// What lies between added tokens of the text as it came.
  private func encodePlain(
    _ text: UnsafePointer<UInt8>, _ byteCount: Int, _ options: EncodeOptions,
    _ scratch: UnsafeMutableRawBufferPointer, _ sink: inout TokenSink
  ) throws(TokenizerError) {
    if byteCount == 0 { return }
    guard let normalizer else {
      return try encodeNormalized(text, byteCount, options, scratch, &sink)
    }
    if normalizer.isNormalized(text, byteCount) {
      return try encodeNormalized(text, byteCount, options, scratch, &sink)
    }
    var options = options
    if options.trusted != nil { (options.trusted, options.parseSpecial) = (nil, false) }
    let result = try normalizer.normalize(text, byteCount, scratch: scratch)
    let rest = UnsafeMutableRawBufferPointer(rebasing: scratch[((result.count + 7) & ~7)...])
    try encodeNormalized(result.baseAddress!, result.count, options, rest, &sink)
  }

  private func encodeNormalized(
    _ text: UnsafePointer<UInt8>, _ byteCount: Int, _ options: EncodeOptions,
    _ scratch: UnsafeMutableRawBufferPointer, _ sink: inout TokenSink
  ) throws(TokenizerError) {
    var position = 0
    while let match = nextAdded(
      text, from: position, to: byteCount, special: options.parseSpecial, normalized: true, trusted: options.trusted)
    {
      try encodeStretch(text + position, match.start &- position, scratch, &sink)
      try sink.append(match.id)
      position = match.end
    }
    try encodeStretch(text + position, byteCount &- position, scratch, &sink)
  }

  private func encodeStretch(
    _ text: UnsafePointer<UInt8>, _ byteCount: Int, _ scratch: UnsafeMutableRawBufferPointer, _ sink: inout TokenSink
  ) throws(TokenizerError) {
    if byteCount == 0 { return }
    switch kind {
    case .byteLevelBPE: try encodeByteLevel(text, byteCount, scratch, &sink)
    case .sentencePieceBPE: try encodeSentencePiece(text, byteCount, scratch, &sink)
    }
  }
}
