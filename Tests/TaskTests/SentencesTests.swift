// SPDX-License-Identifier: Apache-2.0
// Where sentences end.
import Text
import Testing

@Suite("Sentences")
struct SentencesTests {
  private func split(_ text: String) -> [String] {
    var found: [String] = []
    var bytes = Array(text.utf8)
    bytes.withUnsafeMutableBytes { room in
      var at = 0
      while let sentence = nextSentence(UnsafeRawBufferPointer(room), from: at) {
        #expect(sentence.start >= at && sentence.end > sentence.start && sentence.next >= sentence.end)
        found.append(String(decoding: room[sentence.start..<sentence.end], as: UTF8.self))
        at = sentence.next
      }
    }
    return found
  }

  @Test(
    "by punctuation",
    arguments: [
      ("One. Two! Three? Four…  Five", ["One.", "Two!", "Three?", "Four…", "Five"]),
      ("He said: “Stop.” She ran. (Far.) Away", ["He said: “Stop.”", "She ran.", "(Far.)", "Away"]),
      (
        "Dr. Who lives at No. 5, e.g. here. J. S. Bach did not.",
        ["Dr. Who lives at No. 5, e.g. here.", "J. S. Bach did not."]
      ),
      ("It costs 3.50 euros. and more", ["It costs 3.50 euros. and more"]),
      ("He said no. Then he left.", ["He said no.", "Then he left."]), ("It is 5. He left.", ["It is 5.", "He left."]),
      ("Yes, I. Then no.", ["Yes, I.", "Then no."]),
      ("line one\nline two.\n\n  line three \n", ["line one", "line two.", "line three"]),
      ("吾輩は猫である。名前はまだ無い。「え？」", ["吾輩は猫である。", "名前はまだ無い。", "「え？」"]),
      ("Wait?! No... Really", ["Wait?!", "No...", "Really"]),
      ("  \t\n ", []), ("", []), (".", ["."]), ("a", ["a"]),
    ] as [(String, [String])])
  func punctuation(text: String, sentences: [String]) { #expect(split(text) == sentences) }

  @Test("bytes that are no text end all the same")
  func hostile() {
    var state: UInt64 = 7
    let alphabet: [UInt8] = [32, 10, 46, 33, 0xE3, 0x80, 0x82, 0xEF, 0xBC, 0x81, 0xC2, 0xBB, 0xD8, 0x9F, 65, 97, 0]
    for _ in 0..<2000 {
      let bytes = (0..<40).map { _ -> UInt8 in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return alphabet[Int(state >> 33) % alphabet.count]
      }
      bytes.withUnsafeBytes { text in
        var (at, count) = (0, 0)
        while let sentence = nextSentence(text, from: at) {
          #expect(sentence.next > at && sentence.next <= text.count)
          at = sentence.next
          count += 1
        }
        #expect(count <= 40)
      }
    }
  }
}
