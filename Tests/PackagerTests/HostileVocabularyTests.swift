// SPDX-License-Identifier: Apache-2.0
// Tokenizers in GGUF metadata that contradict themselves, and merges that go in circles: refused, or done with in time.
import ModelFileBuilders
import ModelFiles
import Packager
import Testing
import Text

@Suite("Hostile vocabularies")
struct HostileVocabularyTests {
  /// A byte-level vocabulary of all bytes and `more`, with `merges`.
  private func refusal(
    more: [String] = [], merges: [GGUFBuilder.Value], types: Int? = nil, pre: String = "gpt-2"
  ) throws -> String {
    let spellings = (0..<256).map { TokenizerAlphabet.spelling(of: UInt8($0)) }
    var builder = GGUFBuilder()
    builder.add("general.architecture", .string("llama"))
    builder.add("tokenizer.ggml.model", .string("gpt2"))
    builder.add("tokenizer.ggml.pre", .string(pre))
    builder.add("tokenizer.ggml.tokens", .array(.string, spellings.map { .bytes($0) } + more.map { .string($0) }))
    let normal = [GGUFBuilder.Value](repeating: .int32(1), count: types ?? 256 + more.count)
    builder.add("tokenizer.ggml.token_type", .array(.int32, normal))
    builder.add("tokenizer.ggml.merges", .array(.string, merges))
    do {
      let file = try GGUFFile(bytes: builder.build())
      _ = try compileTokenizer(try TokenizerSource(gguf: file))
      return "accepted"
    } catch let error as any Explained { return error.message }
  }

  @Test("GGUF: merges that name unknown tokens, or none, or one pair twice")
  func merges() throws {
    #expect(try refusal(more: ["ab"], merges: [.string("a b")]) == "accepted")
    #expect(try refusal(more: ["ab"], merges: [.string("a b"), .string("ab c")]).contains("ab c"))
    #expect(try refusal(merges: [.string("nowhere x")]).contains("nowhere x"))
    #expect(try refusal(merges: [.string("a b")]).contains("a b"))  // what it would make is no token
    #expect(try refusal(merges: [.string("ab")]).contains("a space between"))
    #expect(try refusal(merges: [.string("")]).contains("a space between"))
    #expect(try refusal(merges: [.string(" ")]) != "accepted")
    #expect(try refusal(more: ["ab"], merges: [.string("a b"), .string("a b")]).contains("same pair"))
    #expect(try refusal(merges: [.bytes([0x61, 0x20, 0xFF])]) != "accepted")
  }

  @Test("GGUF: tokens without a type, twice, or of a pre-tokenizer that nobody knows")
  func tokens() throws {
    #expect(try refusal(merges: [], types: 255).contains("255"))
    #expect(try refusal(more: ["a"], merges: []).contains("twice"))
    #expect(try refusal(merges: [], pre: "klingon").contains("klingon"))
  }

  @Test("Merges that go in circles end: each makes one symbol of two")
  func circles() throws {
    var source = TokenizerSource(
      model: .byteLevelBPE, tokens: ByteStrings(), roles: .init(repeating: .normal, count: 256))
    for byte in 0..<256 {
      source.tokens.append([UInt8(byte)])
      source.byteTokens[byte] = UInt32(byte)
    }
    // a a → b, b b → a, a b → a, b a → b: what a merge makes is no longer than its parts.
    let (a, b) = (UInt32(97), UInt32(98))
    source.merges = [
      .init(left: a, right: a, merged: b), .init(left: b, right: b, merged: a), .init(left: a, right: b, merged: a),
      .init(left: b, right: a, merged: b),
    ]
    guard let section = try? compileTokenizer(source) else { return }  // refused is good
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: section.count, alignment: 64)
    defer { memory.deallocate() }
    memory.copyBytes(from: section)
    let view = try TokenizerView(checking: UnsafeRawBufferPointer(memory))
    let text = [UInt8](repeating: 97, count: 1 << 18)
    let scratch = UnsafeMutableRawBufferPointer.allocate(
      byteCount: view.encodeScratchByteCount(textByteCount: text.count), alignment: 8)
    defer { scratch.deallocate() }
    var ids = [UInt32](repeating: 0, count: view.tokenCountMax(textByteCount: text.count))
    let elapsed = try ContinuousClock().measure {
      let count = try text.withUnsafeBytes { text in
        try ids.withUnsafeMutableBufferPointer { try view.encode(text, scratch: scratch, into: $0) }
      }
      #expect(count >= 1)
    }
    #expect(elapsed < .seconds(20))
  }
}
