// SPDX-License-Identifier: Apache-2.0
// Filters over sequences: order, uniqueness, sums, portions.

extension TemplateMachine {
  mutating func join(
    _ value: TemplateValue, _ arguments: UnsafeMutablePointer<TemplateValue>, _ count: Int
  ) throws(TemplateFault) -> TemplateValue {
    let separator = try string(argument(arguments, count, 0, .emptyString))
    let path = argument(arguments, count, 1, .none)
    var items = try list(value)
    if path.tag != .none {
      let found = try allocateValues(items.count)
      for index in 0..<items.count { found[index] = try attributePath(items.items[index], path, .missing) }
      items = .array(found, items.count, .list)
    }
    return try joined(items, with: separator)
  }

  @inline(never)
  mutating func joined(_ items: TemplateValue, with separator: TemplateValue) throws(TemplateFault) -> TemplateValue {
    let start = begin()
    for index in 0..<items.count {
      if index > 0 { put(separator.text) }
      write(items.items[index])
    }
    spend(items.count)
    return end(start)
  }

  /// What values are compared by: strings in lower case, unless case counts.
  private mutating func sortKey(_ value: TemplateValue, caseCounts: Bool) throws(TemplateFault) -> TemplateValue {
    value.tag == .string && !caseCounts ? try changeCase(value, .lower) : value
  }

  /// The same for an attribute, or several with commas between them.
  private mutating func sortKey(
    _ item: TemplateValue, _ path: TemplateValue, caseCounts: Bool, isMany: Bool
  ) throws(TemplateFault) -> TemplateValue {
    if path.tag == .none { return try sortKey(item, caseCounts: caseCounts) }
    guard isMany, path.tag == .string else {
      return try sortKey(try attributePath(item, path, .missing), caseCounts: caseCounts)
    }
    var commas = 0
    for index in 0..<path.count where path.bytes[index] == 44 { commas += 1 }
    let keys = try allocateValues(commas + 1)
    var start = 0
    for index in 0...commas {
      var stop = start
      while stop < path.count, path.bytes[stop] != 44 { stop += 1 }
      let part = TemplateValue.string(path.bytes + start, stop - start)
      keys[index] = try sortKey(try attributePath(item, part, .missing), caseCounts: caseCounts)
      start = stop + 1
    }
    return .array(keys, commas + 1, .list)
  }

  mutating func sort(
    _ value: TemplateValue, _ arguments: UnsafeMutablePointer<TemplateValue>, _ count: Int
  ) throws(TemplateFault) -> TemplateValue {
    let items = try list(value)
    let pairs = try allocateValues(2 * items.count)
    let caseCounts = truth(argument(arguments, count, 1, .bool(false)))
    let path = argument(arguments, count, 2, .none)
    for index in 0..<items.count {
      pairs[2 * index] = try sortKey(items.items[index], path, caseCounts: caseCounts, isMany: true)
      pairs[2 * index + 1] = items.items[index]
    }
    return try sorted(pairs, items.count, isReversed: truth(argument(arguments, count, 0, .bool(false))))
  }

  mutating func dictsort(
    _ value: TemplateValue, _ arguments: UnsafeMutablePointer<TemplateValue>, _ count: Int
  ) throws(TemplateFault) -> TemplateValue {
    guard value.tag == .dict else { throw wrongType(value, "dictsort") }
    let by = argument(arguments, count, 1, .string("key"))
    guard by.equals("key") || by.equals("value") else { throw fault(.badValue, "dictsort") }
    let caseCounts = truth(argument(arguments, count, 0, .bool(false)))
    let entries = try dictItems(value)
    let pairs = try allocateValues(2 * entries.count)
    for index in 0..<entries.count {
      let key = value.items[2 * index + (by.equals("key") ? 0 : 1)]
      pairs[2 * index] = try sortKey(key, caseCounts: caseCounts)
      pairs[2 * index + 1] = entries.items[index]
    }
    return try sorted(pairs, entries.count, isReversed: truth(argument(arguments, count, 2, .bool(false))))
  }

  /// Stable: pairs of key and value, merged from runs of doubling length. The values, as a list.
  private mutating func sorted(
    _ pairs: UnsafeMutablePointer<TemplateValue>, _ count: Int, isReversed: Bool
  ) throws(TemplateFault) -> TemplateValue {
    var from = pairs
    var to = try allocateValues(2 * count)
    var width = 1
    while width < count {
      var start = 0
      while start < count {
        let middle = min(start + width, count)
        let stop = min(start + 2 * width, count)
        var left = start
        var right = middle
        for place in start..<stop {
          var takesRight = left == middle
          if !takesRight, right < stop {
            let order = try order(from[2 * right], from[2 * left])
            takesRight = isReversed ? order == 1 : order == -1
          }
          let source = takesRight ? right : left
          to[2 * place] = from[2 * source]
          to[2 * place + 1] = from[2 * source + 1]
          if takesRight { right += 1 } else { left += 1 }
        }
        spend(stop - start)
        start = stop
      }
      swap(&from, &to)
      width *= 2
    }
    for index in 0..<count { to[index] = from[2 * index + 1] }
    return .array(to, count, .list)
  }

  mutating func unique(
    _ value: TemplateValue, _ arguments: UnsafeMutablePointer<TemplateValue>, _ count: Int
  ) throws(TemplateFault) -> TemplateValue {
    let items = try list(value)
    let keys = try allocateValues(items.count)
    let kept = try allocateValues(items.count)
    let caseCounts = truth(argument(arguments, count, 0, .bool(false)))
    let path = argument(arguments, count, 1, .none)
    var keptCount = 0
    for index in 0..<items.count {
      let key = try sortKey(items.items[index], path, caseCounts: caseCounts, isMany: false)
      guard isHashable(key) else { throw fault(.wrongType, "unique") }
      spend(keptCount >> 2)
      if let pending { throw pending }
      var isKnown = false
      for other in 0..<keptCount where try equal(keys[other], key) {
        isKnown = true
        break
      }
      if isKnown { continue }
      keys[keptCount] = key
      kept[keptCount] = items.items[index]
      keptCount += 1
    }
    return try generator(kept, keptCount)
  }

  mutating func extreme(
    _ value: TemplateValue, _ arguments: UnsafeMutablePointer<TemplateValue>, _ count: Int, wantsGreater: Bool
  ) throws(TemplateFault) -> TemplateValue {
    let items = try list(value)
    if items.count == 0 { return .undefined }
    let caseCounts = truth(argument(arguments, count, 0, .bool(false)))
    let path = argument(arguments, count, 1, .none)
    var best = 0
    var bestKey = try sortKey(items.items[0], path, caseCounts: caseCounts, isMany: false)
    for index in 1..<max(items.count, 1) {
      let key = try sortKey(items.items[index], path, caseCounts: caseCounts, isMany: false)
      if try order(key, bestKey) == (wantsGreater ? 1 : -1) { (best, bestKey) = (index, key) }
    }
    return items.items[best]
  }

  mutating func sum(
    _ value: TemplateValue, _ arguments: UnsafeMutablePointer<TemplateValue>, _ count: Int
  ) throws(TemplateFault) -> TemplateValue {
    let items = try list(value)
    let path = argument(arguments, count, 0, .none)
    var total = argument(arguments, count, 1, .int(0))
    if total.tag == .string { throw fault(.wrongType, "sum") }
    for index in 0..<items.count {
      total = try arithmetic(.add, total, try attributePath(items.items[index], path, .missing))
    }
    return total
  }

  mutating func reverse(_ value: TemplateValue) throws(TemplateFault) -> TemplateValue {
    if value.tag == .string { return try slice(value, .none, .none, .int(-1)) }
    let items = try list(value)
    let turned = try allocateValues(items.count)
    for index in 0..<items.count { turned[index] = items.items[items.count - 1 - index] }
    return value.tag == .generator ? .array(turned, items.count, .list) : try generator(turned, items.count)
  }

  /// `batch`: lists of so many items; `slice`: so many lists.
  mutating func portions(
    _ value: TemplateValue, _ arguments: UnsafeMutablePointer<TemplateValue>, _ count: Int, isBatch: Bool
  ) throws(TemplateFault) -> TemplateValue {
    let items = try list(value)
    let portion = try integerArgument(arguments, count, 0, 1)
    let fill = argument(arguments, count, 1, .none)
    guard portion > 0, portion <= 1 << 20 else { throw fault(.badValue, "batch") }
    let lists = isBatch ? (items.count + portion - 1) / portion : portion
    let out = try allocateValues(lists)
    var start = 0
    for index in 0..<lists {
      let share =
        isBatch ? min(portion, items.count - start) : items.count / portion + (index < items.count % portion ? 1 : 0)
      let isShort = isBatch ? share < portion : index >= items.count % portion && items.count % portion != 0
      let total = isShort && fill.tag != .none ? (isBatch ? portion : share + 1) : share
      let part = try allocateValues(total)
      for place in 0..<total { part[place] = place < share ? items.items[start + place] : fill }
      out[index] = .array(part, total, .list)
      start += share
    }
    return try generator(out, lists)
  }
}
