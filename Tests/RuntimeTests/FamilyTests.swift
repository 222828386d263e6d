// SPDX-License-Identifier: Apache-2.0
// One model of every family: the same bits however it is cut, shared out or computed, past its window and past the
// length at which long RoPE changes.
import CKernels
import Ops
import Packager
import Runtime
import Testing
import TestBundles

@Suite("Families", .enabled(if: hasPython, "needs python3"))
struct FamilyTests {
  @Test(
    "the same bits for every chunk, thread count, instruction set and kind of cache",
    arguments: TinyDecoder.families, [HT_KV_F16.rawValue, HT_KV_Q8.rawValue])
  func bitIdentity(model: TinyDecoder, kv: UInt32) throws {
    let activations = kv == HT_KV_Q8.rawValue ? ActivationChoice.sixteen : nil
    try sameBits(try model.bundle(weights: .q8, activations: activations), ht_kv(rawValue: kv))
  }

  private func sameBits(_ bundle: OpenBundle, _ kv: ht_kv) throws {
    let ids = spreadIDs(70, vocab: bundle.program.vocab)
    let options = bundle.options(context: 80, chunk: 1, kv: kv)
    let reference = bits(try bundle.logits(ids, options, isa: HT_ISA_SCALAR))
    #expect(Set(reference).count > ids.count / 2, "rows differ from one another")
    for isa in availableISAs {
      for (threads, chunk) in [(1, 1), (1, 80), (2, 7), (3, 32)] {
        let options = bundle.options(context: 80, chunk: chunk, outputs: min(chunk, 3), kv: kv, threads: threads)
        let found = bits(try bundle.logits(ids, options, isa: isa))
        #expect(found == reference, "\(isaName(isa)), threads \(threads), chunk \(chunk)")
      }
    }
  }

  @Test("a sequence that grows token by token ends where one that is fed at once does", arguments: TinyDecoder.families)
  func growing(model: TinyDecoder) throws {
    let bundle = try model.bundle(weights: .q4)
    let ids = spreadIDs(45, vocab: bundle.program.vocab)
    for count in [20, 32, 33, 45] {
      let whole = bits(try bundle.logits(Array(ids[..<count]), bundle.options(context: 50)))
      try bundle.withSession(bundle.options(context: 50)) { session in
        var last: [[UInt32]] = []
        for id in ids[..<count] { last = bits(try session.logits([id])) }
        #expect(last.last == whole.last, "\(count) tokens")
      }
    }
  }

  @Test("15 bits of activations are nearer to floats than 8", arguments: TinyDecoder.families)
  func activations(model: TinyDecoder) throws {
    let floats = try model.bundle()
    let ids = spreadIDs(40, vocab: floats.program.vocab)
    let options = floats.options(kv: HT_KV_F32)
    // q8 weights are close to the floats' own: what differs is mostly the activations.
    let exact = try model.bundle(weights: .f16).logits(ids, options)
    func error(_ choice: ActivationChoice) throws -> Float {
      let found = try model.bundle(weights: .q8, activations: choice).logits(ids, options)
      return zip(found.joined(), exact.joined()).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    let (fine, coarse) = (try error(.sixteen), try error(.eight))
    #expect(fine < coarse && fine > 0)
  }
}
