// SPDX-License-Identifier: Apache-2.0
// The small checks that shape rules are made of.
import Format

/// One op under proof. Its operands have been shown to exist and to be alive.
struct OpCheck {
  let program: Program
  let record: OpRecord
  let index: UInt32

  /// P-03: fields from `offset` to the end are unused.
  func zero(from offset: Int) throws(ProgramError) {
    guard UnsafeRawBufferPointer(start: record.bytes + offset, count: OpRecord.byteCount - offset).isZero else {
      throw .reservedNotZero(record: index)
    }
  }

  func input(_ dtype: Value.DType?, rows: Value.Rows?) throws(ProgramError) -> Value {
    try second(record.input, dtype, rows: rows)
  }

  func output(_ dtype: Value.DType?, rows: Value.Rows?) throws(ProgramError) -> Value {
    try second(record.output, dtype, rows: rows)
  }

  /// P-14: operand `value` with the wanted dtype and rows; nil takes any.
  func second(_ value: UInt32, _ dtype: Value.DType?, rows: Value.Rows?) throws(ProgramError) -> Value {
    guard value != Value.none else { throw .operandMissing(op: index, value: value) }
    let found = program.value(value)
    guard dtype == nil || found.dtype == dtype, rows == nil || found.rows == rows else {
      throw .shapeMismatch(op: index, value: value)
    }
    return found
  }

  /// P-13: the tensor exists and has the layout and shape; nil takes any.
  func tensor(_ tensor: UInt32, plain: Bool, rows: Int?, columns: Int?) throws(ProgramError) {
    guard tensor < UInt32(program.bundle.tensorCount) else { throw .tensorMismatch(op: index, tensor: tensor) }
    let found = program.tensor(tensor)
    guard found.isPlain == plain, rows == nil || found.rows == rows, columns == nil || found.columns == columns
    else {
      throw .tensorMismatch(op: index, tensor: tensor)
    }
  }

  /// P-15: columns first ..< first + heads·headDim exist in `value`; `byte` is the field at fault otherwise.
  func columns(_ first: UInt32, heads: UInt32, headDim: UInt32, of value: Value, byte: UInt32) throws(ProgramError) {
    guard heads >= 1, headDim >= 1,
      UInt64(first) + UInt64(heads) * UInt64(headDim) <= UInt64(value.columns)
    else { throw .parameterOutOfRange(op: index, byte: byte) }
  }
}
