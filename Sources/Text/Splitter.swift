// SPDX-License-Identifier: Apache-2.0
// Cuts text into the pieces within which tokens are merged: stages of automata, each run on the one before's pieces.
// Spec: specs/tokenizer.md §6. Start at `next`.

/// Pieces of a text, from left to right.
public struct Splitter {
  /// Offsets of the first byte and of the one behind the last.
  public struct Piece: Sendable {
    public var start: Int
    public var end: Int
  }

  /// What a stage still has to cut, and a match that waits behind the gap before it.
  private struct Level {
    var position = 0
    var end = 0
    var matchStart = 0
    var matchEnd = 0
    var hasLooked = false
  }

  private let text: UnsafePointer<UInt8>
  private let view: TokenizerView
  private var levels = InlineArray<8, Level>(repeating: Level())
  private var depth = 0
  /// Code units read behind the ends of matches, and how many may be: a hostile automaton is stopped here.
  private var excess = 0
  private let excessMax: Int

  /// - Parameter text: well-formed UTF-8; `TokenizerView.encode` sees to that, other callers must.
  public init(_ view: TokenizerView, text: UnsafeBufferPointer<UInt8>) {
    self.init(view, text.baseAddress ?? view.tokenBytes, text.count)
  }

  init(_ view: TokenizerView, _ text: UnsafePointer<UInt8>, _ byteCount: Int) {
    self.view = view
    self.text = text
    excessMax = (1 << 26) + 64 * byteCount
    levels[0].end = byteCount
  }

  /// The next piece, nil at the end.
  ///
  /// - Throws: T-45.
  public mutating func next() throws(TokenizerError) -> Piece? {
    while true {
      if levels[depth].position >= levels[depth].end {
        if depth == 0 { return nil }
        depth &-= 1
        continue
      }
      guard view.stageCount > 0 else {
        let whole = Piece(start: levels[0].position, end: levels[0].end)
        levels[0].position = levels[0].end
        return whole
      }
      guard let piece = try cut() else { continue }
      if depth == view.stageCount &- 1 { return piece }
      depth &+= 1
      levels[depth] = Level(position: piece.start, end: piece.end)
    }
  }

  /// The next piece of the current stage: a match, a gap, or both where the stage joins them. nil where it is dropped.
  private mutating func cut() throws(TokenizerError) -> Piece? {
    let stage = view.stages[depth]
    try look(stage)
    let isMatch = isAtMatch
    var piece = isMatch ? takeMatch() : takeGap()
    switch stage.behaviour {
    case TokenizerLayout.behaviourMatchesRemoved: return isMatch ? nil : piece
    case TokenizerLayout.behaviourGapsRemoved: return isMatch ? piece : nil
    case TokenizerLayout.behaviourMergedWithPrevious:
      if !isMatch, isAtMatch { piece.end = takeMatch().end }
    case TokenizerLayout.behaviourMergedWithNext:
      if isMatch, levels[depth].position < levels[depth].end {
        try look(stage)
        if !isAtMatch { piece.end = takeGap().end }
      }
    case TokenizerLayout.behaviourContiguous:
      while isMatch, levels[depth].position < levels[depth].end {
        try look(stage)
        guard isAtMatch else { break }
        piece.end = takeMatch().end
      }
    default: break
    }
    return piece
  }

  /// Finds the match that waits at or behind the position; where there is none, an empty one at the end.
  private mutating func look(_ stage: StageRecord) throws(TokenizerError) {
    if levels[depth].hasLooked { return }
    let found = find(stage, from: levels[depth].position, to: levels[depth].end)
    if excess > excessMax { throw .splitTooSlow(limit: UInt64(excessMax)) }
    levels[depth].matchStart = found.start
    levels[depth].matchEnd = found.end
    levels[depth].hasLooked = true
  }

  private var isAtMatch: Bool {
    levels[depth].hasLooked && levels[depth].matchStart == levels[depth].position
      && levels[depth].matchEnd > levels[depth].matchStart
  }

  private mutating func takeMatch() -> Piece {
    levels[depth].hasLooked = false
    levels[depth].position = levels[depth].matchEnd
    return Piece(start: levels[depth].matchStart, end: levels[depth].matchEnd)
  }

  private mutating func takeGap() -> Piece {
    let piece = Piece(start: levels[depth].position, end: levels[depth].matchStart)
    levels[depth].position = piece.end
    return piece
  }

  /// The leftmost match of a stage in `text[start..<end]`, or an empty piece at the end.
  mutating func match(stage: Int, from start: Int, to end: Int) throws(TokenizerError) -> Piece {
    let found = find(view.stages[stage], from: start, to: end)
    if excess > excessMax { throw .splitTooSlow(limit: UInt64(excessMax)) }
    return found
  }

  /// The leftmost match, or an empty piece at the end.
  private mutating func find(_ stage: StageRecord, from start: Int, to end: Int) -> Piece {
    let classCount = view.classes.classCount
    let table = view.transitions + Int(stage.firstTransition)
    let ascii = view.classes.last
    var candidate = start
    while candidate < end {
      var position = candidate
      var matchEnd = candidate
      var state = 1
      var transition: UInt16 = 0
      while position < end {
        let previous = position
        let byte = text[position]
        let classIndex: Int
        if byte < 0x80 {
          classIndex = Int(ascii[Int(byte)])
          position &+= 1
        } else {
          classIndex = view.classes.classOf(UTF8Bytes.codePoint(text + position))
          position &+= UTF8Bytes.length(lead: byte)
        }
        transition = table[state &* classCount &+ classIndex]
        state = Int(transition & TokenizerLayout.transitionStateMask)
        if state == 0 { break }
        let accept = transition >> TokenizerLayout.transitionAcceptShift & 3
        if accept != 0 { matchEnd = accept == 1 ? position : previous }
      }
      if state != 0, transition >> TokenizerLayout.transitionEndShift == 1 { matchEnd = end }
      if matchEnd > candidate {
        excess &+= position &- matchEnd
        return Piece(start: candidate, end: matchEnd)
      }
      excess &+= position &- candidate
      candidate &+= UTF8Bytes.length(lead: text[candidate])
    }
    return Piece(start: end, end: end)
  }
}
