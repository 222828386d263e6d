// SPDX-License-Identifier: Apache-2.0
// `hardtack render F.jinja`: a template's source in the place of a bundle, compiled in memory and run by the board's
// machine.
import Foundation
import ModelFiles
import Packager

/// Whether the arguments are a `render` of a template's source.
func isTemplateFile(_ arguments: [String]) -> Bool {
  arguments.count >= 3 && arguments[1] == "render" && arguments[2].hasSuffix(".jinja")
}

func renderFile(_ path: String) -> Int32 {
  let section: [UInt8]
  do {
    guard let text = String(data: try Data(contentsOf: URL(fileURLWithPath: path)), encoding: .utf8) else {
      fail("\(quoted(path)) is not UTF-8", hint: nil, code: 3)
    }
    section = try compileTemplate(text)
  } catch let error as TemplateCompileError {
    fail("\(quoted(path)): \(error.message)", hint: error.hint, code: 3)
  } catch {
    fail("cannot read \(quoted(path)): \(error.localizedDescription)", hint: nil, code: 3)
  }
  let room = UnsafeMutableRawBufferPointer.allocate(byteCount: section.count, alignment: 16)
  defer { room.deallocate() }
  room.copyBytes(from: section)
  return Main.shared(CommandLine.argc, CommandLine.unsafeArgv, template: UnsafeRawBufferPointer(room))
}
