// SPDX-License-Identifier: Apache-2.0
// What `index search` and `index ask` have in common: a bundle, an index, all their memory, and the hits of a question.
import CSystem
import Format
import Retrieval

struct IndexSearcher: ~Copyable {
  private var embedder: Embedder
  let index: Index
  let path: Word
  private let memory: UnsafeMutableRawBufferPointer
  private let hits: UnsafeMutableBufferPointer<Hit>
  private let isa: Word?
  private let prompt: Word?
  private(set) var count = 0

  /// - Parameter options: the bundle, and the index behind it.
  init(_ options: Options) throws(Failure) {
    guard let path = options.rest else { throw .usage("which index?", nil) }
    let index = try openIndex(path)
    let embedder = try Embedder(options, sequences: 1)
    do throws(IndexError) {
      try index.require(identity: embedder.identity, dimensionCount: embedder.columnCount)
    } catch { throw refused(error, path) }
    let hitCount = options.integer(.hits) ?? 5
    let scratch = Index.searchScratchByteCount(dimensionCount: index.dimensionCount, hitCountMax: hitCount)
    let memory = try mapRoom(scratch + 8 * hitCount)
    hits = UnsafeMutableBufferPointer(
      start: (memory.baseAddress! + scratch).assumingMemoryBound(to: Hit.self), count: hitCount)
    prompt = embedder.prompt("query")
    isa = options.word(.isa)
    (self.path, self.index, self.memory) = (path, index, memory)
    self.embedder = embedder
  }

  /// Bytes of memory of the process's own.
  var byteCount: Int { embedder.byteCount + memory.count }

  /// The hits of a question.
  @inline(never)
  mutating func find(_ question: Word, _ io: inout IO) throws(Failure) {
    let kernels = try chooseKernels(isa)
    try embedder.add(question, prompt, &io) { _, _ throws(Failure) in }
    try embedder.flush(&io) { text, _ throws(Failure) in
      text.normalize()
      do throws(IndexError) {
        count = try index.search(UnsafeBufferPointer(text.vector), kernels: kernels, scratch: memory, into: hits)
      } catch { throw refused(error, path) }
    }
  }

  func score(_ rank: Int) -> Float { hits[rank].score }

  /// The passage of a hit.
  @inline(never)
  func passage(_ rank: Int) throws(Failure) -> Passage {
    do throws(IndexError) { return try index.passage(hits[rank].passage) } catch { throw refused(error, path) }
  }

  /// The fields of a hit in a JSON object that is open; or a line.
  @inline(never)
  func write(_ rank: Int, isJSON: Bool, _ io: inout IO) throws(Failure) {
    let passage = try passage(rank)
    if isJSON { io.out.text("\"score\": ") }
    io.out.decimal(Double(hits[rank].score), places: isJSON ? 6 : 4)
    if isJSON {
      io.out.say(", \"passage\": %, \"source\": ", UInt64(passage.index))
      io.out.json(passage.sourceName)
      io.out.say(", \"offset\": %, \"text\": ", passage.sourceOffset)
      io.out.json(passage.text)
      io.out.byte(125)
    } else {
      io.out.text("  ")
      io.out.line(passage.sourceName)
      io.out.say(":%  ", passage.sourceOffset)
      io.out.line(passage.text)
      io.out.byte(10)
    }
  }

  /// All hits: a JSON array, or a line each.
  @inline(never)
  func write(isJSON: Bool, _ io: inout IO) throws(Failure) {
    if isJSON { io.out.byte(91) }
    for rank in 0..<count {
      if isJSON { io.out.text(rank == 0 ? "{" : ", {") }
      try write(rank, isJSON: isJSON, &io)
    }
    if isJSON { io.out.text("]\n") }
    io.out.flush()
  }
}

/// The question, or with `--jsonl` those of standard input, and what is found.
func searchIndex(_ arguments: Arguments, _ io: inout IO) throws(Failure) -> Int32 {
  let options = try Options(arguments, from: 3, flags: .json | .lines | .compute | .memory | .words | .hits)
  var searcher = try IndexSearcher(options)
  var words = PlainWords(options, from: options.firstRest + 1)
  if options.has(.jsonl) {
    var reader = try LineReader(0)
    while let line = try reader.next() {
      try searcher.find(try decodeJSONString(line), &io)
      try searcher.write(isJSON: true, &io)
    }
    return 0
  }
  guard let question = words.next() else { throw .usage("which question?", nil) }
  try searcher.find(question, &io)
  try searcher.write(isJSON: options.has(.json), &io)
  return searcher.count > 0 ? 0 : 1
}

extension Writer {
  /// A text from a file in one line: its control characters as blanks, and none at its end.
  @inline(never)
  mutating func line(_ bytes: UnsafeRawBufferPointer) {
    var end = bytes.count
    while end > 0, bytes[end - 1] <= 32 { end -= 1 }
    var at = 0
    while at < end {
      let isHigh = bytes[at] == 0xC2 && at + 1 < end && bytes[at + 1] < 0xA0
      byte(isHigh || bytes[at] < 32 || bytes[at] == 127 ? 32 : bytes[at])
      at += isHigh ? 2 : 1
    }
  }
}
