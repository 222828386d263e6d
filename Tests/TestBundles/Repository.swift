// SPDX-License-Identifier: Apache-2.0
// The repository as tests see it: its root, its Python tools, the vectors of programs.
import Foundation

/// The root of the repository.
package let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

/// Exit status, standard output and standard error of python3 with `arguments`, in the repository; nil without python3.
package func python(_ arguments: [String]) -> (status: Int32, output: String, errors: String)? {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = ["python3", "-B"] + arguments
  process.currentDirectoryURL = root
  let (output, errors) = (Pipe(), Pipe())
  process.standardOutput = output
  process.standardError = errors
  guard (try? process.run()) != nil else { return nil }
  let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  let errorText = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  return (process.terminationStatus, text, errorText)
}

package let hasPython = python(["-c", "pass"])?.status == 0

/// How many mutations a hostile suite tries: HARDTACK_FUZZ, or `usual`.
package func mutationCount(usual: Int) -> Int {
  ProcessInfo.processInfo.environment["HARDTACK_FUZZ"].flatMap { Int($0) } ?? usual
}

/// One file of specs/vectors/program and what its .txt says.
package struct ProgramVector: CustomStringConvertible, Sendable {
  package let name: String
  package let file: [UInt8]
  /// "P-13", or "none".
  package let rule: String
  /// The error as `ProgramError` prints it, or "valid".
  package let expect: String

  package var description: String { name }
  package var path: String { ProgramVector.folder.appendingPathComponent(name + ".tack").path }
  package static let folder = root.appendingPathComponent("specs/vectors/program")

  package init(_ name: String) {
    let base = ProgramVector.folder.appendingPathComponent(name)
    let keys = ((try? String(contentsOf: base.appendingPathExtension("txt"), encoding: .utf8)) ?? "")
      .split(separator: "\n").map { $0.split(separator: ":", maxSplits: 1).map(String.init) }
    func value(_ key: String) -> String {
      keys.first { $0.count == 2 && $0[0] == key }?[1].trimmingCharacters(in: .whitespaces) ?? ""
    }
    self.name = name
    rule = value("rule")
    expect = value("expect")
    file = (try? Data(contentsOf: base.appendingPathExtension("tack"))).map { [UInt8]($0) } ?? []
  }

  /// All of them, by name.
  package static let all: [ProgramVector] =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
    .filter { $0.hasSuffix(".tack") }.sorted().map { ProgramVector(String($0.dropLast(5))) }
}
