// SPDX-License-Identifier: Apache-2.0
// Packing whole models: the same bytes from the same model, refusals by name, nothing left behind.
import Format
import Foundation
import ModelFileBuilders
import ModelFiles
import Ops
import Packager
import Testing
import TestBundles

@Suite("Pack")
struct PackTests {
  @Test("the same bytes for one thread and three, and twice", arguments: [WeightChoice.keep, .q8, .q6, .q4, .f16])
  func deterministic(choice: WeightChoice) throws {
    let folder = try TemporaryFolder()
    TinyLlama().writeCheckpoint(folder)
    let one = try packed(folder.path, weights: choice, threads: 1).bytes
    #expect(try packed(folder.path, weights: choice, threads: 3).bytes == one)
    #expect(try packed(folder.path, weights: choice, threads: 1).bytes == one)
  }

  private func section(_ bytes: [UInt8], _ kind: SectionKind) throws -> [UInt8] {
    [UInt8](try OpenBundle(bytes).view.bytes(of: kind))
  }

  @Test("both generations of config.json give the same bundle", arguments: [false, true])
  func configs(biases: Bool) throws {
    var model = TinyLlama()
    model.biases = biases
    let (new, old) = (try TemporaryFolder(), try TemporaryFolder())
    model.writeCheckpoint(new)
    model.writeCheckpoint(old, oldConfig: true)
    let (a, b) = (try packed(new.path).bytes, try packed(old.path).bytes)
    for kind in [SectionKind.program, .values, .tensors, .names, .weights] {
      #expect(try section(a, kind) == section(b, kind))
    }
  }

  @Test(
    "GGUF and checkpoint of one model: the same program, values and weights",
    arguments: [ElementType.F32, .F16, .BF16])
  func sources(type: ElementType) throws {
    var model = TinyLlama()
    model.tied = false
    model.biases = true
    let folder = try TemporaryFolder()
    let path = folder.write("model.gguf", model.gguf(type: type))
    let checkpoint = try TemporaryFolder()
    model.writeCheckpoint(checkpoint, type: type) { tensors in
      // GGUF keeps vectors in f32.
      for (index, matrix) in model.matrices().enumerated() where matrix.columns == nil {
        tensors[index].type = .F32
        tensors[index].data = encode(matrix.values, .F32)
      }
    }
    let (a, b) = (try packed(path).bytes, try packed(checkpoint.path).bytes)
    for kind in [SectionKind.program, .weights] { #expect(try section(a, kind) == section(b, kind)) }
    // Tensors and values differ in where their names lie alone.
    let (one, other) = (try OpenBundle(a), try OpenBundle(b))
    #expect(one.program.valueCount == other.program.valueCount)
    for index in 0..<UInt32(one.program.valueCount) {
      let (x, y) = (one.program.value(index), other.program.value(index))
      #expect(
        x.offset == y.offset && x.columns == y.columns && x.dtype == y.dtype && x.firstOp == y.firstOp
          && x.lastOp == y.lastOp)
    }
    let ids = spreadIDs(30, vocab: model.vocab)
    #expect(try one.logits(ids, one.options()) == other.logits(ids, other.options()))
  }

  @Test("values that live at the same time do not overlap, and in place is used", arguments: [WeightChoice.keep, .q4])
  func offsets(choice: WeightChoice) throws {
    var model = TinyLlama()
    model.layers = 4
    let bundle = try model.bundle(weights: choice)
    let program = bundle.program
    defer { withExtendedLifetime(bundle) {} }
    let values = (0..<UInt32(program.valueCount)).map { program.value($0) }
    var (ends, inPlace) = ([0, 0], 0)
    for (i, a) in values.enumerated() {
      ends[Int(a.rows.rawValue)] = max(ends[Int(a.rows.rawValue)], a.offset + a.rowByteCount)
      for b in values[(i + 1)...] where a.rows == b.rows {
        let overlap = a.offset < b.offset + b.rowByteCount && b.offset < a.offset + a.rowByteCount
        let together = a.firstOp <= b.lastOp && b.firstOp <= a.lastOp
        if overlap && together {
          #expect(a.lastOp == b.firstOp && a.offset == b.offset && a.rowByteCount == b.rowByteCount)
          inPlace += 1
        }
      }
    }
    #expect(inPlace >= 3 * model.layers)
    #expect(ends == [program.tokenByteCount, program.outputByteCount])
    // No worse than the widest moment, plus what fragments: the sum of what is alive at one op.
    let widest = (0..<program.opCount).map { op in
      values.filter { $0.rows == .token && $0.firstOp <= op && op <= $0.lastOp }.reduce(0) { $0 + $1.rowByteCount }
    }.max()!
    #expect(program.tokenByteCount <= widest)
  }

  /// The error of packing this model after `change`; nothing may be left in the target's folder.
  private func refusal(
    _ model: TinyLlama = TinyLlama(), config: [String: String] = [:],
    change: (inout [SafetensorsBuilder.Tensor]) -> Void = { _ in }
  ) throws -> PackError? {
    let (folder, out) = (try TemporaryFolder(), try TemporaryFolder())
    model.writeCheckpoint(folder, change: change)
    folder.write("config.json", model.config(extra: config))
    out.write("old.tack", "kept")
    var options = PackOptions()
    options.withTokenizer = false
    var found: PackError?
    do { _ = try pack(path: folder.path, target: out.path + "/old.tack", options: options) } catch {
      found = try #require(error as? PackError, "\(error)")
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: out.path)
    #expect(left == ["old.tack"])
    if found != nil { #expect(try String(contentsOfFile: out.path + "/old.tack", encoding: .utf8) == "kept") }
    return found
  }

  @Test("a tensor that is missing, left over, of a wrong shape, of a bias not known: refused by its name")
  func refusals() throws {
    #expect(try refusal() == nil)
    guard
      case .missingTensor("model.layers.1.mlp.up_proj.weight", _)? =
        try refusal(change: { $0.removeAll { $0.name == "model.layers.1.mlp.up_proj.weight" } })
    else { return #expect(Bool(false)) }
    guard
      case .unknownTensor("model.layers.0.self_attn.sinks", _, "llama")? =
        try refusal(change: { $0.append(.init("model.layers.0.self_attn.sinks", .F32, [4])) })
    else { return #expect(Bool(false)) }
    guard
      case .unknownTensor("model.layers.0.mlp.up_proj.bias", _, _)? =
        try refusal(change: { $0.append(.init("model.layers.0.mlp.up_proj.bias", .F32, [77])) })
    else { return #expect(Bool(false)) }
    guard
      case .missingTensor("model.layers.0.self_attn.q_proj.bias", _)? =
        try refusal(config: ["attention_bias": "true"])
    else { return #expect(Bool(false)) }
    guard
      case .wrongShape("model.layers.1.mlp.down_proj.weight", [45, 76], [45, 77])? =
        try refusal(change: { tensors in
          let index = tensors.firstIndex { $0.name == "model.layers.1.mlp.down_proj.weight" }!
          tensors[index] = .init("model.layers.1.mlp.down_proj.weight", .F32, [45, 76])
        })
    else { return #expect(Bool(false)) }
    guard case .wrongShape("model.embed_tokens.weight", _, _)? = try refusal(config: ["vocab_size": "68"])
    else { return #expect(Bool(false)) }
    guard
      case .unknownTensor("lm_head.weight", _, _)? = try refusal(
        config: ["tie_word_embeddings": "true"], change: { $0.append(.init("lm_head.weight2", .F32, [67, 45])) }),
      true
    else { return #expect(try refusal(change: { $0.append(.init("lm_head.weight2", .F32, [67, 45])) }) != nil) }
  }

  @Test("settings that contradict one another or are not known: refused by their key")
  func settings() throws {
    for (key, value) in [
      ("hidden_act", "\"gelu\""), ("num_key_value_heads", "3"), ("head_dim", "9"), ("num_attention_heads", "0"),
      ("rms_norm_eps", "0"), ("vocab_size", "2000000"), ("num_hidden_layers", "0"),
    ] {
      guard case .badSetting? = try refusal(config: [key: value]) else {
        Issue.record("\(key) \(value) was taken")
        continue
      }
    }
    let unknown = try refusal(config: ["model_type": "\"mamba\""])
    guard case .unknownArchitecture("mamba", let known)? = unknown else { return #expect(Bool(false)) }
    #expect(known.contains("llama"))
  }

  @Test("a name with control characters becomes a manifest that its reader takes")
  func controlCharacters() throws {
    let folder = try TemporaryFolder()
    TinyLlama().writeCheckpoint(folder)
    let bytes = try packed(folder.path, name: "a\u{7F}b\u{85}c\nd\u{1B}[2J\u{9F}é").bytes
    let manifest = String(decoding: try section(bytes, .manifest), as: UTF8.self)
    #expect(manifest.contains("name=a b c d [2J é\n"))
  }

  @Test("when the last step fails, the target is as it was")
  func failureAtTheEnd() throws {
    struct Broken: Error {}
    let (folder, out) = (try TemporaryFolder(), try TemporaryFolder())
    TinyLlama().writeCheckpoint(folder)
    var options = PackOptions()
    options.withTokenizer = false
    #expect(throws: Broken.self) {
      _ = try pack(
        path: folder.path, target: out.path + "/new.tack", options: options, conformance: { _ in throw Broken() })
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: out.path).isEmpty)
    #expect {
      _ = try pack(path: folder.path, target: out.path + "/none/new.tack", options: options)
    } throws: { error in
      if case .output? = error as? PackError { true } else { false }
    }
  }

  @Test("blocks are kept or refused, not quantized a second time unasked")
  func requantize() throws {
    let folder = try TemporaryFolder()
    let path = folder.write("model.gguf", TinyLlama.blocks.gguf(type: .Q8_0))
    #expect {
      _ = try packed(path, weights: .q4)
    } throws: { error in
      if case .requantizeNeeded(_, "Q8_0", "q4_0")? = error as? PackError { true } else { false }
    }
    #expect(try packed(path, weights: .q8).report.tensorErrors.isEmpty)
    let errors = try packed(path, weights: .q4, requantize: true).report.tensorErrors
    #expect(errors.count > 10 && errors.allSatisfy { $0.relativeError > 0.01 && $0.relativeError < 0.2 })
  }
}
