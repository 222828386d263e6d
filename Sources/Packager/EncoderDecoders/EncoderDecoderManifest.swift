// SPDX-License-Identifier: Apache-2.0
// What an encoder–decoder's manifest says beside the program: where a text starts, what is never made, how the makers
// search, and the prefix of its task. specs/bundle.md §5.1.
import Format
import Foundation
import ModelFiles

extension Manifest.Lines {
  /// `generation`: generation_config.json where the folder has one.
  mutating func describeEncoderDecoder(
    _ config: JSONFields, generation: JSONFields?, architecture: String, options: PackOptions
  ) throws {
    let verbs = ["generate", "translate", "summarise", "translation", "summarization"]
    let asked = options.task.flatMap { verbs.contains($0) && config.taskParameters($0) == nil ? nil : $0 }
    let settings = try GenerationSettings(config, generation: generation, task: asked)
    let (length, any) = (Limits.contextLengthMax, -10.0...10.0)
    let first = settings["decoder_start_token_id"] ?? config["decoder_start_token_id"] ?? settings["bos_token_id"]
    guard let start = try first?.int ?? config.intIfPresent("bos_token_id"), start >= 0 else {
      throw PackError.badSetting(key: "decoder_start_token_id", found: first?.summary ?? "none", expected: "an id")
    }
    self["start_id"] = "\(start)"
    let ends = self["end_ids"]?.split(separator: ",").compactMap { Int($0) } ?? []
    let never = try Self.neverIDs(settings["bad_words_ids"]).filter { !ends.contains($0) }
    if !never.isEmpty { self["never_ids"] = never.map(String.init).joined(separator: ",") }
    guard ends.count <= Limits.neverCountMax else {
      throw PackError.badSetting(
        key: "eos_token_id", found: "\(ends.count) ids", expected: "\(Limits.neverCountMax) at most")
    }
    let forced = try settings.ids("forced_eos_token_id")
    guard forced.allSatisfy(ends.contains) else {
      throw PackError.badSetting(
        key: "forced_eos_token_id", found: "\(forced)", expected: "one of eos_token_id, \(ends)")
    }
    if !forced.isEmpty { self["forced_end"] = "1" }
    self["prefix"] = try options.prefix ?? settings.string("prefix") ?? config.stringIfPresent("prefix")
    self["beams"] = try settings.int("num_beams", 1...Limits.beamCountMax, neutral: 1).map(String.init)
    self["length_penalty"] = try settings.double("length_penalty", any, neutral: 1).map(Self.decimal)
    self["early_stopping"] = try Self.stopping(settings["early_stopping"])
    self["no_repeat_ngram"] = try settings.int("no_repeat_ngram_size", 1...length, neutral: 0).map(String.init)
    // Both count the token that a text starts with, but for their later names.
    let least = try settings.int("min_new_tokens", 0...(length - 1)).map { $0 + 1 }
    self["min_length"] = try (least ?? settings.int("min_length", 1...length, neutral: 0)).map(String.init)
    let most = try settings.int("max_new_tokens", 1...(length - 1)).map { $0 + 1 }
    self["max_length"] = try (most ?? settings.int("max_length", 2...length)).map(String.init)
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

  /// `early_stopping`: false is what is done where nothing is said.
  private static func stopping(_ value: JSONValue?) throws(PackError) -> String? {
    guard let value, value.bool != false else { return nil }
    if value.bool == true { return "true" }
    guard value.string == "never" else {
      throw .badSetting(key: "early_stopping", found: value.summary, expected: "true, false or \"never\"")
    }
    return "never"
  }

  /// Without an exponent.
  private static func decimal(_ value: Double) -> String {
    var text = String(format: "%.9f", value)
    while text.hasSuffix("0") { text.removeLast() }
    return text.hasSuffix(".") ? text + "0" : text
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

extension JSONFields {
  /// What `task_specific_params` has of a task.
  func taskParameters(_ task: String) -> JSONFields? {
    try? fieldsIfPresent("task_specific_params")?.fieldsIfPresent(task)
  }
}
