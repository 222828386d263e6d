// SPDX-License-Identifier: Apache-2.0
// Indexes without a model, for the kill test, the recall and the bench: passage i has a text and a vector that follow
// from i alone. Usage:
//   index-tool create FILE DIMENSIONS
//   index-tool add FILE COUNT BATCH KIND      COUNT more; says `N` when N are committed; KIND: random or clustered
//   index-tool check FILE KIND                every digest, record and text; says how many passages and torn bytes
//   index-tool bench FILE [HITS] [ISA]        milliseconds of a search, and the share of the memory's bandwidth
//   index-tool recall FILE KIND QUERIES       recall@10 against float vectors in double
import CKernels
import CSystem
import Format
import Glibc
import Retrieval

struct Stop: Error { var what: String }

func passageText(_ index: Int) -> String { "Passage \(index) of \(index / 100)." }

/// splitmix64, and pairs of normal numbers.
struct Numbers {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
  mutating func fillDirection(_ out: inout [Float]) {
    var squares = 0.0
    for i in stride(from: 0, to: out.count, by: 2) {
      let bits = next()
      let radius = (-2 * log(Double(bits >> 40 | 1) * 0x1p-24)).squareRoot()
      let angle = Double(bits & 0xFFFFFF) * 0x1p-24 * 2 * Double.pi
      out[i] = Float(radius * cos(angle))
      if i + 1 < out.count { out[i + 1] = Float(radius * sin(angle)) }
    }
    for value in out { squares += Double(value) * Double(value) }
    let inverse = Float(1 / squares.squareRoot())
    for i in out.indices { out[i] *= inverse }
  }
}

/// The vector of passage `index`; clustered: 0.2 around one of 1,000 centres. Queries have negative numbers.
struct Vectors {
  let isClustered: Bool
  private var centres: [[Float]] = []
  private(set) var vector: [Float]

  init(_ dimensionCount: Int, kind: String) throws {
    guard kind == "random" || kind == "clustered" else { throw Stop(what: "random or clustered, not \(kind)") }
    isClustered = kind == "clustered"
    vector = [Float](repeating: 0, count: dimensionCount)
    for centre in 0..<(isClustered ? 1000 : 0) {
      var numbers = Numbers(state: UInt64(centre) &* 77_777 &+ 5)
      numbers.fillDirection(&vector)
      centres.append(vector)
    }
  }
  mutating func make(_ index: Int) {
    var numbers = Numbers(state: UInt64(bitPattern: Int64(index)) &* 0xD129_42F0_1B2C_3D4F &+ 99)
    numbers.fillDirection(&vector)
    if !isClustered { return }
    let centre = centres[Int(numbers.next() % 1000)]
    var squares = 0.0
    for i in vector.indices {
      vector[i] = centre[i] + 0.2 * vector[i]
      squares += Double(vector[i]) * Double(vector[i])
    }
    let inverse = Float(1 / squares.squareRoot())
    for i in vector.indices { vector[i] *= inverse }
  }
}

func mapped(_ path: String) throws -> Index {
  var base: UnsafeRawPointer?
  var byteCount = 0
  let errno = sys_map_file(path, &base, &byteCount)
  guard errno == 0 else { throw Stop(what: "cannot map \(path): \(errno)") }
  return try Index(checking: UnsafeRawBufferPointer(start: base, count: byteCount))
}

func descriptor(_ path: String) throws -> Int32 {
  var descriptor: Int32 = -1
  guard sys_open_update(path, &descriptor) == 0 else { throw Stop(what: "cannot open \(path)") }
  return descriptor
}

func add(_ path: String, _ count: Int, _ batchCount: Int, _ kind: String) throws {
  let dimensionCount = try mapped(path).dimensionCount
  let batch = IndexBatch(dimensionCount: dimensionCount, passageCountMax: batchCount)
  let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: batch.scratchByteCount, alignment: 64)
  var writer = try IndexWriter(descriptor(path), batch: batch, scratch: scratch)
  var vectors = try Vectors(dimensionCount, kind: kind)
  var name = Array("made.txt".utf8)
  var (begun, committed) = (Int(writer.passageCount), Int(writer.passageCount))
  let nameCopy = UnsafeMutableRawBufferPointer.allocate(byteCount: name.count, alignment: 1)
  name.withUnsafeMutableBytes { nameCopy.copyMemory(from: UnsafeRawBufferPointer($0)) }
  try writer.beginSource(UnsafeRawBufferPointer(nameCopy))
  func said() {
    guard Int(writer.passageCount) != committed else { return }
    committed = Int(writer.passageCount)
    print(committed)
    fflush(nil)
  }
  for index in begun..<(begun + count) {
    vectors.make(index)
    try Array(passageText(index).utf8).withUnsafeBytes { text in
      try vectors.vector.withUnsafeBufferPointer { vector in
        try writer.append(offset: UInt64(64 * index), text: text, vector: vector)
      }
    }
    said()
  }
  try writer.commit()
  said()
  begun += count
}

func check(_ path: String, _ kind: String) throws {
  let index = try mapped(path)
  try index.verify()
  var vectors = try Vectors(index.dimensionCount, kind: kind)
  for number in 0..<index.passageCount {
    let passage = try index.passage(UInt32(number))
    guard String(decoding: passage.text, as: UTF8.self) == passageText(number),
      passage.sourceOffset == UInt64(64 * number)
    else { throw Stop(what: "passage \(number) is another") }
  }
  // The last passages are found by their own vectors.
  for number in max(0, index.passageCount - 3)..<index.passageCount {
    vectors.make(number)
    let hits = try search(index, vectors.vector, 1, nil)
    guard hits.first?.passage == UInt32(number) else { throw Stop(what: "passage \(number) is not found") }
  }
  print(index.passageCount, index.stats.tornByteCount)
}

func kernels(_ name: String?) throws -> UnsafePointer<ht_kernels> {
  var best: UnsafePointer<ht_kernels>?
  for raw in 0..<HT_ISA_COUNT.rawValue {
    let isa = ht_isa(rawValue: raw)
    guard let table = ht_kernels_of(isa), ht_isa_available(isa, sys_auxiliary(16)) else { continue }
    if name == nil || String(cString: ht_isa_name(isa)) == name { best = table }
  }
  guard let best else { throw Stop(what: "no kernels named \(name ?? "")") }
  return best
}

func search(_ index: Index, _ query: [Float], _ hitCount: Int, _ isa: String?) throws -> [Hit] {
  let byteCount = Index.searchScratchByteCount(dimensionCount: index.dimensionCount, hitCountMax: hitCount)
  let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 64)
  defer { scratch.deallocate() }
  var hits = [Hit](repeating: Hit(), count: hitCount)
  let table = try kernels(isa)
  let count = try query.withUnsafeBufferPointer { query in
    try hits.withUnsafeMutableBufferPointer { try index.search(query, kernels: table, scratch: scratch, into: $0) }
  }
  return Array(hits[0..<count])
}

/// Bytes a second that one thread reads, in order, from the mapped index itself: the best of five.
func bandwidth(_ index: Index, _ path: String) throws -> Double {
  var base: UnsafeRawPointer?
  var byteCount = 0
  guard sys_map_file(path, &base, &byteCount) == 0, let base else { throw Stop(what: "cannot map") }
  let words = base.assumingMemoryBound(to: SIMD8<UInt64>.self)
  let count = byteCount / 64
  var best = Double.infinity
  var sum = SIMD8<UInt64>()
  for _ in 0..<5 {
    let start = sys_monotonic_ns()
    var (a, b, c, d) = (sum, sum, sum, sum)
    for i in stride(from: 0, to: count - 3, by: 4) {
      a ^= words[i]
      b ^= words[i + 1]
      c ^= words[i + 2]
      d ^= words[i + 3]
    }
    sum = a ^ b ^ c ^ d
    best = min(best, Double(sys_monotonic_ns() - start) * 1e-9)
  }
  guard sum != SIMD8(repeating: 12345) else { throw Stop(what: "") }
  return Double(count * 64) / best
}

func bench(_ path: String, _ hitCount: Int, _ isa: String?) throws {
  let index = try mapped(path)
  var vectors = try Vectors(index.dimensionCount, kind: "random")
  var times: [Double] = []
  for query in 1...21 {
    vectors.make(-query)
    let start = sys_monotonic_ns()
    _ = try search(index, vectors.vector, hitCount, isa)
    times.append(Double(sys_monotonic_ns() - start) * 1e-9)
  }
  let first = times.removeFirst()
  times.sort()
  let (median, read) = (times[times.count / 2], try bandwidth(index, path))
  let scanned = Double(index.stats.scannedByteCount)
  let name = String(cString: ht_isa_name(try kernels(isa).pointee.isa))
  print(
    "\(index.passageCount) × \(index.dimensionCount), \(hitCount) hits, \(name)"
      + ": first \(ms(first)), then median \(ms(median)), least \(ms(times[0])), most \(ms(times.last!)) ms; "
      + "\(ms(scanned / median * 1e-12)) GB/s of \(ms(read * 1e-12)) that a plain loop reads")
}

func ms(_ seconds: Double) -> String {
  let tenths = Int((seconds * 1e4).rounded())
  return "\(tenths / 10).\(tenths % 10)"
}

func recall(_ path: String, _ kind: String, _ queryCount: Int) throws {
  let index = try mapped(path)
  var vectors = try Vectors(index.dimensionCount, kind: kind)
  var best = [[(score: Double, passage: Int)]](repeating: [], count: queryCount)
  let queries = (1...queryCount).map { query -> [Float] in
    vectors.make(-query)
    return vectors.vector
  }
  for passage in 0..<index.passageCount {
    vectors.make(passage)
    vectors.vector.withUnsafeBufferPointer { vector in
      for query in 0..<queryCount {
        let score = queries[query].withUnsafeBufferPointer { other in
          var sum = SIMD8<Double>()
          for i in stride(from: 0, to: vector.count - 7, by: 8) {
            let base = UnsafeRawPointer(vector.baseAddress! + i), otherBase = UnsafeRawPointer(other.baseAddress! + i)
            sum +=
              SIMD8<Double>(base.loadUnaligned(as: SIMD8<Float>.self))
              * SIMD8<Double>(otherBase.loadUnaligned(as: SIMD8<Float>.self))
          }
          var total = sum.sum()
          for i in (vector.count / 8 * 8)..<vector.count { total += Double(vector[i]) * Double(other[i]) }
          return total
        }
        if best[query].count == 10, score <= best[query][9].score { continue }
        let place = best[query].firstIndex { $0.score < score } ?? best[query].count
        best[query].insert((score, passage), at: place)
        if best[query].count > 10 { best[query].removeLast() }
      }
    }
  }
  var same = 0
  for query in 0..<queryCount {
    let hits = try search(index, queries[query], 10, nil)
    same += hits.filter { hit in best[query].contains { $0.passage == Int(hit.passage) } }.count
  }
  print("recall@10 \(Double(same) / Double(10 * queryCount)) over \(queryCount) queries, \(kind)")
}

do {
  let words = CommandLine.arguments
  guard words.count >= 3 else { throw Stop(what: "see the head of main.swift") }
  func number(_ at: Int, _ otherwise: Int) -> Int { words.count > at ? Int(words[at]) ?? otherwise : otherwise }
  func word(_ at: Int) -> String { words.count > at ? words[at] : "random" }
  switch words[1] {
  case "create":
    guard creat(words[2], 0o644) >= 0 else { throw Stop(what: "cannot create \(words[2])") }
    try IndexWriter.create(descriptor(words[2]), identity: (1, 2, 3, 4), dimensionCount: number(3, 384))
  case "add": try add(words[2], number(3, 1), number(4, 64), word(5))
  case "check": try check(words[2], word(3))
  case "bench": try bench(words[2], number(3, 10), words.count > 4 ? words[4] : nil)
  case "recall": try recall(words[2], word(3), number(4, 50))
  default: throw Stop(what: "no such verb: \(words[1])")
  }
} catch {
  print("index-tool: \(error)")
  exit(1)
}
