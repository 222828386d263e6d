// SPDX-License-Identifier: Apache-2.0
// What a task feeds to a model: a pair of texts, or the windows of a text that is too long for one pass.
import Format

/// Two texts as one sequence, in the memory of a caller: ids and types, u32 each.
public struct PairRoom {
  public let ids: UnsafeMutablePointer<UInt32>
  public let types: UnsafeMutablePointer<UInt32>
  public private(set) var count = 0
  /// Where the second text begins.
  public private(set) var secondStart = 0

  public init(ids: UnsafeMutablePointer<UInt32>, types: UnsafeMutablePointer<UInt32>) {
    (self.ids, self.types) = (ids, types)
  }

  /// Writes the pair; there is room for all of it.
  @inline(never)
  public mutating func put(
    _ first: UnsafeBufferPointer<UInt32>, _ second: UnsafeBufferPointer<UInt32>, _ record: TaskRecord
  ) {
    let counts = record.pairCounts
    count = 0
    around(0..<counts.before, record)
    text(first, type: record.pairTypes.first)
    around(counts.before..<(counts.before + counts.between), record)
    secondStart = count
    text(second, type: record.pairTypes.second)
    around((counts.before + counts.between)..<record.pairCount, record)
  }

  private mutating func around(_ range: Range<Int>, _ record: TaskRecord) {
    for index in range {
      let token = record.pairToken(index)
      put(token.id, token.type)
    }
  }

  private mutating func text(_ text: UnsafeBufferPointer<UInt32>, type: UInt32) { for id in text { put(id, type) } }

  @inline(never)
  private mutating func put(_ id: UInt32, _ type: UInt32) {
    ids[count] = id
    types[count] = type
    count += 1
  }
}

/// The windows of `count` tokens, each of at most `room`, of which two neighbours share `stride`.
public struct Windows {
  public let tokenCount: Int
  public let room: Int
  public let stride: Int

  /// - Parameters: `room` is above `stride`.
  public init(tokenCount: Int, room: Int, stride: Int) {
    (self.tokenCount, self.room, self.stride) = (tokenCount, room, stride)
  }

  /// At least one, however few tokens.
  public var count: Int {
    tokenCount <= room ? 1 : 1 + (tokenCount - room + (room - stride) - 1) / (room - stride)
  }

  public subscript(index: Int) -> Range<Int> {
    let start = index * (room - stride)
    return start..<min(start + room, tokenCount)
  }
}
