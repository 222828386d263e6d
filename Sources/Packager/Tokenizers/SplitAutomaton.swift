// SPDX-License-Identifier: Apache-2.0
// A deterministic automaton over code point classes that finds the match a backtracking engine would find: its states
// are ordered lists of NFA nodes, cut behind the first one that has matched. Minimal, and numbered in one way.

struct SplitAutomaton {
  static let statesMax = 4096
  private static let workMax = 4_000_000

  /// Where a match ends when a state is reached: nowhere, behind the code point just read, or before it.
  enum Accept: UInt8 { case none, here, before }

  struct State: Equatable {
    var targets: [Int]
    var accept: Accept
    /// The same, where no code point follows.
    var acceptAtEnd: Accept
  }

  /// State 0 is dead, state 1 the start.
  private(set) var states: [State] = []

  init(_ nfa: RegexNFA, classes: CodePointClasses) throws(AutomatonError) {
    var builder = Builder(nfa: nfa, classes: classes)
    try builder.run()
    states = Self.minimised(builder.states)
    if states.count < 2 { throw .neverMatches }
  }

  /// An ordered list of NFA nodes; `matchedHere` or `matchedBefore` can only be last.
  private struct Builder {
    static let matchedHere = -1
    static let matchedBefore = -2

    let nfa: RegexNFA
    let classes: CodePointClasses
    var states: [State] = []
    private var indexes: [[Int]: Int] = [:]
    private var lists: [[Int]] = []
    /// Which classes a consuming or looking node takes.
    private var taken: [[Bool]] = []

    init(nfa: RegexNFA, classes: CodePointClasses) {
      self.nfa = nfa
      self.classes = classes
      taken = nfa.nodes.map { node in
        switch node {
        case .set(let set, _), .look(let set, _): classes.representatives.map(set.contains)
        default: []
        }
      }
    }

    mutating func run() throws(AutomatonError) {
      var work = 0
      _ = try index(of: [])
      let start = list(nfa.closure([nfa.start]))
      if start.contains(Self.matchedHere) { throw .matchesEmpty }
      _ = try index(of: start)
      var state = 0
      while state < lists.count {
        for classIndex in 0..<classes.count {
          work += lists[state].count + 1
          if work > SplitAutomaton.workMax { throw .tooLarge }
          let target = try index(of: step(lists[state], classIndex))
          states[state].targets.append(target)
        }
        state += 1
      }
    }

    private func list(_ nodes: [Int]) -> [Int] {
      var result: [Int] = []
      for node in nodes {
        if case .match = nfa.nodes[node] { return result + [Self.matchedHere] }
        result.append(node)
      }
      return result
    }

    private func step(_ list: [Int], _ classIndex: Int) -> [Int] {
      var seen = Set<Int>()
      var result: [Int] = []
      for node in list where node >= 0 && taken[node][classIndex] {
        switch nfa.nodes[node] {
        case .look: return result + [Self.matchedBefore]
        case .set(_, let next):
          for reached in nfa.closure([next]) where seen.insert(reached).inserted {
            if case .match = nfa.nodes[reached] { return result + [Self.matchedHere] }
            result.append(reached)
          }
        default: break
        }
      }
      return result
    }

    private mutating func index(of list: [Int]) throws(AutomatonError) -> Int {
      if let known = indexes[list] { return known }
      if lists.count >= SplitAutomaton.statesMax { throw .tooLarge }
      let accept: Accept =
        switch list.last {
        case Self.matchedHere: .here
        case Self.matchedBefore: .before
        default: .none
        }
      let looksAtEnd = list.contains { node in
        if node >= 0, case .look(_, atEnd: true) = nfa.nodes[node] { true } else { false }
      }
      indexes[list] = lists.count
      lists.append(list)
      states.append(State(targets: [], accept: accept, acceptAtEnd: looksAtEnd ? .here : accept))
      return lists.count - 1
    }
  }

  /// Moore's partition refinement, then numbers in order of first reach from the start.
  private static func minimised(_ states: [State]) -> [State] {
    var groups = [Int](repeating: 0, count: states.count)
    var count = 0
    func regroup(_ key: (Int) -> [Int]) -> Bool {
      var seen: [[Int]: Int] = [:]
      var next = groups
      for state in states.indices {
        let signature = key(state)
        let group = seen[signature] ?? seen.count
        seen[signature] = group
        next[state] = group
      }
      let changed = seen.count != count
      count = seen.count
      groups = next
      return changed
    }
    _ = regroup { [Int(states[$0].accept.rawValue), Int(states[$0].acceptAtEnd.rawValue)] }
    while regroup({ state in [groups[state]] + states[state].targets.map { groups[$0] } }) {}

    // The dead state first (it may be the start's own group), then breadth first.
    var numbers: [Int: Int] = [groups[0]: 0]
    var order = [0]
    if numbers[groups[1]] == nil {
      numbers[groups[1]] = 1
      order.append(1)
    }
    var position = 0
    while position < order.count {
      for target in states[order[position]].targets where numbers[groups[target]] == nil {
        numbers[groups[target]] = order.count
        order.append(target)
      }
      position += 1
    }
    return order.map { state in
      var copy = states[state]
      copy.targets = copy.targets.map { numbers[groups[$0]]! }
      return copy
    }
  }

  /// All sets that a regex's automaton asks about.
  static func sets(of nfa: RegexNFA) -> Set<CodePointSet> {
    var result = Set<CodePointSet>()
    for node in nfa.nodes {
      switch node {
      case .set(let set, _), .look(let set, _): result.insert(set)
      default: break
      }
    }
    return result
  }
}
