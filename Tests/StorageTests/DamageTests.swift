// SPDX-License-Identifier: Apache-2.0
// Cut, flipped and hostile streams: a typed error that names the section, and nothing left.
import CSystem
import Format
import Foundation
import Packager
import Storage
import Testing

/// Expands byte strings, again and again, in one folder.
final class Victim {
  let folder = Folder()
  private let workspace = Workspace()

  /// The expanded bytes, or the error. Nothing but `back.tack` may be left.
  func expand(_ bytes: [UInt8]) throws(StorageError) -> [UInt8] {
    let path = folder.write(bytes, "stream")
    try? FileManager.default.removeItem(atPath: folder.file("back.tack"))
    do throws(StorageError) {
      _ = try workspace.expand(path, to: folder.file("back.tack"))
    } catch {
      #expect(folder.entries.filter { $0 != "in.tack" && $0 != "out.tackz" } == ["stream"])
      throw error
    }
    return folder.read("back.tack")
  }
}

extension [UInt8] {
  func number(_ at: Int, _ byteCount: Int) -> UInt64 {
    (0..<byteCount).reduce(0) { $0 | UInt64(self[at + $1]) << (8 * UInt64($1)) }
  }

  mutating func put(_ value: UInt64, _ at: Int, _ byteCount: Int) {
    for i in 0..<byteCount { self[at + i] = UInt8(truncatingIfNeeded: value >> (8 * UInt64(i))) }
  }

  /// Makes the head's digests right again.
  mutating func sign() {
    let byteCount = Header.headByteCount(sectionCount: Int(number(10, 2)))
    withUnsafeMutableBytes { room in
      let head = UnsafeMutableRawBufferPointer(rebasing: room[0..<byteCount])
      let table = UnsafeRawBufferPointer(rebasing: head[Header.byteCount...])
      head.put(BundleHead.identity(of: table, blake2b256), at: 64)
      head.put(BundleHead.headDigest(UnsafeRawBufferPointer(head), blake2b256), at: 96)
    }
  }

  /// Kind, offset and stored byte count of each section.
  var sectionTable: [(kind: SectionKind, offset: Int, storedByteCount: Int, isInBlocks: Bool)] {
    (0..<Int(number(10, 2))).map { i in
      let at = 128 + 64 * i
      return (
        SectionKind(rawValue: UInt32(number(at, 4))) ?? .manifest, Int(number(at + 8, 8)), Int(number(at + 16, 8)),
        number(at + 4, 4) == 1
      )
    }
  }

  /// Where each block of the section in blocks starts.
  func blocks(_ offset: Int, _ storedByteCount: Int) -> [Int] {
    var starts: [Int] = []
    var at = offset
    while at < offset + storedByteCount {
      starts.append(at)
      at += 12 + 16 * Int(number(at + 8, 2)) + Int(number(at + 4, 4))
    }
    return starts
  }
}

@Suite("A damaged stream")
struct DamageTests {
  static let bundle = makeWeightBundle(rows: 150, columns: 900, seed: 77)
  private let stream: [UInt8]
  init() throws { stream = try Folder().compress(DamageTests.bundle) }

  @Test("that is cut anywhere gives `cut`, with the section") func cut() throws {
    let table = stream.sectionTable
    var ends: Set<Int> = [0, 1, 127, 128, 129, 128 + 64 * table.count - 1, 128 + 64 * table.count, stream.count - 1]
    for section in table {
      for d in -1...1 { ends.insert(section.offset + d) }
      guard section.isInBlocks else { continue }
      for block in stream.blocks(section.offset, section.storedByteCount) {
        for d in [-1, 0, 1, 11, 12, 13, 28, 100] { ends.insert(min(block + d, stream.count - 1)) }
      }
    }
    for i in 1..<40 { ends.insert(stream.count * i / 40) }
    let victim = Victim()
    for end in ends.sorted() {
      let inside = table.first { end >= $0.offset && end < $0.offset + $0.storedByteCount }
      do throws(StorageError) {
        _ = try victim.expand(Array(stream[0..<end]))
        Issue.record("a stream of \(end) bytes was taken for whole")
      } catch {
        guard case .cut(let section, let have, let need) = error else {
          Issue.record("cut at \(end) gives \(error)")
          continue
        }
        #expect(have == UInt64(end) && need > have)
        #expect(section == inside?.kind, "cut at \(end)")
      }
    }
  }

  @Test("with bytes behind its end is refused") func trailing() {
    #expect(throws: StorageError.trailingBytes(end: UInt64(stream.count))) { try Victim().expand(stream + [0]) }
  }

  /// Some bits of a zstd frame mean nothing to its contents: then the bytes must come out right all the same.
  @Test("with one bit changed gives an error that names the section, or the right bytes") func bitFlips() {
    let table = stream.sectionTable
    let victim = Victim()
    var random = SeededBytes(1)
    var refused = 0
    for i in 0..<600 {
      // Half of them in the records of blocks, which are few bytes.
      var at = Int(random.next() % UInt64(stream.count))
      if i % 2 == 0 {
        let section = table.filter(\.isInBlocks)[i / 2 % table.filter(\.isInBlocks).count]
        let blocks = stream.blocks(section.offset, section.storedByteCount)
        at = blocks[Int(random.next() % UInt64(blocks.count))] + Int(random.next() % 80)
      }
      at = min(at, stream.count - 1)
      var bytes = stream
      bytes[at] ^= 1 << UInt8(random.next() % 8)
      let inside = table.first { at >= $0.offset && at < $0.offset + $0.storedByteCount }
      do throws(StorageError) {
        #expect(try victim.expand(bytes) == DamageTests.bundle)
      } catch {
        refused += 1
        if let inside { #expect(error.section == inside.kind, "bit at \(at): \(error)") }
      }
    }
    #expect(refused > 550)
  }

  @Test("with padding that is not zero is refused") func padding() throws {
    let table = stream.sectionTable
    let gap = try #require(zip(table, table.dropFirst()).first { $0.offset + $0.storedByteCount < $1.offset })
    var bytes = stream
    bytes[gap.1.offset - 1] = 1
    let start = gap.0.offset + gap.0.storedByteCount
    #expect(throws: StorageError.paddingNotZero(offset: UInt64(start))) { try Victim().expand(bytes) }
  }

  @Test("whose blocks lie about their sizes is refused by field") func liars() throws {
    let section = try #require(stream.sectionTable.first { $0.kind == .weights })
    let block = section.offset
    func expect(_ error: StorageError, _ change: (inout [UInt8]) -> Void) {
      var bytes = stream
      change(&bytes)
      #expect(throws: error) { try Victim().expand(bytes) }
    }
    expect(.blockMalformed(section: .weights, block: 0, field: .byteCount)) { $0.put(0, block, 4) }
    expect(.blockMalformed(section: .weights, block: 0, field: .byteCount)) { $0.put(1 << 20 + 1, block, 4) }
    expect(.blockMalformed(section: .weights, block: 0, field: .byteCount)) { $0.put(0xFFFF_FFFF, block, 4) }
    expect(.blockMalformed(section: .weights, block: 0, field: .payloadByteCount)) { $0.put(0, block + 4, 4) }
    expect(.blockMalformed(section: .weights, block: 0, field: .payloadByteCount)) { $0.put(1 << 30, block + 4, 4) }
    expect(.blockMalformed(section: .weights, block: 0, field: .segmentCount)) { $0.put(0, block + 8, 2) }
    expect(.blockMalformed(section: .weights, block: 0, field: .segmentCount)) { $0.put(257, block + 8, 2) }
    expect(.blockMalformed(section: .weights, block: 0, field: .coding)) { $0[block + 10] = 2 }
    expect(.blockMalformed(section: .weights, block: 0, field: .reserved)) { $0[block + 11] = 1 }
    expect(.segmentMalformed(section: .weights, block: 0, segment: 0)) { $0.put(0, block + 12, 4) }
    expect(.segmentMalformed(section: .weights, block: 0, segment: 0)) { $0[block + 16] = 3 }
    expect(.blockDamaged(section: .weights, block: 0)) { bytes in
      let payload = block + 12 + 16 * Int(bytes.number(block + 8, 2))
      bytes.put(0, payload, 4)  // no zstd frame
    }
  }

  /// The size is declared, so it is known before anything is written.
  @Test("that promises more than the disk holds is refused at once") func bomb() throws {
    var bytes = stream
    let i = try #require(bytes.sectionTable.firstIndex { $0.kind == .weights })
    let last = bytes.sectionTable.count - 1
    let more = (1 << 39) - bytes.number(128 + 64 * i + 24, 8)
    let pageCount = bytes.number(128 + 64 * last + 24, 8) / 32 + more / 65_536
    bytes.put(1 << 39, 128 + 64 * i + 24, 8)
    bytes.put(1, 128 + 64 * last + 4, 4)  // the lists, too, in blocks that promise much
    bytes.put(32 * pageCount, 128 + 64 * last + 24, 8)
    bytes.sign()
    do throws(StorageError) {
      _ = try Victim().expand(bytes)
      Issue.record("expanded to a tebibyte")
    } catch {
      switch error {
      case .diskTooSmall(let have, let need): #expect(have < need && need >= 1 << 39)
      default: #expect(error.section == .weights, "\(error)")  // on a huge disk: no further than the stream goes
      }
    }
  }

  @Test("whose section table promises other contents is refused by section") func otherDigest() throws {
    for (i, section) in stream.sectionTable.enumerated() {
      var bytes = stream
      bytes[128 + 64 * i + 40] ^= 1
      bytes.sign()
      #expect(throws: StorageError.sectionDiffers(section: section.kind)) { try Victim().expand(bytes) }
    }
  }

  @Test("that is no stream at all is refused") func other() {
    #expect(throws: StorageError.cut(section: nil, have: 0, need: 128)) { try Victim().expand([]) }
    #expect(throws: StorageError.notCompressed) { try Victim().expand(DamageTests.bundle) }
    #expect(throws: StorageError.bundle(.badMagic(found: 0))) { try Victim().expand([UInt8](repeating: 0, count: 999)) }
  }

  @Test("leaves the file that was there") func keepsTheOld() throws {
    let folder = Folder()
    let old = folder.write([1, 2, 3], "back.tack")
    let cut = folder.write(Array(stream.dropLast()), "stream")
    #expect(throws: StorageError.self) { try Workspace().expand(cut, to: old) }
    #expect(folder.read("back.tack") == [1, 2, 3])
    #expect(folder.entries == ["back.tack", "stream"])
  }
}
