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

/// Bytes being written to the start of the caller's scratch and, if asked for, from its end downwards where each of
/// them comes from in the text that is rewritten.
struct ByteSink {
  let bytes: UnsafeMutablePointer<UInt8>
  let capacity: Int
  var count = 0
  /// Behind the first one; nil: not asked for.
  let sources: UnsafeMutablePointer<UInt32>?

  /// - Parameter scratch: with `tracks` it ends at a multiple of 4.
  init(_ scratch: UnsafeMutableRawBufferPointer, tracks: Bool) {
    let start = scratch.baseAddress!
    bytes = start.assumingMemoryBound(to: UInt8.self)
    sources = tracks ? (start + scratch.count).assumingMemoryBound(to: UInt32.self) : nil
    capacity = tracks ? scratch.count / 5 : scratch.count
  }

  /// Text that stays: its bytes come from `source` on.
  mutating func append(_ from: UnsafePointer<UInt8>, _ byteCount: Int, at source: Int) throws(TokenizerError) {
    try append(from, byteCount, at: source, stride: 1)
  }

  /// New text: all of its bytes come from the character that `source` belongs to.
  mutating func put(_ from: UnsafePointer<UInt8>, _ byteCount: Int, at source: Int) throws(TokenizerError) {
    try append(from, byteCount, at: source, stride: 0)
  }

  mutating func putSpace(at source: Int) throws(TokenizerError) {
    var space: UInt8 = 0x20
    try append(&space, 1, at: source, stride: 0)
  }

  private mutating func append(
    _ from: UnsafePointer<UInt8>, _ byteCount: Int, at source: Int, stride: Int
  ) throws(TokenizerError) {
    guard byteCount <= capacity &- count else {
      throw .scratchTooSmall(have: UInt64(capacity), need: UInt64(count + byteCount))
    }
    (bytes + count).update(from: from, count: byteCount)
    if let sources {
      for index in 0..<byteCount {
        sources[-1 &- count &- index] = UInt32(truncatingIfNeeded: source &+ index &* stride)
      }
    }
    count &+= byteCount
  }
}

extension TokenizerView {
  /// A stretch after the normalizer: where it lies, how many bytes of the scratch it takes, and, at the scratch's end,
  /// which byte of the stretch as it came each byte of it comes from: the last of them first.
  struct Normalized {
    var text: UnsafePointer<UInt8>
    var byteCount: Int
    var scratchByteCount = 0
    /// Behind the first byte's; nil where the text has not changed, or nobody asks.
    var sources: UnsafeMutablePointer<UInt32>?

    var sourcesByteCount: Int { sources == nil ? 0 : 4 &* byteCount }
  }

  /// Bytes of the longest text that `byteCount` bytes can become.
  func normalizedByteCountMax(_ byteCount: Int) -> Int {
    var result = byteCount
    for index in 0..<stepCount where isRun(steps[index]) { result *= Int(steps[index].growth) }
    return result
  }

  /// Scratch for normalizing `byteCount` bytes and merging what comes out.
  func scratchByteCountMax(_ byteCount: Int, tracks: Bool) -> Int {
    let each = tracks ? 5 : 1
    var (length, need) = (byteCount, 0)
    var isLate = false
    for index in 0..<stepCount where isRun(steps[index]) {
      let step = steps[index]
      isLate = isLate || self.isLate(step)
      let output = length * Int(step.growth)
      let room =
        step.operation == TokenizerLayout.stepNormalForm
        ? NormalizerTables.scratchByteCount(textByteCount: length, tracks: tracks) : each * output
      need = max(need, aligned8(each * length) + room)
      length = output
    }
    let texts = stepCount == 0 ? 0 : each * aligned8(length) * (isLate ? 2 : 1)
    return max(need, texts + Symbols.byteCountEach * (length + 2)) + 8
  }

  private func isLate(_ step: StepRecord) -> Bool {
    step.operation == TokenizerLayout.stepPrefix && step.flags & TokenizerLayout.prefixIsLate != 0
  }
  private func isRun(_ step: StepRecord) -> Bool { step.operation != TokenizerLayout.stepWordCharacters }
  @inline(__always)
  func aligned8(_ count: Int) -> Int { (count + 7) & ~7 }

  /// - Parameters:
  ///   - late: runs the steps that come behind all added tokens, else the others.
  ///   - tracks: whether to say where each byte comes from; the scratch then ends at a multiple of 4.
  func normalize(
    _ text: UnsafePointer<UInt8>, _ byteCount: Int, _ borders: Borders, late: Bool, tracks: Bool,
    _ scratch: UnsafeMutableRawBufferPointer
  ) throws(TokenizerError) -> Normalized {
    var current = Normalized(text: text, byteCount: byteCount)
    for index in 0..<stepCount where isLate(steps[index]) == late {
      let taken = current.scratchByteCount
      let end = scratch.count &- current.sourcesByteCount
      guard taken < end else {
        throw .scratchTooSmall(have: UInt64(scratch.count), need: UInt64(scratch.count &- end &+ taken &+ 1))
      }
      let room = UnsafeMutableRawBufferPointer(rebasing: scratch[taken..<end])
      var sink = ByteSink(room, tracks: tracks)
      guard try run(steps[index], current.text, current.byteCount, borders, room, &sink) else { continue }
      let start = scratch.baseAddress!
      if taken > 0 { start.copyMemory(from: room.baseAddress!, byteCount: sink.count) }
      let sources = Self.followed(sink, from: current)
      current = Normalized(
        text: UnsafePointer(start.assumingMemoryBound(to: UInt8.self)), byteCount: sink.count,
        scratchByteCount: aligned8(sink.count), sources: sources)
    }
    return current
  }

  /// Sources in the stretch as it came, moved to where those of `text`, which the step rewrote, were.
  private static func followed(_ sink: ByteSink, from text: Normalized) -> UnsafeMutablePointer<UInt32>? {
    guard let made = sink.sources, let known = text.sources else { return sink.sources }
    if text.byteCount > 0 {
      for index in 0..<sink.count { made[-1 &- index] = known[-1 &- Int(made[-1 &- index])] }
    }
    (known - sink.count).update(from: made - sink.count, count: sink.count)
    return known
  }

  /// Writes what a step makes of the text to the sink, which lies in the room; false where the text stays as it is.
  private func run(
    _ step: StepRecord, _ text: UnsafePointer<UInt8>, _ byteCount: Int, _ borders: Borders,
    _ room: UnsafeMutableRawBufferPointer, _ sink: inout ByteSink
  ) throws(TokenizerError) -> Bool {
    switch step.operation {
    case TokenizerLayout.stepRewrite: return try rewrite(step, text, byteCount, &sink)
    case TokenizerLayout.stepNormalForm:
      guard let normalizer else { return false }
      let composes = step.flags & TokenizerLayout.formComposes != 0
      if normalizer.isNormalized(text, byteCount, composes: composes) { return false }
      sink.count = try normalizer.normalize(text, byteCount, composes: composes, scratch: room, sources: sink.sources)
      return true
    case TokenizerLayout.stepSpaces: return try tidySpaces(step, text, byteCount, borders, &sink)
    case TokenizerLayout.stepStrip:
      let (start, end) = stripped(step.flags, text, byteCount)
      if start == 0, end == byteCount { return false }
      try sink.append(text + start, end &- start, at: start)
      return true
    case TokenizerLayout.stepPrefix:
      if step.flags & borders.before == 0 { return false }
      if byteCount == 0 {
        guard step.flags & TokenizerLayout.prefixStandsAlone != 0, borders.behind == TokenizerLayout.atAdded else {
          return false
        }
      }
      if byteCount > 0, step.flags & TokenizerLayout.prefixUnlessSpace != 0, isSpace(text, byteCount) { return false }
      try sink.putSpace(at: 0)
      try sink.append(text, byteCount, at: 0)
      return true
    case TokenizerLayout.stepReplace: return try replace(step, text, byteCount, &sink)
    default: return false
    }
  }

  /// Whether a space or a literal ▁ (U+2581) stands here.
  @inline(__always)
  func isSpace(_ text: UnsafePointer<UInt8>, _ byteCount: Int) -> Bool {
    text[0] == 0x20 || byteCount >= 3 && text[0] == 0xE2 && text[1] == 0x96 && text[2] == 0x81
  }

  /// The longest rule at each place; characters without a rule stay.
  private func rewrite(
    _ step: StepRecord, _ text: UnsafePointer<UInt8>, _ byteCount: Int, _ sink: inout ByteSink
  ) throws(TokenizerError) -> Bool {
    let rules = ByteTrie(units: trie + Int(step.first))
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
      try sink.append(text + copied, position &- copied, at: copied)
      let end = position &+ match.byteCount
      let rule = rewrites[Int(match.value)]
      if rule.isSurrounding {
        try sink.putSpace(at: position)
        try sink.append(text + position, match.byteCount, at: position)
        try sink.putSpace(at: end &- 1)
      } else {
        let isOfLast = step.flags & TokenizerLayout.rewriteIsOfLast != 0
        try put(rule, text, from: isOfLast ? end &- 1 : position, to: end, &sink)
      }
      position = end
      copied = position
    }
    if !isChanged { return false }
    try sink.append(text + copied, byteCount &- copied, at: copied)
    return true
  }

  /// The characters of a rewrite, which come one by one from those of `text[start..<end]`, the rest from the last.
  private func put(
    _ rule: RewriteRecord, _ text: UnsafePointer<UInt8>, from start: Int, to end: Int, _ sink: inout ByteSink
  ) throws(TokenizerError) {
    let bytes = rewriteBytes + Int(rule.offset)
    if sink.sources == nil { return try sink.put(bytes, rule.byteCount, at: start) }
    var (source, done) = (start, 0)
    while done < rule.byteCount {
      let length = UTF8Bytes.length(lead: bytes[done])
      try sink.put(bytes + done, length, at: source)
      done &+= length
      let next = source &+ UTF8Bytes.length(lead: text[source])
      if next < end { source = next }
    }
  }

  private func replace(
    _ step: StepRecord, _ text: UnsafePointer<UInt8>, _ byteCount: Int, _ sink: inout ByteSink
  ) throws(TokenizerError) -> Bool {
    var finder = Splitter(self, text, byteCount)
    var copied = 0
    var isChanged = false
    let rule = rewrites[Int(step.count)]
    while true {
      let match = try finder.match(stage: Int(step.first), from: copied, to: byteCount)
      if match.start == match.end { break }
      isChanged = true
      try sink.append(text + copied, match.start &- copied, at: copied)
      try sink.put(rewriteBytes + Int(rule.offset), rule.byteCount, at: match.end &- 1)
      copied = match.end
    }
    if !isChanged { return false }
    try sink.append(text + copied, byteCount &- copied, at: copied)
    return true
  }

  /// Without the white space at its ends.
  func stripped(
    _ flags: UInt16, _ text: UnsafePointer<UInt8>, _ byteCount: Int
  ) -> (start: Int, end: Int) {
    var (start, end) = (0, byteCount)
    if flags & TokenizerLayout.stripsLeft != 0 {
      while start < end, UTF8Bytes.isWhiteSpace(UTF8Bytes.codePoint(text + start)) {
        start &+= UTF8Bytes.length(lead: text[start])
      }
    }
    if flags & TokenizerLayout.stripsRight != 0 {
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
    _ sink: inout ByteSink
  ) throws(TokenizerError) -> Bool {
    var (start, end) = (0, byteCount)
    if step.flags & borders.before != 0 {
      while start < end, text[start] == 0x20 { start &+= 1 }
    }
    if step.flags & borders.behind << TokenizerLayout.endShift != 0 {
      while end > start, text[end &- 1] == 0x20 { end &-= 1 }
    }
    var copied = start
    var position = start &+ 1
    if step.flags & TokenizerLayout.spacesCollapse != 0 {
      while position < end {
        if text[position] == 0x20, text[position &- 1] == 0x20 {
          try sink.append(text + copied, position &- copied, at: copied)
          while position < end, text[position] == 0x20 { position &+= 1 }
          copied = position
        }
        position &+= 1
      }
    }
    if start == 0, copied == 0, end == byteCount { return false }
    try sink.append(text + copied, end &- copied, at: copied)
    return true
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
