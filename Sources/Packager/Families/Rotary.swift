// SPDX-License-Identifier: Apache-2.0
// Rotary positions of one kind of layer: base and stretching, and the two tables that give every position its angle:
// 256 rows of single steps, and one row for each 256 steps.
import Foundation

/// How a source stretches RoPE.
enum RopeScaling: Equatable {
  case none
  /// Every frequency divided by `factor`.
  case linear(factor: Double)
  /// Llama 3.1: long waves divided by `factor`, short ones kept, a ramp between.
  case llama3(factor: Float, lowFrequencyFactor: Float, highFrequencyFactor: Float, originalContext: Float)
  case yarn(Yarn)
  /// Each frequency divided by its own factor: GGUF's `rope_freqs.weight`, or one half of long RoPE.
  case factors([Float])
}

/// YaRN: short waves kept, long ones divided by `factor`, a ramp between two pairs that the betas choose.
struct Yarn: Equatable {
  var factor: Double
  var betaFast = 32.0
  var betaSlow = 1.0
  var originalContext: Double
  /// Whether the ends of the ramp are whole pairs.
  var isTruncated = true
}

/// One kind of rotation.
struct Rotary: Equatable {
  /// GGUF's tensors of factors: read with the settings.
  static let factorTensors = ["rope_freqs.weight", "rope_factors_short.weight", "rope_factors_long.weight"]

  /// Of the tables; two kinds in a model have two names.
  var name = "rope"
  /// The first columns of a head that rotate.
  var dim: Int
  var base: Float
  var scaling = RopeScaling.none
  /// Long RoPE: the factors of sequences longer than the original context; `scaling` has those of shorter ones.
  var long: Long?
  /// Multiplies cosines and sines, and so the scores, once for queries and once for keys.
  var attentionFactor: Float = 1

  struct Long: Equatable {
    var factors: [Float]
    var originalContext: Int
  }

  /// Long RoPE's attention factor, where the source names none: √(1 + ln(factor) / ln(original context)).
  static func longAttentionFactor(_ factor: Double, originalContext: Int) -> Float {
    factor <= 1 ? 1 : Float((1 + log(factor) / log(Double(originalContext))).squareRoot())
  }

  /// Sets both halves of long RoPE; the second one only where a sequence can be long enough.
  mutating func setLong(short: [Float], long: [Float], originalContext: Int, contextMax: Int) throws {
    guard short.count == dim / 2, long.count == dim / 2 else {
      throw PackError.badSetting(
        key: "factors of long RoPE", found: "\(short.count) and \(long.count) numbers", expected: "\(dim / 2)")
    }
    scaling = .factors(short)
    if originalContext < contextMax { self.long = Long(factors: long, originalContext: originalContext) }
  }

  func check(headDim: Int) throws(PackError) {
    guard dim >= 2, dim % 2 == 0, dim <= headDim else {
      throw .badSetting(key: "rotated columns of a head", found: "\(dim)", expected: "an even number up to \(headDim)")
    }
    guard base > 0, base.isFinite else {
      throw .badSetting(key: "rope_theta", found: "\(base)", expected: "a positive number")
    }
    guard attentionFactor > 0, attentionFactor.isFinite else {
      throw .badSetting(key: "attention factor of rope", found: "\(attentionFactor)", expected: "a positive number")
    }
    if case .factors(let factors) = scaling, factors.count != dim / 2 {
      throw .badSetting(key: "factors of rope", found: "\(factors.count) numbers", expected: "\(dim / 2)")
    }
    let all = frequencies(scaling) + (long.map { frequencies(.factors($0.factors)) } ?? [])
    guard all.allSatisfy({ $0.isFinite && $0 > 0 }) else {
      throw .badSetting(key: "scaling of rope", found: "\(scaling)", expected: "factors that give finite frequencies")
    }
  }

  /// f32 (dim/2): radians a position, in float32 as transformers computes them.
  private func frequencies(_ scaling: RopeScaling) -> [Float] {
    let waves = (0..<(dim / 2)).map { powf(base, Float(2 * $0) / Float(dim)) }
    switch scaling {
    case .none: return waves.map { 1 / $0 }
    case .linear(let factor): return waves.map { 1 / $0 / Float(factor) }
    case .factors(let factors): return zip(factors, waves).map { 1 / ($0 * $1) }
    case .llama3(let factor, let low, let high, let context):
      return waves.map { Rotary.llama3(1 / $0, factor, low, high, context) }
    case .yarn(let yarn): return yarn.frequencies(waves, dim: dim, base: Double(base))
    }
  }

  /// `_compute_llama3_parameters` of transformers, as a formula.
  private static func llama3(
    _ frequency: Float, _ factor: Float, _ low: Float, _ high: Float, _ context: Float
  ) -> Float {
    let wavelength = 2 * Float.pi / frequency
    if wavelength > context / low { return frequency / factor }
    if wavelength < context / high { return frequency }
    let smooth = (context / wavelength - low) / (high - low)
    return (1 - smooth) * frequency / factor + smooth * frequency
  }
}

extension Yarn {
  /// The attention factor that goes with a stretching, where the source names none: 0.1·ln(factor) + 1.
  static func attentionFactor(_ factor: Double, scale: Double = 1) -> Double {
    factor <= 1 ? 1 : 0.1 * scale * log(factor) + 1
  }

  /// `_compute_yarn_parameters` of transformers, as a formula; `waves` are base^(2i/dim).
  fileprivate func frequencies(_ waves: [Float], dim: Int, base: Double) -> [Float] {
    func pair(_ rotations: Double) -> Double {
      Double(dim) * log(originalContext / (rotations * 2 * Double.pi)) / (2 * log(base))
    }
    var (low, high) = (pair(betaFast), pair(betaSlow))
    if isTruncated { (low, high) = (low.rounded(.down), high.rounded(.up)) }
    (low, high) = (max(low, 0), min(high, Double(dim - 1)))
    if low == high { high += 0.001 }
    return waves.enumerated().map { index, wave in
      let ramp = min(max((Float(index) - Float(low)) / Float(high - low), 0), 1)
      return 1 / (Float(factor) * wave) * ramp + 1 / wave * (1 - ramp)
    }
  }
}

/// The tables of one kind of rotation, as tensors of a graph.
struct RotaryTables {
  static let lowRowCount = 256
  var pairs: Int
  var high: TensorID
  var low: TensorID
  /// Of long sequences; 0 where there are none.
  var longHigh: TensorID = 0
  var longLow: TensorID = 0

  static func highRowCount(contextMax: Int) -> Int { (contextMax + lowRowCount - 1) / lowRowCount }

  /// f32 (rowCount, 2·pairs): cosines, then sines, of `step·row` positions, times `factor`.
  static func rows(_ frequencies: [Float], _ rowCount: Int, step: Int, factor: Float = 1) -> [Float] {
    var table: [Float] = []
    table.reserveCapacity(rowCount * 2 * frequencies.count)
    for row in 0..<rowCount {
      let position = Double(row * step)
      for frequency in frequencies { table.append(Float(cos(position * Double(frequency)) * Double(factor))) }
      for frequency in frequencies { table.append(Float(sin(position * Double(frequency)) * Double(factor))) }
    }
    return table
  }
}

extension Rotary {
  /// Adds the tables to a graph. The attention factor is in `high` alone: an angle is the sum of a row of each, so it
  /// counts once.
  func tables(_ builder: GraphBuilder, contextMax: Int) -> RotaryTables {
    var (high, low) = pair(builder, name, frequencies(scaling), contextMax: contextMax)
    var tables = RotaryTables(pairs: dim / 2, high: high, low: low)
    if let long {
      (high, low) = pair(builder, "\(name).long", frequencies(.factors(long.factors)), contextMax: contextMax)
      (tables.longHigh, tables.longLow) = (high, low)
      builder.graph.ropeOriginalContext = long.originalContext
    }
    return tables
  }

  private func pair(
    _ builder: GraphBuilder, _ name: String, _ frequencies: [Float], contextMax: Int
  ) -> (high: TensorID, low: TensorID) {
    let highCount = RotaryTables.highRowCount(contextMax: contextMax)
    let high = builder.table(
      "\(name).high", rows: highCount, columns: dim,
      RotaryTables.rows(frequencies, highCount, step: RotaryTables.lowRowCount, factor: attentionFactor))
    let low = builder.table(
      "\(name).low", rows: RotaryTables.lowRowCount, columns: dim,
      RotaryTables.rows(frequencies, RotaryTables.lowRowCount, step: 1))
    return (high, low)
  }
}
