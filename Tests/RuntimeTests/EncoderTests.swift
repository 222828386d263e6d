// SPDX-License-Identifier: Apache-2.0
// Encoders against transformers in float32 (Tools/make-encoder-fixtures), and against themselves: the same bits on
// every instruction set, with any number of threads, alone and in a batch.
import CKernels
import Foundation
import Ops
import Packager
import Runtime
import Testing
import TestBundles

/// A model and what transformers makes of two texts with it.
struct EncoderFixture: CustomTestStringConvertible, Sendable {
  struct Text: Decodable {
    var ids: [UInt32]
    var types: [UInt32]?
  }
  private struct Reference: Decodable {
    var outputs: [String]
    var texts: [Text]
    var counts: [Int]
  }

  let name: String
  var folder = "Tests/RuntimeTests/Fixtures/Encoders"
  var testDescription: String { name }
  private static let taskFolder = "Tests/CommandTests/Tasks"

  static let all: [EncoderFixture] = names(in: EncoderFixture(name: "").folder).map { EncoderFixture(name: $0) }
  /// Those of the task verbs: every head, without numbers of transformers' for their rows.
  static let tasks: [EncoderFixture] = names(in: taskFolder).map { EncoderFixture(name: $0, folder: taskFolder) }

  private static func names(in folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent(folder).path)) ?? []).sorted()
  }

  var path: String { root.appendingPathComponent(folder).appendingPathComponent(name).path }

  /// `model_type` of config.json.
  func modelType() throws -> String {
    let data = try Data(contentsOf: URL(fileURLWithPath: path + "/config.json"))
    return try #require((try JSONSerialization.jsonObject(with: data) as? [String: Any])?["model_type"] as? String)
  }

  /// Two texts: the reference's own, or ids from all over the vocabulary.
  func texts(_ program: Program) throws -> [Text] {
    if folder != EncoderFixture.taskFolder { return try expected().map(\.0) }
    return [9, 23].map { count in
      Text(
        ids: (0..<count).map { UInt32(($0 * $0 * 13 + 7 * $0 + 1) % program.vocab) },
        types: program.typeCount > 1 ? (0..<count).map { UInt32(2 * $0 / count) } : nil)
    }
  }

  func bundle(weights: WeightChoice = .keep) throws -> OpenBundle {
    try OpenBundle(try packed(path, weights: weights).bytes)
  }

  /// For each text each output's name and numbers.
  func expected() throws -> [(Text, [(output: String, numbers: [Float])])] {
    let base = URL(fileURLWithPath: path)
    let reference = try JSONDecoder().decode(
      Reference.self, from: Data(contentsOf: base.appendingPathComponent("ref.json")))
    let stored = try Data(contentsOf: base.appendingPathComponent("ref.f32"))
    var numbers = stored.withUnsafeBytes { raw in
      (0..<(raw.count / 4)).map { Float(bitPattern: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)) }
    }[...]
    try #require(numbers.count == reference.counts.reduce(0, +))
    return reference.texts.enumerated().map { index, text in
      let outputs = reference.outputs.enumerated().map { number, output in
        let count = reference.counts[index * reference.outputs.count + number]
        defer { numbers = numbers.dropFirst(count) }
        return (output, Array(numbers.prefix(count)))
      }
      return (text, outputs)
    }
  }
}

extension Session {
  /// Everything that the program gives for each of `texts`, run together: by entry, a sequence's rows one after the
  /// other.
  fileprivate mutating func outputs(_ texts: [EncoderFixture.Text]) throws -> [[EntryKind: [Float]]] {
    startBatch()
    for text in texts {
      try text.ids.withUnsafeBufferPointer { ids in
        if let types = text.types {
          try types.withUnsafeBufferPointer { try add(ids, types: $0.baseAddress) }
        } else {
          try add(ids)
        }
      }
    }
    try encode()
    var found = [[EntryKind: [Float]]](repeating: [:], count: texts.count)
    for kind in [EntryKind.encode, .tokenLogits, .sequenceLogits, .poolerOutput, .embedding] {
      guard kind == .encode || run(kind) else { continue }
      for index in texts.indices {
        let span = sequence(index)!
        let rows =
          kind.rows == .output
          ? index..<(index + 1) : Int(span.firstToken)..<Int(span.firstToken + span.tokenCount)
        found[index][kind] = rows.flatMap { Array(row($0, of: kind)) }
      }
    }
    // Of single tokens: the one in the middle of each text.
    for index in texts.indices {
      let span = sequence(index)!
      let token = Int(span.firstToken + span.tokenCount / 2)
      if run(.maskLogits, rows: token..<(token + 1)) { found[index][.maskLogits] = Array(row(0, of: .maskLogits)) }
    }
    return found
  }
}

@Suite("Encoders")
struct EncoderTests {
  private func options(_ bundle: OpenBundle, sequences: Int = 1, threads: Int = 1) -> PlanOptions {
    bundle.options(context: 24, chunk: 24 * sequences, outputs: sequences, kv: HT_KV_F32, threads: threads)
  }

  @Test("there are fixtures of every family and every head")
  func families() throws {
    let found = Set(try (EncoderFixture.all + EncoderFixture.tasks).map { try $0.modelType() })
    // camembert is roberta under another name.
    let families = Set(knownArchitectures).intersection(encoderTypes)
    #expect(families == encoderTypes, "a family that is gone, or has another name")
    #expect(encoderTypes.subtracting(found).subtracting(["camembert"]).isEmpty)
    #expect(EncoderFixture.all.count >= 11 && EncoderFixture.tasks.count >= 18)
  }

  private let encoderTypes: Set = [
    "bert", "distilbert", "roberta", "xlm-roberta", "camembert", "electra", "mpnet", "albert", "mobilebert",
  ]

  @Test("what transformers computes", arguments: EncoderFixture.all)
  func reference(fixture: EncoderFixture) throws {
    let bundle = try fixture.bundle()
    for (text, outputs) in try fixture.expected() {
      let found = try bundle.withSession(options(bundle)) { try $0.outputs([text])[0] }
      for (output, expected) in outputs {
        let numbers = try #require(EncoderTests.numbers(found, output))
        try #require(numbers.count == expected.count)
        let mean = expected.reduce(0, +) / Float(expected.count)
        let deviation = (expected.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(expected.count)).squareRoot()
        let largest = zip(numbers, expected).map { abs($0 - $1) }.max()!
        #expect(deviation > 0.5, "a reference that says something")
        #expect(largest <= 2e-4 * deviation, "\(output): \(largest) of \(deviation)")
      }
    }
  }

  private static func numbers(_ found: [EntryKind: [Float]], _ output: String) -> [Float]? {
    switch output {
    case "last_hidden_state": found[.encode]
    case "pooler_output": found[.poolerOutput]
    case "logits": found[.sequenceLogits] ?? found[.tokenLogits]
    case "start_logits": found[.tokenLogits].map { all in stride(from: 0, to: all.count, by: 2).map { all[$0] } }
    case "end_logits": found[.tokenLogits].map { all in stride(from: 1, to: all.count, by: 2).map { all[$0] } }
    default: nil
    }
  }

  @Test(
    "the same bits on every instruction set, with any threads, alone and packed in any company",
    arguments: EncoderFixture.all + EncoderFixture.tasks, [WeightChoice.keep, .q8])
  func bitIdentity(fixture: EncoderFixture, weights: WeightChoice) throws {
    let bundle = try fixture.bundle(weights: weights)
    let texts = try fixture.texts(bundle.program)
    let alone = try texts.map { text in
      try bundle.withSession(options(bundle), isa: HT_ISA_SCALAR) { bits(try $0.outputs([text])[0]) }
    }
    for isa in availableISAs {
      for threads in 1...3 {
        for order in [[0, 1], [1, 0], [1, 1, 0]] {
          let found = try bundle.withSession(
            options(bundle, sequences: order.count, threads: threads), isa: isa
          ) { try $0.outputs(order.map { texts[$0] }) }
          for (index, number) in order.enumerated() {
            #expect(bits(found[index]) == alone[number], "\(isaName(isa)), \(threads) threads, \(order)")
          }
        }
      }
    }
  }

  private func bits(_ rows: [EntryKind: [Float]]) -> [EntryKind: [UInt32]] {
    rows.mapValues { $0.map(\.bitPattern) }
  }

  @Test("8-bit weights and activations stay near the floats", arguments: EncoderFixture.all)
  func eightBits(fixture: EncoderFixture) throws {
    let texts = try fixture.expected().map(\.0)
    let found = try [WeightChoice.keep, .q8].map { choice in
      let bundle = try fixture.bundle(weights: choice)
      return try bundle.withSession(options(bundle, sequences: 2)) { try $0.outputs(texts)[1][.encode]! }
    }
    let dot = zip(found[0], found[1]).reduce(0) { $0 + $1.0 * $1.1 }
    let lengths = found.map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    #expect(dot / (lengths[0] * lengths[1]) > 0.995)
    #expect(found[0] != found[1])
  }

  @Test("outliers in a group of their own leave the other columns their bits")
  func outliers() throws {
    let fixture = EncoderFixture(name: "bert-outliers")
    let text = try fixture.expected()[1].0
    let found = try [(WeightChoice.keep, nil), (.q8, ActivationChoice.eight), (.q8, .sixteen), (.q8, nil)].map {
      let bundle = try OpenBundle(try packed(fixture.path, weights: $0.0, activations: $0.1).bytes)
      return try bundle.withSession(options(bundle)) { try $0.outputs([text])[0][.encode]! }
    }
    let errors = found.dropFirst().map { rows in
      zip(rows, found[0]).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    }
    let (eight, sixteen, parted) = (errors[0], errors[1], errors[2])
    #expect(sixteen < eight && parted < eight)
    // Of what 8-bit activations add to the error of the weights, most is gone.
    #expect(parted * parted - sixteen * sixteen < 0.5 * (eight * eight - sixteen * sixteen), "\(errors)")
  }

  @Test("what does not fit or does not exist is refused")
  func refusals() throws {
    let bundle = try EncoderFixture(name: "bert").bundle()
    try bundle.withSession(options(bundle, sequences: 2)) { session in
      let long = [UInt32](repeating: 3, count: 25)
      #expect(throws: SessionError.contextFull(have: 24, need: 25)) {
        try long.withUnsafeBufferPointer { try session.add($0) }
      }
      #expect(throws: SessionError.contextFull(have: 24, need: 0)) {
        try [UInt32]().withUnsafeBufferPointer { try session.add($0) }
      }
      #expect(throws: SessionError.tokenOutOfRange(token: 30, vocab: 30)) {
        try [UInt32(30)].withUnsafeBufferPointer { try session.add($0) }
      }
      #expect(throws: SessionError.typeOutOfRange(type: 2, count: 2)) {
        try [UInt32(3)].withUnsafeBufferPointer { ids in
          try [UInt32(2)].withUnsafeBufferPointer { try session.add(ids, types: $0.baseAddress) }
        }
      }
      #expect(throws: SessionError.nothingEncoded) { try session.encode() }
      #expect(throws: SessionError.noLogits) {
        try [UInt32(3)].withUnsafeBufferPointer { try session.feed($0, firstOutput: 0) { _, _ in } }
      }
      for _ in 0..<2 { try long.prefix(20).withContiguousStorageIfAvailable { try session.add($0) } }
      let hasRoom = session.hasRoom(for: 1)
      #expect(!hasRoom, "two sequences are all that the plan has room for")
      #expect(throws: SessionError.batchFull(have: 48, need: 41)) {
        try [UInt32(3)].withUnsafeBufferPointer { try session.add($0) }
      }
    }
  }

  @Test("a head that the checkpoint lacks is refused, and so is a tensor that has no place")
  func heads() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("encoder-\(UUID())")
    try FileManager.default.copyItem(at: URL(fileURLWithPath: EncoderFixture(name: "bert").path), to: folder)
    defer { try? FileManager.default.removeItem(at: folder) }
    let config = folder.appendingPathComponent("config.json")
    let text = try String(contentsOf: config, encoding: .utf8)
    func fails(_ from: String, _ to: String) throws -> String {
      try text.replacingOccurrences(of: from, with: to).write(to: config, atomically: true, encoding: .utf8)
      do {
        _ = try packed(folder.path)
        return "packed"
      } catch let error as PackError { return error.message }
    }
    #expect(try fails("BertModel", "BertForTokenClassification").contains("\"classifier.weight\" is missing"))
    #expect(try fails("BertModel", "BertForNextSentencePrediction").contains("architectures is BertForNext"))
    #expect(try fails("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 1").contains("has no place in a bert model"))
    #expect(try fails("\"gelu\"", "\"quick_gelu\"").contains("hidden_act is quick_gelu"))
    #expect(try fails("BertModel", "BertModel") == "packed")
  }
}
