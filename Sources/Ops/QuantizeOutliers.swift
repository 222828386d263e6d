// SPDX-License-Identifier: Apache-2.0
// specs/ops.md#quantize_outliers
import CKernels
import Format

/// Activations to 8 bits where a few columns are known to be far larger than the others: 32 columns change places with
/// the last 32, so that no other group has its scale from them, and what rounding takes from these goes into one group
/// more, whose weights are those of the group before it.
///
///     x  f32 (n, c), c a multiple of 32    places  f32 (32)  plain    y  q8 (n, c + 32)
public struct QuantizeOutliers {
  public static let opcode: UInt16 = 21
  public static let columnCount = 32
  /// Number i: the column that changes places with column c − 32 + i, one after the other; what is no column is 0.
  public var places: UInt32

  public init(places: UInt32) { self.places = places }

  public func write(into record: UnsafeMutableRawBufferPointer) { record.put(places, at: 12) }

  static func check(_ check: OpCheck) throws(ProgramError) {
    try check.zero(from: 16)
    let x = try check.input(.f32, rows: nil)
    let y = try check.output(.q8, rows: x.rows)
    guard x.columns % columnCount == 0, y.columns == x.columns + columnCount else {
      throw .shapeMismatch(op: check.index, value: check.record.output)
    }
    try check.tensor(check.record.u32(12), plain: true, rows: 1, columns: columnCount)
  }

  static func execute(_ record: OpRecord, _ x: borrowing Execution, _ lane: Lane) {
    let (source, y) = (x.value(record.input), x.value(record.output))
    let places = x.floats(x.tensor(record.u32(12)))
    let (columns, groups) = (source.columns, source.columns / columnCount)
    let row = lane.scratch.assumingMemoryBound(to: Float.self)
    for r in lane.share(x.rowCount(y)) {
      let out = (x.base(y) + r * y.rowByteCount).assumingMemoryBound(to: UInt8.self)
      ht_move_outliers(x.f32(source, row: r), columns, places, row)
      x.quantize(y, row, out, 0, groups)
      ht_rest_of_outliers(out, columns, row)
      x.quantize(y, row, out, groups, groups + 1)
    }
  }
}
