// SPDX-License-Identifier: Apache-2.0
// RoPE as config.json states it: `rope_parameters`, or before transformers 5 `rope_theta` beside `rope_scaling`.
import Foundation
import ModelFiles

extension Rotary {
  /// What a family leaves open.
  struct Defaults {
    var base = 10_000.0
    /// Whether part of a head may rotate.
    var allowsPartial = false
    /// Types that the family calls by another name.
    var aliases: [String: String] = [:]
    /// Where neither the configuration nor the scaling names the original context.
    var originalContext: Int?
  }

  /// Known members of a description, whatever its type; others would change the angles in a way that is not known.
  private static let knownKeys: Set<String> = [
    "rope_type", "type", "rope_theta", "partial_rotary_factor", "factor", "original_max_position_embeddings",
    "attention_factor", "low_freq_factor", "high_freq_factor", "beta_fast", "beta_slow", "mscale", "mscale_all_dim",
    "truncate", "short_factor", "long_factor",
  ]

  /// - Parameter fields: the description, nil where there is none.
  init(
    _ config: JSONFields, _ fields: JSONFields?, headDim: Int, contextMax: Int, defaults: Defaults = Defaults()
  ) throws {
    let base = try fields?.doubleIfPresent("rope_theta") ?? config.double("rope_theta", default: defaults.base)
    let partial =
      try fields?.doubleIfPresent("partial_rotary_factor") ?? config.double("partial_rotary_factor", default: 1)
    guard partial > 0, partial <= 1, partial == 1 || defaults.allowsPartial else {
      throw PackError.badSetting(
        key: "partial_rotary_factor", found: "\(partial)", expected: defaults.allowsPartial ? "0 … 1" : "1")
    }
    self.init(dim: Int(Double(headDim) * partial), base: Float(base))
    guard let fields else { return }
    for (key, value) in fields.object where !value.isNull && !Rotary.knownKeys.contains(key) {
      throw PackError.badSetting(key: fields.prefix + key, found: value.summary, expected: "no such setting")
    }
    let named = try fields.stringIfPresent("rope_type") ?? fields.string("type", default: "default")
    let type = defaults.aliases[named] ?? named
    let original =
      try config.intIfPresent("original_max_position_embeddings")
      ?? fields.intIfPresent("original_max_position_embeddings") ?? defaults.originalContext ?? contextMax
    guard original > 1 else {
      throw PackError.badSetting(
        key: "original_max_position_embeddings", found: "\(original)", expected: "at least 2")
    }
    switch type {
    case "default": return
    case "linear": scaling = .linear(factor: try fields.double("factor"))
    case "llama3":
      scaling = .llama3(
        factor: Float(try fields.double("factor")), lowFrequencyFactor: Float(try fields.double("low_freq_factor")),
        highFrequencyFactor: Float(try fields.double("high_freq_factor")), originalContext: Float(original))
    case "yarn": try readYarn(fields, original: original, contextMax: contextMax)
    case "longrope":
      let factor = try fields.doubleIfPresent("factor") ?? Double(contextMax) / Double(original)
      attentionFactor =
        try fields.doubleIfPresent("attention_factor").map { Float($0) }
        ?? Rotary.longAttentionFactor(factor, originalContext: original)
      try setLong(
        short: try fields.floats("short_factor"), long: try fields.floats("long_factor"), originalContext: original,
        contextMax: contextMax)
    default:
      throw PackError.badSetting(
        key: "rope_type", found: named, expected: "default, linear, llama3, yarn or longrope")
    }
  }

  private mutating func readYarn(_ fields: JSONFields, original: Int, contextMax: Int) throws {
    let factor = try fields.doubleIfPresent("factor") ?? Double(contextMax) / Double(original)
    // As in Python: 0 means the default.
    func beta(_ key: String, _ usual: Double) throws -> Double {
      let value = try fields.double(key, default: usual)
      return value == 0 ? usual : value
    }
    scaling = .yarn(
      Yarn(
        factor: factor, betaFast: try beta("beta_fast", 32), betaSlow: try beta("beta_slow", 1),
        originalContext: Double(original), isTruncated: try fields.bool("truncate", default: true)))
    let (scale, scaleOfAll) = (try fields.double("mscale", default: 0), try fields.double("mscale_all_dim", default: 0))
    if let named = try fields.doubleIfPresent("attention_factor") {
      attentionFactor = Float(named)
    } else if scale != 0, scaleOfAll != 0 {
      attentionFactor = Float(
        Yarn.attentionFactor(factor, scale: scale) / Yarn.attentionFactor(factor, scale: scaleOfAll))
    } else {
      attentionFactor = Float(Yarn.attentionFactor(factor))
    }
  }

  /// The one description of a family whose layers all rotate alike.
  static func description(_ config: JSONFields) throws -> JSONFields? {
    try config.fieldsIfPresent("rope_parameters") ?? config.fieldsIfPresent("rope_scaling")
  }
}

extension JSONFields {
  /// An array of numbers.
  fileprivate func floats(_ key: String) throws -> [Float] {
    try array(key).map { value in
      guard let number = value.double else {
        throw PackError.badSetting(key: prefix + key, found: value.summary, expected: "numbers")
      }
      return Float(number)
    }
  }
}
