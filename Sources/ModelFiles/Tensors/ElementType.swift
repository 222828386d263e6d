// SPDX-License-Identifier: Apache-2.0
// One list of every element and block type that GGUF and safetensors files may hold, with its storage size.

/// How the elements of a tensor are stored: one by one, or in blocks along a row.
///
/// The raw value is the type's name as its own format writes it (`Q4_K`, `BF16`, `F8_E4M3`).
public enum ElementType: String, CaseIterable, Sendable {
  // Both formats.
  case F32, F16, BF16, F64, I8, I16, I32, I64
  // GGUF: blocks of 32.
  case Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q8_1
  // GGUF: super-blocks of 256.
  case Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, Q8_K
  // GGUF: code books.
  case IQ1_S, IQ1_M, IQ2_XXS, IQ2_XS, IQ2_S, IQ3_XXS, IQ3_S, IQ4_NL, IQ4_XS
  // GGUF: ternary, binary, and four-bit floats.
  case TQ1_0, TQ2_0, Q1_0, Q2_0, MXFP4, NVFP4
  // safetensors.
  case BOOL, U8, U16, U32, U64, C64
  case F4, F6_E2M3, F6_E3M2, F8_E4M3, F8_E5M2, F8_E8M0, F8_E4M3FNUZ, F8_E5M2FNUZ

  /// The name as the format writes it.
  public var name: String { rawValue }

  /// Elements that share one block. A GGUF row is a whole number of blocks.
  public var elementsPerBlock: Int { storage.elements }

  /// Bytes of one block.
  public var bytesPerBlock: Int { storage.bytes }

  /// Whether ``BlockFormats`` can turn it into float32.
  public var isDequantizable: Bool {
    switch self {
    case .F32, .F16, .BF16, .Q4_0, .Q4_1, .Q5_0, .Q5_1, .Q8_0: true
    case .Q2_K, .Q3_K, .Q4_K, .Q5_K, .Q6_K, .IQ4_NL, .IQ4_XS, .MXFP4: true
    default: false
    }
  }

  private var storage: (elements: Int, bytes: Int) {
    switch self {
    case .F64, .I64, .U64, .C64: (1, 8)
    case .F32, .I32, .U32: (1, 4)
    case .F16, .BF16, .I16, .U16: (1, 2)
    case .I8, .U8, .BOOL: (1, 1)
    case .F8_E4M3, .F8_E5M2, .F8_E8M0, .F8_E4M3FNUZ, .F8_E5M2FNUZ: (1, 1)
    case .F6_E2M3, .F6_E3M2: (4, 3)
    case .F4: (2, 1)
    case .Q4_0: (32, 2 + 16)
    case .Q4_1: (32, 4 + 16)
    case .Q5_0: (32, 2 + 4 + 16)
    case .Q5_1: (32, 4 + 4 + 16)
    case .Q8_0: (32, 2 + 32)
    case .Q8_1: (32, 4 + 32)
    case .Q2_K: (256, 16 + 64 + 4)
    case .Q3_K: (256, 32 + 64 + 12 + 2)
    case .Q4_K: (256, 4 + 12 + 128)
    case .Q5_K: (256, 4 + 12 + 32 + 128)
    case .Q6_K: (256, 128 + 64 + 16 + 2)
    case .Q8_K: (256, 4 + 256 + 32)
    case .IQ1_S: (256, 2 + 32 + 16)
    case .IQ1_M: (256, 32 + 16 + 8)
    case .IQ2_XXS: (256, 2 + 64)
    case .IQ2_XS: (256, 2 + 64 + 8)
    case .IQ2_S: (256, 2 + 64 + 8 + 8)
    case .IQ3_XXS: (256, 2 + 96)
    case .IQ3_S: (256, 2 + 64 + 8 + 32 + 4)
    case .IQ4_NL: (32, 2 + 16)
    case .IQ4_XS: (256, 2 + 2 + 4 + 128)
    case .TQ1_0: (256, 48 + 4 + 2)
    case .TQ2_0: (256, 64 + 2)
    case .Q1_0: (128, 2 + 16)
    case .Q2_0: (64, 2 + 16)
    case .MXFP4: (32, 1 + 16)
    case .NVFP4: (64, 4 + 32)
    }
  }

  /// Bytes of `elementCount` elements in whole blocks; nil when they are no whole number of blocks or overflow.
  public func byteCount(elementCount: Int) -> Int? {
    guard elementCount >= 0, elementCount % elementsPerBlock == 0 else { return nil }
    let (bytes, overflow) = (elementCount / elementsPerBlock).multipliedReportingOverflow(by: bytesPerBlock)
    return overflow ? nil : bytes
  }

  /// The type with this number in a GGUF tensor record, nil for a number that is unknown or was withdrawn.
  public init?(ggufNumber: UInt32) {
    guard let type = Self.ggufNumbers[ggufNumber] else { return nil }
    self = type
  }

  /// This type's number in GGUF, nil for the types that only safetensors has.
  public var ggufNumber: UInt32? {
    Self.ggufNumbers.first { $0.value == self }?.key
  }

  /// The name of a withdrawn GGUF type number: no current tool writes or reads it.
  static func withdrawnName(ggufNumber: UInt32) -> String? {
    switch ggufNumber {
    case 4: "Q4_2"
    case 5: "Q4_3"
    case 31: "Q4_0_4_4"
    case 32: "Q4_0_4_8"
    case 33: "Q4_0_8_8"
    case 36: "IQ4_NL_4_4"
    case 37: "IQ4_NL_4_8"
    case 38: "IQ4_NL_8_8"
    default: nil
    }
  }

  private static let ggufNumbers: [UInt32: ElementType] = [
    0: .F32, 1: .F16, 2: .Q4_0, 3: .Q4_1, 6: .Q5_0, 7: .Q5_1, 8: .Q8_0, 9: .Q8_1,
    10: .Q2_K, 11: .Q3_K, 12: .Q4_K, 13: .Q5_K, 14: .Q6_K, 15: .Q8_K,
    16: .IQ2_XXS, 17: .IQ2_XS, 18: .IQ3_XXS, 19: .IQ1_S, 20: .IQ4_NL, 21: .IQ3_S, 22: .IQ2_S, 23: .IQ4_XS,
    24: .I8, 25: .I16, 26: .I32, 27: .I64, 28: .F64, 29: .IQ1_M, 30: .BF16,
    34: .TQ1_0, 35: .TQ2_0, 39: .MXFP4, 40: .NVFP4, 41: .Q1_0, 42: .Q2_0,
  ]
}
