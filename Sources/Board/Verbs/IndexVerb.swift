// SPDX-License-Identifier: Apache-2.0
// `index build|add|search|ask|stats|verify`: passages of files, found again by meaning. specs/index.md.
import CSystem
import Format
import Retrieval

func index(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  guard arguments.count > 2 else {
    throw .usage("index what? build, add, search, ask, stats or verify", nil)
  }
  let action = arguments[2]
  if action.equals("build") { return try addToIndex(arguments, isNew: true, &io) }
  if action.equals("add") { return try addToIndex(arguments, isNew: false, &io) }
  if action.equals("search") { return try searchIndex(arguments, &io) }
  if action.equals("ask") { return try askIndex(arguments, &io) }
  if action.equals("stats") { return try indexStats(arguments, &io) }
  if action.equals("verify") { return try verifyIndex(arguments, &io) }
  throw .usage("index can build, add, search, ask, stats and verify, not", action)
}

/// The index at `path`, mapped and checked.
@inline(never)
func openIndex(_ path: Word) throws(Failure) -> Index {
  let file = try mappedFile(path)
  do throws(IndexError) { return try Index(checking: file) } catch { throw refused(error, path) }
}

/// Passages that wait for one commit: 2.7 MB at 384 dimensions.
private let batchPassageCount = 1024

private func addToIndex(_ arguments: Arguments, isNew: Bool, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try Options(arguments, from: 3, flags: .compute | .memory | .words | .passages)
  guard let path = options.rest else { throw .usage("which index?", nil) }
  var names = PlainWords(options, from: options.firstRest + 1)
  if names.next() == nil { throw .usage("which files?", nil) }
  var embedder = try Embedder(options)
  let batch = IndexBatch(dimensionCount: embedder.columnCount, passageCountMax: batchPassageCount)
  let memory = try mapRoom(batch.scratchByteCount)
  var (temp, descriptor) = (Int32(-1), Int32(-1))
  sys_clean_up_on_signals()
  var errno = isNew ? sys_temp_create(path.path, &temp, &descriptor) : sys_open_update(path.path, &descriptor)
  if errno == 0 {
    do throws(Failure) {
      var adder: Adder
      do throws(IndexError) {
        if isNew {
          try IndexWriter.create(descriptor, identity: embedder.identity, dimensionCount: batch.dimensionCount)
        }
        adder = Adder(
          writer: try IndexWriter(descriptor, batch: batch, identity: embedder.identity, scratch: memory), path: path)
      } catch { throw refused(error, path) }
      try adder.add(options, &embedder, &io)
    } catch {
      if isNew { sys_temp_abandon(temp) }  // what was committed to another stays
      throw error
    }
    if isNew { errno = sys_temp_commit(temp) }
  }
  guard errno == 0 else { throw .file("cannot write", path: path, errno: errno) }
  return 0
}

/// Adds files, passage by passage: their texts go to the writer at once, their vectors when a call is full.
private struct Adder: ~Copyable {
  var writer: IndexWriter
  let path: Word

  @inline(never)
  mutating func add(_ options: Options, _ embedder: inout Embedder, _ io: inout IO) throws(Failure) {
    if writer.tornByteCount > 0 { io.error.say("cut off % bytes that were never committed\n", writer.tornByteCount) }
    let prompt = embedder.prompt("passage", or: "document")
    let tokens = min(options.integer(.passageTokens) ?? 200, try embedder.tokenCountMax(prompt))
    let overlap = options.integer(.overlapTokens) ?? -1
    let limits = PassageLimits(tokenCountMax: tokens, overlapTokenCountMax: overlap >= 0 ? overlap : tokens / 8)
    let before = writer.passageCount
    let start = sys_monotonic_ns()
    var names = PlainWords(options, from: options.firstRest + 1)
    while let name = names.next() { try add(name, limits, prompt, &embedder, &io) }
    try commit(&embedder, &io)
    let count = writer.passageCount - before
    io.error.say("added % passages, % in all  ", count, writer.passageCount)
    let time = seconds(since: start)
    io.error.decimal(time > 0 ? Double(count) / time : 0, places: 1)
    io.error.text(" passages/s\n")
  }

  @inline(never)
  private mutating func add(
    _ name: Word, _ limits: PassageLimits, _ prompt: Word?, _ embedder: inout Embedder, _ io: inout IO
  ) throws(Failure) {
    let text = try mappedFile(name)
    defer { sys_unmap(text.baseAddress, text.count) }
    guard isUTF8(text) else { throw .input("this file is not UTF-8:", name) }
    do throws(IndexError) { try writer.beginSource(name) } catch { throw refused(error, path) }
    var splitter = PassageSplitter(text, limits)
    var failure: Failure?
    while let range = splitter.next(tokenCount: { part in
      do throws(Failure) { return try embedder.tokenCount(part) } catch { failure = error }
      return 0
    }) {
      if let failure { throw failure }
      let passage = text.part(range.lowerBound, range.count)
      if !writer.hasRoom(for: passage) { try commit(&embedder, &io) }
      do throws(IndexError) {
        try writer.append(offset: UInt64(range.lowerBound), text: passage)
      } catch { throw refused(error, path) }
      try embedder.add(splitter.withoutBlanks(range), prompt, &io) { text, _ throws(Failure) in try take(text) }
    }
    if let failure { throw failure }
  }

  @inline(never)
  private mutating func take(_ text: EmbeddedText) throws(Failure) {
    text.normalize()
    do throws(IndexError) {
      try writer.append(vector: UnsafeBufferPointer(text.vector))
    } catch { throw refused(error, path) }
  }

  @inline(never)
  private mutating func commit(_ embedder: inout Embedder, _ io: inout IO) throws(Failure) {
    try embedder.flush(&io) { text, _ throws(Failure) in try take(text) }
    do throws(IndexError) { try writer.commit() } catch { throw refused(error, path) }
  }
}

private func indexStats(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try Options(arguments, from: 3, flags: .json)
  let index = try openIndex(options.bundle!)
  let stats = index.stats
  let isJSON = options.has(.json)
  io.out.say(
    isJSON
      ? "{\"passages\": %, \"dimensions\": %, \"segments\": %" : "% passages of % dimensions in % segments\n",
    Int(stats.passageCount), index.dimensionCount, Int(stats.segmentCount))
  io.out.say(
    isJSON ? ", \"bytes\": %, \"scanned_bytes\": %, \"text_bytes\": %" : "% bytes: a search reads %, text has %",
    stats.committedByteCount, stats.scannedByteCount, stats.textByteCount)
  io.out.say(
    isJSON ? ", \"generation\": %, \"torn_bytes\": %" : "\n% commits, % bytes that were never committed\n",
    stats.generation, stats.tornByteCount)
  io.out.text(isJSON ? ", \"model\": \"" : "model #")
  io.out.hex(index.identity, digits: isJSON ? 64 : 8)
  io.out.text(isJSON ? "\"}\n" : "\n")
  return 0
}

private func verifyIndex(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let path = try Options(arguments, from: 3, flags: .none).bundle!
  let index = try openIndex(path)
  do throws(IndexError) {
    try index.verify()
  } catch {
    io.error.index(error, path)
    io.error.byte(10)
    return 1
  }
  io.out.say("ok % passages\n", UInt64(index.passageCount))
  return 0
}
