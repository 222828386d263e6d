// SPDX-License-Identifier: Apache-2.0
// Expressions to bytecode: each leaves one value on the stack.
import Text

extension TemplateCompiler {
  mutating func load(_ name: String, at offset: Int, _ context: TemplateContext) throws(TemplateMistake) {
    guard let variable = context.scope.find(name) else {
      throw TemplateMistake(offset: offset, reason: "the name '\(name)' has no place")
    }
    let nameIndex = emitter.string(name)
    guard nameIndex < 65_536, variable.slot < 65_536 else {
      throw TemplateMistake(offset: offset, reason: "too many names")
    }
    let up = up(to: variable, from: context.function)
    context.function.emit(.load, a: up, b: variable.slot | nameIndex << 16)
  }

  private mutating func constant(_ value: TemplateConstant, _ function: TemplateFunctionBuilder) {
    function.emit(.constant, b: emitter.constant(value))
  }

  mutating func expression(_ expression: TemplateExpression, _ context: TemplateContext) throws(TemplateMistake) {
    let function = context.function
    switch expression.kind {
    case .constant(let value): constant(value, function)
    case .name(let name): try load(name, at: expression.offset, context)
    case .namespaceAttribute: throw TemplateMistake(offset: expression.offset, reason: "not a value")
    case .list(let items): try collect(items, .list, context)
    case .tuple(let items): try collect(items, .tuple, context)
    case .concat(let items): try collect(items, .concat, context)
    case .dict(let pairs):
      for pair in pairs {
        try self.expression(pair.key, context)
        try self.expression(pair.value, context)
      }
      function.emit(.dict, b: pairs.count)
    case .unary(let op, let value):
      try self.expression(value, context)
      function.emit(op)
    case .binary(let op, let left, let right):
      try self.expression(left, context)
      try self.expression(right, context)
      function.line = source.line(at: expression.offset)
      function.emit(op)
    case .and(let left, let right): try either(left, right, .jumpIfFalseKeep, context)
    case .or(let left, let right): try either(left, right, .jumpIfTrueKeep, context)
    case .compare(let first, let rest): try compare(first, rest, context)
    case .conditional(let test, let then, let otherwise): try conditional(test, then, otherwise, context)
    case .attribute(let value, let name):
      try self.expression(value, context)
      function.line = source.line(at: expression.offset)
      function.emit(.attribute, b: emitter.string(name))
    case .item(let value, let index):
      try self.expression(value, context)
      try self.expression(index, context)
      function.emit(.item)
    case .slice(let value, let start, let stop, let step):
      try self.expression(value, context)
      for part in [start, stop, step] {
        if let part { try self.expression(part, context) } else { constant(.none, function) }
      }
      function.emit(.slice)
    case .call(let callee, let arguments):
      try self.callee(callee, context)
      try call(arguments, expression.offset, context) { _ throws(TemplateMistake) in 0 }
    case .filter: try filter(expression, context, valueIsOnStack: false)
    case .test(let value, let name, let arguments): try test(value, name, arguments, expression.offset, context)
    }
  }

  /// The arguments and the call itself. `more` puts further names and values on the stack and says how many pairs.
  mutating func call(
    _ arguments: TemplateArguments, _ offset: Int, _ context: TemplateContext,
    more: (inout TemplateCompiler) throws(TemplateMistake) -> Int
  ) throws(TemplateMistake) {
    let function = context.function
    if !arguments.isSpread {
      try self.arguments(arguments, context)
      let count = try more(&self)
      function.line = source.line(at: offset)
      return function.emit(.call, a: arguments.positional.count, b: arguments.keywords.count + count)
    }
    try collect(arguments.positional, .list, context)
    if let value = arguments.spread.first { try expression(value, context) } else { constant(.undefined, function) }
    try self.arguments(TemplateArguments(keywords: arguments.keywords), context)
    function.emit(.dict, b: arguments.keywords.count + (try more(&self)))
    if let value = arguments.namedSpread.first {
      try expression(value, context)
    } else {
      constant(.undefined, function)
    }
    function.line = source.line(at: offset)
    function.emit(.spreadCall)
  }

  /// What is called. Functions and methods that Jinja has and we do not are refused here.
  private mutating func callee(_ callee: TemplateExpression, _ context: TemplateContext) throws(TemplateMistake) {
    switch callee.kind {
    case .name(let name):
      if ["lipsum", "cycler", "joiner", "self", "super"].contains(name), let variable = context.scope.find(name),
        case .resolve? = context.scope.loadOf(variable)
      {
        throw TemplateMistake(offset: callee.offset, reason: "the function '\(name)' is not supported")
      }
    case .attribute(_, let name):
      if ["format_map", "encode", "translate", "maketrans", "expandtabs"].contains(name) {
        throw TemplateMistake(offset: callee.offset, reason: "the method '\(name)' is not supported")
      }
    default: break
    }
    try expression(callee, context)
  }

  private mutating func collect(
    _ items: [TemplateExpression], _ op: TemplateOp, _ context: TemplateContext
  ) throws(TemplateMistake) {
    for item in items { try expression(item, context) }
    context.function.emit(op, b: items.count)
  }

  mutating func arguments(_ arguments: TemplateArguments, _ context: TemplateContext) throws(TemplateMistake) {
    if arguments.positional.count > 255 || arguments.keywords.count > 255 {
      throw TemplateMistake(offset: arguments.positional.first?.offset ?? 0, reason: "more than 255 arguments")
    }
    for value in arguments.positional { try expression(value, context) }
    for keyword in arguments.keywords {
      constant(.string(Array(keyword.name.utf8)), context.function)
      try expression(keyword.value, context)
    }
  }

  private mutating func either(
    _ left: TemplateExpression, _ right: TemplateExpression, _ jump: TemplateOp, _ context: TemplateContext
  ) throws(TemplateMistake) {
    let end = context.function.newLabel()
    try expression(left, context)
    context.function.jump(jump, end)
    try expression(right, context)
    context.function.place(end)
  }

  /// `a < b < c`: b is looked at once, and c only when the first comparison holds.
  private mutating func compare(
    _ first: TemplateExpression, _ rest: [(op: TemplateOp, value: TemplateExpression)], _ context: TemplateContext
  ) throws(TemplateMistake) {
    let function = context.function
    try expression(first, context)
    guard rest.count > 1 else {
      try expression(rest[0].value, context)
      function.emit(rest[0].op)
      return
    }
    let no = function.newLabel()
    let end = function.newLabel()
    for (index, part) in rest.enumerated() {
      try expression(part.value, context)
      if index == rest.count - 1 {
        function.emit(part.op)
        function.jump(.jump, end)
      } else {
        function.emit(.dup)
        function.emit(.rotate)
        function.emit(part.op)
        function.jump(.jumpIfFalseKeep, no)
      }
    }
    let depth = function.depth
    function.place(no)
    function.emit(.swap)
    function.emit(.pop)
    function.restore(depth: depth)
    function.place(end)
  }

  private mutating func conditional(
    _ test: TemplateExpression, _ then: TemplateExpression, _ otherwise: TemplateExpression?,
    _ context: TemplateContext
  ) throws(TemplateMistake) {
    var context = context
    context.isBranch = true
    let function = context.function
    let no = function.newLabel()
    let end = function.newLabel()
    try expression(test, context)
    function.jump(.jumpIfFalse, no)
    let depth = function.depth
    try expression(then, context)
    function.jump(.jump, end)
    function.restore(depth: depth)
    function.place(no)
    if let otherwise { try expression(otherwise, context) } else { constant(.undefined, function) }
    function.place(end)
  }

  private mutating func test(
    _ value: TemplateExpression, _ name: String, _ arguments: TemplateArguments, _ offset: Int,
    _ context: TemplateContext
  ) throws(TemplateMistake) {
    guard let known = TemplateSignature.tests[name] else {
      if !context.isBranch { throw TemplateMistake(offset: offset, reason: "no test named '\(name)'") }
      return fail("no test named '\(name)'", context)
    }
    guard arguments.keywords.isEmpty, !arguments.isSpread else {
      throw TemplateMistake(offset: offset, reason: "named arguments of a test are not supported")
    }
    guard arguments.positional.count == known.argumentCount else {
      return fail("the test '\(name)' takes \(known.argumentCount) arguments", context)
    }
    try expression(value, context)
    try self.arguments(arguments, context)
    context.function.line = source.line(at: offset)
    context.function.emit(.test, a: 1 + known.argumentCount, b: Int(known.test.rawValue))
  }

  /// An error when it runs, in the place of a value.
  mutating func fail(_ reason: String, _ context: TemplateContext) {
    context.function.emit(.fail, b: emitter.string(reason))
    constant(.undefined, context.function)
  }
}

extension TemplateScope {
  func loadOf(_ variable: TemplateVariable) -> Load? {
    if variable.function == function.index, let load = names.loads[variable.slot] { return load }
    return parent?.loadOf(variable)
  }
}
