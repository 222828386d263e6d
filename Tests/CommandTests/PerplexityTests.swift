// SPDX-License-Identifier: Apache-2.0
// Both ways of counting perplexity, from the logits of the same program by the definition.
import Foundation
import Testing

@Suite(.enabled(if: Place.hasProgram, "no hardtack beside the tests: swift build -c release --product hardtack"))
struct PerplexityTests {
  private let workplace: Workplace
  private let ids: [Int]

  init() throws {
    workplace = try Workplace()
    let prepared = try workplace.run(
      """
      make-tiny-model tiny && hardtack pack tiny -o tiny.tack &&
      printf 'The packer reads the weights once. The board maps the file, checks it, and answers: 1234 rows.' > text
      hardtack tokenize tiny.tack --no-special "$(cat text)"
      """)
    try #require(prepared.status == 0, "\(prepared.errors)")
    ids = String(decoding: prepared.output, as: UTF8.self).split(separator: " ").compactMap {
      Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
    }
    try #require(ids.count > 30)
  }

  /// Negative log-likelihoods of the tokens of a window from index `first` on.
  private func losses(_ window: ArraySlice<Int>, from first: Int) throws -> [Double] {
    let list = window.map(String.init).joined(separator: ",")
    let answer = try workplace.run("hardtack logits tiny.tack --ids \(list) --all -o rows.npy")
    try #require(answer.status == 0, "\(answer.errors)")
    let data = try #require(workplace.data("rows.npy")).dropFirst(128)
    let vocab = data.count / 4 / window.count
    let numbers = data.withUnsafeBytes { bytes in
      (0..<(bytes.count / 4)).map { Double(bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self)) }
    }
    let tokens = Array(window)
    return (first..<tokens.count).map { index in
      let row = numbers[((index - 1) * vocab)..<(index * vocab)]
      return log(row.reduce(0) { $0 + exp($1) }) - row[row.startIndex + tokens[index]]
    }
  }

  private func check(_ flags: String, _ losses: [Double], windows: Int) throws {
    let answer = try workplace.run("hardtack perplexity tiny.tack text --json \(flags)")
    try #require(answer.status == 0, "\(answer.errors)")
    let object = try #require(try JSONSerialization.jsonObject(with: answer.output) as? [String: Any])
    #expect(object["tokens"] as? Int == losses.count)
    #expect(object["windows"] as? Int == windows)
    let expected = exp(losses.reduce(0, +) / Double(losses.count))
    let found = try #require(object["perplexity"] as? Double)
    #expect(abs(found / expected - 1) < 1e-4, "\(flags): \(found), expected \(expected)")
  }

  @Test("windows side by side, the second half of each")
  func halves() throws {
    for context in [8, 10] {
      let count = ids.count / context
      let all = try (0..<count).flatMap {
        try losses(ids[($0 * context)..<(($0 + 1) * context)], from: context / 2 + 1)
      }
      try check("--context \(context)", all, windows: count)
    }
  }

  @Test("windows that overlap, of each what the one before has not scored")
  func strides() throws {
    for (context, stride) in [(12, 5), (12, 12), (16, 1)] {
      var (all, begin, previous, windows): ([Double], Int, Int, Int) = ([], 0, 0, 0)
      while true {
        let end = min(begin + context, ids.count)
        let window = ids[begin..<end]
        all += try losses(window, from: max(1, window.count - (end - previous)))
        (previous, windows) = (end, windows + 1)
        if end == ids.count { break }
        begin += stride
      }
      try check("--context \(context) --stride \(stride)", all, windows: windows)
    }
  }

  @Test("a stride that leaves tokens out is refused")
  func refused() throws {
    #expect(try workplace.run("hardtack perplexity tiny.tack text --context 8 --stride 9").status == 2)
    #expect(try workplace.run("hardtack perplexity tiny.tack text --stride 0").status == 2)
  }
}
