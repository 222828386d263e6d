// SPDX-License-Identifier: Apache-2.0
// Complete files made by other tools: every GGUF and every checkpoint of the reference data opens and says what it holds.
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

  @Test("JSON documents are read as Foundation reads them")
  func documents() throws {
    for group in ["models", "gguf"] {
      for name in ReferenceData.names(in: group) {
        let path = "\(ReferenceData.folder)/\(group)/\(name)/ref.json"
        guard let data = FileManager.default.contents(atPath: path) else { continue }
        let ours = try JSONValue(parsing: Array(data))
        let theirs = try JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
        #expect(isSame(ours, theirs), "\(path)")
      }
    }
  }

  private func isSame(_ ours: JSONValue, _ theirs: Any) -> Bool {
    switch ours {
    case .null: return theirs is NSNull
    case .bool(let value): return theirs as? Bool == value
    case .int(let value): return (theirs as? NSNumber)?.int64Value == value
    case .double(let value): return (theirs as? NSNumber)?.doubleValue == value
    case .string(let value): return theirs as? String == value
    case .array(let values):
      guard let others = theirs as? [Any], others.count == values.count else { return false }
      return zip(values, others).allSatisfy { isSame($0, $1) }
    case .object(let object):
      guard let others = theirs as? [String: Any], others.count == object.count else { return false }
      return object.allSatisfy { member in others[member.key].map { isSame(member.value, $0) } ?? false }
    }
  }
}
