// SPDX-License-Identifier: Apache-2.0
// What the tests of the format share: vectors, the second reader, memory between forbidden pages, seeded numbers.
import Format
import Foundation
import Storage

/// The root of the repository.
let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

/// One file of specs/vectors/bundle and what its .txt says.
struct Vector: CustomStringConvertible, Sendable {
  let name: String
  let file: [UInt8]
  /// "B-13", or "none".
  let rule: String
  /// The error as specs/bundle.md §7 spells it, or "valid".
  let expect: String

  var description: String { name }
  var path: String { Vector.folder.appendingPathComponent(name + ".tack").path }
  static let folder = root.appendingPathComponent("specs/vectors/bundle")

  init(_ name: String) {
    let base = Vector.folder.appendingPathComponent(name)
    let keys = ((try? String(contentsOf: base.appendingPathExtension("txt"), encoding: .utf8)) ?? "")
      .split(separator: "\n").map { $0.split(separator: ":", maxSplits: 1).map(String.init) }
    func value(_ key: String) -> String {
      keys.first { $0.count == 2 && $0[0] == key }?[1].trimmingCharacters(in: .whitespaces) ?? ""
    }
    self.name = name
    rule = value("rule")
    expect = value("expect")
    file = (try? Data(contentsOf: base.appendingPathExtension("tack"))).map { [UInt8]($0) } ?? []
  }

  /// All of them, by name.
  static let all: [Vector] = ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
    .filter { $0.hasSuffix(".tack") }.sorted().map { Vector(String($0.dropLast(5))) }
  static let mappable = all.filter { $0.expect == "valid" }
}

/// Exit status, standard output and standard error of python3 with `arguments`, in the repository; nil without python3.
func python(_ arguments: [String]) -> (status: Int32, output: [UInt8], errors: String)? {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = ["python3", "-B"] + arguments
  process.currentDirectoryURL = root
  let (output, errors) = (Pipe(), Pipe())
  process.standardOutput = output
  process.standardError = errors
  guard (try? process.run()) != nil else { return nil }
  let bytes = [UInt8](output.fileHandleForReading.readDataToEndOfFile())
  let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  return (process.terminationStatus, bytes, text)
}

let hasPython = python(["-c", "pass"])?.status == 0

/// What a test sees of an attempt to open a bundle.
enum Outcome: Equatable {
  case accepted
  case refused(BundleError)

  /// As specs/bundle.md §7 spells it.
  var text: String {
    switch self {
    case .accepted: "valid"
    case .refused(let error): "\(error)".replacingOccurrences(of: "Format.BundleError.TensorField.", with: ".")
    }
  }
}

/// Opens `file` and, when that succeeds, reads all that a view gives.
func open(_ file: UnsafeRawBufferPointer) -> Outcome {
  do throws(BundleError) {
    readAll(try BundleView(checking: file, blake2b: blake2b256))
    return .accepted
  } catch {
    return .refused(error)
  }
}

/// Touches every byte that the view gives.
@inline(never) func readAll(_ view: BundleView) {
  var sum: UInt64 = 0
  for i in 0..<view.head.sectionCount {
    for byte in view.bytes(of: view.head.section(i).kind) { sum &+= UInt64(byte) }
  }
  for i in 0..<view.tensorCount {
    for byte in view.bytes(of: view.tensor(i)) { sum &+= UInt64(byte) }
  }
  inspectJSON(view) { part in sum &+= UInt64(part.count) }
  Manifest(view).forEach { key, value in sum &+= UInt64(key.count + value.count) }
  withExtendedLifetime(sum) {}
}

/// Memory between two pages that cannot be read: a read outside of it ends the test.
final class FencedMemory {
  private let start: UnsafeMutableRawPointer
  private let byteCount: Int

  /// Room for `byteCountMax` bytes.
  init(byteCountMax: Int) {
    byteCount = (byteCountMax + 65_535) / 65_536 * 65_536
    let all = mmap(nil, byteCount + 2 * 65_536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    precondition(all != MAP_FAILED, "no memory for the test")
    start = all! + 65_536
    precondition(mprotect(start, byteCount, PROT_READ | PROT_WRITE) == 0, "no memory for the test")
  }

  deinit { munmap(start - 65_536, byteCount + 2 * 65_536) }

  /// A copy of `bytes` that ends where the memory ends, or starts where it starts.
  func place(_ bytes: [UInt8], atEnd: Bool) -> UnsafeRawBufferPointer {
    let at = atEnd ? start + (byteCount - bytes.count) : start
    bytes.withUnsafeBytes { at.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(at), byteCount: $0.count) }
    return UnsafeRawBufferPointer(start: at, count: bytes.count)
  }
}

/// SplitMix64: the same numbers everywhere for one seed.
struct Seeded {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(limit)) }
}
