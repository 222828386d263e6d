// SPDX-License-Identifier: Apache-2.0
// The writer's side: placing sections, writing heads, JSON, and UTF-8 against the standard library's.
import Format
import Foundation
import Storage
import Testing

@Suite("HeadWriter")
struct HeadWriterTests {
  @Test("gives the head that another writer gave", arguments: Vector.mappable)
  func sameHead(_ vector: Vector) throws {
    try vector.file.withUnsafeBytes { file in
      let head = try BundleHead(checking: file, blake2b: blake2b256)
      var sections = (0..<head.sectionCount).map { index -> Section in
        let known = head.section(index)
        return Section(kind: known.kind, byteCount: known.byteCount, digest: known.digest)
      }
      let fileByteCount = sections.withUnsafeMutableBufferPointer { HeadWriter.place($0, compressed: false) }
      #expect(fileByteCount == UInt64(file.count))
      #expect(fileByteCount == head.mappableByteCount)
      var written = [UInt8](repeating: 0xAA, count: Header.headByteCount(sectionCount: sections.count))
      written.withUnsafeMutableBytes { into in
        sections.withUnsafeBufferPointer {
          HeadWriter.write(
            $0, compressed: false, optionalFeatures: head.header.optionalFeatures,
            fileByteCount: fileByteCount ?? 0, into: into, blake2b: blake2b256)
        }
      }
      #expect(written == [UInt8](file[0..<written.count]))
    }
  }

  @Test("64 KiB start at a page, a byte less at a line; a sum past 2^64 is refused")
  func place() {
    func offsets(_ byteCounts: [UInt64], compressed: Bool = false) -> [UInt64]? {
      var sections = byteCounts.map { Section(kind: .weights, byteCount: $0, digest: (0, 0, 0, 0)) }
      return sections.withUnsafeMutableBufferPointer { all in
        HeadWriter.place(all, compressed: compressed).map { end in all.map(\.offset) + [end] }
      }
    }
    #expect(offsets([1, 65_535]) == [256, 320, 65_855])
    #expect(offsets([1, 65_536, 1]) == [320, 65_536, 131_072, 131_073])
    #expect(offsets([1, 65_536, 1], compressed: true) == [320, 384, 65_920, 65_921])
    #expect(offsets([1 << 63, 1 << 63]) == nil)
    #expect(offsets([.max - 10]) == nil)
  }
}

@Suite("JSONWriter")
struct JSONWriterTests {
  /// What `body` writes through rooms of one byte up to twenty: where the room is full must not matter.
  private func written(_ body: (inout JSONWriter, JSONSink) -> Void) -> String {
    var answers: Set<[UInt8]> = []
    for byteCount in 1...20 {
      var answer: [UInt8] = []
      withUnsafeTemporaryAllocation(byteCount: byteCount, alignment: 1) { room in
        var json = JSONWriter(room)
        let sink: JSONSink = {
          #expect($0.count >= 1 && $0.count <= byteCount)
          answer += $0
        }
        body(&json, sink)
        json.flush(sink)
        json.flush(sink)
      }
      answers.insert(answer)
    }
    #expect(answers.count == 1)
    return String(decoding: answers.first ?? [], as: UTF8.self)
  }

  @Test("numbers", arguments: [0, 1, 9, 10, 99, 100, 12_345, 1 << 63, UInt64.max - 1, .max])
  func number(_ value: UInt64) {
    #expect(written { $0.number(value, $1) } == String(value))
  }

  @Test("strings: only quotes, backslashes and controls are escaped, and a JSON reader gives them back")
  func string() throws {
    let all = String(decoding: (0...255).map { UInt8($0) }.filter { $0 < 128 }, as: UTF8.self) + "é中😀\u{2028}"
    var utf8 = Array(all.utf8)
    let json = utf8.withUnsafeMutableBytes { bytes in
      let text = UnsafeRawBufferPointer(bytes)
      return written { $0.string(text, $1) }
    }
    #expect(json.hasPrefix("\"\\u0000\\u0001"))
    #expect(json.hasSuffix("\u{7F}é中😀\u{2028}\""))
    #expect(json.contains("!\\\"#") && json.contains("[\\\\]") && json.contains("\\u001f"))
    #expect(try JSONDecoder().decode([String].self, from: Data("[\(json)]".utf8)) == [all])
  }

  @Test("digests are the bytes in their order")
  func digest() {
    let bytes = [UInt8](0..<32)
    let digest = bytes.withUnsafeBytes { $0.digest(0) }
    #expect(
      written { $0.digest(digest, $1) } == "\"000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\"")
  }
}

@Suite("UTF-8")
struct UTF8Tests {
  /// Bytes at the edges of every range of RFC 3629's table.
  private static let edges: [UInt8] = [
    0x00, 0x1F, 0x20, 0x7E, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED,
    0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
  ]

  @Test("agrees with the standard library on all sequences of up to four bytes from the edges of all ranges")
  func sequences() {
    let memory = FencedMemory(byteCountMax: 4)
    var wrong = 0
    var wrongPlain = 0
    let count = Self.edges.count
    for byteCount in 0...4 {
      var number = 0
      let end = (0..<byteCount).reduce(1) { product, _ in product * count }
      while number < end {
        var (bytes, rest) = ([UInt8](), number)
        for _ in 0..<byteCount {
          bytes.append(Self.edges[rest % count])
          rest /= count
        }
        let text = memory.place(bytes, atEnd: true)
        let known = String(validating: bytes, as: UTF8.self)
        if isUTF8(text) != (known != nil) { wrong += 1 }
        let isPlain = known.map { $0.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control } } ?? false
        if (plainTextByteCount(text) == bytes.count) != isPlain { wrongPlain += 1 }
        number += byteCount == 4 ? 1 + number % 3 : 1
      }
    }
    #expect(wrong == 0)
    #expect(wrongPlain == 0)
  }
}
