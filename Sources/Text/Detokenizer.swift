// SPDX-License-Identifier: Apache-2.0
// From ids to text, token by token. What comes out is always well-formed UTF-8: a character that is split over tokens
// waits until it is whole, and what can never become one is U+FFFD, once for each maximal wrong part.

/// The state between two tokens of one text.
public struct Detokenizer: Sendable {
  private var waiting = InlineArray<4, UInt8>(repeating: 0)
  private var waitingCount = 0
  private var isAtStart: Bool
  private let skipsSpecial: Bool

  /// - Parameters:
  ///   - skipsSpecial: special tokens give no text.
  ///   - isAtStart: the first token begins a text. Off where a text is continued: then a tokenizer with a dummy prefix
  ///     does not take the first space for it.
  public init(skipsSpecial: Bool = true, isAtStart: Bool = true) {
    self.skipsSpecial = skipsSpecial
    self.isAtStart = isAtStart
  }

  /// Room that `append` and `finish` never exceed: every waiting or new byte may become one U+FFFD of three.
  public static func byteCountMax(_ view: TokenizerView) -> Int { 3 * (view.longestTokenByteCount + 3) }

  /// Writes what `id` completes and returns the number of bytes, which may be 0.
  ///
  /// - Throws: T-44 for an id that is no token, T-43 if `text` has less room than needed. Nothing has changed then.
  public mutating func append(
    _ id: UInt32, _ view: TokenizerView, into text: UnsafeMutableBufferPointer<UInt8>
  ) throws(TokenizerError) -> Int {
    guard let bytes = view.bytes(of: id) else { throw .unknownToken(id: id, count: UInt32(view.tokenCount)) }
    if skipsSpecial && view.isSpecial(id) { return 0 }
    guard text.count >= 3 * (bytes.count + waitingCount) else { throw .outputFull(capacity: UInt64(text.count)) }
    var count = 0
    for index in 0..<bytes.count {
      let byte = bytes[index]
      if isAtStart {
        isAtStart = false
        if byte == 0x20, view.has(TokenizerLayout.flagDecodedSpaceDropped) { continue }
      }
      if byte < 0x80 && waitingCount == 0 {
        text[count] = byte
        count &+= 1
      } else {
        count &+= take(byte, into: text, at: count)
      }
    }
    return count
  }

  /// Ends the text: an unfinished character becomes U+FFFD.
  public mutating func finish(into text: UnsafeMutableBufferPointer<UInt8>) throws(TokenizerError) -> Int {
    guard waitingCount > 0 else { return 0 }
    guard text.count >= 3 else { throw .outputFull(capacity: UInt64(text.count)) }
    waitingCount = 0
    return Self.replace(text, at: 0)
  }

  private mutating func take(_ byte: UInt8, into text: UnsafeMutableBufferPointer<UInt8>, at start: Int) -> Int {
    var written = 0
    waiting[waitingCount] = byte
    waitingCount &+= 1
    while waitingCount > 0 {
      // Through the output, which has room: Embedded Swift takes for undefined what it reads of a local's bytes.
      let scratch = text.baseAddress! + start + written
      for index in 0..<waitingCount { scratch[index] = waiting[index] }
      let prefix = UTF8Bytes.Prefix.of(scratch, waitingCount)
      if prefix.isComplete {
        waitingCount = 0
        return written &+ prefix.byteCount
      }
      if prefix.byteCount == waitingCount { return written }
      // All but the byte just taken were a good beginning, so at most that byte is looked at again.
      written &+= Self.replace(text, at: start &+ written)
      let wrong = prefix.byteCount > 0 ? prefix.byteCount : 1
      if wrong < waitingCount { waiting[0] = waiting[wrong] }
      waitingCount &-= wrong
    }
    return written
  }

  private static func replace(_ text: UnsafeMutableBufferPointer<UInt8>, at index: Int) -> Int {
    text[index] = 0xEF
    text[index &+ 1] = 0xBF
    text[index &+ 2] = 0xBD
    return 3
  }
}
