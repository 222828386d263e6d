// SPDX-License-Identifier: Apache-2.0
// A passage's text and where it comes from. Records are checked here, when they are read. Spec: specs/index.md §5.
import Format

/// A piece of a document, in place.
public struct Passage {
  public let index: UInt32
  /// UTF-8.
  public let sourceName: UnsafeRawBufferPointer
  /// Where it starts in that document, in bytes.
  public let sourceOffset: UInt64
  /// UTF-8.
  public let text: UnsafeRawBufferPointer
}

extension Index {
  /// The passage of that number.
  ///
  /// - Throws: `noSuchPassage`, or `recordMalformed` where its record leads nowhere or its text is no UTF-8 (I-13).
  /// - Complexity: O(segments).
  public func passage(_ index: UInt32) throws(IndexError) -> Passage {
    var at = IndexHeader.byteCountOfPages
    while let segment = nextSegment(&at) {
      if Int(index) - Int(segment.firstPassage) < segment.passageCount { return try passage(index, in: segment) }
    }
    throw .noSuchPassage(index)
  }

  @inline(never)
  func passage(_ index: UInt32, in segment: Segment) throws(IndexError) -> Passage {
    let record = segment.passages + Segment.passageByteCount * Int(index - segment.firstPassage)
    let sourceIndex = Int(file.u32(record))
    guard sourceIndex < segment.sourceCount else { throw .recordMalformed(index) }
    let source = segment.sources + Segment.sourceByteCount * sourceIndex
    let (begin, byteCount) = (file.u64(record + 8), UInt64(file.u32(record + 4)))
    let nameByteCount = UInt64(file.u32(source + 32))
    let (offset, overflow) = file.u64(source).addingReportingOverflow(begin)
    let textByteCount = UInt64(segment.textByteCount)
    guard !overflow, nameByteCount <= UInt64(IndexLimits.nameByteCountMax), file.u32(source + 36) == 0,
      byteCount <= UInt64(IndexLimits.passageByteCountMax),
      isPart(file.u64(source + 8), file.u64(source + 16), of: textByteCount),
      isPart(file.u64(source + 24), nameByteCount, of: textByteCount),
      isPart(begin, byteCount, of: file.u64(source + 16))
    else { throw .recordMalformed(index) }
    let name = file.part(segment.text + Int(file.u64(source + 24)), Int(nameByteCount))
    let text = file.part(segment.text + Int(file.u64(source + 8) + begin), Int(byteCount))
    guard isUTF8(name), isUTF8(text) else { throw .recordMalformed(index) }
    return Passage(index: index, sourceName: name, sourceOffset: offset, text: text)
  }
}

/// Whether so many bytes from `offset` on lie within `room`.
@inline(never)
private func isPart(_ offset: UInt64, _ byteCount: UInt64, of room: UInt64) -> Bool {
  byteCount <= room && offset <= room - byteCount
}
