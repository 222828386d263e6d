// SPDX-License-Identifier: Apache-2.0
// Files that get their names only when they are whole, also when the process is killed.
import CSystem
import Foundation
import Storage
import Testing

@Suite("A temporary file")
struct TemporaryFileTests {
  private func create(_ target: String) -> (error: Int32, temp: Int32, descriptor: Int32) {
    var temp: Int32 = 0
    var descriptor: Int32 = 0
    return (sys_temp_create(target, &temp, &descriptor), temp, descriptor)
  }

  @Test("gets its name at the end, or never") func commitAndAbandon() {
    let folder = Folder()
    let file = create(folder.file("a"))
    #expect(file.error == 0)
    #expect(folder.entries == [".a.\(getpid()).tmp"])
    #expect(sys_write(file.descriptor, "xyz", 3) == 0)
    #expect(sys_temp_commit(file.temp) == 0)
    #expect(folder.entries == ["a"])
    #expect(folder.read("a") == Array("xyz".utf8))
    let other = create(folder.file("a"))
    #expect(sys_write(other.descriptor, "0", 1) == 0)
    sys_temp_abandon(other.temp)
    #expect(folder.entries == ["a"])
    #expect(folder.read("a") == Array("xyz".utf8))
  }

  @Test("has company") func severalForOneTarget() {
    let folder = Folder()
    let files = (0..<3).map { _ in create(folder.file("a")) }
    #expect(files.allSatisfy { $0.error == 0 })
    #expect(folder.entries.count == 3)
    for (i, file) in files.enumerated() {
      #expect(sys_write(file.descriptor, "\(i)", 1) == 0)
      #expect(sys_temp_commit(file.temp) == 0)
    }
    #expect(folder.entries == ["a"])
    #expect(folder.read("a") == Array("2".utf8))
  }

  @Test("removes what a killed process left, and nothing else") func stale() {
    let folder = Folder()
    let others = [".a.12.tmp.txt", ".a.tmp", ".a.x.tmp", ".ab.12.tmp", "a.12.tmp"]
    for name in [".a.999999999.tmp", ".a.4-1.tmp"] + others { _ = folder.write([1], name) }
    let file = create(folder.file("a"))
    sys_temp_abandon(file.temp)
    #expect(folder.entries == others.sorted())
  }

  @Test("says why it cannot be") func refusals() {
    let folder = Folder()
    #expect(create(folder.path).error == EISDIR)
    #expect(create(folder.file("no/a")).error == ENOENT)
    #expect(create(folder.file("a/")).error == EISDIR)
    #expect(create("/dev/null").error == ENODEV)
    #expect(create("").error == ENOENT)
    #expect(create(folder.file(String(repeating: "x", count: 5000))).error == ENAMETOOLONG)
    #expect(folder.entries == [])
  }

  @Test("has a name that fits, however long the target's is") func longName() {
    let folder = Folder()
    let name = String(repeating: "n", count: 255)
    let file = create(folder.file(name))
    #expect(file.error == 0)
    #expect(sys_temp_commit(file.temp) == 0)
    #expect(folder.entries == [name])
  }
}

/// The command line beside the test bundle, if it was built.
private let hardtack: String? = {
  let path = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path + "/hardtack"
  return FileManager.default.isExecutableFile(atPath: path) ? path : nil
}()

@Suite("A killed process", .enabled(if: hardtack != nil, "needs the hardtack binary beside the tests"))
struct KillTests {
  /// Starts `hardtack` and kills it after a while; whether it had ended by itself.
  private func run(_ arguments: [String], killedBy signal: Int32, after microseconds: UInt32) throws -> Bool {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: hardtack!)
    process.arguments = arguments
    process.standardError = FileHandle.nullDevice
    var signals = sigset_t()  // threads of tests may block signals, and children inherit that
    sigfillset(&signals)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    try process.run()
    usleep(microseconds)
    kill(process.processIdentifier, signal)
    process.waitUntilExit()
    return process.terminationReason == .exit
  }

  @Test("leaves the old file or the new one", arguments: ["expand", "compress"], [SIGKILL, SIGTERM])
  func oldOrNew(verb: String, signal: Int32) throws {
    let folder = Folder()
    let bundle = makeWeightBundle(rows: 400, columns: 1200, seed: 8)
    let compressed = try folder.compress(bundle, threads: 1)
    let new = verb == "expand" ? bundle : compressed
    let old: [UInt8] = [1, 2, 3]
    var random = SeededBytes(5)
    var ended = 0
    var killed = 0
    for i in 0..<24 {
      let target = folder.write(old, "target")
      let source = folder.file(verb == "expand" ? "out.tackz" : "in.tack")
      let byItself = try run(
        [verb, source, "-o", target], killedBy: signal, after: UInt32(2_000 + 2_500 * i + Int(random.next() % 2_500)))
      if byItself { ended += 1 } else { killed += 1 }
      let found = folder.read("target")
      #expect(found == new || (!byItself && found == old))
      let rest = folder.entries.filter { !["in.tack", "out.tackz", "target"].contains($0) }
      #expect(rest.allSatisfy { signal == SIGKILL && $0.hasPrefix(".target.") && $0.hasSuffix(".tmp") })
    }
    #expect(killed > 0)
    // The next run that is left alone removes what the killed ones left.
    let source = folder.file(verb == "expand" ? "out.tackz" : "in.tack")
    #expect(try run([verb, source, "-o", folder.file("target")], killedBy: 0, after: 0))
    #expect(folder.read("target") == new)
    #expect(folder.entries == ["in.tack", "out.tackz", "target"])
  }
}
