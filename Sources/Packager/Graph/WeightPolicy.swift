// SPDX-License-Identifier: Apache-2.0
// Which format a weight matrix gets: what the source holds, or one of ours.
import Format
import ModelFiles

/// `--weights`.
public enum WeightChoice: String, CaseIterable, Sendable {
  case keep, f16, q8, q6, q4

  /// The format that a conversion makes; nil keeps the source's own.
  var target: WeightFormat? {
    switch self {
    case .keep: nil
    case .f16: .f16
    case .q8: .q8_0
    case .q6: .q6_0
    case .q4: .q4_0
    }
  }
}

/// Decides the format of each matrix. What cannot be held exactly is refused by name unless the user said otherwise.
public struct WeightPolicy: Sendable {
  public var choice: WeightChoice
  public var requantize: Bool

  public init(choice: WeightChoice, requantize: Bool) {
    self.choice = choice
    self.requantize = requantize
  }

  func format(of tensor: TensorInfo) throws(PackError) -> WeightFormat {
    let exact = WeightPolicy.exactFormat(tensor.type)
    guard let target = choice.target else {
      guard let exact else { throw .unsupportedType(tensor: tensor.name, type: tensor.type.name) }
      return exact
    }
    if exact == target { return target }
    guard tensor.type.isDequantizable else {
      throw .unsupportedType(tensor: tensor.name, type: tensor.type.name)
    }
    // f16 is exact for f16 alone: from f32 or bf16 it rounds, which is what was asked for.
    guard tensor.type == .F32 || tensor.type == .F16 || tensor.type == .BF16 || requantize else {
      throw .requantizeNeeded(tensor: tensor.name, type: tensor.type.name, wanted: target.name.description)
    }
    return target
  }

  /// The format that holds exactly what `type` holds.
  static func exactFormat(_ type: ElementType) -> WeightFormat? {
    switch type {
    case .F32: .f32
    case .F16: .f16
    case .BF16: .bf16
    case .Q8_0: .q8_0
    case .Q4_0: .q4_0
    case .Q4_1: .q4_1
    case .Q5_0: .q5_0
    case .Q5_1: .q5_1
    case .Q4_K: .q4_k
    case .Q5_K: .q5_k
    case .Q6_K: .q6_k
    case .Q2_K: .q2_k
    case .Q3_K: .q3_k
    case .IQ4_NL: .iq4_nl
    case .IQ4_XS: .iq4_xs
    case .MXFP4: .mxfp4
    default: nil
    }
  }
}
