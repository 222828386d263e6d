// SPDX-License-Identifier: Apache-2.0
// A bundle is whole or it is not there: packing is killed at many moments, and told to write on a full disk.
import Foundation
import Testing

/// A shell that may mount: as root, or in a user namespace.
private let mounting: String? = ["unshare -m ", "unshare -rm "].first { shell in
  guard let workplace = try? Workplace() else { return false }
  let command = "\(shell)sh -c 'mkdir small && mount -t tmpfs -o size=64k tmpfs small && umount small'"
  return (try? workplace.run(command))?.status == 0
}

@Suite(
  .serialized,
  .enabled(if: Place.hasProgram, "no hardtack beside the tests: swift build -c release --product hardtack"))
struct KillTests {
  private static let signals = [SIGKILL, SIGTERM]

  @Test("killed at any moment, pack leaves the old bundle or the new one", arguments: signals, [false, true])
  func killed(signal: Int32, compressed: Bool) throws {
    let workplace = try Workplace()
    let flags = compressed ? "--compress " : ""
    let pack = { (source: String, target: String) in "hardtack pack \(source) -o \(target) --threads 1 \(flags)" }
    let prepared = try workplace.run(
      """
      make-tiny-model first --hidden 96 --ffn 256 && make-tiny-model second --hidden 96 --ffn 256 --seed 2 &&
      \(pack("first", "first.tack")) && \(pack("second", "second.tack")) && cp first.tack target.tack
      """)
    try #require(prepared.status == 0, "\(prepared.errors)")
    let old = try #require(workplace.data("first.tack")), new = try #require(workplace.data("second.tack"))
    try #require(old != new)
    let start = Date()
    try #require(workplace.run(pack("second", "third.tack")).status == 0)
    let whole = Date().timeIntervalSince(start)
    #expect(workplace.data("third.tack") == new)

    var outcomes: Set<String> = []
    for attempt in 0..<20 {
      // In even steps through the time that it takes, and a little beyond.
      let process = try workplace.start("exec " + pack("second", "target.tack"))
      Thread.sleep(forTimeInterval: whole * Double(attempt) / 16)
      kill(process.processIdentifier, signal)
      process.waitUntilExit()
      let found = workplace.data("target.tack")
      #expect(found == old || found == new, "kill \(attempt)")
      outcomes.insert(found == old ? "old" : "new")
      if signal != SIGKILL { #expect(try workplace.listing().filter { $0.hasPrefix(".") } == [], "kill \(attempt)") }
      if found == new { #expect(try workplace.run("cp first.tack target.tack").status == 0) }
    }
    #expect(outcomes.contains("old"), "no kill came in time")
    // What SIGKILL left goes with the next one.
    #expect(try workplace.run(pack("second", "target.tack")).status == 0)
    #expect(try workplace.listing().filter { $0.hasPrefix(".") } == [])
  }

  @Test("a full disk is said, with exit 4, and nothing is left", .enabled(if: mounting != nil, "nobody here may mount"))
  func fullDisk() throws {
    let workplace = try Workplace()
    let prepared = try workplace.run(
      "make-tiny-model tiny && hardtack pack tiny -o tiny.tack && hardtack compress tiny.tack -o shipped.tack")
    try #require(prepared.status == 0, "\(prepared.errors)")
    // 64 KiB of disk, of which a part is taken: neither a bundle nor its shipping form fits.
    let inside = """
      mkdir small && mount -t tmpfs -o size=64k tmpfs small && head -c 60000 /dev/zero > small/taken || exit 99
      for command in "pack tiny -o" "compress tiny.tack -o" "expand shipped.tack -o"; do
        hardtack $command small/x.tack; echo $?
      done
      ls -A small
      umount small
      """
    let answer = try workplace.run("\(mounting!)sh -c '\(inside)'")
    #expect(answer.status == 0, "\(answer.errors)")
    #expect(String(decoding: answer.output, as: UTF8.self) == "4\n4\n4\ntaken\n")
    let lines = answer.errors.split(separator: "\n")
    #expect(lines.filter { $0.hasPrefix("hardtack: error: ") }.count == 3, "\(answer.errors)")
  }
}
