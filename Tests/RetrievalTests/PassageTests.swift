// SPDX-License-Identifier: Apache-2.0
// Where sentences end, and what passages are made of them.
import Foundation
import Retrieval
import Text
import Testing

private func sentences(_ text: String, byteCountMax: Int = 1000) -> [String] {
  let bytes = Array(text.utf8)
  return bytes.withUnsafeBytes { raw in
    let sentences = Sentences(raw, byteCountMax: byteCountMax)
    var (at, found) = (0, [String]())
    while at < raw.count {
      let end = sentences.end(from: at)
      guard end > at, end <= raw.count else { return ["no end at \(at): \(end)"] }
      found.append(String(decoding: raw[at..<end], as: UTF8.self))
      at = end
    }
    return found
  }
}

/// Words stand for tokens.
private func wordCount(_ bytes: UnsafeRawBufferPointer) -> Int {
  String(decoding: bytes, as: UTF8.self).split { $0.isWhitespace }.count
}

private func passages(
  _ text: String, _ most: Int, _ overlap: Int, tokenCount: (UnsafeRawBufferPointer) -> Int = wordCount
) -> [Range<Int>] {
  Array(text.utf8).withUnsafeBytes { raw in
    var splitter = PassageSplitter(raw, PassageLimits(tokenCountMax: most, overlapTokenCountMax: overlap))
    var found: [Range<Int>] = []
    while let passage = splitter.next(tokenCount: tokenCount) {
      found.append(passage)
      if found.count > 100_000 { break }
    }
    return found
  }
}

private let rows: [[String]] = [
  ["One. ", "Two! ", "Three? ", "Four"], ["He said \"Go.\" ", "She went."], ["(It is so.) ", "Yes."],
  ["Dr. Smith met Mr. Jones. ", "They spoke."], ["J. R. R. Tolkien wrote. ", "We read."],
  ["At 3.14 it ends. ", "See www.example.com for more."], ["Am 3. Mai war es. ", "Ja."], ["In 2020. ", "Then."],
  ["Er kam z. B. nie. ", "Nein."], ["What?! ", "No…  ", "Well."], ["Title\n\n", "Text goes\non here. ", "End"],
  ["Title\r\n\r\n", "Text."], ["これは文です。", "次の文！", "「終わり。」", "はい"], ["यह है। ", "वह है॥ ", "ok"],
  ["هل هذا؟ ", "نعم۔ ", "x"], ["It is e.g. small. ", "Nr. 5 is not. ", "I am."], ["a.b.c"], ["..."],
  ["And then... he left. ", "Good."], ["\u{FEFF}A. ", "B."],
]

@Suite("Sentences and passages")
struct PassageTests {
  @Test("ends", arguments: rows)
  func ends(row: [String]) { #expect(sentences(row.joined()) == row) }

  @Test("a sentence too long is cut behind a blank, else behind a character")
  func longSentences() {
    #expect(sentences("aaa bbb ccc", byteCountMax: 9) == ["aaa bbb ", "ccc"])
    #expect(sentences("ééééé", byteCountMax: 5) == ["éé", "éé", "é"])
    #expect(sentences(String(repeating: " ", count: 9), byteCountMax: 4).joined().count == 9)
  }

  @Test("passages hold whole sentences, share some, and leave nothing out")
  func simple() {
    let text = "  A bee cat. D egg fly. G hat ink. J kit log. M nut owl."
    let found = passages(text, 7, 3).map { String(decoding: Array(text.utf8)[$0], as: UTF8.self) }
    let expected = [
      "A bee cat. D egg fly. ", "D egg fly. G hat ink. ", "G hat ink. J kit log. ", "J kit log. M nut owl.",
    ]
    #expect(found == expected)
    #expect(passages(text, 7, 2).map(\.lowerBound) == [2, 24, 46])
    #expect(passages("", 5, 1).isEmpty && passages(" \n ", 5, 1).isEmpty)
    #expect(passages("x", 1, 0) == [0..<1])
  }

  @Test("any text: in order, without gaps, within the limits, ends on characters")
  func anyText() {
    let parts = [
      "word ", "Word. ", "x", "é", "漢字。", "\n\n", " ", "! ", "Dr. ", "\u{00A0}", "3. ", "“q.” ",
      "long" + String(repeating: "o", count: 300), "\u{1F600}", "\t", "\r\n",
    ]
    var random = SystemRandomNumberGenerator()
    for _ in 0..<400 {
      let text = (0..<Int.random(in: 0...200)).map { _ in parts.randomElement(using: &random)! }.joined()
      let bytes = Array(text.utf8)
      let most = Int.random(in: 1...30), overlap = Int.random(in: 0...40)
      // Words, or characters: a word can have more tokens than a passage may.
      let isWords = Bool.random()
      let count = { (part: UnsafeRawBufferPointer) -> Int in
        isWords ? wordCount(part) : part.reduce(0) { $0 + ($1 & 0xC0 != 0x80 ? 1 : 0) }
      }
      let found = passages(text, most, overlap, tokenCount: count)
      var end = text.prefix { $0.isWhitespace }.utf8.count
      var start = -1
      for passage in found {
        #expect(passage.lowerBound > start && passage.upperBound > end && passage.lowerBound <= end)
        bytes.withUnsafeBytes {
          let part = UnsafeRawBufferPointer(rebasing: $0[passage])
          #expect(count(part) <= most)
          #expect(part.count <= PassageLimits(tokenCountMax: most, overlapTokenCountMax: 0).byteCountMax)
          #expect(String(validating: part, as: UTF8.self) != nil)
        }
        (start, end) = (passage.lowerBound, passage.upperBound)
      }
      if !found.isEmpty { #expect(end == bytes.count) }
    }
  }

  @Test("bytes that are no text: an end, and no crash")
  func hostileBytes() {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<2000 {
      let bytes =
        (0..<Int.random(in: 0...80)).map { _ in
          [0x2E, 0x20, 0x0A, 0xE2, 0x80, 0xA6, 0xE3, 0x82, 0xC2, 0xFF, 0x41, 0xF0].randomElement(using: &random)!
        } as [UInt8]
      bytes.withUnsafeBytes { raw in
        var splitter = PassageSplitter(raw, PassageLimits(tokenCountMax: 3, overlapTokenCountMax: 1))
        var (end, rounds) = (0, 0)
        while let passage = splitter.next(tokenCount: { $0.count / 2 }) {
          #expect(passage.upperBound > end)
          (end, rounds) = (passage.upperBound, rounds + 1)
          #expect(rounds < 200)
          if rounds > 200 { break }
        }
      }
    }
  }
}
