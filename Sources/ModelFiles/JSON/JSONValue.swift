// SPDX-License-Identifier: Apache-2.0
// JSON as a tree: config.json, tokenizer.json and their like. Order of keys, integers and duplicates are kept apart,
// which Foundation's parser does not do.

/// A JSON value.
public enum JSONValue: Sendable {
  case null
  case bool(Bool)
  /// A number written as an integer that Int64 holds.
  case int(Int64)
  /// Every other number, and NaN, Infinity and -Infinity as Python writes them.
  case double(Double)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)

  /// Parses one document of UTF-8 bytes: bounded depth, no duplicate keys, nothing after its end.
  ///
  /// - Complexity: O(bytes). A value takes 24 bytes, a string longer than 15 bytes some 32 more, an array 32 more, and
  ///   an object 37 bytes a member besides; ``ReaderLimits/jsonValueCountMax`` bounds the whole.
  public init(parsing bytes: UnsafeRawBufferPointer) throws(JSONError) {
    var reader = JSONReader(bytes)
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { throw reader.error(.byteOrderMark) }
    var valueCount = 0
    self = try Self.build(&reader, valueCount: &valueCount)
    try reader.expectEnd()
  }

  public init(parsing bytes: [UInt8]) throws(JSONError) {
    var result: Result<JSONValue, JSONError>?
    bytes.withUnsafeBytes { buffer in
      do throws(JSONError) { result = .success(try JSONValue(parsing: buffer)) } catch { result = .failure(error) }
    }
    self = try result!.get()
  }

  private static func build(_ reader: inout JSONReader, valueCount: inout Int) throws(JSONError) -> JSONValue {
    valueCount += 1
    guard valueCount <= ReaderLimits.jsonValueCountMax else {
      throw reader.error(.tooManyValues(atMost: ReaderLimits.jsonValueCountMax))
    }
    switch reader.peek() {
    case 0x22: return .string(reader.decode(try reader.string()))
    case 0x5B:
      try reader.open(0x5B, expected: .array)
      var values: [JSONValue] = []
      while try reader.nextElement(isFirst: values.isEmpty) {
        values.append(try build(&reader, valueCount: &valueCount))
      }
      return .array(values)
    case 0x7B:
      try reader.open(0x7B, expected: .object)
      let start = reader.position - 1
      var keys: [String] = []
      var values: [JSONValue] = []
      while let key = try reader.nextKey(isFirst: keys.isEmpty) {
        keys.append(reader.decode(key))
        values.append(try build(&reader, valueCount: &valueCount))
      }
      do throws(NameIndex.Duplicate) {
        return .object(try JSONObject(keys: keys, values: values))
      } catch {
        throw reader.error(.duplicateKey(keys[error.second]), at: start)
      }
    default: return try reader.scalar()
    }
  }
}

extension JSONValue {
  public var isNull: Bool { if case .null = self { true } else { false } }
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  public var string: String? { if case .string(let value) = self { value } else { nil } }
  public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
  public var object: JSONObject? { if case .object(let value) = self { value } else { nil } }

  /// An integer, also one written as `1.0` or `1e3`.
  public var int: Int? {
    switch self {
    case .int(let value): Int(value)
    case .double(let value): Int(exactly: value)
    default: nil
    }
  }

  /// A number. An integer beyond 2⁵³ is rounded.
  public var double: Double? {
    switch self {
    case .int(let value): Double(value)
    case .double(let value): value
    default: nil
    }
  }

  /// The member of an object, nil where this is none or has no such key.
  public subscript(key: String) -> JSONValue? { object?[key] }

  /// Type and, where it is short, value: for messages.
  public var summary: String {
    switch self {
    case .null: "null"
    case .bool(let value): "\(value)"
    case .int(let value): "\(value)"
    case .double(let value): "\(value)"
    case .string(let value): "the string \(quoted(value))"
    case .array(let values): "an array of \(values.count)"
    case .object(let object): "an object of \(object.count)"
    }
  }
}

/// An object: members in the text's order, found by key in constant time. Keys are compared by their bytes, so that
/// é and e + ´, which Swift's `==` takes for the same, stay two keys: in a vocabulary they are two tokens.
public struct JSONObject: RandomAccessCollection, Sendable {
  /// Apart from the value, so that a JSONValue stays at 24 bytes.
  private final class Members: Sendable {
    let keys: [String]
    let values: [JSONValue]
    let index: NameIndex?

    init(keys: [String], values: [JSONValue], index: NameIndex?) {
      (self.keys, self.values, self.index) = (keys, values, index)
    }
  }
  private let members: Members
  /// From here on members are indexed; up to here a linear search is as fast.
  private static let indexedCountMin = 9

  /// Without members.
  init() { members = Members(keys: [], values: [], index: nil) }

  init(keys: [String], values: [JSONValue]) throws(NameIndex.Duplicate) {
    guard keys.count >= Self.indexedCountMin else {
      for second in keys.indices {
        for first in 0..<second where sameKey(keys[first], keys[second]) {
          throw NameIndex.Duplicate(first: first, second: second)
        }
      }
      members = Members(keys: keys, values: values, index: nil)
      return
    }
    let index = try NameIndex(
      count: keys.count, hash: { withUTF8Bytes(of: keys[$0], NameIndex.hash) },
      areEqual: { sameKey(keys[$0], keys[$1]) })
    members = Members(keys: keys, values: values, index: index)
  }

  public var keys: [String] { members.keys }
  public var values: [JSONValue] { members.values }
  public var startIndex: Int { 0 }
  public var endIndex: Int { members.keys.count }
  public subscript(position: Int) -> (key: String, value: JSONValue) {
    (members.keys[position], members.values[position])
  }

  public subscript(key: String) -> JSONValue? {
    guard let index = members.index else { return keys.firstIndex { sameKey($0, key) }.map { values[$0] } }
    return index.find(hash: withUTF8Bytes(of: key, NameIndex.hash)) { sameKey(keys[$0], key) }.map { values[$0] }
  }
}

@inline(__always)
private func sameKey(_ a: String, _ b: String) -> Bool {
  withUTF8Bytes(of: a) { a in withUTF8Bytes(of: b) { b in sameBytes(a, b) } }
}
