// SPDX-License-Identifier: Apache-2.0
// Special tokens out of a text of which only parts may spell them: a rendered prompt, whose messages are somebody's
// words. TemplateTrust.swift makes the marks.

extension EncodeOptions {
  /// The same for the text from byte `count` on.
  func advanced(by count: Int) -> EncodeOptions {
    EncodeOptions(addSpecial: addSpecial, parseSpecial: parseSpecial, trusted: trusted.map { $0 + count })
  }
}

extension TokenizerView {
  /// Where the trusted bytes from `position` on end, no further than a token can reach.
  func trustedEnd(_ trusted: UnsafePointer<UInt8>?, _ position: Int, _ end: Int) -> Int {
    guard let trusted else { return end }
    let last = min(end, position &+ longestTokenByteCount)
    var at = position
    while at < last, trusted[at] != 0 { at &+= 1 }
    return at
  }

  /// The options for text that has been normalized: marks are of the text as it came. Where it has changed, special
  /// tokens are looked for only if as many stand in it as did before, and all of those were trusted: a normalizer that
  /// makes `<` of a fullwidth one must not make a token of somebody's words.
  func trust(
    _ options: EncodeOptions, _ text: UnsafePointer<UInt8>, _ byteCount: Int, _ normalized: UnsafePointer<UInt8>,
    _ normalizedByteCount: Int
  ) -> EncodeOptions {
    guard let trusted = options.trusted, options.parseSpecial, normalized != text else { return options }
    let all = addedCount(text, byteCount, nil)
    let isSame =
      all == addedCount(text, byteCount, trusted) && all == addedCount(normalized, normalizedByteCount, nil)
    return EncodeOptions(addSpecial: options.addSpecial, parseSpecial: isSame)
  }

  private func addedCount(_ text: UnsafePointer<UInt8>, _ byteCount: Int, _ trusted: UnsafePointer<UInt8>?) -> Int {
    var (count, position) = (0, 0)
    while let match = nextAdded(
      text, from: position, to: byteCount, special: true, normalized: true, trusted: trusted)
    {
      count += 1
      position = match.end
    }
    return count
  }
}
