// SPDX-License-Identifier: Apache-2.0
// `split` and its kin, and Python's two ways of formatting.

extension TemplateMachine {
  mutating func splitMethod(_ method: TemplateMethod, _ text: TemplateValue) -> TemplateValue {
    let isLines = method == .splitlines
    var first = positional(0)
    var second = argumentCount > 1 ? arguments[1] : TemplateValue.int(-1)
    for pair in 0..<namedCount {
      switch argumentName(pair).place(in: isLines ? "keepends" : "sep maxsplit") {
      case 0 where argumentCount == 0: first = namedArgument(pair)
      case 1 where argumentCount < 2: second = namedArgument(pair)
      default: return fail(.wrongArguments, "split")
      }
    }
    if isLines { return splitLines(text, keepsEnds: truth(first), addsLast: false) }
    guard second.isInteger else { return wrongType(second, "split") }
    let limit = second.integer < 0 ? Int.max : second.integer
    if first.tag == .none { return splitSpace(text, limit, fromEnd: method == .rsplit) }
    guard first.tag == .string else { return wrongType(first, "split") }
    guard first.count > 0 else { return fail(.badValue, "split") }
    return split(text, first, limit, fromEnd: method == .rsplit)
  }

  /// Adds a value to a list behind which nothing was allocated.
  @inline(never)
  mutating func append(_ value: TemplateValue, to list: inout TemplateValue) {
    guard let room = allocateValues(1) else { return }
    if list.count == 0 { list.bits = UInt64(UInt(bitPattern: room)) }
    room.initialize(to: value)
    list.count &+= 1
  }

  /// A list that was made from its end, turned around.
  private mutating func turned(_ list: TemplateValue) -> TemplateValue {
    for index in 0..<list.count / 2 {
      swap(&list.items[index], &list.items[list.count &- 1 &- index])
    }
    return list
  }

  private mutating func split(
    _ text: TemplateValue, _ separator: TemplateValue, _ limit: Int, fromEnd: Bool
  ) -> TemplateValue {
    var items = TemplateValue(.array)
    var rest = text.prefix(text.count)
    while items.count < limit {
      // From the end, matches are looked for backwards, so they may lie elsewhere than forwards.
      let at = fromEnd ? lastIndexOf(separator, in: rest) : indexOf(separator, in: rest, from: 0)
      if at < 0 { break }
      let (head, tail) = (rest.prefix(at), rest.suffix(from: at &+ separator.count))
      append(fromEnd ? tail : head, to: &items)
      rest = fromEnd ? head : tail
    }
    append(rest, to: &items)
    return fromEnd ? turned(items) : items
  }

  /// The byte offset of the last `part` in a text, or -1.
  @inline(never)
  mutating func lastIndexOf(_ part: TemplateValue, in text: TemplateValue) -> Int {
    var at = text.count &- part.count
    while at >= 0, steps >= 0 {
      let here = text.suffix(from: at).prefix(part.count)
      if part.count == 0 || here.bytes[0] == part.bytes[0], sameBytes(here, part) { break }
      at &-= 1
    }
    spend((text.count &- at) >> 4)
    return isStopped ? -1 : at
  }

  /// Words between runs of white space. What the limit leaves over keeps the white space on its far side.
  private mutating func splitSpace(_ text: TemplateValue, _ limit: Int, fromEnd: Bool) -> TemplateValue {
    spend(text.count >> 3)
    var items = TemplateValue(.array)
    var rest = strip(text.prefix(text.count), .none, left: !fromEnd, right: fromEnd)
    while rest.count > 0, !isStopped {
      let far = fromEnd ? 0 : rest.count
      var edge = rest.count &- far
      if items.count == limit { edge = far }
      while edge != far {
        let at = fromEnd ? before(edge, rest) : edge
        if isStripped(rest, at, .none) { break }
        edge = fromEnd ? at : at &+ utf8Length(rest.bytes[at])
      }
      let (head, tail) = (rest.prefix(edge), rest.suffix(from: edge))
      append(fromEnd ? tail : head, to: &items)
      rest = strip(fromEnd ? head : tail, .none, left: !fromEnd, right: fromEnd)
    }
    return fromEnd ? turned(items) : items
  }

  /// Lines at any of Unicode's line breaks. `addsLast`: as if one more line break stood at the end.
  mutating func splitLines(_ text: TemplateValue, keepsEnds: Bool, addsLast: Bool) -> TemplateValue {
    spend(text.count >> 3)
    var items = TemplateValue(.array)
    var start = 0
    var at = 0
    while at < text.count, !isStopped {
      let length = lineBreak(text, at)
      let stop = at
      at &+= max(length, 1)
      if length == 0 { continue }
      append(text.suffix(from: start).prefix((keepsEnds ? at : stop) &- start), to: &items)
      start = at
    }
    if start < text.count || addsLast { append(text.suffix(from: start), to: &items) }
    return items
  }

  /// Bytes of the line break at an offset, or 0.
  private mutating func lineBreak(_ text: TemplateValue, _ at: Int) -> Int {
    switch text.bytes[at] {
    case 13: return at &+ 1 < text.count && text.bytes[at &+ 1] == 10 ? 2 : 1
    case 10...12, 28...30: return 1
    case 0xC2, 0xE2:
      let (c, count) = codePoint(text.bytes, at)
      return c == 0x85 || c == 0x2028 || c == 0x2029 ? count : 0
    default: return 0
    }
  }

  // MARK: Formatting

  /// `text % values` with %s, %r, %d, %i and %%.
  @inline(never)
  mutating func format(_ text: TemplateValue, _ values: TemplateValue) -> TemplateValue {
    let count = values.isTuple ? values.count : 1
    var used = 0
    let start = begin()
    var at = 0
    while at < text.count, !isStopped {
      let c = text.bytes[at]
      at &+= 1
      if c != 37 {
        put(c)
        continue
      }
      // What ends the text is no kind.
      let kind = at < text.count ? text.bytes[at] : 0
      at &+= 1
      if kind == 37 {
        put(37)
        continue
      }
      if kind == 0 { return fail(.badValue, "%") }
      if used == count { return fail(.wrongArguments, "%") }
      let value = values.isTuple ? values.items[used] : values
      used &+= 1
      switch kind {
      case 115: write(value)
      case 114: writeRepr(value)
      case 100, 105: writeInteger(wholeNumber(value))
      default: return fail(.unsupported, "%")
      }
    }
    // What can be subscripted counts as a mapping, of which nothing need be used.
    let isMapping = values.tag == .dict || values.tag == .array || values.tag == .range || values.isUndefined
    if used < count, values.isTuple || !isMapping { return fail(.wrongArguments, "%") }
    spend(text.count >> 3)
    return end(start)
  }

  private mutating func wholeNumber(_ value: TemplateValue) -> Int {
    if value.isInteger { return value.integer }
    if value.tag == .float, let number = Int(exactly: value.double.rounded(.towardZero)) { return number }
    _ = wrongType(value, "%")
    return 0
  }

  /// `text.format(…)` with {}, {0}, {name}, {{ and }}.
  mutating func formatMethod(_ text: TemplateValue) -> TemplateValue {
    var next = 0
    let start = begin()
    var at = 0
    while at < text.count, !isStopped {
      let c = text.bytes[at]
      at &+= 1
      guard c == 123 || c == 125 else {
        put(c)
        continue
      }
      if at < text.count, text.bytes[at] == c {
        put(c)
        at &+= 1
        continue
      }
      let rest = text.suffix(from: at)
      let stop = rest.endOfPart(125)
      guard c == 123, stop < rest.count else { return fail(.badValue, "format") }
      let field = rest.prefix(stop)
      at &+= stop &+ 1
      write(formatField(field, &next))
    }
    return end(start)
  }

  private mutating func formatField(_ field: TemplateValue, _ next: inout Int) -> TemplateValue {
    // A conversion, a format or a way into the value.
    for c in field.text where c == 33 || c == 58 || c == 46 || c == 91 { return fail(.unsupported, "format") }
    var index = smallNumber(field)
    if field.count == 0 {
      index = next
      next &+= 1
    }
    if index >= 0, index < argumentCount { return arguments[index] }
    for pair in 0..<namedCount where index < 0 && sameBytes(argumentName(pair), field) { return namedArgument(pair) }
    return fail(.wrongArguments, "format")
  }
}
