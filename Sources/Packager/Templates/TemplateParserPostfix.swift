// SPDX-License-Identifier: Apache-2.0
// What may follow an expression: attributes, subscripts, calls, filters, tests.

import Text

extension TemplateParser {
  private func make(_ kind: TemplateExpression.Kind, _ offset: Int) -> TemplateExpression {
    TemplateExpression(kind: kind, offset: offset)
  }

  mutating func postfix(_ value: TemplateExpression) throws(TemplateMistake) -> TemplateExpression {
    var value = value
    var chain = 0
    while true {
      switch token {
      case .symbol("."), .symbol("["): value = try subscripted(value)
      case .symbol("("): value = try call(value)
      default: return value
      }
      try link(&chain)
    }
  }

  mutating func filtersAndTests(_ value: TemplateExpression) throws(TemplateMistake) -> TemplateExpression {
    var value = value
    var chain = 0
    while true {
      switch token {
      case .symbol("|"): value = try filters(of: value) ?? value
      case .name("is"): value = try test(value)
      case .symbol("("): value = try call(value)
      default: return value
      }
      try link(&chain)
    }
  }

  private mutating func call(_ value: TemplateExpression) throws(TemplateMistake) -> TemplateExpression {
    let start = offset
    return make(.call(value, try arguments()), start)
  }

  private mutating func subscripted(_ value: TemplateExpression) throws(TemplateMistake) -> TemplateExpression {
    let start = offset
    if skip(.symbol(".")) {
      switch token {
      case .name(let name):
        advance()
        return make(.attribute(value, name), start)
      case .integer(let index):
        advance()
        return make(.item(value, make(.constant(.int(index)), start)), start)
      default: throw mistake("expected a name or a number, found \(token.spoken)")
      }
    }
    advance()
    var parts: [TemplateExpression?] = [nil, nil, nil]
    var colons = 0
    while token != .symbol("]") {
      if skip(.symbol(":")) {
        colons += 1
        guard colons < 3 else { throw mistake("a slice has at most three parts") }
      } else {
        guard parts[colons] == nil else {
          throw mistake(token == .symbol(",") ? "a subscript with commas is not supported" : "expected ']'")
        }
        parts[colons] = try expression()
      }
    }
    advance()
    if colons > 0 { return make(.slice(value, parts[0], parts[1], parts[2]), start) }
    guard let index = parts[0] else {
      throw TemplateMistake(offset: start, reason: "expected a subscript")
    }
    return make(.item(value, index), start)
  }

  mutating func arguments() throws(TemplateMistake) -> TemplateArguments {
    try expect(.symbol("("))
    var arguments = TemplateArguments()
    var needsComma = false
    while token != .symbol(")") {
      if needsComma {
        try expect(.symbol(","))
        if token == .symbol(")") { break }
      }
      needsComma = true
      if token == .symbol("*") || token == .symbol("**") {
        try spread(&arguments)
      } else if case .name(let name) = token, following == .symbol("=") {
        let start = offset
        guard arguments.namedSpread.isEmpty else { throw mistake("an argument follows **") }
        guard !arguments.keywords.contains(where: { $0.name == name }) else {
          throw TemplateMistake(offset: start, reason: "the argument '\(name)' is given twice")
        }
        advance()
        advance()
        arguments.keywords.append((name, try expression()))
      } else {
        guard arguments.keywords.isEmpty, !arguments.isSpread else {
          throw mistake("an argument without a name follows one with a name, * or **")
        }
        arguments.positional.append(try expression())
      }
    }
    try expect(.symbol(")"))
    return arguments
  }

  private mutating func spread(_ arguments: inout TemplateArguments) throws(TemplateMistake) {
    let isNamed = token == .symbol("**")
    guard arguments.namedSpread.isEmpty, isNamed || arguments.spread.isEmpty else {
      throw mistake("one * and one ** at most, ** last")
    }
    advance()
    let value = try expression()
    if isNamed { arguments.namedSpread = [value] } else { arguments.spread = [value] }
  }

  /// A dotted name, as filters and tests may have.
  private mutating func dottedName() throws(TemplateMistake) -> String {
    var name = try expectName()
    while skip(.symbol(".")) { name += "." + (try expectName()) }
    return name
  }

  /// `|name(arguments)` any number of times. Nil where there is none and no value.
  mutating func filters(
    of value: TemplateExpression?, startsInline: Bool = false
  ) throws(TemplateMistake) -> TemplateExpression? {
    var value = value
    var isInline = startsInline
    var chain = 0
    while token == .symbol("|") || isInline {
      if !isInline { advance() }
      isInline = false
      let start = offset
      let name = try dottedName()
      let arguments = token == .symbol("(") ? try arguments() : TemplateArguments()
      value = make(.filter(value, name, arguments), start)
      try link(&chain)
    }
    return value
  }

  private mutating func test(_ value: TemplateExpression) throws(TemplateMistake) -> TemplateExpression {
    advance()
    let isNegated = skip(.name("not"))
    let start = offset
    let name = try dottedName()
    var arguments = TemplateArguments()
    switch token {
    case .symbol("("): arguments = try self.arguments()
    case .name("else"), .name("or"), .name("and"): break
    case .name("is"): throw mistake("tests cannot be chained with 'is'")
    case .name, .string, .integer, .float, .symbol("["), .symbol("{"):
      arguments.positional = [try postfix(try primary(takesNamespace: false))]
    default: break
    }
    let test = make(.test(value, name, arguments), start)
    return isNegated ? make(.unary(.not, test), start) : test
  }
}
