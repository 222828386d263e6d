// SPDX-License-Identifier: Apache-2.0
// Where tokens come from: ids so far and, if asked for, the bytes of the original text that each stands for, followed
// back through what the normalizer did. Spec: specs/tokenizer.md §7, "Spans".

/// Bytes `begin ..< end` of the text that was encoded, both between two characters. A token that stands for no text
/// of its own, put around it, has 0 and 0.
public struct TokenSpan: Equatable, Sendable, BitwiseCopyable {
  public var begin: UInt32
  public var end: UInt32

  public init(begin: UInt32, end: UInt32) { (self.begin, self.end) = (begin, end) }
}

/// Ids so far, and their spans; never more than the caller gave room for.
struct TokenSink {
  let ids: UnsafeMutableBufferPointer<UInt32>
  let spans: UnsafeMutablePointer<TokenSpan>?
  var count = 0
  /// The text as it came.
  let text: UnsafePointer<UInt8>
  let textByteCount: Int
  /// The stretch between added tokens: its place in the text, and where the bytes of its normalized form lie in it.
  var plainOffset = 0
  var plainSources: UnsafeMutablePointer<UInt32>?
  /// What tokens are now made of: its place in the normalized stretch, and where its bytes lie in that.
  var stretch: UnsafePointer<UInt8>
  var stretchOffset = 0
  var stretchSources: UnsafeMutablePointer<UInt32>?
  /// Of the header: spaces at the ends of a token are left out; but not the one that begins the text.
  let trims: Bool
  let keepsFirst: Bool

  @inline(__always)
  var tracks: Bool { spans != nil }

  /// A token that is made of bytes of the stretch; of none if it was put before these.
  @inline(__always)
  mutating func append(_ id: UInt32, _ start: UnsafePointer<UInt8>, _ byteCount: Int) throws(TokenizerError) {
    guard count < ids.count else { throw .outputFull(capacity: UInt64(ids.count)) }
    ids[count] = id
    if spans != nil { record(start, byteCount) }
    count &+= 1
  }

  /// A token that is put around the text.
  mutating func appendAffix(_ id: UInt32) throws(TokenizerError) {
    guard count < ids.count else { throw .outputFull(capacity: UInt64(ids.count)) }
    ids[count] = id
    if let spans { spans[count] = TokenSpan(begin: 0, end: 0) }
    count &+= 1
  }

  /// From here on, tokens are made of these bytes.
  mutating func enter(_ stretch: UnsafePointer<UInt8>, at offset: Int, sources: UnsafeMutablePointer<UInt32>? = nil) {
    (self.stretch, stretchOffset, stretchSources) = (stretch, offset, sources)
  }

  /// The last token is made of these bytes too.
  mutating func extend(_ start: UnsafePointer<UInt8>) {
    if let spans { spans[count &- 1].end = end(of: source(start)) }
  }

  @inline(never)
  private mutating func record(_ start: UnsafePointer<UInt8>, _ byteCount: Int) {
    var first = start
    var last = start + max(byteCount &- 1, 0)
    if trims {
      while first <= last, first[0] == 0x20 { first += 1 }
      while last > first, last[0] == 0x20 { last -= 1 }
      let begin = begin(of: source(start))
      let keeps = keepsFirst && first == start + 1 && begin == 0
      if first > last {
        // Nothing but spaces leaves the place behind them, or before the character that one was put before.
        let isOwn = text[min(source(last), textByteCount &- 1)] == 0x20
        let place = keeps || !isOwn ? begin : end(of: source(last))
        spans![count] = TokenSpan(begin: place, end: place)
        return
      }
      if keeps { first = start }
    }
    spans![count] = TokenSpan(begin: begin(of: source(first)), end: end(of: source(last)))
  }

  /// The byte of the text that a byte of the stretch came from.
  private func source(_ byte: UnsafePointer<UInt8>) -> Int {
    var at = byte - stretch
    if let stretchSources { at = Int(stretchSources[-1 &- at]) }
    at &+= stretchOffset
    if let plainSources { at = Int(plainSources[-1 &- at]) }
    return at &+ plainOffset
  }

  /// The first byte of the character that a byte belongs to.
  private func begin(of byte: Int) -> UInt32 {
    var at = min(byte, textByteCount)
    while at > 0, at < textByteCount, text[at] & 0xC0 == 0x80 { at &-= 1 }
    return UInt32(truncatingIfNeeded: at)
  }

  private func end(of byte: Int) -> UInt32 {
    var at = min(byte &+ 1, textByteCount)
    while at < textByteCount, text[at] & 0xC0 == 0x80 { at &+= 1 }
    return UInt32(truncatingIfNeeded: at)
  }
}

extension TokenizerView {
  /// Whether a token goes on with the word of the one before, as transformers' token classification pipelines tell
  /// it: for WordPiece, where it is not as long as the text that it came from; for the others, where no space stands
  /// before it or begins it. An unknown token begins a word.
  public func continuesWord(_ id: UInt32, _ span: TokenSpan, in text: UnsafeRawBufferPointer) -> Bool {
    guard let bytes = bytes(of: id), id != unknown, span.end <= text.count, span.begin <= span.end else { return false }
    let begin = Int(span.begin)
    if kind != .wordPiece {
      return begin > 0 && text[begin &- 1] != 0x20 && (begin == text.count || text[begin] != 0x20)
    }
    var difference = 0
    for byte in bytes where byte & 0xC0 != 0x80 { difference &+= 1 }
    for index in begin..<Int(span.end) where text[index] & 0xC0 != 0x80 { difference &-= 1 }
    if tokenFlags[Int(id)] & (TokenizerLayout.tokenIsSpecial | TokenizerLayout.tokenIsAdded) == 0 {
      difference &+= bytes.first == 0x20 ? -1 : 2  // "##"
    }
    return difference != 0
  }
}

/// From bytes to characters (Unicode scalars) in one pass over a text: offsets come in ascending order.
public struct CharacterOffsets {
  private let text: UnsafeRawBufferPointer
  private var byte = 0
  private var character = 0

  /// - Parameter text: UTF-8.
  public init(_ text: UnsafeRawBufferPointer) { self.text = text }

  /// The number of characters before a byte. One that is lower than the last one asked for starts anew.
  public mutating func character(atByte target: UInt32) -> Int {
    let target = min(Int(target), text.count)
    if target < byte { (byte, character) = (0, 0) }
    while byte < target {
      if text[byte] & 0xC0 != 0x80 { character &+= 1 }
      byte &+= 1
    }
    return character
  }
}
