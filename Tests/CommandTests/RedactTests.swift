// SPDX-License-Identifier: Apache-2.0
// `redact` and the other task verbs as programs use them: answers that come at once, pipes that break, disks that are
// full; and offsets of many texts.
import Foundation
import Testing

private let enabled = ConditionTrait.enabled(
  if: Place.hasProgram, "no hardtack beside the tests: swift build -c release --product hardtack")

/// Texts of many scripts, made of what tokenizers treat in different ways.
private func unicodeTexts(_ count: Int, seed: UInt64) -> [String] {
  let parts: [String] = [
    "Ada", "Zürich", "Zu\u{308}rich", "naïve", "café", "İstanbul", "straße", "ﬁn", "Å", "①", "…", "—", "“x”", "漢字",
    "東京", "カ\u{3099}", "한국", "각", "привет", "ёж", "नमस्ते", "ไทย", "שלום", "مرحبا", "🙂", "👩‍👩‍👧", "🇳🇴",
    "e\u{301}\u{323}", "\u{200B}", "\u{2060}", "\u{A0}", "\u{3000}", "\u{2028}", " ", "  ", "\t", "\n", ".", ",",
    "-", "'", "(", "/", "1892", "½", "№", "a", "I", "letters", "harbour", "𝒜", "𝟘", "\u{10FFFF}", "Ⅷ", "ǆ", "ﷺ",
  ]
  var state = seed
  func random(_ count: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % count
  }
  return (0..<count).map { _ in
    (0...random(12)).map { _ in parts[random(parts.count)] + (random(3) == 0 ? " " : "") }.joined()
  }
}

@Suite(enabled)
struct RedactTests {
  private static let folder = Place.root.appendingPathComponent("Tests/CommandTests/Tasks")

  private func workplace(_ models: String...) throws -> Workplace {
    let workplace = try Workplace()
    for name in models {
      let packed = try workplace.run("hardtack pack \(Self.folder.appendingPathComponent(name).path) -o \(name).tack")
      try #require(packed.status == 0, "\(packed.errors)")
    }
    return workplace
  }

  @Test("offsets of 10,000 texts: slices are entities", arguments: ["tag", "tag-bytes", "tag-lower", "tag-unigram"])
  func offsets(model: String) throws {
    let workplace = try workplace(model)
    let texts = unicodeTexts(2500, seed: UInt64(model.utf8.count))
    let encoder = JSONEncoder()
    let lines = try texts.map { String(decoding: try encoder.encode($0), as: UTF8.self) }.joined(separator: "\n") + "\n"
    try Data(lines.utf8).write(to: workplace.url.appendingPathComponent("in"))
    for strategy in ["none", "simple", "first"] {
      let answer = try workplace.run("hardtack tag \(model).tack --jsonl --strategy \(strategy) -t 1 < in")
      #expect(answer.status == 0, "\(answer.errors.prefix(200))")
      let rows = answer.output.split(separator: 10)
      #expect(rows.count == texts.count)
      var count = 0
      for (text, row) in zip(texts, rows) {
        let found = try #require(try JSONSerialization.jsonObject(with: row) as? [[String: Any]])
        let (bytes, characters) = (Array(text.utf8), Array(text.unicodeScalars))
        for entity in found {
          let own = try #require(entity["text"] as? String)
          let (byte, character) = (entity["bytes"] as? [Int] ?? [], entity["characters"] as? [Int] ?? [])
          var scalars = String.UnicodeScalarView()
          scalars.append(contentsOf: characters[character[0]..<character[1]])
          let isSame = bytes[byte[0]..<byte[1]].elementsEqual(own.utf8) && String(scalars).utf8.elementsEqual(own.utf8)
          #expect(isSame, "\(text) \(entity)")
          count += 1
        }
      }
      #expect(count > 300, "\(model) \(strategy)")
    }
  }

  @Test("a line is answered before the next comes", arguments: ["classify classify.tack", "redact --patterns-only"])
  func streamed(verb: String) throws {
    let workplace = try workplace("classify")
    // The second line is written when the first answer is there; else nothing ever comes.
    let answer = try workplace.run(
      "mkfifo back; (printf 'no\\n'; read x < back; printf 'no\\n') | hardtack \(verb) | (read a; echo > back; read b; "
        + "test \"$a\" = \"$b\" && echo \"$a\")")
    #expect(answer.status == 0 && !answer.output.isEmpty, "\(answer.errors)")
  }

  @Test("the same parts however the text comes")
  func pieces() throws {
    let workplace = try workplace("tag")
    let text = (unicodeTexts(900, seed: 5) + ["ann@example.com 10.1.2.3"]).joined(separator: " 4111 1111 1111 1111 ")
    try Data(text.utf8).write(to: workplace.url.appendingPathComponent("in"))
    for verb in ["redact --patterns-only", "redact tag.tack"] {
      let whole = try workplace.run("hardtack \(verb) < in")
      #expect(whole.status == 0 && !whole.output.isEmpty, "\(whole.errors)")
      for size in [1, 7, 1000] {
        let other = try workplace.run("dd if=in bs=\(size) 2> log | hardtack \(verb)")
        #expect(other.output == whole.output, "\(verb) in pieces of \(size)")
      }
    }
  }

  @Test("memory does not grow with the text", arguments: ["redact --patterns-only", "redact tag.tack -t 1"])
  func memory(verb: String) throws {
    let workplace = try workplace("tag")
    // The same program maps no more for a text of a thousand windows than for one of ten.
    var limits: [Int] = []
    for lines in [300, 30_000] {
      let found = try workplace.run(
        "for kib in 8192 16384 32768 65536 131072 262144; do "
          + "yes 'Ada wrote to ann@example.com in Oslo' | head -\(lines) "
          + "| (ulimit -d $kib; hardtack \(verb) > out 2> err) && wc -l < out > count && echo $kib && exit; done")
      let kib = String(decoding: found.output, as: UTF8.self).split(separator: "\n").first.flatMap { Int($0) }
      limits.append(try #require(kib, "\(found.errors)"))
    }
    #expect(limits[0] == limits[1])
  }

  @Test("a reader that has seen enough, a disk that is full")
  func ends() throws {
    let workplace = try workplace()
    let broken = try workplace.run("yes 'ann@example.com' | hardtack redact --patterns-only | head -1")
    #expect(String(decoding: broken.output, as: UTF8.self) == "[EMAIL]\n" && broken.status == 0)
    let full = try workplace.run("yes | head -100 | hardtack redact --patterns-only --report r > /dev/full")
    #expect(full.status == 5 && full.errors.contains("the disk is full"), "\(full.errors)")
    #expect(try workplace.listing() == [])
    let missing = try workplace.run("hardtack redact --patterns-only -f nothing --report r")
    #expect(missing.status == 3)
    #expect(try workplace.listing() == [])
  }
}
