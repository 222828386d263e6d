// SPDX-License-Identifier: Apache-2.0
// A regex tree as a nondeterministic automaton whose branches are ordered: the first listed is preferred, as in Perl.

/// Why a regex has no automaton here. `RegexError` is about its spelling, this about its meaning.
public enum AutomatonError: Error, Equatable {
  /// A lookahead with something after it: only one code point behind the end of a match can be looked at.
  case lookaheadInside
  /// A possessive quantifier that would behave differently from the greedy one.
  case possessiveMatters
  case matchesEmpty
  case neverMatches
  /// Over `RegexNFA.nodesMax` nodes, `SplitAutomaton.statesMax` states, 255 classes, or the work for them.
  case tooLarge
}

struct RegexNFA {
  static let nodesMax = 8192

  enum Node {
    /// Consumes one code point of a set.
    case set(CodePointSet, next: Int)
    /// Branches, best first.
    case split([Int])
    /// Matches here if the next code point is in the set, or there is none and `atEnd`.
    case look(CodePointSet, atEnd: Bool)
    case match
  }

  private(set) var nodes: [Node] = [.match]
  private(set) var start = 0

  init(_ tree: Regex) throws(AutomatonError) {
    start = try build(tree, next: 0)
  }

  private mutating func add(_ node: Node) throws(AutomatonError) -> Int {
    if nodes.count >= Self.nodesMax { throw .tooLarge }
    nodes.append(node)
    return nodes.count - 1
  }

  private mutating func build(_ tree: Regex, next: Int) throws(AutomatonError) -> Int {
    switch tree {
    case .set(let set): return try add(.set(set, next: next))
    case .concat(let items):
      var target = next
      for item in items.reversed() { target = try build(item, next: target) }
      return target
    case .alternate(let branches):
      var targets: [Int] = []
      for branch in branches { targets.append(try build(branch, next: next)) }
      return try add(.split(targets))
    case .lookahead(let set, let atEnd):
      guard case .match = nodes[next] else { throw .lookaheadInside }
      return try add(.look(set, atEnd: atEnd))
    case .repeated(let body, let least, let most, let greedy, let possessive):
      if possessive { try provePossessive(body, next: next) }
      return try repeated(body, least: least, most: most, greedy: greedy, next: next)
    }
  }

  private mutating func repeated(
    _ body: Regex, least: Int, most: Int?, greedy: Bool, next: Int
  ) throws(AutomatonError) -> Int {
    func branches(_ inner: Int) -> [Int] { greedy ? [inner, next] : [next, inner] }
    var target = next
    if let most {
      for _ in least..<max(most, least) {
        let inner = try build(body, next: target)
        target = try add(.split(branches(inner)))
      }
    } else {
      let loop = try add(.split([]))
      nodes[loop] = .split(branches(try build(body, next: loop)))
      target = loop
    }
    for _ in 0..<least { target = try build(body, next: target) }
    return target
  }

  /// Giving back what a possessive `C*+` took can only succeed where what follows may begin with a `C`.
  private func provePossessive(_ body: Regex, next: Int) throws(AutomatonError) {
    guard case .set(let set) = body else { throw .possessiveMatters }
    for node in closure([next]) {
      switch nodes[node] {
      case .set(let other, _), .look(let other, _):
        if !set.intersection(other).isEmpty { throw .possessiveMatters }
      default: break
      }
    }
  }

  /// The nodes reached without consuming, in order of preference, splits left out.
  func closure(_ seeds: [Int]) -> [Int] {
    var seen = Set<Int>()
    var result: [Int] = []
    var stack = Array(seeds.reversed())
    while let node = stack.popLast() {
      guard seen.insert(node).inserted else { continue }
      if case .split(let targets) = nodes[node] {
        stack += targets.reversed()
      } else {
        result.append(node)
      }
    }
    return result
  }
}
