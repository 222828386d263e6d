// SPDX-License-Identifier: Apache-2.0
// The normalizer: a list of steps that rewrite a stretch of text, one after the other. Spec: specs/tokenizer.md §8.
// A step that changes nothing copies nothing. Start at `normalize`.

/// 16 bytes.
struct StepRecord: BitwiseCopyable {
  var operation: UInt16
  var flags: UInt16
  /// The first unit of the step's trie, or its stage.
  var first: UInt32
  /// Units of the trie, or the rewrite that replaces a match.
  var count: UInt32
  /// Bytes that one byte can become.
  var growth: UInt32
}

/// What stands before and behind a stretch: `TokenizerLayout.atText`, `.atSpecial` or `.atAdded`.
struct Borders {
  var before: UInt16
  var behind: UInt16
}

/// Bytes being written to the caller's scratch.
struct ByteSink {
  let bytes: UnsafeMutablePointer<UInt8>
  let capacity: Int
  var count = 0

  init(_ scratch: UnsafeMutableRawBufferPointer) {
    bytes = scratch.baseAddress!.assumingMemoryBound(to: UInt8.self)
    capacity = scratch.count
  }

  @inline(__always)
  mutating func append(_ from: UnsafePointer<UInt8>, _ byteCount: Int) throws(TokenizerError) {
    guard byteCount <= capacity &- count else {
      throw .scratchTooSmall(have: UInt64(capacity), need: UInt64(count + byteCount))
    }
    (bytes + count).update(from: from, count: byteCount)
    count &+= byteCount
  }

  mutating func appendSpace() throws(TokenizerError) {
    var space: UInt8 = 0x20
    try append(&space, 1)
  }
}

extension TokenizerView {
  /// A stretch after the normalizer: where it lies, and how many bytes of the scratch it takes.
  struct Normalized {
    var text: UnsafePointer<UInt8>
    var byteCount: Int
    var scratchByteCount = 0
  }

  /// Bytes of the longest text that `byteCount` bytes can become.
  func normalizedByteCountMax(_ byteCount: Int) -> Int {
    var result = byteCount
    for index in 0..<stepCount where isRun(steps[index]) { result *= Int(steps[index].growth) }
    return result
  }

  /// Scratch for normalizing `byteCount` bytes and merging what comes out.
  func scratchByteCountMax(_ byteCount: Int) -> Int {
    var (length, need) = (byteCount, 0)
    var isLate = false
    for index in 0..<stepCount where isRun(steps[index]) {
      let step = steps[index]
      isLate = isLate || self.isLate(step)
      let output = length * Int(step.growth)
      let room =
        step.operation == TokenizerLayout.stepNormalForm
        ? NormalizerTables.scratchByteCount(textByteCount: length) : output
      need = max(need, aligned8(length) + room)
      length = output
    }
    let texts = stepCount == 0 ? 0 : aligned8(length) * (isLate ? 2 : 1)
    return max(need, texts + Symbols.byteCountEach * (length + 2))
  }

  private func isLate(_ step: StepRecord) -> Bool {
    step.operation == TokenizerLayout.stepPrefix && step.flags & TokenizerLayout.prefixIsLate != 0
  }
  private func isRun(_ step: StepRecord) -> Bool { step.operation != TokenizerLayout.stepWordCharacters }
  @inline(__always)
  func aligned8(_ count: Int) -> Int { (count + 7) & ~7 }

  /// - Parameter late: runs the steps that come behind all added tokens, else the others.
  func normalize(
    _ text: UnsafePointer<UInt8>, _ byteCount: Int, _ borders: Borders, late: Bool,
    _ scratch: UnsafeMutableRawBufferPointer
  ) throws(TokenizerError) -> Normalized {
    var current = Normalized(text: text, byteCount: byteCount)
    for index in 0..<stepCount where isLate(steps[index]) == late {
      let taken = current.scratchByteCount
      guard taken < scratch.count else {
        throw .scratchTooSmall(have: UInt64(scratch.count), need: UInt64(taken + 1))
      }
      let room = UnsafeMutableRawBufferPointer(rebasing: scratch[taken...])
      guard let written = try run(steps[index], current.text, current.byteCount, borders, room) else { continue }
      let start = scratch.baseAddress!
      if taken > 0 { start.copyMemory(from: room.baseAddress!, byteCount: written) }
      current = Normalized(
        text: UnsafePointer(start.assumingMemoryBound(to: UInt8.self)), byteCount: written,
        scratchByteCount: aligned8(written))
    }
    return current
  }

  /// The bytes written to the start of the room, or nil where the text stays as it is.
  private func run(
    _ step: StepRecord, _ text: UnsafePointer<UInt8>, _ byteCount: Int, _ borders: Borders,
    _ room: UnsafeMutableRawBufferPointer
  ) throws(TokenizerError) -> Int? {
    switch step.operation {
    case TokenizerLayout.stepRewrite: return try rewrite(step, text, byteCount, room)
    case TokenizerLayout.stepNormalForm:
      guard let normalizer else { return nil }
      let composes = step.flags & TokenizerLayout.formComposes != 0
      if normalizer.isNormalized(text, byteCount, composes: composes) { return nil }
      return try normalizer.normalize(text, byteCount, composes: composes, scratch: room).count
    case TokenizerLayout.stepSpaces: return try tidySpaces(step, text, byteCount, borders, room)
    case TokenizerLayout.stepStrip:
      let (start, end) = stripped(step, text, byteCount)
      if start == 0, end == byteCount { return nil }
      var sink = ByteSink(room)
      try sink.append(text + start, end &- start)
      return sink.count
    case TokenizerLayout.stepPrefix:
      if step.flags & borders.before == 0 { return nil }
      if byteCount == 0 {
        guard step.flags & TokenizerLayout.prefixStandsAlone != 0, borders.behind == TokenizerLayout.atAdded else {
          return nil
        }
      }
      if byteCount > 0, step.flags & TokenizerLayout.prefixUnlessSpace != 0, isSpace(text, byteCount) { return nil }
      var sink = ByteSink(room)
      try sink.appendSpace()
      try sink.append(text, byteCount)
      return sink.count
    case TokenizerLayout.stepReplace: return try replace(step, text, byteCount, room)
    default: return nil
    }
  }

  /// Whether a space or a literal ▁ (U+2581) stands here.
  @inline(__always)
  func isSpace(_ text: UnsafePointer<UInt8>, _ byteCount: Int) -> Bool {
    text[0] == 0x20 || byteCount >= 3 && text[0] == 0xE2 && text[1] == 0x96 && text[2] == 0x81
  }

  /// The longest rule at each place; characters without a rule stay.
  private func rewrite(
    _ step: StepRecord, _ text: UnsafePointer<UInt8>, _ byteCount: Int, _ room: UnsafeMutableRawBufferPointer
  ) throws(TokenizerError) -> Int? {
    let rules = ByteTrie(units: trie + Int(step.first))
    var sink = ByteSink(room)
    var position = 0
    var copied = 0  // up to here the text is in the sink
    var isChanged = false
    var work = 0
    let workMax = Self.workMax(byteCount)
    while position < byteCount {
      guard let match = rules.longest(text + position, byteCount &- position, steps: &work) else {
        position &+= UTF8Bytes.length(lead: text[position])
        if work > workMax { throw .splitTooSlow(limit: UInt64(workMax)) }
        continue
      }
      isChanged = true
      try sink.append(text + copied, position &- copied)
      let rule = rewrites[Int(match.value)]
      if rule.isSurrounding { try sink.appendSpace() }
      if rule.isSurrounding {
        try sink.append(text + position, match.byteCount)
        try sink.appendSpace()
      } else {
        try sink.append(rewriteBytes + Int(rule.offset), rule.byteCount)
      }
      position &+= match.byteCount
      copied = position
    }
    if !isChanged { return nil }
    try sink.append(text + copied, byteCount &- copied)
    return sink.count
  }

  private func replace(
    _ step: StepRecord, _ text: UnsafePointer<UInt8>, _ byteCount: Int, _ room: UnsafeMutableRawBufferPointer
  ) throws(TokenizerError) -> Int? {
    var finder = Splitter(self, text, byteCount)
    var sink = ByteSink(room)
    var copied = 0
    var isChanged = false
    let rule = rewrites[Int(step.count)]
    while true {
      let match = try finder.match(stage: Int(step.first), from: copied, to: byteCount)
      if match.start == match.end { break }
      isChanged = true
      try sink.append(text + copied, match.start &- copied)
      try sink.append(rewriteBytes + Int(rule.offset), rule.byteCount)
      copied = match.end
    }
    if !isChanged { return nil }
    try sink.append(text + copied, byteCount &- copied)
    return sink.count
  }

  private func stripped(
    _ step: StepRecord, _ text: UnsafePointer<UInt8>, _ byteCount: Int
  ) -> (start: Int, end: Int) {
    var (start, end) = (0, byteCount)
    if step.flags & TokenizerLayout.stripsLeft != 0 {
      while start < end, UTF8Bytes.isWhiteSpace(UTF8Bytes.codePoint(text + start)) {
        start &+= UTF8Bytes.length(lead: text[start])
      }
    }
    if step.flags & TokenizerLayout.stripsRight != 0 {
      while end > start {
        var before = end &- 1
        while before > start && text[before] & 0xC0 == 0x80 { before &-= 1 }
        if !UTF8Bytes.isWhiteSpace(UTF8Bytes.codePoint(text + before)) { break }
        end = before
      }
    }
    return (start, end)
  }

  /// SentencePiece's extra white space: spaces at the ends go, runs become one.
  private func tidySpaces(
    _ step: StepRecord, _ text: UnsafePointer<UInt8>, _ byteCount: Int, _ borders: Borders,
    _ room: UnsafeMutableRawBufferPointer
  ) throws(TokenizerError) -> Int? {
    var (start, end) = (0, byteCount)
    if step.flags & borders.before != 0 {
      while start < end, text[start] == 0x20 { start &+= 1 }
    }
    if step.flags & borders.behind << TokenizerLayout.endShift != 0 {
      while end > start, text[end &- 1] == 0x20 { end &-= 1 }
    }
    var sink = ByteSink(room)
    var copied = start
    var position = start &+ 1
    if step.flags & TokenizerLayout.spacesCollapse != 0 {
      while position < end {
        if text[position] == 0x20, text[position &- 1] == 0x20 {
          try sink.append(text + copied, position &- copied)
          while position < end, text[position] == 0x20 { position &+= 1 }
          copied = position
        }
        position &+= 1
      }
    }
    if start == 0, copied == 0, end == byteCount { return nil }
    try sink.append(text + copied, end &- copied)
    return sink.count
  }

  /// Bytes that tries and automata may read beyond what the text's length explains.
  static func workMax(_ byteCount: Int) -> Int { (1 << 26) + 64 * byteCount }
}

/// What takes the place of a match: 8 bytes.
struct RewriteRecord: BitwiseCopyable {
  var offset: UInt32
  /// Bytes in bits 0–15; bit 31: the match stays, with a space on either side.
  var length: UInt32

  static let surrounds: UInt32 = 1 << 31
  static let known: UInt32 = surrounds | 0xFFFF

  var byteCount: Int { Int(length & 0xFFFF) }
  var isSurrounding: Bool { length & Self.surrounds != 0 }
}
