// SPDX-License-Identifier: Apache-2.0
// Jinja source to the template section: the door of the template compiler. Spec: specs/template.md.
import Text

/// Compiles one template into a section with the single entry `default`.
///
/// - Throws: the first construct that is malformed or not known, with line and column.
public func compileTemplate(_ source: String) throws(TemplateCompileError) -> [UInt8] {
  try compileTemplates([(name: "default", source: source)])
}

/// Compiles the templates of a model into one section, in the order given.
public func compileTemplates(
  _ templates: [(name: String, source: String)]
) throws(TemplateCompileError) -> [UInt8] {
  var compiler = TemplateCompiler()
  var entries: [(name: String, function: Int)] = []
  for template in templates {
    let source = TemplateSource(template.source)
    do throws(TemplateMistake) {
      let body = try TemplateParser.parse(source)
      entries.append((template.name, try compiler.template(body, source)))
    } catch { throw source.error(error) }
  }
  if let limit = compiler.emitter.limitBroken() { throw TemplateCompileError(line: 1, column: 1, reason: limit) }
  if entries.count > TemplateLayout.entriesMax {
    throw TemplateCompileError(line: 1, column: 1, reason: "more than \(TemplateLayout.entriesMax) templates")
  }
  return compiler.emitter.section(entries: entries)
}

/// Where code is being compiled: its names, its function, and whether it stands in a branch.
struct TemplateContext {
  var scope: TemplateScope
  var function: TemplateFunctionBuilder
  /// In a branch an unknown filter is an error when it runs, not before: so does Jinja.
  var isBranch = false
  var loop: Loop?

  final class Loop {
    let next: TemplateLabel
    let end: TemplateLabel
    /// Entries of the function's `held` when the body starts; the last is the loop's iterator.
    let heldCount: Int
    init(next: TemplateLabel, end: TemplateLabel, heldCount: Int) {
      (self.next, self.end, self.heldCount) = (next, end, heldCount)
    }
  }

  /// A region of its own in the same function.
  func inner() -> TemplateContext {
    var context = self
    context.scope = TemplateScope(parent: scope, function: function)
    context.isBranch = false
    return context
  }
}

struct TemplateCompiler {
  var emitter = TemplateEmitter()
  var source = TemplateSource("")

  /// The whole template as a function; returns its index.
  mutating func template(_ body: [TemplateStatement], _ source: TemplateSource) throws(TemplateMistake) -> Int {
    self.source = source
    let function = emitter.newFunction(parent: nil)
    function.nameConstant = emitter.string("template")
    let scope = TemplateScope(parent: nil, function: function)
    scope.visit(body)
    let context = TemplateContext(scope: scope, function: function)
    enter(context)
    try statements(body, context)
    function.emit(.finish)
    function.resolveLabels()
    return function.index
  }

  /// Gives the names of a region their first values.
  mutating func enter(_ context: TemplateContext) {
    let function = context.function
    for (slot, load) in context.scope.names.loads.sorted(by: { $0.key < $1.key }) {
      switch load {
      case .parameter: break
      case .missing: function.emit(.clear, b: slot)
      case .resolve(let name):
        function.emit(.resolve, b: emitter.string(name))
        function.emit(.store, b: slot)
      case .alias(let outer):
        function.emit(.loadRaw, a: up(to: outer, from: function), b: outer.slot)
        function.emit(.store, b: slot)
      }
    }
  }

  /// Functions between `function` and the one that has `variable`.
  func up(to variable: TemplateVariable, from function: TemplateFunctionBuilder) -> Int {
    function.nesting - emitter.functions[variable.function].nesting
  }

  mutating func statements(_ body: [TemplateStatement], _ context: TemplateContext) throws(TemplateMistake) {
    for statement in body { try self.statement(statement, context) }
  }

  private mutating func statement(
    _ statement: TemplateStatement, _ context: TemplateContext
  ) throws(TemplateMistake) {
    let function = context.function
    function.line = source.line(at: statement.offset)
    switch statement.kind {
    case .data(let text): function.emit(.emitConstant, b: emitter.constant(.string(text)))
    case .print(let value):
      if case .constant(.string(let text)) = value.kind {
        function.emit(.emitConstant, b: emitter.constant(.string(text)))
      } else {
        try expression(value, context)
        function.emit(.emit)
      }
    case .branch(let cases, let otherwise): try branch(cases, otherwise, context)
    case .loop(let loop): try self.loop(loop, context)
    case .set(let target, let value):
      try expression(value, context)
      try assign(target, context)
    case .setBlock(let target, let filter, let body):
      try capture(body, filter: filter, context)
      try assign(target, context)
    case .filterBlock(let filter, let body):
      try capture(body, filter: filter, context)
      function.emit(.emit)
    case .macro(let macro):
      try self.macro(macro, context)
      try assign(TemplateExpression(kind: .name(macro.name), offset: statement.offset), context)
    case .callBlock(let macro, let call): try callBlock(macro, call, context)
    case .with(let pairs, let body): try with(pairs, body, context)
    case .scope(let body):
      let inner = context.inner()
      inner.scope.visit(body)
      enter(inner)
      try statements(body, inner)
    case .breakLoop: try leave(statement, context) { $0.end }
    case .continueLoop: try leave(statement, context) { $0.next }
    }
  }

  private mutating func branch(
    _ cases: [(test: TemplateExpression, body: [TemplateStatement])], _ otherwise: [TemplateStatement],
    _ context: TemplateContext
  ) throws(TemplateMistake) {
    var context = context
    context.isBranch = true
    let function = context.function
    let end = function.newLabel()
    for item in cases {
      let next = function.newLabel()
      function.line = source.line(at: item.test.offset)
      try expression(item.test, context)
      function.jump(.jumpIfFalse, next)
      try statements(item.body, context)
      function.jump(.jump, end)
      function.place(next)
    }
    try statements(otherwise, context)
    function.place(end)
  }

  private mutating func with(
    _ pairs: [(target: TemplateExpression, value: TemplateExpression)], _ body: [TemplateStatement],
    _ context: TemplateContext
  ) throws(TemplateMistake) {
    let inner = context.inner()
    for pair in pairs { inner.scope.visit(target: pair.target, asParameter: true) }
    inner.scope.visit(body)
    enter(inner)
    for pair in pairs {
      try expression(pair.value, context)
      try assign(pair.target, inner)
    }
    try statements(body, inner)
  }

  /// What `body` prints, through `filter`, as a value on the stack.
  private mutating func capture(
    _ body: [TemplateStatement], filter: TemplateExpression?, _ context: TemplateContext
  ) throws(TemplateMistake) {
    let inner = context.inner()
    inner.scope.visit(body)
    // A filter's arguments belong to the region, too.
    if let filter { inner.scope.visit(filter) }
    enter(inner)
    let function = context.function
    function.emit(.capture)
    function.held.append(.mark)
    try statements(body, inner)
    function.held.removeLast()
    function.emit(.endCapture)
    if let filter { try self.filter(filter, inner, valueIsOnStack: true) }
  }

  /// Stores the value on the stack.
  mutating func assign(_ target: TemplateExpression, _ context: TemplateContext) throws(TemplateMistake) {
    let function = context.function
    switch target.kind {
    case .name(let name):
      guard let variable = context.scope.find(name), variable.function == function.index else {
        throw TemplateMistake(offset: target.offset, reason: "cannot assign to '\(name)' here")
      }
      function.emit(.store, b: variable.slot)
    case .namespaceAttribute(let name, let attribute):
      try load(name, at: target.offset, context)
      function.emit(.setAttribute, b: emitter.string(attribute))
    case .tuple(let items):
      function.emit(.unpack, b: items.count)
      for item in items { try assign(item, context) }
    default: throw TemplateMistake(offset: target.offset, reason: "cannot assign to this")
    }
  }

  /// `break` and `continue`: what captures have caught since the loop began is dropped.
  private mutating func leave(
    _ statement: TemplateStatement, _ context: TemplateContext, to label: (TemplateContext.Loop) -> TemplateLabel
  ) throws(TemplateMistake) {
    guard let loop = context.loop else { throw TemplateMistake(offset: statement.offset, reason: "not inside a loop") }
    let function = context.function
    let depth = function.depth
    for held in function.held[loop.heldCount...].reversed() {
      if held == .mark { function.emit(.endCapture) }
      function.emit(.pop)
    }
    function.jump(.jump, label(loop))
    function.restore(depth: depth)
  }
}
