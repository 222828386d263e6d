// SPDX-License-Identifier: Apache-2.0
// What a bundle is for: its task, labels, limits, prompts, and how two texts are put together. `init(checking:)` proves
// every field once. Spec: specs/labels.md.

/// What a model was trained to do. The numbers are those of the record.
public enum TaskKind: UInt16, Sendable {
  case classify = 1, tag = 2, answer = 3, embed = 4, rerank = 5, fill = 6, translate = 7, summarise = 8

  /// The verb.
  public var name: StaticString {
    switch self {
    case .classify: "classify"
    case .tag: "tag"
    case .answer: "answer"
    case .embed: "embed"
    case .rerank: "rerank"
    case .fill: "fill"
    case .translate: "translate"
    case .summarise: "summarise"
    }
  }

  /// Whether a row of numbers has names.
  var hasLabels: Bool { self == .classify || self == .tag }
}

/// How logits become scores.
public enum ScoreFunction: UInt16, Sendable {
  /// As they are: regression.
  case none = 0
  /// They sum to 1: one label is right.
  case softmax = 1
  /// Each by itself: any number of labels is right.
  case sigmoid = 2
}

/// How labels of tokens spell entities.
public enum TagScheme: UInt16, Sendable {
  /// A label is an entity.
  case plain = 0
  /// `B-` begins an entity, `I-` goes on.
  case inside = 1
  /// As well as that `E-` or `L-` ends one, `S-` or `U-` is one of a single token.
  case ends = 2

  /// What the label `text` says, and how many of its bytes say so.
  public func role(of text: UnsafeRawBufferPointer) -> (role: LabelRole, prefixByteCount: Int) {
    if text.count == 1, text[0] == 79 { return (.outside, 0) }
    guard self != .plain, text.count > 2, text[1] == 45 else { return (.inside, 0) }
    switch text[0] {
    case 66: return (.begins, 2)
    case 73: return (.inside, 2)
    case 69 where self == .ends, 76 where self == .ends: return (.ends, 2)
    case 83 where self == .ends, 85 where self == .ends: return (.alone, 2)
    default: return (.inside, 0)
    }
  }
}

/// A label's part in an entity.
public enum LabelRole: UInt16, Sendable { case inside = 0, outside = 1, begins = 2, ends = 3, alone = 4 }

/// A class of texts or tokens.
public struct TaskLabel {
  public var text: UnsafeRawBufferPointer
  public var role: LabelRole
  /// The text without `B-` and its kin.
  public var entityName: UnsafeRawBufferPointer
  /// Index of the first label of the same entity.
  public var entity: Int
}

/// A checked record over mapped bytes.
public struct TaskRecord {
  public static let magic: UInt32 = 0x4B53_4154  // "TASK"
  public static let version: UInt16 = 1
  public static let headerByteCount = 128
  public static let labelByteCount = 16
  public static let promptByteCount = 16
  public static let labelCountMax = 65_536
  public static let promptCountMax = 64
  /// Ids around two texts.
  public static let pairCountMax = 12
  public static let none: UInt32 = 0xFFFF_FFFF
  static let flagPair: UInt32 = 1
  static let flagUnit: UInt32 = 2

  public let kind: TaskKind
  public let function: ScoreFunction
  public let scheme: TagScheme
  public let labelCount: Int
  public let promptCount: Int
  /// Tokens of the longest input, with those that stand around it.
  public let lengthMax: Int
  /// Tokens that two windows of a longer text share.
  public let stride: Int
  /// Tokens of the longest answer.
  public let answerMax: Int
  public let mask: UInt32?
  /// Scores below are no answer.
  public let threshold: Float
  public let defaultPrompt: Int?
  /// Whether vectors have length 1 as the model itself gives them.
  public let isUnit: Bool
  let bytes: UnsafeRawBufferPointer

  public var hasPair: Bool { bytes.u32(48) & TaskRecord.flagPair != 0 }

  /// Label `index`, below `labelCount`.
  public func label(_ index: Int) -> TaskLabel {
    let at = TaskRecord.headerByteCount + TaskRecord.labelByteCount * index
    let text = text(at)
    let prefix = Int(bytes.u16(at + 10))
    return TaskLabel(
      text: text, role: LabelRole(rawValue: bytes.u16(at + 8)) ?? .inside,
      entityName: text.part(prefix, text.count - prefix), entity: Int(bytes.u32(at + 12)))
  }

  /// Name and text of prompt `index`, below `promptCount`.
  public func prompt(_ index: Int) -> (name: UnsafeRawBufferPointer, text: UnsafeRawBufferPointer) {
    let at = promptsAt + TaskRecord.promptByteCount * index
    return (text(at), text(at + 8))
  }

  /// The text of the prompt of that name.
  public func prompt(named name: StaticString) -> UnsafeRawBufferPointer? {
    for index in 0..<promptCount {
      let (found, text) = prompt(index)
      guard found.count == name.utf8CodeUnitCount else { continue }
      var same = 0
      while same < found.count, found[same] == name.utf8Start[same] { same += 1 }
      if same == found.count { return text }
    }
    return nil
  }

  /// How many ids stand before the first text, between the two, behind the second.
  public var pairCounts: (before: Int, between: Int, behind: Int) {
    (Int(bytes[52]), Int(bytes[53]), Int(bytes[54]))
  }

  /// Ids around a pair.
  public var pairCount: Int { Int(bytes[52]) + Int(bytes[53]) + Int(bytes[54]) }

  /// Types of the tokens of the first and of the second text.
  public var pairTypes: (first: UInt32, second: UInt32) { (UInt32(bytes[56]), UInt32(bytes[57])) }

  /// The id `index` of those around a pair, and its type.
  public func pairToken(_ index: Int) -> (id: UInt32, type: UInt32) {
    (bytes.u32(64 + 4 * index), UInt32(bytes[112 + index]))
  }

  var promptsAt: Int { TaskRecord.headerByteCount + TaskRecord.labelByteCount * labelCount }
  var textsAt: Int { promptsAt + TaskRecord.promptByteCount * promptCount }

  private func text(_ at: Int) -> UnsafeRawBufferPointer {
    bytes.part(textsAt + Int(bytes.u32(at)), Int(bytes.u32(at + 4)))
  }

  /// Checks rules L-01 to L-16, in that order.
  ///
  /// - Complexity: O(bytes). Allocates nothing.
  public init(checking bytes: UnsafeRawBufferPointer) throws(TaskRecordError) {
    self.bytes = bytes
    let header = TaskRecord.headerByteCount
    guard bytes.count >= header else { throw .truncated(have: UInt64(bytes.count), need: UInt64(header)) }
    guard bytes.u32(0) == TaskRecord.magic else { throw .wrongMagic(found: bytes.u32(0)) }
    guard bytes.u16(4) == TaskRecord.version else { throw .unknownVersion(found: bytes.u16(4)) }
    guard let kind = TaskKind(rawValue: bytes.u16(6)) else { throw .unknownKind(found: bytes.u16(6)) }
    guard UInt64(bytes.u32(8)) == UInt64(bytes.count) else {
      throw .byteCountWrong(found: UInt64(bytes.count), stated: UInt64(bytes.u32(8)))
    }
    guard let function = ScoreFunction(rawValue: bytes.u16(12)), let scheme = TagScheme(rawValue: bytes.u16(14)),
      scheme == .plain || kind == .tag
    else { throw .fieldOutOfRange(offset: ScoreFunction(rawValue: bytes.u16(12)) == nil ? 12 : 14) }
    (self.kind, self.function, self.scheme) = (kind, function, scheme)
    let (labels, prompts) = (Int(bytes.u32(16)), Int(bytes.u32(20)))
    guard labels <= TaskRecord.labelCountMax, (labels > 0) == kind.hasLabels else { throw .fieldOutOfRange(offset: 16) }
    guard prompts <= TaskRecord.promptCountMax else { throw .fieldOutOfRange(offset: 20) }
    (labelCount, promptCount) = (labels, prompts)
    lengthMax = Int(bytes.u32(24))
    stride = Int(bytes.u32(28))
    answerMax = Int(bytes.u32(32))
    mask = bytes.u32(36) == TaskRecord.none ? nil : bytes.u32(36)
    threshold = bytes.f32(40)
    defaultPrompt = bytes.u32(44) == TaskRecord.none ? nil : Int(bytes.u32(44))
    isUnit = bytes.u32(48) & TaskRecord.flagUnit != 0
    try checkNumbers()
    try checkPair()
    try checkTexts()
  }
}
