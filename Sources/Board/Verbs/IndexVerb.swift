// SPDX-License-Identifier: Apache-2.0
// `index build|add|search|stats|verify`: passages of files, found again by meaning. specs/index.md.
import CSystem
import Format
import Retrieval

func index(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try IndexOptions(arguments)
  if options.action.equals("build") { return try addToIndex(options, isNew: true, &io) }
  if options.action.equals("add") { return try addToIndex(options, isNew: false, &io) }
  if options.action.equals("search") { return try searchIndex(options, &io) }
  if options.action.equals("stats") { return try indexStats(options, &io) }
  if options.action.equals("verify") { return try verifyIndex(options, &io) }
  throw .usage("index can build, add, search, stats and verify, not", options.action)
}

/// The index at `path`, mapped and checked.
@inline(never)
private func openIndex(_ path: Word) throws(Failure) -> Index {
  let file = try mappedFile(path)
  do throws(IndexError) { return try Index(checking: file) } catch { throw .index(error, path: path) }
}

@inline(never)
private func openEmbedder(_ options: IndexOptions) throws(Failure) -> Embedder {
  let threads = options.threads > 0 ? options.threads : Int(sys_cpu_count())
  return try Embedder.open(try options.positional(0, "which bundle?"), isa: options.isa, threads: threads)
}

/// Zeroed memory at the start of a page.
@inline(never)
private func mapMemory(_ byteCount: Int) throws(Failure) -> UnsafeMutableRawBufferPointer {
  var base: UnsafeMutableRawPointer?
  let errno = sys_map_anonymous(byteCount, &base)
  guard errno == 0 else { throw .memory(need: UInt64(byteCount), errno: errno) }
  return UnsafeMutableRawBufferPointer(start: base, count: byteCount)
}

/// Passages that wait for one commit: 2.7 MB at 384 dimensions.
private let batchPassageCount = 1024

private func addToIndex(_ options: IndexOptions, isNew: Bool, _ io: inout IO) throws(Failure) -> Int32 {
  let path = try options.positional(1, "which index?")
  var embedder = try openEmbedder(options)
  _ = try options.positional(2, "which files?")
  let identity = embedder.bundle.view.head.identity
  let batch = IndexBatch(dimensionCount: embedder.dimensionCount, passageCountMax: batchPassageCount)
  let memory = try mapMemory(batch.scratchByteCount)
  var (temp, descriptor) = (Int32(-1), Int32(-1))
  sys_clean_up_on_signals()
  let errno = isNew ? sys_temp_create(path.path, &temp, &descriptor) : sys_open_update(path.path, &descriptor)
  guard errno == 0 else { throw .file(isNew ? "cannot write" : "cannot open", path: path, errno: errno) }
  do throws(Failure) {
    var writer: IndexWriter
    do throws(IndexError) {
      if isNew {
        try IndexWriter.create(descriptor, identity: identity, dimensionCount: embedder.dimensionCount)
      }
      writer = try IndexWriter(descriptor, batch: batch, identity: identity, scratch: memory)
    } catch { throw .index(error, path: path) }
    if writer.tornByteCount > 0 { io.error.say("cut off % bytes that were never committed\n", writer.tornByteCount) }
    try addFiles(options, path, &embedder, &writer, &io)
  } catch {
    if isNew { sys_temp_abandon(temp) } else { sys_close(descriptor) }
    throw error
  }
  if isNew {
    let errno = sys_temp_commit(temp)
    guard errno == 0 else { throw .file("cannot write", path: path, errno: errno) }
  } else {
    sys_close(descriptor)
  }
  return 0
}

private func addFiles(
  _ options: IndexOptions, _ path: Word, _ embedder: inout Embedder, _ writer: inout IndexWriter, _ io: inout IO
) throws(Failure) {
  let tokens = min(options.passageTokens > 0 ? options.passageTokens : 200, embedder.tokenCountMax)
  let limits = PassageLimits(
    tokenCountMax: tokens, overlapTokenCountMax: options.overlapTokens >= 0 ? options.overlapTokens : tokens / 8)
  let vector = try mapMemory(4 * embedder.dimensionCount).bindMemory(to: Float.self)
  let before = writer.passageCount
  let start = sys_monotonic_ns()
  try options.forEachFile { name throws(Failure) in
    let text = try mappedFile(name)
    defer { sys_unmap(text.baseAddress, text.count) }
    guard isUTF8(text) else { throw .input("this file is not UTF-8:", name) }
    var failure: Failure?
    do throws(DocumentError<Failure>) {
      _ = try writer.addDocument(
        text, name: name, limits: limits, vector: vector,
        tokenCount: { part in
          do throws(Failure) { return try embedder.tokenCount(part) } catch { failure = error }
          return 0
        },
        embed: { passage, vector throws(Failure) in
          if let failure { throw failure }
          try embedder.embed(passage, vector)
        })
    } catch {
      switch error {
      case .embedding(let error): throw error
      case .index(let error): throw .index(error, path: path)
      }
    }
  }
  do throws(IndexError) { try writer.commit() } catch { throw .index(error, path: path) }
  let count = writer.passageCount - before
  io.error.say("added % passages, % in all  ", count, writer.passageCount)
  let time = seconds(since: start)
  io.error.decimal(time > 0 ? Double(count) / time : 0, places: 1)
  io.error.text(" passages/s\n")
}

private func searchIndex(_ options: IndexOptions, _ io: inout IO) throws(Failure) -> Int32 {
  let path = try options.positional(1, "which index?")
  var embedder = try openEmbedder(options)
  let index = try openIndex(path)
  do throws(IndexError) {
    try index.require(
      identity: embedder.bundle.view.head.identity, dimensionCount: embedder.dimensionCount)
  } catch { throw .index(error, path: path) }
  let scratchByteCount = Index.searchScratchByteCount(
    dimensionCount: index.dimensionCount, hitCountMax: options.hitCount)
  let vectorAt = aligned(scratchByteCount, to: 64)
  let hitsAt = vectorAt + aligned(4 * index.dimensionCount, to: 64)
  let memory = try mapMemory(hitsAt + MemoryLayout<Hit>.size * options.hitCount)
  let vector = UnsafeMutableRawBufferPointer(rebasing: memory[vectorAt..<(vectorAt + 4 * index.dimensionCount)])
    .bindMemory(to: Float.self)
  let hits = UnsafeMutableRawBufferPointer(rebasing: memory[hitsAt...]).bindMemory(to: Hit.self)
  let scratch = UnsafeMutableRawBufferPointer(rebasing: memory[0..<scratchByteCount])
  func search(_ query: UnsafeRawBufferPointer) throws(Failure) -> Int {
    try embedder.embed(query, vector)
    do throws(IndexError) {
      return try index.search(UnsafeBufferPointer(vector), kernels: embedder.kernels, scratch: scratch, into: hits)
    } catch { throw .index(error, path: path) }
  }
  if options.lines {
    var reader = try LineReader(0)
    while let line = try reader.next() {
      let count = try search(UnsafeRawBufferPointer(try decodeJSONString(line)))
      try writeHits(UnsafeBufferPointer(rebasing: hits[0..<count]), index, path, isJSON: true, &io)
    }
    return 0
  }
  let count = try search(try options.positional(2, "which question?"))
  try writeHits(UnsafeBufferPointer(rebasing: hits[0..<count]), index, path, isJSON: options.json, &io)
  return count > 0 ? 0 : 1
}

/// A line a hit; or all in one JSON array.
private func writeHits(
  _ hits: UnsafeBufferPointer<Hit>, _ index: Index, _ path: Word, isJSON: Bool, _ io: inout IO
) throws(Failure) {
  if isJSON { io.out.byte(91) }
  for i in 0..<hits.count {
    let passage: Passage
    do throws(IndexError) { passage = try index.passage(hits[i].passage) } catch { throw .index(error, path: path) }
    if isJSON {
      io.out.text(i == 0 ? "{\"score\": " : ", {\"score\": ")
      io.out.decimal(Double(hits[i].score), places: 6)
      io.out.say(", \"passage\": %, \"source\": ", UInt64(passage.index))
      io.out.json(passage.sourceName)
      io.out.say(", \"offset\": %, \"text\": ", passage.sourceOffset)
      io.out.json(passage.text)
      io.out.byte(125)
    } else {
      io.out.decimal(Double(hits[i].score), places: 4)
      io.out.text("  ")
      io.out.line(passage.sourceName)
      io.out.say(":%  ", passage.sourceOffset)
      io.out.line(passage.text)
      io.out.byte(10)
    }
  }
  if isJSON { io.out.text("]\n") }
}

extension Writer {
  /// A text from a file in one line: its control characters as blanks, and none at its end.
  fileprivate mutating func line(_ bytes: UnsafeRawBufferPointer) {
    var end = bytes.count
    while end > 0, bytes[end - 1] <= 32 { end -= 1 }
    var at = 0
    while at < end {
      let isControl = bytes[at] < 32 || bytes[at] == 127
      let isHigh = bytes[at] == 0xC2 && at + 1 < end && bytes[at + 1] < 0xA0
      byte(isControl || isHigh ? 32 : bytes[at])
      at += isHigh ? 2 : 1
    }
  }
}

private func indexStats(_ options: IndexOptions, _ io: inout IO) throws(Failure) -> Int32 {
  let index = try openIndex(try options.positional(0, "which index?"))
  let stats = index.stats
  if options.json {
    io.out.say("{\"passages\": %, \"dimensions\": %", stats.passageCount, UInt64(index.dimensionCount))
    io.out.say(", \"segments\": %, \"generation\": %", stats.segmentCount, stats.generation)
    io.out.say(", \"bytes\": %, \"torn_bytes\": %", stats.committedByteCount, stats.tornByteCount)
    io.out.say(", \"scanned_bytes\": %, \"text_bytes\": %", stats.scannedByteCount, stats.textByteCount)
    io.out.text(", \"model\": \"")
    io.out.hex(index.identity)
    io.out.text("\"}\n")
    return 0
  }
  io.out.say(
    "% passages of % dimensions in % segments\n", Int(stats.passageCount), index.dimensionCount,
    Int(stats.segmentCount))
  io.out.size(stats.committedByteCount)
  io.out.text(", of which a search reads ")
  io.out.size(stats.scannedByteCount)
  io.out.text("; text ")
  io.out.size(stats.textByteCount)
  io.out.text("\nmodel #")
  io.out.hex(index.identity, digits: 8)
  io.out.byte(10)
  if stats.tornByteCount > 0 { io.out.say("% bytes were never committed\n", stats.tornByteCount) }
  return 0
}

private func verifyIndex(_ options: IndexOptions, _ io: inout IO) throws(Failure) -> Int32 {
  let path = try options.positional(0, "which index?")
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
