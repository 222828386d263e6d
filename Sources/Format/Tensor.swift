// SPDX-License-Identifier: Apache-2.0
// The tensor table: what each range of the weights section is. specs/bundle.md §5.5, specs/weights.md.

/// How the elements of a tensor are stored. The numbers are those of specs/weights.md §2.
public enum WeightFormat: UInt16, Sendable {
  case f32 = 0, f16 = 1, bf16 = 2
  case q8_0 = 3, q4_0 = 4, q4_1 = 5, q5_0 = 6, q5_1 = 7, q6_0 = 8
  case q4_k = 9, q5_k = 10, q6_k = 11, q2_k = 12, q3_k = 13
  case iq4_nl = 14, iq4_xs = 15, mxfp4 = 16

  /// Whether matmul reads f32 activations; else q8 rows.
  public var isFloat: Bool { rawValue <= WeightFormat.bf16.rawValue }
  /// Columns come in multiples of this.
  public var columnMultiple: Int {
    switch self {
    case .q4_k, .q5_k, .q6_k, .q2_k, .q3_k, .iq4_xs: 256
    default: 1
    }
  }

  /// Bytes of one panel of 16 rows × `columns`. specs/weights.md §2.
  public func panelByteCount(columns: Int) -> Int {
    let g = (columns + 31) / 32
    switch self {
    case .f32: return 64 * 32 * g
    case .f16, .bf16: return 32 * 32 * g
    case .q8_0: return 64 * ((g + 1) / 2 + 8 * g)
    case .q4_0, .iq4_nl: return 64 * ((g + 1) / 2 + 4 * g)
    case .q4_1: return 320 * g
    case .q5_0: return 64 * ((g + 1) / 2 + 5 * g)
    case .q5_1: return 384 * g
    case .q6_0: return 64 * ((g + 1) / 2 + 6 * g)
    case .q4_k: return 2368 * g / 8
    case .q5_k: return 2880 * g / 8
    case .q6_k: return 3392 * g / 8
    case .q2_k: return 1344 * g / 8
    case .q3_k: return 1792 * g / 8
    case .iq4_xs: return 2176 * g / 8
    case .mxfp4: return 64 * ((g + 3) / 4 + 4 * g)
    }
  }
}

/// One tensor record, 48 bytes. `rows` × `columns`, row-major in meaning; panels of 16 rows in the file unless `plain`.
public struct Tensor: Sendable {
  public static let byteCount = 48
  public static let layoutPanels: UInt16 = 0
  /// f32, row after row: norm weights, biases, tables.
  public static let layoutPlain: UInt16 = 1

  public var format: WeightFormat
  public var isPlain: Bool
  public var rows: Int
  public var columns: Int
  /// From the start of the weights section, a multiple of 64.
  public var offset: UInt64
  public var byteCount: UInt64
  public var nameOffset: UInt32
  public var nameByteCount: UInt32

  public init(format: WeightFormat, isPlain: Bool, rows: Int, columns: Int) {
    self.format = format
    self.isPlain = isPlain
    self.rows = rows
    self.columns = columns
    offset = 0
    byteCount = Tensor.expectedByteCount(format: format, isPlain: isPlain, rows: rows, columns: columns)
    nameOffset = 0
    nameByteCount = 0
  }

  /// Within the limits of rows and columns this cannot overflow.
  static func expectedByteCount(format: WeightFormat, isPlain: Bool, rows: Int, columns: Int) -> UInt64 {
    isPlain
      ? UInt64(rows) * UInt64(columns) * 4
      : UInt64((rows + 15) / 16) * UInt64(format.panelByteCount(columns: columns))
  }

  public func write(into bytes: UnsafeMutableRawBufferPointer, at start: Int) {
    let at = start
    bytes.put(format.rawValue, at: at)
    bytes.put(isPlain ? Tensor.layoutPlain : Tensor.layoutPanels, at: at + 2)
    bytes.put(UInt32(rows), at: at + 8)
    bytes.put(UInt32(columns), at: at + 12)
    bytes.put(offset, at: at + 16)
    bytes.put(byteCount, at: at + 24)
    bytes.put(nameOffset, at: at + 32)
    bytes.put(nameByteCount, at: at + 36)
  }

  /// Checks record `index` of the table, rules B-22 to B-24. `expectedOffset` is where it must lie.
  init(
    checking table: UnsafeRawBufferPointer, index: Int, expectedOffset: UInt64
  ) throws(BundleError) {
    let at = index * Tensor.byteCount
    let number = UInt32(index)
    guard let format = WeightFormat(rawValue: table.u16(at)) else {
      throw .tensorMalformed(index: number, field: .format)
    }
    let layout = table.u16(at + 2)
    guard layout == Tensor.layoutPanels || (layout == Tensor.layoutPlain && format == .f32) else {
      throw .tensorMalformed(index: number, field: .layout)
    }
    guard table.u32(at + 4) == 0, table.u64(at + 40) == 0 else {
      throw .tensorMalformed(index: number, field: .reserved)
    }
    let rows = table.u32(at + 8)
    let columns = table.u32(at + 12)
    guard rows >= 1, rows <= Limits.rowCountMax else { throw .tensorMalformed(index: number, field: .rows) }
    guard columns >= 1, columns <= Limits.columnCountMax, Int(columns) % format.columnMultiple == 0 else {
      throw .tensorMalformed(index: number, field: .columns)
    }
    self.init(format: format, isPlain: layout == Tensor.layoutPlain, rows: Int(rows), columns: Int(columns))
    guard table.u64(at + 24) == byteCount else {
      throw .tensorByteCountDiffers(index: number, found: table.u64(at + 24), expected: byteCount)
    }
    offset = table.u64(at + 16)
    guard offset == expectedOffset else {
      throw .tensorMisplaced(index: number, offset: offset, expected: expectedOffset)
    }
    nameOffset = table.u32(at + 32)
    nameByteCount = table.u32(at + 36)
  }

  /// Reads a record that has been checked.
  public init(trusted table: UnsafeRawBufferPointer, index: Int) {
    let at = index * Tensor.byteCount
    format = WeightFormat(rawValue: table.u16(at)) ?? .f32
    isPlain = table.u16(at + 2) == Tensor.layoutPlain
    rows = Int(table.u32(at + 8))
    columns = Int(table.u32(at + 12))
    offset = table.u64(at + 16)
    byteCount = table.u64(at + 24)
    nameOffset = table.u32(at + 32)
    nameByteCount = table.u32(at + 36)
  }
}
