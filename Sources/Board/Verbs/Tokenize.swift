// SPDX-License-Identifier: Apache-2.0
// `tokenize B TEXT` and `detokenize B IDS`: one text, or with --jsonl one a line.
import CSystem
import Format
import Text

func tokenize(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try Options(arguments, flags: .json | .lines | .text | .noSpecial | .offsets)
  let bundle = try OpenBundle(options.bundle!)
  let tokenizer = try bundle.tokenizer()
  let special = !options.has(.noSpecial)
  let encoding = EncodeOptions(addSpecial: special, parseSpecial: special)
  var room = EncodeRoom()
  if options.has(.jsonl) {
    var reader = try LineReader(0)
    while let line = try reader.next() {
      let text = try decodeJSONString(line)
      writeIDs(try room.encode(tokenizer, text, encoding, withSpans: options.has(.offsets)), room.spans, &io)
    }
    return 0
  }
  guard let text = options.rest else { throw .usage("which text?", nil) }
  let ids = try room.encode(tokenizer, text, encoding, withSpans: options.has(.offsets))
  if options.has(.json) || options.has(.offsets) {
    writeIDs(ids, room.spans, &io)
  } else {
    for index in 0..<ids.count {
      if index > 0 { io.out.byte(32) }
      io.out.number(UInt64(ids[index]))
    }
    io.out.byte(10)
  }
  return 0
}

/// `[1, 2, 3]` as Python's json writes it; with spans `{"ids": [1, 2], "offsets": [[0, 3], [3, 5]]}`.
private func writeIDs(
  _ ids: UnsafeBufferPointer<UInt32>, _ spans: UnsafeMutablePointer<TokenSpan>?, _ io: inout IO
) {
  if spans != nil { io.out.text("{\"ids\": ") }
  io.out.byte(91)
  for index in 0..<ids.count {
    if index > 0 { io.out.text(", ") }
    io.out.number(UInt64(ids[index]))
  }
  if let spans {
    io.out.text("], \"offsets\": [")
    for index in 0..<ids.count {
      io.out.text(index > 0 ? ", [" : "[")
      io.out.number(UInt64(spans[index].begin))
      io.out.text(", ")
      io.out.number(UInt64(spans[index].end))
      io.out.byte(93)
    }
    io.out.text("]}\n")
  } else {
    io.out.text("]\n")
  }
}

/// Work room, ids and spans for texts of any length: mapped, and mapped again when a longer text comes.
struct EncodeRoom {
  private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  /// Where the ids of the last text came from, if that was asked for.
  private(set) var spans: UnsafeMutablePointer<TokenSpan>?

  mutating func unmap() {
    if let base = memory.baseAddress { sys_unmap(base, memory.count) }
    memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
  }

  /// The ids of `text`, valid until the next call.
  mutating func encode(
    _ tokenizer: TokenizerView, _ text: UnsafeRawBufferPointer, _ options: EncodeOptions, withSpans: Bool = false
  ) throws(Failure) -> UnsafeBufferPointer<UInt32> {
    let scratch = aligned(tokenizer.encodeScratchByteCount(textByteCount: text.count, withSpans: withSpans), to: 64)
    let idCount = tokenizer.tokenCountMax(textByteCount: text.count)
    let need = scratch + (withSpans ? 12 : 4) * idCount + 64
    if memory.count < need {
      unmap()
      var base: UnsafeMutableRawPointer?
      let errno = sys_map_anonymous(need * 2, &base)
      guard errno == 0 else { throw .memory(need: UInt64(need * 2), errno: errno) }
      memory = UnsafeMutableRawBufferPointer(start: base, count: need * 2)
    }
    let room = memory.baseAddress! + scratch
    let ids = UnsafeMutableBufferPointer(start: room.assumingMemoryBound(to: UInt32.self), count: idCount)
    spans = withSpans ? (room + 4 * idCount).assumingMemoryBound(to: TokenSpan.self) : nil
    do throws(TokenizerError) {
      let count = try tokenizer.encode(
        text, options: options, scratch: UnsafeMutableRawBufferPointer(rebasing: memory[0..<scratch]), into: ids,
        spans: spans)
      return UnsafeBufferPointer(start: UnsafePointer(ids.baseAddress!), count: count)
    } catch { throw .tokenizer(error) }
  }
}

func detokenize(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try Options(arguments, flags: .json | .lines | .noSpecial | .words)
  let bundle = try OpenBundle(options.bundle!)
  let tokenizer = try bundle.tokenizer()
  var printer = try TextPrinter(tokenizer, skipsSpecial: options.has(.noSpecial))
  if options.has(.jsonl) {
    var reader = try LineReader(0)
    while let line = try reader.next() {
      io.out.byte(34)
      try printIDs(UnsafeRawBufferPointer(line), &printer, isJSON: true, &io)
      io.out.text("\"\n")
    }
    return 0
  }
  if options.has(.json) { io.out.byte(34) }
  var words = PlainWords(options, from: options.firstRest)
  while !options.isStream, let word = words.next() {
    try word.forEachNumber("detokenize") { id throws(Failure) in
      try printer.token(UInt32(clamping: id), isJSON: options.has(.json), &io)
    }
  }
  try printer.finish(isJSON: options.has(.json), &io)
  if options.has(.json) { io.out.byte(34) }
  io.out.byte(10)
  return 0
}

/// A JSON array of ids.
private func printIDs(
  _ line: UnsafeRawBufferPointer, _ printer: inout TextPrinter, isJSON: Bool, _ io: inout IO
) throws(Failure) {
  var at = 0
  func skip() { while at < line.count, line[at] == 32 || line[at] == 9 || line[at] == 13 { at += 1 } }
  skip()
  guard at < line.count, line[at] == 91 else { throw .input("a line is not a JSON array of ids:", line) }
  at += 1
  skip()
  var isFirst = true
  while at < line.count, line[at] != 93 {
    if !isFirst {
      guard line[at] == 44 else { throw .input("a line is not a JSON array of ids:", line) }
      at += 1
      skip()
    }
    isFirst = false
    guard let id = line.number(&at) else { throw .input("a line is not a JSON array of ids:", line) }
    try printer.token(UInt32(clamping: id), isJSON: isJSON, &io)
    skip()
  }
  guard at < line.count else { throw .input("a line is not a JSON array of ids:", line) }
  try printer.finish(isJSON: isJSON, &io)
}
