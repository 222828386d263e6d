// SPDX-License-Identifier: Apache-2.0
// Seeded damage to bundles, with identity and header digest made right again, so that the deep checks are reached.
import Format
import Storage

/// One to three changes to fields, bytes or the file's end, then identity and header digest anew.
func mutated(_ good: [UInt8], _ random: inout Seeded) -> [UInt8] {
  var bad = good
  for _ in 0...random.below(3) {
    switch random.below(8) {
    case 0:
      bad[random.below(bad.count)] = UInt8(truncatingIfNeeded: random.next())
    case 1:
      bad[random.below(bad.count)] ^= 1 << UInt8(random.below(8))
    case 2, 3, 4:
      change(&bad, at: random.below(bad.count / 4) * 4, byteCount: 4, &random)
    case 5, 6:
      change(&bad, at: random.below(bad.count / 8) * 8, byteCount: 8, &random)
    default:
      let by = random.below(80) - 60
      if by < 0 { bad.removeLast(min(-by, bad.count - 130)) } else { bad += [UInt8](repeating: 0, count: by) }
      if random.below(4) > 0 { put(UInt64(bad.count), in: &bad, at: 32, byteCount: 8) }
    }
  }
  seal(&bad)
  return bad
}

/// Sets a field to a number that tends to break things, or moves it a little.
private func change(_ bytes: inout [UInt8], at: Int, byteCount: Int, _ random: inout Seeded) {
  guard at + byteCount <= bytes.count else { return }
  var old: UInt64 = 0
  for i in 0..<byteCount { old |= UInt64(bytes[at + i]) << UInt64(8 * i) }
  let steps: [UInt64] = [1, ~0, 48, 64, ~63, 65_536, 4, ~3]
  let extremes: [UInt64] = [0, 1, 0x7FFF_FFFF, 0xFFFF_FFFF, 1 << 40, 1 << 63, ~0, ~63, 13, 2]
  put(
    random.below(2) == 0 ? old &+ steps[random.below(steps.count)] : extremes[random.below(extremes.count)],
    in: &bytes, at: at, byteCount: byteCount)
}

private func put(_ value: UInt64, in bytes: inout [UInt8], at: Int, byteCount: Int) {
  for i in 0..<byteCount { bytes[at + i] = UInt8(truncatingIfNeeded: value >> UInt64(8 * i)) }
}

/// Makes identity and header digest those of the head as it is, if the head is all there.
private func seal(_ bytes: inout [UInt8]) {
  guard bytes.count >= 128 else { return }
  let headByteCount = 128 + 64 * (Int(bytes[10]) + 256 * Int(bytes[11]))
  guard headByteCount <= bytes.count, headByteCount > 128, headByteCount <= 128 + 64 * 16 else { return }
  bytes.withUnsafeMutableBytes { all in
    let table = UnsafeRawBufferPointer(rebasing: all[128..<headByteCount])
    all.put(BundleHead.identity(of: table, blake2b256), at: 64)
    let head = UnsafeRawBufferPointer(rebasing: all[0..<headByteCount])
    all.put(BundleHead.headDigest(head, blake2b256), at: 96)
  }
}
