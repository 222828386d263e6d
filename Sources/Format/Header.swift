// SPDX-License-Identifier: Apache-2.0
// The first 128 bytes of a bundle. specs/bundle.md §4.

/// The header, read in place.
public struct Header: Equatable, Sendable {
  public static let byteCount = 128
  /// `89 54 43 4B 0D 0A 1A 0A`, read little-endian: not text, and any change of line ends damages it.
  public static let magic: UInt64 = 0x0A1A_0A0D_4B43_5489
  /// Required feature: some sections are stored compressed; such a bundle is expanded before it is mapped.
  public static let featureCompressed: UInt64 = 1
  public static let requiredFeaturesKnown: UInt64 = featureCompressed
  static let identityOffset = 64
  static let digestOffset = 96

  public var version: UInt16
  public var sectionCount: UInt16
  public var requiredFeatures: UInt64
  public var optionalFeatures: UInt64
  public var fileByteCount: UInt64

  public init(sectionCount: UInt16, requiredFeatures: UInt64, optionalFeatures: UInt64, fileByteCount: UInt64) {
    version = 1
    self.sectionCount = sectionCount
    self.requiredFeatures = requiredFeatures
    self.optionalFeatures = optionalFeatures
    self.fileByteCount = fileByteCount
  }

  /// Header and section table: what `BundleView(head:)` needs of a stream.
  public static func headByteCount(sectionCount: Int) -> Int { byteCount + sectionCount * Section.byteCount }

  /// Reads and checks the fixed part, rules B-01 to B-05, of at least 128 bytes.
  init(checking file: UnsafeRawBufferPointer) throws(BundleError) {
    guard file.count >= Header.byteCount else {
      throw .truncated(have: UInt64(file.count), need: UInt64(Header.byteCount))
    }
    guard file.u64(0) == Header.magic else { throw .badMagic(found: file.u64(0)) }
    version = file.u16(8)
    guard version >= 1, version <= Limits.formatVersionMax else {
      throw .versionUnknown(found: version, known: Limits.formatVersionMax)
    }
    sectionCount = file.u16(10)
    requiredFeatures = file.u64(16)
    let unknown = requiredFeatures & ~Header.requiredFeaturesKnown
    guard unknown == 0 else { throw .requiredFeatureUnknown(mask: unknown) }
    optionalFeatures = file.u64(24)
    fileByteCount = file.u64(32)
    guard sectionCount >= 1, Int(sectionCount) <= Limits.sectionCountMax else {
      throw .sectionCountOutOfRange(found: sectionCount, limit: UInt16(Limits.sectionCountMax))
    }
  }

  /// Writes all but identity and header digest; `into` has 128 zero bytes.
  public func write(into bytes: UnsafeMutableRawBufferPointer) {
    bytes.put(Header.magic, at: 0)
    bytes.put(version, at: 8)
    bytes.put(sectionCount, at: 10)
    bytes.put(requiredFeatures, at: 16)
    bytes.put(optionalFeatures, at: 24)
    bytes.put(fileByteCount, at: 32)
  }
}
