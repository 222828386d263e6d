// SPDX-License-Identifier: Apache-2.0
// The KV cache's bytes against specs/weights.md §3, attention against softmax in double over what the cache means, and
// every instruction set against the scalar kernel, bit for bit. What no query may see is NaN.
import CKernels
import Glibc
import Testing

/// One head's cache, filled through a table, positions `begin` ..< `end`; the rest stays NaN. Position p lies at
/// p mod capacity.
private struct Cache {
  var kv: ht_kv
  var headDim: Int
  var capacity: Int
  var k: LinedBytes
  var v: LinedBytes

  init(_ kv: ht_kv, headDim: Int, begin: Int, end: Int, ring: Bool = false, table: Table, row: (Int) -> [Float]) {
    self.kv = kv
    self.headDim = headDim
    capacity = ((ring ? end - begin : end) + 15) / 16 * 16
    k = LinedBytes(capacity / 16 * ht_k_panel_byte_count(kv, headDim))
    v = LinedBytes(min(capacity, end) * ht_v_row_byte_count(kv, headDim))
    for position in begin..<end {
      let slot = position % capacity
      ht_kv_append_run(table.pointer, kv, row(2 * position), row(2 * position + 1), headDim, slot, k.base, v.base)
    }
  }

  private func half(_ bytes: LinedBytes, _ at: Int) -> Double {
    Double(Float16(bitPattern: bytes.bytes.loadUnaligned(fromByteOffset: at, as: UInt16.self)))
  }
  private func single(_ bytes: LinedBytes, _ at: Int) -> Double {
    Double(bytes.bytes.load(fromByteOffset: at, as: Float.self))
  }
  private func byte(_ bytes: LinedBytes, _ at: Int) -> Double {
    Double(bytes.bytes.load(fromByteOffset: at, as: Int8.self))
  }
  func key(_ position: Int, _ d: Int) -> Double {
    let panel = position / 16 * ht_k_panel_byte_count(kv, headDim), lane = position % 16
    switch kv {
    case HT_KV_F32: return single(k, panel + 64 * d + 4 * lane)
    case HT_KV_F16: return half(k, panel + 32 * d + 2 * lane)
    default: return byte(k, panel + 16 * d + lane) * half(k, panel + 16 * headDim + d / 32 * 32 + 2 * lane)
    }
  }
  func value(_ position: Int, _ d: Int) -> Double {
    let row = position * ht_v_row_byte_count(kv, headDim)
    switch kv {
    case HT_KV_F32: return single(v, row + 4 * d)
    case HT_KV_F16: return half(v, row + 2 * d)
    default: return byte(v, row + d) * half(v, row + (headDim + 15) / 16 * 16 + d / 32 * 2)
    }
  }
}

private struct Query {
  var q: [Float]
  var begin: Int
  var end: Int
  var bias: UnsafePointer<Float>?
}

private func attend(
  _ cache: Cache, _ queries: [Query], scale: Float, softcap: Float, table: Table
) -> [[Float]] {
  let headDim = cache.headDim, origin = queries.map(\.begin).min()! / 16 * 16
  let stride = (queries.map(\.end).max()! - origin + 15) / 16 * 16
  let scratch = LinedBytes(queries.count * stride * 4)
  let rows = queries.map { query in
    let row = LinedBytes(headDim * 8)
    for d in 0..<headDim { row.floats[d] = query.q[d] }
    return row
  }
  var job = ht_attention_job(headDim, scale, softcap, cache.capacity, scratch.floats, stride)
  (job.k, job.v, job.queries) = (UnsafePointer(cache.k.base), UnsafePointer(cache.v.base), queries.count)
  for (i, query) in queries.enumerated() {
    ht_attention_set(
      &job, i, rows[i].floats, rows[i].floats + headDim, UInt32(query.begin), UInt32(query.end))
    if let bias = query.bias { ht_attention_set_bias(&job, i, bias) }
  }
  ht_attention_run(table.pointer, cache.kv, &job)
  return rows.map { row in (0..<headDim).map { row.floats[headDim + $0] } }
}

@Suite("Attention")
struct AttentionTests {
  struct Kind: CustomTestStringConvertible {
    var kv: ht_kv
    var testDescription: String { kv == HT_KV_F32 ? "f32" : kv == HT_KV_F16 ? "f16" : "q8" }
    var elementByteCount: Int { kv == HT_KV_F32 ? 4 : kv == HT_KV_F16 ? 2 : 1 }
    static let all = [Kind(kv: HT_KV_F32), Kind(kv: HT_KV_F16), Kind(kv: HT_KV_Q8)]
  }

  @Test("the cache holds keys and values as near as its type allows, and zero beyond the head", arguments: Kind.all)
  func cacheHolds(kind: Kind) {
    for headDim in [2, 10, 30, 64, 80, 128] {
      let row = { (number: Int) in seededRow(headDim, seed: UInt64(number + 1)) }
      let cache = Cache(kind.kv, headDim: headDim, begin: 0, end: 20, table: .scalar, row: row)
      for position in 0..<20 {
        let key = row(2 * position), value = row(2 * position + 1)
        for d in 0..<headDim {
          let group = d / 32 * 32..<min(headDim, d / 32 * 32 + 32)
          let keySize = Double(key[group].map(abs).max()!), valueSize = Double(value[group].map(abs).max()!)
          switch kind.kv {
          case HT_KV_F32:
            #expect(cache.key(position, d) == Double(key[d]))
            #expect(cache.value(position, d) == Double(value[d]))
          case HT_KV_F16:
            #expect(cache.key(position, d) == Double(Float16(key[d])))
            #expect(cache.value(position, d) == Double(Float16(value[d])))
          default:
            #expect(abs(cache.key(position, d) - Double(key[d])) <= keySize / 127 * 0.51)
            #expect(abs(cache.value(position, d) - Double(value[d])) <= valueSize / 127 * 0.51)
          }
        }
        for d in headDim..<(headDim + 15) / 16 * 16 {
          let row = position * ht_v_row_byte_count(kind.kv, headDim)
          let size = kind.elementByteCount
          #expect(cache.v.bytes[row + d * size..<row + (d + 1) * size].allSatisfy { $0 == 0 })
        }
      }
    }
  }

  @Test("is the softmax of scaled dots times the values", arguments: Kind.all)
  func softmax(kind: Kind) {
    for (headDim, begin, end, softcap) in [(10, 0, 1, 0), (30, 0, 33, 0), (64, 5, 100, 0), (80, 37, 50, 6)] {
      let cache = Cache(kind.kv, headDim: headDim, begin: begin, end: end, table: .scalar) {
        seededRow(headDim, seed: UInt64($0 + 1))
      }
      let q = seededRow(headDim, seed: 77), scale = 1 / Float(headDim).squareRoot()
      let out = attend(
        cache, [Query(q: q, begin: begin, end: end)], scale: scale, softcap: Float(softcap), table: .scalar)
      var scores = (begin..<end).map { position in
        (0..<headDim).reduce(0.0) { $0 + Double(q[$1]) * cache.key(position, $1) } * Double(scale)
      }
      if softcap > 0 { scores = scores.map { Double(softcap) * tanh($0 / Double(softcap)) } }
      let weights = scores.map { exp($0 - scores.max()!) }, sum = weights.reduce(0, +)
      for d in 0..<headDim {
        let expected = zip(begin..<end, weights).reduce(0.0) { $0 + $1.1 * cache.value($1.0, d) } / sum
        #expect(abs(Double(out[0][d]) - expected) <= 2e-6)
      }
    }
  }

  @Test("every instruction set gives the scalar kernel's bits, in a ring too", arguments: Kind.all, Table.all)
  func sameBits(kind: Kind, table: Table) {
    for (headDim, first, last) in [(2, 0, 1), (10, 3, 4), (30, 0, 40), (64, 17, 90), (80, 0, 16), (128, 5, 50)] {
      for nasty in [false, true] {
        let row = { (number: Int) in
          nasty && number % 7 == 0 ? nastyRow(headDim, seed: UInt64(number)) : seededRow(headDim, seed: UInt64(number))
        }
        let expectedCache = Cache(kind.kv, headDim: headDim, begin: first, end: last, table: .scalar, row: row)
        let cache = Cache(kind.kv, headDim: headDim, begin: first, end: last, table: table, row: row)
        let ring = Cache(kind.kv, headDim: headDim, begin: first, end: last, ring: true, table: table, row: row)
        if !nasty {
          #expect(cache.k.bytes.elementsEqual(expectedCache.k.bytes))
          #expect(cache.v.bytes.elementsEqual(expectedCache.v.bytes))
        }
        for count in 1...Int(HT_ATTENTION_QUERIES_MAX) {
          let queries = (0..<count).map { i in
            let begin = min(first + i / 2, last - 1)
            let end = max(begin + 1, last - (count - 1 - i) / 3)
            return Query(q: seededRow(headDim, seed: UInt64(i), limit: nasty ? 500 : 2), begin: begin, end: end)
          }
          let softcap: Float = count % 3 == 0 ? 30 : 0
          let expected = attend(expectedCache, queries, scale: 0.3, softcap: softcap, table: .scalar)
          for cache in [cache, ring] {
            let found = attend(cache, queries, scale: 0.3, softcap: softcap, table: table)
            #expect(found.map(bits) == expected.map(bits))
          }
        }
      }
    }
  }

  @Test("a query's result does not depend on who shares the call", arguments: Kind.all, Table.all)
  func alone(kind: Kind, table: Table) {
    let cache = Cache(kind.kv, headDim: 64, begin: 0, end: 70, table: table) { seededRow(64, seed: UInt64($0 + 1)) }
    let queries = (0..<8).map { Query(q: seededRow(64, seed: UInt64($0)), begin: $0 * 7, end: 14 + $0 * 8) }
    let together = attend(cache, queries, scale: 0.125, softcap: 0, table: table)
    for (i, query) in queries.enumerated() {
      #expect(attend(cache, [query], scale: 0.125, softcap: 0, table: table)[0] == together[i])
    }
  }
  @Test("a bias is added to the scaled scores", arguments: Kind.all, Table.all)
  func bias(kind: Kind, table: Table) {
    let cache = Cache(kind.kv, headDim: 64, begin: 0, end: 40, table: table) { seededRow(64, seed: UInt64($0 + 1)) }
    var bias = [Float](repeating: 0, count: 48)
    bias[7] = 200  // so much that the result is the value of position 7
    let found = bias.withUnsafeBufferPointer {
      attend(
        cache, [Query(q: seededRow(64, seed: 3), begin: 0, end: 40, bias: $0.baseAddress)], scale: 0.125, softcap: 0,
        table: table)[0]
    }
    let alone = attend(
      cache, [Query(q: seededRow(64, seed: 3), begin: 7, end: 8)], scale: 0.125, softcap: 0, table: table)
    for (a, b) in zip(found, alone[0]) { #expect(abs(a - b) <= 1e-6) }
  }
}
