// SPDX-License-Identifier: Apache-2.0
// The token that a chat template ends an answer with is an end of the bundle.
import Format
import Foundation
import Packager
import Storage
import Testing

@Suite("End tokens of chat templates")
struct TemplateEndTests {
  /// `end_ids` of a bundle made of a fixture's tokenizer, whose special tokens are 0 `<|end|>` and 1 `<|im_start|>`.
  private func ends(template: String?, generation: String? = nil) throws -> String? {
    let files = FileManager.default
    let folder = files.temporaryDirectory.appending(path: "ends-\(UUID().uuidString)")
    try files.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? files.removeItem(at: folder) }
    let fixture = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/qwen2.json")
    try files.copyItem(at: fixture, to: folder.appending(path: "tokenizer.json"))
    let written = [
      "config.json": #"{"model_type": "llama", "eos_token_id": 7}"#, "chat_template.jinja": template,
      "generation_config.json": generation,
    ]
    for (name, text) in written { try text?.write(to: folder.appending(path: name), atomically: true, encoding: .utf8) }
    let head = Array(#"{"t":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#.utf8)
    try Data([UInt8(head.count), 0, 0, 0, 0, 0, 0, 0] + head + [0, 0, 0, 0])
      .write(to: folder.appending(path: "model.safetensors"))
    var options = PackOptions()
    options.tokenizerOnly = true
    let target = folder.appending(path: "out.tack").path
    _ = try pack(path: folder.path, target: target, options: options)
    let bytes = try Data(contentsOf: URL(fileURLWithPath: target))
    return try bytes.withUnsafeBytes { source in
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: source.count, alignment: 4096)
      defer { copy.deallocate() }
      copy.copyMemory(from: source)
      let manifest = try BundleView(checking: UnsafeRawBufferPointer(copy), blake2b: blake2b256).bytes(of: .manifest)
      let lines = String(decoding: manifest, as: UTF8.self).split(separator: "\n")
      return lines.first { $0.hasPrefix("end_ids=") }.map { String($0.dropFirst(8)) }
    }
  }

  private static let turns = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}"

  @Test("Right behind the answer, and behind white space")
  func behindTheAnswer() throws {
    #expect(try ends(template: Self.turns + "<|end|>\n{% endfor %}") == "7,0")
    #expect(try ends(template: Self.turns + " \n <|end|>{% endfor %}") == "7,0")
    #expect(try ends(template: Self.turns + "<|end|>{% endfor %}", generation: #"{"eos_token_id": [3, 0]}"#) == "3,0")
  }

  @Test("Only where another message follows")
  func beforeTheNext() throws {
    let template = Self.turns + "{% if not loop.last %}<|end|>{% endif %}{% endfor %}"
    #expect(try ends(template: template) == "7,0")
  }

  @Test("Content in parts")
  func parts() throws {
    let template = "{% for m in messages %}{{ m.content[0].text }}<|end|>{% endfor %}"
    #expect(try ends(template: template) == "7,0")
  }

  @Test("None where the template has none, refuses, or is not there")
  func none() throws {
    #expect(try ends(template: "{% for m in messages %}{{ m.content }}.<|end|>{% endfor %}") == "7")
    #expect(try ends(template: "{{ raise_exception('no') }}") == "7")
    #expect(try ends(template: "{% for i in range(99999) %}{% for j in range(99999) %}{% endfor %}{% endfor %}") == "7")
    #expect(try ends(template: nil) == "7")
  }
}
