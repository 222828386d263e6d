// SPDX-License-Identifier: Apache-2.0
// Small whole bundles for the tests, built with Format's own writer, and files in a folder that goes away.
import CSystem
import Format
import Foundation
import Packager
import Storage

/// A generator of bytes that depends on its seed alone (SplitMix64).
struct SeededBytes: RandomNumberGenerator {
  var state: UInt64
  init(_ seed: UInt64) { state = seed }
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Sections → the bytes of a mappable bundle. The lists of page digests are added.
func makeBundle(_ contents: [(SectionKind, [UInt8])]) -> [UInt8] {
  var contents = contents.sorted { $0.0.rawValue < $1.0.rawValue }
  var lists: [UInt8] = []
  for (_, bytes) in contents { _ = bytes.withUnsafeBytes { sectionDigest(of: $0) { lists += raw($0) } } }
  contents.append((.pages, lists))
  var sections = contents.map { kind, bytes in
    Section(
      kind: kind, byteCount: UInt64(bytes.count), digest: bytes.withUnsafeBytes { sectionDigest(of: $0) })
  }
  let byteCount = Int(sections.withUnsafeMutableBufferPointer { HeadWriter.place($0, compressed: false)! })
  var file = [UInt8](repeating: 0, count: byteCount)
  file.withUnsafeMutableBytes { room in
    let headByteCount = Header.headByteCount(sectionCount: sections.count)
    sections.withUnsafeBufferPointer {
      HeadWriter.write(
        $0, compressed: false, fileByteCount: UInt64(byteCount),
        into: UnsafeMutableRawBufferPointer(rebasing: room[0..<headByteCount]), blake2b: blake2b256)
    }
    for (section, content) in zip(sections, contents) {
      UnsafeMutableRawBufferPointer(rebasing: room[Int(section.offset)...]).copyBytes(from: content.1)
    }
  }
  return file
}

private func raw(_ digest: Digest) -> [UInt8] {
  withUnsafeBytes(of: digest) { Array($0) }
}

let manifestBytes = Array("name=test\n".utf8)

/// A bundle with one tensor of each format, `rows` × `columns` (k formats: a multiple of 256), filled by `fill`.
func makeWeightBundle(
  rows: Int, columns: Int, seed: UInt64, fill: (WeightFormat, Int, inout SeededBytes) -> [UInt8] = plausibleWeights
) -> [UInt8] {
  var random = SeededBytes(seed)
  var weights: [UInt8] = []
  var table: [UInt8] = []
  var names: [UInt8] = []
  for raw in UInt16(0)...16 {
    let format = WeightFormat(rawValue: raw)!
    for isPlain in format == .f32 ? [true, false] : [false] {
      let k = format.columnMultiple == 256 ? (columns + 255) / 256 * 256 : columns
      var tensor = Tensor(format: format, isPlain: isPlain, rows: rows, columns: k)
      weights += [UInt8](repeating: 0, count: (64 - weights.count % 64) % 64)
      let name = Array("t\(raw)\(isPlain ? "p" : "")".utf8)
      tensor.offset = UInt64(weights.count)
      tensor.nameOffset = UInt32(names.count)
      tensor.nameByteCount = UInt32(name.count)
      names += name
      weights += fill(format, Int(tensor.byteCount), &random)
      var record = [UInt8](repeating: 0, count: Tensor.byteCount)
      record.withUnsafeMutableBytes { tensor.write(into: $0, at: 0) }
      table += record
    }
  }
  return makeBundle([(.manifest, manifestBytes), (.names, names), (.tensors, table), (.weights, weights)])
}

/// Bytes that are skewed as those of weights are.
func plausibleWeights(_ format: WeightFormat, _ byteCount: Int, _ random: inout SeededBytes) -> [UInt8] {
  (0..<byteCount).map { _ in
    let word = random.next()
    let a = Int8(truncatingIfNeeded: word) / 4
    let b = Int8(truncatingIfNeeded: word >> 8) / 4
    return UInt8(bitPattern: a + b)
  }
}

/// A folder that lives as long as the value.
final class Folder {
  let path: String
  init() {
    path = NSTemporaryDirectory() + "storage-\(UUID().uuidString)"
    mkdir(path, 0o700)
  }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }
  func write(_ bytes: [UInt8], _ name: String) -> String {
    _ = FileManager.default.createFile(atPath: file(name), contents: Data(bytes))
    return file(name)
  }
  /// Nothing when there is no such file.
  func read(_ name: String) -> [UInt8] { Array(FileManager.default.contents(atPath: file(name)) ?? Data()) }
  /// Every entry, hidden ones too.
  var entries: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }

  /// The compressed form of `bundle`.
  func compress(_ bundle: [UInt8], threads: Int = 2) throws -> [UInt8] {
    try compressBundle(input: write(bundle, "in.tack"), output: file("out.tackz"), threads: threads)
    return read("out.tackz")
  }
}

/// Memory for an expander.
final class Workspace {
  let room = UnsafeMutableRawBufferPointer.allocate(byteCount: Expander.workspaceByteCount, alignment: 64)
  deinit { room.deallocate() }

  /// Expands the file `from` into `to`.
  func expand(_ from: String, to: String) throws(StorageError) -> Digest {
    var descriptor: Int32 = 0
    let error = sys_open_read(from, &descriptor)
    guard error == 0 else { throw .system(call: .openInput, errno: error) }
    defer { sys_close(descriptor) }
    return try Expander(workspace: room).expand(descriptor: descriptor, path: to)
  }
}
