// SPDX-License-Identifier: Apache-2.0
// Seeded mutations of small compressed bundles: no crash, no hang, no wrong result. HARDTACK_FUZZ is their number.
import CSystem
import Format
import Foundation
import Packager
import Storage
import Testing

/// How many mutations: `HARDTACK_FUZZ`, or few enough to wait for.
let fuzzCount = ProcessInfo.processInfo.environment["HARDTACK_FUZZ"].flatMap { Int($0) } ?? 2_000

@Suite("Mutated streams")
struct FuzzTests {
  /// Small bundles whose blocks have each transform and coding.
  private func makeSeeds() throws -> [[UInt8]] {
    let few = makeWeightBundle(rows: 40, columns: 64, seed: 1) { _, byteCount, random in
      (0..<byteCount).map { _ in UInt8(truncatingIfNeeded: random.next() % 5 &* 40) }
    }
    let text = Array(repeating: Array("some text of a tokenizer ".utf8), count: 90).flatMap { $0 }
    let plain = makeBundle([(.manifest, manifestBytes), (.tokenizer, text)])
    return try [few, makeWeightBundle(rows: 17, columns: 40, seed: 2), plain].map { try Folder().compress($0) }
  }

  @Test("never crash, hang or come out wrong") func mutations() throws {
    let workspace = Workspace()
    let expander = try Expander(workspace: workspace.room)
    let input = memoryFile()
    let output = memoryFile()
    defer { sys_close(input); sys_close(output) }
    var random = SeededBytes(2026)
    let seeds = try makeSeeds()
    var slowest: UInt64 = 0
    var passed = 0
    for i in 0..<fuzzCount {
      let bytes = mutate(seeds[i % seeds.count], &random)
      fill(input, bytes)
      fill(output, [])
      let start = sys_monotonic_ns()
      do throws(StorageError) {
        _ = try expander.expand(descriptor: input, into: output)
        passed += 1
        checkResult(output, mutation: i)
      } catch {}
      slowest = max(slowest, sys_monotonic_ns() - start)
    }
    #expect(slowest < 1_000_000_000)
    #expect(passed < fuzzCount / 5)  // else the mutations would be no test
  }

  /// A mutated head may promise something else, and keep it; the digests are those of what came out.
  private func checkResult(_ output: Int32, mutation: Int) {
    var kind: Int32 = 0
    var byteCount: UInt64 = 0
    sys_descriptor_info(output, &kind, &byteCount)
    var file = [UInt8](repeating: 0, count: Int(byteCount))
    var got = 0
    let error = file.withUnsafeMutableBytes { sys_pread(output, $0.baseAddress, $0.count, 0, &got) }
    #expect(error == 0 && got == file.count)
    file.withUnsafeBytes { room in
      if let view = try? BundleView(checking: room, blake2b: blake2b256) {
        #expect(verify(view) == nil, "mutation \(mutation)")
      }
    }
  }

  private func memoryFile() -> Int32 {
    let path = NSTemporaryDirectory() + "storage-fuzz-\(UUID().uuidString)"
    let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    precondition(descriptor >= 0)
    unlink(path)
    return descriptor
  }

  private func fill(_ descriptor: Int32, _ bytes: [UInt8]) {
    ftruncate(descriptor, 0)
    lseek(descriptor, 0, SEEK_SET)
    #expect(bytes.withUnsafeBytes { sys_write(descriptor, $0.baseAddress, $0.count) } == 0)
    lseek(descriptor, 0, SEEK_SET)
  }

  /// One to four changes; the head is signed again in half of the cases, so that what comes behind it is reached.
  private func mutate(_ stream: [UInt8], _ random: inout SeededBytes) -> [UInt8] {
    var bytes = stream
    for _ in 0...Int(random.next() % 4) {
      let table = stream.sectionTable
      let section = table[Int(random.next() % UInt64(table.count))]
      switch random.next() % 8 {
      case 0: bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
      case 1, 2:  // records of a block
        let at = section.offset + Int(random.next() % 92)
        if at < bytes.count { bytes[at] = interesting(&random) }
      case 3, 4:  // anywhere in a section
        let at = section.offset + Int(random.next() % UInt64(max(section.storedByteCount, 1)))
        if at < bytes.count { bytes[at] = interesting(&random) }
      case 5:  // a number in the section table
        let at = 128 + 64 * Int(random.next() % UInt64(table.count)) + 8 * Int(random.next() % 4)
        bytes.put(random.next() >> (random.next() % 64), at, 8)
      case 6:
        let at = section.offset + 4 * Int(random.next() % 12)
        if at + 4 <= bytes.count { bytes.put(random.next() >> (random.next() % 64), at, 4) }
      default: bytes.removeLast(Int(random.next() % 64))
      }
    }
    if random.next() % 2 == 0, bytes.count > 128 + 64 * Int(bytes.number(10, 2)), bytes.number(10, 2) <= 16 {
      bytes.sign()
    }
    return bytes
  }

  private func interesting(_ random: inout SeededBytes) -> UInt8 {
    [0, 1, 2, 3, 4, 16, 17, 127, 128, 255, UInt8(truncatingIfNeeded: random.next())][Int(random.next() % 11)]
  }
}
