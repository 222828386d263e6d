// SPDX-License-Identifier: Apache-2.0
// `tag B TEXT`: the entities of a text, with the bytes and characters that they stand at.
import Format
import Runtime
import Tasks
import Text

func tag(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try Options(arguments, flags: .json | .compute | .memory | .lines | .words | .minScore | .strategy)
  let reader = try TagReader.open(options)
  let record = reader.pointee.record
  let least = options.minScore(record.threshold)
  let isJSON = options.isStream || options.has(.json)
  return try forEachText(options, &io) { text, _, io throws(Failure) in
    if text.count == 0 { throw emptyText }
    var characters = CharacterOffsets(text)
    var count = 0
    let isToken = reader.pointee.strategy == .none
    try reader.pointee.check(text)
    if isJSON { io.out.byte(91) }
    try reader.pointee.read(text) { entity in
      if entity.score < least { return }
      let part = Word(rebasing: text[entity.begin..<entity.end])
      let name = record.name(entity.label, isToken: isToken)
      if isJSON {
        if count > 0 { io.out.byte(44) }
        io.out.found("entity", name, entity.score, text: part, Place(entity.begin..<entity.end, &characters))
      } else {
        io.out.bytes(name)
        io.out.score(entity.score, isJSON: false)
        io.out.say("\t%\t%\t", entity.begin, entity.end)
        io.out.field(part)
        io.out.byte(10)
      }
      count += 1
    }
    if isJSON { io.out.text("]\n") }
  } flush: { _ throws(Failure) in
  }
}

/// Bytes and characters of a text.
struct Place {
  var bytes: Range<Int>
  var first: Int
  var end: Int

  init(_ bytes: Range<Int>, _ characters: inout CharacterOffsets) {
    self.bytes = bytes
    first = characters.character(atByte: UInt32(bytes.lowerBound))
    end = characters.character(atByte: UInt32(bytes.upperBound))
  }

  init(_ bytes: Range<Int>, first: Int, end: Int) { (self.bytes, self.first, self.end) = (bytes, first, end) }
}
