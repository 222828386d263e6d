// SPDX-License-Identifier: Apache-2.0
// All steps of a pre-tokenizer as automata over one set of code point classes.

import ModelFiles
import Text

struct CompiledSplits {
  struct Stage {
    var firstTransition: UInt32
    var stateCount: UInt16
    var behaviour: UInt16
  }

  let classes: CodePointClasses
  let classTables: CodePointStages<UInt8>
  private(set) var stages: [Stage] = []
  private(set) var transitions: [UInt16] = []

  init(_ splits: [TokenizerSource.Split]) throws(TokenizerCompileError) {
    var automata: [RegexNFA] = []
    var sets = Set<CodePointSet>()
    for split in splits {
      let tree: Regex
      do throws(RegexError) { tree = try RegexParser.parse(split.pattern) } catch { throw .regex(error) }
      let nfa = try Self.naming(split.pattern) { () throws(AutomatonError) in try RegexNFA(tree) }
      automata.append(nfa)
      sets.formUnion(SplitAutomaton.sets(of: nfa))
    }
    let all = splits.map(\.pattern).joined(separator: " then ")
    let classes = try Self.naming(all) { () throws(AutomatonError) in try CodePointClasses(telling: sets) }
    self.classes = classes
    classTables = try Self.naming(all) { () throws(AutomatonError) in try classes.stages() }
    for (split, nfa) in zip(splits, automata) {
      let automaton = try Self.naming(split.pattern) { () throws(AutomatonError) in
        try SplitAutomaton(nfa, classes: classes)
      }
      append(automaton, split.behaviour)
    }
  }

  private static func naming<Result>(
    _ pattern: String, _ body: () throws(AutomatonError) -> Result
  ) throws(TokenizerCompileError) -> Result {
    do throws(AutomatonError) { return try body() } catch { throw .automaton(pattern: pattern, error) }
  }

  private mutating func append(_ automaton: SplitAutomaton, _ behaviour: TokenizerSource.Split.Behaviour) {
    let code =
      switch behaviour {
      case .isolated: TokenizerLayout.behaviourIsolated
      case .matchesRemoved: TokenizerLayout.behaviourMatchesRemoved
      case .gapsRemoved: TokenizerLayout.behaviourGapsRemoved
      }
    stages.append(
      Stage(
        firstTransition: UInt32(transitions.count), stateCount: UInt16(automaton.states.count), behaviour: code))
    for state in automaton.states {
      for target in state.targets {
        let reached = automaton.states[target]
        var transition = UInt16(target)
        if target != 0 {
          transition |= UInt16(reached.accept.rawValue) << TokenizerLayout.transitionAcceptShift
          transition |= UInt16(reached.acceptAtEnd.rawValue) << TokenizerLayout.transitionEndShift
        }
        transitions.append(transition)
      }
    }
  }
}
