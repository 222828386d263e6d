// SPDX-License-Identifier: Apache-2.0
// What a bundle says of itself: lines `key=value`, UTF-8, keys ascending. specs/bundle.md §5.1.

/// B-21: every line ends in LF, has a key of `a-z 0-9 . _ -` that is above the key before it, `=`, and plain text.
func checkManifest(_ text: UnsafeRawBufferPointer) throws(BundleError) {
  var line: UInt32 = 1
  var start = 0
  var keyBefore = text.part(0, 0)
  while start < text.count {
    var end = start
    while end < text.count, text[end] != 10 { end += 1 }
    var equals = start
    while equals < end, isKeyByte(text[equals]) { equals += 1 }
    guard end < text.count, equals < end, equals > start, text[equals] == 61 else {
      throw .manifestMalformed(line: line)
    }
    let key = text.part(start, equals - start)
    let value = text.part(equals + 1, end - equals - 1)
    guard isBelow(keyBefore, key), plainTextByteCount(value) == value.count else {
      throw .manifestMalformed(line: line)
    }
    keyBefore = key
    start = end + 1
    line += 1
  }
}

private func isKeyByte(_ byte: UInt8) -> Bool {
  (byte >= 97 && byte <= 122) || (byte >= 48 && byte <= 57) || byte == 46 || byte == 95 || byte == 45
}

/// Bytewise order.
func isBelow(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
  for i in 0..<min(a.count, b.count) where a[i] != b[i] { return a[i] < b[i] }
  return a.count < b.count
}

/// A checked manifest, line by line.
public struct Manifest {
  private let text: UnsafeRawBufferPointer

  public init(_ view: BundleView) { text = view.bytes(of: .manifest) }

  /// Calls `body(key, value)` for each line, in order of the keys.
  public func forEach(_ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Void) {
    var start = 0
    while start < text.count {
      var equals = start
      while text[equals] != 61 { equals += 1 }
      var end = equals
      while text[end] != 10 { end += 1 }
      body(text.part(start, equals - start), text.part(equals + 1, end - equals - 1))
      start = end + 1
    }
  }

  /// The value of `key`, or nil.
  public func value(_ key: StaticString) -> UnsafeRawBufferPointer? {
    var found: UnsafeRawBufferPointer?
    let wanted = UnsafeRawBufferPointer(start: key.utf8Start, count: key.utf8CodeUnitCount)
    forEach { name, value in
      if name.count == wanted.count, !isBelow(name, wanted), !isBelow(wanted, name) { found = value }
    }
    return found
  }
}
