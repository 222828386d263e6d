// SPDX-License-Identifier: Apache-2.0
// Saved conversations that somebody has changed, their digest made to fit: refused or gone on with, never a crash.
import Format
import Foundation
import Storage
import Testing

@Suite(.enabled(if: Place.hasProgram, "no hardtack beside the tests: swift build -c release --product hardtack"))
struct StateTests {
  @Test("Hostile conversations: each is refused or taken, and the chat goes on")
  func hostile() throws {
    let workplace = try Workplace()
    let prepared = try workplace.run(
      """
      make-tiny-model tiny --chat --context 200 && hardtack pack tiny -o tiny.tack &&
      printf 'The board\\nmaps\\n/save good\\n' | hardtack chat tiny.tack -n 8
      """)
    try #require(prepared.status == 0, "\(prepared.errors)")
    let good = [UInt8](try #require(workplace.data("good")))
    var state: UInt64 = 11
    func random(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    let messagesEnd = 96 + Int(good[64]) + Int(good[65]) << 8
    var refusals: Set<Substring> = []
    for round in 0..<4 {
      var input = ""
      for index in 0..<100 {
        var file = good
        for _ in 0...random(2) {
          // Mostly where something has a meaning.
          let at = [random(96), random(messagesEnd), random(file.count)][random(3)]
          file[at] = [0, 1, 0x7F, 0x80, 0xFF, UInt8(random(256))][random(6)]
        }
        if random(8) == 0 { file.removeLast(random(file.count)) }
        if random(8) == 0 { file += [UInt8](repeating: 7, count: random(100)) }
        if round < 3, file.count >= 32 { seal(&file) }
        try Data(file).write(to: workplace.url.appendingPathComponent("f\(index)"))
        input += "/load f\(index)\n"
      }
      try Data((input + "and checks\n").utf8).write(to: workplace.url.appendingPathComponent("input"))
      let answer = try workplace.run("hardtack chat tiny.tack -n 8 < input")
      #expect([0, 3, 4].contains(answer.status), "\(answer.status) \(answer.errors.suffix(300))")
      #expect(answer.errors.split(separator: "\n").last?.hasPrefix("prefill") == true)
      for line in answer.errors.split(separator: "\n") {
        if let at = line.range(of: "[C-") { refusals.insert(line[at.lowerBound...]) }
      }
    }
    #expect(refusals.count >= 6, "\(refusals)")
  }

  /// Puts the digest of the rest behind it.
  private func seal(_ file: inout [UInt8]) {
    let body = file.dropLast(32)
    let digest = Array(body).withUnsafeBytes { bytes in streamDigest { update in update(bytes) } }
    withUnsafeBytes(of: digest) { file.replaceSubrange(body.count..., with: $0) }
  }
}
