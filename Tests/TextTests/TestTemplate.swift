// SPDX-License-Identifier: Apache-2.0
// A compiled template in memory of its own, for tests: the section ends at a page that cannot be read.
import Foundation
import Packager
import Testing
import Text

/// Bytes that end where an unreadable page begins.
final class GuardedBytes {
  private let base: UnsafeMutableRawPointer
  private let mapped: Int
  let bytes: UnsafeMutableRawBufferPointer

  /// - Parameter alignment: of the first byte; so many bytes less one may lie between the last byte and the page.
  init(byteCount: Int, alignment: Int = 1) {
    let page = Int(sysconf(Int32(_SC_PAGESIZE)))
    let room = (byteCount + alignment + page - 1) / page * page
    mapped = room + page
    base = mmap(nil, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    mprotect(base + room, page, PROT_NONE)
    let start = (room - byteCount) / alignment * alignment
    bytes = UnsafeMutableRawBufferPointer(start: base + start, count: byteCount)
  }

  convenience init(_ contents: [UInt8], alignment: Int = 1) {
    self.init(byteCount: contents.count, alignment: alignment)
    bytes.copyBytes(from: contents)
  }

  deinit { munmap(base, mapped) }
}

/// What a run gave.
enum Rendered: Equatable {
  case text(String)
  case fault(TemplateFault, line: UInt16, String)
  case refused(String)

  var text: String? { if case .text(let text) = self { text } else { nil } }
  var fault: TemplateFault? { if case .fault(let fault, _, _) = self { fault } else { nil } }
}

final class TestTemplate {
  let section: GuardedBytes
  let view: TemplateView
  let scratch: GuardedBytes

  init(section: [UInt8], scratchByteCount: Int = 4 << 20) throws {
    self.section = GuardedBytes(section, alignment: 8)
    scratch = GuardedBytes(byteCount: scratchByteCount, alignment: 16)
    view = try TemplateView(checking: UnsafeRawBufferPointer(self.section.bytes))
  }

  convenience init(_ source: String, scratchByteCount: Int = 4 << 20) throws {
    try self.init(section: try compileTemplate(source), scratchByteCount: scratchByteCount)
  }

  func render(_ json: String, limits: TemplateLimits = TemplateLimits()) -> Rendered {
    let input = GuardedBytes(Array(json.utf8))
    do throws(TemplateError) {
      let text = try view.render(
        TemplateInput(json: UnsafeRawBufferPointer(input.bytes)), scratch: scratch.bytes, limits: limits)
      return .text(String(decoding: text, as: UTF8.self))
    } catch {
      if case .failed(let fault, let line, let detail) = error {
        return .fault(fault, line: line, String(decoding: detail.bytes, as: UTF8.self))
      }
      return .refused("\(error)")
    }
  }

  /// Compiles and renders; a template that is refused is an error like one that fails.
  static func render(_ source: String, _ json: String = "{}") -> Rendered {
    do { return try TestTemplate(source).render(json) } catch { return .refused("\(error)") }
  }
}
