// SPDX-License-Identifier: Apache-2.0
// The pre-tokenizers that GGUF files name in `tokenizer.ggml.pre`, as the regexes of the models' own tokenizer.json.
// A name not listed here is refused: a wrong split would give wrong ids in silence.

public struct TokenizerPreTokenizers: Sendable {
  public let splits: [TokenizerSource.Split]
  public let wordsBypassMerges: Bool
  /// Where the file does not say.
  public let addsBOS: Bool

  static let gpt2 = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
  private static let contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
  private static let spaces = #"\s*[\r\n]+|\s+(?!\S)|\s+"#
  private static let triples = #"\p{N}{1,3}"#

  private static func words(numbers: String) -> String {
    contractions + #"|[^\r\n\p{L}\p{N}]?\p{L}+|"# + numbers + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|"# + spaces
  }

  /// Words that begin with capitals and go on in small letters.
  private static func cased(suffix: String, numbers: String) -> String {
    let (upper, lower) = (#"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]"#, #"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"#)
    let start = #"[^\r\n\p{L}\p{N}]?"#
    return "\(start)\(upper)*\(lower)+\(suffix)|\(start)\(upper)+\(lower)*\(suffix)|"
      + numbers + #"| ?[^\s\p{L}\p{N}]+[\r\n/]*|"# + spaces
  }

  private static let qwen35 =
    contractions + #"|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|"# + spaces

  /// Letters that DeepSeek LLM's regex lists: those of the scripts with case.
  private static let casedScripts = """
    A-Za-z\\x{B5}\\x{C0}-\\x{D6}\\x{D8}-\\x{F6}\\x{F8}-\\x{1BA}\\x{1BC}-\\x{1BF}\\x{1C4}-\\x{293}\\x{295}-\\x{2AF}\
    \\x{370}-\\x{373}\\x{376}\\x{377}\\x{37B}-\\x{37D}\\x{37F}\\x{386}\\x{388}-\\x{38A}\\x{38C}\\x{38E}-\\x{3A1}\
    \\x{3A3}-\\x{3F5}\\x{3F7}-\\x{481}\\x{48A}-\\x{52F}\\x{531}-\\x{556}\\x{10A0}-\\x{10C5}\\x{13A0}-\\x{13F5}\
    \\x{13F8}-\\x{13FD}\\x{1C90}-\\x{1CBA}\\x{1CBD}-\\x{1CBF}\\x{1D00}-\\x{1D2B}\\x{1D6B}-\\x{1D77}\
    \\x{1D79}-\\x{1D9A}\\x{1E00}-\\x{1F15}\\x{1F18}-\\x{1F1D}\\x{1F20}-\\x{1F45}\\x{1F48}-\\x{1F4D}\
    \\x{1F50}-\\x{1F57}\\x{1F59}\\x{1F5B}\\x{1F5D}\\x{1F5F}-\\x{1F7D}\\x{1F80}-\\x{1FB4}\\x{1FB6}-\\x{1FBC}\
    \\x{1FBE}\\x{1FC2}-\\x{1FC4}\\x{1FC6}-\\x{1FCC}\\x{1FD0}-\\x{1FD3}\\x{1FD6}-\\x{1FDB}\\x{1FE0}-\\x{1FEC}\
    \\x{1FF2}-\\x{1FF4}\\x{1FF6}-\\x{1FFC}\\x{2102}\\x{2107}\\x{210A}-\\x{2113}\\x{2115}\\x{2119}-\\x{211D}\
    \\x{2124}\\x{2126}\\x{2128}\\x{212A}-\\x{212D}\\x{212F}-\\x{2134}\\x{2139}\\x{213C}-\\x{213F}\
    \\x{2145}-\\x{2149}\\x{214E}\\x{2183}\\x{2184}\\x{2C00}-\\x{2C7B}\\x{2C7E}-\\x{2CE4}\\x{2CEB}-\\x{2CEE}\
    \\x{2CF2}\\x{2CF3}\\x{A640}-\\x{A66D}\\x{A680}-\\x{A69B}\\x{A722}-\\x{A76F}\\x{A771}-\\x{A787}\
    \\x{A78B}-\\x{A78E}\\x{AB70}-\\x{ABBF}\\x{FB00}-\\x{FB06}\\x{FB13}-\\x{FB17}\\x{FF21}-\\x{FF3A}\
    \\x{FF41}-\\x{FF5A}\\x{10400}-\\x{1044F}\\x{104B0}-\\x{104D3}\\x{104D8}-\\x{104FB}\\x{10C80}-\\x{10CB2}\
    \\x{10CC0}-\\x{10CF2}\\x{118A0}-\\x{118DF}\\x{1E900}-\\x{1E943}
    """
  private static let eastAsia = #"[\x{4E00}-\x{9FA5}\x{800}-\x{4E00}\x{AC00}-\x{D7FF}]+"#

  private static let deepseekLLM = [
    #"[\r\n]"#, #"\s?["# + casedScripts + "]+",
    #"\s?[!-/:-~\x{FF01}-\x{FF0F}\x{FF1A}-\x{FF5E}\x{2018}-\x{201F}\x{3000}-\x{3002}]+"#, #"\s+$"#, eastAsia,
    #"\p{N}+"#,
  ]
  private static let deepseekCoder = [#"[\r\n]"#, #"\s?\p{L}+"#, #"\s?\p{P}+"#, eastAsia, #"\p{N}"#]
  private static let deepseekV3 = [
    triples, #"[\x{4E00}-\x{9FA5}\x{3040}-\x{309F}\x{30A0}-\x{30FF}]+"#,
    ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"##
      + #"| ?[\p{P}\p{S}]+[\r\n]*|"# + spaces,
  ]
  private static let falcon = [#"[\p{P}\$\+<=>\^~\|`]+"#, gpt2, "[0-9][0-9][0-9]"]
  private static let bloom = #" ?[^(\s|.,!?…。，、।۔،)]+"#
  private static let bailing =
    #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"#
  private static let seedCoder =
    contractions + #"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|"# + spaces
  private static let miniCPM5 = [triples, words(numbers: #"\p{N}+"#)]

  private static let table: [(names: [String], patterns: [String], bypass: Bool, addsBOS: Bool)] = [
    (
      [
        "gpt-2", "phi-2", "mpt", "olmo", "jais", "trillion", "gigachat", "exaone4", "mellum", "a.x-4.0", "modern-bert",
        "jina-es", "jina-de", "jina-v2-es", "jina-v2-de",
        "granite-docling",
      ], [gpt2], false, false
    ),
    (
      ["smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b", "mellum2"],
      [#"\p{N}"#, gpt2], false, false
    ),
    (
      ["llama-bpe", "llama3", "llama-v3", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2"],
      [words(numbers: triples)], true, true
    ),
    (["dbrx", "smaug-bpe", "chatglm-bpe", "glm4"], [words(numbers: triples)], false, false),
    (
      ["qwen2", "deepseek-r1-qwen", "stablelm2", "hunyuan", "megrez", "kormo", "grok-2", "solar-open"],
      [words(numbers: #"\p{N}"#)], false, false
    ),
    (["qwen35"], [qwen35], false, false),
    (["falcon"], falcon, false, false),
    (["deepseek-llm"], deepseekLLM, false, false),
    (["deepseek-coder"], deepseekCoder, false, false),
    (["deepseek-v3", "hunyuan-dense", "joyai-llm"], deepseekV3, false, false),
    (["tekken"], [cased(suffix: "", numbers: #"\p{N}"#)], true, true),
    (
      ["gpt-4o", "llama4", "kanana2", "minimax-m2"], [cased(suffix: contractions + "?", numbers: triples)], false, false
    ),
    (["bloom", "poro-chat", "gpt3-finnish"], [bloom], false, false),
    (["viking"], [bloom, #"\p{N}"#], false, false),
    (["bailingmoe", "bailingmoe2", "llada-moe"], [bailing], false, false),
    (["seed-coder"], [seedCoder], false, false),
    (["minicpm5"], miniCPM5, true, false),
  ]

  /// ASCII's punctuation and symbols, and Unicode's punctuation.
  static func punctuation(_ behaviour: TokenizerSource.Split.Behaviour) -> TokenizerSource.Split {
    var split = TokenizerSource.Split(pattern: #"[\p{P}$+<=>^`|~]"#, behaviour: behaviour)
    split.isPunctuation = true
    return split
  }
  /// BERT's: white space goes, each punctuation mark is a word.
  static let bert = [
    TokenizerSource.Split(pattern: #"\s+"#, behaviour: .matchesRemoved), punctuation(.isolated),
  ]
  /// Of words and of what is neither word nor white space.
  static let words: String = {
    let word =
      #"\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc}\x{200C}\x{200D}\x{24B6}-\x{24E9}\x{1F130}-\x{1F149}"#
      + #"\x{1F150}-\x{1F169}\x{1F170}-\x{1F189}"#
    return "[\(word)]+|[^\(word)\\s]+"
  }()

  public static let names = table.flatMap(\.names).sorted()

  public static func named(_ name: String) -> TokenizerPreTokenizers? {
    guard let row = table.first(where: { $0.names.contains(name) }) else { return nil }
    return TokenizerPreTokenizers(
      splits: row.patterns.map { TokenizerSource.Split(pattern: $0) }, wordsBypassMerges: row.bypass,
      addsBOS: row.addsBOS)
  }
}
