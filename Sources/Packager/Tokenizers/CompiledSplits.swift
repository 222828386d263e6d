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

  /// - Parameter regexes: of the normalizer; their stages come behind those of the splits.
  init(_ splits: [TokenizerSource.Split], regexes: [String] = []) throws(TokenizerCompileError) {
    var automata: [RegexNFA] = []
    var sets = Set<CodePointSet>()
    let splits = splits + regexes.map { TokenizerSource.Split(pattern: $0) }
    for split in splits {
      var tree: Regex
      do throws(RegexError) { tree = try RegexParser.parse(split.pattern) } catch { throw .regex(error) }
      if split.isPunctuation { tree = .set(UnicodeProperties.punctuation) }
      if split.spacesAreMeta { tree = tree.withSpacesAsMeta }
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
      case .mergedWithPrevious: TokenizerLayout.behaviourMergedWithPrevious
      case .mergedWithNext: TokenizerLayout.behaviourMergedWithNext
      case .contiguous: TokenizerLayout.behaviourContiguous
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

extension CompiledSplits {
  /// The splits that can cut: a regex for spaces matches nothing where spaces have become ▁.
  static func effective(_ splits: [TokenizerSource.Split]) throws(TokenizerCompileError) -> [TokenizerSource.Split] {
    var result: [TokenizerSource.Split] = []
    for split in splits {
      if split.spacesAreMeta, split.behaviour != .gapsRemoved {
        do throws(TokenizerCompileError) {
          _ = try CompiledSplits([split])
        } catch TokenizerCompileError.automaton(_, .neverMatches) { continue }
      }
      result.append(split)
    }
    return result
  }
}

extension Regex {
  /// For text with a space where the source has ▁ (U+2581), which therefore meets no space.
  var withSpacesAsMeta: Regex {
    func changed(_ set: CodePointSet) -> CodePointSet {
      let space = CodePointSet(0x20...0x20)
      return set.contains(0x2581) ? set.union(space) : set.intersection(space.complement)
    }
    switch self {
    case .set(let set): return .set(changed(set))
    case .concat(let items): return .concat(items.map(\.withSpacesAsMeta))
    case .alternate(let branches): return .alternate(branches.map(\.withSpacesAsMeta))
    case .repeated(let body, let least, let most, let greedy, let possessive):
      return .repeated(body.withSpacesAsMeta, least: least, most: most, greedy: greedy, possessive: possessive)
    case .lookahead(let set, let atEnd): return .lookahead(changed(set), atEnd: atEnd)
    }
  }
}
