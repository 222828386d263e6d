// SPDX-License-Identifier: Apache-2.0
// Translations and summaries by the library, with the encoder–decoders of RuntimeTests and a tiny chat model.
import Foundation
import Hardtack
import TestBundles
import Testing

@Suite("The library's translations")
struct TranslateTests {
  private func bundle(_ source: String, _ name: String) throws -> Model {
    let folder = FileManager.default.temporaryDirectory
    let url = folder.appendingPathComponent("hardtack-\(name)-\(UUID().uuidString).tack")
    try Model.pack(source, to: url.path)
    return try Model(path: url.path)
  }

  private func text(_ pieces: TextPieces) async throws -> String {
    var text = ""
    for try await piece in pieces { text += piece }
    return text
  }

  /// Of each text of reference.json what transformers' beam search writes.
  private struct Reference: Decodable {
    struct Text: Decodable {
      var text: String
      var said: String
    }
    var texts: [Text]
  }

  @Test("gives what transformers gives, sentence by sentence", arguments: ["marian", "t5-relu"])
  func translate(name: String) async throws {
    let folder = root.appendingPathComponent("Tests/RuntimeTests/Fixtures/\(name)")
    let data = try Data(contentsOf: folder.appendingPathComponent("reference.json"))
    let model = try bundle(folder.path, name)
    #expect(model.hasSource)
    let generator = try Generator(model, plan: try model.plan(.init(context: 41)))
    var said: [String] = []
    for item in try JSONDecoder().decode(Reference.self, from: data).texts {
      let found = try await text(generator.translate(item.text))
      said.append(found)
      #expect(found.trimmingCharacters(in: .whitespaces) == item.said.trimmingCharacters(in: .whitespaces))
    }
    let texts = ["The ship sails at noon.", "Where is the old tower?"]
    for separator in ["\n\n", " "] {
      let found = try await text(generator.translate(texts.joined(separator: separator)))
      #expect(found == said[..<2].joined(separator: separator))
    }
    await #expect(throws: HardtackError.self) { try await text(generator.translate(" \n")) }
    // One beam is greedy.
    let greedy = try Generator(model, plan: try model.plan(.init(context: 20, beams: 1)))
    #expect(try await !text(greedy.translate(texts[0])).isEmpty)
    #expect(try await !text(greedy.summarise(Array(repeating: texts[0], count: 9).joined(separator: " "))).isEmpty)
  }

  @Test("a decoder summarises in parts", .enabled(if: hasPython))
  func summarise() async throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("hardtack-tiny-\(UUID().uuidString)")
    try #require(python(["Tools/make-tiny-model", url.path, "--chat"])?.status == 0)
    let model = try bundle(url.path, "tiny")
    let generator = try Generator(model, plan: try model.plan(.init(context: 160)))
    let sentence = "The board maps the bundle. "
    let short = try await text(generator.summarise(sentence))
    let long = try await text(generator.summarise(String(repeating: sentence, count: 40)))
    #expect(try await text(generator.summarise(String(repeating: sentence, count: 40))) == long)
    #expect(try await text(generator.summarise(sentence)) == short)
    await #expect(throws: HardtackError.self) { try await text(generator.translate("x")) }
  }
}
