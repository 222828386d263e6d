// SPDX-License-Identifier: Apache-2.0
// From the form for shipping to the mappable one, in fixed memory, reading forwards only. specs/shipping.md.
import CCodec
import CSystem
import Format

/// Expands compressed bundles in a piece of memory of the caller's.
///
/// Every section is checked against its digest before the result gets its name; a failure leaves the target as it was.
public struct Expander {
  private static let headByteCountMax = Header.headByteCount(sectionCount: Limits.sectionCountMax)
  private static let inputByteCount =
    BlockHeader.byteCount + BlockHeader.segmentCountMax * Segment.byteCount + BlockHeader.transformedByteCountMax + 52
  private static let stateByteCount = 2 * SectionDigest.stateByteCount
  private static let tableByteCount = Limits.sectionCountMax * 128
  private static let headRoom = 2 * 2_048
  /// Bytes that `init` needs, aligned to 64: 5.7 MiB, whatever the bundle.
  public static let workspaceByteCount =
    Int(CODEC_DECODER_BYTE_COUNT) + stateByteCount + tableByteCount + headRoom + inputByteCount
    + BlockHeader.transformedByteCountMax + outputByteCount + Int(CODEC_JOIN_SCRATCH_BYTE_COUNT)
  /// A block, behind what did not fill a page before it.
  private static let outputByteCount = BlockHeader.expandedByteCountMax + Limits.digestPageByteCount

  private let decoder: UnsafeMutableRawPointer
  private let states: UnsafeMutableRawPointer
  private let sections: UnsafeMutableBufferPointer<Section>
  private let headIn: UnsafeMutableRawBufferPointer
  private let headOut: UnsafeMutableRawBufferPointer
  private let input: UnsafeMutableRawBufferPointer
  private let transformed: UnsafeMutableRawBufferPointer
  private let expanded: UnsafeMutableRawBufferPointer
  private let scratch: UnsafeMutableRawPointer

  /// `workspace` must outlive the value, start at a multiple of 64 and have `workspaceByteCount` bytes.
  public init(workspace: UnsafeMutableRawBufferPointer) throws(StorageError) {
    guard workspace.count >= Expander.workspaceByteCount else {
      throw .workspaceTooSmall(have: UInt64(workspace.count), need: UInt64(Expander.workspaceByteCount))
    }
    var at = 0
    func room(_ byteCount: Int) -> UnsafeMutableRawBufferPointer {
      at += byteCount
      return UnsafeMutableRawBufferPointer(rebasing: workspace[(at - byteCount)..<at])
    }
    let decoderRoom = room(Int(CODEC_DECODER_BYTE_COUNT))
    guard let decoder = codec_decoder_start(decoderRoom.baseAddress!) else {
      throw .workspaceTooSmall(have: UInt64(CODEC_DECODER_BYTE_COUNT), need: .max)
    }
    self.decoder = decoder
    states = room(Expander.stateByteCount).baseAddress!
    let table = room(Expander.tableByteCount).bindMemory(to: Section.self)
    sections = UnsafeMutableBufferPointer(rebasing: table[0..<Limits.sectionCountMax])
    headIn = room(Expander.headRoom / 2)
    headOut = room(Expander.headRoom / 2)
    input = room(Expander.inputByteCount)
    transformed = room(BlockHeader.transformedByteCountMax)
    expanded = room(Expander.outputByteCount)
    scratch = room(Int(CODEC_JOIN_SCRATCH_BYTE_COUNT)).baseAddress!
  }

  /// Reads the compressed bundle from `descriptor` to its end and writes the mappable one to `path`, which it replaces.
  ///
  /// `progress` is called after each block with the expanded bytes done and their total. Returns the identity.
  /// - Throws: ``StorageError``; then `path` is as it was.
  public func expand(
    descriptor: Int32, path: UnsafePointer<CChar>, progress: (UInt64, UInt64) -> Void = { _, _ in }
  ) throws(StorageError) -> Digest {
    var reader = StreamReader(descriptor: descriptor, buffer: input)
    let head = try readHead(&reader)
    var temp: Int32 = 0
    var output: Int32 = 0
    let error = sys_temp_create(path, &temp, &output)
    guard error == 0 else { throw .system(call: .createOutput, errno: error) }
    do throws(StorageError) {
      try expand(&reader, head, to: output, progress)
    } catch {
      sys_temp_abandon(temp)
      throw error
    }
    let commitError = sys_temp_commit(temp)
    guard commitError == 0 else { throw .system(call: .commit, errno: commitError) }
    return head.identity
  }

  /// The same into a file that is open, empty and nobody's result yet. On failure it holds part of the bundle.
  public func expand(
    descriptor: Int32, into output: Int32, progress: (UInt64, UInt64) -> Void = { _, _ in }
  ) throws(StorageError) -> Digest {
    var reader = StreamReader(descriptor: descriptor, buffer: input)
    let head = try readHead(&reader)
    try expand(&reader, head, to: output, progress)
    return head.identity
  }

  /// All that follows the head.
  private func expand(
    _ reader: inout StreamReader, _ head: BundleHead, to output: Int32, _ progress: (UInt64, UInt64) -> Void
  ) throws(StorageError) {
    for i in 0..<head.sectionCount {
      sections[i] = head.section(i)
      sections[i].storage = Section.storagePlain
      sections[i].storedByteCount = sections[i].byteCount
    }
    let placed = UnsafeMutableBufferPointer(rebasing: sections[0..<head.sectionCount])
    guard let fileByteCount = HeadWriter.place(placed, compressed: false) else {
      throw .diskTooSmall(have: 0, need: .max)
    }
    try checkDisk(output, need: fileByteCount)
    try writeHead(placed, head, fileByteCount: fileByteCount, to: output)
    try expandSections(&reader, head, placed, fileByteCount: fileByteCount, to: output, progress)
  }

  /// Rules S-01 and S-02.
  private func readHead(_ reader: inout StreamReader) throws(StorageError) -> BundleHead {
    let start = try reader.peek(Header.byteCount, in: nil)
    let byteCount: Int
    do throws(BundleError) {
      byteCount = try BundleHead.byteCount(start: start)
    } catch {
      throw .bundle(error)
    }
    headIn.copyMemory(from: try reader.take(byteCount, in: nil))
    let head: BundleHead
    do throws(BundleError) {
      head = try BundleHead(checking: UnsafeRawBufferPointer(headIn).part(0, byteCount), blake2b: blake2b256)
    } catch {
      throw .bundle(error)
    }
    guard !head.isMappable else { throw .notCompressed }
    return head
  }

  private func checkDisk(_ output: Int32, need: UInt64) throws(StorageError) {
    var free: UInt64 = 0
    if sys_disk_free(output, &free) == 0, free < need { throw .diskTooSmall(have: free, need: need) }
  }

  private func writeHead(
    _ sections: UnsafeMutableBufferPointer<Section>, _ head: BundleHead, fileByteCount: UInt64, to output: Int32
  ) throws(StorageError) {
    let byteCount = Header.headByteCount(sectionCount: sections.count)
    let bytes = UnsafeMutableRawBufferPointer(rebasing: headOut[0..<byteCount])
    HeadWriter.write(
      UnsafeBufferPointer(sections), compressed: false, optionalFeatures: head.header.optionalFeatures,
      fileByteCount: fileByteCount, into: bytes, blake2b: blake2b256)
    try write(UnsafeRawBufferPointer(bytes), to: output)
  }

  private func expandSections(
    _ reader: inout StreamReader, _ head: BundleHead, _ placed: UnsafeMutableBufferPointer<Section>,
    fileByteCount: UInt64, to output: Int32, _ progress: (UInt64, UInt64) -> Void
  ) throws(StorageError) {
    var pageList = SectionDigest(in: states + SectionDigest.stateByteCount)
    var written = UInt64(Header.headByteCount(sectionCount: head.sectionCount))
    for i in 0..<head.sectionCount {
      let section = head.section(i)
      let gap = try reader.take(Int(section.offset - reader.offset), in: nil)  // below 64 bytes: the head says so
      guard gap.isZero else { throw .paddingNotZero(offset: section.offset - UInt64(gap.count)) }  // S-04
      try writeZeros(Int(placed[i].offset - written), to: output)
      written = placed[i].offset + section.byteCount

      var digest = SectionDigest(in: states)
      let isList = section.kind == .pages
      var done: UInt64 = 0
      var held = 0  // bytes at the start of `expanded` that wait for the rest of their page
      var block: UInt32 = 0
      while done < section.byteCount || reader.offset < section.offset + section.storedByteCount {
        let byteCount = try nextBlock(&reader, section, block: block, done: done, at: held)
        done += UInt64(byteCount)
        held += byteCount
        let isWhole = done == section.byteCount
        let ready = isWhole ? held : held / Limits.digestPageByteCount * Limits.digestPageByteCount
        let bytes = UnsafeRawBufferPointer(expanded).part(0, ready)
        digest.update(bytes) { page in if !isList { pageList.update(page: page) } }
        try write(bytes, to: output)
        held -= ready
        expanded.baseAddress!.copyMemory(from: expanded.baseAddress! + ready, byteCount: held)
        block &+= 1
        progress(placed[i].offset + done, fileByteCount)
      }
      let found = digest.finish { page in if !isList { pageList.update(page: page) } }
      guard found == section.digest else { throw .sectionDiffers(section: section.kind) }  // S-08
      if isList, pageList.finish(onPage: { _ in }) != section.digest { throw .pageListsDiffer }  // S-09
    }
    guard try reader.isAtEnd() else { throw .trailingBytes(end: reader.offset) }  // S-10
  }

  /// Puts the next block of `section` into `expanded` from `at` on and returns its byte count. A section stored plain
  /// is cut into blocks here.
  private func nextBlock(
    _ reader: inout StreamReader, _ section: Section, block: UInt32, done: UInt64, at: Int
  ) throws(StorageError) -> Int {
    let kind = section.kind
    let stored = section.offset + section.storedByteCount - reader.offset
    if section.storage == Section.storagePlain {
      let bytes = try reader.take(Int(min(stored, UInt64(BlockHeader.expandedByteCountMax))), in: kind)
      (expanded.baseAddress! + at).copyMemory(from: bytes.baseAddress!, byteCount: bytes.count)
      return bytes.count
    }
    guard stored >= UInt64(BlockHeader.byteCount) else {
      throw .blockMalformed(section: kind, block: block, field: .payloadByteCount)
    }
    let header = try BlockHeader(
      checking: try reader.peek(BlockHeader.byteCount, in: kind), section: kind, block: block,
      remaining: section.byteCount - done)
    let byteCount = header.recordsByteCount + header.payloadByteCount
    guard UInt64(byteCount) <= stored else {
      throw .blockMalformed(section: kind, block: block, field: .payloadByteCount)
    }
    try expand(try reader.take(byteCount, in: kind), header, section: kind, block: block, at: at)
    return header.expandedByteCount
  }

  /// One block: all its records are checked before a byte is decoded.
  private func expand(
    _ bytes: UnsafeRawBufferPointer, _ header: BlockHeader, section: SectionKind, block: UInt32, at: Int
  ) throws(StorageError) {
    var remaining = header.expandedByteCount
    var transformedByteCount = 0
    for i in 0..<header.segmentCount {
      let record = bytes.part(BlockHeader.byteCount + i * Segment.byteCount, Segment.byteCount)
      guard let segment = Segment(checking: record, remaining: remaining) else {
        throw .segmentMalformed(section: section, block: block, segment: UInt32(i))
      }
      remaining -= segment.expandedByteCount
      transformedByteCount += segment.transformedByteCount
    }
    guard remaining == 0, transformedByteCount <= BlockHeader.transformedByteCountMax else {
      throw .segmentMalformed(section: section, block: block, segment: UInt32(header.segmentCount))
    }
    let payload = bytes.part(header.recordsByteCount, header.payloadByteCount)
    var from = payload.baseAddress!
    var found = payload.count
    if header.coding == BlockHeader.codingZstd {
      found = codec_decode(decoder, from, payload.count, transformed.baseAddress!, transformedByteCount)
      from = UnsafeRawPointer(transformed.baseAddress!)
    }
    guard found == transformedByteCount else { throw .blockDamaged(section: section, block: block) }
    var to = expanded.baseAddress! + at
    for i in 0..<header.segmentCount {
      let record = bytes.part(BlockHeader.byteCount + i * Segment.byteCount, Segment.byteCount)
      guard let segment = Segment(checking: record, remaining: header.expandedByteCount),
        Expander.join(segment, from, to, scratch)
      else { throw .blockDamaged(section: section, block: block) }
      from += segment.transformedByteCount
      to += segment.expandedByteCount
    }
  }

  /// Undoes the transform of one segment; false when one of its tables points outside itself.
  private static func join(
    _ segment: Segment, _ from: UnsafeRawPointer, _ to: UnsafeMutableRawPointer, _ scratch: UnsafeMutableRawPointer
  ) -> Bool {
    let bytes = from.assumingMemoryBound(to: UInt8.self)
    let out = to.assumingMemoryBound(to: UInt8.self)
    switch segment.transform {
    case Segment.transformPlanes:
      let width = Int(segment.variant)
      let count = segment.expandedByteCount / width
      codec_join_planes(bytes, count, Int32(width), out)
      let done = count * width
      (to + done).copyMemory(from: from + done, byteCount: segment.expandedByteCount - done)
      return true
    case Segment.transformFewNumbers:
      let width = Int(segment.variant)
      codec_join_few_numbers(bytes, segment.expandedByteCount / (512 * width), Int32(width), out)
      return true
    case Segment.transformPanels:
      var panels = segment.panels
      return codec_join_panels(bytes, &panels, out, scratch) == 0
    default:
      to.copyMemory(from: from, byteCount: segment.expandedByteCount)
      return true
    }
  }

  private func write(_ bytes: UnsafeRawBufferPointer, to output: Int32) throws(StorageError) {
    let error = sys_write(output, bytes.baseAddress, bytes.count)
    guard error == 0 else { throw .system(call: .write, errno: error) }
  }

  /// What lies between sections in the mappable form: less than 64 KiB.
  private func writeZeros(_ byteCount: Int, to output: Int32) throws(StorageError) {
    let zeros = UnsafeMutableRawBufferPointer(rebasing: expanded[0..<byteCount])
    zeros.initializeMemory(as: UInt8.self, repeating: 0)
    try write(UnsafeRawBufferPointer(zeros), to: output)
  }
}
