// SPDX-License-Identifier: Apache-2.0
// Tokens to standard output as they come: whole characters only, as text or inside a JSON string.
import CSystem
import Format
import Text

/// Prints the text of tokens.
struct TextPrinter {
  private let tokenizer: TokenizerView
  private let skipsSpecial: Bool
  private var detokenizer: Detokenizer
  private let room: UnsafeMutableBufferPointer<UInt8>

  init(_ tokenizer: TokenizerView, skipsSpecial: Bool, isAtStart: Bool = true) throws(Failure) {
    self.tokenizer = tokenizer
    self.skipsSpecial = skipsSpecial
    detokenizer = Detokenizer(skipsSpecial: skipsSpecial, isAtStart: isAtStart)
    let byteCount = Detokenizer.byteCountMax(tokenizer)
    var base: UnsafeMutableRawPointer?
    let errno = sys_map_anonymous(byteCount, &base)
    guard errno == 0, let base else { throw .memory(need: UInt64(byteCount), errno: errno) }
    room = UnsafeMutableBufferPointer(start: base.assumingMemoryBound(to: UInt8.self), count: byteCount)
  }

  mutating func token(_ id: UInt32, isJSON: Bool, _ io: inout IO) throws(Failure) {
    do throws(TokenizerError) {
      write(try detokenizer.append(id, tokenizer, into: room), isJSON, &io)
    } catch { throw .tokenizer(error) }
  }

  /// What still waits; the printer then stands at the start of a text again.
  mutating func finish(isJSON: Bool, _ io: inout IO) throws(Failure) {
    do throws(TokenizerError) { write(try detokenizer.finish(into: room), isJSON, &io) } catch {
      throw .tokenizer(error)
    }
    detokenizer = Detokenizer(skipsSpecial: skipsSpecial)
  }

  private func write(_ count: Int, _ isJSON: Bool, _ io: inout IO) {
    let text = UnsafeRawBufferPointer(start: room.baseAddress, count: count)
    if isJSON { for c in text { io.out.jsonByte(c) } } else { io.out.bytes(text) }
  }
}
