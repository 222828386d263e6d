// SPDX-License-Identifier: Apache-2.0
// Complete files made by other tools: every GGUF and checkpoint of the reference data opens and says what it holds.
import Foundation
import ModelFiles
import Testing

@Suite("Files of other tools", .needsReferenceData)
struct ReferenceFilesTests {
  @Test("GGUF", arguments: ReferenceData.names(in: "gguf").filter { !$0.hasSuffix(".json") })
  func gguf(name: String) throws {
    let file = try GGUFFile(path: "\(ReferenceData.folder)/gguf/\(name)/model.gguf")
    let architecture = try file.architecture()
    #expect(name.hasPrefix(architecture))
    #expect(file.version == 3 && file.alignment == 32)
    let blockCount = try file.metadata.int("\(architecture).block_count")
    let width = try file.metadata.int("\(architecture).embedding_length")
    let vocabulary = try file.metadata.strings("tokenizer.ggml.tokens")
    let embedding = try #require(file.tensor(named: "token_embd.weight"))
    #expect(embedding.shape == [vocabulary.count, width])
    #expect(blockCount > 0 && file.tensor(named: "blk.\(blockCount - 1).attn_output.weight") != nil)
    #expect(file.tensor(named: "blk.\(blockCount).attn_output.weight") == nil)
    #expect(vocabulary.reduce(0) { $0 + $1.byteCount } > vocabulary.count)
    #expect(Array(file.metadata.keys).count == file.metadata.count)
    // Files store tensors one after another, each at the next multiple of 32; the last one ends the file.
    var end = file.dataOffset
    for tensor in file.tensors {
      #expect(tensor.byteOffset == (end + 31) / 32 * 32)
      end = tensor.byteOffset + tensor.byteCount
      #expect(file.tensor(named: tensor.name) == tensor)
    }
    #expect((end + 31) / 32 * 32 == file.file.byteCount)
    // One row read by itself is the row of the whole.
    let all = try file.bytes(of: embedding)
    var row = [UInt8](repeating: 0, count: embedding.rowByteCount)
    try row.withUnsafeMutableBytes { try file.read(embedding, rows: 3..<4, into: $0) }
    #expect(row == Array(all[3 * embedding.rowByteCount..<4 * embedding.rowByteCount]))
  }

  @Test("checkpoint folders", arguments: ReferenceData.names(in: "models").filter { !$0.hasSuffix(".json") })
  func checkpoint(name: String) throws {
    let source = try ModelSource(path: "\(ReferenceData.folder)/models/\(name)")
    guard case .checkpoint(let folder) = source else {
      Issue.record("not a checkpoint")
      return
    }
    #expect(folder.shards.count == (name == "danube3-sharded-f16" ? 3 : 1))
    let modelType = try folder.config.string("model_type")
    #expect(!modelType.isEmpty && folder.tensorCount > 5)
    var byteCount = 0
    for tensor in folder.tensors {
      byteCount += tensor.byteCount
      #expect(folder.tensor(named: tensor.name) == tensor)
      #expect(tensor.rowByteCount * tensor.rowCount == tensor.byteCount)
    }
    #expect(byteCount == folder.shards.reduce(0) { $0 + $1.file.byteCount - $1.dataOffset })
    #expect(try folder.json("config.v4.json") != nil)
    #expect(try folder.json("absent.json") == nil)
    _ = try CheckpointFolder(file: folder.shards[0].path)
  }

  @Test("JSON documents are read as Foundation's decoder reads them")
  func documents() throws {
    var documentCount = 0
    for group in ["models", "gguf"] {
      for name in ReferenceData.names(in: group) {
        for document in ["ref.json", "config.json", "model.safetensors.index.json"] {
          let path = "\(ReferenceData.folder)/\(group)/\(name)/\(document)"
          guard let data = FileManager.default.contents(atPath: path) else { continue }
          let theirs = try JSONDecoder().decode(FoundationJSON.self, from: data)
          #expect(theirs.isSame(as: try JSONValue(parsing: Array(data))), "\(path)")
          documentCount += 1
        }
      }
    }
    #expect(documentCount > 80)
  }
}

/// JSON through Foundation's decoder, which rounds numbers correctly (JSONSerialization does not).
private enum FoundationJSON: Decodable {
  case null, bool(Bool), int(Int64), double(Double), string(String), array([FoundationJSON])
  case object([String: FoundationJSON])

  init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    if value.decodeNil() {
      self = .null
    } else if let bool = try? value.decode(Bool.self) {
      self = .bool(bool)
    } else if let int = try? value.decode(Int64.self) {
      self = .int(int)
    } else if let double = try? value.decode(Double.self) {
      self = .double(double)
    } else if let string = try? value.decode(String.self) {
      self = .string(string)
    } else if let array = try? value.decode([FoundationJSON].self) {
      self = .array(array)
    } else {
      self = .object(try value.decode([String: FoundationJSON].self))
    }
  }

  func isSame(as ours: JSONValue) -> Bool {
    switch (self, ours) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.int(let a), .int(let b)): a == b
    case (.int(let a), .double(let b)): Double(a) == b  // 1.0: Foundation takes it for an integer
    case (.double(let a), .double(let b)): a.bitPattern == b.bitPattern
    case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
    case (.array(let a), .array(let b)): a.count == b.count && zip(a, b).allSatisfy { $0.isSame(as: $1) }
    case (.object(let a), .object(let b)):
      a.count == b.count && b.allSatisfy { member in a[member.key]?.isSame(as: member.value) ?? false }
    default: false
    }
  }
}
