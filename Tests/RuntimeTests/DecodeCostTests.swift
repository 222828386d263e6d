// SPDX-License-Identifier: Apache-2.0
// What decoding may not do: allocate, or touch a page for the first time.
import CAllocationCount
import CKernels
import Format
import Foundation
import Ops
import Runtime
import Testing
import TestBundles

@Suite("Decode")
struct DecodeCostTests {
  private static let opened = Result { try TinyLlama().bundle(weights: .q4) }

  @Test("allocates nothing", .enabled(if: ht_allocation_count_works() != 0, "needs glibc's malloc"))
  func allocations() throws {
    let bundle = try DecodeCostTests.opened.get()
    try bundle.withSession(bundle.options(context: 128, chunk: 32, threads: 2)) { session in
      var options = SamplerOptions()
      (options.temperature, options.topK, options.topP, options.minP) = (0.8, 40, 0.95, 0.02)
      (options.repetitionPenalty, options.seed) = (1.1, 7)
      var sampler = session.sampler(options)
      let prompt = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: 40)
      defer { prompt.deallocate() }
      for i in 0..<40 { prompt[i] = UInt32(i) }
      var checksum: Float = 0
      session.warm(positions: 128)
      for round in 0..<62 {
        // The first rounds make the Swift runtime's own tables.
        if round == 2 { ht_allocation_count_begin() }
        if round % 30 == 0 {
          session.rewind(to: 0)
          try session.feed(UnsafeBufferPointer(prompt), firstOutput: 39) { _, row in checksum += row[0] }
        }
        prompt[0] = sampler.sample(session.logitsRow(0), history: session.tokens)
        try session.feed(
          UnsafeBufferPointer(rebasing: UnsafeBufferPointer(prompt)[0..<1]), firstOutput: 0
        ) { _, row in checksum += row[0] }
      }
      let figures = ht_allocation_count_end()
      #expect(checksum.isFinite)
      #expect(figures.allocation_count == 0)
    }
  }

  /// Minor and major faults of this thread. RUSAGE_THREAD is 1.
  private func faults() -> Int {
    var usage = rusage()
    getrusage(__rusage_who_t(1), &usage)
    return usage.ru_minflt + usage.ru_majflt
  }

  @Test("faults no page once warm", arguments: [HT_KV_F16.rawValue, HT_KV_Q8.rawValue])
  func pageFaults(kv: UInt32) throws {
    let bundle = try DecodeCostTests.opened.get()
    let options = bundle.options(context: 160, chunk: 16, kv: ht_kv(rawValue: kv))
    let plan = try Plan(bundle.program, options)
    // Fresh pages, so that a touch too few shows.
    let base = mmap(nil, plan.byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)!
    defer { munmap(base, plan.byteCount) }
    var session = try Session(
      bundle.program, plan, kernels: ht_kernels_of(availableISAs.last!)!,
      arena: UnsafeMutableRawBufferPointer(start: base, count: plan.byteCount))
    session.warm(positions: 150)
    try [1, 2].withUnsafeBufferPointer { try session.feed($0, firstOutput: 1) { _, _ in } }
    var token: UInt32 = 3
    var sampler = session.sampler(SamplerOptions())
    _ = faults()
    let before = faults()
    for _ in 0..<140 {
      try withUnsafePointer(to: token) {
        try session.feed(UnsafeBufferPointer(start: $0, count: 1), firstOutput: 0) { _, _ in }
      }
      token = sampler.sample(session.logitsRow(0), history: session.tokens)
    }
    #expect(faults() - before == 0)
  }
}
