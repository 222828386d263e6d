// SPDX-License-Identifier: Apache-2.0
// An index in a file of its own, made by the writer, and seeded vectors.
import CKernels
import CSystem
import Foundation
import Retrieval

/// Numbers that are the same in every run (splitmix64).
struct Seeded: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
  mutating func gaussian() -> Float {
    let u = Double.random(in: 1e-12..<1, using: &self), v = Double.random(in: 0..<1, using: &self)
    return Float((-2 * log(u)).squareRoot() * cos(2 * .pi * v))
  }
  /// Of length 1.
  mutating func direction(_ count: Int) -> [Float] { normalised((0..<count).map { _ in gaussian() }) }
}

func normalised(_ vector: [Float]) -> [Float] {
  let length = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
  return vector.map { Float(Double($0) / length) }
}

/// One passage as a test gives it.
struct Given {
  var source: String
  var offset: UInt64
  var text: String
  var vector: [Float]
}

/// The tables of this processor, scalar first.
let kernelTables: [ht_isa] = (0..<HT_ISA_COUNT.rawValue).map { ht_isa(rawValue: $0) }.filter {
  ht_kernels_of($0) != nil && ht_isa_available($0, sys_auxiliary(16))
}

/// A file that is gone with its owner.
final class IndexFile {
  let path: String
  let dimensionCount: Int
  static let identity: (UInt64, UInt64, UInt64, UInt64) = (1, 2, 3, 4)

  init(_ dimensionCount: Int) throws {
    path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString + ".tix").path
    self.dimensionCount = dimensionCount
    guard FileManager.default.createFile(atPath: path, contents: nil) else { throw CocoaError(.fileWriteUnknown) }
    try withDescriptor { descriptor in
      try IndexWriter.create(descriptor, identity: IndexFile.identity, dimensionCount: dimensionCount)
    }
  }
  deinit { unlink(path) }

  func withDescriptor<R>(_ body: (Int32) throws -> R) throws -> R {
    let descriptor = open(path, O_RDWR | O_CLOEXEC)
    defer { close(descriptor) }
    return try body(descriptor)
  }

  /// Opens, appends, commits, closes.
  func add(_ passages: [Given], batchPassageCount: Int = 64) throws {
    try withDescriptor { descriptor in
      let batch = IndexBatch(dimensionCount: dimensionCount, passageCountMax: batchPassageCount)
      let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: batch.scratchByteCount, alignment: 64)
      defer { scratch.deallocate() }
      scratch.initializeMemory(as: UInt8.self, repeating: 0xAA)
      var writer = try IndexWriter(descriptor, batch: batch, scratch: scratch)
      var names: [UnsafeMutableRawBufferPointer] = []
      defer { for name in names { name.deallocate() } }
      var source: String?
      for passage in passages {
        if passage.source != source {
          source = passage.source
          let name = UnsafeMutableRawBufferPointer.allocate(byteCount: max(passage.source.utf8.count, 1), alignment: 1)
          name.copyBytes(from: passage.source.utf8)
          names.append(name)
          try writer.beginSource(UnsafeRawBufferPointer(rebasing: name[0..<passage.source.utf8.count]))
        }
        try Array(passage.text.utf8).withUnsafeBytes { text in
          try passage.vector.withUnsafeBufferPointer { vector in
            try writer.append(offset: passage.offset, text: text, vector: vector)
          }
        }
      }
      try writer.commit()
    }
  }

  var bytes: [UInt8] { [UInt8](FileManager.default.contents(atPath: path) ?? Data()) }
}

/// What a search finds.
func found(_ index: Index, _ query: [Float], count: Int, isa: ht_isa = HT_ISA_SCALAR) throws -> [Hit] {
  let byteCount = Index.searchScratchByteCount(dimensionCount: index.dimensionCount, hitCountMax: count)
  let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
  defer { scratch.deallocate() }
  var hits = [Hit](repeating: Hit(score: .nan, passage: .max), count: count)
  let foundCount = try query.withUnsafeBufferPointer { query in
    try hits.withUnsafeMutableBufferPointer {
      try index.search(query, kernels: ht_kernels_of(isa)!, scratch: scratch, into: $0)
    }
  }
  return Array(hits[0..<foundCount])
}

/// Bytes on a 64-byte line, as a mapped file is.
final class Aligned {
  let bytes: UnsafeMutableRawBufferPointer
  init(_ contents: [UInt8]) {
    bytes = .allocate(byteCount: max(contents.count, 1), alignment: 64)
    bytes.copyBytes(from: contents)
    count = contents.count
  }
  let count: Int
  deinit { bytes.deallocate() }
  var view: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[0..<count]) }
}
