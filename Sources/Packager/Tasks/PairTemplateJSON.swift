// SPDX-License-Identifier: Apache-2.0
// What stands around two texts, from the post_processor of tokenizer.json; and ids of tokens by their spelling.
import Format
import ModelFiles

extension PairTemplate {
  private static let document = "tokenizer.json"

  /// Nil where the tokenizer puts nothing together: no post-processor, or one for single texts.
  init?(_ tokenizer: JSONFields) throws {
    guard let processor = try tokenizer.fieldsIfPresent("post_processor") else { return nil }
    var found: PairTemplate?
    for part in PairTemplate.parts(processor.object, depth: 0) {
      switch part["type"]?.string {
      case "TemplateProcessing": found = try PairTemplate(template: part)
      case "BertProcessing": found = try PairTemplate(part, separators: 1, secondType: 1)
      case "RobertaProcessing": found = try PairTemplate(part, separators: 2, secondType: 0)
      default: break  // those that the tokenizer does not know it has refused
      }
    }
    guard let found else { return nil }
    let tokens = found.tokens
    guard tokens.count <= TaskRecord.pairCountMax else {
      throw PackError.badSetting(
        key: "post_processor of tokenizer.json", found: "\(tokens.count) tokens around a pair",
        expected: "at most \(TaskRecord.pairCountMax)")
    }
    for type in tokens.map(\.type) + [found.firstType, found.secondType] where !(0...255 ~= type) {
      throw PackError.badSetting(key: "post_processor of tokenizer.json", found: "type \(type)", expected: "0 … 255")
    }
    for id in tokens.map(\.id) where !(0..<(1 << 20) ~= id) {
      throw PackError.badSetting(key: "post_processor of tokenizer.json", found: "id \(id)", expected: "0 … 1048575")
    }
    self = found
  }

  private static func parts(_ object: JSONObject, depth: Int) -> [JSONObject] {
    guard object["type"]?.string == "Sequence", depth < 8 else { return [object] }
    return (object["processors"]?.array ?? []).flatMap { $0.object.map { parts($0, depth: depth + 1) } ?? [] }
  }

  /// `cls A sep B sep`; RoBERTa's has two in the middle.
  private init(_ part: JSONObject, separators: Int, secondType: Int) throws {
    func id(_ key: String) throws -> Int {
      guard let pair = part[key]?.array, pair.count == 2, let id = pair[1].int else {
        throw PackError.badSetting(
          key: "post_processor.\(key) of tokenizer.json", found: part[key]?.summary ?? "nothing",
          expected: "a token and its id")
      }
      return id
    }
    let (begin, separator) = (try id("cls"), try id("sep"))
    before = [Token(id: begin, type: 0)]
    between = [Token](repeating: Token(id: separator, type: 0), count: separators)
    behind = [Token(id: separator, type: secondType)]
    self.secondType = secondType
  }

  private init(template part: JSONObject) throws {
    func refuse(_ found: String, _ expected: String) -> PackError {
      .badSetting(key: "post_processor.pair of tokenizer.json", found: found, expected: expected)
    }
    guard let items = part["pair"]?.array else { throw refuse("nothing", "a template") }
    var textCount = 0
    for item in items {
      if let token = item["SpecialToken"], let name = token["id"]?.string {
        guard let ids = part["special_tokens"]?[name]?["ids"]?.array?.compactMap(\.int), !ids.isEmpty else {
          throw refuse(name, "one of special_tokens")
        }
        let tokens = ids.map { Token(id: $0, type: token["type_id"]?.int ?? 0) }
        switch textCount {
        case 0: before += tokens
        case 1: between += tokens
        default: behind += tokens
        }
      } else if let text = item["Sequence"], text["id"]?.string == (textCount == 0 ? "A" : "B"), textCount < 2 {
        let type = text["type_id"]?.int ?? 0
        if textCount == 0 { firstType = type } else { secondType = type }
        textCount += 1
      } else {
        throw refuse(item.summary, "special tokens, A, B")
      }
    }
    guard textCount == 2 else { throw refuse("\(textCount) texts", "A and B, once each") }
  }
}

/// The id of the token spelled `text` in tokenizer.json; nil where there is none such.
func tokenID(_ text: String, in tokenizer: JSONFields) throws -> UInt32? {
  func id(_ value: JSONValue?) -> UInt32? { value?.int.flatMap { UInt32(exactly: $0) } }
  for token in try tokenizer.arrayIfPresent("added_tokens") ?? [] where token["content"]?.string == text {
    return id(token["id"])
  }
  guard let vocabulary = try tokenizer.fieldsIfPresent("model")?["vocab"] else { return nil }
  if let object = vocabulary.object { return id(object[text]) }
  let place = vocabulary.array?.firstIndex { $0.array?.first?.string == text }
  return place.map { UInt32($0) }
}
