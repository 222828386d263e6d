// SPDX-License-Identifier: Apache-2.0
// Typed questions to a JSON object, such as config.json, whose errors name the document and the key.

/// An object and the name of the document that it comes from. A key whose value is null counts as missing.
public struct JSONFields: Sendable {
  public let document: String
  public let object: JSONObject
  /// Leads to this object from the document's root, `rope_parameters.` for instance: messages show it before keys.
  public let prefix: String

  public init(document: String, object: JSONObject, prefix: String = "") {
    self.document = document
    self.object = object
    self.prefix = prefix
  }

  /// The value of `key`, nil where it is missing or null.
  public subscript(key: String) -> JSONValue? {
    guard let value = object[key], !value.isNull else { return nil }
    return value
  }

  private func required<Result>(
    _ key: String, _ expected: String, _ convert: (JSONValue) -> Result?
  ) throws(JSONFieldError) -> Result {
    guard let result = try optional(key, expected, convert) else {
      throw .missing(document: document, key: prefix + key, expected: expected)
    }
    return result
  }

  private func optional<Result>(
    _ key: String, _ expected: String, _ convert: (JSONValue) -> Result?
  ) throws(JSONFieldError) -> Result? {
    guard let value = self[key] else { return nil }
    guard let result = convert(value) else {
      throw .wrongType(document: document, key: prefix + key, found: value.summary, expected: expected)
    }
    return result
  }

  public func int(_ key: String) throws(JSONFieldError) -> Int { try required(key, "an integer") { $0.int } }
  public func intIfPresent(_ key: String) throws(JSONFieldError) -> Int? { try optional(key, "an integer") { $0.int } }
  public func int(_ key: String, default fallback: Int) throws(JSONFieldError) -> Int {
    try intIfPresent(key) ?? fallback
  }

  public func double(_ key: String) throws(JSONFieldError) -> Double { try required(key, "a number") { $0.double } }
  public func doubleIfPresent(_ key: String) throws(JSONFieldError) -> Double? {
    try optional(key, "a number") { $0.double }
  }
  public func double(_ key: String, default fallback: Double) throws(JSONFieldError) -> Double {
    try doubleIfPresent(key) ?? fallback
  }

  public func bool(_ key: String) throws(JSONFieldError) -> Bool { try required(key, "true or false") { $0.bool } }
  public func boolIfPresent(_ key: String) throws(JSONFieldError) -> Bool? {
    try optional(key, "true or false") { $0.bool }
  }
  public func bool(_ key: String, default fallback: Bool) throws(JSONFieldError) -> Bool {
    try boolIfPresent(key) ?? fallback
  }

  public func string(_ key: String) throws(JSONFieldError) -> String { try required(key, "a string") { $0.string } }
  public func stringIfPresent(_ key: String) throws(JSONFieldError) -> String? {
    try optional(key, "a string") { $0.string }
  }
  public func string(_ key: String, default fallback: String) throws(JSONFieldError) -> String {
    try stringIfPresent(key) ?? fallback
  }

  public func array(_ key: String) throws(JSONFieldError) -> [JSONValue] { try required(key, "an array") { $0.array } }
  public func arrayIfPresent(_ key: String) throws(JSONFieldError) -> [JSONValue]? {
    try optional(key, "an array") { $0.array }
  }

  /// An object within this one.
  public func fields(_ key: String) throws(JSONFieldError) -> JSONFields {
    let object = try required(key, "an object") { $0.object }
    return JSONFields(document: document, object: object, prefix: prefix + key + ".")
  }
  public func fieldsIfPresent(_ key: String) throws(JSONFieldError) -> JSONFields? {
    self[key] == nil ? nil : try fields(key)
  }
}
