// SPDX-License-Identifier: Apache-2.0
// A safetensors file: 8 bytes of header length, a JSON header, the tensors' bytes without holes. `init` proves all.

/// An open safetensors file.
///
/// Opening touches the header alone. It keeps nine bytes a tensor, whose entry takes some fifty in the header.
public final class SafetensorsFile: TensorSource {
  public let file: FileBytes
  /// Bytes of the JSON header.
  public let headerByteCount: Int
  /// Where each tensor's name starts, from the start of the header.
  private let entryOffsets: [UInt32]
  private let index: NameIndex
  /// `__metadata__`, where it is there: from the start of the header.
  private let metadataOffset: Int?

  public var path: String { file.path }
  public var tensorCount: Int { entryOffsets.count }
  /// Where the tensor data starts.
  public var dataOffset: Int { 8 + headerByteCount }

  public convenience init(path: String) throws(SafetensorsError) {
    let file: FileBytes
    do throws(FileError) { file = try FileBytes(path: path) } catch { throw .file(error) }
    try self.init(file: file)
  }

  public convenience init(bytes: [UInt8], name: String = "(memory)") throws(SafetensorsError) {
    try self.init(file: FileBytes(copying: bytes, name: name))
  }

  public init(file: FileBytes) throws(SafetensorsError) {
    let bytes = file.bytes
    guard bytes.count >= 8 else { throw .tooShort(byteCount: bytes.count) }
    let headerByteCount = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard headerByteCount <= UInt64(ReaderLimits.safetensorsHeaderByteCountMax) else {
      throw .headerTooLarge(found: headerByteCount, atMost: ReaderLimits.safetensorsHeaderByteCountMax)
    }
    guard headerByteCount <= UInt64(bytes.count - 8) else {
      throw .headerPastEnd(headerByteCount: headerByteCount, fileByteCount: bytes.count)
    }
    let header = UnsafeRawBufferPointer(rebasing: bytes[8..<8 + Int(headerByteCount)])
    guard header.first == 0x7B else { throw .notSafetensors(found: header.first ?? 0) }
    let (entries, places, metadataOffset) = try Self.walkHeader(header)
    try Self.checkPlaces(
      places, entries: entries, header: header, dataByteCount: bytes.count - 8 - header.count)
    index = try Self.refuseDuplicates(names: entries, header: header)
    self.file = file
    self.headerByteCount = Int(headerByteCount)
    self.metadataOffset = metadataOffset
    entryOffsets = entries
  }

  private var header: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: file.bytes[8..<8 + headerByteCount])
  }

  /// `__metadata__`: what the writer says about the file, in the file's order.
  public var metadata: [(key: String, value: String)] {
    guard let metadataOffset else { return [] }
    var reader = HeaderReader(header, at: metadataOffset)
    var members: [(key: String, value: String)] = []
    do throws(SafetensorsError) {
      try reader.openObject()
      while let key = try reader.nextKey(isFirst: members.isEmpty) {
        members.append((reader.decode(key), reader.decode(try reader.string())))
      }
    } catch {
      preconditionFailure("the file changed while it was open: \(error.message)")
    }
    return members
  }

  public func tensor(at index: Int) -> TensorInfo {
    do throws(SafetensorsError) {
      let (name, entry) = try Self.entry(header, at: Int(entryOffsets[index]))
      return TensorInfo(
        name: name, shape: entry.shape, type: entry.type, byteCount: entry.end - entry.start,
        byteOffset: dataOffset + entry.start, index: index)
    } catch {
      preconditionFailure("the file changed while it was open: \(error.message)")
    }
  }

  public func tensor(named name: String) -> TensorInfo? {
    let header = header
    return withUTF8Bytes(of: name) { name in
      index.find(hash: NameIndex.hash(name)) { entry in
        Self.withName(header, at: Int(entryOffsets[entry])) { sameBytes($0, name) }
      }
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
extension SafetensorsFile {
  /// Where a tensor's bytes lie in the data.
  private typealias Place = (start: Int, end: Int)

  /// Proves the header's syntax and each entry by itself; says where the entries start, and what places they name.
  private static func walkHeader(
    _ header: UnsafeRawBufferPointer
  ) throws(SafetensorsError) -> (entries: [UInt32], places: [Place], metadataOffset: Int?) {
    // Syntax first, which also says how many entries there are: the lists are allocated once, in their final size.
    // They take 20 bytes an entry, which takes more than twice that in the header.
    let memberCount = try memberCount(header)
    var entries: [UInt32] = []
    var places: [Place] = []
    entries.reserveCapacity(memberCount)
    places.reserveCapacity(memberCount)
    var reader = HeaderReader(header)
    var metadataOffset: Int?
    var isFirst = true
    try reader.openObject()
    while let key = try reader.nextKey(isFirst: isFirst) {
      isFirst = false
      if reader.matches(key, "__metadata__") {
        guard metadataOffset == nil else { throw .duplicateKey("__metadata__") }
        metadataOffset = reader.position
        try passMetadata(&reader)
      } else {
        entries.append(UInt32(key.range.lowerBound - 1))
        let entry = try SafetensorsEntry(&reader) { [reader] in reader.decode(key) }
        places.append((entry.start, entry.end))
      }
    }
    return (entries, places, metadataOffset)
  }

  private static func memberCount(_ header: UnsafeRawBufferPointer) throws(SafetensorsError) -> Int {
    var reader = HeaderReader(header)
    var memberCount = 0
    try reader.openObject()
    while try reader.nextKey(isFirst: memberCount == 0) != nil {
      try reader.skipValue()
      memberCount += 1
    }
    try reader.expectEnd()
    return memberCount
  }

  /// Proves that `__metadata__` maps names to strings. Keys are gathered only on the second visit, in their number.
  private static func passMetadata(_ reader: inout HeaderReader) throws(SafetensorsError) {
    let start = reader
    let keyCount = try metadataKeys(&reader) { _ in }
    var keys: [UInt32] = []
    keys.reserveCapacity(keyCount)
    var again = start
    _ = try metadataKeys(&again) { keys.append(UInt32($0)) }
    try refuseDuplicates(names: keys, header: start.header)
  }

  private static func metadataKeys(
    _ reader: inout HeaderReader, visit: (Int) -> Void
  ) throws(SafetensorsError) -> Int {
    try reader.openObject()
    var keyCount = 0
    while let key = try reader.nextKey(isFirst: keyCount == 0) {
      guard reader.peek() == 0x22 else { throw .metadataNotStrings(key: reader.decode(key)) }
      _ = try reader.string()
      visit(key.range.lowerBound - 1)
      keyCount += 1
    }
    return keyCount
  }

  /// An index of the names that start at `names`, or the first that appears twice.
  @discardableResult
  private static func refuseDuplicates(
    names: [UInt32], header: UnsafeRawBufferPointer
  ) throws(SafetensorsError) -> NameIndex {
    do throws(NameIndex.Duplicate) {
      return try NameIndex(
        count: names.count, hash: { withName(header, at: Int(names[$0]), NameIndex.hash) },
        areEqual: { first, second in
          withName(header, at: Int(names[first])) { first in
            withName(header, at: Int(names[second])) { sameBytes(first, $0) }
          }
        })
    } catch {
      throw .duplicateKey(name(header, at: Int(names[error.first])))
    }
  }

  /// Proves that the tensors fill the data: no hole, no overlap, nothing left over.
  private static func checkPlaces(
    _ places: [Place], entries: [UInt32], header: UnsafeRawBufferPointer, dataByteCount: Int
  ) throws(SafetensorsError) {
    var order = Array(0..<UInt32(entries.count))
    func name(_ record: UInt32) -> String { Self.name(header, at: Int(entries[Int(record)])) }
    // Tensors without elements share their place with the next, so ends decide between equal starts.
    order.sort { (places[Int($0)].start, places[Int($0)].end) < (places[Int($1)].start, places[Int($1)].end) }
    var previousEnd = 0
    for record in order {
      let (start, end) = places[Int(record)]
      guard end <= dataByteCount else { throw .pastEnd(tensor: name(record), end: end, dataByteCount: dataByteCount) }
      guard start >= previousEnd else {
        throw .overlap(tensor: name(record), start: start, previousEnd: previousEnd)
      }
      guard start == previousEnd else { throw .hole(tensor: name(record), start: start, previousEnd: previousEnd) }
      previousEnd = end
    }
    guard previousEnd == dataByteCount else {
      throw .trailingBytes(dataByteCount: dataByteCount, tensorsEnd: previousEnd)
    }
  }

  private static func entry(
    _ header: UnsafeRawBufferPointer, at offset: Int
  ) throws(SafetensorsError) -> (name: String, entry: SafetensorsEntry) {
    var reader = HeaderReader(header, at: offset)
    let key = try reader.string()
    _ = reader.peek()
    reader.pass()  // the colon
    let name = reader.decode(key)
    return (name, try SafetensorsEntry(&reader) { name })
  }

  private static func name(_ header: UnsafeRawBufferPointer, at offset: Int) -> String {
    withName(header, at: offset) { String(decoding: $0, as: UTF8.self) }
  }

  /// Calls `body` with the bytes of a name: in place, unless it is written with escapes.
  private static func withName<Result>(
    _ header: UnsafeRawBufferPointer, at offset: Int, _ body: (UnsafeRawBufferPointer) -> Result
  ) -> Result {
    var reader = HeaderReader(header, at: offset)
    guard let key = try? reader.string() else { preconditionFailure("checked when the file was opened") }
    guard key.hasEscape else { return body(UnsafeRawBufferPointer(rebasing: header[key.range])) }
    return withUTF8Bytes(of: reader.decode(key), body)
  }
}
