// SPDX-License-Identifier: Apache-2.0
// Entities at every offset around the borders of windows, the model's and the reader's. For that, taggers whose labels
// depend on nothing but the token: the fixtures of tests, with what mixes tokens put to zero.
import Foundation
import Hardtack
import Testing

private let fixtures = ["tag", "tag-bytes", "tag-lower", "tag-unigram"]

/// The fixture's bundle; each token by itself if `isLookup`, and with `bias` for there being no entity.
func taggerBundle(_ name: String, isLookup: Bool, bias: Float = 0) throws -> (folder: URL, path: String) {
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  let source = root.appendingPathComponent("CommandTests/Tasks/\(name)")
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("hardtack-redact-\(UUID().uuidString)")
  try FileManager.default.copyItem(at: source, to: folder)
  if isLookup {
    let file = folder.appendingPathComponent("model.safetensors")
    var data = try Data(contentsOf: file)
    let headerByteCount = Int(data.withUnsafeBytes { $0.load(as: UInt64.self) })
    let header = try #require(
      try JSONSerialization.jsonObject(with: data[8..<(8 + headerByteCount)]) as? [String: [String: Any]])
    var zeroed = 0
    for (name, entry) in header {
      let mixes = ["output.dense", "out_lin", "lin2", "position_embeddings"].contains { name.contains($0) }
      guard mixes, let offsets = entry["data_offsets"] as? [Int] else { continue }
      data.resetBytes(in: (8 + headerByteCount + offsets[0])..<(8 + headerByteCount + offsets[1]))
      zeroed += 1
    }
    #expect(zeroed >= 3)
    let at = 8 + headerByteCount + (try #require(header["classifier.bias"]?["data_offsets"] as? [Int]))[0]
    withUnsafeBytes(of: bias.bitPattern.littleEndian) { data.replaceSubrange(at..<(at + 4), with: $0) }
    try data.write(to: file)
  }
  let path = folder.path + "/m.tack"
  try Model.pack(folder.path, to: path)
  return (folder, path)
}

@Suite("Redaction with a tagger")
struct RedactionTests {
  /// A tagger of single tokens, with words without an entity, of two lengths, and some with one.
  private func lookup(_ fixture: String) throws -> (encoder: Encoder, plain: [String], planted: [String]) {
    for bias in [0, 1, 2, 4, 6, 8, 10] as [Float] {
      let (folder, path) = try taggerBundle(fixture, isLookup: true, bias: bias)
      defer { try? FileManager.default.removeItem(at: folder) }
      let encoder = try Encoder(try Model(path: path), threads: 1)
      if let (plain, planted) = try words(encoder) { return (encoder, plain, planted) }
    }
    throw CocoaError(.featureUnsupported)
  }

  private func words(_ encoder: Encoder) throws -> (plain: [String], planted: [String])? {
    var (plain, planted): ([String?], [String]) = ([nil, nil], [])
    let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".map { String($0) }
    var state: UInt64 = 1
    func letter() -> String {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return letters[Int(state >> 33) % letters.count]
    }
    for round in 0..<4_000 where plain.contains(nil) || planted.count < 3 {
      let word = (0..<(2 + round % 2)).map { _ in letter() }.joined()
      let all = try encoder.entities(in: "\(word) \(word) \(word)", strategy: .none)
      let found = all.filter { !$0.bytes.isEmpty }  // a space by itself stands for nothing
      if found.isEmpty { plain[round % 2] = plain[round % 2] ?? word }
      if found.count >= 3, planted.count < 3 { planted.append(word) }
    }
    planted.append(planted.joined(separator: " "))
    return plain.contains(nil) || planted.count < 4 ? nil : (plain.compactMap { $0 }, planted)
  }

  @Test("every offset around a window's border", arguments: fixtures)
  func everyOffset(fixture: String) throws {
    let (encoder, plain, planted) = try lookup(fixture)
    /// Text of that many bytes, two or more, that ends in a blank.
    func filler(_ byteCount: Int) -> String {
      var (text, rest) = ("", byteCount)
      while rest > 0 {
        let word = rest % 3 == 0 ? plain[0] : plain[1]
        text += word + " "
        rest -= word.utf8.count + 1
      }
      return text
    }
    var options = RedactionOptions()
    options.patterns = []
    var checked = 0
    for word in planted {
      let lead = filler(12)
      let alone = try encoder.redact(lead + word + " " + lead, options).entities
      #expect(!alone.isEmpty)
      for offset in 12..<1100 {
        let redaction = try encoder.redact(filler(offset) + word + " " + filler(600), options)
        let same = zip(alone, redaction.entities).allSatisfy {
          $0.label == $1.label && $0.score == $1.score && $0.text == $1.text
            && $0.bytes.lowerBound - 12 == $1.bytes.lowerBound - offset
        }
        #expect(same && alone.count == redaction.entities.count, "\(fixture) \(word) at \(offset)")
        checked += 1
      }
    }
    #expect(checked > 3000)
  }

  @Test("a text of many windows, with recognisers", arguments: fixtures)
  func together(fixture: String) throws {
    let (encoder, plain, planted) = try lookup(fixture)
    let parts =
      planted + plain
      + ["ann@example.com", "10.1.2.3", "(\(planted[0])@example.com)", "+49 30 901820", "Zürich", "漢字", "\n", "🙂"]
    var state: UInt64 = 7
    func random(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    for strategy in EntityStrategy.allCases {
      let text = (0..<400).map { _ in parts[random(parts.count)] }.joined(separator: " ")
      var options = RedactionOptions()
      options.strategy = strategy
      options.replacement = "█"
      let both = try encoder.redact(text, options)
      let exact = try Redaction(ofPatternsIn: text).entities
      options.patterns = []
      let tagged = try encoder.redact(text, options).entities
      // Bytes that either takes are taken, and no others.
      var taken = [Bool](repeating: false, count: text.utf8.count)
      for entity in exact + tagged { for byte in entity.bytes { taken[byte] = true } }
      var own = [Bool](repeating: false, count: text.utf8.count)
      for entity in both.entities {
        for byte in entity.bytes { own[byte] = true }
        #expect(entity.text == text[entity.range])
        #expect(Array(text.utf8)[entity.bytes].elementsEqual(entity.text.utf8))
        // An exact find keeps its name.
        let finds = exact.filter { $0.bytes.overlaps(entity.bytes) }
        #expect(finds.isEmpty ? !RedactionOptions.patternLabels.contains(entity.label) : entity.label == finds[0].label)
      }
      #expect(own == taken, "\(fixture) \(strategy)")
      #expect(both.text.unicodeScalars.count == text.unicodeScalars.count)
      let kept = zip(text.unicodeScalars, both.text.unicodeScalars).filter { $0 == $1 }.count
      #expect(kept > 0 && kept < text.unicodeScalars.count)
    }
  }

  @Test("what a text of one window has is what `entities` gives", arguments: fixtures)
  func oneWindow(fixture: String) throws {
    let (folder, path) = try taggerBundle(fixture, isLookup: false)
    defer { try? FileManager.default.removeItem(at: folder) }
    let encoder = try Encoder(try Model(path: path), threads: 1)
    var options = RedactionOptions()
    options.patterns = []
    for text in ["Ada wrote to Zürich.", "", " ", "\n\n", "she works for the harbour"] {
      let redacted = try encoder.redact(text, options).entities
      let found = try encoder.entities(in: text).filter { !$0.bytes.isEmpty }
      // Two tokens of one character are one region.
      let overlap = zip(found, found.dropFirst()).contains { $0.bytes.upperBound > $1.bytes.lowerBound }
      #expect(overlap ? redacted.count < found.count : redacted == found, "\(text)")
    }
  }

  @Test("pseudonyms: alike for the same text and label under one key, and no others")
  func pseudonyms() throws {
    let text = "ann@example.com, bob@example.com, ann@example.com"
    func ids(_ key: UInt8) throws -> [Substring] {
      var options = RedactionOptions()
      options.key = [UInt8](repeating: key, count: 16)
      let redacted = try Redaction(ofPatternsIn: text, options).text
      #expect(redacted.hasPrefix("[EMAIL-"))
      return redacted.split(separator: ", ")
    }
    let (one, other) = (try ids(1), try ids(2))
    #expect(one[0] == one[2] && one[0] != one[1] && Set(one).isDisjoint(with: other))
    // hashlib.blake2b(b"EMAIL\0ann@example.com", key=hashlib.blake2b(b"\1" * 16, digest_size=32).digest(),
    //   digest_size=32).hexdigest()[:12]
    #expect(one[0] == "[EMAIL-a4def20a3e84]")
    var options = RedactionOptions()
    options.key = [1, 2, 3]
    #expect(throws: HardtackError.self) { try Redaction(ofPatternsIn: text, options) }
    options.key = nil
    options.replacement = "{id}"
    #expect(throws: HardtackError.self) { try Redaction(ofPatternsIn: text, options) }
    options = RedactionOptions()
    options.only = ["EMIAL"]
    #expect(throws: HardtackError.self) { try Redaction(ofPatternsIn: text, options) }
  }
}
