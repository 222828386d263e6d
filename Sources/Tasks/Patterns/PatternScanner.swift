// SPDX-License-Identifier: Apache-2.0
// Finds e-mail addresses, phone numbers, IBANs, payment cards, IP addresses and URLs in text that comes in windows.
// What each rule takes and leaves: docs/patterns.md. Whether an entity begins at a place depends on few bytes before it
// and on a bounded number behind it, and on nothing else: so windows find what the whole text gives.

/// What was found.
public enum PatternKind: UInt8, Sendable {
  case url = 0, email = 1, iban = 2, ipv6 = 3, ipv4 = 4, card = 5, phone = 6
}

/// Which kinds to look for.
public struct PatternSet: Sendable, Equatable {
  public var rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }
  public init(_ kind: PatternKind) { rawValue = 1 << kind.rawValue }
  public static let all = PatternSet(rawValue: 0x7F)
  public func contains(_ kind: PatternKind) -> Bool { rawValue >> kind.rawValue & 1 == 1 }
  public func union(_ other: PatternSet) -> PatternSet { PatternSet(rawValue: rawValue | other.rawValue) }
}

/// An entity: bytes `begin ..< end` of the window.
public struct PatternSpan: Equatable, Sendable {
  public var kind: PatternKind
  public var begin: Int
  public var end: Int

  public init(kind: PatternKind, begin: Int, end: Int) {
    self.kind = kind
    self.begin = begin
    self.end = end
  }
}

/// What a look at a window gave.
public enum PatternStep: Equatable, Sendable {
  /// The first entity. Go on from its end.
  case found(PatternSpan)
  /// No entity begins before that offset. Go on from there in a window that keeps `lookbehindByteCount` bytes before
  /// it and has more behind it; at the end of the text the offset is the window's end.
  case none(before: Int)
}

/// The recognisers, in the order in which they are asked where two could begin at one place.
public struct PatternScanner: Sendable {
  /// Bytes before a place that decide whether an entity can begin there: two characters.
  public static let lookbehindByteCount = 8
  /// No entity is longer. A URL that is longer ends here.
  public static let entityByteCountMax = 2_048
  /// Bytes from a place on that decide everything about it.
  public static let lookaheadByteCount = entityByteCountMax + 8

  public let kinds: PatternSet

  public init(_ kinds: PatternSet = .all) { self.kinds = kinds }

  /// The first entity that begins at or after `from`.
  ///
  /// - Parameters:
  ///   - window: a part of the text, valid UTF-8 or not; what lies before `from` counts as context only. The end of an
  ///     entity that was found just before `from` is one such byte: entities may touch.
  ///   - isEnd: whether the text ends with the window. Else the last `lookaheadByteCount` bytes are not decided.
  /// - Complexity: O(window), at most a few hundred steps a byte on text made to be slow.
  public func next(in window: UnsafeRawBufferPointer, from: Int, isEnd: Bool) -> PatternStep {
    let limit = isEnd ? window.count : max(from, window.count - PatternScanner.lookaheadByteCount)
    let text = PatternText(bytes: window)
    var at = from
    while at < limit {
      // Nothing begins inside a word: most bytes are passed here.
      if !(at > 0 && isASCIIWord(window[at]) && isASCIIWord(window[at - 1])), let span = match(text, at) {
        return .found(span)
      }
      at += 1
    }
    return .none(before: at)
  }

  private func match(_ text: PatternText, _ at: Int) -> PatternSpan? {
    let byte = text[at]
    // What can begin anything: letters, digits, + ( : [ and the first byte of a character that is not ASCII.
    let isDigit = isASCIIDigit(byte)
    let isWord = isDigit || isASCIILetter(byte) || byte == 0x5F || byte >= 0xC2
    guard isWord || byte == 0x2B || byte == 0x28 || byte == 0x3A else { return nil }
    if isWord {
      if kinds.contains(.email), let end = emailEnd(text, at) { return PatternSpan(kind: .email, begin: at, end: end) }
      if text.isWord(before: at) { return nil }
      if kinds.contains(.url), let end = urlEnd(text, at) { return PatternSpan(kind: .url, begin: at, end: end) }
      if kinds.contains(.iban), let end = ibanEnd(text, at) { return PatternSpan(kind: .iban, begin: at, end: end) }
    }
    if kinds.contains(.ipv6), let end = ipv6End(text, at) { return PatternSpan(kind: .ipv6, begin: at, end: end) }
    if isDigit {
      if kinds.contains(.ipv4), let end = ipv4End(text, at) { return PatternSpan(kind: .ipv4, begin: at, end: end) }
      if kinds.contains(.card), let end = cardEnd(text, at) { return PatternSpan(kind: .card, begin: at, end: end) }
    }
    if isDigit || byte == 0x2B || byte == 0x28, kinds.contains(.phone), let end = phoneEnd(text, at) {
      return PatternSpan(kind: .phone, begin: at, end: end)
    }
    return nil
  }
}
