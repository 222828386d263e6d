// SPDX-License-Identifier: Apache-2.0
// Expressions of templates, by descending precedence: if, or, and, not, comparison, + -, ~, * / // %, **, unary,
// postfix.
import Text

extension TemplateParser {
  static let literals: Set<String> = ["true", "false", "none", "True", "False", "None"]

  mutating func expression(withConditional: Bool = true) throws(TemplateMistake) -> TemplateExpression {
    try enter()
    defer { leave() }
    return withConditional ? try conditional() : try disjunction()
  }

  /// An expression, or several with commas between them. Simple: names and literals alone, as in targets.
  mutating func tuple(
    isSimple: Bool = false, withConditional: Bool = true, takesNamespace: Bool = false, endsAt end: String? = nil,
    inParentheses: Bool = false
  ) throws(TemplateMistake) -> TemplateExpression {
    let start = offset
    var items: [TemplateExpression] = []
    var isTuple = false
    while true {
      if !items.isEmpty { try expect(.symbol(",")) }
      if isTupleEnd(end) { break }
      if isSimple {
        items.append(try primary(takesNamespace: takesNamespace))
      } else {
        items.append(try expression(withConditional: withConditional))
      }
      guard token == .symbol(",") else { break }
      isTuple = true
    }
    if !isTuple {
      if let only = items.first { return only }
      guard inParentheses else { throw mistake("expected an expression, found \(token.spoken)") }
    }
    return TemplateExpression(kind: .tuple(items), offset: start)
  }

  private func isTupleEnd(_ end: String?) -> Bool {
    switch token {
    case .variableEnd, .blockEnd, .symbol(")"): true
    case .name(let name): name == end
    default: false
    }
  }

  private func make(_ kind: TemplateExpression.Kind, _ offset: Int) -> TemplateExpression {
    TemplateExpression(kind: kind, offset: offset)
  }

  private mutating func conditional() throws(TemplateMistake) -> TemplateExpression {
    let start = offset
    var value = try disjunction()
    var chain = 0
    while skip(.name("if")) {
      try link(&chain)
      let test = try disjunction()
      var otherwise: TemplateExpression?
      if skip(.name("else")) {
        try enter()
        otherwise = try conditional()
        leave()
      }
      value = make(.conditional(test: test, then: value, otherwise: otherwise), start)
    }
    return value
  }

  private mutating func disjunction() throws(TemplateMistake) -> TemplateExpression {
    let start = offset
    var left = try conjunction()
    var chain = 0
    while skip(.name("or")) {
      left = make(.or(left, try conjunction()), start)
      try link(&chain)
    }
    return left
  }

  private mutating func conjunction() throws(TemplateMistake) -> TemplateExpression {
    let start = offset
    var left = try negation()
    var chain = 0
    while skip(.name("and")) {
      left = make(.and(left, try negation()), start)
      try link(&chain)
    }
    return left
  }

  private mutating func negation() throws(TemplateMistake) -> TemplateExpression {
    let start = offset
    guard skip(.name("not")) else { return try comparison() }
    try enter()
    defer { leave() }
    return make(.unary(.not, try negation()), start)
  }

  private mutating func comparison() throws(TemplateMistake) -> TemplateExpression {
    let start = offset
    let first = try sum()
    var rest: [(op: TemplateOp, value: TemplateExpression)] = []
    while let op = comparisonOperator() { rest.append((op, try sum())) }
    return rest.isEmpty ? first : make(.compare(first, rest), start)
  }

  private mutating func comparisonOperator() -> TemplateOp? {
    let op: TemplateOp
    switch token {
    case .symbol("=="): op = .equal
    case .symbol("!="): op = .notEqual
    case .symbol("<"): op = .less
    case .symbol("<="): op = .lessEqual
    case .symbol(">"): op = .greater
    case .symbol(">="): op = .greaterEqual
    case .name("in"): op = .contains
    case .name("not"):
      guard following == .name("in") else { return nil }
      advance()
      op = .containsNot
    default: return nil
    }
    advance()
    return op
  }

  private mutating func sum() throws(TemplateMistake) -> TemplateExpression {
    let start = offset
    var left = try concatenation()
    var chain = 0
    while true {
      let op: TemplateOp
      switch token {
      case .symbol("+"): op = .add
      case .symbol("-"): op = .subtract
      default: return left
      }
      advance()
      left = make(.binary(op, left, try concatenation()), start)
      try link(&chain)
    }
  }

  private mutating func concatenation() throws(TemplateMistake) -> TemplateExpression {
    let start = offset
    var parts = [try product()]
    while skip(.symbol("~")) { parts.append(try product()) }
    return parts.count == 1 ? parts[0] : make(.concat(parts), start)
  }

  private mutating func product() throws(TemplateMistake) -> TemplateExpression {
    let start = offset
    var left = try power()
    var chain = 0
    while true {
      let op: TemplateOp
      switch token {
      case .symbol("*"): op = .multiply
      case .symbol("/"): op = .divide
      case .symbol("//"): op = .floorDivide
      case .symbol("%"): op = .modulo
      default: return left
      }
      advance()
      left = make(.binary(op, left, try power()), start)
      try link(&chain)
    }
  }

  private mutating func power() throws(TemplateMistake) -> TemplateExpression {
    let start = offset
    var left = try unary(takesFilters: true)
    // Left to right, as Jinja reads it: 2 ** 3 ** 2 is 64.
    var chain = 0
    while skip(.symbol("**")) {
      left = make(.binary(.power, left, try unary(takesFilters: true)), start)
      try link(&chain)
    }
    return left
  }

  private mutating func unary(takesFilters: Bool) throws(TemplateMistake) -> TemplateExpression {
    try enter()
    defer { leave() }
    let start = offset
    var value: TemplateExpression
    if skip(.symbol("-")) {
      value = make(.unary(.negate, try unary(takesFilters: false)), start)
    } else if skip(.symbol("+")) {
      value = make(.unary(.plus, try unary(takesFilters: false)), start)
    } else {
      value = try primary(takesNamespace: false)
    }
    value = try postfix(value)
    return takesFilters ? try filtersAndTests(value) : value
  }

  mutating func primary(takesNamespace: Bool) throws(TemplateMistake) -> TemplateExpression {
    let start = offset
    switch token {
    case .name(let name):
      advance()
      switch name {
      case "true", "True": return make(.constant(.bool(true)), start)
      case "false", "False": return make(.constant(.bool(false)), start)
      case "none", "None": return make(.constant(.none), start)
      default: break
      }
      guard takesNamespace, skip(.symbol(".")) else { return make(.name(name), start) }
      return make(.namespaceAttribute(name, try expectName()), start)
    case .string(var bytes):
      advance()
      while case .string(let more) = token {
        bytes += more
        advance()
      }
      return make(.constant(.string(bytes)), start)
    case .integer(let value):
      advance()
      return make(.constant(.int(value)), start)
    case .float(let value):
      advance()
      return make(.constant(.float(value.bitPattern)), start)
    case .symbol("("):
      advance()
      let value = try tuple(inParentheses: true)
      try expect(.symbol(")"))
      return value
    case .symbol("["): return try list()
    case .symbol("{"): return try dict()
    default: throw mistake("unexpected \(token.spoken)")
    }
  }

  private mutating func list() throws(TemplateMistake) -> TemplateExpression {
    let start = offset
    advance()
    var items: [TemplateExpression] = []
    while token != .symbol("]") {
      if !items.isEmpty { try expect(.symbol(",")) }
      if token == .symbol("]") { break }
      items.append(try expression())
    }
    advance()
    return make(.list(items), start)
  }

  private mutating func dict() throws(TemplateMistake) -> TemplateExpression {
    let start = offset
    advance()
    var pairs: [(key: TemplateExpression, value: TemplateExpression)] = []
    while token != .symbol("}") {
      if !pairs.isEmpty { try expect(.symbol(",")) }
      if token == .symbol("}") { break }
      let key = try expression()
      try expect(.symbol(":"))
      pairs.append((key, try expression()))
    }
    advance()
    return make(.dict(pairs), start)
  }
}
