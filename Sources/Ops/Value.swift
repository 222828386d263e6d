// SPDX-License-Identifier: Apache-2.0
// Values: the activations that ops read and write. specs/program.md §2.
import Format

/// One activation matrix: a row a token, or a row an output. 32 bytes on disk.
public struct Value: Sendable {
  public static let byteCount = 32
  public static let none: UInt32 = 0xFFFF_FFFF

  public enum DType: UInt16, Sendable { case f32 = 0, q8 = 1, q16 = 2 }
  public enum Rows: UInt16, Sendable { case token = 0, output = 1 }

  public let dtype: DType
  public let rows: Rows
  public let columns: Int
  /// Bytes of one row, a multiple of 64.
  public let rowByteCount: Int
  /// Bytes, for each row of the area's room.
  public var offset: Int
  public var firstOp: UInt32
  public var lastOp: UInt32
  public var nameOffset: UInt32
  public var nameByteCount: UInt32

  public init(dtype: DType, rows: Rows, columns: Int) {
    self.dtype = dtype
    self.rows = rows
    self.columns = columns
    rowByteCount = Value.rowByteCount(dtype, columns)
    offset = 0
    firstOp = 0
    lastOp = 0
    nameOffset = 0
    nameByteCount = 0
  }

  private static func rowByteCount(_ dtype: DType, _ columns: Int) -> Int {
    switch dtype {
    case .f32: aligned(columns * 4, to: 64)
    case .q8: aligned((columns + 31) / 32 * 44, to: 64)
    case .q16: 2 * aligned((columns + 31) / 32 * 44, to: 64)
    }
  }

  public func write(into bytes: UnsafeMutableRawBufferPointer, at start: Int) {
    bytes.put(dtype.rawValue, at: start)
    bytes.put(rows.rawValue, at: start + 2)
    bytes.put(UInt32(columns), at: start + 4)
    bytes.put(UInt32(offset), at: start + 8)
    bytes.put(firstOp, at: start + 12)
    bytes.put(lastOp, at: start + 16)
    bytes.put(nameOffset, at: start + 20)
    bytes.put(nameByteCount, at: start + 24)
  }

  /// Checks record `index`, rules P-03, P-06 and P-07 as far as one record shows them. Its name must begin at
  /// `nameStart`: names that overlap would let a small file ask for hours of checking.
  init(
    checking table: UnsafeRawBufferPointer, index: Int, opCount: Int, names: UnsafeRawBufferPointer, nameStart: UInt64
  ) throws(ProgramError) {
    let number = UInt32(index)
    self.init(trusted: table, index: index)
    let at = index * Value.byteCount
    guard table.u32(at + 28) == 0 else { throw .reservedNotZero(record: number) }
    guard table.u16(at) <= 2, table.u16(at + 2) <= 1, columns >= 1, columns <= Limits.columnCountMax else {
      throw .valueMalformed(value: number)
    }
    do throws(BundleError) {
      try checkName(names, offset: nameOffset, byteCount: nameByteCount, expectedOffset: nameStart, record: number)
    } catch {
      throw .valueMalformed(value: number)
    }
    guard firstOp <= lastOp, lastOp < UInt32(opCount) else { throw .valueLifetime(value: number) }
    guard offset % 64 == 0 else { throw .valueMisplaced(value: number) }
  }

  /// Reads a record that has been checked.
  init(trusted table: UnsafeRawBufferPointer, index: Int) {
    let at = index * Value.byteCount
    dtype = DType(rawValue: table.u16(at)) ?? .f32
    rows = table.u16(at + 2) == 0 ? .token : .output
    columns = Int(table.u32(at + 4))
    rowByteCount = Value.rowByteCount(dtype, columns)
    offset = Int(table.u32(at + 8))
    firstOp = table.u32(at + 12)
    lastOp = table.u32(at + 16)
    nameOffset = table.u32(at + 20)
    nameByteCount = table.u32(at + 24)
  }
}
