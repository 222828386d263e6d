// SPDX-License-Identifier: Apache-2.0
// RoPE as GGUF states it: keys under `ARCHITECTURE.rope.`, and factors as tensors.
import Foundation
import ModelFiles

extension Rotary {
  /// - Parameter headDim: what rotates where `rope.dimension_count` says nothing.
  init(_ file: GGUFFile, _ keys: ArchitectureKeys, headDim: Int, contextMax: Int) throws {
    self.init(
      dim: try keys.int("rope.dimension_count", default: headDim),
      base: Float(try keys.double("rope.freq_base", default: 10_000)))
    let type = try keys.string("rope.scaling.type", default: "none")
    // The name of `rope.scaling.factor` before there were types.
    let older = try keys.double("rope.scale_linear", default: 1)
    let original = try keys.int("rope.scaling.original_context_length", default: contextMax)
    let named = try keys.doubleIfPresent("rope.scaling.attn_factor")
    if let info = file.tensor(named: "rope_freqs.weight") {
      guard type == "none", older == 1 else {
        throw PackError.badSetting(
          key: keys.name("rope.scaling.type"), found: type, expected: "none beside rope_freqs.weight")
      }
      scaling = .factors(try floats(of: info, in: file))
      return
    }
    if try readLong(file, type: type, original: original, contextMax: contextMax, attentionFactor: named) { return }
    switch type {
    case "none":
      if older != 1 { scaling = .linear(factor: older) }
    case "linear": scaling = .linear(factor: try keys.double("rope.scaling.factor"))
    case "yarn":
      let factor = try keys.double("rope.scaling.factor")
      scaling = .yarn(
        Yarn(
          factor: factor, betaFast: try keys.double("rope.scaling.yarn_beta_fast", default: 32),
          betaSlow: try keys.double("rope.scaling.yarn_beta_slow", default: 1), originalContext: Double(original)))
      // llama.cpp multiplies what the key says with the usual factor.
      attentionFactor = Float((named ?? 1) * Yarn.attentionFactor(factor))
    default:
      throw PackError.badSetting(key: keys.name("rope.scaling.type"), found: type, expected: "none, linear or yarn")
    }
    if type != "yarn", let named, named != 1 {
      throw PackError.badSetting(
        key: keys.name("rope.scaling.attn_factor"), found: "\(named)", expected: "1 without a scaling that has it")
    }
  }

  /// Long RoPE, where its factors are there; a file may leave the type out.
  private mutating func readLong(
    _ file: GGUFFile, type: String, original: Int, contextMax: Int, attentionFactor named: Double?
  ) throws -> Bool {
    let (short, long) = (file.tensor(named: Rotary.factorTensors[1]), file.tensor(named: Rotary.factorTensors[2]))
    guard let short, let long else {
      guard short == nil, long == nil, type != "longrope" else {
        throw PackError.missingTensor(
          name: Rotary.factorTensors[short == nil ? 1 : 2], because: "long RoPE has factors of both kinds")
      }
      return false
    }
    guard type == "none" || type == "longrope", original > 1 else {
      throw PackError.badSetting(
        key: "rope.scaling", found: "\(type), original context \(original)", expected: "longrope beside its factors")
    }
    attentionFactor =
      named.map { Float($0) }
      ?? Rotary.longAttentionFactor(Double(contextMax) / Double(original), originalContext: original)
    try setLong(
      short: try floats(of: short, in: file), long: try floats(of: long, in: file), originalContext: original,
      contextMax: contextMax)
    return true
  }
}
