// SPDX-License-Identifier: Apache-2.0
// Why a program is refused: one case for each rule of specs/program.md §6. Numbers, never text.

/// Why a reader refused a program. `op`, `value`, `tensor` are indexes.
public enum ProgramError: Error, Equatable, Sendable {
  case sectionByteCount(kind: UInt32, found: UInt64, expected: UInt64)  // P-01
  case countOutOfRange(field: UInt32, found: UInt64, limit: UInt64)  // P-02
  case reservedNotZero(record: UInt32)  // P-03
  case entryMalformed(entry: UInt32)  // P-04
  case kvLayerMalformed(layer: UInt32)  // P-05
  case valueMalformed(value: UInt32)  // P-06
  case valueLifetime(value: UInt32)  // P-07
  case valueMisplaced(value: UInt32)  // P-08
  case opcodeUnknown(op: UInt32, opcode: UInt16)  // P-09
  case operandMissing(op: UInt32, value: UInt32)  // P-10
  case lastUseDiffers(value: UInt32, declared: UInt32, actual: UInt32)  // P-11
  case valuesOverlap(op: UInt32, written: UInt32, alive: UInt32)  // P-12
  case tooManyAlive(op: UInt32)  // P-12
  case tensorMismatch(op: UInt32, tensor: UInt32)  // P-13
  case shapeMismatch(op: UInt32, value: UInt32)  // P-14
  case parameterOutOfRange(op: UInt32, byte: UInt32)  // P-15
  case kvLayerMisused(op: UInt32, layer: UInt32)  // P-16
  case logitsMalformed(op: UInt32)  // P-17
}
