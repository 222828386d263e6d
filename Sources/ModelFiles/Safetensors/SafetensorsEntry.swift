// SPDX-License-Identifier: Apache-2.0
// One tensor's entry in a safetensors header: `"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}`.

/// An entry, decoded and proven by itself; that the tensors fill the data is for the file to prove.
struct SafetensorsEntry {
  var type: ElementType
  var shape: [Int]
  var start: Int
  var end: Int

  /// Reads the entry's object. `name` is asked for only when something is wrong with it.
  init(_ reader: inout HeaderReader, name: () -> String) throws(SafetensorsError) {
    var (type, shape, start, end): (ElementType?, [Int]?, Int?, Int?)
    guard reader.peek() == 0x7B else { throw .entryNotObject(tensor: name()) }
    try reader.openObject()
    var isFirst = true
    while let key = try reader.nextKey(isFirst: isFirst) {
      isFirst = false
      if reader.matches(key, "dtype") {
        guard type == nil else { throw .duplicateField(tensor: name(), field: "dtype") }
        type = try Self.readType(&reader, name: name)
      } else if reader.matches(key, "shape") {
        guard shape == nil else { throw .duplicateField(tensor: name(), field: "shape") }
        shape = try Self.counts(&reader, atMost: ReaderLimits.safetensorsDimensionCountMax) {
          .tooManyDimensions(tensor: name(), atMost: ReaderLimits.safetensorsDimensionCountMax)
        }
      } else if reader.matches(key, "data_offsets") {
        guard start == nil else { throw .duplicateField(tensor: name(), field: "data_offsets") }
        let offsets = try Self.counts(&reader, atMost: 2) { .badOffsets(tensor: name()) }
        guard offsets.count == 2 else { throw .badOffsets(tensor: name()) }
        (start, end) = (offsets[0], offsets[1])
      } else {
        // The format names three fields and lets a reader pass over others.
        try reader.skipValue()
      }
    }
    guard let type else { throw .missingField(tensor: name(), field: "dtype") }
    guard let shape else { throw .missingField(tensor: name(), field: "shape") }
    guard let start, let end else { throw .missingField(tensor: name(), field: "data_offsets") }
    guard start <= end else { throw .offsetsReversed(tensor: name(), start: start, end: end) }
    try Self.check(type: type, shape: shape, byteCount: end - start, name: name)
    (self.type, self.shape, self.start, self.end) = (type, shape, start, end)
  }

  private static func check(
    type: ElementType, shape: [Int], byteCount: Int, name: () -> String
  ) throws(SafetensorsError) {
    var elementCount = 1
    for size in shape {
      let (product, overflows) = elementCount.multipliedReportingOverflow(by: size)
      guard !overflows else { throw .shapeOverflow(tensor: name()) }
      elementCount = product
    }
    guard let expected = type.byteCount(elementCount: elementCount) else {
      guard elementCount % type.elementsPerBlock == 0 else {
        throw .notWholeBytes(tensor: name(), type: type, elementCount: elementCount)
      }
      throw .shapeOverflow(tensor: name())
    }
    guard byteCount == expected else {
      throw .wrongByteCount(tensor: name(), found: byteCount, expected: expected, type: type, shape: shape)
    }
  }

  private static func readType(
    _ reader: inout HeaderReader, name: () -> String
  ) throws(SafetensorsError) -> ElementType {
    let text = reader.decode(try reader.string())
    guard let type = ElementType(safetensorsName: text) else { throw .unknownType(tensor: name(), found: text) }
    return type
  }

  /// An array of at most `atMost` counts. The bound keeps a hostile header from growing in memory.
  private static func counts(
    _ reader: inout HeaderReader, atMost: Int, tooMany: () -> SafetensorsError
  ) throws(SafetensorsError) -> [Int] {
    var counts: [Int] = []
    try reader.openArray()
    while try reader.nextElement(isFirst: counts.isEmpty) {
      guard counts.count < atMost else { throw tooMany() }
      counts.append(try reader.count())
    }
    return counts
  }
}

extension ElementType {
  /// The type of this safetensors `dtype`; GGUF's block types, which safetensors does not have, are nil.
  init?(safetensorsName name: String) {
    guard let type = Self.safetensorsTypes[name] else { return nil }
    self = type
  }

  private static let safetensorsTypes: [String: ElementType] = {
    let types: [ElementType] = [
      .F32, .F16, .BF16, .F64, .I8, .I16, .I32, .I64, .BOOL, .U8, .U16, .U32, .U64, .C64,
      .F4, .F6_E2M3, .F6_E3M2, .F8_E4M3, .F8_E5M2, .F8_E8M0, .F8_E4M3FNUZ, .F8_E5M2FNUZ,
    ]
    return Dictionary(uniqueKeysWithValues: types.map { ($0.name, $0) })
  }()
}
