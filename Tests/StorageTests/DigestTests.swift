// SPDX-License-Identifier: Apache-2.0
// Digests against values that Python's hashlib.blake2b(digest_size=32) gave for the same bytes.
import CCodec
import Format
import Storage
import Testing

/// `x = 1; x = 1664525·x + 1013904223 mod 2³²; byte = x >> 24`, `count` times.
func pattern(_ count: Int, seed: UInt32 = 1) -> [UInt8] {
  var x = seed
  return (0..<count).map { _ in
    x = x &* 1_664_525 &+ 1_013_904_223
    return UInt8(x >> 24)
  }
}

func hex(_ digest: Digest) -> String {
  var text = ""
  for word in [digest.0, digest.1, digest.2, digest.3] {
    for i in 0..<8 {
      let byte = UInt8(truncatingIfNeeded: word >> (8 * UInt64(i)))
      text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
  }
  return text
}

@Suite("Digests")
struct DigestTests {
  /// Byte count, BLAKE2b-256 of the bytes, digest of the section that they are.
  static let cases: [(Int, String, String)] = [
    (
      0, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8",
      "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8"
    ),
    (
      1, "58dabc196518a8a5813e2a3cb2c30230239e860d9d026874b72dd3c13bdb523f",
      "9886fb330c313d5dc37432ba8dc2eb19119225e85fa11f7a281abfc91c4380a6"
    ),
    (
      64, "9823eab7b61cd133aeae07b2fdb1873550bd665ee83f9630a5932de9ddae80ca",
      "75efeeffdf7ac40109faa119734f294ad2a47219cfb026ff37e2baf4280358a6"
    ),
    (
      65_535, "9f5687c6311bdc6bbe01782122df18473a9662fe81dfa819bc25acc8414d16f3",
      "2c55673e5a19e34881bb37ca18b01940813f6f2a9e13a7aacbe087282d3a3b6a"
    ),
    (
      65_536, "3a0c03dba0aeb73c7b9b3982ef47114e3774da12cbaf68c03edd3a112855d894",
      "6d889113af872a7b4df35981638e3d88dda0e54a384b62b4a5dc9429485932aa"
    ),
    (
      65_537, "0066814cccb6973fd3cb8d6bbc20d5b5826b3799626f9f7a9f6cabe4e6814359",
      "b890fd3dd9b61dff1a7f2995879a99c3938661de11b33fde1d212238ad86bad2"
    ),
    (
      200_000, "d19f0ecd1368a556cab34bb86ac15c8f66cfe91dd42a3bb7e7dc37d93fd1a3d8",
      "07b2c768155cf3ddcdbfb3a7d98c86d0add91dbc38676086c94aee14da103dea"
    ),
  ]

  @Test("of whole sections equal hashlib's", arguments: cases)
  func whole(count: Int, plain: String, section: String) {
    pattern(count).withUnsafeBytes { bytes in
      #expect(hex(BundleHead.digest(of: bytes, blake2b256)) == plain)
      #expect(hex(sectionDigest(of: bytes)) == section)
    }
  }

  @Test("of sections in parts equal those of whole ones", arguments: [1, 63, 1000, 65_535, 65_536, 65_537, 150_000])
  func parts(partByteCount: Int) {
    let state = UnsafeMutableRawPointer.allocate(
      byteCount: SectionDigest.stateByteCount, alignment: SectionDigest.stateAlignment)
    defer { state.deallocate() }
    for (count, _, expected) in DigestTests.cases {
      var pages: [String] = []
      var digest = SectionDigest(in: state)
      pattern(count).withUnsafeBytes { bytes in
        var at = 0
        while at < count {
          let n = min(partByteCount, count - at)
          digest.update(bytes.part(at, n)) { pages.append(hex($0)) }
          at += n
        }
      }
      #expect(hex(digest.finish { pages.append(hex($0)) }) == expected)
      var whole: [String] = []
      pattern(count).withUnsafeBytes { bytes in _ = sectionDigest(of: bytes) { whole.append(hex($0)) } }
      #expect(pages == whole)
      #expect(pages.count == (count + 65_535) / 65_536)
    }
  }

  @Test("the board's BLAKE2b is libsodium's at every length, whole and in two parts")
  func small() {
    func state() -> UnsafeMutableRawPointer {
      .allocate(byteCount: Int(CODEC_BLAKE2B_BYTE_COUNT), alignment: Int(CODEC_BLAKE2B_ALIGNMENT))
    }
    let (mine, theirs) = (state(), state())
    defer {
      mine.deallocate()
      theirs.deallocate()
    }
    pattern(3000).withUnsafeBytes { bytes in
      for count in 0..<1100 {
        let from = bytes.baseAddress! + count
        let cut = count * 37 % (count + 1)
        let hasKey = count % 2 == 1
        if hasKey { codec_small_blake2b256_start_keyed(mine, from + 1) } else { codec_small_blake2b256_start(mine) }
        codec_small_blake2b256_update(mine, from, cut)
        codec_small_blake2b256_update(mine, from + cut, count - cut)
        if hasKey { codec_blake2b256_start_keyed(theirs, from + 1) } else { codec_blake2b256_start(theirs) }
        codec_blake2b256_update(theirs, from, count)
        var found = [UInt8](repeating: 0, count: 32)
        var expected = found
        codec_small_blake2b256_finish(mine, &found)
        codec_blake2b256_finish(theirs, &expected)
        #expect(found == expected, "\(count) bytes, cut at \(cut)")
      }
    }
  }
}
