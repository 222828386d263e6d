// SPDX-License-Identifier: Apache-2.0
// A folder as Hugging Face writes it: config.json and other documents, weights in one safetensors file or in shards
// with an index. Knows names and syntax, nothing of what a configuration means.

/// A checkpoint: weights and documents in one folder.
public final class CheckpointFolder: TensorSource {
  /// The folder.
  public let path: String
  /// config.json.
  public let config: JSONFields
  /// One file, or the shards in the order of their names.
  public let shards: [SafetensorsFile]
  /// How many tensors the shards before each hold.
  private let firstTensorIndexes: [Int]

  public let tensorCount: Int

  /// Opens a folder. It must hold config.json and weights.
  public init(path folder: String) throws(CheckpointError) {
    let config = try Self.document("config.json", in: folder)
    guard let config else { throw .noConfig(folder: folder, found: try Self.names(in: folder)) }
    // As transformers does: the one file, where it is there, comes before the index.
    if try Self.exists("model.safetensors", in: folder) {
      shards = [try Self.shard("model.safetensors", in: folder)]
    } else if try Self.exists(Self.indexName, in: folder) {
      shards = try Self.openShards(in: folder)
    } else {
      throw .noWeights(folder: folder, found: try Self.names(in: folder))
    }
    path = folder
    self.config = config
    (firstTensorIndexes, tensorCount) = Self.count(shards)
  }

  /// Opens a folder for its documents alone: it need not hold config.json, and its weights are left aside.
  public init(documentsOf folder: String) throws(CheckpointError) {
    config = try Self.document("config.json", in: folder) ?? JSONFields(document: "config.json", object: JSONObject())
    path = folder
    shards = []
    (firstTensorIndexes, tensorCount) = ([], 0)
  }

  /// Opens one safetensors file of any name, with the documents that lie beside it.
  public init(file: String) throws(CheckpointError) {
    let slash = file.utf8.lastIndex(of: UInt8(ascii: "/"))
    let folder = slash.map { $0 == file.startIndex ? "/" : String(file[..<$0]) } ?? "."
    do throws(SafetensorsError) {
      shards = [try SafetensorsFile(path: file)]
    } catch {
      if case .file(let error) = error { throw .file(error) }
      throw .safetensors(path: file, error)
    }
    guard let config = try Self.document("config.json", in: folder) else {
      throw .noConfig(folder: folder, found: try Self.names(in: folder))
    }
    path = folder
    self.config = config
    (firstTensorIndexes, tensorCount) = Self.count(shards)
  }

  private static let indexName = "model.safetensors.index.json"

  private static func count(_ shards: [SafetensorsFile]) -> ([Int], Int) {
    var firstIndexes: [Int] = []
    var total = 0
    for shard in shards {
      firstIndexes.append(total)
      total += shard.tensorCount
    }
    return (firstIndexes, total)
  }

  // MARK: Tensors

  public func tensor(at index: Int) -> TensorInfo {
    let shard = firstTensorIndexes.lastIndex { $0 <= index }!
    return placed(shards[shard].tensor(at: index - firstTensorIndexes[shard]), in: shard)
  }

  public func tensor(named name: String) -> TensorInfo? {
    for (shard, file) in shards.enumerated() {
      if let info = file.tensor(named: name) { return placed(info, in: shard) }
    }
    return nil
  }

  private func placed(_ info: TensorInfo, in shard: Int) -> TensorInfo {
    var info = info
    info.index += firstTensorIndexes[shard]
    info.fileIndex = shard
    return info
  }

  public func read(
    _ tensor: TensorInfo, rows: Range<Int>, into buffer: UnsafeMutableRawBufferPointer
  ) throws(FileError) {
    try shards[tensor.fileIndex].read(tensor, rows: rows, into: buffer)
  }

  // MARK: Documents

  /// A JSON document of the folder, such as `generation_config.json`; nil where it does not exist.
  public func json(_ name: String) throws(CheckpointError) -> JSONValue? { try Self.json(name, in: path) }

  /// A JSON document that must be an object; nil where it does not exist.
  public func fields(_ name: String) throws(CheckpointError) -> JSONFields? { try Self.document(name, in: path) }

  /// The bytes of a document, such as `chat_template.jinja` or `tokenizer.model`; nil where it does not exist.
  public func bytes(_ name: String) throws(CheckpointError) -> FileBytes? {
    try Self.openDocument(name, in: path)
  }
}

// How a folder is read.
extension CheckpointFolder {
  private static func join(_ folder: String, _ name: String) -> String {
    folder.hasSuffix("/") ? folder + name : folder + "/" + name
  }

  private static func exists(_ name: String, in folder: String) throws(CheckpointError) -> Bool {
    do throws(FileError) {
      _ = try PathKind.of(join(folder, name))
      return true
    } catch {
      if case .notFound = error { return false }
      throw .file(error)
    }
  }

  private static func names(in folder: String) throws(CheckpointError) -> [String] {
    do throws(FileError) { return try namesInDirectory(folder) } catch { throw .file(error) }
  }

  private static func openDocument(_ name: String, in folder: String) throws(CheckpointError) -> FileBytes? {
    do throws(FileError) {
      let file = try FileBytes(path: join(folder, name))
      guard file.byteCount <= ReaderLimits.jsonByteCountMax else {
        throw FileError.tooLarge(path: file.path, byteCount: file.byteCount, limit: ReaderLimits.jsonByteCountMax)
      }
      return file
    } catch {
      if case .notFound = error { return nil }
      throw .file(error)
    }
  }

  private static func json(_ name: String, in folder: String) throws(CheckpointError) -> JSONValue? {
    guard let file = try openDocument(name, in: folder) else { return nil }
    do throws(JSONError) { return try JSONValue(parsing: file.bytes) } catch { throw .json(path: file.path, error) }
  }

  private static func document(_ name: String, in folder: String) throws(CheckpointError) -> JSONFields? {
    guard let value = try json(name, in: folder) else { return nil }
    guard let object = value.object else { throw .notObject(path: join(folder, name), found: value.summary) }
    return JSONFields(document: name, object: object)
  }

  private static func shard(_ name: String, in folder: String) throws(CheckpointError) -> SafetensorsFile {
    let path = join(folder, name)
    do throws(SafetensorsError) {
      return try SafetensorsFile(path: path)
    } catch {
      if case .file(.notFound) = error { throw .missingShard(path: join(folder, indexName), shard: name) }
      if case .file(let error) = error { throw .file(error) }
      throw .safetensors(path: path, error)
    }
  }

  /// Opens what the index names, and proves that index and files say the same of every tensor.
  private static func openShards(in folder: String) throws(CheckpointError) -> [SafetensorsFile] {
    let path = join(folder, indexName)
    guard let index = try document(indexName, in: folder) else { throw .file(.notFound(path: path)) }
    guard let map = index["weight_map"]?.object else {
      throw .noWeightMap(path: path, found: index["weight_map"]?.summary ?? "missing")
    }
    var names: Set<[UInt8]> = []
    for (tensor, value) in map {
      guard let name = value.string else { throw .shardNotString(path: path, tensor: tensor, found: value.summary) }
      guard isPlainName(name) else { throw .badShardName(path: path, tensor: tensor, found: name) }
      names.insert(Array(name.utf8))
      guard names.count <= ReaderLimits.shardCountMax else {
        throw .tooManyShards(path: path, found: names.count, atMost: ReaderLimits.shardCountMax)
      }
    }
    let sortedNames = names.sorted { $0.lexicographicallyPrecedes($1) }.map { String(decoding: $0, as: UTF8.self) }
    var shards: [SafetensorsFile] = []
    for name in sortedNames { shards.append(try shard(name, in: folder)) }
    for (tensor, value) in map {
      let name = value.string!
      let shard = sortedNames.firstIndex { $0.utf8.elementsEqual(name.utf8) }!
      guard shards[shard].tensor(named: tensor) != nil else { throw .tensorNotInShard(tensor: tensor, shard: name) }
    }
    for (shard, name) in zip(shards, sortedNames) {
      for tensor in shard.tensors {
        guard let indexed = map[tensor.name]?.string else {
          throw .tensorNotInIndex(tensor: tensor.name, shard: name)
        }
        guard indexed.utf8.elementsEqual(name.utf8) else {
          throw .tensorInOtherShard(tensor: tensor.name, shard: name, indexed: indexed)
        }
      }
    }
    return shards
  }

  /// One component of a path, so that an index cannot reach out of its folder.
  private static func isPlainName(_ name: String) -> Bool {
    let bytes = name.utf8
    return name.hasSuffix(".safetensors") && bytes.count > ".safetensors".utf8.count && bytes.count <= 255
      && !bytes.contains(UInt8(ascii: "/")) && !bytes.contains(UInt8(ascii: "\\")) && !bytes.contains(0)
  }
}
