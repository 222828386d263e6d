// SPDX-License-Identifier: Apache-2.0
// Texts that end an answer, wherever the borders of tokens fall. Bytes that could be the beginning of one wait; what
// has been let go is never part of one. Each text is an automaton (Knuth, Morris, Pratt), so a byte costs O(texts).

/// A few texts in given memory, and how far each has come.
public struct StopTexts {
  public static let countMax = 16
  public static let byteCountMax = 256
  /// Of the memory: a record and a table for each text, then the bytes that wait.
  public static let roomByteCount = countMax * (recordByteCount + byteCountMax) + byteCountMax
  private static let recordByteCount = 32

  private struct Record {
    var text: UnsafeRawBufferPointer
    /// Bytes of it that have come.
    var come = 0
  }

  private let records: UnsafeMutablePointer<Record>
  private let tables: UnsafeMutablePointer<UInt8>
  private let waiting: UnsafeMutablePointer<UInt8>
  public private(set) var count = 0
  /// Bytes that wait.
  public private(set) var waitingCount = 0
  /// Which text has come.
  public private(set) var found: Int?

  /// `room`: `roomByteCount` bytes, aligned to 8.
  public init(room: UnsafeMutableRawPointer) {
    records = room.assumingMemoryBound(to: Record.self)
    tables = (room + Self.countMax * Self.recordByteCount).assumingMemoryBound(to: UInt8.self)
    waiting = tables + Self.countMax * Self.byteCountMax
  }

  /// Adds a text, which must live as long; false when it is empty or too long, or when there are too many.
  public mutating func add(_ text: UnsafeRawBufferPointer) -> Bool {
    guard count < Self.countMax, text.count > 0, text.count <= Self.byteCountMax else { return false }
    (records + count).initialize(to: Record(text: text))
    // table[i]: how many of the first bytes stand again at the end of the first i + 1 bytes, i + 1 excepted.
    let table = tables + count * Self.byteCountMax
    table[0] = 0
    var same = 0
    var index = 1
    while index < text.count {
      while same > 0, text[index] != text[same] { same = Int(table[same - 1]) }
      if text[index] == text[same] { same += 1 }
      table[index] = UInt8(same)
      index += 1
    }
    count += 1
    return true
  }

  /// Text `index`.
  public func text(_ index: Int) -> UnsafeRawBufferPointer { records[index].text }

  /// Forgets what has come.
  public mutating func restart() {
    for index in 0..<count { records[index].come = 0 }
    waitingCount = 0
    found = nil
  }

  /// Takes one byte, and gives `release` the bytes that no text can begin with any more. Returns true when a text is
  /// whole: the first to be so, the longest of those that end with the same byte. It is not released.
  public mutating func take(_ byte: UInt8, release: (UnsafeRawBufferPointer) -> Void) -> Bool {
    waiting[waitingCount] = byte
    waitingCount += 1
    var held = 0
    for index in 0..<count {
      let (text, table) = (records[index].text, tables + index * Self.byteCountMax)
      var come = records[index].come
      while come > 0, text[come] != byte { come = Int(table[come - 1]) }
      if text[come] == byte { come += 1 }
      if come == text.count, found.map({ records[$0].text.count < come }) ?? true { found = index }
      records[index].come = come == text.count ? Int(table[come - 1]) : come
      held = max(held, come)
    }
    if let found { held = records[found].text.count } else { held = max(held, unfinishedCount) }
    let freed = waitingCount - held
    if freed > 0 {
      release(UnsafeRawBufferPointer(start: waiting, count: freed))
      UnsafeMutableRawPointer(waiting).copyMemory(from: waiting + freed, byteCount: held)
    }
    waitingCount = found == nil ? held : 0
    return found != nil
  }

  /// Bytes of a character that is not whole yet, at the end of what waits.
  private var unfinishedCount: Int {
    var count = 1
    while count < 4, count < waitingCount, waiting[waitingCount - count] & 0xC0 == 0x80 { count += 1 }
    let lead = waiting[waitingCount - count]
    let whole = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
    return count < whole ? count : 0
  }

  /// The end of the text: what waits is released.
  public mutating func finish(release: (UnsafeRawBufferPointer) -> Void) {
    if waitingCount > 0 { release(UnsafeRawBufferPointer(start: waiting, count: waitingCount)) }
    waitingCount = 0
  }
}
