// SPDX-License-Identifier: Apache-2.0
// Makes an index and adds to it. What is added waits in memory of the caller's; a commit writes it as one segment
// behind the last, makes sure that it is on the disk, and only then writes the root that names it.
// Spec: specs/index.md §9.
import CSystem
import Format
import Storage

/// How much an `IndexWriter` gathers before it must commit.
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
  var areas: Segment {
    Segment(
      start: 0, firstPassage: 0, passageCount: passageCountMax, sourceCount: passageCountMax,
      textByteCount: textByteCountMax, columnCount: columnCount)
  }

  var columnCount: Int { aligned(dimensionCount, to: 32) }

  /// Bytes of scratch memory, aligned to 64.
  public var scratchByteCount: Int { areas.end }
}

/// The one writer of an index.
public struct IndexWriter: ~Copyable {
  private let descriptor: Int32
  private let batch: IndexBatch
  private let scratch: UnsafeMutableRawBufferPointer
  private let areas: Segment
  private var root: IndexRoot
  private var chain: Digest
  private let headerDigest: Digest

  /// Bytes of a killed writer's that were cut off.
  public let tornByteCount: UInt64

  // What waits: passages, those of them that have their vectors, stretches of documents, bytes of text.
  private var rowCount = 0
  private var vectorCount = 0
  private var sourceCount = 0
  private var textCount = 0
  // The document under way; its current stretch begins and ends there, and its name lies at that place of the text.
  private var name = UnsafeRawBufferPointer(start: nil, count: 0)
  private var nameOffset = -1
  private var stretchBegin = UInt64.max
  private var stretchEnd: UInt64 = 0

  /// Makes `descriptor`, an empty file, an index without passages.
  @inline(never)
  public static func create(
    _ descriptor: Int32, identity: Digest, dimensionCount: Int
  ) throws(IndexError) {
    guard dimensionCount >= 1, dimensionCount <= IndexLimits.dimensionCountMax else {
      throw .dimensionsOutOfRange(dimensionCount)
    }
    var errno = sys_truncate(descriptor, UInt64(IndexHeader.byteCountOfPages))
    withUnsafeTemporaryAllocation(byteCount: IndexHeader.byteCount, alignment: 8) { room in
      room.initializeMemory(as: UInt8.self, repeating: 0)
      room.put(IndexHeader.magic, at: 0)
      room.put(IndexLimits.versionMax, at: 8)
      room.put(UInt32(dimensionCount), at: 12)
      room.put(identity, at: 32)
      let base = room.baseAddress!
      hash(base, IndexHeader.digestAt, nil, into: base + IndexHeader.digestAt)
      if errno == 0 { errno = sys_pwrite(descriptor, base, IndexHeader.byteCount, 0) }
      let header = UnsafeRawBufferPointer(room).digest(IndexHeader.digestAt)
      if errno == 0 { errno = IndexWriter.write(IndexRoot(), chain: header, header: header, descriptor) }
    }
    if errno == 0 { errno = sys_sync(descriptor) }
    try check(errno)
  }

  /// Takes the index in `descriptor`, open to read and write, and cuts off what was not committed.
  ///
  /// - Parameter expected: the bundle that makes the vectors.
  /// - Throws: `inUse` when somebody else writes, I-01 to I-11, I-14, `scratchTooSmall`,
  ///   `dimensionsDiffer`.
  @inline(never)
  public init(
    _ descriptor: Int32, batch: IndexBatch, identity expected: Digest? = nil, scratch: UnsafeMutableRawBufferPointer
  ) throws(IndexError) {
    let areas = batch.areas
    guard scratch.count >= areas.end else { throw .scratchTooSmall(need: areas.end) }
    var errno = sys_lock(descriptor)
    if errno == 11 { throw .inUse }
    var base: UnsafeRawPointer?
    var byteCount = 0
    if errno == 0 { errno = sys_map_descriptor(descriptor, &base, &byteCount) }
    try IndexWriter.check(errno)
    defer { sys_unmap(base, byteCount) }
    let file = UnsafeRawBufferPointer(start: base, count: byteCount)
    let index = try Index(checking: file)
    try index.require(identity: expected ?? index.identity, dimensionCount: batch.dimensionCount)
    let root = index.root
    let torn = UInt64(byteCount) - root.committedByteCount
    if torn > 0 { try IndexWriter.check(sys_truncate(descriptor, root.committedByteCount)) }
    (self.areas, self.root, tornByteCount) = (areas, root, torn)
    chain = file.digest(root.offset + IndexRoot.chainAt)
    headerDigest = file.digest(IndexHeader.digestAt)
    self.descriptor = descriptor
    self.batch = batch
    self.scratch = scratch
  }

  /// Passages that are committed.
  public var passageCount: UInt64 { root.passageCount }

  /// What is appended from now on is of that document; `name`, UTF-8, must live until the next one.
  public mutating func beginSource(_ name: UnsafeRawBufferPointer) throws(IndexError) {
    guard name.count <= IndexLimits.nameByteCountMax else { throw .nameTooLong(name.count) }
    guard isUTF8(name) else { throw .textNotUTF8 }
    self.name = name
    leaveStretch()
  }

  /// What follows begins a stretch of its own, with its name.
  private mutating func leaveStretch() {
    nameOffset = -1
    stretchBegin = .max
  }

  /// Whether a passage can be appended before the next commit.
  public func hasRoom(for text: UnsafeRawBufferPointer) -> Bool {
    rowCount < batch.passageCountMax && textCount + name.count + text.count <= batch.textByteCountMax
  }

  /// Adds a passage: `text` is what the document has from byte `offset` on. Passages that overlap share their bytes.
  /// There must be room for it. Its vector follows: passages and vectors come in the same order, each at its own pace.
  @inline(never)
  public mutating func append(offset: UInt64, text: UnsafeRawBufferPointer) throws(IndexError) {
    guard text.count <= IndexLimits.passageByteCountMax else { throw .passageTooLong(text.count) }
    guard isUTF8(text) else { throw .textNotUTF8 }
    guard offset < 1 << 62, hasRoom(for: text), root.passageCount + UInt64(rowCount) < IndexLimits.passageCountMax
    else { throw .indexFull }
    openStretch(at: offset, text)
    let end = offset &+ UInt64(text.count)
    let known = min(stretchEnd, end) &- offset
    put(text.part(Int(known), text.count - Int(known)))
    stretchEnd = max(stretchEnd, end)
    scratch.put(stretchEnd &- stretchBegin, at: areas.sources + Segment.sourceByteCount * (sourceCount - 1) + 16)
    let record = areas.passages + Segment.passageByteCount * rowCount
    scratch.put(UInt32(sourceCount - 1), at: record)
    scratch.put(UInt32(text.count), at: record + 4)
    scratch.put(offset &- stretchBegin, at: record + 8)
    rowCount += 1
  }

  /// The vector of the first passage that has none.
  @inline(never)
  public mutating func append(vector: UnsafeBufferPointer<Float>) throws(IndexError) {
    precondition(vectorCount < rowCount, "a vector without a passage")
    guard vector.count == batch.dimensionCount else { throw .dimensionsDiffer(vector.count) }
    let columnCount = batch.columnCount
    let base = scratch.baseAddress!
    let (row, panelRow) = (vectorCount % 16, vectorCount &- vectorCount % 16)
    let panel = base + areas.vectors + panelRow &* columnCount
    if row == 0 {
      panel.initializeMemory(as: UInt8.self, repeating: 0, count: 16 &* columnCount)
      (base + areas.lows + panelRow &* columnCount).initializeMemory(
        as: UInt8.self, repeating: 0, count: 16 &* columnCount)
      (base + areas.scales + 4 &* panelRow).initializeMemory(as: UInt8.self, repeating: 0, count: 64)
    }
    let code = VectorCode(panel: panel, row: row, lows: base + areas.lows + vectorCount &* columnCount)
    guard let scale = code.store(vector) else { throw .vectorNotFinite }
    scratch.put(scale, at: areas.scales &+ 4 &* vectorCount)
    vectorCount &+= 1
  }

  /// A passage and its vector at once; commits first when there is no room. An error leaves nothing of it.
  public mutating func append(
    offset: UInt64, text: UnsafeRawBufferPointer, vector: UnsafeBufferPointer<Float>
  ) throws(IndexError) {
    guard vector.count == batch.dimensionCount else { throw .dimensionsDiffer(vector.count) }
    guard largestMagnitude(vector) != nil else { throw .vectorNotFinite }
    if !hasRoom(for: text) { try commit() }
    try append(offset: offset, text: text)
    try append(vector: vector)
  }

  /// Whether a passage goes on where the current stretch is, with the same bytes as far as that is known.
  private func isInStretch(_ offset: UInt64, _ text: UnsafeRawBufferPointer) -> Bool {
    guard offset >= stretchBegin, offset <= stretchEnd else { return false }
    let shared = Int(stretchEnd &- offset)
    for i in 0..<min(text.count, shared) where text[i] != scratch[areas.text &+ textCount &- shared &+ i] {
      return false
    }
    return true
  }

  /// Makes the last stretch that of a passage at `offset`: the current one, or a new one.
  @inline(never)
  private mutating func openStretch(at offset: UInt64, _ text: UnsafeRawBufferPointer) {
    if isInStretch(offset, text) { return }
    if nameOffset < 0 {
      nameOffset = textCount
      put(name)
    }
    (stretchBegin, stretchEnd) = (offset, offset)
    let record = areas.sources + Segment.sourceByteCount * sourceCount
    scratch.put(offset, at: record)
    scratch.put(UInt64(textCount), at: record + 8)
    scratch.put(UInt64(nameOffset), at: record + 24)
    scratch.put(UInt64(name.count), at: record + 32)  // and four bytes that are 0
    sourceCount += 1
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
    precondition(vectorCount == rowCount, "a passage without a vector")
    let segment = Segment(
      start: 0, firstPassage: 0, passageCount: rowCount, sourceCount: sourceCount, textByteCount: textCount,
      columnCount: batch.columnCount)
    guard root.committedByteCount + UInt64(segment.end) <= IndexLimits.fileByteCountMax,
      root.segmentCount < IndexLimits.segmentCountMax
    else { throw .indexFull }
    // The parts of a full batch move together; each goes down, never over one that comes behind it.
    move(areas.vectors, to: segment.vectors, segment.lows - segment.vectors)
    move(areas.lows, to: segment.lows, segment.passages - segment.lows)
    move(areas.passages, to: segment.passages, segment.sources - segment.passages)
    move(areas.sources, to: segment.sources, segment.text - segment.sources)
    move(areas.text, to: segment.text, textCount)
    let base = scratch.baseAddress!
    let textEnd = segment.text + textCount
    (base + textEnd).initializeMemory(as: UInt8.self, repeating: 0, count: segment.end - textEnd)
    writeHead(segment)
    try IndexWriter.check(sys_pwrite(descriptor, base, segment.end, root.committedByteCount))
    try IndexWriter.check(sys_sync(descriptor))
    root.generation += 1
    root.committedByteCount += UInt64(segment.end)
    root.passageCount += UInt64(rowCount)
    root.segmentCount += 1
    chain = UnsafeRawBufferPointer(scratch).digest(Segment.chainAt)
    try IndexWriter.check(IndexWriter.write(root, chain: chain, header: headerDigest, descriptor))
    try IndexWriter.check(sys_sync(descriptor))
    (rowCount, vectorCount, sourceCount, textCount) = (0, 0, 0, 0)
    leaveStretch()
  }

  @inline(never)
  private func move(_ from: Int, to: Int, _ byteCount: Int) {
    let base = scratch.baseAddress!
    if byteCount > 0 { (base + to).copyMemory(from: base + from, byteCount: byteCount) }
  }

  /// The head of a segment that lies in the scratch memory from its start on.
  @inline(never)
  private func writeHead(_ segment: Segment) {
    let base = scratch.baseAddress!
    base.initializeMemory(as: UInt8.self, repeating: 0, count: Segment.headByteCount)
    scratch.put(UInt64(segment.end), at: 0)
    scratch.put(root.passageCount, at: 8)
    scratch.put(UInt32(segment.passageCount), at: 16)
    scratch.put(UInt32(segment.sourceCount), at: 20)
    scratch.put(UInt64(segment.textByteCount), at: 24)
    scratch.put(
      sectionDigest(of: UnsafeRawBufferPointer(scratch).part(segment.scales, segment.end - segment.scales)), at: 32)
    scratch.put(chain, at: Segment.chainAt)
    hash(base, Segment.chainAt, base + Segment.chainAt, into: base + Segment.chainAt)
  }

  @inline(never)
  private static func write(_ root: IndexRoot, chain: Digest, header: Digest, _ descriptor: Int32) -> Int32 {
    withUnsafeTemporaryAllocation(byteCount: IndexRoot.byteCount, alignment: 8) { room in
      let base = room.baseAddress!
      room.put(root.generation, at: 0)
      room.put(root.committedByteCount, at: 8)
      room.put(root.passageCount, at: 16)
      room.put(root.segmentCount, at: 24)
      room.put(chain, at: IndexRoot.chainAt)
      room.put(header, at: IndexRoot.digestAt)
      hash(base, IndexRoot.digestAt, base + IndexRoot.digestAt, into: base + IndexRoot.digestAt)
      return sys_pwrite(descriptor, base, IndexRoot.byteCount, UInt64(root.offset))
    }
  }

  @inline(never)
  private static func check(_ errno: Int32) throws(IndexError) {
    if errno != 0 { throw .system(errno: errno) }
  }
}
