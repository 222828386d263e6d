// SPDX-License-Identifier: Apache-2.0
// GGUF metadata under the architecture's prefix. What no reader asked for is refused: it might change the results.
import ModelFiles

/// The keys `ARCHITECTURE.…` of a file, each noted when it is asked for.
final class ArchitectureKeys {
  let metadata: GGUFMetadata
  let architecture: String
  private var asked: Set<String> = []

  init(_ metadata: GGUFMetadata, architecture: String) {
    self.metadata = metadata
    self.architecture = architecture
  }

  /// The whole name, for messages.
  func name(_ key: String) -> String { "\(architecture).\(key)" }

  private func note(_ key: String) -> String {
    let name = name(key)
    asked.insert(name)
    return name
  }

  func int(_ key: String) throws(GGUFError) -> Int { try metadata.int(note(key)) }
  func int(_ key: String, default fallback: Int) throws(GGUFError) -> Int {
    try metadata.int(note(key), default: fallback)
  }
  func double(_ key: String) throws(GGUFError) -> Double { try metadata.double(note(key)) }
  func double(_ key: String, default fallback: Double) throws(GGUFError) -> Double {
    try metadata.double(note(key), default: fallback)
  }
  func doubleIfPresent(_ key: String) throws(GGUFError) -> Double? {
    metadata[note(key)] == nil ? nil : try double(key)
  }
  func bool(_ key: String, default fallback: Bool) throws(GGUFError) -> Bool {
    try metadata.bool(note(key), default: fallback)
  }
  func string(_ key: String, default fallback: String) throws(GGUFError) -> String {
    try metadata.string(note(key), default: fallback)
  }

  /// One number for each of `count` layers: an array of them, or one number for all.
  func perLayer(_ key: String, count: Int, default fallback: Int? = nil) throws -> [Int] {
    guard let numbers = metadata[note(key)]?.array?.numbers else {
      let one = if let fallback { try int(key, default: fallback) } else { try int(key) }
      return [Int](repeating: one, count: count)
    }
    guard numbers.count >= count, let values = numbers.prefix(count).map({ $0.integer(Int.self) }) as? [Int] else {
      throw PackError.badSetting(
        key: name(key), found: "\(numbers.count) × \(numbers.elementType)", expected: "an integer for each of \(count)")
    }
    return values
  }

  /// Which of `count` layers have a window: an array of bools, or n where every n-th layer has none. Nil when the key
  /// is not there.
  func windowPattern(_ key: String, count: Int) throws -> [Bool]? {
    guard let value = metadata[note(key)] else { return nil }
    if let period = value.integer(Int.self), period >= 1 { return (0..<count).map { ($0 + 1) % period != 0 } }
    guard let numbers = value.array?.numbers, numbers.count >= count,
      let flags = numbers.prefix(count).map({ $0.bool ?? $0.integer(Int.self).map { $0 != 0 } }) as? [Bool]
    else {
      throw PackError.badSetting(key: name(key), found: value.summary, expected: "a bool for each of \(count) layers")
    }
    return flags
  }

  /// A key that, when it is there, must have this one value.
  func expect(_ key: String, _ expected: Double) throws {
    let found = try double(key, default: expected)
    guard found == expected else {
      throw PackError.badSetting(key: name(key), found: "\(found)", expected: "\(expected)")
    }
  }

  /// Refuses what was not asked for, but for keys that say nothing about the computation.
  func finish() throws {
    let harmless = ["tensor_data_layout", "rope.scaling.finetuned", "pooling_type"].map(name)
    for key in metadata.keys where key.hasPrefix("\(architecture).") {
      if asked.contains(key) || harmless.contains(key) { continue }
      throw PackError.badSetting(
        key: key, found: metadata[key]?.summary ?? "there", expected: "no such key in a \(architecture) model")
    }
  }
}
