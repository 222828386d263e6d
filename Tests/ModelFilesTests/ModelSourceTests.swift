// SPDX-License-Identifier: Apache-2.0
// What a path leads to, and every reason why it may lead to nothing: each its own error, each with words.
import Foundation
import ModelFileBuilders
import ModelFiles
import Testing

@Suite("A path leads to")
struct ModelSourceTests {
  let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func expectError(_ path: String, _ expected: ModelSourceError, hint: Bool = true) {
    #expect(throws: expected) { try ModelSource(path: path) }
    #expect(!expected.message.isEmpty && (expected.hint != nil) == hint)
  }

  @Test("a GGUF file, whatever its name") func gguf() throws {
    let path = folder.write("model.bin", GGUFBuilder.sample().build())
    guard case .gguf(let file) = try ModelSource(path: path) else {
      Issue.record("not GGUF")
      return
    }
    let info = try #require(file.tensor(named: "blk.0.ffn.weight"))
    #expect(try file.bytes(of: info) == GGUFBuilder.sample().tensors[3].data)
    #expect(try ModelSource(path: path).tensors.tensorCount == 5)
  }

  @Test("a folder, and one safetensors file with its folder's documents") func checkpoint() throws {
    folder.write("config.json", #"{"model_type":"llama"}"#)
    let path = folder.write("model.safetensors", SafetensorsBuilder.sample())
    for source in [folder.path, folder.path + "/", path] {
      guard case .checkpoint(let checkpoint) = try ModelSource(path: source) else {
        Issue.record("not a checkpoint")
        return
      }
      #expect(try checkpoint.config.string("model_type") == "llama")
      #expect(checkpoint.tensor(named: "scalar") != nil)
      #expect(try checkpoint.bytes("config.json")?.byteCount == 22)
      #expect(try checkpoint.bytes("tokenizer.model") == nil)
    }
  }

  @Test("one part of a split GGUF file, which is refused") func split() {
    var builder = GGUFBuilder.sample()
    builder.add("split.count", .uint16(3))
    let path = folder.write("model-00001-of-00003.gguf", builder.build())
    expectError(path, .splitGGUF(path: path, partCount: 3))
  }

  @Test("nothing") func absent() {
    expectError(folder.path + "/absent.gguf", .file(.notFound(path: folder.path + "/absent.gguf")))
    let file = folder.write("file", "x")
    expectError(file + "/below", .file(.notFound(path: file + "/below")))
  }

  @Test("an empty file") func empty() {
    let path = folder.write("empty.gguf", "")
    expectError(path, .file(.empty(path: path)))
  }

  @Test("a file that may not be read", .enabled(if: getuid() != 0, "root may read everything"))
  func permission() throws {
    let path = folder.write("secret.gguf", GGUFBuilder.sample().build())
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
    expectError(path, .file(.permissionDenied(path: path)))
  }

  @Test("a pipe, without waiting for its writer") func pipe() {
    #expect(mkfifo(folder.path + "/pipe", 0o600) == 0)
    expectError(folder.path + "/pipe", .file(.notRegularFile(path: folder.path + "/pipe")), hint: false)
    expectError("/dev/null", .file(.notRegularFile(path: "/dev/null")), hint: false)
  }

  @Test("a folder without config.json") func noConfig() {
    expectError(folder.path, .checkpoint(.noConfig(folder: folder.path, found: [])))
    folder.write("notes.txt", "x")
    expectError(folder.path, .checkpoint(.noConfig(folder: folder.path, found: ["notes.txt"])))
    folder.write("model-Q4_0.gguf", "x")
    expectError(folder.path, .folderOfGGUF(path: folder.path, names: ["model-Q4_0.gguf"]))
  }

  @Test("a folder without weights, or with pickled ones") func noWeights() {
    folder.write("config.json", "{}")
    expectError(folder.path, .checkpoint(.noWeights(folder: folder.path, found: ["config.json"])), hint: false)
    folder.write("pytorch_model.bin", "x")
    expectError(
      folder.path, .checkpoint(.noWeights(folder: folder.path, found: ["config.json", "pytorch_model.bin"])))
  }

  @Test("a folder whose config.json is none") func badConfig() {
    let path = folder.write("config.json", "{")
    #expect {
      try ModelSource(path: folder.path)
    } throws: {
      if case .checkpoint(.json(path, let error))? = $0 as? ModelSourceError {
        error.problem == .unexpectedEnd
      } else {
        false
      }
    }
    folder.write("config.json", "[1]")
    expectError(folder.path, .checkpoint(.notObject(path: path, found: "an array of 1")), hint: false)
  }

  @Test("a safetensors file without config.json beside it") func aloneSafetensors() {
    let path = folder.write("model.safetensors", SafetensorsBuilder.sample())
    expectError(path, .checkpoint(.noConfig(folder: folder.path, found: ["model.safetensors"])))
  }

  @Test(
    "something else, named where it can be",
    arguments: [
      ("a.bin", [0x50, 0x4B, 3, 4, 0], true), ("a.gz", [0x1F, 0x8B, 8], false), ("a.txt", [0x68, 0x69], false),
      ("p.gguf", Array("version https://git-lfs.github.com/spec/v1\n".utf8), true),
      ("x.tack", [0x89, 0x54, 0x41], true), ("m.ggml", Array("tjgg....".utf8), false),
    ] as [(String, [UInt8], Bool)])
  func unknown(name: String, bytes: [UInt8], hint: Bool) {
    let path = folder.write(name, bytes)
    #expect {
      try ModelSource(path: path)
    } throws: {
      guard let error = $0 as? ModelSourceError, case .unknownFile = error else { return false }
      return (error.hint != nil) == hint && error.message.contains("expected a GGUF file")
    }
  }

  @Test("a damaged file: the path is part of the words") func damaged() {
    let path = folder.write("cut.gguf", Array(GGUFBuilder.sample().build()[..<100]))
    #expect {
      try ModelSource(path: path)
    } throws: {
      guard let error = $0 as? ModelSourceError, case .gguf = error else { return false }
      return error.message.contains("cut.gguf") && error.hint?.contains("fetch it again") == true
    }
  }
}

@Suite("A sharded checkpoint")
struct ShardedCheckpointTests {
  let folder: TemporaryFolder
  init() throws {
    folder = try TemporaryFolder()
    folder.write("config.json", "{}")
    folder.write("a.safetensors", SafetensorsBuilder.file([.init("x", .F32, [2, 2]), .init("y", .F16, [3])]))
    folder.write("b.safetensors", SafetensorsBuilder.file([.init("z", .BF16, [4, 4])]))
  }

  private func index(_ map: [(String, String)]) {
    let members = map.map { "\"\($0)\":\($1)" }.joined(separator: ",")
    folder.write("model.safetensors.index.json", "{\"metadata\":{},\"weight_map\":{\(members)}}")
  }
  private let good = [("z", "\"b.safetensors\""), ("x", "\"a.safetensors\""), ("y", "\"a.safetensors\"")]

  private func expectError(_ expected: CheckpointError) {
    #expect(throws: expected) { try CheckpointFolder(path: folder.path) }
    #expect(!expected.message.isEmpty)
  }

  @Test("is one source: shards by name, tensors by shard") func oneSource() throws {
    index(good)
    let checkpoint = try CheckpointFolder(path: folder.path)
    #expect(checkpoint.tensors.map(\.name) == ["x", "y", "z"])
    #expect(checkpoint.tensors.map(\.index) == [0, 1, 2] && checkpoint.tensors.map(\.fileIndex) == [0, 0, 1])
    let z = try #require(checkpoint.tensor(named: "z"))
    #expect(z == checkpoint.tensor(at: 2))
    #expect(try checkpoint.bytes(of: z) == SafetensorsBuilder.Tensor("z", .BF16, [4, 4]).data)
    #expect(checkpoint.tensor(named: "w") == nil)
  }

  @Test("is refused when the index names a tensor that the shard lacks") func missingTensor() {
    index(good + [("w", "\"b.safetensors\"")])
    expectError(.tensorNotInShard(tensor: "w", shard: "b.safetensors"))
  }

  @Test("is refused when a shard holds a tensor that the index lacks") func unlistedTensor() {
    index(Array(good.dropLast()))
    expectError(.tensorNotInIndex(tensor: "y", shard: "a.safetensors"))
  }

  @Test("is refused when two shards hold one tensor") func twice() {
    folder.write("b.safetensors", SafetensorsBuilder.file([.init("z", .BF16, [4, 4]), .init("x", .F32, [2, 2])]))
    index(good)
    expectError(.tensorInOtherShard(tensor: "x", shard: "b.safetensors", indexed: "a.safetensors"))
  }

  @Test("is refused when a shard is missing") func missingShard() {
    index(good + [("w", "\"c.safetensors\"")])
    expectError(.missingShard(path: folder.path + "/model.safetensors.index.json", shard: "c.safetensors"))
  }

  @Test(
    "is refused when the index reaches out of its folder",
    arguments: [
      "../a.safetensors", "/etc/a.safetensors", "x/../../a.safetensors", "..\\a.safetensors", ".safetensors", "a.bin",
      "", "..",
    ])
  func traversal(name: String) {
    let escaped = name.replacingOccurrences(of: "\\", with: "\\\\")
    index(good + [("w", "\"\(escaped)\"")])
    expectError(
      .badShardName(path: folder.path + "/model.safetensors.index.json", tensor: "w", found: name))
  }

  @Test("is refused when the index is no map of names") func badIndex() {
    let path = folder.path + "/model.safetensors.index.json"
    index(good + [("w", "7")])
    expectError(.shardNotString(path: path, tensor: "w", found: "7"))
    folder.write("model.safetensors.index.json", "{}")
    expectError(.noWeightMap(path: path, found: "missing"))
    folder.write("model.safetensors.index.json", #"{"weight_map":[]}"#)
    expectError(.noWeightMap(path: path, found: "an array of 0"))
  }

  @Test("is refused when a shard is damaged, by its path") func damaged() {
    index(good)
    folder.write("b.safetensors", "short")
    expectError(.safetensors(path: folder.path + "/b.safetensors", .tooShort(byteCount: 5)))
  }

  @Test("is refused when it names more files than may be open") func tooMany() {
    index((0...ReaderLimits.shardCountMax).map { ("t\($0)", "\"s\($0).safetensors\"") })
    expectError(
      .tooManyShards(
        path: folder.path + "/model.safetensors.index.json", found: ReaderLimits.shardCountMax + 1,
        atMost: ReaderLimits.shardCountMax))
  }
}

@Suite("Names in messages")
struct QuotedTests {
  @Test("cannot move the cursor, and are cut") func quoting() {
    #expect(quoted("a\u{1B}[2Jb\n\"\\") == "\"a\\u{1B}[2Jb\\n\\\"\\\\\"")
    #expect(quoted("\u{202E}x") == "\"\\u{202E}x\"")
    #expect(quoted("é▁") == "\"é▁\"")
    #expect(quoted(String(repeating: "x", count: 100)) == "\"" + String(repeating: "x", count: 96) + "…\"")
  }
}
