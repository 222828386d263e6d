// SPDX-License-Identifier: Apache-2.0
// One line for each rule of specs/bundle.md and specs/program.md that a bundle can break.
import Format
import Ops

extension Writer {
  /// What was found, the record, and the rule's number.
  mutating func bundleText(_ error: BundleError) {
    switch error {
    case .truncated(let have, let need): pair("it is cut: bytes there", have, ", needed", need)
    case .badMagic: text("it does not start as a bundle does")
    case .versionUnknown(let found, let known):
      pair("its format version is", UInt64(found), ", known up to", UInt64(known))
    case .requiredFeatureUnknown(let mask): pair("it needs features that are not known, mask", mask)
    case .sectionCountOutOfRange(let found, let limit): pair("section count", UInt64(found), ", limit", UInt64(limit))
    case .headerDigestDiffers: text("its head is damaged: the digest differs")
    case .reservedNotZero(let offset): pair("reserved bytes are not zero at", offset)
    case .fileByteCountDiffers(let declared, let actual): pair("bytes declared", declared, ", in the file", actual)
    case .sectionKindUnknown(let index, let kind):
      pair("section", UInt64(index), "is of the unknown kind", UInt64(kind))
    case .sectionsUnsorted(let index): pair("sections are not in order at", UInt64(index))
    case .sectionStorageUnknown(let index, let storage): pair("section", UInt64(index), "has storage", UInt64(storage))
    case .sectionStorageInconsistent(let index): pair("storage and sizes contradict in section", UInt64(index))
    case .sectionMisplaced(let index, let offset, let expected):
      pair("section", UInt64(index), "is at", offset)
      pair(", expected at", expected)
    case .sectionOutOfBounds(let index, let end, let fileByteCount):
      pair("section", UInt64(index), "ends at", end)
      pair(", the file at", fileByteCount)
    case .trailingBytes(let end, let fileByteCount): pair("its sections end at", end, ", the file at", fileByteCount)
    case .sectionMissing(let kind): pair("there is no section of kind", UInt64(kind))
    case .sectionByteCountWrong(let kind, let found, let expected):
      pair("section of kind", UInt64(kind), "has bytes", found)
      pair(", expected", expected)
    case .identityDiffers: text("its identity is not that of its sections")
    case .paddingNotZero(let offset): pair("padding is not zero after", offset)
    case .compressed: text("it is compressed")
    case .manifestMalformed(let line): pair("malformed manifest line", UInt64(line))
    case .tensorMalformed(let index, let field):
      pair("malformed tensor", UInt64(index), ", field", UInt64(field.rawValue))
    case .tensorByteCountDiffers(let index, let found, let expected):
      pair("tensor", UInt64(index), "has bytes", found)
      pair(", its shape needs", expected)
    case .tensorMisplaced(let index, let offset, let expected):
      pair("tensor", UInt64(index), "is at", offset)
      pair(", expected at", expected)
    case .nameMisplaced(let record, let offset, let expected):
      pair("name", UInt64(record), "is at", offset)
      pair(", expected at", expected)
    case .nameOutOfBounds(let record, let end, let limit):
      pair("name", UInt64(record), "ends at", end)
      pair(", names at", limit)
    case .nameNotUTF8(let record): pair("not a name: record", UInt64(record))
    case .tensorOutOfBounds(let index, let end, let limit):
      pair("tensor", UInt64(index), "ends at", end)
      pair(", weights at", limit)
    case .tensorPaddingNotZero(let index): pair("padding is not zero before tensor", UInt64(index))
    case .sectionNotCovered(let kind, let found, let expected):
      pair("section of kind", UInt64(kind), "has bytes", found)
      pair(", its records cover", expected)
    case .textMalformed(let kind, let offset): pair("section of kind", UInt64(kind), "is not text at", offset)
    }
    text(" [B-")
    if error.rule < 10 { byte(48) }
    number(UInt64(error.rule))
    byte(93)
  }

  private mutating func pair(_ a: StaticString, _ x: UInt64, _ b: StaticString = "", _ y: UInt64? = nil) {
    text(a)
    byte(32)
    number(x)
    guard let y else { return }
    if b.utf8Start[0] != 44 { byte(32) }
    text(b)
    byte(32)
    number(y)
  }

  mutating func programText(_ error: ProgramError) {
    switch error {
    case .sectionByteCount(let kind, let found, let expected):
      fields("section", UInt64(kind), "has bytes", found, "where its counts need", expected, rule: 1)
    case .countOutOfRange(let field, let found, let limit):
      fields("the count at byte", UInt64(field), "is", found, "with a limit of", limit, rule: 2)
    case .reservedNotZero(let record): fields("reserved bytes are not zero in record", UInt64(record), rule: 3)
    case .entryMalformed(let entry): fields("malformed entry", UInt64(entry), rule: 4)
    case .kvLayerMalformed(let layer): fields("malformed KV layer", UInt64(layer), rule: 5)
    case .valueMalformed(let value): fields("malformed value", UInt64(value), rule: 6)
    case .valueLifetime(let value): fields("wrong lifetime of value", UInt64(value), rule: 7)
    case .valueMisplaced(let value): fields("wrong offset of value", UInt64(value), rule: 8)
    case .opcodeUnknown(let op, let opcode): fields("op", UInt64(op), "has the unknown opcode", UInt64(opcode), rule: 9)
    case .operandMissing(let op, let value): fields("op", UInt64(op), "cannot name value", UInt64(value), rule: 10)
    case .lastUseDiffers(let value, let declared, let actual):
      fields("value", UInt64(value), "says its last use is", UInt64(declared), "but dies at", UInt64(actual), rule: 11)
    case .valuesOverlap(let op, let written, let alive):
      fields("op", UInt64(op), "writes value", UInt64(written), "over living value", UInt64(alive), rule: 12)
    case .tooManyAlive(let op): fields("too many values are alive at op", UInt64(op), rule: 12)
    case .tensorMismatch(let op, let tensor): fields("op", UInt64(op), "cannot take tensor", UInt64(tensor), rule: 13)
    case .shapeMismatch(let op, let value): fields("op", UInt64(op), "cannot take value", UInt64(value), rule: 14)
    case .parameterOutOfRange(let op, let byte):
      fields("op", UInt64(op), "has a bad parameter at byte", UInt64(byte), rule: 15)
    case .kvLayerMisused(let op, let layer): fields("op", UInt64(op), "misuses KV layer", UInt64(layer), rule: 16)
    case .logitsMalformed(let op): fields("the entry logits is wrong at op", UInt64(op), rule: 17)
    }
  }

  private mutating func fields(
    _ a: StaticString, _ x: UInt64, _ b: StaticString = "", _ y: UInt64? = nil, _ c: StaticString = "",
    _ z: UInt64? = nil, rule: UInt64
  ) {
    text(a)
    byte(32)
    number(x)
    if let y {
      byte(32)
      text(b)
      byte(32)
      number(y)
    }
    if let z {
      byte(32)
      text(c)
      byte(32)
      number(z)
    }
    text(" [P-")
    if rule < 10 { byte(48) }
    number(rule)
    byte(93)
  }
}
