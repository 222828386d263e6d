// SPDX-License-Identifier: Apache-2.0
// One tensor record of a GGUF header: name, number of dimensions, dimensions, type, offset into the data.

/// A record, decoded and proven by itself; where its data lies is for the file to prove.
struct GGUFTensorRecord {
  let nameRange: Range<Int>
  /// In the file's order, fastest first; unused ones are 1.
  let dimensions: (Int, Int, Int, Int)
  let dimensionCount: Int
  let type: ElementType
  let byteCount: Int
  /// From the start of the tensor data.
  let dataOffset: UInt64
  /// Of the record, in the file.
  let end: Int

  init(_ bytes: UnsafeRawBufferPointer, at offset: Int, index: Int) throws(GGUFError) {
    var cursor = GGUFCursor(bytes, at: offset, part: .tensor(index: index))
    let name = try cursor.string()
    guard name.count <= ReaderLimits.tensorNameByteCountMax else {
      throw .nameTooLong(index: index, found: name.count, atMost: ReaderLimits.tensorNameByteCountMax)
    }
    guard isUTF8(UnsafeRawBufferPointer(rebasing: bytes[name])) else {
      throw .nameNotUTF8(index: index, offset: name.lowerBound)
    }
    let dimensionCount = try cursor.integer(UInt32.self)
    guard dimensionCount <= UInt32(ReaderLimits.ggufDimensionCountMax) else {
      throw .tooManyDimensions(
        tensor: cursor.text(name), found: dimensionCount, atMost: ReaderLimits.ggufDimensionCountMax)
    }
    var raw: (UInt64, UInt64, UInt64, UInt64) = (1, 1, 1, 1)
    if dimensionCount > 0 { raw.0 = try cursor.integer(UInt64.self) }
    if dimensionCount > 1 { raw.1 = try cursor.integer(UInt64.self) }
    if dimensionCount > 2 { raw.2 = try cursor.integer(UInt64.self) }
    if dimensionCount > 3 { raw.3 = try cursor.integer(UInt64.self) }
    let typeNumber = try cursor.integer(UInt32.self)
    dataOffset = try cursor.integer(UInt64.self)
    end = cursor.offset

    guard let type = ElementType(ggufNumber: typeNumber) else {
      if let withdrawn = ElementType.withdrawnName(ggufNumber: typeNumber) {
        throw .withdrawnType(tensor: cursor.text(name), name: withdrawn)
      }
      throw .unknownType(tensor: cursor.text(name), found: typeNumber)
    }
    func overflow() -> GGUFError {
      let all = [raw.0, raw.1, raw.2, raw.3]
      return .shapeOverflow(tensor: cursor.text(name), dimensions: Array(all.prefix(Int(dimensionCount))))
    }
    var elementCount = 1
    for (dimension, size) in [raw.0, raw.1, raw.2, raw.3].enumerated() {
      guard size > 0 else { throw .zeroDimension(tensor: cursor.text(name), dimension: dimension) }
      guard size <= UInt64(Int.max) else { throw overflow() }
      let (product, overflows) = elementCount.multipliedReportingOverflow(by: Int(size))
      guard !overflows else { throw overflow() }
      elementCount = product
    }
    dimensions = (Int(raw.0), Int(raw.1), Int(raw.2), Int(raw.3))
    guard dimensions.0 % type.elementsPerBlock == 0 else {
      throw .rowNotWholeBlocks(tensor: cursor.text(name), type: type, rowElementCount: dimensions.0)
    }
    guard let byteCount = type.byteCount(elementCount: elementCount) else { throw overflow() }
    self.dimensionCount = Int(dimensionCount)
    self.type = type
    self.byteCount = byteCount
    nameRange = name
  }

  func name(in bytes: UnsafeRawBufferPointer) -> String {
    String(decoding: bytes[nameRange], as: UTF8.self)
  }

  func info(bytes: UnsafeRawBufferPointer, dataOffset base: Int, index: Int) -> TensorInfo {
    let (d0, d1, d2, d3) = dimensions
    return TensorInfo(
      name: name(in: bytes), shape: [d3, d2, d1, d0].suffix(dimensionCount), type: type, byteCount: byteCount,
      byteOffset: base + Int(dataOffset), index: index)
  }

  /// The data offset alone, of a proven record: the last field.
  static func dataOffset(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> UInt64 {
    let name = lengthPrefixedBytes(bytes, at: offset)
    let countOffset = offset + 8 + name.count
    let count = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: countOffset, as: UInt32.self)))
    let fieldOffset = countOffset + 4 + count * 8 + 4
    return UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: fieldOffset, as: UInt64.self))
  }
}
