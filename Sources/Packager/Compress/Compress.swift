// SPDX-License-Identifier: Apache-2.0
// From the mappable form of a bundle to the one for shipping, specs/shipping.md. The way back: Storage/Expander.swift.
import CSystem
import Dispatch
import Format
import Storage

/// Compresses the mappable bundle `input` into `output`, which it replaces when all is written.
///
/// The bytes are a function of the bundle (and the release of libzstd), not of `threads`. `progress` is called on the
/// calling thread with the bytes done and their total.
@discardableResult
public func compressBundle(
  input: String, output: String, threads: Int, progress: (UInt64, UInt64) -> Void = { _, _ in }
) throws(CompressError) -> CompressedBundle {
  var base: UnsafeRawPointer?
  var byteCount = 0
  let error = sys_map_file(input, &base, &byteCount)
  guard error == 0, let base else { throw .system(path: input, errno: error) }
  defer { sys_unmap(base, byteCount) }
  let view: BundleView
  do throws(BundleError) {
    view = try BundleView(checking: UnsafeRawBufferPointer(start: base, count: byteCount), blake2b: blake2b256)
  } catch {
    throw .bundle(error, path: input)
  }
  if let difference = verify(view) { throw .differs(difference, path: input) }

  var temp: Int32 = 0
  var descriptor: Int32 = 0
  let createError = sys_temp_create(output, &temp, &descriptor)
  guard createError == 0 else { throw .system(path: output, errno: createError) }
  let written: UInt64
  do throws(CompressError) {
    written = try Compressor(view: view, output: output, descriptor: descriptor, threads: max(threads, 1)).run(progress)
  } catch {
    sys_temp_abandon(temp)
    throw error
  }
  let commitError = sys_temp_commit(temp)
  guard commitError == 0 else { throw .system(path: output, errno: commitError) }
  return CompressedBundle(
    byteCount: written, expandedByteCount: view.head.header.fileByteCount, identity: shortHex(view.head.identity))
}

private struct Compressor {
  let view: BundleView
  let output: String
  let descriptor: Int32
  let threads: Int

  func run(_ progress: (UInt64, UInt64) -> Void) throws(CompressError) -> UInt64 {
    let pool = (0..<threads).compactMap { _ in BlockEncoder() }
    guard pool.count == threads else { throw .outOfMemory }
    let head = view.head
    var sections = (0..<head.sectionCount).map { head.section($0) }
    var end = UInt64(Header.headByteCount(sectionCount: sections.count))
    var done: UInt64 = 0
    for i in sections.indices {
      let bytes = view.bytes(of: sections[i].kind)
      let start = (end + Limits.sectionAlignment - 1) / Limits.sectionAlignment * Limits.sectionAlignment
      let before = done
      let blocks = sections[i].kind == .weights ? planWeightBlocks(view) : planBlocks(byteCount: bytes.count)
      end = try write(blocks, of: bytes, at: start, pool) { sectionDone in
        done = before + sectionDone
        progress(done, head.header.fileByteCount)
      }
      let pays = end - start < UInt64(bytes.count)
      if !pays {
        try write(bytes, at: start)
        end = start + UInt64(bytes.count)
        let error = sys_truncate(descriptor, end)  // what the blocks had more
        guard error == 0 else { throw .system(path: output, errno: error) }
      }
      sections[i].storage = pays ? Section.storageBlocks : Section.storagePlain
      sections[i].storedByteCount = end - start
    }
    guard sections.contains(where: { $0.storage == Section.storageBlocks }) else { throw .nothingToGain }
    try writeHead(&sections, end: end)
    return end
  }

  private func writeHead(_ sections: inout [Section], end: UInt64) throws(CompressError) {
    let byteCount = Header.headByteCount(sectionCount: sections.count)
    let head = UnsafeMutableRawBufferPointer.allocate(byteCount: byteCount, alignment: 8)
    defer { head.deallocate() }
    sections.withUnsafeMutableBufferPointer { room in
      let placedEnd = HeadWriter.place(room, compressed: true)
      precondition(placedEnd == end, "sections lie where the head says")
      HeadWriter.write(
        UnsafeBufferPointer(room), compressed: true, optionalFeatures: view.head.header.optionalFeatures,
        fileByteCount: end, into: head, blake2b: blake2b256)
    }
    try write(UnsafeRawBufferPointer(head), at: 0)
  }

  /// Encodes `blocks` on all threads, a batch at a time, and writes them in order from `start` on. Returns their end.
  private func write(
    _ blocks: [PlannedBlock], of bytes: UnsafeRawBufferPointer, at start: UInt64, _ pool: [BlockEncoder],
    _ progress: (UInt64) -> Void
  ) throws(CompressError) -> UInt64 {
    var end = start
    var next = 0
    while next < blocks.count {
      let batch = next..<min(next + 4 * threads, blocks.count)
      for stored in encode(blocks[batch], of: bytes, pool) {
        let error = stored.withUnsafeBytes { sys_pwrite(descriptor, $0.baseAddress, $0.count, end) }
        guard error == 0 else { throw .system(path: output, errno: error) }
        end += UInt64(stored.count)
        progress(UInt64(blocks[next].offset + blocks[next].byteCount))
        next += 1
      }
    }
    return end
  }

  /// Worker i takes every `threads`-th block, from i on: they take about the same time.
  private func encode(
    _ blocks: ArraySlice<PlannedBlock>, of bytes: UnsafeRawBufferPointer, _ pool: [BlockEncoder]
  ) -> [[UInt8]] {
    [[UInt8]](unsafeUninitializedCapacity: blocks.count) { room, count in
      nonisolated(unsafe) let results = UnsafeMutableBufferPointer(rebasing: room[0..<blocks.count])
      results.initialize(repeating: [])  // then each worker writes its own places
      nonisolated(unsafe) let source = bytes
      nonisolated(unsafe) let encoders = pool
      let workerCount = min(threads, blocks.count)
      DispatchQueue.concurrentPerform(iterations: workerCount) { worker in
        for i in stride(from: worker, to: results.count, by: workerCount) {
          let block = blocks[blocks.startIndex + i]
          results[i] = encoders[worker].encode(block, source.part(block.offset, block.byteCount))
        }
      }
      count = blocks.count
    }
  }

  private func write(_ bytes: UnsafeRawBufferPointer, at offset: UInt64) throws(CompressError) {
    let error = sys_pwrite(descriptor, bytes.baseAddress, bytes.count, offset)
    guard error == 0 else { throw .system(path: output, errno: error) }
  }
}

/// The first eight hex digits of a digest.
private func shortHex(_ digest: Digest) -> String {
  (0..<4).map { i in
    let byte = UInt8(truncatingIfNeeded: digest.0 >> (8 * UInt64(i)))
    return (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }.joined()
}
