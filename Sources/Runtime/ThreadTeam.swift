// SPDX-License-Identifier: Apache-2.0
// A team of threads that runs one job at a time and meets at barriers: spin briefly, then sleep on a futex.
import CSystem

/// The words that the threads of a team share, each on a line of its own. Lives in the arena's control region.
package struct TeamWords {
  package static let byteCount = 6 * 64
  let base: UnsafeMutableRawPointer

  package init(base: UnsafeMutableRawPointer) { self.base = base }

  private func word(_ index: Int) -> UnsafeMutablePointer<UInt32> {
    (base + 64 * index).assumingMemoryBound(to: UInt32.self)
  }
  /// Counts the jobs given out; workers wait for it to move.
  var generation: UnsafeMutablePointer<UInt32> { word(0) }
  /// Threads that are at the barrier.
  var arrived: UnsafeMutablePointer<UInt32> { word(1) }
  /// Counts the barriers passed.
  var phase: UnsafeMutablePointer<UInt32> { word(2) }
  /// Threads asleep, on either futex: nobody is woken when there are none.
  package var sleepers: UnsafeMutablePointer<UInt32> { word(3) }
  var stopped: UnsafeMutablePointer<UInt32> { word(4) }
  /// Which thread index the next worker takes.
  package var enrolled: UnsafeMutablePointer<UInt32> { word(5) }
}

/// A thread's part of a job: `(context, threadIndex)`.
package typealias TeamJob = @convention(c) (UnsafeMutableRawPointer, Int) -> Void

/// `count` threads, the caller's own among them. Nothing is allocated: words and stacks are given.
package struct ThreadTeam {
  /// A wait spins for so long, then sleeps: longer than the threads of an op part, shorter than a scheduler's slice. By
  /// the clock, since a turn takes 24 ns on one processor and 1 ns on another.
  private static let spinNanoseconds: UInt64 = 100_000
  private static let turnsPerLook = 64

  package let count: Int
  package let words: TeamWords
  let job: TeamJob
  let context: UnsafeMutableRawPointer

  package init(count: Int, words: TeamWords, job: @escaping TeamJob, context: UnsafeMutableRawPointer) {
    self.count = count
    self.words = words
    self.job = job
    self.context = context
  }

  /// Waits until `word` is no longer `value`.
  private static func wait(_ word: UnsafeMutablePointer<UInt32>, while value: UInt32, _ words: TeamWords) {
    var end: UInt64 = 0
    while true {
      for _ in 0..<turnsPerLook {
        if sys_atomic_load(word) != value { return }
        sys_cpu_pause()
      }
      let now = sys_monotonic_ns()
      if end == 0 { end = now + spinNanoseconds }
      if now >= end { break }
    }
    _ = sys_atomic_add(words.sleepers, 1)
    while sys_atomic_load(word) == value { sys_futex_wait(word, value) }
    _ = sys_atomic_add(words.sleepers, .max)  // −1
  }

  private static func advance(_ word: UnsafeMutablePointer<UInt32>, _ words: TeamWords) {
    sys_atomic_store(word, sys_atomic_load(word) &+ 1)
    if sys_atomic_load(words.sleepers) != 0 { sys_futex_wake(word) }
  }

  /// All threads of the job meet here. What each wrote before, all see after.
  package func barrier() {
    if count == 1 { return }
    let phase = sys_atomic_load(words.phase)
    if sys_atomic_add(words.arrived, 1) &+ 1 == UInt32(count) {
      sys_atomic_store(words.arrived, 0)
      ThreadTeam.advance(words.phase, words)
    } else {
      ThreadTeam.wait(words.phase, while: phase, words)
    }
  }

  /// Runs the job on every thread and returns when all are done. The job ends with a barrier of its own.
  package func run() {
    if count > 1 { ThreadTeam.advance(words.generation, words) }
    job(context, 0)
  }

  /// The life of a worker: take an index, then job after job until the team stops.
  package func work() {
    let index = Int(sys_atomic_add(words.enrolled, 1))
    var seen: UInt32 = 0
    while true {
      ThreadTeam.wait(words.generation, while: seen, words)
      seen &+= 1
      if sys_atomic_load(words.stopped) != 0 { return }
      job(context, index)
    }
  }

  /// Makes every worker return from `work`.
  package func stop() {
    sys_atomic_store(words.stopped, 1)
    ThreadTeam.advance(words.generation, words)
  }
}
