// SPDX-License-Identifier: Apache-2.0
// The team under stress: many short jobs, with and without sleep between them, more threads than processors.
import CSystem
import Foundation
import Runtime
import Testing

/// What the threads of a job share here: a number for each thread, and what each saw of the others.
private struct Shared {
  static let roundCount = 5
  var team: ThreadTeam
  var cells: UnsafeMutablePointer<UInt64>
  var mistakes: UnsafeMutablePointer<UInt32>
  var job = 0

  /// In each round every thread writes its cell, all meet, and every thread must see what all have written.
  func run(_ index: Int) {
    for round in 0..<Shared.roundCount {
      let mark = UInt64(job * 2 * Shared.roundCount + 2 * round)
      cells[index * 8] = mark + UInt64(index) << 32
      if (job + index) % 97 == 0 { usleep(200) }  // the others go to sleep
      team.barrier()
      for other in 0..<team.count where cells[other * 8] != mark + UInt64(other) << 32 {
        _ = sys_atomic_add(mistakes, 1)
      }
      team.barrier()
    }
  }
}

@Suite("Thread team", .serialized)
struct ThreadTeamTests {
  @Test("every thread sees what the others wrote before each barrier", arguments: [1, 2, 3, 4, 7])
  func barriers(count: Int) throws {
    let words = UnsafeMutableRawPointer.allocate(byteCount: TeamWords.byteCount, alignment: 64)
    words.initializeMemory(as: UInt8.self, repeating: 0, count: TeamWords.byteCount)
    let cells = UnsafeMutablePointer<UInt64>.allocate(capacity: 8 * count)
    cells.initialize(repeating: 0, count: 8 * count)
    let mistakes = UnsafeMutablePointer<UInt32>.allocate(capacity: 1)
    mistakes.pointee = 0
    let shared = UnsafeMutablePointer<Shared>.allocate(capacity: 1)
    let team = ThreadTeam(
      count: count, words: TeamWords(base: words),
      job: { context, index in context.assumingMemoryBound(to: Shared.self).pointee.run(index) },
      context: UnsafeMutableRawPointer(shared))
    shared.initialize(to: Shared(team: team, cells: cells, mistakes: mistakes))
    let stackByteCount = 131_072
    let stacks = UnsafeMutableRawPointer.allocate(byteCount: stackByteCount * count, alignment: 4096)
    defer {
      for memory in [
        words, UnsafeMutableRawPointer(cells), UnsafeMutableRawPointer(mistakes),
        UnsafeMutableRawPointer(shared), stacks,
      ] { memory.deallocate() }
    }
    sys_atomic_store(team.words.enrolled, 1)
    var handles: [UInt64] = []
    for worker in 0..<(count - 1) {
      var handle: UInt64 = 0
      let error = sys_thread_start(
        stacks + worker * stackByteCount, stackByteCount,
        {
          $0!.assumingMemoryBound(to: Shared.self).pointee.team.work()
          return nil
        }, UnsafeMutableRawPointer(shared), &handle)
      try #require(error == 0)
      handles.append(handle)
    }
    for job in 0..<(count > 2 ? 120 : 600) {
      shared.pointee.job = job
      if job % 100 == 50 { usleep(3000) }  // workers are asleep when the job comes
      team.run()
    }
    if count > 1 { team.stop() }
    for handle in handles { sys_thread_join(handle) }
    #expect(mistakes.pointee == 0)
    #expect(sys_atomic_load(team.words.sleepers) == 0)
  }
}
