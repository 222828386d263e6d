// SPDX-License-Identifier: Apache-2.0
// What a source may not hold, and that the refusal names it; calls that cannot be served; streaming.

import Foundation
import ModelFiles
import Packager
import Testing
import Text

@Suite("Tokenizer sources are refused by name")
struct SourceRefusalTests {
  private static func fixture() throws -> String {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/gpt2.json")
    return try String(contentsOf: file, encoding: .utf8)
  }

  private func message(replacing old: String, by new: String) throws -> String {
    let text = try Self.fixture()
    #expect(text.contains(old))
    let changed = text.replacing(old, with: new, maxReplacements: 1)
    let json = JSONFields(document: "tokenizer.json", object: try JSONValue(parsing: Array(changed.utf8)).object!)
    do {
      _ = try compileTokenizer(try TokenizerSource(json: json))
      return "accepted"
    } catch let error as any Explained {
      return error.message
    }
  }

  @Test(
    "An unknown component or option",
    arguments: [
      (#""normalizer":null"#, #""normalizer":{"type":"ByteLevel"}"#, "ByteLevel"),
      (#""normalizer":null"#, #""normalizer":{"type":"Prepend","prepend":"x"}"#, "prepend"),
      (#""normalizer":null"#, #""normalizer":{"type":"Replace","pattern":{},"content":"x"}"#, "pattern"),
      (
        #""normalizer":null"#, #""normalizer":{"type":"Precompiled","precompiled_charsmap":"?"}"#,
        "precompiled_charsmap"
      ),
      (#""pre_tokenizer":{"type":"ByteLevel""#, #""pre_tokenizer":{"type":"UnicodeScripts""#, "UnicodeScripts"),
      (
        #""pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":true}"#,
        #""pre_tokenizer":{"type":"Whitespace"}"#, "neither ByteLevel nor"
      ),
      (#""post_processor":null"#, #""post_processor":{"type":"Magic"}"#, "Magic"),
      (#""decoder":{"type":"ByteLevel""#, #""decoder":{"type":"CTC""#, "CTC"),
      (#""type":"BPE""#, #""type":"Unigram""#, "Unigram"),
      (#""dropout":null"#, #""dropout":0.1"#, "dropout"),
      (#""end_of_word_suffix":null"#, #""end_of_word_suffix":"</w>""#, "end_of_word_suffix"),
      (#""version":"1.0""#, #""version":"1.0","surprise":1"#, "surprise"),
    ])
  func unknown(old: String, new: String, name: String) throws {
    let message = try message(replacing: old, by: new)
    #expect(message.contains(name) && message.contains("not supported"), "\(message)")
  }

  @Test("Vocabularies that contradict themselves")
  func vocabulary() throws {
    #expect(try message(replacing: #""!":2,"#, by: #""!":4000000,"#).contains("4000000"))
    #expect(try message(replacing: #""!":2,"#, by: #""!":3,"#).contains("twice"))
    #expect(try message(replacing: #""merges":["#, by: #""merges":[["nowhere","x"],"#).contains("nowhere"))
    #expect(try message(replacing: #""merges":["#, by: #""merges":["abc","#).contains("pair of tokens"))
    #expect(try message(replacing: #""merges":[["#, by: #""merges":[["h","e"],["h","e"],["#).contains("same pair"))
  }

  @Test("Half a surrogate pair is no text")
  func surrogates() {
    for text in [#"{"a":"\ud800"}"#, #"{"\udc00":1}"#, #"{"a":"\ud800\u0041"}"#] {
      #expect(throws: JSONError.self) { try JSONValue(parsing: Array(text.utf8)) }
    }
  }

  @Test("Maps that lie about themselves", arguments: [[], [1], [255, 255, 255, 255], [4, 0, 0, 0, 0, 2, 0, 0]])
  func charsmap(bytes: [Int]) throws {
    var source = TokenizerSource(model: .byteLevelBPE, tokens: ByteStrings(), roles: [.normal])
    source.tokens.append([0x61])
    source.steps = [.charsmap(bytes.map { UInt8($0) } + (bytes.count == 8 ? [UInt8](repeating: 0, count: 4) : []))]
    do throws(TokenizerCompileError) {
      _ = try compileTokenizer(source)
      #expect(bytes.count == 8)  // a root without children is a map without rules
    } catch { #expect(error.message.contains("map")) }
  }

  @Test("A map of random bytes gives an error or rules, never a crash or a hang")
  func randomCharsmaps() {
    var random = SeededGenerator(seed: 5)
    for _ in 0..<(Int(ProcessInfo.processInfo.environment["HARDTACK_FUZZ"] ?? "") ?? 200) {
      var map: [UInt8] = [0, 4, 0, 0]
      for _ in 0..<256 {
        // Small offsets, labels that are met, leaves: what walks far.
        let unit = UInt32.random(in: 0..<256, using: &random) << 10 | UInt32.random(in: 0..<512, using: &random)
        withUnsafeBytes(of: unit.littleEndian) { map += $0 }
      }
      map += [0x61, 0, 0x62, 0]
      var source = TokenizerSource(model: .byteLevelBPE, tokens: ByteStrings(), roles: [.normal])
      source.tokens.append([0x61])
      source.steps = [.charsmap(map)]
      _ = try? compileTokenizer(source)
    }
  }

  @Test(
    "Regexes that no automaton here holds exactly",
    arguments: [
      ("(?<=a)b", "lookbehind"), (#"(a)\1"#, "not supported"), ("a(?!b)c", "lookahead"), ("a*", "empty"),
      (#"\s++\s"#, "possessive"), ("(?=ab)", "more than one"), ("[a", "does not end"), ("a{2000}", "repeat"),
      (#"\p{Klingon}"#, "Klingon"), ("(a", "does not end"), ("a)", "without"), ("[^\\x{0}-\\x{10FFFF}]", "nothing"),
      (#"\bx"#, "not supported"), ("^a", "not supported"), ("(?:(?:(?:a{100}){100}){100})", "too large"),
      ("(?:a|b)*a(?:a|b){20}", "too large"), (String(repeating: "(", count: 300), "nested"),
    ])
  func regex(pattern: String, problem: String) {
    var source = TokenizerSource(model: .byteLevelBPE, tokens: ByteStrings(), roles: [.normal])
    source.tokens.append([0x61])
    source.splits = [.init(pattern: pattern)]
    do throws(TokenizerCompileError) {
      _ = try compileTokenizer(source)
      Issue.record("accepted")
    } catch {
      #expect(error.message.contains(problem), "\(error.message)")
    }
  }

  @Test("Ids that do not exist")
  func ids() {
    var source = TokenizerSource(model: .byteLevelBPE, tokens: ByteStrings(), roles: [.normal])
    source.tokens.append([0x61])
    source.merges = [.init(left: 0, right: 1, merged: 0)]
    #expect(throws: TokenizerCompileError.self) { try compileTokenizer(source) }
    source.merges = []
    source.eos = 1
    #expect(throws: TokenizerCompileError.idOutOfRange(part: "BOS, EOS, UNK or PAD", found: 1, count: 1)) {
      try compileTokenizer(source)
    }
  }

  @Test("The same source gives the same bytes")
  func deterministic() throws {
    #expect(try SectionBytes(fixture: "added").bytes == SectionBytes(fixture: "added").bytes)
  }
}

@Suite("Encoding and decoding calls")
struct TokenizerCallTests {
  let tokenizer: TestTokenizer

  init() throws { tokenizer = try TestTokenizer(try SectionBytes(fixture: "gpt2").bytes) }

  @Test(
    "T-40 text that is not UTF-8",
    arguments: [[0x61, 0xC0, 0x80], [0x61, 0xED, 0xA0, 0x80], [0x61, 0xF5], [0x61, 0xE2]])
  func notUTF8(bytes: [Int]) {
    #expect(throws: TokenizerError.textNotUTF8(offset: 1)) {
      try tokenizer.encode(bytes.map { UInt8($0) }, options: EncodeOptions())
    }
  }

  @Test("T-42, T-43 too little room says how much is needed")
  func room() throws {
    let text = Array("qqqqqqqqqq".utf8)
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: 160, alignment: 8)
    defer { scratch.deallocate() }
    var ids = [UInt32](repeating: 0, count: 16)
    #expect(throws: TokenizerError.scratchTooSmall(have: 160, need: 200)) {
      try text.withUnsafeBytes { text in
        try ids.withUnsafeMutableBufferPointer { try tokenizer.view.encode(text, scratch: scratch, into: $0) }
      }
    }
    var one = [UInt32](repeating: 0, count: 1)
    #expect(throws: TokenizerError.outputFull(capacity: 1)) {
      try Array("q q".utf8).withUnsafeBytes { text in
        try one.withUnsafeMutableBufferPointer { try tokenizer.view.encode(text, scratch: scratch, into: $0) }
      }
    }
  }

  @Test("T-44 an id that is no token")
  func unknownToken() {
    #expect(throws: TokenizerError.unknownToken(id: 640, count: 640)) {
      try tokenizer.decode([640], skipsSpecial: false)
    }
  }

  @Test("A split character waits, and one that never ends becomes U+FFFD")
  func streaming() throws {
    func byte(_ value: UInt8) -> UInt32 {
      let view = tokenizer.view
      return UInt32((0..<view.tokenCount).first { view.bytes(of: UInt32($0))!.elementsEqual([value]) }!)
    }
    var detokenizer = Detokenizer()
    var buffer = [UInt8](repeating: 0, count: 64)
    var lengths: [Int] = []
    for value: UInt8 in [0xF0, 0x9F, 0x98, 0x80, 0xE2, 0x82, 0x61, 0xFF, 0xC3] {
      lengths.append(
        try buffer.withUnsafeMutableBufferPointer { try detokenizer.append(byte(value), tokenizer.view, into: $0) })
    }
    #expect(lengths == [0, 0, 0, 4, 0, 0, 4, 3, 0])
    #expect(try buffer.withUnsafeMutableBufferPointer { try detokenizer.finish(into: $0) } == 3)
    #expect(try tokenizer.decode([byte(0xE2), byte(0xE2), byte(0x82), byte(0xAC)], skipsSpecial: true) == "\u{FFFD}€")
  }

  @Test("Special tokens give no text when skipped")
  func special() throws {
    let ids = try tokenizer.encode("<|end|>ships", parseSpecial: true)
    #expect(ids.first == 0)
    #expect(try tokenizer.decode(ids, skipsSpecial: true) == "ships")
    #expect(try tokenizer.decode(ids, skipsSpecial: false) == "<|end|>ships")
  }

  @Test("A word of a mebibyte is merged in linear-ish time")
  func longWord() throws {
    let clock = ContinuousClock()
    let text = Array(repeating: UInt8(ascii: "e"), count: 1 << 20)
    let elapsed = try clock.measure { _ = try tokenizer.encode(text, options: EncodeOptions()) }
    #expect(elapsed < .seconds(20))  // quadratic would be hours
  }
}
