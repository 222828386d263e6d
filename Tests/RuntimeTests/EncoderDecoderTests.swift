// SPDX-License-Identifier: Apache-2.0
// T5 and Marian against what transformers gives for the same files: logits, greedy texts, beam searches. See
// Tools/make-translation-fixtures.
import CKernels
import Format
import Foundation
import ModelFileBuilders
import ModelFiles
import Packager
import Runtime
import Tasks
import TestBundles
import Testing
import Text

@Suite("Encoder-decoders")
struct EncoderDecoderTests {
  struct Case: Decodable {
    var ids: [UInt32]
    var text: [UInt32]
    var greedy: [UInt32]
  }

  struct Search: Decodable {
    var ids: [UInt32]
    var beams: Int
    var penalty: Double
    var made: [UInt32]
    var score: Double
  }

  struct Reference: Decodable {
    var cases: [Case]
    var searches: [Search]
  }

  /// A fixture, packed.
  struct Model {
    let reference: Reference
    let rows: [Float]
    let bundle: OpenBundle

    init(_ name: String, weights: WeightChoice = .keep) throws {
      let folder = root.appendingPathComponent("Tests/RuntimeTests/Fixtures/\(name)")
      reference = try JSONDecoder().decode(
        Reference.self, from: Data(contentsOf: folder.appendingPathComponent("reference.json")))
      rows = try Data(contentsOf: folder.appendingPathComponent("reference.f32")).withUnsafeBytes { raw in
        (0..<(raw.count / 4)).map { Float(bitPattern: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)) }
      }
      bundle = try OpenBundle(try packed(folder.path, weights: weights).bytes)
    }

    func manifest(_ key: StaticString) -> [UInt32] {
      guard let value = Manifest(bundle.view).value(key) else { return [] }
      return String(decoding: value, as: UTF8.self).split(separator: ",").map { UInt32($0)! }
    }

    func options(beams: Int = 1, threads: Int = 1) -> PlanOptions {
      var options = bundle.options(context: 40, chunk: 40, outputs: max(beams, 1), kv: HT_KV_F32, threads: threads)
      options.beams = beams
      return options
    }

    func withSource<Result>(
      _ ids: [UInt32], _ options: PlanOptions, isa: ht_isa? = nil, _ body: (inout Session) throws -> Result
    ) throws -> Result {
      try bundle.withSession(options, isa: isa) { session in
        try ids.withUnsafeBufferPointer { try session.add($0) }
        try session.encode()
        return try body(&session)
      }
    }

    func search(_ search: Search, threads: Int = 1, isa: ht_isa? = nil) throws -> ([UInt32], BeamResult) {
      let ends = manifest("end_ids")
      return try withSource(search.ids, options(beams: search.beams, threads: threads), isa: isa) { session in
        for id in manifest("never_ids") { _ = session.rules.never.add(id) }
        let options = BeamOptions(count: 20, lengthPenalty: search.penalty)
        let start = manifest("start_id")[0]
        let result = try beamSearch(&session, start: start, options, isEnd: { ends.contains($0) })
        return ((0..<result.count).map { session.tokenRoom[1 + $0] }, result)
      }
    }
  }

  static let names = ["t5-relu", "t5-gated", "marian"]

  @Test("logits", arguments: names)
  func logits(name: String) throws {
    let model = try Model(name)
    let mean = model.rows.reduce(0, +) / Float(model.rows.count)
    let deviation = (model.rows.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(model.rows.count)).squareRoot()
    #expect(deviation > 0.3, "a reference that says something")
    var (at, largest) = (0, Float(0))
    for test in model.reference.cases {
      let rows = try model.withSource(test.ids, model.options()) { try $0.logits(test.text) }
      for value in rows.joined() {
        largest = max(largest, abs(value - model.rows[at]) / deviation)
        at += 1
      }
    }
    #expect(at == model.rows.count)
    print("\(name): \(largest) standard deviations")
    #expect(largest < 2e-4)
  }

  @Test("greedy", arguments: names)
  func greedy(name: String) throws {
    let model = try Model(name)
    let (start, ends) = (model.manifest("start_id"), model.manifest("end_ids"))
    for test in model.reference.cases {
      let made = try model.withSource(test.ids, model.options()) { session in
        for id in model.manifest("never_ids") { _ = session.rules.never.add(id) }
        let generation = Generation(count: 20, sampler: SamplerOptions())
        let summary = try start.withUnsafeBufferPointer {
          try generate(&session, prompt: $0, generation, isEnd: { ends.contains($0) }) { _ in nil }
        }
        return Array(summary.made(session))
      }
      #expect(made == test.greedy)
    }
  }

  @Test("beam search", arguments: names)
  func beams(name: String) throws {
    let model = try Model(name)
    for search in model.reference.searches {
      let (made, result) = try model.search(search)
      #expect(made == search.made, "\(search.beams) beams, penalty \(search.penalty)")
      #expect(abs(result.score - search.score) < 1e-4 * max(1, abs(search.score)))
    }
  }

  /// A row of settings.json: keys as generation_config.json has them.
  struct Setting: Decodable {
    var ids: [UInt32]
    var made: [UInt32]
    var score: Double?
    var num_beams: Int
    var max_length: Int
    var min_length: Int?
    var length_penalty: Double?
    var no_repeat_ngram_size: Int?
    var forced_eos_token_id: UInt32?
    var stopping: EarlyStopping

    enum CodingKeys: CodingKey {
      case ids, made, score, num_beams, max_length, min_length, length_penalty, no_repeat_ngram_size
      case forced_eos_token_id, early_stopping
    }

    init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: CodingKeys.self)
      (ids, made) = (try fields.decode([UInt32].self, forKey: .ids), try fields.decode([UInt32].self, forKey: .made))
      score = try fields.decodeIfPresent(Double.self, forKey: .score)
      num_beams = try fields.decode(Int.self, forKey: .num_beams)
      max_length = try fields.decode(Int.self, forKey: .max_length)
      min_length = try fields.decodeIfPresent(Int.self, forKey: .min_length)
      length_penalty = try fields.decodeIfPresent(Double.self, forKey: .length_penalty)
      no_repeat_ngram_size = try fields.decodeIfPresent(Int.self, forKey: .no_repeat_ngram_size)
      forced_eos_token_id = try fields.decodeIfPresent(UInt32.self, forKey: .forced_eos_token_id)
      let isNever = (try? fields.decode(String.self, forKey: .early_stopping)) == "never"
      let isOn = (try? fields.decode(Bool.self, forKey: .early_stopping)) == true
      stopping = isNever ? .never : isOn ? .on : .off
    }
  }

  @Test("every setting of generation_config.json gives transformers' text", arguments: names)
  func settings(name: String) throws {
    let model = try Model(name)
    let file = root.appendingPathComponent("Tests/RuntimeTests/Fixtures/\(name)/settings.json")
    let settings = try JSONDecoder().decode([Setting].self, from: Data(contentsOf: file))
    #expect(settings.count == 30)
    for (index, setting) in settings.enumerated() {
      let ends = model.manifest("end_ids")
      let limit = setting.max_length - 1
      let isForced = setting.forced_eos_token_id != nil
      let (made, score) = try model.withSource(setting.ids, model.options(beams: setting.num_beams)) {
        session -> ([UInt32], Double?) in
        for id in model.manifest("never_ids") { _ = session.rules.never.add(id) }
        for id in ends { _ = session.rules.ends.add(id) }
        session.rules.lengthMin = setting.min_length ?? 0
        session.rules.noRepeatCount = setting.no_repeat_ngram_size ?? 0
        let start = model.manifest("start_id")
        if setting.num_beams == 1 {
          let generation = Generation(count: isForced ? limit - 1 : limit, sampler: SamplerOptions())
          let summary = try start.withUnsafeBufferPointer {
            session.tokenRoom[0] = $0[0]
            return try generate(&session, prompt: $0, generation, isEnd: { ends.contains($0) }) { _ in nil }
          }
          return (Array(summary.made(session)), nil)
        }
        var options = BeamOptions(count: limit, lengthPenalty: setting.length_penalty ?? 1)
        (options.stopping, options.forcesEnd) = (setting.stopping, isForced)
        let result = try beamSearch(&session, start: start[0], options, isEnd: { ends.contains($0) })
        return ((0..<result.count).map { session.tokenRoom[1 + $0] }, result.score)
      }
      #expect(made == setting.made, "setting \(index)")
      if let score, let expected = setting.score {
        #expect(abs(score - expected) < 1e-4 * max(1, abs(expected)), "setting \(index)")
      }
    }
  }

  @Test("one beam gives greedy's text", arguments: names)
  func oneBeam(name: String) throws {
    let model = try Model(name)
    for test in model.reference.cases {
      let search = Search(ids: test.ids, beams: 1, penalty: 0, made: [], score: 0)
      // Of one beam the first end that is best is the text; until then it is greedy's.
      let made = try model.search(search).0
      #expect(made == Array(test.greedy.prefix(made.count)))
    }
  }

  @Test("the same bits on every instruction set and thread count", arguments: names, [WeightChoice.keep, .q8])
  func bitIdentity(name: String, weights: WeightChoice) throws {
    let model = try Model(name, weights: weights)
    let test = model.reference.cases[2]
    let search = model.reference.searches.last!
    var first: ([[Float]], [UInt32], Double)?
    for isa in availableISAs {
      for threads in [1, 2, 3] {
        let rows = try model.withSource(test.ids, model.options(threads: threads), isa: isa) {
          try $0.logits(test.text)
        }
        let (made, result) = try model.search(search, threads: threads, isa: isa)
        if let first {
          #expect(rows.joined().map(\.bitPattern) == first.0.joined().map(\.bitPattern), "\(isaName(isa)) \(threads)")
          #expect(made == first.1 && result.score == first.2, "\(isaName(isa)) \(threads)")
        } else {
          first = (rows, made, result.score)
        }
      }
    }
  }

  @Test("a beam gives the bits that its sequence gives alone", arguments: names, [HT_KV_F32, HT_KV_Q8])
  func beamsAlone(name: String, kv: ht_kv) throws {
    for weights in [WeightChoice.keep, .q8] { try beamsAlone(Model(name, weights: weights), kv: kv) }
  }

  private func beamsAlone(_ model: Model, kv: ht_kv) throws {
    let ids = model.reference.cases[1].ids
    let sequences: [[UInt32]] = [[3, 4, 5, 6, 7, 8], [3, 9, 10, 11, 12, 13], [14, 15, 16, 17, 18, 19]]
    var options = model.options(beams: 3)
    options.kv = kv
    let together = try model.withSource(ids, options) { session in
      var rows: [[Float]] = []
      // The second sequence goes on from a copy of the first, in a slot where something else was.
      for step in 0..<6 {
        if step == 1 { session.copyBeam(1, to: 0) }
        try session.stepBeams({ $0 == 1 && step == 0 ? 20 : sequences[$0][step] }, slot: { [1, 0, 2][$0] })
        for beam in 0..<3 { rows.append(Array(session.logitsRow(beam))) }
      }
      return rows
    }
    for (beam, sequence) in sequences.enumerated() {
      options.beams = 1
      let alone = try model.withSource(ids, options) { try $0.logits(sequence) }
      for step in (beam == 1 ? 1 : 0)..<6 { #expect(alone[step] == together[3 * step + beam]) }
    }
  }

  @Test("a source of its own, once at a time")
  func sources() throws {
    let model = try Model("marian")
    let (first, second) = (model.reference.cases[1], model.reference.cases[2])
    let again = try model.withSource(second.ids, model.options()) { session in
      _ = try session.logits(second.text)
      session.startBatch()
      try first.ids.withUnsafeBufferPointer { try session.add($0) }
      #expect(throws: SessionError.self) { try first.ids.withUnsafeBufferPointer { try session.add($0) } }
      try session.encode()
      return try session.logits(first.text)
    }
    #expect(again == (try model.withSource(first.ids, model.options()) { try $0.logits(first.text) }))
    var options = model.options()
    options.beams = 17
    #expect(throws: PlanError.self) { try Plan(model.bundle.program, options) }
  }

  // MARK: Packing

  private func packedCopy(
    of name: String, withTokenizer: Bool = false, task: String? = nil, _ file: String = "config.json",
    _ change: (inout [String: Any]) -> Void
  ) throws -> OpenBundle {
    let folder = try TemporaryFolder()
    let source = root.appendingPathComponent("Tests/RuntimeTests/Fixtures/\(name)")
    for name in try FileManager.default.contentsOfDirectory(atPath: source.path) {
      let target = URL(fileURLWithPath: folder.path).appendingPathComponent(name)
      try FileManager.default.copyItem(at: source.appendingPathComponent(name), to: target)
      guard name == file else { continue }
      var fields = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: target)) as? [String: Any])
      change(&fields)
      try JSONSerialization.data(withJSONObject: fields).write(to: target)
    }
    var options = PackOptions()
    options.withTokenizer = withTokenizer
    options.task = task
    let target = folder.path + "/out.tack"
    _ = try pack(path: folder.path, target: target, options: options)
    return try OpenBundle(path: target)
  }

  @Test(
    "what would change the texts is refused by name",
    arguments: [
      ("t5-relu", "config.json", "feed_forward_proj", "gated-relu"), ("t5-relu", "config.json", "d_kv", "7"),
      ("t5-relu", "config.json", "num_layers", "100000"), ("t5-relu", "config.json", "n_positions", "99999999"),
      ("t5-relu", "config.json", "relative_attention_max_distance", "3"),
      ("marian", "config.json", "normalize_before", "true"), ("marian", "config.json", "decoder_vocab_size", "3"),
      ("marian", "config.json", "activation_function", "mish"), ("marian", "config.json", "encoder_layers", "1"),
      ("marian", "generation_config.json", "forced_bos_token_id", "3"),
      ("marian", "generation_config.json", "no_repeat_ngram_size", "-3"),
      ("marian", "generation_config.json", "repetition_penalty", "1.2"),
      ("marian", "generation_config.json", "encoder_no_repeat_ngram_size", "2"),
      ("marian", "generation_config.json", "num_beam_groups", "2"),
      ("marian", "generation_config.json", "do_sample", "true"),
      ("marian", "generation_config.json", "suppress_tokens", "[5]"),
      ("marian", "generation_config.json", "forced_eos_token_id", "5"),
      ("marian", "generation_config.json", "early_stopping", "\"perhaps\""),
      ("marian", "generation_config.json", "eos_token_id", "[0,1,2,3,4,5,6,7,8]"),
      ("marian", "generation_config.json", "length_penalty", "11"),
      ("marian", "generation_config.json", "num_beams", "99"),
      ("marian", "generation_config.json", "bad_words_ids", "[[1,2]]"),
      ("marian", "generation_config.json", "decoder_start_token_id", "\"x\""),
    ])
  func refused(name: String, file: String, key: String, value: String) throws {
    let found = (try? JSONSerialization.jsonObject(with: Data(value.utf8), options: .fragmentsAllowed)) ?? value
    do {
      _ = try packedCopy(of: name, file) { $0[key] = found }
      Issue.record("\(key) \(value) was packed")
    } catch let error as any Explained { print(error.message) }
  }

  @Test("what the makers say is in the manifest, and a task's word counts more")
  func manifest() throws {
    let change: (inout [String: Any]) -> Void = {
      $0["num_beams"] = 4
      $0["max_length"] = 300
      $0["early_stopping"] = "never"
      $0["forced_eos_token_id"] = 1
      $0["do_sample"] = false
      $0["bad_words_ids"] = [[1], [7]]
      $0["length_penalty"] = 0.000_01
      $0["repetition_penalty"] = 1.0
    }
    let bundle = try packedCopy(of: "t5-relu", "generation_config.json", change)
    func lines(_ bundle: OpenBundle) -> [String: String] {
      var lines: [String: String] = [:]
      Manifest(bundle.view).forEach {
        lines[String(decoding: $0, as: UTF8.self)] = String(decoding: $1, as: UTF8.self)
      }
      return lines
    }
    let found = lines(bundle)
    let expected = [
      "beams": "4", "max_length": "300", "early_stopping": "never", "forced_end": "1", "never_ids": "7",
      "length_penalty": "0.00001", "start_id": "0",
    ]
    for (key, value) in expected { #expect(found[key] == value, "\(key)") }
    #expect(found["min_length"] == nil && found["no_repeat_ngram"] == nil && found["prefix"] == nil)
    // As the published T5 has it.
    let task: [String: Any] = [
      "early_stopping": true, "length_penalty": 2.0, "max_length": 200, "min_length": 30, "no_repeat_ngram_size": 3,
      "num_beams": 4, "prefix": "summarize: ",
    ]
    let other = try packedCopy(of: "t5-relu", task: "summarization") {
      $0["task_specific_params"] = ["summarization": task]
    }
    let said = lines(other)
    let wanted = [
      "early_stopping": "true", "length_penalty": "2.0", "max_length": "200", "min_length": "30",
      "no_repeat_ngram": "3", "beams": "4", "prefix": "summarize: ", "task": "summarise",
    ]
    for (key, value) in wanted { #expect(said[key] == value, "\(key)") }
    #expect(throws: PackError.self) { try packedCopy(of: "t5-relu", task: "translation_en_to_fr") { _ in } }
  }

  @Test("tokens of texts", arguments: names)
  func tokens(name: String) throws {
    struct Texts: Decodable {
      struct Text: Decodable {
        var text: String
        var ids: [UInt32]
      }
      var texts: [Text]
    }
    let file = root.appendingPathComponent("Tests/RuntimeTests/Fixtures/\(name)/reference.json")
    let texts = try JSONDecoder().decode(Texts.self, from: Data(contentsOf: file)).texts
    let bundle = try packedCopy(of: name, withTokenizer: true) { _ in }
    let tokenizer = try TokenizerView(checking: bundle.view.bytes(of: .tokenizer))
    for text in texts {
      let bytes = Array(text.text.utf8)
      let scratch = UnsafeMutableRawBufferPointer.allocate(
        byteCount: tokenizer.encodeScratchByteCount(textByteCount: bytes.count), alignment: 64)
      defer { scratch.deallocate() }
      var ids = [UInt32](repeating: 0, count: tokenizer.tokenCountMax(textByteCount: bytes.count))
      let count = try bytes.withUnsafeBytes { text in
        try ids.withUnsafeMutableBufferPointer { try tokenizer.encode(text, scratch: scratch, into: $0) }
      }
      #expect(Array(ids[..<count]) == text.ids, "\(text.text)")
    }
  }
}
