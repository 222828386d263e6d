// SPDX-License-Identifier: Apache-2.0
// A bundle of a model whose weights are not there: the graph that config.json alone gives, for plans and tables.
import Format
import Foundation
import ModelFiles
import Ops
import Storage

/// The bundle of a model as it would be packed, all weights zero: virtual memory that nobody has touched.
public final class Sketch {
  /// The whole file.
  public let bytes: UnsafeRawBufferPointer
  /// Numbers in all tensors of the source; what the packager computes, as tables of RoPE and of sines, does not count.
  public let weightCount: Int

  /// - Parameters:
  ///   - config: as config.json has it.
  ///   - type: of every matrix in the source; `--weights keep` holds it.
  ///   - weights: what `pack` is asked for.
  ///   - stored: tensors that checkpoints of the family may or may not have, and this one has.
  public init(
    config: JSONFields, matrices type: ElementType, weights: WeightChoice = .keep, stored: Set<String> = [],
    activations: ActivationChoice? = nil
  ) throws {
    let family = try config.string("model_type")
    let shape = try ModelShape(config, modelType: family) { SentencePooling() }
    var graph = try shape.graph(
      NoTensors(stored), policy: WeightPolicy(choice: weights, requantize: false), activations: activations,
      invented: type)
    var counts: [String: Int] = [:]
    for tensor in graph.invented { counts[tensor.name] = tensor.shape.reduce(1, *) }
    weightCount = counts.values.reduce(0, +)
    let sections = GraphSections(&graph)
    bytes = try Sketch.file(
      [
        .manifest: [UInt8]("architecture=\(family)\n".utf8), .names: sections.names, .program: sections.program,
        .values: sections.values, .tensors: sections.tensors,
        // A plan has room for a tokenizer where a bundle has one; nobody opens this.
        .tokenizer: [0],
      ], weightsByteCount: sections.weightsByteCount)
  }

  /// The program, proven as on a board. The sketch must outlive it.
  public func program() throws -> Program {
    do { return try Program(checking: try BundleView(checking: bytes, blake2b: blake2b256)) } catch {
      throw PackError.emittedBundleRefused("\(error)")
    }
  }

  deinit { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress!), bytes.count) }

  private static func file(
    _ contents: [SectionKind: [UInt8]], weightsByteCount: UInt64
  ) throws(PackError) -> UnsafeRawBufferPointer {
    var byteCounts = contents.mapValues { UInt64($0.count) }
    byteCounts[.weights] = weightsByteCount
    func section(_ kind: SectionKind, _ byteCount: UInt64) -> Section {
      Section(kind: kind, byteCount: byteCount, digest: (0, 0, 0, 0))
    }
    byteCounts[.pages] = 32 * byteCounts.reduce(0) { $0 + section($1.key, $1.value).pageCount }
    var sections = byteCounts.map { section($0.key, $0.value) }.sorted { $0.kind.rawValue < $1.kind.rawValue }
    let end = sections.withUnsafeMutableBufferPointer { HeadWriter.place($0, compressed: false) }
    guard let end, end <= Limits.fileByteCountMax else {
      throw .limit(what: "the bundle's byte count", found: Int.max, limit: Int(Limits.fileByteCountMax))
    }
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    guard let base = mmap(nil, Int(end), PROT_READ | PROT_WRITE, flags, -1, 0), base != MAP_FAILED else {
      throw .output(path: "(memory)", reason: String(cString: strerror(errno)), errno: errno)
    }
    let file = UnsafeMutableRawBufferPointer(start: base, count: Int(end))
    for section in sections {
      guard let data = contents[section.kind] else { continue }
      (base + Int(section.offset)).copyMemory(from: data, byteCount: data.count)
    }
    let head = UnsafeMutableRawBufferPointer(
      rebasing: file[..<Header.headByteCount(sectionCount: sections.count)])
    sections.withUnsafeBufferPointer {
      HeadWriter.write($0, compressed: false, fileByteCount: end, into: head, blake2b: blake2b256)
    }
    return UnsafeRawBufferPointer(file)
  }
}

/// A source of nothing but names.
private final class NoTensors: TensorSource {
  let path = "(none)"
  let tensorCount = 0
  private let stored: Set<String>
  init(_ stored: Set<String>) { self.stored = stored }
  func tensor(at index: Int) -> TensorInfo { preconditionFailure("there is none") }
  func tensor(named name: String) -> TensorInfo? {
    guard stored.contains(name) else { return nil }
    return TensorInfo(name: name, shape: [], type: .F32, byteCount: 0, byteOffset: 0, index: 0)
  }
  func read(_ tensor: TensorInfo, rows: Range<Int>, into buffer: UnsafeMutableRawBufferPointer) throws(FileError) {}
}
