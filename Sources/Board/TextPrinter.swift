// SPDX-License-Identifier: Apache-2.0
// Tokens to standard output as they come: whole characters only, as text or inside a JSON string.
import CSystem
import Format
import Tasks
import Text

/// Prints the text of tokens.
struct TextPrinter {
  var stream: TextStream

  init(_ tokenizer: TokenizerView, skipsSpecial: Bool, isAtStart: Bool = true) throws(Failure) {
    stream = TextStream(
      tokenizer, skipsSpecial: skipsSpecial, isAtStart: isAtStart,
      room: try mapRoom(TextStream.roomByteCount(tokenizer)))
  }

  /// The stop texts of `options`.
  mutating func addStops(_ options: Options) {
    for index in 0..<options.stopCount { _ = stream.addStop(options.stop(index)) }
  }

  /// Prints what is sure with `id`. Returns true when a stop text has come.
  @discardableResult
  mutating func token(_ id: UInt32, isJSON: Bool, _ io: inout IO) throws(Failure) -> Bool {
    do throws(TokenizerError) {
      return try stream.append(id) { write($0, isJSON, &io) }
    } catch { throw .tokenizer(error) }
  }

  /// The same without printing: a pass before the text is printed inside JSON.
  mutating func isStopped(by id: UInt32) -> Bool { (try? stream.append(id) { _ in }) ?? false }

  /// What still waits; the printer then stands at the start of a text again.
  mutating func finish(isJSON: Bool, _ io: inout IO) throws(Failure) {
    do throws(TokenizerError) { try stream.finish { write($0, isJSON, &io) } } catch { throw .tokenizer(error) }
    stream.restart(isAtStart: true)
  }
}

private func write(_ text: UnsafeRawBufferPointer, _ isJSON: Bool, _ io: inout IO) {
  if isJSON { for c in text { io.out.jsonByte(c) } } else { io.out.bytes(text) }
}
