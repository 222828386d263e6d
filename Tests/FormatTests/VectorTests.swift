// SPDX-License-Identifier: Apache-2.0
// Every vector of specs/vectors/bundle gives exactly the error that it was made for, here and in the second reader.
import Format
import Foundation
import Storage
import Testing

@Suite("Vectors")
struct VectorTests {
  @Test("each gives exactly its error", arguments: Vector.all)
  func vector(_ vector: Vector) {
    let memory = FencedMemory(byteCountMax: vector.file.count)
    for atEnd in [true, false] {
      let file = memory.place(vector.file, atEnd: atEnd)
      let outcome = open(file)
      guard vector.rule.hasPrefix("B-") else {
        #expect(outcome == .accepted)
        if outcome == .accepted { #expect(difference(file) == vector.expect) }
        continue
      }
      #expect(outcome.text == vector.expect)
      if case .refused(let error) = outcome {
        #expect((error.rule < 10 ? "B-0" : "B-") + String(error.rule) == vector.rule)
      }
    }
  }

  /// What `verify` says, spelled as in specs/bundle.md §8.
  private func difference(_ file: UnsafeRawBufferPointer) -> String {
    guard let view = try? BundleView(checking: file, blake2b: blake2b256) else { return "refused" }
    guard let difference = verify(view) else { return "valid" }
    let kind = difference.kind.rawValue
    guard let page = difference.pageIndex else { return "sectionDigestDiffers(kind: \(kind))" }
    return "pageDigestDiffers(kind: \(kind), page: \(page))"
  }

  @Test("every rule has one")
  func everyRule() {
    let rules = Set(Vector.all.map(\.rule))
    for number in 1...31 { #expect(rules.contains((number < 10 ? "B-0" : "B-") + String(number))) }
    #expect(rules.contains("V-01") && rules.contains("V-02"))
    #expect(Vector.mappable.count >= 6)
  }

  @Test("a compressed bundle's head is taken, and says what expanding it makes")
  func compressedHead() throws {
    try Vector("valid_head_compressed").file.withUnsafeBytes { bytes in
      let head = try BundleHead(checking: bytes, blake2b: blake2b256)
      #expect(!head.isMappable)
      #expect(head.mappableByteCount == 576)
      #expect(head.section(.tokenizer)?.storage == Section.storageBlocks)
      #expect(try BundleHead.byteCount(start: bytes) == 320)
    }
  }

  @Test("Tools/vectors makes them again, byte for byte", .enabled(if: hasPython, "needs python3"))
  func generator() throws {
    let answer = try #require(python(["Tools/vectors", "--check"]))
    #expect(answer.status == 0, "\(String(decoding: answer.output, as: UTF8.self))")
  }
}

@Suite("The specification", .enabled(if: hasPython, "needs python3"))
struct SpecificationTests {
  @Test("the writer in the annex of specs/bundle.md makes the smallest bundle")
  func annex() throws {
    let text = try String(contentsOf: root.appendingPathComponent("specs/bundle.md"), encoding: .utf8)
    let program = try #require(text.components(separatedBy: "```python\n").last?.components(separatedBy: "```").first)
    let answer = try #require(python(["-c", program]))
    #expect(answer.output == Vector("valid_least").file)
  }

  @Test("the hexadecimal dump of specs/bundle.md is the smallest bundle")
  func dump() throws {
    let text = try String(contentsOf: root.appendingPathComponent("specs/bundle.md"), encoding: .utf8)
    var bytes = [UInt8](repeating: 0, count: 352)
    var lineCount = 0
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count > 16, words[0].count == 4, let at = Int(words[0], radix: 16) else { continue }
      for i in 0..<16 { bytes[at + i] = try #require(UInt8(words[1 + i], radix: 16)) }
      lineCount += 1
    }
    #expect(lineCount == 19)
    #expect(bytes == Vector("valid_least").file)
  }
}

@Suite("The second reader", .enabled(if: hasPython, "needs python3"))
struct SecondReaderTests {
  @Test("gives the same first error", arguments: Vector.all.filter { $0.expect != "valid" })
  func sameError(_ vector: Vector) throws {
    let answer = try #require(python(["Tools/bundle_reader.py", "--map", "--verify", vector.path]))
    #expect(answer.status == (vector.rule.hasPrefix("V") ? 1 : 3))
    #expect(answer.errors == "\(vector.rule) \(vector.expect)\n")
    #expect(answer.output.isEmpty)
  }

  @Test("prints the same JSON", arguments: Vector.mappable)
  func sameJSON(_ vector: Vector) throws {
    let answer = try #require(python(["Tools/bundle_reader.py", "--verify", vector.path]))
    var ours: [UInt8] = []
    try vector.file.withUnsafeBytes { bytes in
      inspectJSON(try BundleView(checking: bytes, blake2b: blake2b256)) { ours += $0 }
    }
    #expect(String(decoding: ours, as: UTF8.self) == String(decoding: answer.output, as: UTF8.self))
    #expect(answer.status == 0, "\(answer.errors)")
  }

  @Test("prints the same JSON of the head of a compressed bundle")
  func sameJSONOfHead() throws {
    let vector = Vector("valid_head_compressed")
    let answer = try #require(python(["Tools/bundle_reader.py", vector.path]))
    var ours: [UInt8] = []
    try vector.file.withUnsafeBytes { bytes in
      inspectJSON(try BundleHead(checking: bytes, blake2b: blake2b256)) { ours += $0 }
    }
    #expect(ours == answer.output)
    #expect(!ours.isEmpty)
  }

  @Test("gives the same first error on mutations")
  func mutations() throws {
    let seeds = ["valid_least", "valid_tensors", "valid_texts", "valid_program", "valid_head_compressed"]
      .map { Vector($0).file }
    let memory = FencedMemory(byteCountMax: 65_536)
    var random = Seeded(11)
    var (all, ours) = (Data(), [String]())
    for _ in 0..<5_000 {
      let bad = mutated(seeds[random.below(seeds.count)], &random)
      all += withUnsafeBytes(of: UInt32(bad.count).littleEndian) { Data($0) } + Data(bad)
      ours.append(open(memory.place(bad, atEnd: true)).text)
    }
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("hardtack-\(UUID()).bin")
    try all.write(to: path)
    defer { try? FileManager.default.removeItem(at: path) }
    let program = """
      import struct, sys
      sys.path.insert(0, "Tools")
      import bundle_reader
      data, at = open(sys.argv[1], "rb").read(), 0
      while at < len(data):
          end = at + 4 + struct.unpack_from("<I", data, at)[0]
          try:
              bundle_reader.Bundle(data[at + 4:end], must_map=True)
              print("valid")
          except bundle_reader.Refused as error:
              print(str(error).split(" ", 1)[1])
          at = end
      """
    let answer = try #require(python(["-c", program, path.path]))
    let theirs = String(decoding: answer.output, as: UTF8.self).split(separator: "\n").map(String.init)
    #expect(theirs.count == ours.count, "\(answer.errors)")
    let parted = zip(ours, theirs).filter { $0 != $1 }
    #expect(parted.isEmpty, "\(parted.prefix(5))")
  }
}
