// SPDX-License-Identifier: Apache-2.0
// `tojson`: Python's json.dumps, as transformers calls it.

/// How `tojson` writes.
struct TemplateJSONStyle {
  var isASCII = false
  /// What a level is indented by; none for one line.
  var indent = TemplateValue.none
  var indentCount = 0
  var itemSeparator = TemplateValue.string(", ")
  var keySeparator = TemplateValue.string(": ")
  var sortsKeys = false
}

extension TemplateMachine {
  mutating func toJSON(_ value: TemplateValue) -> TemplateValue {
    var style = TemplateJSONStyle()
    style.isASCII = flag(0)
    let indent = argument(1)
    if indent.tag != .none {
      style.indent = indent.tag == .string ? indent : .string(" ")
      style.indentCount = indent.tag == .string ? 1 : max(integerArgument(1, 0), 0)
      style.itemSeparator = .string(",")
    }
    if argument(2).tag != .none {
      let separators = list(argument(2))
      guard separators.count == 2, separators.items[0].tag == .string, separators.items[1].tag == .string else {
        return fail(.wrongType, "separators")
      }
      style.itemSeparator = separators.items[0]
      style.keySeparator = separators.items[1]
    }
    style.sortsKeys = flag(3)
    let start = begin()
    json(value, style, level: 0)
    return end(start)
  }

  private mutating func json(_ value: TemplateValue, _ style: TemplateJSONStyle, level: Int) {
    switch value.tag {
    case .none: put("null")
    case .bool: put(value.bits != 0 ? "true" : "false")
    case .int: writeInteger(value.integer)
    case .bigInt: write(value)
    case .float: jsonFloat(value.double)
    case .string: jsonString(value, style)
    case .array where value.isSequence: jsonItems(value, style, level, 91)
    case .dict: jsonItems(value, style, level, 123)
    default: stop(.notSerializable, about: value.isUndefined ? name(of: value) : .string("tojson"))
    }
  }

  /// A list or dict. The closing bracket or brace is two behind the opening one.
  private mutating func jsonItems(_ value: TemplateValue, _ style: TemplateJSONStyle, _ level: Int, _ open: UInt8) {
    put(open)
    var previous = -1
    for index in 0..<value.count where descend() {
      if index > 0 { write(style.itemSeparator) }
      line(style, level &+ 1)
      if value.tag == .dict {
        previous = style.sortsKeys ? nextKey(value, after: previous) : index
        jsonKey(value.key(previous), style)
        write(style.keySeparator)
        json(value.value(previous), style, level: level &+ 1)
      } else {
        json(value.items[index], style, level: level &+ 1)
      }
      nesting &-= 1
    }
    if value.count > 0 { line(style, level) }
    put(open &+ 2)
  }

  private mutating func line(_ style: TemplateJSONStyle, _ level: Int) {
    if style.indent.tag == .none { return }
    put(10)
    for _ in 0..<level { fill(style.indent, style.indentCount) }
  }

  private mutating func jsonFloat(_ value: Double) {
    if value.isNaN { return put("NaN") }
    if value.isInfinite { return put(value < 0 ? "-Infinity" : "Infinity") }
    writeFloat(value)
  }

  /// The entry with the least key that is greater than that of entry `last`.
  private mutating func nextKey(_ dict: TemplateValue, after last: Int) -> Int {
    var best = -1
    spend(dict.count)
    for index in 0..<dict.count where !isStopped {
      let key = dict.key(index)
      if last >= 0, order(key, dict.key(last)) <= 0 { continue }
      if best < 0 || order(key, dict.key(best)) < 0 { best = index }
    }
    if best < 0 { stop(.wrongType) }
    return max(best, 0)
  }

  private mutating func jsonKey(_ key: TemplateValue, _ style: TemplateJSONStyle) {
    switch key.tag {
    case .string: jsonString(key, style)
    case .none, .bool, .int, .bigInt, .float:
      put(34)
      json(key, style, level: 0)
      put(34)
    default: stop(.notSerializable, "tojson")
    }
  }

  private mutating func jsonString(_ text: TemplateValue, _ style: TemplateJSONStyle) {
    put(34)
    spend(text.count >> 4)
    var offset = 0
    var plain = 0
    while offset < text.count {
      let c = text.bytes[offset]
      if c >= 32, c != 34, c != 92, c < 0x80 || !style.isASCII {
        offset &+= 1
        continue
      }
      put(text.bytes + plain, offset &- plain)
      let (scalar, count) = codePoint(text.bytes, offset)
      jsonEscape(scalar)
      offset &+= count
      plain = offset
    }
    put(text.bytes + plain, offset &- plain)
    put(34)
  }

  private mutating func jsonEscape(_ c: UInt32) {
    if c >= 0x10000 {
      jsonEscape(0xD800 &+ (c &- 0x10000) >> 10)
      return jsonEscape(0xDC00 &+ (c &- 0x10000) & 0x3FF)
    }
    put(92)
    switch c {
    case 34, 92: put(UInt8(truncatingIfNeeded: c))
    case 8: put(98)
    case 9: put(116)
    case 10: put(110)
    case 12: put(102)
    case 13: put(114)
    default:
      put(117)
      writeHex(c, digits: 4)
    }
  }
}
