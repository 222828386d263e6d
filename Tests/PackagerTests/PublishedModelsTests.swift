// SPDX-License-Identifier: Apache-2.0
// Published models by their configurations alone: the graph, the count of weights, the plan; and docs/models.md, which
// is made of them. HARDTACK_WRITE_DOCS=1 writes it anew.
import CKernels
import Foundation
import ModelFiles
import Ops
import Packager
import Runtime
import Testing
import TestBundles

@Suite("Published models")
struct PublishedModelsTests {
  @Test(
    "their configurations give a program that the board accepts, with as many weights",
    arguments: 0..<publishedModels.count)
  func shape(index: Int) throws {
    let model = publishedModels[index]
    let sketch = try Sketched(model, .Q8_0)
    #expect(sketch.weightCount == model.weightCount, "\(model.name): \(sketch.weightCount)")
    let least = try Plan(sketch.program, PlanOptions(context: 1, chunk: 1, kv: HT_KV_F16, threads: 1))
    let whole = try Plan(
      sketch.program, PlanOptions(context: sketch.program.contextMax, chunk: 128, kv: HT_KV_F16, threads: 4))
    #expect(whole.byteCount > least.byteCount)
  }

  @Test(
    "encoders and encoder–decoders too, as taken from float32 and in q8",
    arguments: publishedEncoders + publishedEncoderDecoders)
  func encoder(model: PublishedEncoder) throws {
    let kept = try Sketched(model, .keep)
    let small = try Sketched(model, .q8)
    #expect(kept.weightCount == model.published.weightCount, "\(model.published.name): \(kept.weightCount)")
    #expect(small.weightCount == kept.weightCount)
    #expect(small.byteCount < kept.byteCount * 3 / 10)
    let context = kept.program.contextMax
    let arenas = try [1, context].map { try small.arenaByteCount(context: $0, threads: 4) }
    #expect(arenas[0] < arenas[1])
  }

  @Test("docs/models.md says what the planner says")
  func document() throws {
    let file = root.appendingPathComponent("docs/models.md")
    let text = try ModelsDocument.text()
    if ProcessInfo.processInfo.environment["HARDTACK_WRITE_DOCS"] != nil {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    let stored = try String(contentsOf: file, encoding: .utf8)
    #expect(stored == text, "out of date: run this test with HARDTACK_WRITE_DOCS=1")
  }
}

/// A published model without its weights, opened.
struct Sketched {
  private let sketch: Sketch
  let program: Program
  var weightCount: Int { sketch.weightCount }
  var byteCount: UInt64 { UInt64(sketch.bytes.count) }

  init(_ model: PublishedModel, _ type: ElementType) throws { try self.init(model, type, .keep, stored: []) }

  /// Of a checkpoint in float32.
  init(_ model: PublishedEncoder, _ weights: WeightChoice) throws {
    let stored: Set<String> = model.hasPooler ? ["pooler.dense.weight"] : []
    try self.init(model.published, .F32, weights, stored: stored)
  }

  private init(_ model: PublishedModel, _ type: ElementType, _ weights: WeightChoice, stored: Set<String>) throws {
    let object = try #require(try JSONValue(parsing: Array(model.config.utf8)).object)
    let config = JSONFields(document: model.name, object: object)
    sketch = try Sketch(config: config, matrices: type, weights: weights, stored: stored)
    program = try sketch.program()
  }

  /// For one text of at most `context` tokens; of an encoder–decoder, and its answer of as many.
  func arenaByteCount(context: Int, threads: Int) throws -> Int {
    try Plan(program, PlanOptions(context: context, chunk: context, kv: program.kvDefault, threads: threads)).byteCount
  }
}
