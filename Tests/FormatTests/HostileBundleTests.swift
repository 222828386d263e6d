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
      let bad = mutated(seeds[random.below(seeds.count)], &random)
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
}
