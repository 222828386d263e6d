// SPDX-License-Identifier: Apache-2.0
// One sequence, however it is cut, shared out or computed: the same bits. Errors change nothing.
import CKernels
import Format
import Ops
import Runtime
import Testing
import TestBundles

/// A row by its bits, so that −0 and NaN count.
func bits(_ rows: [[Float]]) -> [[UInt32]] { rows.map { $0.map(\.bitPattern) } }

@Suite("Session")
struct SessionTests {
  /// A model in integers, one in floats, and the vector with every op.
  static let bundles = [
    try? TinyLlama().bundle(weights: .q8), try? TinyLlama().bundle(),
    try? OpenBundle(ProgramVector("valid_layer").file),
  ]

  @Test(
    "logits are the same bits for every chunk, thread count, instruction set and number of output rows",
    arguments: [HT_KV_F16.rawValue, HT_KV_Q8.rawValue, HT_KV_F32.rawValue], [0, 1, 2])
  func bitIdentity(kv: UInt32, index: Int) throws {
    let (kv, bundle) = (ht_kv(rawValue: kv), try #require(SessionTests.bundles[index]))
    let context = min(bundle.program.contextMax, 512)
    let ids = spreadIDs(min(context, 90), vocab: bundle.program.vocab)
    let reference = bits(try bundle.logits(ids, bundle.options(context: context, chunk: 1, kv: kv), isa: HT_ISA_SCALAR))
    #expect(reference.count == ids.count)
    #expect(Set(reference).count > ids.count / 2, "rows differ from one another")
    for isa in availableISAs {
      for threads in [1, 2, 3] {
        for chunk in [1, 7, 64, 512] where chunk <= context || chunk == 512 {
          let options = bundle.options(
            context: context, chunk: min(chunk, context), outputs: min(chunk, 4), kv: kv, threads: threads)
          let found = bits(try bundle.logits(ids, options, isa: isa))
          #expect(found == reference, "\(isaName(isa)), threads \(threads), chunk \(chunk)")
        }
      }
    }
  }

  @Test("the two kinds of cache give nearly the same, not the same")
  func cacheKinds() throws {
    let bundle = try #require(SessionTests.bundles[1])
    let ids = spreadIDs(40, vocab: bundle.program.vocab)
    let f16 = try bundle.logits(ids, bundle.options(kv: HT_KV_F16))
    let q8 = try bundle.logits(ids, bundle.options(kv: HT_KV_Q8))
    let difference = zip(f16.joined(), q8.joined()).map { abs($0 - $1) }.max()!
    #expect(difference > 0 && difference < 0.5)
    let f32 = try bundle.logits(ids, bundle.options(kv: HT_KV_F32))
    let nearer = zip(f32.joined(), f16.joined()).map { abs($0 - $1) }.max()!
    #expect(nearer > 0 && nearer < difference)
  }

  @Test("rewound and fed again, it is as new")
  func rewind() throws {
    let bundle = try #require(SessionTests.bundles[0])
    let ids = spreadIDs(50, vocab: bundle.program.vocab)
    let fresh = bits(try bundle.logits(ids, bundle.options()))
    try bundle.withSession(bundle.options(chunk: 8, threads: 2)) { session in
      #expect(bits(try session.logits(ids)) == fresh)
      for kept in [49, 33, 16, 5, 0] {
        #expect(session.rewind(to: kept) == kept)
        #expect(session.past == kept)
        let other = spreadIDs(10, vocab: bundle.program.vocab, seed: 77)
        _ = try session.logits(other)  // other tokens in the cache first
        #expect(session.rewind(to: kept) == kept)
        #expect(bits(try session.logits(Array(ids[kept...]))) == Array(fresh[kept...]))
        #expect(Array(session.tokens) == ids)
      }
      #expect(session.rewind(to: 1000) == 50)
      #expect(session.past == 50)
    }
  }

  @Test("a ring can be rewound as far as it still holds what the next token sees, else it begins anew")
  func rewindRing() throws {
    let bundle = try #require(SessionTests.bundles[2])
    let program = bundle.program
    let window = try #require((0..<program.kvLayerCount).map { program.kvLayer($0).window }.filter { $0 > 0 }.min())
    let context = min(program.contextMax, 12 * (window + 16))
    let ids = spreadIDs(context, vocab: program.vocab)
    for chunk in [1, 5, 16] {
      let options = bundle.options(context: context, chunk: chunk)
      let held = (window + chunk - 1 + 15) / 16 * 16
      try #require(held < context, "the ring is one")
      let fresh = bits(try bundle.logits(ids, options))
      try bundle.withSession(options) { session in
        for back in [1, held - window, held - window + 1, context - 1] where back >= 1 {
          session.rewind(to: 0)
          let first = bits(try session.logits(ids))
          #expect(first == fresh)
          let kept = session.rewind(to: context - back)
          let oldest = max(0, context - back + 1 - window)
          #expect(kept == (oldest >= context - held ? context - back : 0))
          let second = bits(try session.logits(Array(ids[kept...])))
          #expect(second == Array(fresh[kept...]))
          // Cut back twice: what the tokens behind the first cut have overwritten stays lost.
          session.rewind(to: context - 1)
          let again = session.rewind(to: max(0, context - 1 - back))
          let third = bits(try session.logits(Array(ids[again...])))
          #expect(third == Array(fresh[again...]))
        }
      }
    }
  }

  @Test("an error leaves everything as it was")
  func errors() throws {
    let bundle = try #require(SessionTests.bundles[0])
    let vocab = UInt32(bundle.program.vocab)
    let ids = spreadIDs(20, vocab: Int(vocab))
    let fresh = bits(try bundle.logits(ids, bundle.options(context: 24)))
    try bundle.withSession(bundle.options(context: 24, chunk: 8)) { session in
      _ = try session.logits(Array(ids[0..<15]))
      let bad = [ids[15], vocab, ids[17]]
      #expect(throws: SessionError.tokenOutOfRange(token: vocab, vocab: vocab)) { _ = try session.logits(bad) }
      #expect(throws: SessionError.tokenOutOfRange(token: .max, vocab: vocab)) { _ = try session.logits([.max]) }
      let long = [UInt32](repeating: 0, count: 10)
      #expect(throws: SessionError.contextFull(have: 24, need: 25)) { _ = try session.logits(long) }
      #expect(session.past == 15)
      #expect(Array(session.tokens) == Array(ids[0..<15]))
      #expect(bits(try session.logits(Array(ids[15...]))) == Array(fresh[15...]))
      #expect(try session.logits([]).isEmpty)
      #expect(session.past == 20)
    }
  }

  @Test("only the rows that are asked for come, each with its position")
  func firstOutput() throws {
    let bundle = try #require(SessionTests.bundles[1])
    let ids = spreadIDs(30, vocab: bundle.program.vocab)
    let all = bits(try bundle.logits(ids, bundle.options()))
    for first in [0, 1, 7, 8, 29, 30] {
      try bundle.withSession(bundle.options(chunk: 8, outputs: 3)) { session in
        var seen: [Int] = []
        var steps: [Int] = []
        try ids.withUnsafeBufferPointer { ids in
          try session.feed(ids, firstOutput: first, progress: { steps.append($0) }) { position, row in
            #expect(row.map(\.bitPattern) == all[position])
            seen.append(position)
          }
        }
        #expect(seen == Array(first..<30))
        #expect(steps == [8, 16, 24, 30])
      }
    }
  }

  @Test("a second session in the same arena starts from nothing, with threads too")
  func arenaAgain() throws {
    let bundle = try #require(SessionTests.bundles[0])
    let ids = spreadIDs(20, vocab: bundle.program.vocab)
    let plan = try Plan(bundle.program, bundle.options(threads: 3))
    let arena = FencedMemory(byteCountMax: plan.byteCount)
    let kernels = ht_kernels_of(availableISAs.last!)!
    var before: [[UInt32]] = []
    for round in 0..<3 {
      let rows = try withExtendedLifetime(arena) {
        var session = try Session(
          bundle.program, plan, kernels: kernels, arena: arena.room(plan.byteCount, atEnd: true))
        return bits(try session.logits(ids))
      }
      #expect(round == 0 || rows == before)
      before = rows
    }
  }

  @Test("a program without logits does not start")
  func noLogits() throws {
    let bundle = try OpenBundle(ProgramVector("valid_step_only").file)
    #expect(throws: SessionError.noLogits) { try bundle.withSession(bundle.options()) { _ in } }
  }

  @Test("window: positions outside of it do not matter")
  func window() throws {
    // valid_layer sees five positions: after six other tokens, one layer has forgotten what came before.
    let bundle = try #require(SessionTests.bundles[2])
    let tail: [UInt32] = [3, 1, 4, 1, 5, 9]
    let one = try bundle.logits([7, 8] + tail, bundle.options())
    let other = try bundle.logits([11, 12] + tail, bundle.options())
    #expect(bits([one[7]]) == bits([other[7]]))
    #expect(bits([one[3]]) != bits([other[3]]))
  }
}
