// SPDX-License-Identifier: Apache-2.0
// Damaged and malicious programs: a typed error, or a run that stays inside its memory; never a crash or a hang.
import CKernels
import Format
import Foundation
import Ops
import Storage
import Testing
import TestBundles

/// Programs that between them have every op and every entry.
private let mutated = [
  "valid_layer", "valid_short", "valid_capped", "valid_encoder", "valid_translator", "valid_outliers",
]

@Suite("Hostile programs", .serialized)
struct HostileProgramTests {
  @Test("mutations: refused, or run inside their memory", arguments: mutated)
  func mutations(name: String) throws {
    let count = mutationCount(usual: 100_000) / 2
    let mutator = try ProgramMutator(ProgramVector(name).file)
    let memory = FencedMemory(byteCountMax: mutator.good.count)
    let runner = FencedRun()
    var random = Seeded(UInt64(11 + mutated.firstIndex(of: name)!))
    var seen: [String: Int] = [:]
    var slowest = Duration.zero
    for i in 0..<count {
      let bad = mutator.mutated(&random)
      let file = memory.place(bad, atEnd: i % 2 == 0)
      let begun = ContinuousClock().now
      let outcome = attempt(file, memory, runner, i)
      slowest = max(slowest, ContinuousClock().now - begun)
      seen[outcome, default: 0] += 1
    }
    #expect(slowest < .seconds(1))
    let figures = seen.sorted { $0.value > $1.value }.map { "\($0.key) \($0.value)" }
    print("\(name): \(figures.joined(separator: ", ")); too large to run \(runner.skipped); slowest \(slowest)")
    #expect(seen["ran", default: 0] > count / 100, "too few reach the executor: \(seen)")
    #expect(seen["headerDigestDiffers"] == nil && seen["identityDiffers"] == nil)
    guard count >= 25_000 else { return }
    for known in [
      "countOutOfRange", "reservedNotZero", "entryMalformed", "valueMalformed", "valueLifetime",
      "valueMisplaced", "opcodeUnknown", "operandMissing", "lastUseDiffers", "valuesOverlap", "tensorMismatch",
      "shapeMismatch", "parameterOutOfRange", "logitsMalformed",
    ] { #expect(seen[known, default: 0] > 0, "\(known) never met") }
  }

  /// Opens and runs; what lies behind the weights cannot be touched while it runs.
  private func attempt(
    _ file: UnsafeRawBufferPointer, _ memory: FencedMemory, _ runner: FencedRun, _ i: Int
  ) -> String {
    do throws(BundleError) {
      let view = try BundleView(checking: file, blake2b: blake2b256)
      do throws(ProgramError) {
        let program = try Program(checking: view)
        let isa = availableISAs[i % availableISAs.count]
        let logits = runner.run(
          program, kv: ht_kv(rawValue: UInt32(i / 5 % 3)), isa: isa, lanes: 1 + i % 3, atEnd: i % 2 == 0)
        return logits == nil ? "not run" : "ran"
      } catch { return String("\(error)".prefix { $0 != "(" }) }
    } catch { return String("\(error)".prefix { $0 != "(" }) }
  }

  @Test(
    "weights of all kinds of noise, under every kernel set: nothing outside, the same bits from each",
    arguments: ["valid_layer", "valid_capped", "valid_encoder", "valid_outliers"])
  func noise(name: String) throws {
    let good = ProgramVector(name).file
    let section = try #require(
      try good.withUnsafeBytes { try BundleHead(checking: $0, blake2b: blake2b256) }.section(.weights))
    let weights = Int(section.offset)..<Int(section.offset + section.byteCount)
    // Every byte of a tensor, but not the padding between tensors, which must stay zero.
    let bundle = try OpenBundle(good)
    let places = (0..<bundle.view.tensorCount).map { bundle.view.tensor($0) }.flatMap { tensor in
      let start = weights.lowerBound + Int(tensor.offset)
      return start..<(start + Int(tensor.byteCount))
    }
    // Moved so that the weights end at a page's end: what follows them, the section of page digests, is fenced off.
    let memory = FencedMemory(byteCountMax: good.count + 4096)
    let runner = FencedRun()
    var random = Seeded(5)
    for round in 0..<200 {
      var bad = good
      for at in places where round < 100 || random.below(8) == 0 { bad[at] = UInt8(truncatingIfNeeded: random.next()) }
      // 64-byte aligned, with the end of the weights at most 63 bytes before a page's end.
      let start = (4096 - weights.upperBound % 4096) / 64 * 64
      let file = memory.place([UInt8](repeating: 0, count: start) + bad, atEnd: false)
      let view = try BundleView(
        checking: UnsafeRawBufferPointer(rebasing: file[start...]), blake2b: blake2b256)
      let program = try Program(checking: view)
      let end = file.baseAddress! + start + weights.upperBound
      for kv in [HT_KV_F32, HT_KV_F16, HT_KV_Q8] {
        let all = memory.fencing(from: end) {
          availableISAs.map { runner.run(program, kv: kv, isa: $0, lanes: 1 + round % 3, atEnd: round % 2 == 0) }
        }
        let first = try #require(all[0])
        for logits in all { #expect(same(first, try #require(logits))) }
      }
    }
  }

  /// Equal bits, where NaN is NaN.
  private func same(_ a: [Float], _ b: [Float]) -> Bool {
    zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern || ($0.isNaN && $1.isNaN) }
  }

  @Test("the largest programs are judged quickly")
  func largest() throws {
    let seconds = Duration.seconds(1)
    for file in [Largest.alive64(), Largest.kvLayers(), Largest.matmuls()] {
      let memory = FencedMemory(byteCountMax: file.count)
      let bytes = memory.place(file, atEnd: true)
      let view = try BundleView(checking: bytes, blake2b: blake2b256)
      let begun = ContinuousClock().now
      var error: ProgramError?
      do throws(ProgramError) { _ = try Program(checking: view) } catch let found { error = found }
      let taken = ContinuousClock().now - begun
      print("judged \(file.count) bytes in \(taken): \(error.map { "\($0)" } ?? "valid")")
      #expect(taken < seconds)
      #expect(error == nil)
    }
  }
}
