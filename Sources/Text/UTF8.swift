// SPDX-License-Identifier: Apache-2.0
// UTF-8 by hand: validation, decoding of what was validated, and the white space that added tokens may swallow.

enum UTF8Bytes {
  /// The offset of the first byte that is not part of well-formed UTF-8; `byteCount` where all is well.
  static func validated(_ bytes: UnsafePointer<UInt8>, _ byteCount: Int) -> Int {
    let raw = UnsafeRawPointer(bytes)
    var offset = 0
    while offset < byteCount {
      if byteCount &- offset >= 8,
        raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
      {
        offset &+= 8
        continue
      }
      let lead = bytes[offset]
      if lead < 0x80 {
        offset &+= 1
        continue
      }
      let length = wellFormedLength(bytes + offset, byteCount &- offset)
      if length == 0 { return offset }
      offset &+= length
    }
    return offset
  }

  /// Bytes of the well-formed sequence at the start, 0 where there is none. Table 3-7 of the Unicode standard.
  static func wellFormedLength(_ bytes: UnsafePointer<UInt8>, _ byteCount: Int) -> Int {
    let state = Prefix.of(bytes, byteCount)
    return state.isComplete ? state.byteCount : 0
  }

  /// The longest prefix of a well-formed sequence at the start.
  struct Prefix {
    var byteCount: Int
    var isComplete: Bool

    static func of(_ bytes: UnsafePointer<UInt8>, _ available: Int) -> Prefix {
      let lead = bytes[0]
      if lead < 0x80 { return Prefix(byteCount: 1, isComplete: true) }
      let need = lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : lead < 0xF5 ? 4 : 0
      if need == 0 { return Prefix(byteCount: 0, isComplete: false) }
      var count = 1
      while count < need && count < available {
        let byte = bytes[count]
        var low: UInt8 = 0x80
        var high: UInt8 = 0xBF
        if count == 1 {
          switch lead {
          case 0xE0: low = 0xA0
          case 0xED: high = 0x9F
          case 0xF0: low = 0x90
          case 0xF4: high = 0x8F
          default: break
          }
        }
        if byte < low || byte > high { break }
        count &+= 1
      }
      return Prefix(byteCount: count, isComplete: count == need)
    }
  }

  @inline(__always)
  static func length(lead: UInt8) -> Int { lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4 }

  /// The code point at the start of well-formed text.
  @inline(__always)
  static func codePoint(_ bytes: UnsafePointer<UInt8>) -> UInt32 {
    let lead = UInt32(bytes[0])
    if lead < 0x80 { return lead }
    let second = UInt32(bytes[1] & 0x3F)
    if lead < 0xE0 { return (lead & 0x1F) << 6 | second }
    let third = UInt32(bytes[2] & 0x3F)
    if lead < 0xF0 { return (lead & 0x0F) << 12 | second << 6 | third }
    return (lead & 0x07) << 18 | second << 12 | third << 6 | UInt32(bytes[3] & 0x3F)
  }

  /// Writes a code point and returns its length. The buffer has room for four bytes.
  @inline(__always)
  static func write(_ codePoint: UInt32, to bytes: UnsafeMutablePointer<UInt8>) -> Int {
    func continuation(_ shift: UInt32) -> UInt8 { 0x80 | UInt8(truncatingIfNeeded: codePoint >> shift & 0x3F) }
    if codePoint < 0x80 {
      bytes[0] = UInt8(truncatingIfNeeded: codePoint)
      return 1
    }
    if codePoint < 0x800 {
      bytes[0] = 0xC0 | UInt8(truncatingIfNeeded: codePoint >> 6)
      bytes[1] = continuation(0)
      return 2
    }
    if codePoint < 0x10000 {
      bytes[0] = 0xE0 | UInt8(truncatingIfNeeded: codePoint >> 12)
      bytes[1] = continuation(6)
      bytes[2] = continuation(0)
      return 3
    }
    bytes[0] = 0xF0 | UInt8(truncatingIfNeeded: codePoint >> 18)
    bytes[1] = continuation(12)
    bytes[2] = continuation(6)
    bytes[3] = continuation(0)
    return 4
  }

  /// Unicode's White_Space.
  static func isWhiteSpace(_ codePoint: UInt32) -> Bool {
    switch codePoint {
    case 0x09...0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
    default: false
    }
  }
}
