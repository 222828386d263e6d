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
      if levels[depth].position >= levels[depth].end && levels[depth].matchEnd == 0 {
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

  /// The next piece of the current stage: a match, or the gap before one. nil where the stage drops it.
  private mutating func cut() throws(TokenizerError) -> Piece? {
    let stage = view.stages[depth]
    if levels[depth].matchEnd > 0 {
      let piece = Piece(start: levels[depth].matchStart, end: levels[depth].matchEnd)
      levels[depth].matchEnd = 0
      return stage.behaviour == TokenizerLayout.behaviourMatchesRemoved ? nil : piece
    }
    let start = levels[depth].position
    let end = levels[depth].end
    let found = find(stage, from: start, to: end)
    if excess > excessMax { throw .splitTooSlow(limit: UInt64(excessMax)) }
    levels[depth].position = found.end
    if found.start == start {
      return stage.behaviour == TokenizerLayout.behaviourMatchesRemoved ? nil : found
    }
    if found.start < found.end {
      levels[depth].matchStart = found.start
      levels[depth].matchEnd = found.end
    }
    return stage.behaviour == TokenizerLayout.behaviourGapsRemoved ? nil : Piece(start: start, end: found.start)
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
