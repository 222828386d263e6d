// SPDX-License-Identifier: Apache-2.0
// The compiler's main loop: source → family → graph → sections → bundle, and the reader's word that it is one.
import Format
import Foundation
import ModelFiles
import Ops
import Storage

/// What `pack` is asked to do.
public struct PackOptions: Sendable {
  public var weights = WeightChoice.keep
  public var requantize = false
  /// Bits of the activations before every matmul; nil: 15 where it pays, else 8.
  public var activations: ActivationChoice?
  /// The bundle's name; the source's own when nil.
  public var name: String?
  public var task: String?
  /// Names of the labels, in the place of config.json's.
  public var labels: [String]?
  /// Of a bundle with a source: put in front of each text.
  public var prefix: String?
  public var withTokenizer = true
  public var tokenizerOnly = false
  /// Whether the source's chat template, where it has one, goes along with the tokenizer.
  public var withTemplate = true
  public var threads = 1

  public init() {}
}

/// What `pack` made.
public struct PackReport: Sendable {
  public var fileByteCount: UInt64
  public var identity: String
  public var architecture: String
  /// Tensors that were converted, with what it cost.
  public var tensorErrors: [TensorError]
}

/// Computes the conformance section of a bundle that is whole but for it: same length, to be written in its place.
/// Given by the caller: the packager does not import the runtime.
public typealias ConformanceMaker = (UnsafeRawBufferPointer) throws -> [UInt8]

/// Packs `path` into `target`. Deterministic: same input and options, same bytes, whatever the number of threads.
///
/// With `deliver` the bundle never gets its name: `deliver` is called with a path to the whole of it, which is then
/// gone.
public func pack(
  path: String, target: String, options: PackOptions, conformance: ConformanceMaker? = nil,
  deliver: ((String) throws -> Void)? = nil, progress: (UInt64, UInt64) -> Void = { _, _ in }
) throws -> PackReport {
  let source = try ModelSource(path: path, documentsOnly: options.tokenizerOnly)
  let architecture = try architecture(of: source, isOptional: options.tokenizerOnly)
  var manifest = Manifest.Lines()
  try manifest.describe(source, architecture: architecture, path: path, options: options)
  var contents: [SectionKind: [UInt8]] = [:]
  if options.withTokenizer { contents[.tokenizer] = try tokenizerSection(of: source) }
  if options.withTokenizer, options.withTemplate { contents[.template] = try templateSection(of: source) }
  if let template = contents[.template], let tokenizer = contents[.tokenizer],
    let end = templateEnd(section: template, tokenizer: tokenizer)
  {
    manifest.add(end: end)
  }
  var graph = Graph()
  var weightsByteCount: UInt64 = 0
  if !options.tokenizerOnly {
    let policy = WeightPolicy(choice: options.weights, requantize: options.requantize)
    graph = try ModelShape(source, architecture: architecture)
      .graph(source.tensors, policy: policy, activations: options.activations)
    if let task = try taskDraft(source, architecture: architecture, graph, options) {
      manifest["task"] = task.kind.name.description
      if options.withTokenizer { contents[.labels] = task.bytes }
    }
    let sections = GraphSections(&graph)
    contents[.names] = sections.names
    contents[.program] = sections.program
    contents[.values] = sections.values
    contents[.tensors] = sections.tensors
    weightsByteCount = sections.weightsByteCount
    if conformance != nil { contents[.conformance] = [UInt8](repeating: 0, count: Conformance.byteCount) }
  }
  contents[.manifest] = manifest.bytes
  var byteCounts = contents.mapValues { UInt64($0.count) }
  if weightsByteCount > 0 { byteCounts[.weights] = weightsByteCount }
  let writer = try BundleWriter(target: target, byteCounts: byteCounts)
  for (kind, bytes) in contents.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
    try writer.section(kind, bytes: bytes)
  }
  var emitter = WeightEmitter(source: source.tensors, threads: options.threads)
  if weightsByteCount > 0 {
    try writer.section(.weights) { write in
      try emitter.emit(graph.tensors, write: write) { progress($0, weightsByteCount) }
    }
  }
  try writer.finish()
  if let conformance, !options.tokenizerOnly {
    try writer.section(.conformance, bytes: try writer.withMapped(conformance))
    try writer.finish()
  }
  let identity = try writer.withMapped { try readBack($0) }
  if let deliver {
    try deliver(writer.path)
    writer.abandon()
  } else {
    try writer.commit()
  }
  return PackReport(
    fileByteCount: writer.byteCount, identity: identity, architecture: architecture, tensorErrors: emitter.errors)
}

/// The pair assertion: the board's own reader must accept what was written. Returns the identity in hex.
private func readBack(_ file: UnsafeRawBufferPointer) throws -> String {
  do {
    let view = try BundleView(checking: file, blake2b: blake2b256)
    if view.head.section(.program) != nil { _ = try Program(checking: view) }
    if view.head.section(.labels) != nil { _ = try TaskRecord(checking: view.bytes(of: .labels)) }
    return hex(view.head.identity)
  } catch { throw PackError.emittedBundleRefused("\(error)") }
}

func hex(_ digest: Digest) -> String {
  withUnsafeBytes(of: digest) { bytes in
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }
}

/// The name by which a source calls its family.
func architecture(of source: ModelSource, isOptional: Bool = false) throws -> String {
  switch source {
  case .gguf(let file): return try file.architecture()
  case .checkpoint(let folder) where isOptional: return try folder.config.string("model_type", default: "none")
  case .checkpoint(let folder): return try folder.config.string("model_type")
  }
}

/// The compiled tokenizer, as a section.
private func tokenizerSection(of source: ModelSource) throws -> [UInt8] {
  switch source {
  case .gguf(let file): return try compileTokenizer(TokenizerSource(gguf: file))
  case .checkpoint(let folder): return try compileTokenizer(TokenizerSource(folder: folder))
  }
}
