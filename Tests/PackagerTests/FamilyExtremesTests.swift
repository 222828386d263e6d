// SPDX-License-Identifier: Apache-2.0
// Every setting of every family at its extremes, in config.json and in GGUF: a model or a typed error, never a crash.
import Foundation
import ModelFileBuilders
import ModelFiles
import Packager
import Testing
import TestBundles

@Suite("Extreme settings", .enabled(if: hasPython, "needs python3"))
struct FamilyExtremesTests {
  private static let extremes = [
    "-1", "0", "1", "2", "3", "7", "1000", "65537", "1048576", "2147483648", "4611686018427387904",
    "9223372036854775807", "-9223372036854775808", "1e308", "-1e-300", "1e-320", "0.5", "\"x\"", "[]", "{}", "[1]",
    "true", "false", "NaN", "Infinity",
  ]

  @Test("config.json", arguments: TinyDecoder.families)
  func checkpoint(model: TinyDecoder) throws {
    var outcomes: [String: Int] = [:]
    for flags in [[], ["--old-config"]] {
      let folder = try model.checkpoint(flags)
      let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder.path + "/config.json")))
      let object = try #require(try JSONValue(parsing: bytes).object)
      for path in Self.paths(object) {
        for extreme in Self.extremes + ["null"] {
          let value = try JSONValue(parsing: Array(extreme.utf8))
          let config = JSONFields(document: "config.json", object: try Self.replaced(object, path[...], value))
          do {
            let sketch = try Sketch(config: config, matrices: .F32)
            _ = try sketch.program()
            outcomes["taken", default: 0] += 1
          } catch {
            #expect(error is any Explained, "\(path) \(extreme): \(error)")
            if case .emittedBundleRefused(let why)? = error as? PackError { Issue.record("\(path) \(extreme): \(why)") }
            outcomes["refused", default: 0] += 1
          }
        }
      }
    }
    print("\(model): \(outcomes)")
    #expect(outcomes["refused", default: 0] > 50 && outcomes["taken", default: 0] > 50)
  }

  /// The members of an object and of the objects within it.
  private static func paths(_ object: JSONObject) -> [[String]] {
    object.flatMap { key, value in
      [[key]] + (value.object.map { paths($0).map { [key] + $0 } } ?? [])
    }
  }

  private static func replaced(_ object: JSONObject, _ path: ArraySlice<String>, _ value: JSONValue) throws
    -> JSONObject
  {
    let members = try object.map { key, old in
      guard key == path.first else { return "\"\(key)\":\(text(old))" }
      let inner = path.dropFirst()
      let new = inner.isEmpty ? value : JSONValue.object(try replaced(try #require(old.object), inner, value))
      return "\"\(key)\":\(text(new))"
    }
    return try #require(try JSONValue(parsing: Array("{\(members.joined(separator: ","))}".utf8)).object)
  }

  private static func text(_ value: JSONValue) -> String {
    switch value {
    case .null: "null"
    case .bool(let flag): "\(flag)"
    case .int(let number): "\(number)"
    case .double(let number): number.isNaN ? "NaN" : number.isInfinite ? "Infinity" : "\(number)"
    case .string(let string): "\"\(string)\""
    case .array(let values): "[\(values.map(text).joined(separator: ","))]"
    case .object(let object): "{\(object.map { "\"\($0)\":\(text($1))" }.joined(separator: ","))}"
    }
  }

  @Test("GGUF", arguments: [2, 5, 6].map { TinyDecoder.families[$0] })
  func gguf(model: TinyDecoder) throws {
    let folder = try model.checkpoint()
    var keys: [[UInt8]] = []
    _ = try TinyDecoder.gguf(folder) { builder in keys = builder.metadata.map(\.key) }
    let values: [GGUFBuilder.Value] = [
      .uint32(0), .uint32(.max), .int64(.min), .int64(.max), .float32(.nan), .float32(-1), .string("x"),
      .array(.int64, [.int64(.max), .int64(.max)]),
    ]
    var refused = 0
    for key in keys where !key.starts(with: Array("general.".utf8)) {
      for value in values {
        let path = folder.write(
          "bad.gguf",
          try TinyDecoder.gguf(folder) { builder in
            builder.metadata[builder.metadata.firstIndex { $0.key == key }!].value = value
          })
        do { _ = try packed(path) } catch {
          #expect(error is any Explained, "\(String(decoding: key, as: UTF8.self)) \(value): \(error)")
          refused += 1
        }
      }
    }
    #expect(refused > 50)
  }
}
