// SPDX-License-Identifier: Apache-2.0
// Which slot a name means: Jinja's scoping, decided ahead of running. Spec: specs/template.md §7.

/// A slot of a function's frame.
struct TemplateVariable: Equatable {
  var function: Int
  var slot: Int
}

/// Names of one region (template, macro, loop body, …) that has its own. What a name means is found before anything is
/// emitted: a name that the region sets anywhere is the region's own everywhere in it.
final class TemplateScope {
  /// How a slot gets its value when the region is entered.
  enum Load {
    case parameter
    /// From the caller's variables, or a global.
    case resolve(String)
    case alias(TemplateVariable)
    case missing
  }

  struct Names {
    var slots: [String: Int] = [:]
    var loads: [Int: Load] = [:]
    var stores: Set<String> = []
  }

  let parent: TemplateScope?
  let function: TemplateFunctionBuilder
  var names = Names()
  /// The same name gets the same slot in all branches.
  private var known: [String: Int] = [:]

  init(parent: TemplateScope?, function: TemplateFunctionBuilder) {
    self.parent = parent
    self.function = function
  }

  func find(_ name: String) -> TemplateVariable? {
    if let slot = names.slots[name] { return TemplateVariable(function: function.index, slot: slot) }
    return parent?.find(name)
  }

  @discardableResult
  private func define(_ name: String, _ load: Load) -> Int {
    let slot = known[name] ?? function.newSlot()
    known[name] = slot
    names.slots[name] = slot
    names.loads[slot] = load
    return slot
  }

  @discardableResult
  func declareParameter(_ name: String) -> Int {
    names.stores.insert(name)
    return define(name, .parameter)
  }

  func load(_ name: String) {
    if find(name) == nil { define(name, .resolve(name)) }
  }

  func store(_ name: String) {
    names.stores.insert(name)
    if names.slots[name] != nil { return }
    if let outer = parent?.find(name) {
      define(name, .alias(outer))
    } else {
      define(name, .missing)
    }
  }

  /// Puts the names of an `if`'s branches together. What only some of them set keeps its outer value in the others.
  private func merge(_ branches: [Names]) {
    var counts: [String: Int] = [:]
    for branch in branches {
      for name in branch.stores where !names.stores.contains(name) { counts[name, default: 0] += 1 }
    }
    for branch in branches {
      names.slots.merge(branch.slots) { $1 }
      names.loads.merge(branch.loads) { $1 }
      names.stores.formUnion(branch.stores)
    }
    for (name, count) in counts where count < branches.count {
      guard let slot = names.slots[name] else { continue }
      if let outer = parent?.find(name) {
        names.loads[slot] = .alias(outer)
      } else {
        names.loads[slot] = .resolve(name)
      }
    }
  }

  // MARK: Looking at a region's code

  func visit(_ statements: [TemplateStatement]) {
    for statement in statements { visit(statement) }
  }

  private func visit(_ statement: TemplateStatement) {
    switch statement.kind {
    case .data, .scope, .breakLoop, .continueLoop: break
    case .print(let value): visit(value)
    case .branch(let cases, let otherwise): visit(cases: cases, otherwise: otherwise)
    case .loop(let loop): visit(loop.iterable)
    case .set(let target, let value):
      visit(value)
      visit(target: target)
    case .setBlock(let target, _, _): visit(target: target)
    case .macro(let macro): store(macro.name)
    case .callBlock(_, let call): visit(call)
    case .filterBlock(let filter, _): visit(filter)
    case .with(let pairs, _): for pair in pairs { visit(pair.value) }
    }
  }

  private func visit(
    cases: [(test: TemplateExpression, body: [TemplateStatement])], otherwise: [TemplateStatement]
  ) {
    visit(cases[0].test)
    let before = names
    func branch(_ look: () -> Void) -> Names {
      names = before
      look()
      defer { names = before }
      return names
    }
    // All `elif`s together are one branch, as if they ran one after the other.
    let branches = [
      branch { visit(cases[0].body) },
      branch { for i in 1..<cases.count { visit(cases: [cases[i]], otherwise: []) } },
      branch { visit(otherwise) },
    ]
    merge(branches)
  }

  func visit(target: TemplateExpression, asParameter: Bool = false) {
    switch target.kind {
    case .name(let name):
      if asParameter { declareParameter(name) } else { store(name) }
    case .namespaceAttribute(let name, _): load(name)
    case .tuple(let items): for item in items { visit(target: item, asParameter: asParameter) }
    default: break
    }
  }

  func visit(_ expression: TemplateExpression) {
    expression.forEachName { name, _ in load(name) }
  }
}

extension TemplateExpression {
  /// Every name that is read here.
  func forEachName(_ visit: (String, Int) -> Void) {
    switch kind {
    case .constant: break
    case .name(let name): visit(name, offset)
    case .namespaceAttribute(let name, _): visit(name, offset)
    case .list(let items), .tuple(let items), .concat(let items): for item in items { item.forEachName(visit) }
    case .dict(let pairs):
      for pair in pairs {
        pair.key.forEachName(visit)
        pair.value.forEachName(visit)
      }
    case .unary(_, let value), .attribute(let value, _): value.forEachName(visit)
    case .binary(_, let left, let right), .and(let left, let right), .or(let left, let right),
      .item(let left, let right):
      left.forEachName(visit)
      right.forEachName(visit)
    case .compare(let first, let rest):
      first.forEachName(visit)
      for part in rest { part.value.forEachName(visit) }
    case .conditional(let test, let then, let otherwise):
      test.forEachName(visit)
      then.forEachName(visit)
      otherwise?.forEachName(visit)
    case .slice(let value, let start, let stop, let step):
      value.forEachName(visit)
      start?.forEachName(visit)
      stop?.forEachName(visit)
      step?.forEachName(visit)
    case .call(let value, let arguments):
      value.forEachName(visit)
      arguments.forEachName(visit)
    case .filter(let value, _, let arguments):
      value?.forEachName(visit)
      arguments.forEachName(visit)
    case .test(let value, _, let arguments):
      value.forEachName(visit)
      arguments.forEachName(visit)
    }
  }
}

extension TemplateArguments {
  func forEachName(_ visit: (String, Int) -> Void) {
    for value in positional { value.forEachName(visit) }
    for keyword in keywords { keyword.value.forEachName(visit) }
    for value in spread + namedSpread { value.forEachName(visit) }
  }
}

extension [TemplateStatement] {
  /// Whether `name` is read anywhere inside, nested regions included.
  func reads(_ name: String) -> Bool { contains { $0.reads(name) } }

  /// Whether `name` is set anywhere inside, nested regions included.
  func sets(_ name: String) -> Bool { contains { $0.sets(name) } }
}

extension TemplateExpression {
  func reads(_ name: String) -> Bool {
    var found = false
    forEachName { other, _ in found = found || other == name }
    return found
  }

  fileprivate func sets(_ name: String) -> Bool {
    switch kind {
    case .name(let target): target == name
    case .tuple(let items): items.contains { $0.sets(name) }
    default: false
    }
  }
}

extension TemplateStatement {
  fileprivate func reads(_ name: String) -> Bool {
    switch kind {
    case .data, .breakLoop, .continueLoop: false
    case .print(let value): value.reads(name)
    case .branch(let cases, let otherwise):
      cases.contains { $0.test.reads(name) || $0.body.reads(name) } || otherwise.reads(name)
    case .loop(let loop):
      loop.iterable.reads(name) || loop.test?.reads(name) == true || loop.body.reads(name)
        || loop.otherwise.reads(name)
    case .set(_, let value): value.reads(name)
    case .setBlock(_, let filter, let body): filter?.reads(name) == true || body.reads(name)
    case .macro(let macro): macro.reads(name)
    case .callBlock(let macro, let call): call.reads(name) || macro.reads(name)
    case .filterBlock(let filter, let body): filter.reads(name) || body.reads(name)
    case .with(let pairs, let body): pairs.contains { $0.value.reads(name) } || body.reads(name)
    case .scope(let body): body.reads(name)
    }
  }

  fileprivate func sets(_ name: String) -> Bool {
    switch kind {
    case .data, .breakLoop, .continueLoop, .print: false
    case .branch(let cases, let otherwise): cases.contains { $0.body.sets(name) } || otherwise.sets(name)
    case .loop(let loop): loop.target.sets(name) || loop.body.sets(name) || loop.otherwise.sets(name)
    case .set(let target, _): target.sets(name)
    case .setBlock(let target, _, let body): target.sets(name) || body.sets(name)
    case .macro(let macro), .callBlock(let macro, _): macro.body.sets(name)
    case .filterBlock(_, let body), .with(_, let body), .scope(let body): body.sets(name)
    }
  }
}

extension TemplateMacro {
  fileprivate func reads(_ name: String) -> Bool { defaults.contains { $0.reads(name) } || body.reads(name) }
}
