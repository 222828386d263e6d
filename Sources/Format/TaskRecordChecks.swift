// SPDX-License-Identifier: Apache-2.0
// Why a task record is refused, and the rules for its parts. specs/labels.md §4.

/// Why a task record was refused. One case for each rule, or for a few that share a shape.
public enum TaskRecordError: Error, Equatable, Sendable {
  case truncated(have: UInt64, need: UInt64)  // L-01
  case wrongMagic(found: UInt32)  // L-02
  case unknownVersion(found: UInt16)  // L-03
  case unknownKind(found: UInt16)  // L-04
  case byteCountWrong(found: UInt64, stated: UInt64)  // L-05, L-16
  case fieldOutOfRange(offset: UInt32)  // L-06 to L-09
  case textMisplaced(record: UInt32, offset: UInt64, expected: UInt64)  // L-11
  case textOutOfBounds(record: UInt32, end: UInt64, limit: UInt64)  // L-12
  case textMalformed(record: UInt32)  // L-13
  case labelRoleWrong(label: UInt32)  // L-14
  case labelEntityWrong(label: UInt32)  // L-15
}

extension TaskRecord {
  /// L-07: limits, thresholds, flags, and what is reserved.
  func checkNumbers() throws(TaskRecordError) {
    guard 1...Limits.contextLengthMax ~= lengthMax else { throw .fieldOutOfRange(offset: 24) }
    guard stride < lengthMax else { throw .fieldOutOfRange(offset: 28) }
    guard answerMax <= lengthMax, (answerMax > 0) == (kind == .answer) else { throw .fieldOutOfRange(offset: 32) }
    guard mask != nil || kind != .fill else { throw .fieldOutOfRange(offset: 36) }
    guard threshold >= 0, threshold.isFinite else { throw .fieldOutOfRange(offset: 40) }
    guard defaultPrompt ?? -1 < promptCount else { throw .fieldOutOfRange(offset: 44) }
    guard bytes.u32(48) & ~(TaskRecord.flagPair | TaskRecord.flagUnit) == 0 else { throw .fieldOutOfRange(offset: 48) }
    guard bytes[55] == 0 else { throw .fieldOutOfRange(offset: 55) }
    guard bytes.part(58, 6).isZero else { throw .fieldOutOfRange(offset: 58) }
    guard bytes.part(124, 4).isZero else { throw .fieldOutOfRange(offset: 124) }
  }

  /// L-08, L-09: what stands around two texts.
  func checkPair() throws(TaskRecordError) {
    let counts = pairCounts
    let count = counts.before + counts.between + counts.behind
    guard count <= TaskRecord.pairCountMax else { throw .fieldOutOfRange(offset: 52) }
    if !hasPair {
      guard bytes.part(52, 76).isZero else { throw .fieldOutOfRange(offset: 52) }
      guard kind != .answer, kind != .rerank else { throw .fieldOutOfRange(offset: 48) }
      return
    }
    guard bytes.part(64 + 4 * count, 4 * (TaskRecord.pairCountMax - count)).isZero else {
      throw .fieldOutOfRange(offset: 64)
    }
    guard bytes.part(112 + count, TaskRecord.pairCountMax - count).isZero else { throw .fieldOutOfRange(offset: 112) }
  }

  /// L-10, L-11 to L-16: the tables, and the texts that they cover without a hole.
  func checkTexts() throws(TaskRecordError) {
    let start = UInt64(textsAt)
    guard start <= UInt64(bytes.count) else { throw .truncated(have: UInt64(bytes.count), need: start) }
    var end: UInt64 = 0
    for record in 0..<(labelCount + 2 * promptCount) {
      let isLabel = record < labelCount
      let at = isLabel ? 128 + 16 * record : promptsAt + 8 * (record - labelCount)
      end = try checkText(at, UInt32(record), from: end, limit: UInt64(bytes.count) - start, isLine: isLabel)
      if isLabel { try checkLabel(record, at) }
    }
    guard start + end == UInt64(bytes.count) else {
      throw .byteCountWrong(found: UInt64(bytes.count), stated: start + end)
    }
  }

  /// One text: it begins where the one before ends. Returns its end. Prompts may have tabs, line feeds, and no bytes.
  private func checkText(
    _ at: Int, _ record: UInt32, from expected: UInt64, limit: UInt64, isLine: Bool
  ) throws(TaskRecordError) -> UInt64 {
    let offset = UInt64(bytes.u32(at))
    guard offset == expected else { throw .textMisplaced(record: record, offset: offset, expected: expected) }
    let end = offset + UInt64(bytes.u32(at + 4))
    guard end <= limit else { throw .textOutOfBounds(record: record, end: end, limit: limit) }
    let text = bytes.part(textsAt + Int(offset), Int(end - offset))
    var good = plainTextByteCount(text)
    while !isLine, good < text.count, text[good] == 9 || text[good] == 10 {
      good += 1
      good += plainTextByteCount(text.part(good, text.count - good))
    }
    guard good == text.count, !isLine || good > 0 else { throw .textMalformed(record: record) }
    return end
  }

  /// L-14, L-15: what the label says is what its text says; its entity is that of an earlier label, or its own.
  private func checkLabel(_ index: Int, _ at: Int) throws(TaskRecordError) {
    let text = bytes.part(textsAt + Int(bytes.u32(at)), Int(bytes.u32(at + 4)))
    // A class of texts is no part of an entity, whatever it is called.
    let (role, prefix) = kind == .tag ? scheme.role(of: text) : (.inside, 0)
    guard bytes.u16(at + 8) == role.rawValue, Int(bytes.u16(at + 10)) == prefix else {
      throw .labelRoleWrong(label: UInt32(index))
    }
    let entity = Int(bytes.u32(at + 12))
    guard entity <= index else { throw .labelEntityWrong(label: UInt32(index)) }
    if entity == index { return }
    let (first, own) = (label(entity), label(index))
    guard first.entity == entity, !isBelow(first.entityName, own.entityName), !isBelow(own.entityName, first.entityName)
    else { throw .labelEntityWrong(label: UInt32(index)) }
  }
}
