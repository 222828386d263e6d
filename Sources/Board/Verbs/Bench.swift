// SPDX-License-Identifier: Apache-2.0
// `bench B`: tokens a second of prefill and decode, for each thread count and depth; of an encoder the time of a text.
import CKernels
import CSystem
import Format
import Ops
import Runtime
import Tasks

func bench(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try Options(arguments, flags: .json | .compute | .memory | .prompt | .count | .depths)
  let bundle = try OpenBundle(options.bundle!)
  let program = try bundle.program()
  let kernels = try chooseKernels(options.word(.isa))
  var runs = BenchRuns(isJSON: options.has(.json))
  let decodeCount = options.integer(.count) ?? 64
  if let list = options.word(.threads) {
    try list.forEachNumber("--threads") { threads throws(Failure) in
      try benchThreads(program, options, kernels, threads, decodeCount, &runs, &io)
    }
  } else {
    try benchThreads(program, options, kernels, options.threadCount, decodeCount, &runs, &io)
  }
  runs.finish(&io)
  return 0
}

/// All prefill lengths, then decode at all depths, with one thread count.
private func benchThreads(
  _ program: Program, _ options: Options, _ kernels: UnsafePointer<ht_kernels>, _ threads: Int, _ decodeCount: Int,
  _ runs: inout BenchRuns, _ io: inout IO
) throws(Failure) {
  if let prefill = options.word(.prompt) {
    try prefill.forEachNumber("-p") { count throws(Failure) in
      if count > 0 { try benchPrefill(program, options, kernels, threads, count, &runs, &io) }
    }
  } else {
    try benchPrefill(program, options, kernels, threads, 128, &runs, &io)
  }
  if decodeCount == 0 || program.entry(.step) == nil { return }
  if let depths = options.word(.depths) {
    try depths.forEachNumber("-d") { depth throws(Failure) in
      try benchDecode(program, options, kernels, threads, depth, decodeCount, &runs, &io)
    }
  } else {
    try benchDecode(program, options, kernels, threads, 0, decodeCount, &runs, &io)
  }
}

private func session(
  _ program: Program, _ options: Options, _ kernels: UnsafePointer<ht_kernels>, _ threads: Int, _ tokens: Int
) throws(Failure) -> Session {
  var own = options
  own.threads = threads
  if own.context == 0 { own.context = min(program.contextMax, max(tokens, 16)) }
  let session = try startSession(program, try own.plan(program), kernels)
  session.warm(positions: tokens)
  return session
}

/// Ids that differ from one another, as text does.
private func fill(_ session: borrowing Session, _ count: Int) -> UnsafeBufferPointer<UInt32> {
  let room = session.idRoom
  for i in 0..<count { room[i] = UInt32((i * 37 + 1000) % session.program.vocab) }
  return UnsafeBufferPointer(start: room, count: count)
}

private func feed(_ session: inout Session, _ count: Int) throws(Failure) {
  let room = session.plan.options.context - session.past
  guard count <= room else {
    throw .session(.contextFull(have: UInt64(room), need: UInt64(count)))
  }
  do throws(SessionError) {
    try session.feed(fill(session, count), firstOutput: count - 1) { _, _ in }
  } catch { throw .session(error) }
}

private func benchPrefill(
  _ program: Program, _ options: Options, _ kernels: UnsafePointer<ht_kernels>, _ threads: Int, _ count: Int,
  _ runs: inout BenchRuns, _ io: inout IO
) throws(Failure) {
  if program.entry(.step) == nil {
    return try benchEncode(program, options, kernels, threads, count, &runs, &io)
  }
  var session = try session(program, options, kernels, threads, count)
  try feed(&session, min(count, 32))  // weights into the page cache, threads awake
  session.rewind(to: 0)
  let start = sys_monotonic_ns()
  try feed(&session, count)
  runs.add("prefill", tokens: count, depth: 0, threads: threads, seconds: seconds(since: start), &io)
}

/// One text of `count` tokens, with what reads its rows: the fastest of five runs.
private func benchEncode(
  _ program: Program, _ options: Options, _ kernels: UnsafePointer<ht_kernels>, _ threads: Int, _ count: Int,
  _ runs: inout BenchRuns, _ io: inout IO
) throws(Failure) {
  var own = options
  own.threads = threads
  own.context = min(count, program.contextMax)
  var session = try startSession(program, try own.encoderPlan(program), kernels)
  var best = Double.infinity
  for _ in 0..<6 {  // the first brings weights into the page cache
    let start = sys_monotonic_ns()
    session.startBatch()
    do throws(SessionError) {
      try session.add(fill(session, count))
      try session.encode()
    } catch { throw .session(error) }
    if !session.run(.embedding), !session.run(.sequenceLogits) { _ = session.run(.tokenLogits) }
    best = min(best, seconds(since: start))
  }
  runs.add("encode", tokens: count, depth: 0, threads: threads, seconds: best, &io)
}

private func benchDecode(
  _ program: Program, _ options: Options, _ kernels: UnsafePointer<ht_kernels>, _ threads: Int, _ depth: Int,
  _ count: Int, _ runs: inout BenchRuns, _ io: inout IO
) throws(Failure) {
  var session = try session(program, options, kernels, threads, depth + count + 1)
  try feed(&session, depth + 1)
  let start = sys_monotonic_ns()
  for _ in 0..<count { try feed(&session, 1) }
  runs.add("decode", tokens: count, depth: depth, threads: threads, seconds: seconds(since: start), &io)
}

/// The table or the JSON of all runs.
private struct BenchRuns {
  let isJSON: Bool
  private var count = 0

  init(isJSON: Bool) { self.isJSON = isJSON }

  mutating func add(
    _ kind: StaticString, tokens: Int, depth: Int, threads: Int, seconds: Double, _ io: inout IO
  ) {
    if isJSON {
      io.out.text(count == 0 ? "{\"runs\":[{\"kind\":\"" : ",{\"kind\":\"")
      io.out.text(kind)
      io.out.say("\",\"tokens\":%,\"depth\":%,\"threads\":%,\"tokens_per_second\":", tokens, depth, threads)
      io.out.decimal(rate(tokens, seconds), places: 3)
      io.out.text(",\"milliseconds\":")
      io.out.decimal(seconds * 1000, places: 3)
      io.out.byte(125)
    } else {
      io.out.text(kind)
      io.out.say("  % tokens at depth %, threads %: ", tokens, depth, threads)
      io.out.decimal(rate(tokens, seconds), places: 1)
      io.out.text(" tok/s\n")
      io.out.flush()
    }
    count += 1
  }

  func finish(_ io: inout IO) {
    if isJSON { io.out.text(count == 0 ? "{\"runs\":[]}\n" : "]}\n") }
  }
}
