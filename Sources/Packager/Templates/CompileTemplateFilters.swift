// SPDX-License-Identifier: Apache-2.0
// Filters: arguments bound to their places ahead of running; `map`, `select` and their kin with what they apply.
import Text

extension TemplateCompiler {
  mutating func filter(
    _ expression: TemplateExpression, _ context: TemplateContext, valueIsOnStack: Bool
  ) throws(TemplateMistake) {
    guard case .filter(let value, let name, let arguments) = expression.kind else { return }
    if let value {
      // In a filter block the innermost filter takes the captured text.
      if valueIsOnStack, value.isFilterWithoutValue {
        try filter(value, context, valueIsOnStack: true)
      } else {
        try self.expression(value, context)
      }
    }
    let function = context.function
    function.line = source.line(at: expression.offset)
    if arguments.isSpread {
      throw TemplateMistake(offset: expression.offset, reason: "* and ** are not supported in a filter")
    }
    switch name {
    case "map": try map(arguments, expression.offset, context)
    case "select", "reject": try select(name, arguments, attribute: false, expression.offset, context)
    case "selectattr", "rejectattr": try select(name, arguments, attribute: true, expression.offset, context)
    case "format":
      guard arguments.keywords.isEmpty, arguments.positional.count < 200 else {
        throw TemplateMistake(offset: expression.offset, reason: "named arguments of 'format' are not supported")
      }
      try self.arguments(arguments, context)
      function.emit(.filter, a: 1 + arguments.positional.count, b: Int(TemplateFilter.format.rawValue))
    default:
      guard let signature = try signature(name, expression.offset, context) else { return }
      guard let count = try bind(arguments, signature, name, context) else { return }
      function.emit(.filter, a: 1 + count, b: Int(signature.filter.rawValue))
    }
  }

  /// Nil where the filter is unknown and that is an error only when it runs; the code for that has been emitted.
  private mutating func signature(
    _ name: String, _ offset: Int, _ context: TemplateContext
  ) throws(TemplateMistake) -> TemplateSignature? {
    if let known = TemplateSignature.filters[name] { return known }
    if TemplateSignature.unsupportedFilters.contains(name) {
      throw TemplateMistake(offset: offset, reason: "the filter '\(name)' is not supported")
    }
    if !context.isBranch { throw TemplateMistake(offset: offset, reason: "no filter named '\(name)'") }
    replaceByFailure("no filter named '\(name)'", context)
    return nil
  }

  /// An error when it runs, in the place of the value on the stack.
  private mutating func replaceByFailure(_ reason: String, _ context: TemplateContext) {
    context.function.emit(.pop)
    fail(reason, context)
  }

  /// Puts a filter's arguments on the stack in the order of its signature, up to the last one given. Returns how many;
  /// nil where they do not fit, and code for the error has been emitted.
  private mutating func bind(
    _ arguments: TemplateArguments, _ signature: TemplateSignature, _ name: String, _ context: TemplateContext
  ) throws(TemplateMistake) -> Int? {
    let parameters = signature.parameters
    var bound = [TemplateExpression?](repeating: nil, count: parameters.count)
    var fits = arguments.positional.count <= parameters.count
    if fits {
      for (index, value) in arguments.positional.enumerated() { bound[index] = value }
      for keyword in arguments.keywords {
        if let index = parameters.firstIndex(of: keyword.name), bound[index] == nil {
          bound[index] = keyword.value
        } else {
          fits = false
        }
      }
    }
    for index in 0..<signature.requiredCount where fits && bound[index] == nil { fits = false }
    guard fits else {
      replaceByFailure("the filter '\(name)' does not take these arguments", context)
      return nil
    }
    let count = (bound.lastIndex { $0 != nil } ?? -1) + 1
    for value in bound[..<count] {
      if let value {
        try expression(value, context)
      } else {
        context.function.emit(.constant, b: emitter.constant(.undefined))
      }
    }
    return count
  }

  /// The name that `map` or `select` is given, which must stand there as a string.
  private func literal(_ value: TemplateExpression, _ what: String) throws(TemplateMistake) -> String {
    guard case .constant(.string(let bytes)) = value.kind else {
      throw TemplateMistake(offset: value.offset, reason: "the name of a \(what) must be a string literal here")
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private mutating func map(
    _ arguments: TemplateArguments, _ offset: Int, _ context: TemplateContext
  ) throws(TemplateMistake) {
    let function = context.function
    guard let first = arguments.positional.first else {
      let signature = TemplateSignature(
        filter: .mapAttribute, parameters: ["attribute", "default"], requiredCount: 1)
      guard let count = try bind(arguments, signature, "map", context) else { return }
      function.emit(.filter, a: 1 + count, b: Int(TemplateFilter.mapAttribute.rawValue))
      return
    }
    let name = try literal(first, "filter")
    let rest = TemplateArguments(positional: Array(arguments.positional.dropFirst()), keywords: arguments.keywords)
    guard let signature = TemplateSignature.filters[name] else {
      if ["map", "select", "reject", "selectattr", "rejectattr", "format"].contains(name)
        || TemplateSignature.unsupportedFilters.contains(name)
      {
        throw TemplateMistake(offset: first.offset, reason: "'\(name)' inside 'map' is not supported")
      }
      return replaceByFailure("no filter named '\(name)'", context)
    }
    guard let count = try bind(rest, signature, name, context) else { return }
    let inner = Int(signature.filter.rawValue) << 8
    function.emit(.filter, a: 1 + count, b: Int(TemplateFilter.map.rawValue) | inner)
  }

  private mutating func select(
    _ name: String, _ arguments: TemplateArguments, attribute: Bool, _ offset: Int, _ context: TemplateContext
  ) throws(TemplateMistake) {
    guard arguments.keywords.isEmpty else {
      throw TemplateMistake(offset: offset, reason: "named arguments of '\(name)' are not supported")
    }
    var rest = arguments.positional[...]
    if attribute {
      guard let first = rest.popFirst() else {
        return replaceByFailure("the filter '\(name)' needs the name of an attribute", context)
      }
      try expression(first, context)
    }
    var test = TemplateTest.truth
    if let first = rest.popFirst() {
      let testName = try literal(first, "test")
      guard let known = TemplateSignature.tests[testName], rest.count == known.argumentCount else {
        if attribute { context.function.emit(.pop) }
        return replaceByFailure("no test named '\(testName)' with \(rest.count) arguments", context)
      }
      test = known.test
      for value in rest { try expression(value, context) }
    }
    let filter: TemplateFilter =
      switch name {
      case "select": .select
      case "reject": .reject
      case "selectattr": .selectattr
      default: .rejectattr
      }
    context.function.emit(
      .filter, a: (attribute ? 2 : 1) + rest.count, b: Int(filter.rawValue) | Int(test.rawValue) << 8)
  }
}

extension TemplateExpression {
  /// A chain of filters that starts at a block's text.
  var isFilterWithoutValue: Bool {
    guard case .filter(let value, _, _) = kind else { return false }
    return value?.isFilterWithoutValue ?? true
  }
}
