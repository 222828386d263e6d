// SPDX-License-Identifier: Apache-2.0
// A GGUF file made here gives back what was put into it: every value type, tensors, rows.
import ModelFileBuilders
import ModelFiles
import Testing

@Suite("A GGUF file gives back")
struct GGUFTests {
  @Test("scalars of every type", arguments: [2, 3] as [UInt32])
  func scalars(version: UInt32) throws {
    var builder = GGUFBuilder.sample()
    builder.version = version
    let file = try GGUFFile(bytes: builder.build())
    let metadata = file.metadata
    #expect(file.version == version)
    #expect(try file.architecture() == "llama")
    #expect(try metadata.u32("test.uint8") == 200)
    #expect(try metadata.int("test.int8") == -3)
    #expect(try metadata.u32("test.uint16") == 60_000)
    #expect(try metadata.i64("test.int16") == -300)
    #expect(try metadata.integer("test.int32", as: Int32.self) == -70_000)
    #expect(try metadata.u64("test.uint64") == 1 << 63)
    #expect(try metadata.i64("test.int64") == -1 << 40)
    #expect(try metadata.double("test.float32") == 0.5)
    #expect(try metadata.double("test.float64") == 1e300)
    #expect(try metadata.double("llama.block_count") == 2)
    #expect(try metadata.bool("test.bool"))
    #expect(try metadata.stringBytes("test.bytes").bytes == [0xFF, 0, 0xC3])
    #expect(try metadata.u32("absent", default: 9) == 9)
    #expect(try metadata.string("absent", default: "x") == "x")
    #expect(metadata["absent"] == nil)
    #expect(Array(metadata.keys) == builder.metadata.map { String(decoding: $0.key, as: UTF8.self) })
  }

  @Test("arrays, strings as bytes") func arrays() throws {
    let metadata = try GGUFFile(bytes: GGUFBuilder.sample().build()).metadata
    let tokens = try metadata.strings("tokens")
    #expect(tokens.map(\.bytes) == [[0x61], [], [0xF0, 0x9F], Array("▁word".utf8)])
    #expect(tokens[3].text == "▁word" && tokens[2].text == nil)
    #expect(try metadata.numbers("scores").map(\.double) == [-1, 0.25, 7])
    #expect(try metadata.numbers("types").map { $0.integer(Int.self) } == [1, -6, 3])
    #expect(try metadata.numbers("empty").isEmpty)
    let nested = try #require(metadata["nested"]?.array)
    #expect(nested.values.map { $0.array?.count } == [2, 1, 0])
    let inner = nested.values.map { $0.array?.values.map(\.summary) ?? [] }
    #expect(inner == [["uint16 1", "uint16 2"], ["string \"x\""], []])
    #expect(nested.numbers == nil && nested.strings == nil)
  }

  @Test("answers of the wrong kind are refused by key") func wrongTypes() throws {
    let metadata = try GGUFFile(bytes: GGUFBuilder.sample().build()).metadata
    #expect(throws: GGUFError.missingKey(key: "absent")) { try metadata.u32("absent") }
    let notUnsigned = "an integer from 0 to 4294967295"
    #expect(throws: GGUFError.wrongType(key: "test.int8", found: "int8 -3", expected: notUnsigned)) {
      try metadata.u32("test.int8")
    }
    #expect(throws: GGUFError.self) { try metadata.u32("test.uint64") }
    #expect(throws: GGUFError.self) { try metadata.u32("test.float32") }
    #expect(throws: GGUFError.self) { try metadata.bool("test.uint8") }
    #expect(throws: GGUFError.self) { try metadata.string("test.bool") }
    #expect(throws: GGUFError.wrongType(key: "test.bytes", found: "a string that is not UTF-8", expected: "UTF-8")) {
      try metadata.string("test.bytes")
    }
    #expect(throws: GGUFError.self) { try metadata.strings("scores") }
    #expect(throws: GGUFError.self) { try metadata.numbers("tokens") }
    #expect(throws: GGUFError.self) { try metadata.u32("test.int8", default: 1) }
  }

  @Test("tensors, rows first, and their bytes") func tensors() throws {
    let builder = GGUFBuilder.sample()
    let file = try GGUFFile(bytes: builder.build())
    #expect(file.tensors.map(\.name) == builder.tensors.map { String(decoding: $0.name, as: UTF8.self) })
    let matrix = try #require(file.tensor(named: "blk.0.ffn.weight"))
    #expect(matrix.shape == [2, 2, 256] && matrix.type == .Q6_K)
    #expect(matrix.rowCount == 4 && matrix.rowByteCount == 210 && matrix.elementCount == 1024)
    for (tensor, made) in zip(file.tensors, builder.tensors) {
      #expect(try file.bytes(of: tensor) == made.data)
      #expect(tensor.byteOffset % 32 == 0)
    }
    var rows = [UInt8](repeating: 0, count: 420)
    try rows.withUnsafeMutableBytes { try file.read(matrix, rows: 1..<3, into: $0) }
    #expect(rows == Array(builder.tensors[3].data[210..<630]))
    #expect(file.tensor(named: "blk.0.ffn") == nil)
  }

  @Test("an alignment of its own") func alignment() throws {
    var builder = GGUFBuilder.sample()
    builder.alignment = 128
    builder.add("general.alignment", .uint32(128))
    let file = try GGUFFile(bytes: builder.build())
    #expect(file.alignment == 128 && file.dataOffset % 128 == 0)
    #expect(try file.bytes(of: file.tensor(at: 2)) == builder.tensors[2].data)
  }

  @Test("every type number that GGUF defines") func types() throws {
    var builder = GGUFBuilder()
    let types = ElementType.allCases.filter { $0.ggufNumber != nil }
    #expect(types.count == 35)
    for type in types { builder.tensors.append(.init(type.name, [UInt64(type.elementsPerBlock), 3], type)) }
    let file = try GGUFFile(bytes: builder.build())
    for (tensor, type) in zip(file.tensors, types) {
      #expect(tensor.type == type && tensor.byteCount == 3 * type.bytesPerBlock)
    }
  }

  @Test("a vocabulary without tensors, without padding") func noTensors() throws {
    var builder = GGUFBuilder.sample()
    builder.tensors = []
    #expect(try GGUFFile(bytes: builder.build()).tensorCount == 0)
    #expect(try GGUFFile(bytes: GGUFBuilder().build()).metadata.count == 0)
  }

  @Test("names that Swift holds for equal stay two") func canonicalEquivalents() throws {
    var builder = GGUFBuilder()
    builder.add("caf\u{E9}", .uint8(1))
    builder.add("cafe\u{301}", .uint8(2))
    builder.tensors = [.init("caf\u{E9}", [1]), .init("cafe\u{301}", [2])]
    let file = try GGUFFile(bytes: builder.build())
    #expect(try file.metadata.int("cafe\u{301}") == 2)
    #expect(file.tensor(named: "caf\u{E9}")?.shape == [1])
  }

  @Test("ten thousand names are all found") func manyNames() throws {
    var builder = GGUFBuilder()
    for index in 0..<10_000 { builder.add("key.\(index)", .uint32(UInt32(index))) }
    let metadata = try GGUFFile(bytes: builder.build()).metadata
    for index in 0..<10_000 where try metadata.int("key.\(index)") != index { Issue.record("key.\(index)") }
    #expect(metadata["key.10000"] == nil)
  }
}
