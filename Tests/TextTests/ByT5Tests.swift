// SPDX-License-Identifier: Apache-2.0
// ByT5's tokenizer, which no file describes: ids as transformers' ByT5Tokenizer gives them.
import Format
import Foundation
import Packager
import Storage
import Testing
import Text

@Suite("ByT5's tokenizer")
struct ByT5Tests {
  @Test(
    "a token for each byte",
    arguments: [
      ("Hello world", [75, 104, 111, 111, 114, 35, 122, 114, 117, 111, 103, 1] as [UInt32]),
      ("ö\n👍", [198, 185, 13, 243, 162, 148, 144, 1]), ("a<extra_id_3>b", [100, 262, 101, 1]), ("a<pad>", [100, 0, 1]),
    ])
  func tokens(text: String, expected: [UInt32]) throws {
    let files = FileManager.default
    let folder = files.temporaryDirectory.appending(path: "byt5-\(UUID().uuidString)")
    try files.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? files.removeItem(at: folder) }
    let written = [
      "config.json": #"{"model_type": "llama", "vocab_size": 384}"#,
      "tokenizer_config.json": #"{"tokenizer_class": "ByT5Tokenizer", "extra_ids": 125}"#,
    ]
    for (name, text) in written { try text.write(to: folder.appending(path: name), atomically: true, encoding: .utf8) }
    let head = Array(#"{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#.utf8)
    try Data([UInt8(head.count), 0, 0, 0, 0, 0, 0, 0] + head + [0, 0, 0, 0])
      .write(to: folder.appending(path: "model.safetensors"))
    var options = PackOptions()
    options.tokenizerOnly = true
    let target = folder.appending(path: "out.tack").path
    _ = try pack(path: folder.path, target: target, options: options)
    let file = try Data(contentsOf: URL(fileURLWithPath: target))
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: file.count, alignment: 4096)
    defer { copy.deallocate() }
    copy.copyBytes(from: file)
    let bundle = try BundleView(checking: UnsafeRawBufferPointer(copy), blake2b: blake2b256)
    let tokenizer = try TokenizerView(checking: bundle.bytes(of: .tokenizer))
    let bytes = Array(text.utf8)
    let scratch = UnsafeMutableRawBufferPointer.allocate(
      byteCount: tokenizer.encodeScratchByteCount(textByteCount: bytes.count), alignment: 64)
    defer { scratch.deallocate() }
    var ids = [UInt32](repeating: 0, count: tokenizer.tokenCountMax(textByteCount: bytes.count))
    let count = try bytes.withUnsafeBytes { text in
      try ids.withUnsafeMutableBufferPointer { try tokenizer.encode(text, scratch: scratch, into: $0) }
    }
    #expect(Array(ids[..<count]) == expected)
  }
}
