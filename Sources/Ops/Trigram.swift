// SPDX-License-Identifier: Apache-2.0
// specs/ops.md#trigram
import CKernels
import Format

/// Each token's row between its neighbours': `y[t] = [x[t+1], x[t], x[t−1]]`, zeros beyond the sequence. MobileBERT's
/// input.
///
///     x  f32 (T, c)      y  f32, q8 or q16 (T, 3·c)
public struct Trigram {
  public static let opcode: UInt16 = 20

  static func check(_ check: OpCheck) throws(ProgramError) {
    try check.zero(from: 12)
    let x = try check.input(.f32, rows: .token)
    let y = try check.output(nil, rows: .token)
    guard 3 * x.columns == y.columns else { throw .shapeMismatch(op: check.index, value: check.record.output) }
  }

  static func execute(_ record: OpRecord, _ x: borrowing Execution, _ lane: Lane) {
    let (source, y) = (x.value(record.input), x.value(record.output))
    let room = lane.scratch.assumingMemoryBound(to: Float.self)
    for t in lane.share(x.tokenCount) {
      let row = y.dtype == .f32 ? x.f32(y, row: t) : room
      let next = t + 1 < x.tokenCount ? x.position(t + 1) : 0  // 0: another sequence's first
      place(x, source, next > 0 ? t + 1 : nil, row)
      place(x, source, t, row + source.columns)
      let previous = t > 0 ? x.position(t) : 0
      place(x, source, previous > 0 ? t - 1 : nil, row + 2 * source.columns)
      if y.dtype == .f32 { continue }
      let out = (x.base(y) + t * y.rowByteCount).assumingMemoryBound(to: UInt8.self)
      x.quantize(y, row, out, 0, (y.columns + 31) / 32)
    }
  }

  private static func place(
    _ x: borrowing Execution, _ source: Value, _ token: Int?, _ out: UnsafeMutablePointer<Float>
  ) {
    guard let token else {
      out.update(repeating: 0, count: source.columns)
      return
    }
    out.update(from: x.f32(source, row: token), count: source.columns)
  }
}
