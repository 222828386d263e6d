// SPDX-License-Identifier: Apache-2.0
// From opcode to op: what it reads and writes, its check, its execution. A new op is a case in each of the three.
import Format

/// The values that a record names.
struct Operands {
  var input: UInt32
  var second: UInt32
  var output: UInt32
  /// The read value that the output may lie over, when this is its last use.
  var inPlace: UInt32
}

extension OpRecord {
  /// Nil for an unknown opcode.
  var operands: Operands? {
    switch opcode {
    case Embed.opcode: Operands(input: Value.none, second: Value.none, output: output, inPlace: Value.none)
    case TakeRows.opcode, RMSNorm.opcode, SiluMul.opcode, GeluMul.opcode, Quantize.opcode, Attention.opcode,
      LayerNorm.opcode, Pool.opcode, Trigram.opcode, QuantizeOutliers.opcode:
      Operands(input: input, second: Value.none, output: output, inPlace: Value.none)
    // A residual that is the input as well is still read by other rows when a row is written.
    case MatMul.opcode:
      Operands(input: input, second: u32(12), output: output, inPlace: u32(12) == input ? Value.none : u32(12))
    case Rope.opcode, HeadRMSNorm.opcode, Softcap.opcode, AddEmbedding.opcode, Affine.opcode, Apply.opcode,
      Normalize.opcode:
      Operands(input: input, second: Value.none, output: output, inPlace: input)
    case KVAppend.opcode: Operands(input: input, second: u32(24), output: Value.none, inPlace: Value.none)
    case Add.opcode: Operands(input: input, second: u32(12), output: output, inPlace: input)
    default: nil
    }
  }
}

/// The shape rule and parameters of one op: rules P-13 to P-16.
func checkOp(_ check: OpCheck) throws(ProgramError) {
  switch check.record.opcode {
  case Embed.opcode: try Embed.check(check)
  case TakeRows.opcode: try TakeRows.check(check)
  case RMSNorm.opcode: try RMSNorm.check(check)
  case MatMul.opcode: try MatMul.check(check)
  case Rope.opcode: try Rope.check(check)
  case KVAppend.opcode: try KVAppend.check(check)
  case Attention.opcode: try Attention.check(check)
  case SiluMul.opcode: try SiluMul.check(check)
  case Quantize.opcode: try Quantize.check(check)
  case Add.opcode: try Add.check(check)
  case HeadRMSNorm.opcode: try HeadRMSNorm.check(check)
  case GeluMul.opcode: try GeluMul.check(check)
  case Softcap.opcode: try Softcap.check(check)
  case AddEmbedding.opcode: try AddEmbedding.check(check)
  case LayerNorm.opcode: try LayerNorm.check(check)
  case Affine.opcode: try Affine.check(check)
  case Apply.opcode: try Apply.check(check)
  case Pool.opcode: try Pool.check(check)
  case Normalize.opcode: try Normalize.check(check)
  case Trigram.opcode: try Trigram.check(check)
  case QuantizeOutliers.opcode: try QuantizeOutliers.check(check)
  default: throw .opcodeUnknown(op: check.index, opcode: check.record.opcode)
  }
}

/// Runs this thread's share of one op. Between two ops all threads of a team meet.
public func execute(_ record: OpRecord, in x: borrowing Execution, lane: Lane) {
  switch record.opcode {
  case Embed.opcode: Embed.execute(record, x, lane)
  case TakeRows.opcode: TakeRows.execute(record, x, lane)
  case RMSNorm.opcode: RMSNorm.execute(record, x, lane)
  case MatMul.opcode: MatMul.execute(record, x, lane)
  case Rope.opcode: Rope.execute(record, x, lane)
  case KVAppend.opcode: KVAppend.execute(record, x, lane)
  case Attention.opcode: Attention.execute(record, x, lane)
  case SiluMul.opcode: SiluMul.execute(record, x, lane)
  case Quantize.opcode: Quantize.execute(record, x, lane)
  case Add.opcode: Add.execute(record, x, lane)
  case HeadRMSNorm.opcode: HeadRMSNorm.execute(record, x, lane)
  case GeluMul.opcode: GeluMul.execute(record, x, lane)
  case Softcap.opcode: Softcap.execute(record, x, lane)
  case AddEmbedding.opcode: AddEmbedding.execute(record, x, lane)
  case LayerNorm.opcode: LayerNorm.execute(record, x, lane)
  case Affine.opcode: Affine.execute(record, x, lane)
  case Apply.opcode: Apply.execute(record, x, lane)
  case Pool.opcode: Pool.execute(record, x, lane)
  case Normalize.opcode: Normalize.execute(record, x, lane)
  case Trigram.opcode: Trigram.execute(record, x, lane)
  default: QuantizeOutliers.execute(record, x, lane)  // the check has seen every opcode
  }
}

/// The name of an op for people and for `inspect`.
public func opName(_ opcode: UInt16) -> StaticString {
  switch opcode {
  case Embed.opcode: "embed"
  case TakeRows.opcode: "take_rows"
  case RMSNorm.opcode: "rms_norm"
  case MatMul.opcode: "matmul"
  case Rope.opcode: "rope"
  case KVAppend.opcode: "kv_append"
  case Attention.opcode: "attention"
  case SiluMul.opcode: "silu_mul"
  case Quantize.opcode: "quantize"
  case Add.opcode: "add"
  case HeadRMSNorm.opcode: "head_rms_norm"
  case GeluMul.opcode: "gelu_mul"
  case Softcap.opcode: "softcap"
  case AddEmbedding.opcode: "add_embedding"
  case LayerNorm.opcode: "layer_norm"
  case Affine.opcode: "affine"
  case Apply.opcode: "apply"
  case Pool.opcode: "pool"
  case Normalize.opcode: "normalize"
  case Trigram.opcode: "trigram"
  default: "quantize_outliers"
  }
}
