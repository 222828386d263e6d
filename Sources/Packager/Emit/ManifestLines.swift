// SPDX-License-Identifier: Apache-2.0
// The manifest of a bundle: what it is made of, in sorted lines. specs/bundle.md §5.1.
import Format
import Foundation
import ModelFiles

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

    mutating func describe(_ source: ModelSource, architecture: String, path: String, options: PackOptions) {
      let file = URL(fileURLWithPath: path).standardizedFileURL.lastPathComponent
      self["architecture"] = architecture
      self["source"] = file
      self["packager"] = "hardtack \(packagerVersion)"
      self["weights"] = options.weights.rawValue + (options.requantize ? " requantized" : "")
      if let task = options.task { self["task"] = task }
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
      }
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

/// The version that a bundle names as its packager.
public let packagerVersion = "0.1.0"
