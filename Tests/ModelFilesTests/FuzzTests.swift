// SPDX-License-Identifier: Apache-2.0
// Damaged files by the hundred thousand, and files built to make a reader allocate: no crash, no hang, no more memory
// than the file's size and 1 MiB. Memory is measured by a malloc that counts (CAllocationCount), peak included.
import CAllocationCount
import Foundation
import ModelFileBuilders
import ModelFiles
import Testing

/// How many mutations: `HARDTACK_FUZZ`, or 100,000 in a release build and 2,000 in a debug one.
private let mutationCount: Int = {
  if let text = ProcessInfo.processInfo.environment["HARDTACK_FUZZ"], let count = Int(text) { return count }
  #if DEBUG
    return 2_000
  #else
    return 100_000
  #endif
}()

/// A debug build is some thirty times slower, and a sanitizer's some ten; the bound is meant for what people run.
private var secondsMax: Double {
  #if DEBUG
    30
  #else
    ht_allocation_count_works() == 1 ? 1 : 30
  #endif
}

/// Runs `body` on bytes that are borrowed, and says how long it took and how much it held at its peak.
private func measured(_ bytes: [UInt8], _ body: (FileBytes) -> Bool) -> (opened: Bool, seconds: Double, peak: Int) {
  bytes.withUnsafeBytes { buffer in
    let file = FileBytes(borrowing: buffer)
    let start = threadSeconds()
    ht_allocation_count_begin()
    let opened = body(file)
    let figures = ht_allocation_count_end()
    return (opened, threadSeconds() - start, Int(figures.peak_byte_count))
  }
}

/// Processor time of this thread, which a busy machine does not stretch.
private func threadSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Opens, and asks for everything that can be asked for.
private func readGGUF(_ bytes: FileBytes) -> Bool {
  guard let file = try? GGUFFile(file: bytes) else { return false }
  var sum = 0
  for entry in 0..<file.metadata.count {
    sum &+= file.metadata.key(at: entry).utf8.count
    switch file.metadata.value(at: entry) {
    case .array(let array):
      if let strings = array.strings {
        for string in strings { sum &+= string.withBytes { $0.reduce(0) { $0 &+ Int($1) } } }
      } else {
        for value in array.values { sum &+= value.integer(Int.self) ?? 1 }
      }
    case .string(let string): sum &+= string.text?.utf8.count ?? string.byteCount
    default: break
    }
  }
  for tensor in file.tensors {
    precondition(file.tensor(named: tensor.name)?.index == tensor.index, "a name that is not found")
    sum &+= readRow(of: tensor, in: file)
  }
  return sum != .min
}

private func readSafetensors(_ bytes: FileBytes) -> Bool {
  guard let file = try? SafetensorsFile(file: bytes) else { return false }
  var sum = file.metadata.count
  for tensor in file.tensors {
    precondition(file.tensor(named: tensor.name)?.index == tensor.index, "a name that is not found")
    sum &+= readRow(of: tensor, in: file)
  }
  return sum != .min
}

private func readRow(of tensor: TensorInfo, in source: some TensorSource) -> Int {
  guard tensor.rowCount > 0, tensor.rowByteCount > 0, tensor.rowByteCount < 1 << 16 else { return 0 }
  return withUnsafeTemporaryAllocation(byteCount: tensor.rowByteCount, alignment: 16) { buffer in
    try? source.read(tensor, rows: tensor.rowCount - 1..<tensor.rowCount, into: buffer)
    return buffer.reduce(0) { $0 &+ Int($1) }
  }
}

@Suite("Damaged files", .serialized)
struct FuzzTests {
  private func fuzz(_ mutator: Mutator, warmUp: [UInt8], _ read: (FileBytes) -> Bool) {
    #expect(measured(warmUp, read).opened)  // also makes tables that are made once
    var mutator = mutator
    var (openedCount, failureCount, slowest, largest) = (0, 0, 0.0, 0)
    for iteration in 0..<mutationCount {
      let bytes = mutator.next()
      let (opened, seconds, peak) = measured(bytes, read)
      openedCount += opened ? 1 : 0
      slowest = max(slowest, seconds)
      largest = max(largest, peak - bytes.count)
      if seconds > secondsMax || peak > bytes.count + 1 << 20 {
        failureCount += 1
        if failureCount <= 5 {
          Issue.record("mutation \(iteration): \(seconds) s, \(peak) bytes held, file of \(bytes.count)")
        }
      }
    }
    print("  \(mutationCount) mutations, \(openedCount) still open, slowest \(slowest) s, memory - size ≤ \(largest)")
    // Most mutations must break something, and some must not: otherwise the mutations test nothing.
    #expect(openedCount > 0 && openedCount < mutationCount)
  }

  @Test("of GGUF") func gguf() throws {
    let bytes = GGUFBuilder.sample().build()
    let words = ["general.alignment", "tokens", "blk.0.attn_q.weight"].map { Array($0.utf8) }
    let headerByteCount = try GGUFFile(bytes: bytes).dataOffset
    fuzz(
      Mutator(seed: 0x6767_7566, original: bytes, headerByteCount: headerByteCount, words: words), warmUp: bytes,
      readGGUF)
  }

  @Test("of safetensors") func safetensors() throws {
    let bytes = SafetensorsBuilder.sample()
    let words = [
      "\"__metadata__\":{", "\"dtype\":\"F32\"", "[", "]", "{", "}", ",", ":", "\\u0061", "\\ud800", "\"", "1e9",
      "-1", "18446744073709551616", "9223372036854775807", "0", "\"shape\":[0]", " ", "null", "Infinity", "F4",
    ].map { Array($0.utf8) }
    let headerByteCount = try SafetensorsFile(bytes: bytes).dataOffset
    fuzz(
      Mutator(seed: 0x7361_6665, original: bytes, headerByteCount: headerByteCount, words: words), warmUp: bytes,
      readSafetensors)
  }

  @Test("of JSON: no crash, no hang") func json() {
    let text = #"{"a":[1,-2.5e3,true,null,"x\u00e9\ud83d\ude00"],"b":{"c":{},"d":[[]]},"é":"z","n":NaN}"#
    let words = ["[[[[", "{\"a\":", "\\u", "\\ud83d", "1e", "-", "Infinity", "\"", "é", "\u{0}"].map { Array($0.utf8) }
    let bytes = Array(text.utf8)
    var mutator = Mutator(seed: 0x6A73_6F6E, original: bytes, headerByteCount: bytes.count, words: words)
    var parsedCount = 0
    for _ in 0..<mutationCount {
      let bytes = mutator.next()
      let result = measured(bytes) { (try? JSONValue(parsing: $0.bytes)) != nil }
      parsedCount += result.opened ? 1 : 0
      #expect(result.seconds < secondsMax)
    }
    #expect(parsedCount > 0 && parsedCount < mutationCount)
  }
}

/// A debug build makes smaller ones.
private let recordCount: Int = {
  #if DEBUG
    30_000
  #else
    300_000
  #endif
}()

@Suite("Files built to grow in memory", .serialized)
struct AmplificationTests {
  private func expectBounded(_ bytes: [UInt8], opens: Bool, _ read: (FileBytes) -> Bool, _ name: String) {
    _ = measured(GGUFBuilder.sample().build(), readGGUF)
    let (opened, seconds, peak) = measured(bytes, read)
    print("  \(name): \(bytes.count) bytes, \(peak) held, \(seconds) s")
    #expect(opened == opens)
    #expect(seconds < secondsMax)
    #expect(peak <= bytes.count + 1 << 20)
  }

  private func gguf(_ change: (inout GGUFBuilder) -> Void) -> [UInt8] {
    var builder = GGUFBuilder()
    change(&builder)
    return builder.build()
  }

  /// The shortest distinct names there are: bases of 94 printable characters.
  private func name(_ number: Int) -> [UInt8] {
    var (rest, name) = (number, [UInt8]())
    repeat {
      let digit = UInt8(rest % 92)
      name.append(digit < 1 ? 0x21 : digit < 58 ? 0x23 + digit - 1 : 0x5D + digit - 58)  // neither " nor \
      rest /= 92
    } while rest > 0
    return name
  }

  @Test("with the smallest tensors: opened whole, only opening counted") func tensors() {
    var bytes = gguf {
      $0.add("general.alignment", .uint32(1))
      $0.tensorCount = UInt64(recordCount)
    }
    for index in 0..<recordCount {
      bytes.putString(name(index))
      bytes.put(UInt32(0))
      bytes.put(UInt32(24))  // I8
      bytes.put(UInt64(recordCount - 1 - index))  // backwards, so that a sort is needed
    }
    bytes += [UInt8](repeating: 7, count: recordCount)
    expectBounded(bytes, opens: true, { (try? GGUFFile(file: $0)) != nil }, "smallest tensors")
  }

  @Test("with the smallest metadata entries") func entries() {
    var bytes = gguf { $0.metadataCount = UInt64(recordCount) }
    for index in 0..<recordCount {
      bytes.putString(name(index))
      bytes.put(UInt32(0))
      bytes.append(1)
    }
    expectBounded(bytes, opens: true, readGGUF, "smallest entries")
  }

  @Test("with arrays of empty strings and of empty arrays") func arrays() {
    let strings = gguf {
      $0.add("s", .array(.string, Array(repeating: .bytes([]), count: recordCount)))
    }
    expectBounded(strings, opens: true, readGGUF, "empty strings")
    let arrays = gguf {
      $0.add("a", .array(.array, Array(repeating: .array(.uint8, []), count: recordCount)))
    }
    expectBounded(arrays, opens: true, readGGUF, "empty arrays")
    let bytes = gguf { $0.add("b", .array(.bool, Array(repeating: .bool(true), count: recordCount))) }
    expectBounded(bytes, opens: true, readGGUF, "bools")
  }

  @Test("with the smallest safetensors entries") func safetensors() {
    var header = Array("{".utf8)
    for index in 0..<recordCount / 2 {
      if index > 0 { header.append(0x2C) }
      header += [0x22] + name(index) + Array("\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}".utf8)
    }
    header.append(0x7D)
    let bytes = SafetensorsBuilder.file(header: header, data: [])
    expectBounded(bytes, opens: true, { (try? SafetensorsFile(file: $0)) != nil }, "smallest entries")
  }

  @Test("with the smallest safetensors metadata, and long shapes") func safetensorsMetadata() {
    var header = Array("{\"__metadata__\":{".utf8)
    for index in 0..<recordCount {
      if index > 0 { header.append(0x2C) }
      header += [0x22] + name(index) + [0x22, 0x3A, 0x22, 0x22]
    }
    header += Array("}}".utf8)
    let bytes = SafetensorsBuilder.file(header: header, data: [])
    expectBounded(bytes, opens: true, { (try? SafetensorsFile(file: $0)) != nil }, "smallest metadata")
    let ones = Array(repeating: "1", count: recordCount).joined(separator: ",")
    let long = SafetensorsBuilder.file(header: "{\"w\":{\"dtype\":\"U8\",\"shape\":[\(ones)],\"data_offsets\":[0,1]}}")
    expectBounded(long, opens: false, readSafetensors, "long shape")
  }

  @Test("measured by a counter that counts", .enabled(if: ht_allocation_count_works() == 1, "malloc is not ours here"))
  func counter() {
    let result = measured([1]) { _ in [UInt8](repeating: 1, count: 1 << 20).count > 0 }
    #expect(result.peak > 1 << 20 && result.peak < 2 << 20)
  }
}
