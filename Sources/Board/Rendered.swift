// SPDX-License-Identifier: Apache-2.0
// From messages to the ids of a prompt: through the chat template, with what the messages say as plain text.
import CSystem
import Format
import Text

extension PromptTemplate {
  /// The prompt for a JSON object of variables, marked where the template itself wrote it; valid until the next call.
  func renderMarked(
    _ json: UnsafeRawBufferPointer, in room: UnsafeMutableRawBufferPointer
  ) throws(TemplateError) -> MarkedText {
    try view.renderMarked(input(json), scratch: room)
  }
}

extension EncodeOptions {
  /// For what a template gave: it spells out the tokens that begin a text itself.
  static func rendered(_ marked: MarkedText) -> EncodeOptions {
    EncodeOptions(addSpecial: false, parseSpecial: true, trusted: marked.trusted)
  }
}

/// The variables of a template for the bytes of a file: a JSON object as it is, a JSON array as its `messages`. The
/// prompt of an answer is asked for, unless the object says otherwise.
func messagesInput(_ file: Word) throws(Failure) -> UnsafeRawBufferPointer {
  var at = 0
  while at < file.count, file[at] == 32 || (file[at] >= 9 && file[at] <= 13) { at += 1 }
  guard at < file.count, file[at] == 91 || file[at] == 123 else {
    throw .input("messages are a JSON array, or an object that has one as `messages`", nil)
  }
  let isList = file[at] == 91
  let head: StaticString =
    isList ? "{\"add_generation_prompt\":true,\"messages\":" : "{\"add_generation_prompt\":true"
  // Of two values under one name the later one counts: the object's own. A comma only before a name.
  var first = at + 1
  while !isList, first < file.count, file[first] == 32 || (file[first] >= 9 && file[first] <= 13) { first += 1 }
  let isEmpty = !isList && first < file.count && file[first] == 125
  let rest = Word(rebasing: file[(isList ? at : at + 1)...])
  let room = try mapRoom(head.utf8CodeUnitCount + rest.count + 2)
  var count = head.utf8CodeUnitCount
  room.baseAddress!.copyMemory(from: head.utf8Start, byteCount: count)
  if !isList, !isEmpty {
    room[count] = 44
    count += 1
  }
  (room.baseAddress! + count).copyMemory(from: rest.baseAddress!, byteCount: rest.count)
  count += rest.count
  if isList {
    room[count] = 125
    count += 1
  }
  return UnsafeRawBufferPointer(rebasing: room[0..<count])
}
