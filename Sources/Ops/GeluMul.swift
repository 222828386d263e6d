// SPDX-License-Identifier: Apache-2.0
// specs/ops.md#gelu-mul
import CKernels
import Format

/// Gated activation of Gemma: `y = gelu(gate)·up`, gelu by tanh. Record and shapes: ``GatedMul``.
public enum GeluMul {
  public static let opcode: UInt16 = 12

  static func check(_ check: OpCheck) throws(ProgramError) { try GatedMul.check(check) }

  static func execute(_ record: OpRecord, _ x: borrowing Execution, _ lane: Lane) {
    GatedMul.execute(record, x, lane, x.kernels.pointee.gelu_tanh_mul)
  }
}
