// SPDX-License-Identifier: Apache-2.0
// verify names the section and the page that differ.
import Format
import Storage
import Testing

@Suite("Verify")
struct VerifyTests {
  private func difference(_ file: [UInt8]) throws -> Difference? {
    try file.withUnsafeBytes { verify(try BundleView(checking: $0, blake2b: blake2b256)) }
  }

  @Test("finds nothing in a whole bundle") func whole() throws {
    #expect(try difference(makeWeightBundle(rows: 200, columns: 800, seed: 4)) == nil)
  }

  @Test("names section and page", arguments: [0, 1, 5, 15, 16, 17, 30])
  func page(pageIndex: Int) throws {
    let tokenizer = pattern(31 * 65_536 - 1000)
    var file = makeBundle([(.manifest, manifestBytes), (.tokenizer, tokenizer)])
    let section = try file.withUnsafeBytes {
      try BundleHead(checking: $0, blake2b: blake2b256).section(.tokenizer)!
    }
    file[Int(section.offset) + pageIndex * 65_536 + 64_000 % (pageIndex == 30 ? 64_000 : 65_536)] ^= 4
    #expect(try difference(file) == Difference(kind: .tokenizer, pageIndex: UInt64(pageIndex)))
  }

  @Test("names the lists when those are damaged") func lists() throws {
    var file = makeBundle([(.manifest, manifestBytes), (.tokenizer, pattern(200_000))])
    file[file.count - 1] ^= 1
    #expect(try difference(file) == Difference(kind: .pages, pageIndex: nil))
  }

  @Test("counts bytes up to the whole") func progress() throws {
    let file = makeWeightBundle(rows: 200, columns: 800, seed: 4)
    try file.withUnsafeBytes { bytes in
      let view = try BundleView(checking: bytes, blake2b: blake2b256)
      var last: (UInt64, UInt64) = (0, 1)
      #expect(verify(view) { last = ($0, $1) } == nil)
      #expect(last.0 == last.1)
    }
  }
}
