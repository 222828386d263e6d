// SPDX-License-Identifier: Apache-2.0
// Where the reference ids of other engines lie, and a tokenizer section with its scratch for tests.

import Foundation
import ModelFiles
import Packager
import Testing
import Text

enum TextReference {
  /// `HARDTACK_REFERENCE`, or `../shared/reference` beside the package.
  static let reference = folder("HARDTACK_REFERENCE", fallback: "../../../../shared/reference")
  /// `HARDTACK_SOURCES`: NAME.gguf for each tokenizers/NAME.jsonl. There is no other place to look.
  static let sources = folder("HARDTACK_SOURCES", fallback: nil)

  private static func folder(_ variable: String, fallback: String?) -> String? {
    if let path = ProcessInfo.processInfo.environment[variable], !path.isEmpty { return path }
    guard let fallback else { return nil }
    let path = URL(fileURLWithPath: #filePath).appending(path: fallback).standardized.path
    return FileManager.default.fileExists(atPath: path) ? path : nil
  }

  static func rows(_ path: String) throws -> [JSONValue] {
    try Data(contentsOf: URL(fileURLWithPath: path)).split(separator: 0x0A).map { try JSONValue(parsing: Array($0)) }
  }
}

/// A compiled tokenizer in memory of its own.
final class TestTokenizer {
  let bytes: UnsafeMutableRawBufferPointer
  let view: TokenizerView

  init(_ section: [UInt8]) throws {
    bytes = .allocate(byteCount: section.count, alignment: 64)
    bytes.copyBytes(from: section)
    do {
      view = try TokenizerView(checking: UnsafeRawBufferPointer(bytes))
    } catch {
      bytes.deallocate()
      throw error
    }
  }

  convenience init(source: TokenizerSource) throws { try self.init(try compileTokenizer(source)) }

  convenience init(gguf path: String) throws {
    try self.init(source: try TokenizerSource(gguf: try GGUFFile(path: path)))
  }

  deinit { bytes.deallocate() }

  func encode(_ text: String, addSpecial: Bool = false, parseSpecial: Bool = false) throws -> [UInt32] {
    try encode(Array(text.utf8), options: EncodeOptions(addSpecial: addSpecial, parseSpecial: parseSpecial))
  }

  func encode(_ text: [UInt8], options: EncodeOptions) throws -> [UInt32] {
    let scratch = UnsafeMutableRawBufferPointer.allocate(
      byteCount: view.encodeScratchByteCount(textByteCount: text.count), alignment: 8)
    defer { scratch.deallocate() }
    let capacity = view.tokenCountMax(textByteCount: text.count)
    return try [UInt32](unsafeUninitializedCapacity: capacity) { ids, count in
      count = try text.withUnsafeBytes { try view.encode($0, options: options, scratch: scratch, into: ids) }
    }
  }
}
