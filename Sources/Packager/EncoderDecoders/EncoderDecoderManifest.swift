// SPDX-License-Identifier: Apache-2.0
// What an encoder–decoder's manifest says beside the program: where a text starts, what is never made, how the makers
// search, and the prefix of its task. specs/bundle.md §5.1.
import Format
import ModelFiles

extension Manifest.Lines {
  /// `generation`: generation_config.json where the folder has one; older folders keep these in config.json.
  mutating func describeEncoderDecoder(
    _ config: JSONFields, generation: JSONFields?, architecture: String, options: PackOptions
  ) throws {
    let fields = generation ?? config
    func setting(_ key: String) -> JSONValue? { fields[key] ?? config[key] }
    for key in ["forced_bos_token_id", "suppress_tokens", "begin_suppress_tokens"] {
      guard let value = setting(key), value.array?.isEmpty != true else { continue }
      throw PackError.badSetting(key: key, found: value.summary, expected: "none: it would change the texts")
    }
    for (key, neutral) in [("no_repeat_ngram_size", 0.0), ("min_length", 0), ("repetition_penalty", 1)] {
      guard let value = fields[key]?.double, value != neutral else { continue }
      throw PackError.badSetting(key: key, found: "\(value)", expected: "\(neutral)")
    }
    let start = try setting("decoder_start_token_id")?.int ?? config.int("bos_token_id")
    self["start_id"] = "\(start)"
    let never = try Self.neverIDs(setting("bad_words_ids"))
    if !never.isEmpty { self["never_ids"] = never.map(String.init).joined(separator: ",") }
    var search = fields
    if let task = options.task, let known = try config.fieldsIfPresent("task_specific_params")?.fieldsIfPresent(task) {
      self["prefix"] = try known.stringIfPresent("prefix")
      search = known
    }
    if let prefix = options.prefix { self["prefix"] = prefix }
    if let beams = try search.intIfPresent("num_beams"), beams != 1 {
      guard 2...Limits.beamCountMax ~= beams else {
        throw PackError.badSetting(key: "num_beams", found: "\(beams)", expected: "1 … \(Limits.beamCountMax)")
      }
      self["beams"] = "\(beams)"
    }
    if let penalty = try search.doubleIfPresent("length_penalty"), penalty != 1 {
      self["length_penalty"] = "\(penalty)"
    }
    self["task"] = Self.task(options.task, isTranslator: architecture == "marian", prefix: self["prefix"])
  }

  /// The verb that a bundle is for.
  private static func task(_ asked: String?, isTranslator: Bool, prefix: String?) -> String {
    if let asked, !asked.hasPrefix("translation"), !asked.hasPrefix("summarization") { return asked }
    if asked?.hasPrefix("translation") ?? (isTranslator || prefix?.hasPrefix("translate") == true) {
      return "translate"
    }
    if asked != nil || prefix?.hasPrefix("summarize") == true { return "summarise" }
    return "generate"
  }

  /// `bad_words_ids`: words of one token, which are all that is known.
  private static func neverIDs(_ value: JSONValue?) throws(PackError) -> [Int] {
    guard let value else { return [] }
    let words = value.array?.compactMap { $0.array?.compactMap(\.int) } ?? []
    guard words.count == value.array?.count, words.allSatisfy({ $0.count == 1 }), words.count <= Limits.neverCountMax
    else {
      throw .badSetting(
        key: "bad_words_ids", found: value.summary, expected: "at most \(Limits.neverCountMax) lists of one id each")
    }
    return words.map { $0[0] }
  }
}
