// SPDX-License-Identifier: Apache-2.0
// The records of the form for shipping: block headers and segment descriptors. specs/shipping.md §3 and §4.
import CCodec
import Format

/// What a section with storage 1 consists of: blocks, one after the other.
public struct BlockHeader: Equatable, Sendable {
  public static let byteCount = 12
  /// Expanded bytes of a block at most.
  public static let expandedByteCountMax = 1 << 20
  /// Bytes of a block at most after its transforms, tables included, and so of its payload.
  public static let transformedByteCountMax = (1 << 20) + (1 << 18)
  public static let segmentCountMax = 256
  public static let codingRaw: UInt8 = 0
  public static let codingZstd: UInt8 = 1

  public var expandedByteCount: Int
  public var payloadByteCount: Int
  public var segmentCount: Int
  public var coding: UInt8

  public init(expandedByteCount: Int, payloadByteCount: Int, segmentCount: Int, coding: UInt8) {
    self.expandedByteCount = expandedByteCount
    self.payloadByteCount = payloadByteCount
    self.segmentCount = segmentCount
    self.coding = coding
  }

  /// Bytes of all records of the block, then comes the payload.
  public var recordsByteCount: Int { BlockHeader.byteCount + segmentCount * Segment.byteCount }

  public func write(into bytes: UnsafeMutableRawBufferPointer) {
    bytes.put(UInt32(expandedByteCount), at: 0)
    bytes.put(UInt32(payloadByteCount), at: 4)
    bytes.put(UInt16(segmentCount), at: 8)
    bytes[10] = coding
    bytes[11] = 0
  }

  /// Rule S-05. `remaining` is what the section still lacks.
  init(
    checking bytes: UnsafeRawBufferPointer, section: SectionKind, block: UInt32, remaining: UInt64
  ) throws(StorageError) {
    let expanded = bytes.u32(0)
    let payload = bytes.u32(4)
    let segments = bytes.u16(8)
    guard expanded >= 1, expanded <= BlockHeader.expandedByteCountMax, UInt64(expanded) <= remaining else {
      throw .blockMalformed(section: section, block: block, field: .byteCount)
    }
    guard payload >= 1, payload <= BlockHeader.transformedByteCountMax else {
      throw .blockMalformed(section: section, block: block, field: .payloadByteCount)
    }
    guard segments >= 1, segments <= BlockHeader.segmentCountMax else {
      throw .blockMalformed(section: section, block: block, field: .segmentCount)
    }
    guard bytes[10] <= BlockHeader.codingZstd else {
      throw .blockMalformed(section: section, block: block, field: .coding)
    }
    guard bytes[11] == 0 else { throw .blockMalformed(section: section, block: block, field: .reserved) }
    self.init(
      expandedByteCount: Int(expanded), payloadByteCount: Int(payload), segmentCount: Int(segments),
      coding: bytes[10])
  }
}

/// A run of bytes in a block and the transform that they went through.
public struct Segment: Equatable, Sendable {
  public static let byteCount = 16
  public static let transformCopy: UInt8 = 0
  public static let transformPlanes: UInt8 = 1
  public static let transformPanels: UInt8 = 2
  public static let transformFewNumbers: UInt8 = 3

  public var expandedByteCount: Int
  public var transform: UInt8
  /// Panels: how bodies are arranged. Planes and few numbers: bytes of a number, 2 or 4.
  public var variant: UInt8 = 0
  public var rankCount = 0
  public var panelByteCount = 0
  public var unitLineCount = 0
  public var scaleVectorCount = 0
  public var byteLineCount = 0
  public var groupCount = 0

  public init(copying byteCount: Int) {
    expandedByteCount = byteCount
    transform = Segment.transformCopy
  }

  public init(planes width: Int, byteCount: Int) {
    expandedByteCount = byteCount
    transform = Segment.transformPlanes
    variant = UInt8(width)
  }

  /// Groups of 16 rows × 32 numbers of `width` bytes, no row with more than 16 values.
  public init(fewNumbers width: Int, byteCount: Int) {
    expandedByteCount = byteCount
    transform = Segment.transformFewNumbers
    variant = UInt8(width)
  }

  /// `format` must have units of 16-bit scales.
  public init(panels: CodecPanels) {
    expandedByteCount = Int(panels.panel_count) * Int(panels.panel_byte_count)
    transform = Segment.transformPanels
    variant = UInt8(panels.order)
    rankCount = Int(panels.rank_count)
    panelByteCount = Int(panels.panel_byte_count)
    unitLineCount = Int(panels.unit_byte_count) / 64
    scaleVectorCount = Int(panels.scale_vector_count)
    byteLineCount = Int(panels.byte_line_count)
    groupCount = Int(panels.group_count)
  }

  public func write(into bytes: UnsafeMutableRawBufferPointer) {
    bytes.put(UInt32(expandedByteCount), at: 0)
    bytes[4] = transform
    bytes[5] = variant
    bytes.put(UInt16(rankCount), at: 6)
    bytes.put(UInt32(panelByteCount), at: 8)
    bytes[12] = UInt8(unitLineCount)
    bytes[13] = UInt8(scaleVectorCount)
    bytes[14] = UInt8(byteLineCount)
    bytes[15] = UInt8(groupCount)
  }

  /// Rule S-06; nil when the record breaks it. `remaining` is what the block still lacks.
  init?(checking bytes: UnsafeRawBufferPointer, remaining: Int) {
    guard bytes.u32(0) >= 1, bytes.u32(0) <= remaining, bytes.u32(8) <= BlockHeader.expandedByteCountMax else {
      return nil
    }
    expandedByteCount = Int(bytes.u32(0))
    transform = bytes[4]
    variant = bytes[5]
    rankCount = Int(bytes.u16(6))
    panelByteCount = Int(bytes.u32(8))
    unitLineCount = Int(bytes[12])
    scaleVectorCount = Int(bytes[13])
    byteLineCount = Int(bytes[14])
    groupCount = Int(bytes[15])
    switch transform {
    case Segment.transformCopy:
      guard bytes.part(5, 11).isZero else { return nil }
    case Segment.transformPlanes:
      guard variant == 2 || variant == 4, bytes.part(6, 10).isZero else { return nil }
    case Segment.transformFewNumbers:
      guard variant == 2 || variant == 4, bytes.part(6, 10).isZero, hasWholeGroups else { return nil }
    case Segment.transformPanels:
      guard hasSoundPanels else { return nil }
    default: return nil
    }
  }

  /// Whether the form has a place for this arrangement.
  public var isAllowed: Bool {
    switch transform {
    case Segment.transformPanels: hasSoundPanels
    case Segment.transformFewNumbers: hasWholeGroups
    default: true
    }
  }

  private var hasWholeGroups: Bool { expandedByteCount % (512 * Int(variant)) == 0 }

  /// Whole panels of whole units, and within the limits that join.c relies on.
  private var hasSoundPanels: Bool {
    let bodyOffset = scaleVectorCount * 32 + byteLineCount * 64
    let unitByteCount = unitLineCount * 64
    guard panelByteCount >= 64, panelByteCount % 64 == 0, expandedByteCount % panelByteCount == 0,
      scaleVectorCount >= 2, scaleVectorCount % 2 == 0, bodyOffset < unitByteCount, groupCount >= 1,
      rankCount <= Int(CODEC_RANK_COUNT_MAX)
    else { return false }
    let bodyLineCount = unitLineCount - bodyOffset / 64
    guard bodyLineCount % groupCount == 0 else { return false }
    let groupLineCount = bodyLineCount / groupCount
    let last = panelByteCount % unitByteCount
    if last > 0 {
      guard last > bodyOffset, (last - bodyOffset) / 64 % groupLineCount == 0 else { return false }
    }
    switch UInt32(variant) {
    case CODEC_ORDER_LINES.rawValue: return true
    case CODEC_ORDER_COLUMNS.rawValue: return columnCount <= 65_536
    case CODEC_ORDER_SCALES.rawValue: return groupLineCount >= 4
    case CODEC_ORDER_FEW.rawValue: return groupLineCount == 8
    default: return false
    }
  }

  /// Units of a panel.
  var unitCount: Int { (panelByteCount + unitLineCount * 64 - 1) / (unitLineCount * 64) }

  /// Byte columns of a panel: four a body line.
  var columnCount: Int {
    (panelByteCount - unitCount * (scaleVectorCount * 32 + byteLineCount * 64)) / 64 * 4
  }

  /// Bytes of the segment after its transform.
  public var transformedByteCount: Int {
    if transform == Segment.transformFewNumbers {
      return expandedByteCount / (512 * Int(variant)) * 256 * (Int(variant) + 1)
    }
    guard transform == Segment.transformPanels else { return expandedByteCount }
    let hasColumnTable = UInt32(variant) == CODEC_ORDER_COLUMNS.rawValue
    return expandedByteCount + 2 * rankCount + (hasColumnTable ? 2 * columnCount : 0)
  }

  /// For join.c and split.c.
  public var panels: CodecPanels {
    CodecPanels(
      panel_count: UInt32(expandedByteCount / panelByteCount), panel_byte_count: UInt32(panelByteCount),
      unit_byte_count: UInt32(unitLineCount * 64), unit_count: UInt32(unitCount),
      scale_vector_count: UInt32(scaleVectorCount), byte_line_count: UInt32(byteLineCount),
      group_count: UInt32(groupCount), rank_count: UInt32(rankCount), order: UInt32(variant))
  }
}

/// The C record that describes panels.
public typealias CodecPanels = codec_panels
