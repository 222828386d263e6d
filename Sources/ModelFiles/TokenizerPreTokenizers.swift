// SPDX-License-Identifier: Apache-2.0
// The pre-tokenizers that GGUF files name in `tokenizer.ggml.pre`, as the regexes of the models' own tokenizer.json.
// A name not listed here is refused: a wrong split would give wrong ids in silence.

public struct TokenizerPreTokenizers: Sendable {
  public let splits: [TokenizerSource.Split]
  public let wordsBypassMerges: Bool
  /// Where the file does not say.
  public let addsBOS: Bool

  private static let gpt2 = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
  private static let contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
  private static let spaces = #"\s*[\r\n]+|\s+(?!\S)|\s+"#

  private static func words(numbers: String) -> String {
    contractions + #"|[^\r\n\p{L}\p{N}]?\p{L}+|"# + numbers + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|"# + spaces
  }

  private static let qwen35 =
    contractions + #"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|"# + spaces

  private static let table: [(names: [String], patterns: [String], bypass: Bool, addsBOS: Bool)] = [
    (["gpt-2", "phi-2", "mpt", "olmo", "jais", "trillion", "gigachat"], [gpt2], false, false),
    (
      ["smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b"], [#"\p{N}"#, gpt2], false,
      false
    ),
    (["llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1"], [words(numbers: #"\p{N}{1,3}"#)], true, true),
    (["dbrx", "smaug-bpe", "chatglm-bpe", "glm4"], [words(numbers: #"\p{N}{1,3}"#)], false, false),
    (["qwen2", "deepseek-r1-qwen", "stablelm2", "hunyuan", "megrez"], [words(numbers: #"\p{N}"#)], false, false),
    (["qwen35"], [qwen35], false, false),
  ]

  public static let names = table.flatMap(\.names).sorted()

  public static func named(_ name: String) -> TokenizerPreTokenizers? {
    guard let row = table.first(where: { $0.names.contains(name) }) else { return nil }
    return TokenizerPreTokenizers(
      splits: row.patterns.map { TokenizerSource.Split(pattern: $0) }, wordsBypassMerges: row.bypass,
      addsBOS: row.addsBOS)
  }
}
