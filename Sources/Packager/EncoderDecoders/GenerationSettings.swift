// SPDX-License-Identifier: Apache-2.0
// How the makers of an encoder–decoder generate: generation_config.json, or config.json in folders from before it had
// one, and over it the `task_specific_params` of the task that is asked for. What is known is kept exactly, what would
// change the texts and is not known is refused by name.
import Format
import ModelFiles

/// The settings in force: the first of `layers` that has a key decides.
struct GenerationSettings {
  private let layers: [JSONFields]

  /// - Throws: `badSetting` for a task that the model does not name.
  init(_ config: JSONFields, generation: JSONFields?, task: String?) throws {
    var layers = [generation ?? config]
    if let task {
      guard let known = config.taskParameters(task) else {
        let names = config["task_specific_params"]?.object?.map(\.key) ?? []
        throw PackError.badSetting(
          key: "--task", found: task, expected: "generate, translate, summarise" + names.map { ", \($0)" }.joined())
      }
      layers.insert(known, at: 0)
    }
    self.layers = layers
    try refuseUnknown()
  }

  /// The layer that has `key`; a key that is null there counts as missing.
  private func layer(_ key: String) -> JSONFields { layers.first { $0[key] != nil } ?? layers[0] }

  subscript(key: String) -> JSONValue? { layer(key)[key] }

  func string(_ key: String) throws -> String? { try layer(key).stringIfPresent(key) }

  /// A number in `range`, nil where it is not said or is `neutral`.
  func int(_ key: String, _ range: ClosedRange<Int>, neutral: Int? = nil) throws -> Int? {
    guard let value = try layer(key).intIfPresent(key), value != neutral else { return nil }
    guard range.contains(value) else {
      throw PackError.badSetting(key: key, found: "\(value)", expected: "\(range.lowerBound) … \(range.upperBound)")
    }
    return value
  }

  func double(_ key: String, _ range: ClosedRange<Double>, neutral: Double) throws -> Double? {
    guard let value = try layer(key).doubleIfPresent(key), value != neutral else { return nil }
    guard range.contains(value) else {
      throw PackError.badSetting(key: key, found: "\(value)", expected: "\(range.lowerBound) … \(range.upperBound)")
    }
    return value
  }

  /// One id or a list of them.
  func ids(_ key: String) throws -> [Int] {
    guard let value = self[key] else { return [] }
    let ids = value.int.map { [$0] } ?? value.array?.compactMap(\.int) ?? []
    guard ids.count == value.array?.count ?? 1 else {
      throw PackError.badSetting(key: key, found: value.summary, expected: "an id, or a list of ids")
    }
    return ids
  }

  /// Keys that change what is written and have no meaning here, each with the values at which they do not.
  private static let neutral: [(key: String, number: Double?)] = [
    ("do_sample", 0), ("num_return_sequences", 1), ("num_beam_groups", 1), ("diversity_penalty", 0),
    ("repetition_penalty", 1), ("encoder_repetition_penalty", 1), ("encoder_no_repeat_ngram_size", 0),
    ("penalty_alpha", 0), ("guidance_scale", 1), ("renormalize_logits", 0), ("remove_invalid_values", 0),
    ("token_healing", 0), ("force_bos_token_to_be_generated", 0), ("forced_bos_token_id", nil),
    ("forced_decoder_ids", nil), ("suppress_tokens", nil), ("begin_suppress_tokens", nil), ("sequence_bias", nil),
    ("exponential_decay_length_penalty", nil), ("constraints", nil), ("force_words_ids", nil), ("stop_strings", nil),
    ("max_time", nil), ("watermarking_config", nil), ("dola_layers", nil),
  ]

  private func refuseUnknown() throws(PackError) {
    for (key, number) in GenerationSettings.neutral {
      guard let value = self[key], value.array?.isEmpty != true else { continue }
      let found = value.double ?? value.bool.map { $0 ? 1 : 0 }
      if let number, found == number { continue }
      throw .badSetting(
        key: key, found: value.summary, expected: number.map { "\($0), or none" } ?? "none: it would change the texts")
    }
  }
}
