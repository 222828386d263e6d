// SPDX-License-Identifier: Apache-2.0
// Seeded damage to the sections of a program, with the head's digests made right again: deep checks are reached.
import Format
import Storage
import TestBundles

/// Where the fields of a bundle's program are, and the ways to break them.
struct ProgramMutator {
  let good: [UInt8]
  private let program: Range<Int>
  private let values: Range<Int>
  private let tensors: Range<Int>
  private let weights: Range<Int>
  private let names: Range<Int>
  private let opsAt: Int
  private let headByteCount: Int

  init(_ good: [UInt8]) throws {
    self.good = good
    let ranges: [Range<Int>] = try good.withUnsafeBytes { bytes in
      let head = try BundleHead(checking: bytes, blake2b: blake2b256)
      return [SectionKind.program, .values, .tensors, .weights, .names].map { kind in
        let section = head.section(kind)!
        return Int(section.offset)..<Int(section.offset + section.byteCount)
      }
    }
    (program, values, tensors, weights, names) = (ranges[0], ranges[1], ranges[2], ranges[3], ranges[4])
    headByteCount = 128 + 64 * (Int(good[10]) + 256 * Int(good[11]))
    let at = program.lowerBound
    opsAt = at + 64 + 16 * (ProgramMutator.u32(good, at) + ProgramMutator.u32(good, at + 4))
  }

  private static func u32(_ bytes: [UInt8], _ at: Int) -> Int {
    Int(bytes[at]) | Int(bytes[at + 1]) << 8 | Int(bytes[at + 2]) << 16 | Int(bytes[at + 3]) << 24
  }

  private func put(_ value: Int, _ bytes: inout [UInt8], _ at: Int) {
    for i in 0..<4 { bytes[at + i] = UInt8(truncatingIfNeeded: value >> (8 * i)) }
  }

  /// One to three changes; half of the time lifetimes and sizes are then made to fit again, so that more is accepted.
  func mutated(_ random: inout Seeded) -> [UInt8] {
    var bad = good
    for _ in 0...random.below(3) { change(&bad, &random) }
    if random.below(2) == 0 { repair(&bad, movesValues: random.below(2) == 0) }
    seal(&bad)
    return bad
  }

  private func change(_ bad: inout [UInt8], _ random: inout Seeded) {
    let opCount = (program.upperBound - opsAt) / 64
    let valueCount = values.count / 32
    switch random.below(12) {
    case 0...3: field(&bad, opsAt + 4 * random.below(16 * opCount), &random)
    case 4, 5: field(&bad, values.lowerBound + 4 * random.below(8 * valueCount), &random)
    case 6: field(&bad, tensors.lowerBound + 4 * random.below(tensors.count / 4), &random)
    case 7: field(&bad, program.lowerBound + 4 * random.below((opsAt - program.lowerBound) / 4), &random)
    case 8:  // two ops change places, or one is copied
      let (a, b) = (opsAt + 64 * random.below(opCount), opsAt + 64 * random.below(opCount))
      let isCopy = random.below(2) == 0
      for i in 0..<64 {
        let kept = bad[b + i]
        bad[b + i] = bad[a + i]
        if !isCopy { bad[a + i] = kept }
      }
    case 9:  // an operand becomes another value, a tensor another tensor
      let at = opsAt + 64 * random.below(opCount)
      if random.below(2) == 0 {
        put(random.below(valueCount), &bad, at + [4, 8, 12][random.below(3)])
      } else {
        put(random.below(tensors.count / 48), &bad, at + [12, 20, 24, 28, 36, 40][random.below(6)])
      }
    case 10:  // weights: anything; NaNs, infinities and huge scales among it
      let at = weights.lowerBound + random.below(weights.count - 4)
      let patterns = [0x7FC0_0000, 0x7F80_0000, 0xFF80_0000, 0x7F7F_FFFF, 0x0000_0001, 0x7C00_7C00, 0xFE00_7BFF]
      if random.below(2) == 0 {
        put(patterns[random.below(patterns.count)], &bad, at)
      } else {
        field(&bad, at, &random)
      }
    default:
      let at = names.lowerBound + random.below(names.count)
      bad[at] = UInt8(truncatingIfNeeded: random.next())
    }
  }

  private func field(_ bad: inout [UInt8], _ at: Int, _ random: inout Seeded) {
    let old = ProgramMutator.u32(bad, at)
    let steps = [1, -1, 2, -2, 4, 8, 16, -16, 32, 64, -64, 128, 256]
    let extremes = [
      0, 1, 2, 3, 4, 5, 7, 8, 16, 31, 32, 33, 64, 255, 256, 1 << 10, 1 << 16, 1 << 20, 1 << 22, 1 << 30, 0x7FFF_FFFF,
      1 << 31, 0xFFFF_FFC0, 0xFFFF_FFF8, 0xFFFF_FFFE, 0xFFFF_FFFF, 0x7FC0_0000, 0x7F80_0000, 0x3F80_0000,
    ]
    switch random.below(8) {
    case 0...3: put(old &+ steps[random.below(steps.count)], &bad, at)
    case 4...6: put(extremes[random.below(extremes.count)], &bad, at)
    default: bad[at + random.below(4)] ^= 1 << UInt8(random.below(8))
    }
  }

  /// Lifetimes and the sizes of the two areas as the ops and offsets ask for; with `movesValues` a place for each value
  /// that is not written in place.
  private func repair(_ bad: inout [UInt8], movesValues: Bool) {
    let (opCount, valueCount) = ((program.upperBound - opsAt) / 64, values.count / 32)
    var ends = [0, 0]
    for value in 0..<valueCount {
      let at = values.lowerBound + 32 * value
      var (first, last) = (ProgramMutator.u32(bad, at + 12), 0)
      for op in 0..<opCount {
        let record = opsAt + 64 * op
        if ProgramMutator.u32(bad, record + 8) == value { first = op }
        let opcode = ProgramMutator.u32(bad, record) & 0xFFFF
        let second = opcode == 4 || opcode == 10 ? ProgramMutator.u32(bad, record + 12) : -1
        if ProgramMutator.u32(bad, record + 4) == value || second == value { last = op }
      }
      for entry in 0..<((opsAt - program.lowerBound - 64) / 16) {
        if ProgramMutator.u32(bad, program.lowerBound + 64 + 16 * entry + 12) == value { last = opCount - 1 }
      }
      put(first, &bad, at + 12)
      put(max(first, last), &bad, at + 16)
      let (kind, columns) = (ProgramMutator.u32(bad, at), ProgramMutator.u32(bad, at + 4))
      let rowByteCount = kind & 0xFFFF == 0 ? columns * 4 : (columns + 31) / 32 * 44
      let area = min(kind >> 16, 1)
      if movesValues {
        let record = opsAt + 64 * min(first, opCount - 1)
        let (opcode, source) = (ProgramMutator.u32(bad, record) & 0xFFFF, ProgramMutator.u32(bad, record + 4))
        let isInPlace = [5, 10, 11, 13].contains(opcode) && source < value
        put(isInPlace ? ProgramMutator.u32(bad, values.lowerBound + 32 * source + 8) : ends[area], &bad, at + 8)
      }
      let planes = kind & 0xFFFF == 2 ? 2 : 1
      ends[area] = max(ends[area], ProgramMutator.u32(bad, at + 8) + (rowByteCount + 63) / 64 * 64 * planes)
    }
    put(ends[0], &bad, program.lowerBound + 20)
    put(ends[1], &bad, program.lowerBound + 24)
  }

  /// Makes identity and header digest those of the head as it is.
  private func seal(_ bytes: inout [UInt8]) {
    let headByteCount = self.headByteCount
    bytes.withUnsafeMutableBytes { all in
      let table = UnsafeRawBufferPointer(rebasing: all[128..<headByteCount])
      all.put(BundleHead.identity(of: table, blake2b256), at: 64)
      let head = UnsafeRawBufferPointer(rebasing: all[0..<headByteCount])
      all.put(BundleHead.headDigest(head, blake2b256), at: 96)
    }
  }
}
