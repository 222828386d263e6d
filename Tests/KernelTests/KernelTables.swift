// SPDX-License-Identifier: Apache-2.0
// What the tests of the float kernels share: the tables of this processor, seeded rows, and references in double.
import CKernels
import Glibc
import Testing

/// One instruction set that this processor runs.
struct Table: CustomTestStringConvertible {
  var isa: ht_isa
  var pointer: UnsafePointer<ht_kernels> { ht_kernels_of(isa)! }
  var kernels: ht_kernels { pointer.pointee }
  var testDescription: String { String(cString: ht_isa_name(isa)) }

  static let scalar = Table(isa: HT_ISA_SCALAR)
  /// All of them, scalar first.
  static let all: [Table] = (0..<HT_ISA_COUNT.rawValue).map { Table(isa: ht_isa(rawValue: $0)) }.filter {
    ht_kernels_of($0.isa) != nil && ht_isa_available($0.isa, hardwareCapabilities)
  }
}

/// AT_HWCAP, from the kernel's list of keys and values.
private let hardwareCapabilities: UInt64 = {
  guard let file = fopen("/proc/self/auxv", "r") else { return 0 }
  defer { fclose(file) }
  var entry: (key: UInt, value: UInt) = (0, 0)
  while fread(&entry, MemoryLayout.size(ofValue: entry), 1, file) == 1, entry.key != 16 {}
  return entry.key == 16 ? UInt64(entry.value) : 0
}()

/// Numbers between −`limit` and `limit`.
func seededRow(_ count: Int, seed: UInt64, limit: Float = 2) -> [Float] {
  var random = SeededNumbers(seed: seed)
  return (0..<count).map { _ in Float.random(in: -limit...limit, using: &random) }
}

/// Numbers that arithmetic trips over, among ordinary ones.
func nastyRow(_ count: Int, seed: UInt64) -> [Float] {
  let nasty: [Float] = [
    .nan, .infinity, -.infinity, .leastNonzeroMagnitude, -.leastNormalMagnitude, .greatestFiniteMagnitude, 0, -0.0,
    88.72284, -87.33655, 1e-20, -3e19,
  ]
  var random = SeededNumbers(seed: seed)
  return (0..<count).map { _ in
    let pick = Int.random(in: 0..<40, using: &random)
    return pick < nasty.count ? nasty[pick] : Float.random(in: -9...9, using: &random)
  }
}

/// The bits, any NaN as one: its sign and payload are not fixed.
func bits(_ row: [Float]) -> [UInt32] { row.map { $0.isNaN ? 0x7fc0_0000 : $0.bitPattern } }

/// Bytes on a 64-byte boundary, filled with NaN (0xff) so that what is read before it is written shows.
final class LinedBytes {
  let bytes: UnsafeMutableRawBufferPointer
  init(_ byteCount: Int) {
    bytes = .allocate(byteCount: byteCount, alignment: 64)
    bytes.initializeMemory(as: UInt8.self, repeating: 0xff)
  }
  deinit { bytes.deallocate() }
  var base: UnsafeMutablePointer<UInt8> { bytes.baseAddress!.assumingMemoryBound(to: UInt8.self) }
  var floats: UnsafeMutablePointer<Float> { bytes.baseAddress!.assumingMemoryBound(to: Float.self) }
}

let widths = [1, 2, 15, 16, 17, 31, 64, 100, 576]
