// SPDX-License-Identifier: Apache-2.0
// One line for each rule of specs/bundle.md and specs/program.md that a bundle can break.
import Format
import Ops

extension Writer {
  /// What was found, the record, and the rule's number.
  mutating func bundleText(_ error: BundleError) {
    switch error {
    case .truncated(let have, let need): say("it is cut: bytes there %, needed %", have, need)
    case .badMagic: say("it is no bundle: `hardtack pack` makes one of a model")
    case .versionUnknown(let found, let known):
      say("its format version is %, known up to %", UInt64(found), UInt64(known))
    case .requiredFeatureUnknown(let mask): say("it needs features that are not known, mask %", mask)
    case .sectionCountOutOfRange(let found, let limit): say("section count %, limit %", UInt64(found), UInt64(limit))
    case .headerDigestDiffers: say("its head is damaged: the digest differs")
    case .reservedNotZero(let offset): say("reserved bytes are not zero at %", offset)
    case .fileByteCountDiffers(let declared, let actual): say("bytes declared %, in the file %", declared, actual)
    case .sectionKindUnknown(let index, let kind):
      say("section % is of the unknown kind %", UInt64(index), UInt64(kind))
    case .sectionsUnsorted(let index): say("sections are not in order at %", UInt64(index))
    case .sectionStorageUnknown(let index, let storage):
      say("section % has storage %", UInt64(index), UInt64(storage))
    case .sectionStorageInconsistent(let index): say("storage and sizes contradict in section %", UInt64(index))
    case .sectionMisplaced(let index, let offset, let expected):
      say("section % is at %, expected at %", UInt64(index), offset, expected)
    case .sectionOutOfBounds(let index, let end, let fileByteCount):
      say("section % ends at %, the file at %", UInt64(index), end, fileByteCount)
    case .trailingBytes(let end, let fileByteCount): say("its sections end at %, the file at %", end, fileByteCount)
    case .sectionMissing(let kind): say("there is no section of kind %", UInt64(kind))
    case .sectionByteCountWrong(let kind, let found, let expected):
      say("section of kind % has bytes %, expected %", UInt64(kind), found, expected)
    case .identityDiffers: say("its identity is not that of its sections")
    case .paddingNotZero(let offset): say("padding is not zero after %", offset)
    case .compressed: say("it is compressed")
    case .manifestMalformed(let line): say("malformed manifest line %", UInt64(line))
    case .tensorMalformed(let index, let field):
      say("malformed tensor %, field %", UInt64(index), UInt64(field.rawValue))
    case .tensorByteCountDiffers(let index, let found, let expected):
      say("tensor % has bytes %, its shape needs %", UInt64(index), found, expected)
    case .tensorMisplaced(let index, let offset, let expected):
      say("tensor % is at %, expected at %", UInt64(index), offset, expected)
    case .nameMisplaced(let record, let offset, let expected):
      say("name % is at %, expected at %", UInt64(record), offset, expected)
    case .nameOutOfBounds(let record, let end, let limit):
      say("name % ends at %, names at %", UInt64(record), end, limit)
    case .nameNotUTF8(let record): say("not a name: record %", UInt64(record))
    case .tensorOutOfBounds(let index, let end, let limit):
      say("tensor % ends at %, weights at %", UInt64(index), end, limit)
    case .tensorPaddingNotZero(let index): say("padding is not zero before tensor %", UInt64(index))
    case .sectionNotCovered(let kind, let found, let expected):
      say("section of kind % has bytes %, its records cover %", UInt64(kind), found, expected)
    case .textMalformed(let kind, let offset): say("section of kind % is not text at %", UInt64(kind), offset)
    }
    rule(66, error.rule)
  }

  mutating func programText(_ error: ProgramError) {
    switch error {
    case .sectionByteCount(let kind, let found, let expected):
      say("section % has bytes % where its counts need %", UInt64(kind), found, expected, rule: 1)
    case .countOutOfRange(let field, let found, let limit):
      say("the count at byte % is % with a limit of %", UInt64(field), found, limit, rule: 2)
    case .reservedNotZero(let record): say("reserved bytes are not zero in record %", UInt64(record), rule: 3)
    case .entryMalformed(let entry): say("malformed entry %", UInt64(entry), rule: 4)
    case .kvLayerMalformed(let layer): say("malformed KV layer %", UInt64(layer), rule: 5)
    case .valueMalformed(let value): say("malformed value %", UInt64(value), rule: 6)
    case .valueLifetime(let value): say("wrong lifetime of value %", UInt64(value), rule: 7)
    case .valueMisplaced(let value): say("wrong offset of value %", UInt64(value), rule: 8)
    case .opcodeUnknown(let op, let opcode): say("op % has the unknown opcode %", UInt64(op), UInt64(opcode), rule: 9)
    case .operandMissing(let op, let value): say("op % cannot name value %", UInt64(op), UInt64(value), rule: 10)
    case .lastUseDiffers(let value, let declared, let actual):
      say("value % says its last use is % but dies at %", UInt64(value), UInt64(declared), UInt64(actual), rule: 11)
    case .valuesOverlap(let op, let written, let alive):
      say("op % writes value % over living value %", UInt64(op), UInt64(written), UInt64(alive), rule: 12)
    case .tooManyAlive(let op): say("too many values are alive at op %", UInt64(op), rule: 12)
    case .tensorMismatch(let op, let tensor): say("op % cannot take tensor %", UInt64(op), UInt64(tensor), rule: 13)
    case .shapeMismatch(let op, let value): say("op % cannot take value %", UInt64(op), UInt64(value), rule: 14)
    case .parameterOutOfRange(let op, let byte):
      say("op % has a bad parameter at byte %", UInt64(op), UInt64(byte), rule: 15)
    case .kvLayerMisused(let op, let layer): say("op % misuses KV layer %", UInt64(op), UInt64(layer), rule: 16)
    case .logitsMalformed(let op): say("the entry logits is wrong at op %", UInt64(op), rule: 17)
    }
  }

  private mutating func say(_ text: StaticString, _ a: UInt64, _ b: UInt64 = 0, _ c: UInt64 = 0, rule number: Int) {
    say(text, a, b, c)
    rule(80, number)
  }

  /// ` [B-07]`
  private mutating func rule(_ letter: UInt8, _ number: Int) {
    text(" [")
    byte(letter)
    text(number < 10 ? "-0" : "-")
    say("%]", number)
  }
}
