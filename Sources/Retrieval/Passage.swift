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
    while at < Int(root.committedByteCount) {
      let segment = segment(at: at)
      if Int(index) - Int(segment.firstPassage) < segment.layout.passageCount {
        return try passage(index, in: segment)
      }
      at = segment.end
    }
    throw .noSuchPassage(index)
  }

  func passage(_ index: UInt32, in segment: Segment) throws(IndexError) -> Passage {
    let layout = segment.layout
    let row = Int(index - segment.firstPassage)
    let record = segment.start + layout.passages + SegmentLayout.passageByteCount * row
    let source = Int(file.u32(record))
    guard source < layout.sourceCount else { throw .recordMalformed(passage: index) }
    let sourceRecord = segment.start + layout.sources + SegmentLayout.sourceByteCount * source
    let stretch = try textPart(file.u64(sourceRecord + 8), file.u64(sourceRecord + 16), segment, index)
    let name = try textPart(file.u64(sourceRecord + 24), UInt64(file.u32(sourceRecord + 32)), segment, index)
    let (begin, byteCount) = (file.u64(record + 8), UInt64(file.u32(record + 4)))
    guard name.count <= IndexLimits.nameByteCountMax, file.u32(sourceRecord + 36) == 0,
      byteCount <= IndexLimits.passageByteCountMax, byteCount <= UInt64(stretch.count),
      begin <= UInt64(stretch.count) - byteCount
    else { throw .recordMalformed(passage: index) }
    let (offset, overflow) = file.u64(sourceRecord).addingReportingOverflow(begin)
    let text = stretch.part(Int(begin), Int(byteCount))
    guard !overflow, isUTF8(name), isUTF8(text) else { throw .recordMalformed(passage: index) }
    return Passage(index: index, sourceName: name, sourceOffset: offset, text: text)
  }

  /// A part of the text area of a segment.
  private func textPart(
    _ offset: UInt64, _ byteCount: UInt64, _ segment: Segment, _ index: UInt32
  ) throws(IndexError) -> UnsafeRawBufferPointer {
    let room = UInt64(segment.layout.textByteCount)
    guard byteCount <= room, offset <= room - byteCount else { throw .recordMalformed(passage: index) }
    return file.part(segment.start + segment.layout.text + Int(offset), Int(byteCount))
  }
}
