// SPDX-License-Identifier: Apache-2.0
// Every maximum of the format, in one place. specs/bundle.md §6 is this file in prose.

/// The largest counts and sizes that a bundle may have. A reader that lowers one must say which one it lowered.
public enum Limits {
  public static let formatVersionMax: UInt16 = 1
  public static let sectionCountMax = 16
  /// A section that is mapped at a page boundary starts at a multiple of this: the largest page of ARM Linux.
  public static let pageAlignment: UInt64 = 65_536
  /// Every section starts at a multiple of this: a cache line.
  public static let sectionAlignment: UInt64 = 64
  /// Bytes that one page digest covers.
  public static let digestPageByteCount = 65_536
  /// Of the mappable form.
  public static let fileByteCountMax: UInt64 = 1 << 40
  public static let manifestByteCountMax: UInt64 = 1 << 16
  /// All names together.
  public static let namesByteCountMax: UInt64 = 1 << 22
  /// Of labels and of the licence text, each.
  public static let textByteCountMax: UInt64 = 1 << 20
  public static let opCountMax = 65_536
  public static let valueCountMax = 65_536
  /// Values that are alive at one op: bounds the verifier's work and memory.
  public static let liveValueCountMax = 64
  public static let tensorCountMax = 65_536
  public static let kvLayerCountMax = 1_024
  public static let columnCountMax = 1 << 20
  public static let rowCountMax = 1 << 22
  public static let contextLengthMax = 1 << 20
  public static let chunkLengthMax = 4_096
  public static let threadCountMax = 64
  public static let headCountMax = 1_024
  public static let headDimMax = 1_024
  /// Sequences of one source side by side.
  public static let beamCountMax = 16
  /// Ids that a bundle may say are never made.
  public static let neverCountMax = 8

  /// Bytes that a section of that kind may have when expanded.
  static func byteCountMax(of kind: SectionKind) -> UInt64 {
    switch kind {
    case .manifest: manifestByteCountMax
    case .names: namesByteCountMax
    case .tensors: UInt64(tensorCountMax * Tensor.byteCount)
    case .labels, .licence: textByteCountMax
    default: fileByteCountMax
    }
  }
}
