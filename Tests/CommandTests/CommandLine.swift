// SPDX-License-Identifier: Apache-2.0
// The program under test, which lies beside the test bundle, and a folder to run it in.
import Foundation

/// Where things are.
enum Place {
  /// The root of the sources.
  static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  /// The folder of the build that these tests are part of.
  static let build = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
  static var transcripts: URL { root.appendingPathComponent("Tests/CommandTests/Transcripts") }

  static var hasProgram: Bool { FileManager.default.isExecutableFile(atPath: build.path + "/hardtack") }
}

/// What a command gave.
struct Answer {
  var status: Int32
  var output: Data
  var errors: String
}

/// A folder of its own, which goes with the object.
final class Workplace {
  let url: URL
  private let logs: URL

  init() throws {
    let name = "hardtack-commands-\(UUID().uuidString)"
    logs = FileManager.default.temporaryDirectory.appendingPathComponent(name)
    url = logs.appendingPathComponent("here")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }
  deinit { try? FileManager.default.removeItem(at: logs) }

  /// Starts `command` in a shell; its output goes to the files `out` and `err` beside the folder.
  func start(_ command: String) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", command]
    process.currentDirectoryURL = url
    process.environment = [
      "PATH": "\(Place.build.path):\(Place.root.path)/Tools:/usr/bin:/bin:/usr/sbin:/sbin", "LC_ALL": "C.UTF-8",
    ]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = try file("out")
    process.standardError = try file("err")
    // Threads of a pool may block signals, and children inherit that.
    var none = sigset_t(), before = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    try process.run()
    return process
  }

  /// Runs `command` for at most a minute.
  func run(_ command: String) throws -> Answer {
    let process = try start("exec timeout -s KILL 60 sh -c '\(command.replacingOccurrences(of: "'", with: "'\\''"))'")
    process.waitUntilExit()
    let errors = try Data(contentsOf: logs.appendingPathComponent("err"))
    return Answer(
      status: process.terminationStatus, output: try Data(contentsOf: logs.appendingPathComponent("out")),
      errors: String(decoding: errors, as: UTF8.self))
  }

  /// Names of all files, hidden ones too.
  func listing() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }

  func data(_ name: String) -> Data? { try? Data(contentsOf: url.appendingPathComponent(name)) }

  private func file(_ name: String) throws -> FileHandle {
    let path = logs.appendingPathComponent(name).path
    guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path)
    else { throw TranscriptError(description: "cannot write \(path)") }
    return file
  }
}
