// SPDX-License-Identifier: Apache-2.0
// The memory of a conversation beside the arena, to the byte, by the context alone: specs/memory.md §5.
import Text

/// Where a conversation's parts lie in one mapping.
public struct ChatRoom {
  /// Bytes of text that a conversation has room for: 16 for each token of the context, and 16 KiB.
  public static func textByteCount(context: Int) -> Int { 16_384 + 16 * context }

  /// Bytes of the mapping: messages, the message that is being written, JSON, the template machine's memory with its
  /// marks, ids.
  public static func byteCount(context: Int) -> Int {
    let text = textByteCount(context: context)
    return 2 * text + 2 * text + templateByteCount(text) + (4 * context + 63) & ~63
  }

  /// Its output takes a quarter, which is twice the text.
  private static func templateByteCount(_ text: Int) -> Int {
    2 * ((TemplateView.scratchByteCountLeast + 8 * text + 63) & ~63)
  }

  public let messages: UnsafeMutableRawBufferPointer
  public let message: UnsafeMutableRawBufferPointer
  public let json: UnsafeMutableRawBufferPointer
  public let template: UnsafeMutableRawBufferPointer
  public let ids: UnsafeMutableBufferPointer<UInt32>

  /// `room`: `byteCount(context:)` bytes, aligned to 64.
  public init(_ room: UnsafeMutableRawBufferPointer, context: Int) {
    let text = ChatRoom.textByteCount(context: context)
    let template = ChatRoom.templateByteCount(text)
    func part(_ start: Int, _ count: Int) -> UnsafeMutableRawBufferPointer {
      UnsafeMutableRawBufferPointer(rebasing: room[start..<(start + count)])
    }
    messages = part(0, text)
    message = part(text, text)
    json = part(2 * text, 2 * text)
    self.template = part(4 * text, template)
    ids = part(4 * text + template, 4 * context).bindMemory(to: UInt32.self)
  }
}
