// SPDX-License-Identifier: Apache-2.0
// Programs at the limits of the format: as many ops, values and KV layers as there may be.
import Format
import Ops
import Storage
import TestBundles

enum Largest {
  private struct Writer {
    var ops: [UInt8] = []
    var values: [UInt8] = []
    var names: [UInt8] = Array("table".utf8)
    var opCount: UInt32 = 0
    var valueCount: UInt32 = 0

    mutating func op(_ words: [UInt32]) {
      for word in words + [UInt32](repeating: 0, count: 16 - words.count) { ops.put32(word) }
      opCount += 1
    }

    /// A value at `offset`; a name of one byte.
    mutating func value(offset: UInt32, columns: UInt32 = 4, first: UInt32, last: UInt32) -> UInt32 {
      for word in [0, columns, offset, first, last, UInt32(names.count), 1, 0] { values.put32(word) }
      names.append(120)
      valueCount += 1
      return valueCount - 1
    }

    /// The bundle: one entry, a table of 16 × 4 numbers.
    func bundle(kvLayerCount: Int, tokenByteCount: UInt32, result: UInt32) -> [UInt8] {
      var program: [UInt8] = []
      for word in [1, UInt32(kvLayerCount), opCount, 16, 16, tokenByteCount, 0] + [UInt32](repeating: 0, count: 9) {
        program.put32(word)
      }
      for word in [1, 0, opCount, result] { program.put32(word) }
      for _ in 0..<kvLayerCount { for word: UInt32 in [1, 2, 0, 0] { program.put32(word) } }
      var table = [UInt8](repeating: 0, count: Tensor.byteCount)
      var record = Tensor(format: .f16, isPlain: false, rows: 16, columns: 4)
      record.nameByteCount = 5
      table.withUnsafeMutableBytes { record.write(into: $0, at: 0) }
      return sealed([
        (.manifest, Array("name=largest\n".utf8)), (.names, names), (.program, program + ops), (.values, values),
        (.tensors, table), (.weights, [UInt8](repeating: 0, count: Int(record.byteCount))),
      ])
    }
  }

  /// 64 values alive at nearly each of 65,536 ops: op i adds values i − 63 and i − 62.
  static func alive64() -> [UInt8] {
    var writer = Writer()
    let count: UInt32 = 65_536
    for i in 0..<count {
      let last = i + 63 < count ? i + 63 : i + 62 < count ? i + 62 : i
      let value = writer.value(offset: i % 64 * 64, first: i, last: last)
      writer.op(i < 63 ? [1, Value.none, value, 0, Float(1).bitPattern] : [10, i - 63, value, i - 62])
    }
    return writer.bundle(kvLayerCount: 0, tokenByteCount: 4096, result: count - 1)
  }

  /// Every other op a use of one of 1,024 KV layers.
  static func kvLayers() -> [UInt8] {
    var writer = Writer()
    let count: UInt32 = 65_536
    let x = writer.value(offset: 0, first: 0, last: count - 2)
    writer.op([1, Value.none, x, 0, Float(1).bitPattern])
    for layer in 0..<UInt32(1024) { writer.op([6, x, Value.none, 0, 2, layer, Value.none]) }
    while writer.opCount < count - 1 {
      let y = writer.value(offset: 64, first: writer.opCount, last: writer.opCount)
      writer.op([7, x, y, 0, 2, writer.opCount % 1024, Float(1).bitPattern, 0, Value.none])
    }
    let y = writer.value(offset: 64, first: writer.opCount, last: writer.opCount)
    writer.op([1, Value.none, y, 0, Float(1).bitPattern])
    return writer.bundle(kvLayerCount: 1024, tokenByteCount: 128, result: y)
  }

  /// Matmuls of four tensors each.
  static func matmuls() -> [UInt8] {
    var writer = Writer()
    let count: UInt32 = 65_536
    let x = writer.value(offset: 0, first: 0, last: count - 1)
    writer.op([1, Value.none, x, 0, Float(1).bitPattern])
    for op in 1..<count {
      let y = writer.value(offset: 64, columns: 64, first: op, last: op)
      writer.op([4, x, y, Value.none, 4, 0, 0, 0, 0, Value.none, Value.none, Value.none, Value.none, 0])
    }
    return writer.bundle(kvLayerCount: 0, tokenByteCount: 320, result: count - 1)
  }

  /// A bundle of these sections whose head holds; page digests are for a verifier.
  private static func sealed(_ contents: [(SectionKind, [UInt8])]) -> [UInt8] {
    var all = contents
    let pageCount = contents.reduce(0) { $0 + ($1.1.count + 65_535) / 65_536 }
    all.append((.pages, [UInt8](repeating: 0, count: 32 * pageCount)))
    var sections = all.map { Section(kind: $0.0, byteCount: UInt64($0.1.count), digest: (0, 0, 0, 0)) }
    let end = sections.withUnsafeMutableBufferPointer { HeadWriter.place($0, compressed: false)! }
    var file = [UInt8](repeating: 0, count: Int(end))
    for (section, content) in zip(sections, all) {
      file.replaceSubrange(Int(section.offset)..<(Int(section.offset) + content.1.count), with: content.1)
    }
    var head = [UInt8](repeating: 0, count: Header.headByteCount(sectionCount: sections.count))
    head.withUnsafeMutableBytes { out in
      sections.withUnsafeBufferPointer {
        HeadWriter.write($0, compressed: false, fileByteCount: end, into: out, blake2b: blake2b256)
      }
    }
    file.replaceSubrange(0..<head.count, with: head)
    return file
  }
}

extension [UInt8] {
  mutating func put32(_ value: UInt32) { for i in 0..<4 { append(UInt8(truncatingIfNeeded: value >> UInt32(8 * i))) } }
}
