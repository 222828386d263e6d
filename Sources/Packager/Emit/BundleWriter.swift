// SPDX-License-Identifier: Apache-2.0
// Writes a mappable bundle: sections at their places, digests on the way, the head last, the name when all is on disk.
import CSystem
import Dispatch
import Format
import Foundation
import ModelFiles
import Storage

/// A bundle under way. The target has its old content, or none, until `commit`.
final class BundleWriter {
  let target: String
  private var temp: Int32 = 0
  private var descriptor: Int32 = -1
  private var isOpen = false
  private var sections: [Section]
  private var fileByteCount: UInt64 = 0
  /// Page digests of each section, in the order of `sections`.
  private var pages: [[UInt8]]

  /// - Parameter byteCounts: of every section but the lists of page digests, which is added.
  init(target: String, byteCounts: [SectionKind: UInt64]) throws(PackError) {
    self.target = target
    var all = byteCounts
    var pageCount: UInt64 = 0
    for (kind, byteCount) in byteCounts {
      pageCount += Section(kind: kind, byteCount: byteCount, digest: (0, 0, 0, 0)).pageCount
    }
    all[.pages] = 32 * pageCount
    sections = all.map { Section(kind: $0.key, byteCount: $0.value, digest: (0, 0, 0, 0)) }
      .sorted { $0.kind.rawValue < $1.kind.rawValue }
    pages = sections.map { _ in [] }
    let end = sections.withUnsafeMutableBufferPointer { HeadWriter.place($0, compressed: false) }
    guard let end, end <= Limits.fileByteCountMax else {
      throw .limit(what: "the bundle's byte count", found: Int.max, limit: Int(Limits.fileByteCountMax))
    }
    fileByteCount = end
    try check(sys_temp_create(target, &temp, &descriptor))
    isOpen = true
    var free: UInt64 = 0
    if sys_disk_free(descriptor, &free) == 0, free < fileByteCount {
      throw .output(
        path: target, reason: "it needs \(fileByteCount) bytes, the disk has \(free) free", errno: ENOSPC)
    }
  }

  deinit { abandon() }

  /// Removes what was written; the target is as it was.
  func abandon() {
    if isOpen { sys_temp_abandon(temp) }
    isOpen = false
  }

  private func check(_ code: Int32) throws(PackError) {
    if code == 0 { return }
    throw .output(path: target, reason: String(cString: strerror(code)), errno: code)
  }

  /// Writes one section; `body` gives its bytes in order, exactly as many as were announced.
  func section(_ kind: SectionKind, _ body: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void) throws {
    let index = sections.firstIndex { $0.kind == kind }!
    let state = UnsafeMutableRawPointer.allocate(
      byteCount: SectionDigest.stateByteCount, alignment: SectionDigest.stateAlignment)
    defer { state.deallocate() }
    var digest = SectionDigest(in: state)
    var list: [UInt8] = []
    func onPage(_ page: Digest) { withUnsafeBytes(of: page) { list.append(contentsOf: $0) } }
    var at = sections[index].offset
    try body { bytes in
      try self.check(sys_pwrite(self.descriptor, bytes.baseAddress, bytes.count, at))
      digest.update(bytes, onPage: onPage)
      at += UInt64(bytes.count)
    }
    precondition(at == sections[index].offset + sections[index].byteCount, "section \(kind): wrong byte count")
    sections[index].digest = digest.finish(onPage: onPage)
    pages[index] = list
  }

  func section(_ kind: SectionKind, bytes: [UInt8]) throws {
    try section(kind) { write in try bytes.withUnsafeBytes { try write($0) } }
  }

  /// Writes the page lists and the head: the file is a whole bundle now, under its temporary name.
  func finish() throws {
    let lists = zip(sections, pages).filter { $0.0.kind != .pages }.flatMap { $0.1 }
    try section(.pages, bytes: lists)
    var head = [UInt8](repeating: 0, count: Header.headByteCount(sectionCount: sections.count))
    head.withUnsafeMutableBytes { out in
      sections.withUnsafeBufferPointer {
        HeadWriter.write($0, compressed: false, fileByteCount: fileByteCount, into: out, blake2b: blake2b256)
      }
    }
    try head.withUnsafeBytes { try check(sys_pwrite(descriptor, $0.baseAddress, $0.count, 0)) }
    // What lies between sections was never written; the file system gives zeros, up to the declared end.
    guard ftruncate(descriptor, off_t(fileByteCount)) == 0 else { try check(errno); return }
  }

  /// Maps what has been written so far for `body`. Its pages are given back every few milliseconds (they are the
  /// file's, and come again when they are touched), so that a bundle larger than memory can be read through.
  func withMapped<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) throws -> Result {
    let byteCount = Int(fileByteCount)
    guard let base = mmap(nil, byteCount, PROT_READ, MAP_SHARED, descriptor, 0), base != MAP_FAILED else {
      let code = errno
      throw PackError.output(path: target, reason: String(cString: strerror(code)), errno: code)
    }
    defer { munmap(base, byteCount) }
    nonisolated(unsafe) let mapping = base
    let timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "trim"))
    timer.schedule(deadline: .now() + .milliseconds(5), repeating: .milliseconds(5))
    timer.setEventHandler { madvise(mapping, byteCount, MADV_DONTNEED) }
    timer.activate()
    let ended = DispatchSemaphore(value: 0)
    timer.setCancelHandler { ended.signal() }
    defer {
      timer.cancel()
      ended.wait()  // before the pages are unmapped and given to somebody else
    }
    return try body(UnsafeRawBufferPointer(start: base, count: byteCount))
  }

  /// Puts the file on disk under its name.
  func commit() throws(PackError) {
    isOpen = false
    try check(sys_temp_commit(temp))
  }

  var byteCount: UInt64 { fileByteCount }

  /// The file while it has no name.
  var path: String { "/proc/self/fd/\(descriptor)" }
}
