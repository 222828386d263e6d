// SPDX-License-Identifier: Apache-2.0
// Makes an index and adds to it. What is added waits in memory of the caller's; a commit writes it as one segment
// behind the last, makes sure that it is on the disk, and only then writes the root that names it.
// Spec: specs/index.md §9.
import CSystem
import Format
import Storage

/// How much an `IndexWriter` gathers before it commits by itself.
public struct IndexBatch: BitwiseCopyable {
  public let dimensionCount: Int
  public let passageCountMax: Int
  public let textByteCountMax: Int

  /// - Parameter passageCountMax: rounded up to panels of 16, at most `IndexLimits.segmentPassageCountMax`.
  public init(dimensionCount: Int, passageCountMax: Int) {
    self.dimensionCount = dimensionCount
    self.passageCountMax = min(aligned(max(passageCountMax, 1), to: 16), IndexLimits.segmentPassageCountMax)
    textByteCountMax = max(
      1024 * self.passageCountMax, IndexLimits.passageByteCountMax + IndexLimits.nameByteCountMax)
  }

  /// The parts of a full batch, as they lie in the scratch memory.
  var layout: SegmentLayout {
    SegmentLayout(
      passageCount: passageCountMax, sourceCount: passageCountMax, textByteCount: textByteCountMax,
      columnCount: aligned(dimensionCount, to: 32))
  }

  /// Bytes of scratch memory, aligned to 64.
  public var scratchByteCount: Int { layout.byteCount + SectionDigest.stateByteCount }
}

/// The one writer of an index.
public struct IndexWriter: ~Copyable {
  private let descriptor: Int32
  private let headerDigest: Digest
  private let batch: IndexBatch
  private let scratch: UnsafeMutableRawBufferPointer
  private let areas: SegmentLayout
  private var root: IndexRoot

  public let identity: Digest
  /// Bytes of a killed writer's that were cut off.
  public let tornByteCount: UInt64

  // What waits.
  private var rowCount = 0
  private var sourceCount = 0
  private var textCount = 0
  // The document under way; its current stretch begins and ends there, and its name lies at that place of the text.
  private var name = UnsafeRawBufferPointer(start: nil, count: 0)
  private var nameOffset: Int?
  private var stretch: (begin: UInt64, end: UInt64)?

  /// Makes `descriptor`, an empty file, an index without passages.
  public static func create(
    _ descriptor: Int32, identity: Digest, dimensionCount: Int
  ) throws(IndexError) {
    guard dimensionCount >= 1, dimensionCount <= IndexLimits.dimensionCountMax else {
      throw .dimensionsOutOfRange(found: UInt32(clamping: dimensionCount))
    }
    var errno = sys_truncate(descriptor, UInt64(IndexHeader.byteCountOfPages))
    withUnsafeTemporaryAllocation(byteCount: IndexHeader.byteCount, alignment: 8) { room in
      room.initializeMemory(as: UInt8.self, repeating: 0)
      room.put(IndexHeader.magic, at: 0)
      room.put(IndexLimits.versionMax, at: 8)
      room.put(UInt32(dimensionCount), at: 12)
      room.put(identity, at: 32)
      let digest = Index.headerDigest(UnsafeRawBufferPointer(room))
      room.put(digest, at: IndexHeader.digestAt)
      if errno == 0 { errno = sys_pwrite(descriptor, room.baseAddress!, IndexHeader.byteCount, 0) }
      if errno == 0 { errno = IndexWriter.write(IndexRoot(empty: digest), header: digest, descriptor) }
    }
    try check(errno, .write)
    try check(sys_sync(descriptor), .sync)
  }

  /// Takes the index in `descriptor`, open to read and write, and cuts off what was not committed.
  ///
  /// - Parameter expected: the bundle that makes the vectors.
  /// - Throws: `inUse` when somebody else writes, I-01 to I-11, I-14, `scratchTooSmall`,
  ///   `dimensionsDiffer`.
  public init(
    _ descriptor: Int32, batch: IndexBatch, identity expected: Digest? = nil, scratch: UnsafeMutableRawBufferPointer
  ) throws(IndexError) {
    guard scratch.count >= batch.scratchByteCount else {
      throw .scratchTooSmall(have: UInt64(scratch.count), need: UInt64(batch.scratchByteCount))
    }
    let errno = sys_lock(descriptor)
    if errno == 11 { throw .inUse }
    try IndexWriter.check(errno, .lock)
    var base: UnsafeRawPointer?
    var byteCount = 0
    try IndexWriter.check(sys_map_descriptor(descriptor, &base, &byteCount), .map)
    defer { sys_unmap(base, byteCount) }
    let file = UnsafeRawBufferPointer(start: base, count: byteCount)
    let index = try Index(checking: file)
    try index.require(identity: expected ?? index.identity, dimensionCount: batch.dimensionCount)
    let torn = UInt64(byteCount) - index.root.committedByteCount
    if torn > 0 { try IndexWriter.check(sys_truncate(descriptor, index.root.committedByteCount), .truncate) }
    self.descriptor = descriptor
    self.batch = batch
    self.scratch = scratch
    areas = batch.layout
    headerDigest = file.digest(IndexHeader.digestAt)
    identity = index.identity
    root = index.root
    tornByteCount = torn
  }

  /// Passages that are committed.
  public var passageCount: UInt64 { root.passageCount }

  /// What is appended from now on is of that document; `name`, UTF-8, must live until the next one.
  public mutating func beginSource(_ name: UnsafeRawBufferPointer) throws(IndexError) {
    guard name.count <= IndexLimits.nameByteCountMax else {
      throw .nameTooLong(found: UInt64(name.count), limit: UInt64(IndexLimits.nameByteCountMax))
    }
    guard isUTF8(name) else { throw .textNotUTF8 }
    self.name = name
    nameOffset = nil
    stretch = nil
  }

  /// Adds a passage: `text` is what the document has from byte `offset` on. Passages that overlap share their bytes.
  /// Commits first when there is no room.
  public mutating func append(
    offset: UInt64, text: UnsafeRawBufferPointer, vector: UnsafeBufferPointer<Float>
  ) throws(IndexError) {
    guard text.count <= IndexLimits.passageByteCountMax else {
      throw .passageTooLong(found: UInt64(text.count), limit: UInt64(IndexLimits.passageByteCountMax))
    }
    guard isUTF8(text) else { throw .textNotUTF8 }
    guard vector.count == batch.dimensionCount else {
      throw .dimensionsDiffer(found: UInt32(clamping: vector.count), expected: UInt32(batch.dimensionCount))
    }
    guard offset < 1 << 62, root.passageCount + UInt64(rowCount) < IndexLimits.passageCountMax else {
      throw .indexFull
    }
    if rowCount == batch.passageCountMax || textCount + name.count + text.count > batch.textByteCountMax {
      try commit()
    }
    // A row that is refused leaves nothing that counts: its bytes are overwritten by the next.
    try store(vector)
    let source = openStretch(at: offset, text)
    let end = offset + UInt64(text.count)
    let known = min(stretch!.end, end) - offset
    put(text.part(Int(known), text.count - Int(known)))
    stretch!.end = max(stretch!.end, end)
    let sourceRecord = areas.sources + SegmentLayout.sourceByteCount * source
    scratch.put(stretch!.end - stretch!.begin, at: sourceRecord + 16)
    let record = areas.passages + SegmentLayout.passageByteCount * rowCount
    scratch.put(UInt32(source), at: record)
    scratch.put(UInt32(text.count), at: record + 4)
    scratch.put(offset - stretch!.begin, at: record + 8)
    rowCount += 1
  }

  private mutating func store(_ vector: UnsafeBufferPointer<Float>) throws(IndexError) {
    let columnCount = areas.columnCount
    let panel = scratch.baseAddress! + areas.vectors + rowCount / 16 * 16 * columnCount
    let lows = scratch.baseAddress! + areas.lows + rowCount * columnCount
    let scales = scratch.baseAddress! + areas.scales
    if rowCount % 16 == 0 {
      panel.initializeMemory(as: UInt8.self, repeating: 0, count: 16 * columnCount)
      lows.initializeMemory(as: UInt8.self, repeating: 0, count: 16 * columnCount)
      (scales + 4 * rowCount).initializeMemory(as: UInt8.self, repeating: 0, count: 64)
    }
    guard let scale = VectorCode(panel: panel, row: rowCount % 16, lows: lows).store(vector) else {
      throw .vectorNotFinite
    }
    scratch.put(scale, at: areas.scales + 4 * rowCount)
  }

  /// Whether a passage goes on where the current stretch is, with the same bytes as far as that is known.
  private func isInStretch(_ offset: UInt64, _ text: UnsafeRawBufferPointer) -> Bool {
    guard let stretch, offset >= stretch.begin, offset <= stretch.end else { return false }
    let known = areas.text + textCount - Int(stretch.end - offset)
    for i in 0..<min(text.count, Int(stretch.end - offset)) where text[i] != scratch[known + i] { return false }
    return true
  }

  /// The record of the stretch that a passage at `offset` belongs to: the current one, or a new one.
  private mutating func openStretch(at offset: UInt64, _ text: UnsafeRawBufferPointer) -> Int {
    if isInStretch(offset, text) { return sourceCount - 1 }
    let nameAt: Int
    if let nameOffset {
      nameAt = nameOffset
    } else {
      nameAt = textCount
      put(name)
      nameOffset = nameAt
    }
    stretch = (offset, offset)
    let record = areas.sources + SegmentLayout.sourceByteCount * sourceCount
    scratch.put(offset, at: record)
    scratch.put(UInt64(textCount), at: record + 8)
    scratch.put(UInt64(nameAt), at: record + 24)
    scratch.put(UInt32(name.count), at: record + 32)
    scratch.put(UInt32(0), at: record + 36)
    sourceCount += 1
    return sourceCount - 1
  }

  @inline(never)
  private mutating func put(_ bytes: UnsafeRawBufferPointer) {
    if bytes.count == 0 { return }
    (scratch.baseAddress! + areas.text + textCount).copyMemory(from: bytes.baseAddress!, byteCount: bytes.count)
    textCount += bytes.count
  }

  /// Makes what was appended part of the index, so that it survives the process and a loss of power.
  ///
  /// After `system` the index is as it was at the last commit, and this writer must not be used any more.
  public mutating func commit() throws(IndexError) {
    if rowCount == 0 { return }
    let layout = SegmentLayout(
      passageCount: rowCount, sourceCount: sourceCount, textByteCount: textCount, columnCount: areas.columnCount)
    let start = root.committedByteCount
    guard start + UInt64(layout.byteCount) <= IndexLimits.fileByteCountMax,
      root.segmentCount < IndexLimits.segmentCountMax
    else { throw .indexFull }
    var body = BodyWriter(
      descriptor: descriptor, offset: start + UInt64(SegmentLayout.headByteCount),
      digest: SectionDigest(in: scratch.baseAddress! + areas.byteCount))
    body.write(part(areas.scales, layout.vectors - layout.scales))
    body.write(part(areas.vectors, layout.lows - layout.vectors))
    body.write(part(areas.lows, layout.passages - layout.lows))
    body.write(part(areas.passages, layout.sources - layout.passages))
    body.write(part(areas.sources, layout.text - layout.sources))
    // The zeros at the end follow the text in the scratch memory, where the next batch may have its own.
    let padding = layout.byteCount - layout.text - textCount
    let textPart = scratch.baseAddress! + areas.text
    body.write(part(areas.text, textCount))
    textPart.initializeMemory(as: UInt8.self, repeating: 0, count: padding)
    body.write(part(areas.text, padding))
    try IndexWriter.check(body.errno, .write)
    let digest = body.digest.finish { _ in }
    let chain = try writeHead(layout, digest)
    try IndexWriter.check(sys_sync(descriptor), .sync)
    var next = root
    next.generation += 1
    next.committedByteCount = start + UInt64(layout.byteCount)
    next.passageCount += UInt64(rowCount)
    next.segmentCount += 1
    next.chain = chain
    try IndexWriter.check(IndexWriter.write(next, header: headerDigest, descriptor), .write)
    try IndexWriter.check(sys_sync(descriptor), .sync)
    root = next
    (rowCount, sourceCount, textCount) = (0, 0, 0)
    nameOffset = nil
    stretch = nil
  }

  @inline(never)
  private func part(_ offset: Int, _ byteCount: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: scratch[offset..<(offset + byteCount)])
  }

  private func writeHead(_ layout: SegmentLayout, _ digest: Digest) throws(IndexError) -> Digest {
    var (chain, errno) = (root.chain, Int32(0))
    withUnsafeTemporaryAllocation(byteCount: SegmentLayout.headByteCount, alignment: 8) { room in
      room.initializeMemory(as: UInt8.self, repeating: 0)
      room.put(UInt64(layout.byteCount), at: 0)
      room.put(root.passageCount, at: 8)
      room.put(UInt32(layout.passageCount), at: 16)
      room.put(UInt32(layout.sourceCount), at: 20)
      room.put(UInt64(layout.textByteCount), at: 24)
      room.put(digest, at: 32)
      chain = digestOfTwo(UnsafeRawBufferPointer(room).part(0, SegmentLayout.chainAt), chain)
      room.put(chain, at: SegmentLayout.chainAt)
      errno = sys_pwrite(descriptor, room.baseAddress!, room.count, root.committedByteCount)
    }
    try IndexWriter.check(errno, .write)
    return chain
  }

  private static func write(_ root: IndexRoot, header: Digest, _ descriptor: Int32) -> Int32 {
    withUnsafeTemporaryAllocation(byteCount: IndexRoot.byteCount, alignment: 8) { room in
      root.write(into: room, header: header)
      return sys_pwrite(
        descriptor, room.baseAddress!, room.count, UInt64(IndexRoot.offset(generation: root.generation)))
    }
  }

  private static func check(_ errno: Int32, _ call: IndexError.SystemCall) throws(IndexError) {
    if errno != 0 { throw .system(call: call, errno: errno) }
  }
}

/// Writes the parts of a segment one behind the other, and counts them into its digest.
private struct BodyWriter {
  let descriptor: Int32
  var offset: UInt64
  var digest: SectionDigest
  var errno: Int32 = 0

  @inline(never)
  mutating func write(_ bytes: UnsafeRawBufferPointer) {
    if bytes.count == 0 { return }
    digest.update(bytes) { _ in }
    if errno == 0 { errno = sys_pwrite(descriptor, bytes.baseAddress!, bytes.count, offset) }
    offset += UInt64(bytes.count)
  }
}
