// SPDX-License-Identifier: Apache-2.0
// The manifest of a bundle: what it is made of, in sorted lines. specs/bundle.md §5.1.
import CSystem
import Format
import Foundation
import ModelFiles
import Storage

extension Manifest {
  /// Lines under construction.
  struct Lines {
    private var lines: [String: String] = [:]

    /// Control characters, which a manifest must not have (specs/bundle.md §2), become spaces.
    subscript(key: String) -> String? {
      get { lines[key] }
      set {
        lines[key] = newValue.map { value in
          String(
            String.UnicodeScalarView(
              value.unicodeScalars.map { $0.value < 0x20 || 0x7F..<0xA0 ~= $0.value ? " " : $0 }))
        }
      }
    }

    /// Sorted by the bytes of the keys.
    var bytes: [UInt8] {
      lines.sorted { Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8)) }
        .flatMap { Array("\($0.key)=\($0.value)\n".utf8) }
    }

    mutating func describe(
      _ source: ModelSource, architecture: String, path: String, options: PackOptions
    ) throws(PackError) {
      let file = URL(fileURLWithPath: path).standardizedFileURL.lastPathComponent
      self["architecture"] = architecture
      self["packager"] = "hardtack \(packagerVersion)"
      self["weights"] = options.weights.rawValue
      self["options"] = options.manifestWords
      self["task"] = options.task ?? (options.tokenizerOnly ? nil : "generate")
      for (index, sourceFile) in source.files.enumerated() {
        let suffix = index == 0 ? "" : ".\(index + 1)"
        self["source\(suffix)"] = URL(fileURLWithPath: sourceFile).lastPathComponent
        self["source_digest\(suffix)"] = try fileDigest(sourceFile)
      }
      switch source {
      case .gguf(let gguf):
        self["name"] = options.name ?? (try? gguf.metadata.string("general.name")) ?? file
        if let licence = try? gguf.metadata.string("general.license") { self["licence"] = licence }
        if let end = try? gguf.metadata.int("tokenizer.ggml.eos_token_id") { self["end_ids"] = "\(end)" }
      case .checkpoint(let folder):
        self["name"] = options.name ?? file
        let generation = (try? folder.fields("generation_config.json")) ?? nil
        if let ends = Lines.endIDs(generation) ?? Lines.endIDs(folder.config) {
          self["end_ids"] = ends.map(String.init).joined(separator: ",")
        }
        if encoderDecoderFamilies.contains(where: { $0.modelTypes.contains(architecture) }), !options.tokenizerOnly {
          do {
            try describeEncoderDecoder(
              folder.config, generation: generation, architecture: architecture, options: options)
          } catch let error as PackError { throw error } catch {
            throw .badSetting(key: "generation_config.json", found: "\(error)", expected: "what transformers writes")
          }
        }
      }
    }

    /// Another token that ends a text.
    mutating func add(end id: UInt32) {
      var ids = self["end_ids"]?.split(separator: ",").map(String.init) ?? []
      if !ids.contains("\(id)") { ids.append("\(id)") }
      self["end_ids"] = ids.joined(separator: ",")
    }

    /// `eos_token_id`: one number or several.
    private static func endIDs(_ fields: JSONFields?) -> [Int]? {
      guard let value = fields?["eos_token_id"] else { return nil }
      if let id = value.int { return [id] }
      let ids = value.array?.compactMap(\.int) ?? []
      return ids.isEmpty ? nil : ids
    }
  }
}

extension PackOptions {
  /// What changes the bundle, in a fixed order; nil when nothing does.
  fileprivate var manifestWords: String? {
    let words = [
      activations.map { "--activations \($0.rawValue)" }, prefix.map { "--prefix \($0)" },
      requantize ? "--requantize" : nil, labels.map { "--labels \($0.joined(separator: ","))" },
      withTokenizer ? nil : "--no-tokenizer",
      tokenizerOnly ? "--tokenizer-only" : nil,
    ].compactMap { $0 }
    return words.isEmpty ? nil : words.joined(separator: " ")
  }
}

extension ModelSource {
  /// The files that hold the model: the GGUF, or config.json, tokenizer.json and the shards.
  fileprivate var files: [String] {
    switch self {
    case .gguf(let file): return [file.path]
    case .checkpoint(let folder):
      let names = ["config.json", "tokenizer.json", "tokenizer.model", "spiece.model", "source.spm"]
      let documents = names.map { "\(folder.path)/\($0)" }
      return documents.filter { FileManager.default.fileExists(atPath: $0) } + folder.shards.map(\.path)
    }
  }
}

/// BLAKE2b-256 of a file in hexadecimal: what `b2sum -l 256` prints.
private func fileDigest(_ path: String) throws(PackError) -> String {
  var descriptor: Int32 = 0
  var errno = sys_open_read(path, &descriptor)
  guard errno == 0 else { throw .unreadable(path: path, reason: String(cString: strerror(errno))) }
  defer { sys_close(descriptor) }
  let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
  defer { buffer.deallocate() }
  let digest = streamDigest { (update: (UnsafeRawBufferPointer) -> Void) in
    var got = 0
    repeat {
      errno = sys_read(descriptor, buffer.baseAddress!, buffer.count, &got)
      update(UnsafeRawBufferPointer(rebasing: buffer[0..<got]))
    } while errno == 0 && got > 0
  }
  guard errno == 0 else { throw .unreadable(path: path, reason: String(cString: strerror(errno))) }
  return hex(digest)
}

/// The version that a bundle names as its packager.
public let packagerVersion = "0.1.0"
