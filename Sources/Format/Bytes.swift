// SPDX-License-Identifier: Apache-2.0
// Little-endian numbers in raw bytes. Offsets have been proven by the caller.

extension UnsafeRawBufferPointer {
  @inline(__always) public func u8(_ offset: Int) -> UInt8 { self[offset] }
  @inline(__always) public func u16(_ offset: Int) -> UInt16 {
    UInt16(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt16.self))
  }
  @inline(__always) public func u32(_ offset: Int) -> UInt32 {
    UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }
  @inline(__always) public func u64(_ offset: Int) -> UInt64 {
    UInt64(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }
  @inline(__always) public func f32(_ offset: Int) -> Float { Float(bitPattern: u32(offset)) }

  /// The part `offset ..< offset + byteCount`, which the caller has proven to exist.
  @inline(__always) public func part(_ offset: Int, _ byteCount: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: self[offset..<(offset + byteCount)])
  }

  /// Whether every byte is zero.
  public var isZero: Bool {
    for byte in self where byte != 0 { return false }
    return true
  }
}

extension UnsafeMutableRawBufferPointer {
  @inline(__always) public func put(_ value: UInt16, at offset: Int) {
    storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt16.self)
  }
  @inline(__always) public func put(_ value: UInt32, at offset: Int) {
    storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt32.self)
  }
  @inline(__always) public func put(_ value: UInt64, at offset: Int) {
    storeBytes(of: value.littleEndian, toByteOffset: offset, as: UInt64.self)
  }
  @inline(__always) public func put(_ value: Float, at offset: Int) { put(value.bitPattern, at: offset) }
}

/// The least multiple of `alignment` that is not below `value`; nil when that is past UInt64.
@inline(__always) public func aligned(_ value: UInt64, to alignment: UInt64) -> UInt64? {
  let (sum, overflow) = value.addingReportingOverflow(alignment - 1)
  return overflow ? nil : sum / alignment * alignment
}

/// `a + b`, or the largest UInt64.
@inline(__always) func saturatingSum(_ a: UInt64, _ b: UInt64) -> UInt64 {
  let (sum, overflow) = a.addingReportingOverflow(b)
  return overflow ? .max : sum
}

/// The least multiple of `alignment` that is not below `value`; `value` is far from Int.max.
@inline(__always) public func aligned(_ value: Int, to alignment: Int) -> Int {
  (value + alignment - 1) / alignment * alignment
}

/// A digest in place: 32 bytes.
public typealias Digest = (UInt64, UInt64, UInt64, UInt64)

extension UnsafeRawBufferPointer {
  /// The 32 bytes at `offset`, as four numbers that only equality and `put` are meant for.
  public func digest(_ offset: Int) -> Digest {
    (u64(offset), u64(offset + 8), u64(offset + 16), u64(offset + 24))
  }
}

extension UnsafeMutableRawBufferPointer {
  public func put(_ value: Digest, at offset: Int) {
    put(value.0, at: offset)
    put(value.1, at: offset + 8)
    put(value.2, at: offset + 16)
    put(value.3, at: offset + 24)
  }
}

/// BLAKE2b with 32 bytes of output, no key: `(bytes, byteCount, out)`. Given by the caller, so that this module has no
/// dependency.
public typealias Blake2b256 = @convention(c) (UnsafeRawPointer?, Int, UnsafeMutableRawPointer) -> Void
