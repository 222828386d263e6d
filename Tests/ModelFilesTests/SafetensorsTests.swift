// SPDX-License-Identifier: Apache-2.0
// safetensors: what a good file gives back, and one test for each rule that a bad one breaks.
import ModelFileBuilders
import ModelFiles
import Testing

@Suite("A safetensors file gives back")
struct SafetensorsTests {
  @Test("its tensors and metadata") func sample() throws {
    let file = try SafetensorsFile(bytes: SafetensorsBuilder.sample())
    #expect(file.metadata.map(\.key) == ["format", "made by"] && file.metadata.map(\.value) == ["pt", "tests"])
    #expect(file.tensorCount == 7)
    let expected = SafetensorsBuilder.Tensor("", .F32, [6, 4])
    let embedding = try #require(file.tensor(named: "model.embed.weight"))
    #expect(embedding.shape == [6, 4] && embedding.type == .F32 && embedding.byteCount == 96)
    #expect(try file.bytes(of: embedding) == expected.data)
    var row = [UInt8](repeating: 0, count: 16)
    try row.withUnsafeMutableBytes { try file.read(embedding, rows: 2..<3, into: $0) }
    #expect(row == Array(expected.data[32..<48]))
    let scalar = try #require(file.tensor(named: "scalar"))
    #expect(scalar.shape == [] && scalar.rowCount == 1 && scalar.rowByteCount == 8 && scalar.elementCount == 1)
    let empty = try #require(file.tensor(named: "empty"))
    #expect(try empty.byteCount == 0 && empty.rowByteCount == 0 && file.bytes(of: empty) == [])
    #expect(file.tensor(named: "packed")?.byteCount == 6)
    #expect(file.tensor(named: "odd A\n name")?.type == .U8)
    #expect(file.tensor(named: "odd") == nil)
    #expect(file.tensors.map(\.index) == Array(0..<7))
  }

  @Test("every dtype") func types() throws {
    let types = ElementType.allCases.filter { type in
      (try? SafetensorsFile(bytes: SafetensorsBuilder.file([.init("w", type, [16, 16])]))) != nil
    }
    #expect(types.count == 22)
    #expect(types.contains(.BF16) && types.contains(.F8_E4M3) && !types.contains(.Q4_0))
  }

  @Test("tensors in any order of the header, unknown fields passed over") func order() throws {
    let header =
      #"{"b":{"dtype":"U8","shape":[2],"data_offsets":[3,5],"note":[1,{"x":null}]},"#
      + #" "a" : {"data_offsets":[0,3],"shape":[3],"dtype":"U8"} }"#
    let file = try SafetensorsFile(bytes: SafetensorsBuilder.file(header: header, dataByteCount: 5))
    #expect(try file.bytes(of: file.tensor(named: "b")!) == [3, 4])
    #expect(file.metadata.isEmpty)
  }

  @Test("nothing, where nothing is in it") func empty() throws {
    #expect(try SafetensorsFile(bytes: SafetensorsBuilder.file(header: "{}")).tensorCount == 0)
  }
}

@Suite("A safetensors reader must reject")
struct SafetensorsRejectionTests {
  private func expectError(_ expected: SafetensorsError, header: String, dataByteCount: Int = 0) {
    #expect(throws: expected) {
      try SafetensorsFile(bytes: SafetensorsBuilder.file(header: header, dataByteCount: dataByteCount))
    }
    #expect(!expected.message.isEmpty && !expected.message.contains("is refused"))
  }

  /// A header of one tensor, `w`.
  private func one(_ dtype: String, _ shape: String, _ offsets: String) -> String {
    "{\"w\":{\"dtype\":\"\(dtype)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}}"
  }

  @Test("every truncation of a valid file, without a crash") func truncation() {
    let bytes = SafetensorsBuilder.sample()
    for byteCount in 0..<bytes.count {
      #expect(throws: SafetensorsError.self) { try SafetensorsFile(bytes: Array(bytes[..<byteCount])) }
    }
    #expect(throws: SafetensorsError.tooShort(byteCount: 7)) { try SafetensorsFile(bytes: Array(bytes[..<7])) }
  }

  @Test("a header over 100 MB, or past the end") func headerSize() {
    for count in [100_000_001, 1 << 60, UInt64.max] {
      #expect(throws: SafetensorsError.headerTooLarge(found: count, atMost: 100_000_000)) {
        try SafetensorsFile(bytes: SafetensorsBuilder.file(header: "{}", headerByteCount: count))
      }
    }
    #expect(throws: SafetensorsError.headerPastEnd(headerByteCount: 3, fileByteCount: 10)) {
      try SafetensorsFile(bytes: SafetensorsBuilder.file(header: "{}", headerByteCount: 3))
    }
  }

  @Test("a header that does not start with a brace") func start() {
    expectError(.notSafetensors(found: 0x20), header: " {}")
    expectError(.notSafetensors(found: 0x5B), header: "[]")
    expectError(.notSafetensors(found: 0), header: "")
  }

  @Test(
    "a header that is not JSON",
    arguments: [
      "{", "{}x", "{\"a\"}", "{\"a\":1,}", "{,}", "{\"w\":{\"dtype\":\"U8\",}}", "{\"a\u{1}\":{}}", "{}\0",
      "{\"w\":{\"dtype\":\"U8\",\"shape\":[1.5],\"data_offsets\":[0,0]}}",
      "{\"w\":{\"dtype\":\"U8\",\"shape\":[-1],\"data_offsets\":[0,0]}}",
      "{\"w\":{\"dtype\":\"U8\",\"shape\":[99999999999999999999],\"data_offsets\":[0,0]}}",
      "{\"w\":{\"dtype\":\"U8\",\"shape\":7,\"data_offsets\":[0,0]}}", "{\"w\":{\"dtype\":8}}", "{\"__metadata__\":1}",
    ])
  func json(header: String) {
    #expect { try SafetensorsFile(bytes: SafetensorsBuilder.file(header: header)) } throws: {
      switch $0 as? SafetensorsError {
      case .json, .entryNotObject: true
      default: false
      }
    }
  }

  @Test("a header that is not UTF-8") func utf8() {
    let header = Array("{\"".utf8) + [0xFF] + Array("\":{}}".utf8)
    #expect { try SafetensorsFile(bytes: SafetensorsBuilder.file(header: header, data: [])) } throws: {
      if case .json(let error)? = $0 as? SafetensorsError { error.problem == .notUTF8 } else { false }
    }
  }

  @Test("metadata that is not text") func metadata() {
    expectError(.metadataNotStrings(key: "k"), header: #"{"__metadata__":{"k":1}}"#)
  }

  @Test("a key twice") func duplicates() {
    let entry = #"{"dtype":"U8","shape":[0],"data_offsets":[0,0]}"#
    expectError(.duplicateKey("w"), header: #"{"w":\#(entry),"v":\#(entry),"w":\#(entry)}"#)
    expectError(.duplicateKey("w"), header: #"{"w":\#(entry),"\u0077":\#(entry)}"#)
    expectError(.duplicateKey("__metadata__"), header: #"{"__metadata__":{},"__metadata__":{}}"#)
    expectError(.duplicateKey("k"), header: #"{"__metadata__":{"k":"1","k":"2"}}"#)
    expectError(.duplicateField(tensor: "w", field: "dtype"), header: #"{"w":{"dtype":"U8","dtype":"U8"}}"#)
    expectError(.duplicateField(tensor: "w", field: "shape"), header: #"{"w":{"shape":[],"shape":[]}}"#)
    expectError(
      .duplicateField(tensor: "w", field: "data_offsets"),
      header: #"{"w":{"data_offsets":[0,0],"data_offsets":[0,0]}}"#)
  }

  @Test("an entry that lacks a field, or is none") func fields() {
    expectError(.missingField(tensor: "w", field: "dtype"), header: #"{"w":{"shape":[],"data_offsets":[0,0]}}"#)
    expectError(.missingField(tensor: "w", field: "shape"), header: #"{"w":{"dtype":"U8","data_offsets":[0,0]}}"#)
    expectError(.missingField(tensor: "w", field: "data_offsets"), header: #"{"w":{"dtype":"U8","shape":[]}}"#)
    expectError(.entryNotObject(tensor: "w"), header: #"{"w":[]}"#)
  }

  @Test("an unknown dtype, or one that only GGUF has") func types() {
    expectError(.unknownType(tensor: "w", found: "F128"), header: one("F128", "[1]", "[0,16]"), dataByteCount: 16)
    expectError(.unknownType(tensor: "w", found: "Q4_0"), header: one("Q4_0", "[32]", "[0,18]"), dataByteCount: 18)
    expectError(.unknownType(tensor: "w", found: "f32"), header: one("f32", "[1]", "[0,4]"), dataByteCount: 4)
  }

  @Test("a shape that overflows, or has too many dimensions") func shapes() {
    expectError(.shapeOverflow(tensor: "w"), header: one("U8", "[4294967296,4294967296]", "[0,0]"))
    expectError(.shapeOverflow(tensor: "w"), header: one("F64", "[2305843009213693952]", "[0,0]"))
    let many = "[" + Array(repeating: "1", count: 65).joined(separator: ",") + "]"
    expectError(.tooManyDimensions(tensor: "w", atMost: 64), header: one("U8", many, "[0,1]"), dataByteCount: 1)
    expectError(
      .notWholeBytes(tensor: "w", type: .F4, elementCount: 3), header: one("F4", "[3]", "[0,2]"), dataByteCount: 2)
  }

  @Test("bytes that shape and dtype do not explain") func byteCount() {
    expectError(
      .wrongByteCount(tensor: "w", found: 8, expected: 12, type: .F32, shape: [3]), header: one("F32", "[3]", "[0,8]"),
      dataByteCount: 8)
  }

  @Test("offsets that are not two, or reversed") func offsets() {
    expectError(.badOffsets(tensor: "w"), header: one("U8", "[1]", "[0]"), dataByteCount: 1)
    expectError(.badOffsets(tensor: "w"), header: one("U8", "[1]", "[0,1,2]"), dataByteCount: 1)
    expectError(.offsetsReversed(tensor: "w", start: 2, end: 1), header: one("U8", "[1]", "[2,1]"), dataByteCount: 2)
  }

  @Test("a tensor past the end, a hole, an overlap, bytes left over") func places() {
    expectError(.pastEnd(tensor: "w", end: 4, dataByteCount: 3), header: one("U8", "[4]", "[0,4]"), dataByteCount: 3)
    expectError(.hole(tensor: "w", start: 1, previousEnd: 0), header: one("U8", "[2]", "[1,3]"), dataByteCount: 3)
    expectError(.trailingBytes(dataByteCount: 3, tensorsEnd: 2), header: one("U8", "[2]", "[0,2]"), dataByteCount: 3)
    expectError(.trailingBytes(dataByteCount: 1, tensorsEnd: 0), header: "{}", dataByteCount: 1)
    func two(_ first: String, _ second: String) -> String {
      #"{"a":{"dtype":"U8","shape":[2],"data_offsets":\#(first)},"#
        + #""b":{"dtype":"U8","shape":[2],"data_offsets":\#(second)}}"#
    }
    expectError(.overlap(tensor: "a", start: 1, previousEnd: 2), header: two("[1,3]", "[0,2]"), dataByteCount: 3)
    expectError(.overlap(tensor: "b", start: 0, previousEnd: 2), header: two("[0,2]", "[0,2]"), dataByteCount: 2)
    expectError(.hole(tensor: "b", start: 3, previousEnd: 2), header: two("[0,2]", "[3,5]"), dataByteCount: 5)
  }
}
