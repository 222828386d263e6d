// SPDX-License-Identifier: Apache-2.0
// Loops, macros and `call` blocks.
import Text

extension TemplateCompiler {
  mutating func loop(_ loop: TemplateLoop, _ context: TemplateContext) throws(TemplateMistake) {
    if loop.target.reads("loop") || loop.body.sets("loop") || loop.otherwise.sets("loop") {
      throw TemplateMistake(offset: loop.target.offset, reason: "'loop' cannot be assigned to in a loop")
    }
    guard loop.isRecursive else {
      try expression(loop.iterable, context)
      return try run(loop, context, outer: context)
    }
    let outer = context.function
    let function = emitter.newFunction(parent: outer)
    function.nameConstant = emitter.string("loop")
    function.parameterNames = ["iterable"]
    function.flags = TemplateLayout.isRecursiveLoop
    function.line = outer.line
    let iterable = function.newSlot()
    outer.emit(.macro, b: function.index)
    try expression(loop.iterable, context)
    outer.emit(.call, a: 1)
    outer.emit(.emit)
    var inside = context
    inside.function = function
    inside.scope = TemplateScope(parent: context.scope, function: function)
    inside.isBranch = false
    inside.loop = nil
    function.emit(.loadRaw, b: iterable)
    try run(loop, inside, outer: inside)
    function.emit(.finish)
    function.resolveLabels()
  }

  /// Runs over the value on the stack.
  private mutating func run(
    _ loop: TemplateLoop, _ context: TemplateContext, outer: TemplateContext
  ) throws(TemplateMistake) {
    let function = context.function
    let line = function.line
    var body = context.inner()
    let usesLoop = loop.isRecursive || loop.body.reads("loop")
    let loopSlot = usesLoop ? body.scope.declareParameter("loop") : nil
    body.scope.visit(target: loop.target, asParameter: true)
    body.scope.visit(loop.body)
    var otherwiseSlot: Int?
    if !loop.otherwise.isEmpty {
      let slot = function.newSlot()
      function.emit(.constant, b: emitter.constant(.bool(true)))
      function.emit(.store, b: slot)
      otherwiseSlot = slot
    }
    let testContext = testRegion(loop, context)
    if usesLoop, let testContext, let test = loop.test { try gather(loop.target, test, testContext) }
    function.emit(.iterate)
    function.held.append(.iterator)
    let next = function.newLabel()
    let end = function.newLabel()
    function.place(next)
    function.line = line
    function.jump(.next, end)
    if !usesLoop, let testContext, let test = loop.test {
      let passed = function.newLabel()
      function.emit(.dup)
      try assign(loop.target, testContext)
      try expression(test, testContext)
      function.jump(.jumpIfTrue, passed)
      function.emit(.pop)
      function.jump(.jump, next)
      function.place(passed)
    }
    try assign(loop.target, body)
    if let loopSlot {
      function.emit(.dup)
      function.emit(.store, b: loopSlot)
    }
    enter(body)
    body.loop = TemplateContext.Loop(next: next, end: end, heldCount: function.held.count)
    try statements(loop.body, body)
    if let otherwiseSlot {
      // Last in the body: a loop whose every turn ends in `continue` or `break` counts as empty. So it is in Jinja.
      function.emit(.constant, b: emitter.constant(.bool(false)))
      function.emit(.store, b: otherwiseSlot)
    }
    function.jump(.jump, next)
    function.place(end)
    function.held.removeLast()
    function.emit(.pop)
    if let otherwiseSlot { try otherwise(loop, otherwiseSlot, context) }
  }

  private mutating func otherwise(
    _ loop: TemplateLoop, _ slot: Int, _ context: TemplateContext
  ) throws(TemplateMistake) {
    let function = context.function
    let after = function.newLabel()
    function.emit(.loadRaw, b: slot)
    function.jump(.jumpIfFalse, after)
    let inner = context.inner()
    inner.scope.visit(loop.otherwise)
    enter(inner)
    try statements(loop.otherwise, inner)
    function.place(after)
  }

  /// The region of a loop's `if`, entered ahead of the loop.
  private mutating func testRegion(_ loop: TemplateLoop, _ context: TemplateContext) -> TemplateContext? {
    guard let test = loop.test else { return nil }
    let inner = context.inner()
    inner.scope.visit(target: loop.target, asParameter: true)
    inner.scope.visit(test)
    enter(inner)
    return inner
  }

  /// The items that pass, as a list: a body that asks `loop` for the length or the next item needs them ahead.
  private mutating func gather(
    _ target: TemplateExpression, _ test: TemplateExpression, _ context: TemplateContext
  ) throws(TemplateMistake) {
    let function = context.function
    let next = function.newLabel()
    let passed = function.newLabel()
    let end = function.newLabel()
    function.emit(.iterate)
    function.place(next)
    function.jump(.next, end)
    function.emit(.dup)
    try assign(target, context)
    try expression(test, context)
    function.jump(.jumpIfTrue, passed)
    function.emit(.pop)
    function.jump(.jump, next)
    function.place(passed)
    function.emit(.gather)
    function.jump(.jump, next)
    function.place(end)
    function.emit(.gather, a: 1)
  }

  /// A macro as a value on the stack.
  mutating func macro(_ macro: TemplateMacro, _ context: TemplateContext) throws(TemplateMistake) {
    let outer = context.function
    let function = emitter.newFunction(parent: outer)
    function.nameConstant = emitter.string(macro.name)
    function.line = outer.line
    let scope = TemplateScope(parent: context.scope, function: function)
    for parameter in macro.parameters { scope.declareParameter(parameter.name) }
    function.parameterNames = macro.parameters.map { $0.name }
    let names = Set(function.parameterNames)
    if let own = macro.parameters.firstIndex(where: { $0.name == "caller" }) {
      guard own >= macro.parameters.count - macro.defaults.count else {
        throw TemplateMistake(offset: macro.parameters[own].offset, reason: "the parameter 'caller' needs a default")
      }
      function.flags |= TemplateLayout.hasOwnCaller
    } else if macro.body.reads("caller") {
      scope.declareParameter("caller")
      function.flags |= TemplateLayout.catchesCaller
    }
    if !names.contains("kwargs"), macro.body.reads("kwargs") {
      scope.declareParameter("kwargs")
      function.flags |= TemplateLayout.catchesKeywords
    }
    if !names.contains("varargs"), macro.body.reads("varargs") {
      scope.declareParameter("varargs")
      function.flags |= TemplateLayout.catchesPositional
    }
    for value in macro.defaults { scope.visit(value) }
    scope.visit(macro.body)
    let inside = TemplateContext(scope: scope, function: function)
    enter(inside)
    let firstDefault = macro.parameters.count - macro.defaults.count
    for (index, value) in macro.defaults.enumerated() {
      let given = function.newLabel()
      function.emit(.loadRaw, b: firstDefault + index)
      function.jump(.jumpIfSet, given)
      try expression(value, inside)
      function.emit(.store, b: firstDefault + index)
      function.place(given)
    }
    try statements(macro.body, inside)
    function.emit(.finish)
    function.resolveLabels()
    outer.emit(.macro, b: function.index)
  }

  mutating func callBlock(
    _ macro: TemplateMacro, _ call: TemplateExpression, _ context: TemplateContext
  ) throws(TemplateMistake) {
    guard case .call(let callee, let arguments) = call.kind else { return }
    let function = context.function
    try expression(callee, context)
    try self.call(arguments, call.offset, context) { compiler throws(TemplateMistake) in
      function.emit(.constant, b: compiler.emitter.string("caller"))
      try compiler.macro(macro, context)
      return 1
    }
    function.emit(.emit)
  }
}
