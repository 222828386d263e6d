// SPDX-License-Identifier: Apache-2.0
// A writer that is killed leaves an index that opens and holds what was committed. Tools/kill-index does it 200 times.
import Foundation
import Testing

private let tool = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
  .appendingPathComponent("index-tool").path
private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
  .deletingLastPathComponent()

@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: tool), "no index-tool beside the tests"))
struct KillTests {
  @Test("killed at 30 random moments")
  func killed() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", root.appendingPathComponent("Tools/kill-index").path, tool, "30", "7"]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = output
    try process.run()
    let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    #expect(process.terminationStatus == 0, "\(said)")
  }
}
