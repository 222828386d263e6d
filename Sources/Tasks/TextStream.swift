// SPDX-License-Identifier: Apache-2.0
// Tokens in, text out as it becomes sure: whole characters only, and nothing of a stop text.
import Text

/// From the tokens of an answer to its text.
public struct TextStream {
  private let tokenizer: TokenizerView
  private let skipsSpecial: Bool
  private let isAtStart: Bool
  private var detokenizer: Detokenizer
  private let room: UnsafeMutableBufferPointer<UInt8>
  public private(set) var stops: StopTexts

  /// Bytes of memory that a stream works in.
  public static func roomByteCount(_ tokenizer: TokenizerView) -> Int {
    StopTexts.roomByteCount + Detokenizer.byteCountMax(tokenizer)
  }

  /// - Parameters:
  ///   - isAtStart: whether the first token begins a text: `Detokenizer`.
  ///   - room: `roomByteCount` bytes, aligned to 8.
  public init(
    _ tokenizer: TokenizerView, skipsSpecial: Bool, isAtStart: Bool, room: UnsafeMutableRawBufferPointer
  ) {
    self.tokenizer = tokenizer
    self.skipsSpecial = skipsSpecial
    self.isAtStart = isAtStart
    detokenizer = Detokenizer(skipsSpecial: skipsSpecial, isAtStart: isAtStart)
    stops = StopTexts(room: room.baseAddress!)
    let text = UnsafeMutableRawBufferPointer(rebasing: room[StopTexts.roomByteCount...])
    self.room = text.bindMemory(to: UInt8.self)
  }

  /// Adds a stop text; false when it is empty or too long, or when there are too many.
  public mutating func addStop(_ text: UnsafeRawBufferPointer) -> Bool { stops.add(text) }

  /// Stands at the start of a text again.
  public mutating func restart(isAtStart: Bool? = nil) {
    detokenizer = Detokenizer(skipsSpecial: skipsSpecial, isAtStart: isAtStart ?? self.isAtStart)
    stops.restart()
  }

  /// Whether a stop text has come; nothing follows it.
  public var isStopped: Bool { stops.found != nil }

  /// Gives `body` the text that is sure with token `id`. Returns true when a stop text has come.
  ///
  /// - Throws: T-44 for an id that is no token; nothing has changed then.
  public mutating func append(
    _ id: UInt32, _ body: (UnsafeRawBufferPointer) -> Void
  ) throws(TokenizerError) -> Bool {
    if isStopped { return true }
    return pass(try detokenizer.append(id, tokenizer, into: room), body)
  }

  /// Ends the text: what waits is given, an unfinished character as U+FFFD.
  public mutating func finish(_ body: (UnsafeRawBufferPointer) -> Void) throws(TokenizerError) {
    if isStopped { return }
    if pass(try detokenizer.finish(into: room), body) { return }
    stops.finish(release: body)
  }

  private mutating func pass(_ count: Int, _ body: (UnsafeRawBufferPointer) -> Void) -> Bool {
    if stops.count == 0 {
      if count > 0 { body(UnsafeRawBufferPointer(start: room.baseAddress, count: count)) }
      return false
    }
    for index in 0..<count where stops.take(room[index], release: body) { return true }
    return false
  }
}
