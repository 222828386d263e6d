// SPDX-License-Identifier: Apache-2.0
// The two tables that give every position its angle: 256 rows of single steps, and one row for each 256 steps.
import Foundation

/// How a checkpoint stretches RoPE.
enum RopeScaling: Equatable {
  case none
  /// Every frequency divided by `factor`.
  case linear(factor: Double)
  /// Llama 3.1: long waves divided by `factor`, short ones kept, a ramp between.
  case llama3(factor: Float, lowFrequencyFactor: Float, highFrequencyFactor: Float, originalContext: Float)
  /// GGUF's `rope_freqs.weight`: each frequency divided by its own factor.
  case factors([Float])
}

/// Frequencies of the pairs of a head, in float32 as transformers computes them, then tables in double.
struct RopeTables {
  static let lowRowCount = 256
  let pairs: Int
  /// f32 (pairs): radians a position.
  let frequencies: [Float]

  /// - Parameter rotaryDim: columns of a head that rotate, even.
  init(rotaryDim: Int, base: Float, scaling: RopeScaling) {
    pairs = rotaryDim / 2
    var frequencies = (0..<(rotaryDim / 2)).map { 1 / powf(base, Float(2 * $0) / Float(rotaryDim)) }
    switch scaling {
    case .none: break
    case .linear(let factor): frequencies = frequencies.map { $0 / Float(factor) }
    case .factors(let factors): frequencies = zip(frequencies, factors).map { $0 / $1 }
    case .llama3(let factor, let low, let high, let context):
      frequencies = frequencies.map { RopeTables.llama3($0, factor, low, high, context) }
    }
    self.frequencies = frequencies
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

  /// f32 (rowCount, 2·pairs): cosines, then sines, of `step·row` positions.
  func rows(_ rowCount: Int, step: Int) -> [Float] {
    var table: [Float] = []
    table.reserveCapacity(rowCount * 2 * pairs)
    for row in 0..<rowCount {
      let position = Double(row * step)
      for frequency in frequencies { table.append(Float(cos(position * Double(frequency)))) }
      for frequency in frequencies { table.append(Float(sin(position * Double(frequency)))) }
    }
    return table
  }

  static func highRowCount(contextMax: Int) -> Int { (contextMax + lowRowCount - 1) / lowRowCount }
}
