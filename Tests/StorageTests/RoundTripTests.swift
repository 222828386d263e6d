// SPDX-License-Identifier: Apache-2.0
// compress, then expand: the same file, byte for byte; both forms with one identity.
import CSystem
import Format
import Foundation
import Packager
import Storage
import Testing

@Suite("A compressed bundle")
struct RoundTripTests {
  private func expectRoundTrip(_ bundle: [UInt8]) throws {
    let folder = Folder()
    let compressed = try folder.compress(bundle)
    let identity = try Workspace().expand(folder.file("out.tackz"), to: folder.file("back.tack"))
    #expect(folder.read("back.tack") == bundle)
    #expect(folder.entries == ["back.tack", "in.tack", "out.tackz"])
    let heads = try [bundle, compressed].map { file in
      try file.withUnsafeBytes { try BundleHead(checking: $0, blake2b: blake2b256).identity }
    }
    #expect(heads[0] == heads[1])
    #expect(heads[0] == identity)
  }

  @Test(
    "gives back sections of every size around pages and blocks",
    arguments: [1, 63, 64, 65, 65_535, 65_536, 65_537, 1 << 20, (1 << 20) - 1, (1 << 20) + 1, 3_000_001])
  func sizes(byteCount: Int) throws {
    let licence = Array(repeating: UInt8(65), count: 1000)
    let text = Array(repeating: Array("the quick brown fox ".utf8), count: byteCount / 20 + 1).flatMap { $0 }
    try expectRoundTrip(
      makeBundle([
        (.manifest, manifestBytes), (.program, [UInt8](repeating: 0, count: byteCount)),
        (.tokenizer, Array(text[0..<byteCount])), (.conformance, pattern(byteCount)), (.licence, licence),
      ]))
  }

  @Test(
    "gives back weights of every format",
    arguments: [(1, 1), (16, 32), (17, 33), (33, 96), (64, 576), (160, 544), (40, 70_000)])
  func weights(rows: Int, columns: Int) throws {
    try expectRoundTrip(makeWeightBundle(rows: rows, columns: columns, seed: UInt64(rows * 1000 + columns)))
  }

  /// Panels over 1 MiB are cut between units.
  @Test("gives back panels larger than a block") func largePanels() throws {
    try expectRoundTrip(makeWeightBundle(rows: 3, columns: 140_000, seed: 9))
  }

  /// Groups of at most 16 values, few scales, columns of different spread: each arrangement is the best somewhere.
  @Test("gives back weights that each arrangement suits", arguments: 0..<4)
  func arrangements(kind: Int) throws {
    let bundle = makeWeightBundle(rows: 256, columns: 256, seed: UInt64(kind)) { _, byteCount, random in
      (0..<byteCount).map { i in
        let word = random.next()
        switch kind {
        case 0: return UInt8(truncatingIfNeeded: word % 7 &* 30)
        case 1: return UInt8(truncatingIfNeeded: word % UInt64(1 + i % 4 * 60))
        case 2: return i % 1088 < 64 ? UInt8(truncatingIfNeeded: word % 3) : UInt8(truncatingIfNeeded: word)
        default: return 0
        }
      }
    }
    try expectRoundTrip(bundle)
  }

  /// Floats that were quantized once: few different ones in each row of a group.
  @Test("is small where floats are few") func fewNumbers() throws {
    let bundle = makeWeightBundle(rows: 100, columns: 320, seed: 1) { format, byteCount, random in
      let words: [UInt32] = [0x3F80_0000, 0xBF80_0000, 0, 0x8000_0000, 0x7FC0_0001, 0x0000_0001, 0xFFFF_FFFF]
      return (0..<(byteCount / 4)).flatMap { _ -> [UInt8] in
        let word = words[Int(random.next() % UInt64(words.count))]
        return (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * UInt32($0))) }
      }
    }
    try expectRoundTrip(bundle)
    // 17 % with palettes, 21.5 % with planes of bytes alone.
    #expect(try Folder().compress(bundle).count < bundle.count * 19 / 100)
  }

  @Test("has the same bytes whatever the number of threads") func deterministic() throws {
    let bundle = makeWeightBundle(rows: 200, columns: 800, seed: 3)
    let folder = Folder()
    let one = try folder.compress(bundle, threads: 1)
    #expect(try folder.compress(bundle, threads: 3) == one)
    #expect(try folder.compress(bundle, threads: 8) == one)
  }

  @Test("is smaller where there is something to gain") func smaller() throws {
    let bundle = makeWeightBundle(rows: 200, columns: 800, seed: 3)
    let compressed = try Folder().compress(bundle)
    #expect(compressed.count < bundle.count * 85 / 100)
  }

  @Test("is refused where a mappable one is needed") func notMappable() throws {
    let compressed = try Folder().compress(makeWeightBundle(rows: 20, columns: 64, seed: 3))
    #expect(throws: BundleError.compressed) {
      try compressed.withUnsafeBytes { _ = try BundleView(checking: $0, blake2b: blake2b256) }
    }
  }

  @Test("is not made when nothing becomes smaller") func nothingToGain() throws {
    let folder = Folder()
    #expect(throws: CompressError.nothingToGain) { try folder.compress(makeBundle([(.manifest, manifestBytes)])) }
    #expect(folder.entries == ["in.tack"])
  }

  @Test("comes through a pipe, in pieces of any size") func pipe() throws {
    let folder = Folder()
    let bundle = makeWeightBundle(rows: 100, columns: 300, seed: 5)
    let compressed = try folder.compress(bundle)
    let pipe = Pipe()
    let writer = Thread {
      var at = 0
      var step = 1
      while at < compressed.count {
        let end = min(at + step, compressed.count)
        pipe.fileHandleForWriting.write(Data(compressed[at..<end]))
        at = end
        step = step % 9_973 * 2 + 1
      }
      try? pipe.fileHandleForWriting.close()
    }
    writer.start()
    let workspace = Workspace()
    _ = try Expander(workspace: workspace.room).expand(
      descriptor: pipe.fileHandleForReading.fileDescriptor, path: folder.file("back.tack"))
    #expect(folder.read("back.tack") == bundle)
  }

  @Test("reports progress that rises to the whole") func progress() throws {
    let folder = Folder()
    let bundle = makeWeightBundle(rows: 200, columns: 800, seed: 3)
    _ = try folder.compress(bundle)
    var descriptor: Int32 = 0
    #expect(sys_open_read(folder.file("out.tackz"), &descriptor) == 0)
    defer { sys_close(descriptor) }
    var seen: [UInt64] = []
    let workspace = Workspace()
    _ = try Expander(workspace: workspace.room).expand(descriptor: descriptor, path: folder.file("b")) {
      seen.append($0)
      #expect($1 == UInt64(bundle.count))
    }
    #expect(seen.last == UInt64(bundle.count))
    #expect(seen == seen.sorted())
  }

  @Test("is not made from a damaged bundle") func damagedInput() throws {
    var bundle = makeWeightBundle(rows: 20, columns: 64, seed: 3)
    bundle[bundle.count / 2] ^= 1
    let folder = Folder()
    #expect(throws: CompressError.self) { try folder.compress(bundle) }
    #expect(folder.entries == ["in.tack"])
  }

  @Test("fits in the memory that is promised") func memory() {
    #expect(Expander.workspaceByteCount <= 8 << 20)
    let small = UnsafeMutableRawBufferPointer(rebasing: Workspace().room[0..<1000])
    #expect(throws: StorageError.workspaceTooSmall(have: 1000, need: UInt64(Expander.workspaceByteCount))) {
      try Expander(workspace: small)
    }
  }
}
