// SPDX-License-Identifier: Apache-2.0
// JSON: values kept exact, keys in order, and everything refused that RFC 8259 does not know, but for Python's three
// words.
import ModelFiles
import Testing

@Suite("JSON is read")
struct JSONTests {
  private func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: Array(text.utf8)) }

  @Test("as values of each kind") func kinds() throws {
    let value = try parse(#" { "z" : null, "a": [true, false, -0, 1.0, 1e3, "x"], "o": {} } "#)
    #expect(value.object?.keys == ["z", "a", "o"])
    #expect(value["z"]?.isNull == true && value["absent"] == nil && value["o"]?.object?.isEmpty == true)
    let array = try #require(value["a"]?.array)
    #expect(array.map(\.summary) == ["true", "false", "-0.0", "1.0", "1000.0", "the string \"x\""])
    #expect(array[3].int == 1 && array[4].int == 1000 && array[5].int == nil)
  }

  @Test(
    "with integers exact and other numbers to the nearest double",
    arguments: [
      ("9223372036854775807", JSONNumber.int(.max)), ("-9223372036854775808", .int(.min)), ("0", .int(0)),
      ("9223372036854775808", .double(0x1p63)), ("1000000000000000019884624838656", .double(1e30)),
      ("0.1", .double(0.1)), ("1e-5", .double(1e-5)), ("2.2250738585072014E-308", .double(0x1p-1022)),
      ("4.9406564584124654e-324", .double(.leastNonzeroMagnitude)), ("1e400", .double(.infinity)),
      ("-Infinity", .double(-.infinity)),
      ("0.30000000000000004", .double(0.1 + 0.2)), ("123456789012345678.0", .double(123_456_789_012_345_680)),
    ])
  func numbers(text: String, expected: JSONNumber) throws {
    switch (try parse(text), expected) {
    case (.int(let found), .int(let value)): #expect(found == value)
    case (.double(let found), .double(let value)): #expect(found == value)
    default: Issue.record("another kind")
    }
  }

  enum JSONNumber: Sendable { case int(Int64), double(Double) }

  @Test("with the words that Python writes") func words() throws {
    #expect(try parse("NaN").double?.isNaN == true)
    #expect(try parse("[Infinity,-Infinity]").array?.map(\.double) == [.infinity, -.infinity])
  }

  @Test("with every escape, and the text in between as it is") func escapes() throws {
    let value = try parse(#""\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC\ud83d\ude00 é€😀""#)
    #expect(value.string == "\"\\/\u{8}\u{C}\n\r\tAé€😀 é€😀")
    #expect(try parse(#""\u0000""#).string == "\0")
  }

  @Test("with keys compared by bytes") func keys() throws {
    var text = "{\"caf\u{E9}\":1,\"cafe\u{301}\":2"
    #expect(try parse(text + "}")["cafe\u{301}"]?.int == 2)
    for index in 0..<20 { text += ",\"k\(index)\":\(index)" }
    let value = try parse(text + "}")
    #expect(value["cafe\u{301}"]?.int == 2 && value["caf\u{E9}"]?.int == 1 && value["k19"]?.int == 19)
    #expect(value["k20"] == nil)
  }

  @Test("to a depth of 128") func depth() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }
    _ = try parse(nested(128))
    #expect(throws: JSONError.self) { try parse(nested(129)) }
    #expect(throws: JSONError.self) { try parse(String(repeating: "{\"a\":", count: 100_000)) }
  }
}

@Suite("JSON must be refused")
struct JSONRejectionTests {
  private func problem(_ bytes: [UInt8]) -> JSONError.Problem? {
    do throws(JSONError) { _ = try JSONValue(parsing: bytes) } catch { return error.problem }
    return nil
  }
  private func problem(_ text: String) -> JSONError.Problem? { problem(Array(text.utf8)) }

  @Test(
    "when it ends early",
    arguments: [
      "", " ", "{", "[", "[1", "{\"a\"", "{\"a\":", "\"abc", "\"\\", "[1,", "\"\\u00",
    ])
  func truncated(text: String) {
    let found = problem(text)
    #expect(found == .unexpectedEnd || found == .badEscape, "\(text)")
  }

  @Test("when a number is none", arguments: ["01", "-", "1.", ".5", "+1", "1e", "1e+", "0x10", "-a", "1.e3"])
  func numbers(text: String) { #expect(problem(text) != nil) }

  @Test("when a word is none", arguments: ["tru", "nul", "nan", "Inf", "None", "True", "undefined"])
  func words(text: String) { #expect(problem(text) != nil) }

  @Test(
    "when commas or brackets are wrong",
    arguments: [
      "[,]", "[1,]", "[1 2]", "{,}", "{\"a\":1,}", "{1:2}", "{\"a\" 1}", "[1}", "{\"a\":1]", "{a:1}", "{'a':1}",
    ])
  func commas(text: String) { #expect(problem(text) != nil) }

  @Test("when more follows") func trailing() {
    #expect(problem("1 2") == .trailingBytes)
    #expect(problem("{} x") == .trailingBytes)
    #expect(problem("null\0") == .trailingBytes)
  }

  @Test("when a key comes twice, in small and in large objects") func duplicates() {
    #expect(problem(#"{"a":1,"b":2,"\u0061":3}"#) == .duplicateKey("a"))
    let members = (0..<40).map { "\"k\($0)\":0" } + ["\"k7\":1"]
    #expect(problem("{" + members.joined(separator: ",") + "}") == .duplicateKey("k7"))
  }

  @Test("when a string holds what it must not") func strings() {
    #expect(problem("\"a\nb\"") == .controlCharacter(10))
    #expect(problem(#""\x""#) == .badEscape)
    #expect(problem(#""\u12G4""#) == .badEscape)
    for text in [#""\ud800""#, #""\udc00""#, #""\ud800\u0041""#, #""\ud800\ud800""#, #""\ud800 ""#] {
      #expect(problem(text) == .loneSurrogate, "\(text)")
    }
  }

  @Test(
    "when it is not UTF-8",
    arguments: [
      [0xFF], [0xC0, 0x80], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC3], [0x80],
      [0xF0, 0x9F, 0x98],
    ] as [[UInt8]])
  func utf8(bytes: [UInt8]) { #expect(problem([0x22] + bytes + [0x22]) == .notUTF8) }

  @Test("with a byte order mark, or a number without end") func oddities() {
    #expect(problem([0xEF, 0xBB, 0xBF, 0x31]) == .byteOrderMark)
    #expect(problem(String(repeating: "1", count: 1025)) == .numberTooLong(atMost: 1024))
  }

  @Test("saying where") func position() {
    do throws(JSONError) {
      _ = try JSONValue(parsing: Array("{\n  \"a\": 1,\n  \"b\": ?\n}".utf8))
    } catch {
      #expect(error.line == 3 && error.column == 8 && error.byteOffset == 19)
      #expect(error.message == "line 3, column 8 (byte 19): found '?', expected a value")
    }
  }

  @Test("fields by document and key") func fields() throws {
    let text = #"{"hidden_size":"x","rope":{"theta":null,"n":2.5},"ok":3}"#
    let object = try #require(try JSONValue(parsing: Array(text.utf8)).object)
    let fields = JSONFields(document: "config.json", object: object)
    #expect(try fields.int("ok") == 3 && fields.double("ok") == 3 && fields.bool("absent", default: true))
    #expect(
      throws: JSONFieldError.wrongType(
        document: "config.json", key: "hidden_size", found: "the string \"x\"", expected: "an integer")
    ) { try fields.int("hidden_size") }
    let rope = try fields.fields("rope")
    #expect(throws: JSONFieldError.missing(document: "config.json", key: "rope.theta", expected: "a number")) {
      try rope.double("theta")
    }
    #expect(try rope.doubleIfPresent("theta") == nil && rope.double("theta", default: 1e4) == 1e4)
    #expect(throws: JSONFieldError.self) { try rope.int("n") }
  }
}
