// SPDX-License-Identifier: Apache-2.0
// A GGUF file, versions 2 and 3, little-endian. `init` proves every record; nothing here knows what a tensor is for.
// The layout: magic, version, counts; metadata; tensor records; padding to the alignment; tensor data.

/// An open GGUF file.
///
/// Opening touches the header alone and allocates less than the header takes in the file: 13 bytes a metadata entry
/// and 13 a tensor, whose records take 13 and 24 at the least.
public final class GGUFFile: TensorSource {
  public let file: FileBytes
  /// 2 or 3.
  public let version: UInt32
  public let metadata: GGUFMetadata
  /// `general.alignment`, 32 where the key is missing. Tensors start at multiples of it.
  public let alignment: Int
  /// Where the tensor data starts, from the start of the file.
  public let dataOffset: Int
  /// Where each tensor record starts.
  private let recordOffsets: [Int]
  private let index: NameIndex

  public var path: String { file.path }
  public var tensorCount: Int { recordOffsets.count }

  /// The four bytes that a GGUF file starts with.
  public static let magic: [UInt8] = Array("GGUF".utf8)

  public convenience init(path: String) throws(GGUFError) {
    let file: FileBytes
    do throws(FileError) { file = try FileBytes(path: path) } catch { throw .file(error) }
    try self.init(file: file)
  }

  public convenience init(bytes: [UInt8], name: String = "(memory)") throws(GGUFError) {
    try self.init(file: FileBytes(copying: bytes, name: name))
  }

  public init(file: FileBytes) throws(GGUFError) {
    let bytes = file.bytes
    guard bytes.prefix(4).elementsEqual(Self.magic) else { throw .notGGUF(found: Array(bytes.prefix(4))) }
    var cursor = GGUFCursor(bytes, at: 4, part: .header)
    let version = try cursor.integer(UInt32.self)
    guard version == 2 || version == 3 else {
      throw version != 0 && version & 0xFFFF == 0 ? .bigEndian : .unsupportedVersion(found: version)
    }
    let promisedTensors = try cursor.integer(UInt64.self)
    let promisedEntries = try cursor.integer(UInt64.self)
    // The least that a tensor takes is its name's length, number of dimensions, type and offset: 8 + 4 + 4 + 8; a
    // metadata entry its key's length, type and one byte: 8 + 4 + 1.
    let tensorsAtMost = min(cursor.leftCount / 24, Int(UInt32.max) - 1)
    let entriesAtMost = min(cursor.leftCount / 13, Int(UInt32.max) - 1)
    guard promisedTensors <= UInt64(tensorsAtMost) else {
      throw .tensorCountTooLarge(found: promisedTensors, atMost: tensorsAtMost)
    }
    guard promisedEntries <= UInt64(entriesAtMost) else {
      throw .metadataCountTooLarge(found: promisedEntries, atMost: entriesAtMost)
    }
    let metadata = try GGUFMetadata(count: Int(promisedEntries), file: file, cursor: &cursor)
    let alignment = try Self.alignment(of: metadata)
    let records = try Self.walkRecords(count: Int(promisedTensors), cursor: &cursor)
    let dataOffset = (cursor.offset + alignment - 1) / alignment * alignment
    try Self.checkPlaces(records: records, bytes: bytes, dataOffset: dataOffset, alignment: alignment)
    do throws(NameIndex.Duplicate) {
      index = try NameIndex(
        count: records.count, hash: { NameIndex.hash(lengthPrefixedBytes(bytes, at: records[$0])) },
        areEqual: { first, second in
          sameBytes(lengthPrefixedBytes(bytes, at: records[first]), lengthPrefixedBytes(bytes, at: records[second]))
        })
    } catch {
      let name = String(decoding: lengthPrefixedBytes(bytes, at: records[error.first]), as: UTF8.self)
      throw .duplicateTensor(name: name, first: error.first, second: error.second)
    }
    self.file = file
    self.version = version
    self.metadata = metadata
    self.alignment = alignment
    self.dataOffset = dataOffset
    recordOffsets = records
  }

  /// `general.architecture`, such as `llama`.
  public func architecture() throws(GGUFError) -> String { try metadata.string("general.architecture") }

  public func tensor(at index: Int) -> TensorInfo {
    do throws(GGUFError) {
      let record = try GGUFTensorRecord(file.bytes, at: recordOffsets[index], index: index)
      return record.info(bytes: file.bytes, dataOffset: dataOffset, index: index)
    } catch {
      preconditionFailure("the file changed while it was open: \(error.message)")
    }
  }

  public func tensor(named name: String) -> TensorInfo? {
    withUTF8Bytes(of: name) { name in
      index.find(hash: NameIndex.hash(name)) { sameBytes(lengthPrefixedBytes(file.bytes, at: recordOffsets[$0]), name) }
    }.map { tensor(at: $0) }
  }

  public func read(
    _ tensor: TensorInfo, rows: Range<Int>, into buffer: UnsafeMutableRawBufferPointer
  ) throws(FileError) {
    let range = tensor.byteRange(rows: rows)
    try file.read(at: range.lowerBound, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<range.count]))
  }
}

// The checks of `init`.
extension GGUFFile {
  private static func alignment(of metadata: GGUFMetadata) throws(GGUFError) -> Int {
    guard let value = metadata["general.alignment"] else { return 32 }
    guard let alignment = value.integer(UInt32.self), alignment.nonzeroBitCount == 1 else {
      throw .badAlignment(found: value.summary)
    }
    return Int(alignment)
  }

  /// Proves each record by itself, and says where each starts.
  private static func walkRecords(count: Int, cursor: inout GGUFCursor) throws(GGUFError) -> [Int] {
    var offsets: [Int] = []
    offsets.reserveCapacity(count)
    for index in 0..<count {
      offsets.append(cursor.offset)
      let record = try GGUFTensorRecord(cursor.bytes, at: cursor.offset, index: index)
      try cursor.skip(UInt64(record.end - cursor.offset))
    }
    return offsets
  }

  /// Proves that all tensors are aligned, inside the file and apart. Gaps are allowed: alignment makes some.
  private static func checkPlaces(
    records: [Int], bytes: UnsafeRawBufferPointer, dataOffset: Int, alignment: Int
  ) throws(GGUFError) {
    let dataByteCount = max(bytes.count - dataOffset, 0)
    var isAscending = true
    var previousEnd: UInt64 = 0
    for (index, offset) in records.enumerated() {
      let record = try GGUFTensorRecord(bytes, at: offset, index: index)
      guard record.dataOffset % UInt64(alignment) == 0 else {
        throw .misaligned(tensor: record.name(in: bytes), offset: record.dataOffset, alignment: alignment)
      }
      let (end, overflow) = record.dataOffset.addingReportingOverflow(UInt64(record.byteCount))
      guard !overflow, end <= UInt64(dataByteCount) else {
        throw .pastEnd(
          tensor: record.name(in: bytes), offset: record.dataOffset, byteCount: record.byteCount,
          dataByteCount: dataByteCount)
      }
      if record.dataOffset < previousEnd { isAscending = false }
      previousEnd = end
    }
    // Every known writer stores tensors in order; the others pay for a sort.
    if !isAscending { try checkApart(records: records, bytes: bytes) }
  }

  private static func checkApart(records: [Int], bytes: UnsafeRawBufferPointer) throws(GGUFError) {
    func start(_ index: UInt32) -> UInt64 { GGUFTensorRecord.dataOffset(bytes, at: records[Int(index)]) }
    var order = Array(0..<UInt32(records.count))
    order.sort { (start($0), $0) < (start($1), $1) }
    for (lower, upper) in zip(order, order.dropFirst()) {
      let record = try GGUFTensorRecord(bytes, at: records[Int(lower)], index: Int(lower))
      guard record.dataOffset + UInt64(record.byteCount) <= start(upper) else {
        let other = try GGUFTensorRecord(bytes, at: records[Int(upper)], index: Int(upper))
        throw .overlap(first: record.name(in: bytes), second: other.name(in: bytes))
      }
    }
  }
}
