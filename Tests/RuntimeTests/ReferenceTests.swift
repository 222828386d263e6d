// SPDX-License-Identifier: Apache-2.0
// Logits against a float64 reference that shares no code with this repository's packager or kernels: see
// Tools/make-decoder-fixtures. The models are written anew by Tools/make-tiny-model, the same bytes everywhere.
import CKernels
import Foundation
import ModelFileBuilders
import Testing
import TestBundles

@Suite("Float64 reference", .enabled(if: hasPython, "needs python3"))
struct ReferenceTests {
  private struct Fixture: Decodable {
    var flags: [String]
    var ids: [UInt32]
    var rows: [Int]
    var vocab: Int
  }

  private static let folder = root.appendingPathComponent("Tests/RuntimeTests/Fixtures")

  /// The largest difference in standard deviations of the reference, over all rows.
  private func difference(_ name: String, kv: ht_kv) throws -> Float {
    let base = ReferenceTests.folder.appendingPathComponent(name)
    let fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: base.appendingPathExtension("json")))
    let stored = try Data(contentsOf: base.appendingPathExtension("f32"))
    let expected = stored.withUnsafeBytes { raw in
      (0..<(raw.count / 4)).map { Float(bitPattern: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)) }
    }
    try #require(expected.count == fixture.rows.count * fixture.vocab)
    let folder = try TemporaryFolder()
    let made = try #require(python(["Tools/make-tiny-model", folder.path] + fixture.flags))
    try #require(made.status == 0, "\(made.errors)")
    let bundle = try OpenBundle(try packed(folder.path).bytes)
    let found = try bundle.logits(fixture.ids, bundle.options(context: fixture.ids.count, chunk: 32, kv: kv))
    let mean = expected.reduce(0, +) / Float(expected.count)
    let deviation = (expected.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(expected.count)).squareRoot()
    #expect(deviation > 0.5, "a reference that says something")
    var largest: Float = 0
    for (index, row) in fixture.rows.enumerated() {
      for id in 0..<fixture.vocab {
        largest = max(largest, abs(found[row][id] - expected[index * fixture.vocab + id]) / deviation)
      }
    }
    print("\(name): \(largest) standard deviations")
    return largest
  }

  @Test(
    "float weights and an f32 cache",
    arguments: [
      "plain", "biases-llama3", "linear-f16", "wide-bf16", "long", "mistral-window", "phi3-longrope", "phi3-window",
      "gemma2", "gemma2-bf16", "gemma3-linear", "qwen2-yarn", "qwen2-window", "qwen3",
    ])
  func floats(name: String) throws { #expect(try difference(name, kv: HT_KV_F32) < 2e-4) }

  @Test("an f16 cache costs little", arguments: ["plain", "biases-llama3"])
  func halfCache(name: String) throws {
    let found = try difference(name, kv: HT_KV_F16)
    #expect(found < 5e-3 && found > 1e-6)
  }
}
