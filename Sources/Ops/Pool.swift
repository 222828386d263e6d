// SPDX-License-Identifier: Apache-2.0
// specs/ops.md#pool
import CKernels
import Format

/// One row of each sequence of a call of `encode`.
///
///     x  f32 (T, c)  token value      y  f32 (S, c)  output value
public struct Pool {
  public static let opcode: UInt16 = 18

  /// What a sequence's row is made of. The numbers are those of specs/program.md §3.
  public enum Mode: UInt32, Sendable { case first = 0, mean = 1, max = 2, meanByRoot = 3, last = 4 }

  public var mode: Mode

  public init(mode: Mode) { self.mode = mode }

  public func write(into record: UnsafeMutableRawBufferPointer) { record.put(mode.rawValue, at: 12) }

  static func check(_ check: OpCheck) throws(ProgramError) {
    try check.zero(from: 16)
    let x = try check.input(.f32, rows: .token)
    let y = try check.output(.f32, rows: .output)
    guard x.columns == y.columns else { throw .shapeMismatch(op: check.index, value: check.record.output) }
    guard Mode(rawValue: check.record.u32(12)) != nil else { throw .parameterOutOfRange(op: check.index, byte: 12) }
  }

  static func execute(_ record: OpRecord, _ x: borrowing Execution, _ lane: Lane) {
    let (source, y) = (x.value(record.input), x.value(record.output))
    guard let mode = Mode(rawValue: record.u32(12)), let sequences = x.sequences else { return }
    for r in lane.share(x.outputCount) {
      let span = sequences[x.outputFirst + r]
      Pool.row(
        mode, x.f32(source, row: Int(span.firstToken)), stride: source.rowByteCount / 4, count: Int(span.tokenCount),
        columns: y.columns, x.f32(y, row: r))
    }
  }

  /// Pools `count` rows of f32 (columns), `stride` floats apart, into `out`. Sums go from the first row to the last.
  public static func row(
    _ mode: Mode, _ rows: UnsafePointer<Float>, stride: Int, count: Int, columns: Int,
    _ out: UnsafeMutablePointer<Float>
  ) {
    let start = mode == .last ? rows + (count - 1) * stride : rows
    out.update(from: start, count: columns)
    if mode == .first || mode == .last { return }
    for t in 1..<max(count, 1) {
      let row = rows + t * stride
      if mode == .max {
        for i in 0..<columns { out[i] = row[i] > out[i] ? row[i] : out[i] }
      } else {
        for i in 0..<columns { out[i] += row[i] }
      }
    }
    if mode == .max { return }
    let divisor = mode == .mean ? Float(count) : Float(count).squareRoot()
    for i in 0..<columns { out[i] /= divisor }
  }
}
