// SPDX-License-Identifier: Apache-2.0
// Unicode normalization forms C and D over compiled tables. Spec: specs/tokenizer.md §8. Start at `normalize`.

/// What a code point means to NFC, in 64 bits; 0 means nothing: it stays, and nothing joins it to what is before it.
public enum NFCRecord {
  // Bits 0–20 and 21–41: the decomposition's parts, the second 0 where there is one part.
  public static let classShift: UInt64 = 42
  public static let decomposes: UInt64 = 1 << 50
  /// May be reordered or composed with what stands before it.
  public static let joinsPrevious: UInt64 = 1 << 51
  /// Is its own NFC when it stands alone.
  public static let isStable: UInt64 = 1 << 52
  public static let known: UInt64 = (1 << 53) - 1
}

struct NormalizerTables {
  /// Parts in the longest chain of decompositions.
  static let partsMax = 4

  private let first: UnsafePointer<UInt8>
  private let middle: UnsafePointer<UInt16>
  private let last: UnsafePointer<UInt16>
  private let data: UnsafePointer<UInt64>
  private let pairs: UnsafePointer<UInt64>
  private let pairCount: Int
  private let counts: (middle: Int, last: Int, data: Int)

  init?(_ section: TokenizerSection) {
    if section.byteCount(.normalFirst) == 0 { return nil }
    first = section.pointer(.normalFirst)
    middle = section.pointer(.normalMiddle)
    last = section.pointer(.normalLast)
    data = section.pointer(.normalData)
    pairs = section.pointer(.normalPairs)
    pairCount = section.count(.normalPairs, of: UInt64.self)
    counts = (
      section.byteCount(.normalMiddle) / 128, section.byteCount(.normalLast) / 128, section.byteCount(.normalData) / 8
    )
  }

  /// T-22: indexes in range, record 0 empty, parts that are code points, chains that end, pairs strictly ascending.
  func check() throws(TokenizerError) {
    func fail(_ table: TokenizerTable, _ index: Int) -> TokenizerError {
      .normalizerWrong(table: UInt8(table.rawValue), index: UInt32(index))
    }
    for index in 0..<272 where first[index] >= counts.middle { throw fail(.normalFirst, index) }
    for index in 0..<counts.middle * 64 where middle[index] >= counts.last { throw fail(.normalMiddle, index) }
    for index in 0..<counts.last * 64 where last[index] >= counts.data { throw fail(.normalLast, index) }
    for index in 0..<counts.data {
      let record = data[index]
      guard record & ~NFCRecord.known == 0, index > 0 || record == 0, record & Self.partMask <= 0x10FFFF,
        record >> 21 & Self.partMask <= 0x10FFFF
      else { throw fail(.normalData, index) }
    }
    for index in 0..<counts.data {
      var record = data[index]
      var parts = 1
      while record & NFCRecord.decomposes != 0 {
        parts &+= 1
        guard parts <= Self.partsMax else { throw fail(.normalData, index) }
        record = self.record(UInt32(truncatingIfNeeded: record & Self.partMask))
      }
    }
    for index in 0..<pairCount {
      guard pairs[index] >> 63 == 0, pairs[index] & Self.partMask <= 0x10FFFF,
        index == 0 || pairs[index &- 1] >> 21 < pairs[index] >> 21
      else { throw fail(.normalPairs, index) }
    }
  }

  static let partMask: UInt64 = (1 << 21) - 1

  // MARK: sizes

  /// NFC never makes UTF-8 more than three times as long.
  static func byteCountMax(textByteCount: Int) -> Int { 3 * textByteCount }

  /// The text with four bytes to spare, and two arrays of code points for a character with all its marks.
  /// With `tracks`, and four bytes for each of the text.
  static func scratchByteCount(textByteCount: Int, tracks: Bool) -> Int {
    (tracks ? 5 : 1) * outputByteCount(textByteCount) + 8 * segmentMax(textByteCount)
  }

  private static func outputByteCount(_ textByteCount: Int) -> Int {
    (byteCountMax(textByteCount: textByteCount) + 4 + 7) & ~7
  }

  /// Decomposed code points: at most three from two bytes, four from three.
  private static func segmentMax(_ textByteCount: Int) -> Int { 2 * textByteCount + partsMax }

  // MARK: reading

  @inline(__always)
  private func record(_ codePoint: UInt32) -> UInt64 {
    let block = Int(first[Int(codePoint >> 12)]) &<< 6
    let leaf = Int(middle[block | Int(codePoint >> 6 & 63)]) &<< 6
    return data[Int(last[leaf | Int(codePoint & 63)])]
  }

  static func isHangul(_ codePoint: UInt32) -> Bool { codePoint >= 0xAC00 && codePoint < 0xD7A4 }

  /// The quick check of NFC (or NFD): no for some texts that are normalized, never yes for one that is not.
  func isNormalized(_ text: UnsafePointer<UInt8>, _ byteCount: Int, composes: Bool) -> Bool {
    var position = 0
    var lastClass: UInt64 = 0
    while position < byteCount {
      let lead = text[position]
      if lead < 0x80 {
        lastClass = 0
        position &+= 1
        continue
      }
      let codePoint = UTF8Bytes.codePoint(text + position)
      let record = record(codePoint)
      position &+= UTF8Bytes.length(lead: lead)
      let combiningClass = record >> NFCRecord.classShift & 0xFF
      if !composes, record & NFCRecord.decomposes != 0 || Self.isHangul(codePoint) { return false }
      if composes, record != 0 && record & NFCRecord.isStable == 0 { return false }
      if combiningClass != 0 && combiningClass < lastClass { return false }
      lastClass = combiningClass
    }
    return true
  }

  /// Writes the text's NFC, or NFD, to the start of the scratch.
  ///
  /// - Parameter sources: nil, or the scratch's end, below which stands where each byte comes from, as in `ByteSink`.
  /// - Returns: the number of bytes.
  func normalize(
    _ text: UnsafePointer<UInt8>, _ byteCount: Int, composes: Bool, scratch: UnsafeMutableRawBufferPointer,
    sources: UnsafeMutablePointer<UInt32>?
  ) throws(TokenizerError) -> Int {
    let need = Self.scratchByteCount(textByteCount: byteCount, tracks: sources != nil)
    guard scratch.count >= need, let start = scratch.baseAddress else {
      throw .scratchTooSmall(have: UInt64(scratch.count), need: UInt64(need))
    }
    let outputMax = Self.byteCountMax(textByteCount: byteCount)
    let output = start.assumingMemoryBound(to: UInt8.self)
    let words = (start + Self.outputByteCount(byteCount)).assumingMemoryBound(to: UInt32.self)
    var segment = NFCSegment(words, capacity: Self.segmentMax(byteCount))
    var written = 0
    var position = 0
    while position < byteCount {
      let begin = position
      let codePoint = UTF8Bytes.codePoint(text + position)
      let own = record(codePoint)
      position &+= UTF8Bytes.length(lead: text[position])
      let isAlone = position == byteCount || !joins(text + position)
      if isAlone && (composes ? own == 0 || own & NFCRecord.isStable != 0 : codePoint < 0x80) {
        guard written <= outputMax else { throw tooLong(need) }
        for index in begin..<position {
          output[written] = text[index]
          if let sources { sources[-1 &- written] = UInt32(truncatingIfNeeded: begin) }
          written &+= 1
        }
        continue
      }
      segment.count = 0
      try decompose(codePoint, own, composes: composes, &segment)
      while position < byteCount, joins(text + position) {
        let codePoint = UTF8Bytes.codePoint(text + position)
        try decompose(codePoint, record(codePoint), composes: composes, &segment)
        position &+= UTF8Bytes.length(lead: text[position])
      }
      segment.reorder()
      compose(&segment, composes: composes)
      var source = begin
      for index in 0..<segment.count {
        guard written <= outputMax else { throw tooLong(need) }
        let length = UTF8Bytes.write(segment[index], to: output + written)
        if let sources { note(segment.consumed(index), &source, text, sources - written, length) }
        written &+= length
      }
    }
    return written
  }

  /// What is left of so many characters comes from the first of them, from `source` on; of none, from the one before.
  private func note(
    _ consumed: UInt32, _ source: inout Int, _ text: UnsafePointer<UInt8>, _ sources: UnsafeMutablePointer<UInt32>,
    _ byteCount: Int
  ) {
    let from = consumed > 0 ? source : max(source &- 1, 0)
    for index in 0..<byteCount { sources[-1 &- index] = UInt32(truncatingIfNeeded: from) }
    for _ in 0..<consumed { source &+= UTF8Bytes.length(lead: text[source]) }
  }

  /// Only tables that are not Unicode's can come here.
  private func tooLong(_ need: Int) -> TokenizerError { .scratchTooSmall(have: UInt64(need), need: UInt64(need) + 1) }

  @inline(__always)
  private func joins(_ text: UnsafePointer<UInt8>) -> Bool {
    text[0] >= 0x80 && record(UTF8Bytes.codePoint(text)) & NFCRecord.joinsPrevious != 0
  }

  private func decompose(
    _ codePoint: UInt32, _ own: UInt64, composes: Bool, _ segment: inout NFCSegment
  ) throws(TokenizerError) {
    if !composes, Self.isHangul(codePoint) {
      guard segment.count + 3 <= segment.capacity else { throw tooLong(segment.capacity) }
      let index = codePoint &- 0xAC00
      segment.append(0x1100 &+ index / 588, combiningClass: 0)
      segment.append(0x1161 &+ index % 588 / 28, combiningClass: 0, isFirst: false)
      if index % 28 != 0 { segment.append(0x11A7 &+ index % 28, combiningClass: 0, isFirst: false) }
      return
    }
    var codePoint = codePoint
    var record = own
    var tail = InlineArray<4, UInt32>(repeating: 0)
    var tailCount = 0
    while record & NFCRecord.decomposes != 0 {
      let second = UInt32(truncatingIfNeeded: record >> 21 & Self.partMask)
      if second != 0 {
        tail[tailCount] = second
        tailCount &+= 1
      }
      codePoint = UInt32(truncatingIfNeeded: record & Self.partMask)
      record = self.record(codePoint)
    }
    guard segment.count + 1 + tailCount <= segment.capacity else { throw tooLong(segment.capacity) }
    segment.append(codePoint, combiningClass: record >> NFCRecord.classShift & 0xFF)
    while tailCount > 0 {
      tailCount &-= 1
      let combiningClass = self.record(tail[tailCount]) >> NFCRecord.classShift & 0xFF
      segment.append(tail[tailCount], combiningClass: combiningClass, isFirst: false)
    }
  }

  /// Unicode's canonical composition: each code point joins the last starter unless one between them blocks it.
  /// Counts the characters of the text that each stands for, even if nothing is composed.
  private func compose(_ segment: inout NFCSegment, composes: Bool) {
    var kept = 0
    var starter = -1
    var lastClass: UInt32 = 0
    for index in 0..<segment.count {
      let codePoint = segment[index]
      let combiningClass = segment.combiningClass(index)
      if composes, starter >= 0, starter == kept &- 1 || lastClass < combiningClass,
        let composed = composed(segment[starter], codePoint)
      {
        segment.replace(starter, composed, joining: index)
        continue
      }
      if combiningClass == 0 { starter = kept }
      lastClass = combiningClass
      segment.move(index, to: kept)
      kept &+= 1
    }
    segment.count = kept
  }

  private func composed(_ first: UInt32, _ second: UInt32) -> UInt32? {
    if first >= 0x1100 && first < 0x1113 && second >= 0x1161 && second < 0x1176 {
      return 0xAC00 &+ ((first &- 0x1100) &* 21 &+ (second &- 0x1161)) &* 28
    }
    if first >= 0xAC00 && first < 0xD7A4 && (first &- 0xAC00) % 28 == 0 && second > 0x11A7 && second < 0x11C3 {
      return first &+ second &- 0x11A7
    }
    let key = UInt64(first) << 21 | UInt64(second)
    var (low, high) = (0, pairCount)
    while low < high {
      let middle = (low &+ high) >> 1
      if pairs[middle] >> 21 < key { low = middle &+ 1 } else { high = middle }
    }
    guard low < pairCount, pairs[low] >> 21 == key else { return nil }
    return UInt32(truncatingIfNeeded: pairs[low] & Self.partMask)
  }
}

/// A character with its marks, decomposed: code points, their combining classes in bits 21–28, and in bit 29 whether
/// they are the first that a character of the text gave; over the caller's scratch.
private struct NFCSegment {
  private let items: UnsafeMutablePointer<UInt32>
  private let spare: UnsafeMutablePointer<UInt32>
  let capacity: Int
  var count = 0

  init(_ words: UnsafeMutablePointer<UInt32>, capacity: Int) {
    items = words
    spare = words + capacity
    self.capacity = capacity
  }

  subscript(index: Int) -> UInt32 { items[index] & 0x1F_FFFF }
  func combiningClass(_ index: Int) -> UInt32 { items[index] >> 21 & 0xFF }
  /// Characters of the text that this stands for, once composed.
  func consumed(_ index: Int) -> UInt32 { spare[index] }

  mutating func append(_ codePoint: UInt32, combiningClass: UInt64, isFirst: Bool = true) {
    items[count] = codePoint | UInt32(truncatingIfNeeded: combiningClass) << 21 | (isFirst ? 1 << 29 : 0)
    count &+= 1
  }

  /// A starter becomes another starter, with what stands at `joined`.
  func replace(_ index: Int, _ codePoint: UInt32, joining joined: Int) {
    items[index] = codePoint
    spare[index] &+= items[joined] >> 29
  }
  func move(_ index: Int, to target: Int) {
    spare[target] = items[index] >> 29
    items[target] = items[index]
  }

  /// Puts each run of marks into the order of their classes and leaves equals as they are. Linear, whatever the run.
  func reorder() {
    var start = 0
    while start < count {
      if combiningClass(start) == 0 {
        start &+= 1
        continue
      }
      var end = start
      while end < count, combiningClass(end) != 0 { end &+= 1 }
      if end &- start <= 16 { insert(start, end) } else { distribute(start, end) }
      start = end
    }
  }

  private func insert(_ start: Int, _ end: Int) {
    var index = start &+ 1
    while index < end {
      let item = items[index]
      var target = index
      while target > start, combiningClass(target &- 1) > item >> 21 & 0xFF {
        items[target] = items[target &- 1]
        target &-= 1
      }
      items[target] = item
      index &+= 1
    }
  }

  private func distribute(_ start: Int, _ end: Int) {
    var written = 0
    for combiningClass: UInt32 in 1...255 {
      for index in start..<end where self.combiningClass(index) == combiningClass {
        spare[written] = items[index]
        written &+= 1
      }
      if written == end &- start { break }
    }
    for index in 0..<written { items[start &+ index] = spare[index] }
  }
}
