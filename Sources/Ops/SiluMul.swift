// SPDX-License-Identifier: Apache-2.0
// specs/ops.md#silu-mul
import CKernels
import Format

/// Gated activation of Llama and its kin: `y = silu(gate)·up`. Record and shapes: ``GatedMul``.
public enum SiluMul {
  public static let opcode: UInt16 = 8

  static func check(_ check: OpCheck) throws(ProgramError) { try GatedMul.check(check) }

  static func execute(_ record: OpRecord, _ x: borrowing Execution, _ lane: Lane) {
    GatedMul.execute(record, x, lane, x.kernels.pointee.silu_mul)
  }
}
