// SPDX-License-Identifier: Apache-2.0
// What a path given by a person leads to: a GGUF file, a checkpoint folder, one safetensors file; or why to nothing.

/// An open model, of whichever kind.
public enum ModelSource: Sendable {
  case gguf(GGUFFile)
  case checkpoint(CheckpointFolder)

  /// Opens `path`: a file by its first bytes, a folder by its config.json.
  ///
  /// - Parameter documentsOnly: of a folder, weights and config.json need not be there.
  public init(path: String, documentsOnly: Bool = false) throws(ModelSourceError) {
    let kind: PathKind
    do throws(FileError) { kind = try PathKind.of(path) } catch { throw .file(error) }
    switch kind {
    case .other: throw .file(.notRegularFile(path: path))
    case .directory:
      do throws(CheckpointError) {
        self = .checkpoint(
          documentsOnly ? try CheckpointFolder(documentsOf: path) : try CheckpointFolder(path: path))
      } catch {
        if case .noConfig(_, let found) = error { throw Self.withoutConfig(path: path, found: found) }
        throw .checkpoint(error)
      }
    case .file: self = try Self.open(file: path)
    }
  }

  /// The tensors, whatever the file format.
  public var tensors: any TensorSource {
    switch self {
    case .gguf(let file): file
    case .checkpoint(let folder): folder
    }
  }

  public var path: String { tensors.path }

  private static func open(file path: String) throws(ModelSourceError) -> ModelSource {
    let file: FileBytes
    do throws(FileError) { file = try FileBytes(path: path) } catch { throw .file(error) }
    let start = Array(file.bytes.prefix(16))
    if start.starts(with: GGUFFile.magic) {
      let gguf: GGUFFile
      do throws(GGUFError) { gguf = try GGUFFile(file: file) } catch { throw .gguf(path: path, error) }
      if let partCount = gguf.metadata["split.count"]?.integer(Int.self), partCount > 1 {
        throw .splitGGUF(path: path, partCount: partCount)
      }
      return .gguf(gguf)
    }
    // A safetensors file has no magic: eight bytes of header length, then the header's brace.
    if path.hasSuffix(".safetensors") || start.count > 8 && start[8] == 0x7B && start[6] == 0 && start[7] == 0 {
      do throws(CheckpointError) {
        return .checkpoint(try CheckpointFolder(file: path))
      } catch {
        throw .checkpoint(error)
      }
    }
    throw .unknownFile(path: path, start: start, looksLike: ModelSourceError.guess(start, path: path))
  }

  private static func withoutConfig(path: String, found: [String]) -> ModelSourceError {
    let ggufNames = found.filter { $0.hasSuffix(".gguf") }
    return ggufNames.isEmpty
      ? .checkpoint(.noConfig(folder: path, found: found)) : .folderOfGGUF(path: path, names: ggufNames)
  }
}

/// Why a path could not be opened as a model.
public enum ModelSourceError: Explained, Equatable {
  case file(FileError)
  case gguf(path: String, GGUFError)
  case checkpoint(CheckpointError)
  /// One part of a model that was split into several GGUF files.
  case splitGGUF(path: String, partCount: Int)
  case unknownFile(path: String, start: [UInt8], looksLike: String?)
  case folderOfGGUF(path: String, names: [String])

  public var message: String {
    switch self {
    case .file(let error): return error.message
    case .gguf(let path, let error): return "\(quoted(path)): \(error.message)"
    case .checkpoint(let error): return error.message
    case .splitGGUF(let path, let partCount):
      return "\(quoted(path)) is one of \(partCount) parts of a split GGUF file, expected the whole"
    case .unknownFile(let path, let start, let looksLike):
      let bytes = start.prefix(8).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }
      let found = looksLike ?? "a file that starts with " + bytes.joined(separator: " ")
      return "\(quoted(path)) is \(found), expected a GGUF file, a .safetensors file, or a folder with config.json"
    case .folderOfGGUF(let path, let names):
      return "\(quoted(path)) is a folder without config.json; it holds \(quoted(names[0]))"
        + (names.count > 1 ? " and \(names.count - 1) more GGUF files" : "")
    }
  }

  public var hint: String? {
    switch self {
    case .file(let error): error.hint
    case .gguf(_, let error): error.hint
    case .checkpoint(let error): error.hint
    case .splitGGUF: "merge the parts with `llama-gguf-split --merge`"
    case .unknownFile(_, _, let looksLike) where looksLike == Self.pickle:
      "load it with transformers and save it with safe_serialization=True"
    case .unknownFile(_, _, let looksLike) where looksLike == Self.pointer: "run `git lfs pull` to get the file itself"
    case .unknownFile(_, _, let looksLike) where looksLike == Self.bundle: "it is packed already; run it"
    case .unknownFile: nil
    case .folderOfGGUF(_, let names): "give the file itself: …/\(names[0])"
    }
  }

  static let pickle = "a PyTorch file (pickled weights)"
  static let pointer = "a Git LFS pointer, not the file itself"
  static let bundle = "a Hardtack bundle"

  /// What a file that is no model here most likely is.
  static func guess(_ start: [UInt8], path: String) -> String? {
    let text = String(decoding: start, as: UTF8.self)
    if text.hasPrefix("version https://") { return pointer }
    if path.hasSuffix(".tack") { return bundle }
    if start.starts(with: [0x50, 0x4B, 3, 4]) || start.first == 0x80 && path.hasSuffix(".bin") { return pickle }
    if start.starts(with: [0x89, 0x48, 0x44, 0x46]) { return "an HDF5 file" }
    if start.starts(with: [0x1F, 0x8B]) { return "a gzip archive" }
    if start.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) { return "a zstd archive" }
    if path.hasSuffix(".onnx") { return "an ONNX file" }
    if text.hasPrefix("<!DOCTYPE") || text.hasPrefix("<html") { return "a web page" }
    if ["ggml", "lmgg", "tjgg"].contains(String(text.prefix(4))) { return "a GGML file, older than GGUF" }
    return nil
  }
}
