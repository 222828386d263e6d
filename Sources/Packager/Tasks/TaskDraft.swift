// SPDX-License-Identifier: Apache-2.0
// A task record under construction, and its bytes. specs/labels.md §1.
import Format

/// How two texts are put together for one pass.
struct PairTemplate: Equatable {
  struct Token: Equatable {
    var id: Int
    var type: Int
  }

  var before: [Token] = []
  var between: [Token] = []
  var behind: [Token] = []
  var firstType = 0
  var secondType = 0

  var tokens: [Token] { before + between + behind }

  /// For a model that tells its tokens not apart by types.
  mutating func dropTypes() {
    (firstType, secondType) = (0, 0)
    for index in before.indices { before[index].type = 0 }
    for index in between.indices { between[index].type = 0 }
    for index in behind.indices { behind[index].type = 0 }
  }
}

struct TaskDraft {
  var kind: TaskKind
  var function = ScoreFunction.none
  var labels: [String] = []
  var lengthMax: Int
  var stride = 0
  var answerMax = 0
  var mask: UInt32?
  var threshold: Float = 0
  var prompts: [(name: String, text: String)] = []
  var defaultPrompt: Int?
  var isUnit = false
  var pair: PairTemplate?

  init(_ kind: TaskKind, lengthMax: Int) {
    self.kind = kind
    self.lengthMax = lengthMax
  }

  /// How the labels spell entities.
  var scheme: TagScheme {
    func any(_ letters: String) -> Bool {
      labels.contains { $0.utf8.count > 2 && letters.contains($0.first!) && $0.dropFirst().first == "-" }
    }
    guard kind == .tag, any("BI") else { return .plain }
    return any("ELSU") ? .ends : .inside
  }

  /// The section.
  var bytes: [UInt8] {
    var texts: [UInt8] = []
    var tables: [UInt8] = []
    func place(_ text: String) -> [UInt8] {
      let start = texts.count
      texts += Array(text.utf8)
      return TaskDraft.words(UInt32(start), UInt32(texts.count - start))
    }
    var firsts: [[UInt8]: Int] = [:]
    for (index, label) in labels.enumerated() {
      tables += place(label)
      let text = Array(label.utf8)
      let (role, prefix) = kind == .tag ? text.withUnsafeBytes { scheme.role(of: $0) } : (.inside, 0)
      let entity = firsts[Array(text[prefix...]), default: index]
      firsts[Array(text[prefix...])] = entity
      tables += TaskDraft.words(UInt32(role.rawValue) | UInt32(prefix) << 16, UInt32(entity))
    }
    for prompt in prompts { tables += place(prompt.name) + place(prompt.text) }
    return header(byteCount: TaskRecord.headerByteCount + tables.count + texts.count) + tables + texts
  }

  private static func words(_ words: UInt32...) -> [UInt8] {
    words.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32(8 * $0)) } }
  }

  private func header(byteCount: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: TaskRecord.headerByteCount)
    bytes.withUnsafeMutableBytes { out in
      out.put(TaskRecord.magic, at: 0)
      out.put(TaskRecord.version, at: 4)
      out.put(kind.rawValue, at: 6)
      out.put(UInt32(byteCount), at: 8)
      out.put(function.rawValue, at: 12)
      out.put(scheme.rawValue, at: 14)
      let numbers = [labels.count, prompts.count, lengthMax, stride, answerMax]
      for (index, number) in numbers.enumerated() { out.put(UInt32(number), at: 16 + 4 * index) }
      out.put(mask ?? TaskRecord.none, at: 36)
      out.put(threshold, at: 40)
      out.put(defaultPrompt.map { UInt32($0) } ?? TaskRecord.none, at: 44)
      out.put(UInt32((pair == nil ? 0 : 1) | (isUnit ? 2 : 0)), at: 48)
      guard let pair else { return }
      for (index, list) in [pair.before, pair.between, pair.behind].enumerated() { out[52 + index] = UInt8(list.count) }
      out[56] = UInt8(pair.firstType)
      out[57] = UInt8(pair.secondType)
      for (index, token) in pair.tokens.enumerated() {
        out.put(UInt32(token.id), at: 64 + 4 * index)
        out[112 + index] = UInt8(token.type)
      }
    }
    return bytes
  }
}
