// SPDX-License-Identifier: Apache-2.0
// Damaged and malicious bundles: always a typed error, never a crash, a hang or a read outside the file.
import Format
import Foundation
import Storage
import Testing

@Suite("Hostile bundles")
struct HostileBundleTests {
  @Test("any single byte of the smallest bundle changed to any other: refused, or seen by verify")
  func everyByte() {
    let good = Vector("valid_least").file
    let memory = FencedMemory(byteCountMax: good.count)
    var missed: [Int] = []
    for at in good.indices {
      for change in 1...255 {
        var bad = good
        bad[at] ^= UInt8(change)
        let file = memory.place(bad, atEnd: true)
        do throws(BundleError) {
          let view = try BundleView(checking: file, blake2b: blake2b256)
          if at < 256 || verify(view) == nil { missed.append(at) }
        } catch {
          // What comes after the magic, version, features and section count is for the digest to see.
          if at >= 24 && at < 256 && error != .headerDigestDiffers { missed.append(at) }
        }
      }
    }
    #expect(good.count == 352)
    #expect(missed.isEmpty)
  }

  @Test("cut anywhere", arguments: ["valid_least", "valid_tensors", "valid_texts", "valid_head_compressed"])
  func cutAnywhere(name: String) {
    let good = Vector(name).file
    let memory = FencedMemory(byteCountMax: good.count)
    for byteCount in good.indices {
      guard case .refused(let error) = open(memory.place([UInt8](good[..<byteCount]), atEnd: true)) else {
        Issue.record("taken with \(byteCount) bytes")
        continue
      }
      #expect(error.rule == 1 || error.rule == 8, "\(byteCount) bytes: \(error)")
    }
  }

  @Test("mutations with digests made right again")
  func mutations() {
    let count = ProcessInfo.processInfo.environment["HARDTACK_FUZZ"].flatMap { Int($0) } ?? 100_000
    let seeds = ["valid_least", "valid_tensors", "valid_texts", "valid_program", "valid_head_compressed"]
      .map { Vector($0).file }
    let memory = FencedMemory(byteCountMax: 65_536)
    var random = Seeded(7)
    var seen: [Int: Int] = [:]
    var slowest = Duration.zero
    for i in 0..<count {
      let bad = mutate(seeds[random.below(seeds.count)], &random)
      let file = memory.place(bad, atEnd: i % 2 == 0)
      let clock = ContinuousClock()
      let begun = clock.now
      let outcome = open(file)
      slowest = max(slowest, clock.now - begun)
      if case .refused(let error) = outcome { seen[error.rule, default: 0] += 1 } else { seen[0, default: 0] += 1 }
    }
    #expect(slowest < .seconds(1))
    // The deep checks were reached: digests hold, so nothing stops at B-06 or B-18.
    #expect(seen[6] == nil && seen[18] == nil)
    guard count >= 50_000 else { return }
    for rule in 0...31 where ![6, 18].contains(rule) { #expect(seen[rule, default: 0] > 0, "rule \(rule) never met") }
  }

  @Test("the second reader gives the same first error on mutations", .enabled(if: hasPython, "needs python3"))
  func bothReaders() throws {
    let seeds = ["valid_least", "valid_tensors", "valid_texts", "valid_program", "valid_head_compressed"]
      .map { Vector($0).file }
    let memory = FencedMemory(byteCountMax: 65_536)
    var random = Seeded(11)
    var (all, ours) = (Data(), [String]())
    for _ in 0..<5_000 {
      let bad = mutate(seeds[random.below(seeds.count)], &random)
      all += withUnsafeBytes(of: UInt32(bad.count).littleEndian) { Data($0) } + Data(bad)
      ours.append(open(memory.place(bad, atEnd: true)).text)
    }
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("hardtack-\(UUID()).bin")
    try all.write(to: path)
    defer { try? FileManager.default.removeItem(at: path) }
    let program = """
      import struct, sys
      sys.path.insert(0, "Tools")
      import bundle_reader
      data, at = open(sys.argv[1], "rb").read(), 0
      while at < len(data):
          end = at + 4 + struct.unpack_from("<I", data, at)[0]
          try:
              bundle_reader.Bundle(data[at + 4:end], must_map=True)
              print("valid")
          except bundle_reader.Refused as error:
              print(str(error).split(" ", 1)[1])
          at = end
      """
    let answer = try #require(python(["-c", program, path.path]))
    let theirs = String(decoding: answer.output, as: UTF8.self).split(separator: "\n").map(String.init)
    #expect(theirs.count == ours.count, "\(answer.errors)")
    let parted = zip(ours, theirs).filter { $0 != $1 }
    #expect(parted.isEmpty, "\(parted.prefix(5))")
  }

  /// One to three changes to fields, bytes or the file's end, then identity and header digest anew.
  private func mutate(_ good: [UInt8], _ random: inout Seeded) -> [UInt8] {
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
}
