// SPDX-License-Identifier: Apache-2.0
// A draft changes how many calls it takes, never what is said.
import CKernels
import Format
import Ops
import Runtime
import TestBundles
import Testing

import Tasks

/// What a generation made.
private struct Outcome: Equatable {
  var ids: [UInt32]
  var rows: [[UInt32]]
  var stop: Stop
  var past: Int
}

@Suite("Drafts")
struct DraftTests {
  static let bundles = [
    try? TinyLlama().bundle(weights: .q8), try? TinyLlama().bundle(),
    try? OpenBundle(ProgramVector("valid_layer").file),
  ]

  private func run(
    _ bundle: OpenBundle, _ options: PlanOptions, prompt: [UInt32], count: Int, _ sampler: SamplerOptions, draft: Int,
    end: UInt32? = nil
  ) throws -> (Outcome, Summary) {
    try bundle.withSession(options) { session in
      var outcome = Outcome(ids: [], rows: [], stop: .length, past: 0)
      let summary = try prompt.withUnsafeBufferPointer { prompt in
        try generate(
          &session, prompt: prompt, Generation(count: count, sampler: sampler, draft: draft), isEnd: { $0 == end }
        ) { made in
          outcome.ids.append(made.id)
          outcome.rows.append(made.logits.map(\.bitPattern))
          return nil
        }
      }
      #expect(Array(summary.made(session)) == outcome.ids)
      #expect(Array(session.tokens) == Array((prompt + outcome.ids).prefix(session.past)))
      (outcome.stop, outcome.past) = (summary.stop, session.past)
      return (outcome, summary)
    }
  }

  private static let samplers: [SamplerOptions] = {
    var warm = SamplerOptions(), penalized = SamplerOptions()
    (warm.temperature, warm.topK, warm.seed) = (0.7, 20, 3)
    (penalized.temperature, penalized.repetitionPenalty, penalized.presencePenalty) = (0.5, 1.2, 0.1)
    return [SamplerOptions(), warm, penalized]
  }()

  @Test("the same tokens, logits and end as without", arguments: [0, 1, 2], [HT_KV_F16.rawValue, HT_KV_Q8.rawValue])
  func same(index: Int, kv: UInt32) throws {
    let bundle = try #require(DraftTests.bundles[index])
    let context = min(96, bundle.program.contextMax)
    // A text that repeats itself, so that there is something to look up.
    let unit = spreadIDs(7, vocab: min(bundle.program.vocab, 12))
    let prompt = (0..<21).map { unit[$0 % 7] }
    var accepted = 0
    for sampler in DraftTests.samplers {
      for chunk in [4, 16] {
        let options = bundle.options(context: context, chunk: chunk, kv: ht_kv(rawValue: kv))
        let (plain, _) = try run(bundle, options, prompt: prompt, count: 200, sampler, draft: 0)
        for draft in [1, 3, 8] {
          var wide = options
          wide.outputs = min(draft + 1, chunk)
          let (found, summary) = try run(bundle, wide, prompt: prompt, count: 200, sampler, draft: draft)
          #expect(found == plain, "sampler \(sampler), chunk \(chunk), draft \(draft)")
          #expect(summary.acceptedCount <= summary.draftedCount)
          accepted += summary.acceptedCount
          let (short, _) = try run(bundle, wide, prompt: prompt, count: 9, sampler, draft: draft)
          let (plainShort, _) = try run(bundle, options, prompt: prompt, count: 9, sampler, draft: 0)
          #expect(short == plainShort)
        }
      }
    }
    #expect(accepted > 0, "no draft was ever right: the test shows nothing")
  }

  @Test("an end inside a draft ends the text there")
  func end() throws {
    let bundle = try #require(DraftTests.bundles[0])
    let prompt = (0..<24).map { UInt32($0 % 3) }
    let options = bundle.options(context: 96, chunk: 16, outputs: 9)
    let (plain, _) = try run(bundle, options, prompt: prompt, count: 40, SamplerOptions(), draft: 0)
    for end in Set(plain.ids) {
      let (without, _) = try run(bundle, options, prompt: prompt, count: 40, SamplerOptions(), draft: 0, end: end)
      let (with, _) = try run(bundle, options, prompt: prompt, count: 40, SamplerOptions(), draft: 8, end: end)
      #expect(with == without)
      #expect(with.stop == .end)
    }
  }

  @Test("an interrupt ends the prompt between chunks, and what was fed stays")
  func interrupt() throws {
    let bundle = try #require(DraftTests.bundles[0])
    let prompt = spreadIDs(40, vocab: bundle.program.vocab)
    try bundle.withSession(bundle.options(chunk: 8)) { session in
      var asked = 0
      let summary = try prompt.withUnsafeBufferPointer { prompt in
        try generate(
          &session, prompt: prompt, Generation(count: 5, sampler: SamplerOptions()), isEnd: { _ in false },
          isInterrupted: {
            asked += 1
            return asked == 3
          }
        ) { _ in nil }
      }
      #expect(summary.stop == .interrupt)
      #expect(summary.promptCount == 16)
      #expect(session.past == 16)
      #expect(summary.madeCount == 0)
    }
  }
}
