// SPDX-License-Identifier: Apache-2.0
// Filters over sequences: order, uniqueness, sums, portions.

extension TemplateMachine {
  mutating func join(_ value: TemplateValue) -> TemplateValue {
    let separator = string(argument(0, .emptyString))
    let path = argument(1)
    let items = list(value)
    if path.tag == .none { return joined(items, with: separator) }
    guard let found = allocateValues(items.count) else { return value }
    for index in 0..<items.count { found[index] = attributePath(items.items[index], path, .missing) }
    return joined(.array(found, items.count, .list), with: separator)
  }

  @inline(never)
  mutating func joined(_ items: TemplateValue, with separator: TemplateValue) -> TemplateValue {
    let start = begin()
    for index in 0..<items.count {
      if index > 0 { write(separator) }
      write(items.items[index])
    }
    spend(items.count)
    return end(start)
  }

  /// What an item is compared by: what it has at `path`, or the item itself where that is none; strings in lower case,
  /// unless case counts.
  @inline(never)
  private mutating func sortKey(_ item: TemplateValue, _ path: TemplateValue, caseCounts: Bool) -> TemplateValue {
    let key = attributePath(item, path, .missing)
    return key.tag == .string && !caseCounts ? changeCase(key, .lower) : key
  }

  /// The same for several paths with commas between them: a list.
  private mutating func sortKeys(_ item: TemplateValue, _ paths: TemplateValue, caseCounts: Bool) -> TemplateValue {
    // A path's key may lie on the heap, so the room for all comes first.
    var commas = 0
    for c in paths.text where c == 44 { commas &+= 1 }
    guard let keys = allocateValues(commas &+ 1) else { return item }
    var rest = paths
    for index in 0...commas {
      let stop = rest.endOfPart(44)
      keys[index] = sortKey(item, rest.prefix(stop), caseCounts: caseCounts)
      rest = rest.suffix(from: stop &+ 1)
    }
    return .array(keys, commas &+ 1, .list)
  }

  mutating func sort(_ value: TemplateValue) -> TemplateValue {
    sorted(list(value), by: argument(2), caseCounts: flag(1), isReversed: flag(0))
  }

  mutating func dictsort(_ value: TemplateValue) -> TemplateValue {
    guard value.tag == .dict else { return wrongType(value, "dictsort") }
    let by = argument(1, .string("key")).place(in: "key value")
    if by < 0 { return fail(.badValue, "dictsort") }
    return sorted(dictItems(value), by: .int(by), caseCounts: flag(0), isReversed: flag(2))
  }

  @inline(never)
  private mutating func sorted(
    _ items: TemplateValue, by path: TemplateValue, caseCounts: Bool, isReversed: Bool
  ) -> TemplateValue {
    guard let pairs = allocateValues(2 &* items.count) else { return items }
    for index in 0..<items.count {
      let item = items.items[index]
      if isStopped { break }
      pairs[2 &* index] =
        path.tag == .string
        ? sortKeys(item, path, caseCounts: caseCounts) : sortKey(item, path, caseCounts: caseCounts)
      pairs[2 &* index &+ 1] = item
    }
    return merged(pairs, items.count, isReversed: isReversed)
  }

  /// Stable: pairs of key and value, merged from runs of doubling length. The values, as a list.
  private mutating func merged(
    _ pairs: UnsafeMutablePointer<TemplateValue>, _ count: Int, isReversed: Bool
  ) -> TemplateValue {
    guard var to = allocateValues(2 &* count) else { return TemplateValue(.array) }
    var from = pairs
    // A count is below 2³², so nothing wraps.
    var width = 1
    while width < count, !isStopped {
      var start = 0
      while start < count {
        let middle = min(start &+ width, count)
        let stop = min(middle &+ width, count)
        var left = start
        var right = middle
        for place in start..<stop {
          var takesRight = left == middle
          if !takesRight, right < stop {
            takesRight = order(from[2 &* right], from[2 &* left]) == (isReversed ? 1 : -1)
          }
          copyValues(from + 2 &* (takesRight ? right : left), to: to + 2 &* place, 2)
          if takesRight { right &+= 1 } else { left &+= 1 }
        }
        spend(stop &- start)
        start = stop
      }
      swap(&from, &to)
      width &*= 2
    }
    for index in 0..<count { to[index] = from[2 &* index &+ 1] }
    return .array(to, count, .list)
  }

  mutating func unique(_ value: TemplateValue) -> TemplateValue {
    let items = list(value)
    var keys = newDict(capacity: items.count)
    let caseCounts = flag(0)
    let path = argument(1)
    for index in 0..<items.count {
      let item = items.items[index]
      let key = sortKey(item, path, caseCounts: caseCounts)
      if isStopped { break }
      guard isHashable(key) else { return fail(.wrongType, "unique") }
      if find(keys, key) < 0 { insert(&keys, key, item) }
    }
    return generator(dictPart(keys, 1, .list))
  }

  mutating func extreme(_ value: TemplateValue, wantsGreater: Bool) -> TemplateValue {
    let items = list(value)
    let caseCounts = flag(0)
    let path = argument(1)
    var best = TemplateValue.undefined
    var bestKey = TemplateValue.undefined
    for index in 0..<items.count {
      if isStopped { break }
      let key = sortKey(items.items[index], path, caseCounts: caseCounts)
      if index == 0 || order(key, bestKey) == (wantsGreater ? 1 : -1) { (best, bestKey) = (items.items[index], key) }
    }
    return best
  }

  mutating func sum(_ value: TemplateValue) -> TemplateValue {
    let items = list(value)
    let path = argument(0)
    var total = argument(1, .int(0))
    if total.tag == .string { return fail(.wrongType, "sum") }
    for index in 0..<items.count {
      if isStopped { break }
      total = arithmetic(.add, total, attributePath(items.items[index], path, .missing))
    }
    return total
  }

  mutating func reverse(_ value: TemplateValue) -> TemplateValue {
    if value.tag == .string { return slice(value, .none, .none, .int(-1)) }
    let turned = slice(list(value), .none, .none, .int(-1))
    return value.tag == .generator ? turned : generator(turned)
  }

  /// `batch`: lists of so many items; `slice`: so many lists.
  mutating func portions(_ value: TemplateValue, isBatch: Bool) -> TemplateValue {
    let items = list(value)
    let portion = integerArgument(0, 1)
    let fill = argument(1)
    guard portion > 0, portion <= 1 << 20 else { return fail(.badValue, "batch") }
    // Nothing wraps: a count is below 2³², a portion below 2²¹.
    let left = items.count % portion
    let even = items.count / portion
    let lists = isBatch ? even &+ (left > 0 ? 1 : 0) : portion
    guard let out = allocateValues(lists) else { return value }
    var start = 0
    for index in 0..<lists {
      let share = isBatch ? min(portion, items.count &- start) : even &+ (index < left ? 1 : 0)
      // The lists that are shorter than others, filled up to those.
      let isShort = isBatch ? share < portion : index >= left && left > 0
      let total = isShort && fill.tag != .none ? (isBatch ? portion : share &+ 1) : share
      guard let part = allocateValues(total) else { break }
      copyValues(items.items + start, to: part, share)
      (part + share).initialize(repeating: fill, count: total &- share)
      out[index] = .array(part, total, .list)
      start &+= share
    }
    return generator(.array(out, lists, .list))
  }
}
