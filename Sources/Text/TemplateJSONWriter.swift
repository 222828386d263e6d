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
      guard separators.size == 2, separators.items[0].tag == .string, separators.items[1].tag == .string else {
        throw fault(.wrongType, "separators")
      }
      style.itemSeparator = separators.items[0]
      style.keySeparator = separators.items[1]
    }
    if count > 3, !arguments[3].isUndefined { style.sortsKeys = truth(arguments[3]) }
    let start = begin()
    try json(value, style, level: 0)
    return end(start)
  }

  private mutating func json(_ value: TemplateValue, _ style: TemplateJSONStyle, level: Int) throws(TemplateFault) {
    switch value.tag {
    case .none: try put("null")
    case .bool: try put(value.bits != 0 ? "true" : "false")
    case .int: try writeInteger(value.integer)
    case .bigInt: try put(value.bytes, value.size)
    case .float: try jsonFloat(value.double)
    case .string: try jsonString(value, style)
    case .array where value.kind < 2:
      if value.size == 0 { return try put("[]") }
      try descend()
      try put(91)
      for index in 0..<value.size {
        if index > 0 { try put(style.itemSeparator.text) }
        try line(style, level + 1)
        try json(value.items[index], style, level: level + 1)
      }
      try line(style, level)
      try put(93)
      nesting -= 1
    case .dict: try jsonDict(value, style, level)
    default: throw value.isUndefined ? undefinedForJSON(value) : fault(.notSerializable, "tojson")
    }
  }

  private mutating func undefinedForJSON(_ value: TemplateValue) -> TemplateFault {
    fault(.notSerializable, name(of: value))
  }

  private mutating func line(_ style: TemplateJSONStyle, _ level: Int) throws(TemplateFault) {
    guard let indent = style.indent else { return }
    try put(10)
    for _ in 0..<level { for _ in 0..<style.indentCount { try put(indent.bytes, indent.size) } }
  }

  private mutating func jsonFloat(_ value: Double) throws(TemplateFault) {
    if value.isNaN { return try put("NaN") }
    if value.isInfinite { return try put(value < 0 ? "-Infinity" : "Infinity") }
    try writeFloat(value)
  }

  private mutating func jsonDict(
    _ value: TemplateValue, _ style: TemplateJSONStyle, _ level: Int
  ) throws(TemplateFault) {
    if value.size == 0 { return try put("{}") }
    try descend()
    try put(123)
    var previous = -1
    for index in 0..<value.size {
      if index > 0 { try put(style.itemSeparator.text) }
      try line(style, level + 1)
      previous = style.sortsKeys ? try nextKey(value, after: previous) : index
      try jsonKey(value.items[2 * previous], style)
      try put(style.keySeparator.text)
      try json(value.items[2 * previous + 1], style, level: level + 1)
    }
    try line(style, level)
    try put(125)
    nesting -= 1
  }

  /// The entry with the least key that is greater than that of entry `last`.
  private mutating func nextKey(_ dict: TemplateValue, after last: Int) throws(TemplateFault) -> Int {
    var best = -1
    for index in 0..<dict.size {
      if last >= 0, try order(dict.items[2 * index], dict.items[2 * last]) <= 0 { continue }
      if best < 0 {
        best = index
      } else if try order(dict.items[2 * index], dict.items[2 * best]) < 0 {
        best = index
      }
    }
    guard best >= 0 else { throw .corrupt }
    try spend(dict.size)
    return best
  }

  private mutating func jsonKey(_ key: TemplateValue, _ style: TemplateJSONStyle) throws(TemplateFault) {
    if key.tag == .string { return try jsonString(key, style) }
    switch key.tag {
    case .none, .bool, .int, .bigInt, .float:
      try put(34)
      try json(key, style, level: 0)
      try put(34)
    default: throw fault(.notSerializable, "tojson")
    }
  }

  private mutating func jsonString(_ text: TemplateValue, _ style: TemplateJSONStyle) throws(TemplateFault) {
    try put(34)
    let bytes = text.bytes
    var offset = 0
    var plain = 0
    while offset < text.size {
      let c = bytes[offset]
      guard c < 32 || c == 34 || c == 92 || (c >= 0x80 && style.isASCII) else {
        offset &+= 1
        continue
      }
      try put(bytes + plain, offset - plain)
      if c < 0x80 {
        try jsonEscape(c)
        offset += 1
      } else {
        let (scalar, count) = codePoint(bytes, offset)
        try jsonUnits(scalar)
        offset += count
      }
      plain = offset
    }
    try put(bytes + plain, offset - plain)
    try put(34)
  }

  private mutating func jsonEscape(_ c: UInt8) throws(TemplateFault) {
    try put(92)
    switch c {
    case 34, 92: try put(c)
    case 8: try put(98)
    case 9: try put(116)
    case 10: try put(110)
    case 12: try put(102)
    case 13: try put(114)
    default:
      try put(117)
      try writeHex(UInt32(c), digits: 4)
    }
  }

  private mutating func jsonUnits(_ scalar: UInt32) throws(TemplateFault) {
    try put("\\u")
    if scalar < 0x10000 { return try writeHex(scalar, digits: 4) }
    try writeHex(0xD800 + (scalar - 0x10000) >> 10, digits: 4)
    try put("\\u")
    try writeHex(0xDC00 + (scalar - 0x10000) & 0x3FF, digits: 4)
  }
}
