// SPDX-License-Identifier: Apache-2.0
// One failure a test: what a GGUF reader must refuse, and the error that says where.
import ModelFileBuilders
import ModelFiles
import Testing

@Suite("A GGUF reader must reject")
struct GGUFRejectionTests {
  private func expectError(_ builder: GGUFBuilder, _ expected: GGUFError) {
    #expect(throws: expected) { try GGUFFile(bytes: builder.build()) }
    #expect(!expected.message.isEmpty && !expected.message.contains("is refused"))
  }

  private func expectError(_ expected: GGUFError, _ change: (inout GGUFBuilder) -> Void) {
    var builder = GGUFBuilder.sample()
    change(&builder)
    expectError(builder, expected)
  }

  @Test("another magic") func magic() {
    expectError(.notGGUF(found: Array("tjgg".utf8))) { $0.magic = Array("tjgg".utf8) }
    #expect(throws: GGUFError.notGGUF(found: [0x47])) { try GGUFFile(bytes: [0x47]) }
    #expect(GGUFError.notGGUF(found: Array("tjgg".utf8)).hint != nil)
  }

  @Test("another version", arguments: [0, 1, 4, 0x10000 + 3, .max] as [UInt32])
  func version(number: UInt32) {
    expectError(.unsupportedVersion(found: number)) { $0.version = number }
  }

  @Test("big-endian files, by name", arguments: [2, 3] as [UInt32])
  func bigEndian(version: UInt32) { expectError(.bigEndian) { $0.version = version.byteSwapped } }

  @Test("every truncation of a valid file, without a crash") func truncation() throws {
    let bytes = GGUFBuilder.sample().build()
    _ = try GGUFFile(bytes: bytes)
    for byteCount in 0..<bytes.count {
      #expect(throws: GGUFError.self, "\(byteCount)") { try GGUFFile(bytes: Array(bytes[..<byteCount])) }
    }
  }

  @Test("2⁶⁰ tensors", arguments: [1 << 60, .max, 1 << 32] as [UInt64])
  func tensorCount(count: UInt64) {
    let byteCount = GGUFBuilder.sample().build().count
    expectError(.tensorCountTooLarge(found: count, atMost: (byteCount - 24) / 24)) { $0.tensorCount = count }
  }

  @Test("2⁶⁰ metadata entries", arguments: [1 << 60, .max] as [UInt64])
  func metadataCount(count: UInt64) {
    let byteCount = GGUFBuilder.sample().build().count
    expectError(.metadataCountTooLarge(found: count, atMost: (byteCount - 24) / 13)) { $0.metadataCount = count }
  }

  @Test("a string longer than the file", arguments: [1 << 60, .max, 1000] as [UInt64])
  func stringPastEnd(byteCount: UInt64) {
    var bytes = GGUFBuilder().build()
    bytes.replaceSubrange(16..<24, with: [1, 0, 0, 0, 0, 0, 0, 0])
    bytes.put(byteCount)
    bytes += [UInt8](repeating: 0x61, count: 20)
    #expect(throws: GGUFError.truncated(part: .metadata(index: 0), offset: 32, need: byteCount, have: 20)) {
      try GGUFFile(bytes: bytes)
    }
  }

  @Test(
    "an array longer than the file",
    arguments: [
      (GGUFValueType.uint8, 1 << 60), (.float64, 1 << 61), (.float64, .max), (.string, 1 << 60), (.array, .max),
    ] as [(GGUFValueType, UInt64)])
  func arrayPastEnd(type: GGUFValueType, count: UInt64) {
    var builder = GGUFBuilder()
    builder.add("key", .array(type, []))
    var bytes = builder.build()
    bytes.removeLast(8)
    bytes.put(count)
    #expect { try GGUFFile(bytes: bytes + [UInt8](repeating: 0, count: 64)) } throws: {
      if case .truncated(.metadata(0), let offset, let need, 64)? = $0 as? GGUFError {
        offset == bytes.count && need >= count
      } else {
        false
      }
    }
  }

  @Test("an unknown value type") func valueType() {
    var builder = GGUFBuilder()
    builder.add("key", .uint32(1))
    var bytes = builder.build()
    bytes[24 + 8 + 3] = 13
    #expect(throws: GGUFError.unknownValueType(key: "key", found: 13, offset: 35)) { try GGUFFile(bytes: bytes) }
    builder.metadata = []
    builder.add("key", .array(.uint8, []))
    bytes = builder.build()
    bytes[24 + 8 + 3 + 4] = 99
    #expect(throws: GGUFError.unknownValueType(key: "key", found: 99, offset: 39)) { try GGUFFile(bytes: bytes) }
  }

  @Test("arrays nested too deep") func depth() throws {
    var value = GGUFBuilder.Value.array(.uint8, [])
    for _ in 1..<ReaderLimits.ggufArrayDepthMax { value = .array(.array, [value]) }
    var builder = GGUFBuilder()
    builder.add("deep", value)
    _ = try GGUFFile(bytes: builder.build())
    builder.metadata = []
    builder.add("deep", .array(.array, [value]))
    expectError(builder, .arrayTooDeep(key: "deep", atMost: ReaderLimits.ggufArrayDepthMax))
  }

  @Test("a key longer than the format allows") func longKey() {
    expectError(.keyTooLong(index: 18, found: 65_536, atMost: 65_535)) {
      $0.add(String(repeating: "k", count: 65_536), .bool(false))
    }
  }

  @Test("a key that is not UTF-8") func keyNotUTF8() {
    var builder = GGUFBuilder()
    builder.metadata = [([0x61, 0xFF], .bool(true))]
    expectError(builder, .keyNotUTF8(index: 0, offset: 32))
  }

  @Test("a key twice") func duplicateKey() {
    expectError(.duplicateKey(name: "test.int8", first: 3, second: 18)) { $0.add("test.int8", .bool(true)) }
  }

  @Test("an alignment that is no power of two", arguments: [0, 3, 48] as [UInt32])
  func alignment(value: UInt32) {
    expectError(.badAlignment(found: "uint32 \(value)")) { $0.add("general.alignment", .uint32(value)) }
  }

  @Test("an alignment that is no integer") func alignmentType() {
    expectError(.badAlignment(found: "string \"32\"")) { $0.add("general.alignment", .string("32")) }
  }
}

@Suite("A GGUF reader must reject a tensor")
struct GGUFTensorRejectionTests {
  private func expectError(_ tensors: [GGUFBuilder.Tensor], _ expected: GGUFError) {
    var builder = GGUFBuilder()
    builder.tensors = tensors
    #expect(throws: expected) { try GGUFFile(bytes: builder.build()) }
    #expect(!expected.message.isEmpty && !expected.message.contains("is refused"))
  }

  @Test("of an unknown type", arguments: [43, 142, .max] as [UInt32])
  func unknownType(number: UInt32) {
    var tensor = GGUFBuilder.Tensor("w", [32])
    tensor.typeNumber = number
    expectError([tensor], .unknownType(tensor: "w", found: number))
  }

  @Test("of a withdrawn type") func withdrawnType() {
    for (number, name) in [(4, "Q4_2"), (5, "Q4_3"), (31, "Q4_0_4_4"), (33, "Q4_0_8_8"), (38, "IQ4_NL_8_8")] {
      var tensor = GGUFBuilder.Tensor("w", [32])
      tensor.typeNumber = UInt32(number)
      expectError([tensor], .withdrawnType(tensor: "w", name: name))
    }
  }

  @Test("with five dimensions") func dimensions() {
    expectError([.init("w", [1, 1, 1, 1, 1])], .tooManyDimensions(tensor: "w", found: 5, atMost: 4))
    var tensor = GGUFBuilder.Tensor("w", [1])
    tensor.dimensionCount = .max
    expectError([tensor], .tooManyDimensions(tensor: "w", found: .max, atMost: 4))
  }

  @Test("without elements") func zeroDimension() {
    expectError([.init("w", [4, 0])], .zeroDimension(tensor: "w", dimension: 1))
  }

  @Test(
    "of more elements than 2⁶³",
    arguments: [
      [1 << 32, 1 << 31], [.max], [1 << 63], [1 << 62, 2], [1 << 21, 1 << 21, 1 << 21, 2], [1 << 61],
    ] as [[UInt64]])
  func overflow(dimensions: [UInt64]) {
    expectError([.init("w", dimensions)], .shapeOverflow(tensor: "w", dimensions: dimensions))
  }

  @Test("whose rows are no whole blocks") func rows() {
    var tensor = GGUFBuilder.Tensor("w", [100, 64])
    tensor.typeNumber = ElementType.Q4_K.ggufNumber!
    expectError([tensor], .rowNotWholeBlocks(tensor: "w", type: .Q4_K, rowElementCount: 100))
  }

  @Test("that starts between alignments") func misaligned() {
    expectError([.init("w", [16], offset: 8)], .misaligned(tensor: "w", offset: 8, alignment: 32))
  }

  @Test("that ends past the file", arguments: [32, 1 << 62, UInt64.max - 31])
  func pastEnd(offset: UInt64) {
    expectError(
      [.init("w", [16], offset: offset)], .pastEnd(tensor: "w", offset: offset, byteCount: 64, dataByteCount: 64))
  }

  @Test("that overlaps another, in whatever order they are listed") func overlap() {
    expectError([.init("a", [16]), .init("b", [16], offset: 32)], .overlap(first: "a", second: "b"))
    expectError(
      [.init("a", [16], offset: 32), .init("b", [16], offset: 0), .init("c", [16])], .overlap(first: "b", second: "a"))
    expectError([.init("a", [16]), .init("b", [16], offset: 0)], .overlap(first: "a", second: "b"))
  }

  @Test("of a name that another has") func duplicate() {
    expectError(
      [.init("a", [1]), .init("b", [1]), .init("a", [2])], .duplicateTensor(name: "a", first: 0, second: 2))
  }

  @Test("of a name that is not UTF-8, or too long") func names() {
    var tensor = GGUFBuilder.Tensor("w", [1])
    tensor.name = [0xC0, 0x80]
    expectError([tensor], .nameNotUTF8(index: 0, offset: 32))
    tensor.name = [UInt8](repeating: 0x61, count: 1025)
    expectError([tensor], .nameTooLong(index: 0, found: 1025, atMost: 1024))
  }

  @Test("but not one listed out of order, or after a gap") func allowed() throws {
    var builder = GGUFBuilder()
    builder.tensors = [.init("a", [8], offset: 64), .init("b", [8], offset: 0), .init("c", [8], offset: 128)]
    builder.tensors[2].data += [UInt8](repeating: 0, count: 64)
    let file = try GGUFFile(bytes: builder.build())
    #expect(file.tensor(named: "b")?.byteOffset == file.dataOffset)
  }
}
