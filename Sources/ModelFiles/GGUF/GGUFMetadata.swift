// SPDX-License-Identifier: Apache-2.0
// The key-value part of a GGUF file: by key, in the file's order, and with typed questions for who needs an answer.

/// Metadata of a GGUF file. Holds 13 bytes a key; values are decoded from the file when asked for.
public struct GGUFMetadata: Sendable {
  let file: FileBytes
  /// Where each entry's key length lies.
  private let entryOffsets: [Int]
  private let index: NameIndex

  /// Walks `count` entries, proving each.
  init(count: Int, file: FileBytes, cursor: inout GGUFCursor) throws(GGUFError) {
    var offsets: [Int] = []
    offsets.reserveCapacity(count)
    for entry in 0..<count {
      cursor.part = .metadata(index: entry)
      offsets.append(cursor.offset)
      let key = try cursor.string()
      guard key.count <= ReaderLimits.ggufKeyByteCountMax else {
        throw .keyTooLong(index: entry, found: key.count, atMost: ReaderLimits.ggufKeyByteCountMax)
      }
      guard isUTF8(UnsafeRawBufferPointer(rebasing: file.bytes[key])) else {
        throw .keyNotUTF8(index: entry, offset: key.lowerBound)
      }
      try cursor.skipValue(type: try cursor.valueType(key: key), key: key)
    }
    let bytes = file.bytes
    do throws(NameIndex.Duplicate) {
      index = try NameIndex(
        count: count, hash: { NameIndex.hash(lengthPrefixedBytes(bytes, at: offsets[$0])) },
        areEqual: { first, second in
          sameBytes(lengthPrefixedBytes(bytes, at: offsets[first]), lengthPrefixedBytes(bytes, at: offsets[second]))
        })
    } catch {
      let name = String(decoding: lengthPrefixedBytes(bytes, at: offsets[error.first]), as: UTF8.self)
      throw .duplicateKey(name: name, first: error.first, second: error.second)
    }
    self.file = file
    entryOffsets = offsets
  }

  public var count: Int { entryOffsets.count }

  /// The key of an entry, in the file's order.
  public func key(at entry: Int) -> String {
    String(decoding: lengthPrefixedBytes(file.bytes, at: entryOffsets[entry]), as: UTF8.self)
  }

  /// The value of an entry, in the file's order.
  public func value(at entry: Int) -> GGUFValue {
    let start = entryOffsets[entry]
    let key = lengthPrefixedBytes(file.bytes, at: start)
    var cursor = GGUFCursor(file.bytes, at: start + 8 + key.count, part: .metadata(index: entry))
    guard let type = try? cursor.valueType(key: 0..<0) else { preconditionFailure("checked when the file was opened") }
    return GGUFValue.decode(type: type, file: file, cursor: &cursor)
  }

  /// All keys in the file's order, made as they are asked for.
  public var keys: some RandomAccessCollection<String> { (0..<count).lazy.map { key(at: $0) } }

  public subscript(key: String) -> GGUFValue? {
    withUTF8Bytes(of: key) { name in
      index.find(hash: NameIndex.hash(name)) { sameBytes(lengthPrefixedBytes(file.bytes, at: entryOffsets[$0]), name) }
    }.map { value(at: $0) }
  }

  /// The value of `key`, or the error that names it.
  public func value(_ key: String) throws(GGUFError) -> GGUFValue {
    guard let value = self[key] else { throw .missingKey(key: key) }
    return value
  }
}

// Typed questions. Those without a default refuse a missing key; all refuse a value of another type.
extension GGUFMetadata {
  /// An integer of any stored width that fits into `T`.
  public func integer<T: FixedWidthInteger>(_ key: String, as _: T.Type = T.self) throws(GGUFError) -> T {
    let value = try value(key)
    guard let integer = value.integer(T.self) else {
      throw .wrongType(key: key, found: value.summary, expected: "an integer from \(T.min) to \(T.max)")
    }
    return integer
  }

  public func u32(_ key: String) throws(GGUFError) -> UInt32 { try integer(key) }
  public func u64(_ key: String) throws(GGUFError) -> UInt64 { try integer(key) }
  public func i64(_ key: String) throws(GGUFError) -> Int64 { try integer(key) }
  public func int(_ key: String) throws(GGUFError) -> Int { try integer(key) }

  public func u32(_ key: String, default fallback: UInt32) throws(GGUFError) -> UInt32 {
    self[key] == nil ? fallback : try integer(key)
  }

  public func int(_ key: String, default fallback: Int) throws(GGUFError) -> Int {
    self[key] == nil ? fallback : try integer(key)
  }

  /// A float of either width, or an integer that a double holds exactly.
  public func double(_ key: String) throws(GGUFError) -> Double {
    let value = try value(key)
    guard let double = value.double else {
      throw .wrongType(key: key, found: value.summary, expected: "a number")
    }
    return double
  }

  public func double(_ key: String, default fallback: Double) throws(GGUFError) -> Double {
    self[key] == nil ? fallback : try double(key)
  }

  public func bool(_ key: String) throws(GGUFError) -> Bool {
    let value = try value(key)
    guard let bool = value.bool else { throw .wrongType(key: key, found: value.summary, expected: "a bool") }
    return bool
  }

  public func bool(_ key: String, default fallback: Bool) throws(GGUFError) -> Bool {
    self[key] == nil ? fallback : try bool(key)
  }

  /// The bytes of a string, whatever they are.
  public func stringBytes(_ key: String) throws(GGUFError) -> GGUFString {
    let value = try value(key)
    guard let string = value.stringBytes else {
      throw .wrongType(key: key, found: value.summary, expected: "a string")
    }
    return string
  }

  /// A string that is UTF-8.
  public func string(_ key: String) throws(GGUFError) -> String {
    let string = try stringBytes(key)
    guard let text = string.text else {
      throw .wrongType(key: key, found: "a string that is not UTF-8", expected: "UTF-8")
    }
    return text
  }

  public func string(_ key: String, default fallback: String) throws(GGUFError) -> String {
    self[key] == nil ? fallback : try string(key)
  }

  /// An array of strings. Keep the result: its table of offsets is built on each call.
  public func strings(_ key: String) throws(GGUFError) -> GGUFStringArray {
    let value = try value(key)
    guard let strings = value.array?.strings else {
      throw .wrongType(key: key, found: value.summary, expected: "an array of strings")
    }
    return strings
  }

  /// An array of integers, floats or bools.
  public func numbers(_ key: String) throws(GGUFError) -> GGUFNumberArray {
    let value = try value(key)
    guard let numbers = value.array?.numbers else {
      throw .wrongType(key: key, found: value.summary, expected: "an array of numbers")
    }
    return numbers
  }
}

/// The bytes of the string whose length lies at `offset`, which has been proven.
@inline(__always)
func lengthPrefixedBytes(_ bytes: UnsafeRawBufferPointer, at offset: Int) -> UnsafeRawBufferPointer {
  let byteCount = Int(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
  return UnsafeRawBufferPointer(rebasing: bytes[offset + 8..<offset + 8 + byteCount])
}
