// SPDX-License-Identifier: Apache-2.0
// A bundle of a model whose weights are not there: the graph that config.json alone gives, for plans and tables.
import Format
import Foundation
import ModelFiles
import Ops
import Storage

/// The bundle of a decoder as it would be packed, all weights zero: virtual memory that nobody has touched.
public final class Sketch {
  /// The whole file.
  public let bytes: UnsafeRawBufferPointer
  /// Numbers in all tensors of the source; what the packager computed, tables of RoPE, does not count.
  public let weightCount: Int
  /// Names and shapes of the tensors that a source must have.
  public let tensors: [(name: String, shape: [Int])]

  /// - Parameters:
  ///   - config: as config.json has it.
  ///   - type: of every matrix in the source; `--weights keep` holds it.
  public init(config: JSONFields, matrices type: ElementType, activations: ActivationChoice? = nil) throws {
    let decoder = try Decoder.of(config, modelType: try config.string("model_type"))
    var graph = try DecoderGraph.build(
      decoder, NoTensors(), policy: WeightPolicy(choice: .keep, requantize: false), activations: activations,
      invented: type)
    tensors = graph.tensors.compactMap { tensor in
      switch tensor.content {
      case .matrix(let info, _), .vector(let info, _, _, _): (info.name, info.shape)
      case .floats, .beside: nil
      }
    }
    weightCount = tensors.reduce(0) { $0 + $1.shape.reduce(1, *) }
    let sections = GraphSections(&graph)
    bytes = try Sketch.file(
      [
        .manifest: [UInt8]("architecture=\(decoder.family)\n".utf8), .names: sections.names, .program: sections.program,
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

/// A source of nothing.
private final class NoTensors: TensorSource {
  let path = "(none)"
  let tensorCount = 0
  func tensor(at index: Int) -> TensorInfo { preconditionFailure("there is none") }
  func tensor(named name: String) -> TensorInfo? { nil }
  func read(_ tensor: TensorInfo, rows: Range<Int>, into buffer: UnsafeMutableRawBufferPointer) throws(FileError) {}
}
