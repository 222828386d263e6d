// SPDX-License-Identifier: Apache-2.0
// `tojson`: Python's json.dumps, as transformers calls it.

/// How `tojson` writes.
struct TemplateJSONStyle {
  var isASCII = false
  /// What a level is indented by; nil for one line.
  var indent: TemplateValue?
  var indentCount = 0
  var itemSeparator = TemplateValue.string(", ")
  var keySeparator = TemplateValue.string(": ")
  var sortsKeys = false
}

extension TemplateMachine {
  mutating func toJSON(
    _ value: TemplateValue, _ arguments: UnsafeMutablePointer<TemplateValue>, _ count: Int
  ) throws(TemplateFault) -> TemplateValue {
    var style = TemplateJSONStyle()
    if count > 0, !arguments[0].isUndefined { style.isASCII = truth(arguments[0]) }
    if count > 1, !arguments[1].isUndefined, arguments[1].tag != .none {
      if arguments[1].tag == .string {
        style.indent = arguments[1]
        style.indentCount = 1
      } else {
        guard arguments[1].isInteger else { throw fault(.wrongType, "indent") }
        style.indent = .string(" ")
        style.indentCount = max(arguments[1].integer, 0)
      }
      style.itemSeparator = .string(",")
    }
    if count > 2, !arguments[2].isUndefined, arguments[2].tag != .none {
      let separators = try list(arguments[2])
      guard separators.count == 2, separators.items[0].tag == .string, separators.items[1].tag == .string else {
        throw fault(.wrongType, "separators")
      }
      style.itemSeparator = separators.items[0]
      style.keySeparator = separators.items[1]
    }
    if count > 3, !arguments[3].isUndefined { style.sortsKeys = truth(arguments[3]) }
    let start = begin()
    json(value, style, level: 0)
    return end(start)
  }

  private mutating func json(_ value: TemplateValue, _ style: TemplateJSONStyle, level: Int) {
    switch value.tag {
    case .none: put("null")
    case .bool: put(value.bits != 0 ? "true" : "false")
    case .int: writeInteger(value.integer)
    case .bigInt: put(value.bytes, value.count)
    case .float: jsonFloat(value.double)
    case .string: jsonString(value, style)
    case .array where value.kind < 2:
      if value.count == 0 { return put("[]") }
      guard isLevelFree() else { return }
      put(91)
      for index in 0..<value.count {
        if pending != nil { break }
        if index > 0 { put(style.itemSeparator.text) }
        line(style, level + 1)
        json(value.items[index], style, level: level + 1)
      }
      line(style, level)
      put(93)
      nesting -= 1
    case .dict: jsonDict(value, style, level)
    default: note(value.isUndefined ? undefinedForJSON(value) : fault(.notSerializable, "tojson"))
    }
  }

  private mutating func undefinedForJSON(_ value: TemplateValue) -> TemplateFault {
    fault(.notSerializable, name(of: value))
  }

  private mutating func line(_ style: TemplateJSONStyle, _ level: Int) {
    guard let indent = style.indent else { return }
    put(10)
    for _ in 0..<level { fill(indent, style.indentCount) }
  }

  private mutating func jsonFloat(_ value: Double) {
    if value.isNaN { return put("NaN") }
    if value.isInfinite { return put(value < 0 ? "-Infinity" : "Infinity") }
    writeFloat(value)
  }

  private mutating func jsonDict(_ value: TemplateValue, _ style: TemplateJSONStyle, _ level: Int) {
    if value.count == 0 { return put("{}") }
    guard isLevelFree() else { return }
    put(123)
    var previous = -1
    for index in 0..<value.count {
      if pending != nil { break }
      if index > 0 { put(style.itemSeparator.text) }
      line(style, level + 1)
      previous = style.sortsKeys ? nextKey(value, after: previous) : index
      jsonKey(value.items[2 * previous], style)
      put(style.keySeparator.text)
      json(value.items[2 * previous + 1], style, level: level + 1)
    }
    line(style, level)
    put(125)
    nesting -= 1
  }

  /// The entry with the least key that is greater than that of entry `last`.
  private mutating func nextKey(_ dict: TemplateValue, after last: Int) -> Int {
    var best = -1
    spend(dict.count)
    do throws(TemplateFault) {
      for index in 0..<dict.count {
        if last >= 0, try order(dict.items[2 * index], dict.items[2 * last]) <= 0 { continue }
        if best < 0 {
          best = index
        } else if try order(dict.items[2 * index], dict.items[2 * best]) < 0 {
          best = index
        }
      }
    } catch { note(error) }
    if best < 0 { note(.wrongType) }
    return max(best, 0)
  }

  private mutating func jsonKey(_ key: TemplateValue, _ style: TemplateJSONStyle) {
    if key.tag == .string { return jsonString(key, style) }
    switch key.tag {
    case .none, .bool, .int, .bigInt, .float:
      put(34)
      json(key, style, level: 0)
      put(34)
    default: note(fault(.notSerializable, "tojson"))
    }
  }

  private mutating func jsonString(_ text: TemplateValue, _ style: TemplateJSONStyle) {
    put(34)
    spend(text.count >> 4)
    let bytes = text.bytes
    var offset = 0
    var plain = 0
    while offset < text.count {
      let c = bytes[offset]
      guard c < 32 || c == 34 || c == 92 || (c >= 0x80 && style.isASCII) else {
        offset &+= 1
        continue
      }
      put(bytes + plain, offset - plain)
      if c < 0x80 {
        jsonEscape(c)
        offset += 1
      } else {
        let (scalar, count) = codePoint(bytes, offset)
        jsonUnits(scalar)
        offset += count
      }
      plain = offset
    }
    put(bytes + plain, offset - plain)
    put(34)
  }

  private mutating func jsonEscape(_ c: UInt8) {
    put(92)
    switch c {
    case 34, 92: put(c)
    case 8: put(98)
    case 9: put(116)
    case 10: put(110)
    case 12: put(102)
    case 13: put(114)
    default:
      put(117)
      writeHex(UInt32(c), digits: 4)
    }
  }

  private mutating func jsonUnits(_ scalar: UInt32) {
    put("\\u")
    if scalar < 0x10000 { return writeHex(scalar, digits: 4) }
    writeHex(0xD800 + (scalar - 0x10000) >> 10, digits: 4)
    put("\\u")
    writeHex(0xDC00 + (scalar - 0x10000) & 0x3FF, digits: 4)
  }
}
