// SPDX-License-Identifier: Apache-2.0
// Reads the regexes of pre-tokenizers (Oniguruma's syntax, as tokenizer.json spells them) into a small tree.
// What the automaton cannot hold exactly is refused with its name and place, never approximated.

/// A regex over code points. Order of alternatives and greed are kept: they are priorities, as in Perl.
indirect enum Regex: Equatable {
  case set(CodePointSet)
  case concat([Regex])
  case alternate([Regex])
  case repeated(Regex, least: Int, most: Int?, greedy: Bool, possessive: Bool)
  /// The next code point is in the set, or there is none and `atEnd` holds. Consumes nothing.
  case lookahead(CodePointSet, atEnd: Bool)
}

public struct RegexError: Error, Equatable, CustomStringConvertible {
  public let pattern: String
  /// Code points before the place.
  public let offset: Int
  public let problem: String

  public var description: String { "\(problem) at character \(offset) of the regex \(pattern)" }
}

struct RegexParser {
  /// Copies of one element that `{n,m}` may make, and how deep groups may nest.
  static let repeatMax = 1024
  static let depthMax = 64

  private let pattern: String
  private let scalars: [UInt32]
  private var position = 0
  private var depth = 0

  static func parse(_ pattern: String) throws(RegexError) -> Regex {
    var parser = RegexParser(pattern)
    let result = try parser.alternation(ignoringCase: false)
    if parser.position < parser.scalars.count { throw parser.failure("a `)` without `(`") }
    return result
  }

  private init(_ pattern: String) {
    self.pattern = pattern
    scalars = pattern.unicodeScalars.map(\.value)
  }

  private func failure(_ problem: String) -> RegexError {
    RegexError(pattern: pattern, offset: position, problem: problem)
  }

  private var next: UInt32? { position < scalars.count ? scalars[position] : nil }

  private func looking(at text: String) -> Bool {
    scalars[position...].starts(with: text.unicodeScalars.map(\.value))
  }

  private mutating func take(_ text: String) -> Bool {
    guard looking(at: text) else { return false }
    position += text.unicodeScalars.count
    return true
  }

  private mutating func alternation(ignoringCase: Bool) throws(RegexError) -> Regex {
    depth += 1
    defer { depth -= 1 }
    if depth > Self.depthMax { throw failure("groups nested deeper than \(Self.depthMax)") }
    var branches: [Regex] = []
    repeat {
      var items: [Regex] = []
      while let character = next, character != 0x7C, character != 0x29 {  // | )
        items.append(try quantified(ignoringCase: ignoringCase))
      }
      branches.append(items.count == 1 ? items[0] : .concat(items))
    } while take("|")
    return branches.count == 1 ? branches[0] : .alternate(branches)
  }

  private mutating func quantified(ignoringCase: Bool) throws(RegexError) -> Regex {
    let atom = try atom(ignoringCase: ignoringCase)
    guard let bounds = try bounds() else { return atom }
    if case .lookahead = atom { throw failure("a quantifier after a lookahead") }
    let lazy = take("?")
    let possessive = !lazy && bounds.mayBePossessive && take("+")
    if let character = next, [0x2A, 0x2B, 0x3F].contains(character) || (character == 0x7B && braces() != nil) {
      throw failure("a quantifier after a quantifier")
    }
    return .repeated(atom, least: bounds.least, most: bounds.most, greedy: !lazy, possessive: possessive)
  }

  private mutating func bounds() throws(RegexError) -> (least: Int, most: Int?, mayBePossessive: Bool)? {
    if take("*") { return (0, nil, true) }
    if take("+") { return (1, nil, true) }
    if take("?") { return (0, 1, true) }
    guard next == 0x7B, let found = braces() else { return nil }
    if found.least > Self.repeatMax || (found.most ?? 0) > Self.repeatMax {
      throw failure("a repeat count over \(Self.repeatMax)")
    }
    if let most = found.most, most < found.least { throw failure("a repeat whose bounds are in the wrong order") }
    position = found.end
    return (found.least, found.most, false)
  }

  /// `{n}`, `{n,}`, `{,m}` or `{n,m}` at the position; nil where the brace is a plain character.
  private func braces() -> (least: Int, most: Int?, end: Int)? {
    var index = position + 1
    func number() -> Int? {
      var value: Int?
      while index < scalars.count, scalars[index] >= 0x30, scalars[index] <= 0x39 {
        value = min((value ?? 0) * 10 + Int(scalars[index] - 0x30), 1_000_000)
        index += 1
      }
      return value
    }
    let least = number()
    var most = least
    if index < scalars.count, scalars[index] == 0x2C {
      index += 1
      most = number()
      if least == nil, most == nil { return nil }
    }
    guard index < scalars.count, scalars[index] == 0x7D, least != nil || most != nil else { return nil }
    return (least ?? 0, most, index + 1)
  }

  private mutating func atom(ignoringCase: Bool) throws(RegexError) -> Regex {
    guard let character = next else { throw failure("an end where an element should be") }
    switch character {
    case 0x28: return try group(ignoringCase: ignoringCase)
    case 0x5B:
      position += 1
      return .set(try bracket(ignoringCase: ignoringCase))
    case 0x2E:  // . is anything but a line feed
      position += 1
      return .set(CodePointSet(0x0A...0x0A).complement)
    case 0x24:  // $ is the end of a line in Oniguruma
      position += 1
      return .lookahead(CodePointSet(0x0A...0x0A), atEnd: true)
    case 0x5E: throw failure("`^`, which is not supported")
    case 0x2A, 0x2B, 0x3F: throw failure("a quantifier with nothing before it")
    case 0x5C:
      if take("\\z") { return .lookahead(CodePointSet(), atEnd: true) }
      let set = try escape()
      return .set(ignoringCase ? set.caseClosed : set)
    default:
      position += 1
      let set = CodePointSet(character...character)
      return .set(ignoringCase ? set.caseClosed : set)
    }
  }

  private mutating func group(ignoringCase: Bool) throws(RegexError) -> Regex {
    let start = position
    func closed(_ parser: inout RegexParser) throws(RegexError) {
      guard parser.take(")") else { throw parser.failure("a group that does not end") }
    }
    for (opening, negated) in [("(?!", true), ("(?=", false)] where take(opening) {
      let content = try alternation(ignoringCase: ignoringCase)
      try closed(&self)
      guard let set = Self.oneCodePoint(content) else {
        position = start
        throw failure("a lookahead at more than one character")
      }
      return .lookahead(negated ? set.complement : set, atEnd: negated)
    }
    var ignoringCase = ignoringCase
    if take("(?i:") {
      ignoringCase = true
    } else if take("(?-i:") {
      ignoringCase = false
    } else if take("(?:") {
    } else if looking(at: "(?i)") || looking(at: "(?-i)") {
      // Oniguruma: the option holds up to the end of the group, alternatives included.
      ignoringCase = take("(?i)")
      if !ignoringCase { _ = take("(?-i)") }
      return try alternation(ignoringCase: ignoringCase)
    } else if looking(at: "(?") {
      throw failure("a kind of group that is not supported (lookbehind, atomic, named, option)")
    } else {
      position += 1
    }
    let content = try alternation(ignoringCase: ignoringCase)
    try closed(&self)
    return content
  }

  /// The set, where the tree is exactly one code point wide.
  private static func oneCodePoint(_ tree: Regex) -> CodePointSet? {
    switch tree {
    case .set(let set): return set
    case .alternate(let branches):
      var all = CodePointSet()
      for branch in branches {
        guard let set = oneCodePoint(branch) else { return nil }
        all = all.union(set)
      }
      return all
    default: return nil
    }
  }

  /// After `[`, up to and with `]`.
  private mutating func bracket(ignoringCase: Bool) throws(RegexError) -> CodePointSet {
    depth += 1
    defer { depth -= 1 }
    if depth > Self.depthMax { throw failure("brackets nested deeper than \(Self.depthMax)") }
    let negated = take("^")
    var set = CodePointSet()
    var isFirst = true
    while true {
      guard let character = next else { throw failure("a bracket that does not end") }
      if character == 0x5D, !isFirst { break }
      isFirst = false
      if looking(at: "&&") { throw failure("`&&` in a bracket, which is not supported") }
      if looking(at: "[:") { throw failure("a POSIX bracket, which is not supported") }
      if take("[") {
        set = set.union(try bracket(ignoringCase: ignoringCase))
        continue
      }
      let low = try member()
      if next == 0x2D, position + 1 < scalars.count, scalars[position + 1] != 0x5D {
        guard let from = single(low) else {
          // `\s-x`: the hyphen is itself.
          set = set.union(low)
          continue
        }
        position += 1
        guard let to = single(try member()), to >= from else { throw failure("a range that does not ascend") }
        set = set.union(CodePointSet(from...to))
      } else {
        set = set.union(low)
      }
    }
    position += 1
    if ignoringCase { set = set.caseClosed }
    return negated ? set.complement : set
  }

  private mutating func member() throws(RegexError) -> CodePointSet {
    guard let character = next else { throw failure("a bracket that does not end") }
    if character == 0x5C { return try escape() }
    position += 1
    return CodePointSet(character...character)
  }

  private func single(_ set: CodePointSet) -> UInt32? {
    guard set.ranges.count == 1, set.ranges[0].count == 1 else { return nil }
    return set.ranges[0].lowerBound
  }

  private mutating func escape() throws(RegexError) -> CodePointSet {
    position += 1
    guard let character = next else { throw failure("a backslash at the end") }
    position += 1
    func just(_ value: UInt32) -> CodePointSet { CodePointSet(value...value) }
    switch UnicodeScalar(character).map(Character.init) {
    case "n": return just(0x0A)
    case "r": return just(0x0D)
    case "t": return just(0x09)
    case "f": return just(0x0C)
    case "v": return just(0x0B)
    case "a": return just(0x07)
    case "e": return just(0x1B)
    case "s": return UnicodeProperties.whiteSpace
    case "S": return UnicodeProperties.whiteSpace.complement
    case "d": return UnicodeProperties.property("Nd")!
    case "D": return UnicodeProperties.property("Nd")!.complement
    case "w": return UnicodeProperties.word
    case "W": return UnicodeProperties.word.complement
    case "p": return try property(negated: false)
    case "P": return try property(negated: true)
    case "x": return just(try hexadecimal(braced: true, digitsMax: 2))
    case "u": return just(try hexadecimal(braced: false, digitsMax: 4))
    case .some(let letter) where letter.isASCII && (letter.isLetter || letter.isNumber):
      position -= 1
      throw failure("`\\\(letter)`, which is not supported")
    default: return just(character)
    }
  }

  private mutating func property(negated: Bool) throws(RegexError) -> CodePointSet {
    guard take("{") else { throw failure("a property without `{`") }
    let inverted = take("^")
    var name = ""
    while let character = next, character != 0x7D, name.count < 64 {
      name.unicodeScalars.append(UnicodeScalar(character) ?? "?")
      position += 1
    }
    guard take("}") else { throw failure("a property without `}`") }
    guard let set = UnicodeProperties.property(name) else { throw failure("the unknown property `\(name)`") }
    return negated != inverted ? set.complement : set
  }

  private mutating func hexadecimal(braced: Bool, digitsMax: Int) throws(RegexError) -> UInt32 {
    let inBraces = braced && take("{")
    var value: UInt32 = 0
    var count = 0
    while let character = next, count < (inBraces ? 8 : digitsMax), let scalar = UnicodeScalar(character),
      let digit = Character(scalar).hexDigitValue
    {
      value = value << 4 | UInt32(digit)
      count += 1
      position += 1
    }
    if inBraces, !take("}") { throw failure("a code point without `}`") }
    guard count > 0, value <= CodePointSet.last else { throw failure("a code point that does not exist") }
    return value
  }
}
