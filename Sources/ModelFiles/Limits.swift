// SPDX-License-Identifier: Apache-2.0
// Every limit that the readers set beyond what a format itself says, by name.

/// Limits of the readers. A file beyond one is refused, and the message names the limit.
public enum ReaderLimits {
  /// GGUF: arrays within arrays. Nothing published nests even twice.
  public static let ggufArrayDepthMax = 8
  /// GGUF: the format's own bound on a metadata key.
  public static let ggufKeyByteCountMax = 65_535
  /// GGUF: a tensor's name. ggml itself stops at 63 bytes.
  public static let tensorNameByteCountMax = 1024
  /// GGUF: the format's own bound on dimensions.
  public static let ggufDimensionCountMax = 4
  /// safetensors: dimensions of one tensor. The format names no bound.
  public static let safetensorsDimensionCountMax = 64
  /// safetensors: the format's own bound on the header.
  public static let safetensorsHeaderByteCountMax = 100_000_000
  /// A sharded checkpoint's files, each of which stays open.
  public static let shardCountMax = 512
  /// JSON: objects and arrays within one another.
  public static let jsonDepthMax = 128
  /// JSON: bytes of one number.
  public static let jsonNumberByteCountMax = 1024
  /// JSON: values in one document. The largest published tokenizer.json has two million.
  public static let jsonValueCountMax = 8_000_000
  /// JSON: bytes of one document.
  public static let jsonByteCountMax = 256 << 20
}
