// SPDX-License-Identifier: Apache-2.0
// Statements of templates: tags to the syntax tree.

struct TemplateParser {
  var tokens: [PlacedToken]
  var index = 0
  /// Open statements and parentheses; bounded so that no template can exhaust our own stack.
  var depth = 0
  static let depthMax = 100
  static let chainMax = 300

  static func parse(_ source: TemplateSource) throws(TemplateMistake) -> [TemplateStatement] {
    var parser = TemplateParser(tokens: try TemplateLexer.tokens(of: source))
    let body = try parser.statements(until: [])
    return body
  }

  // MARK: Tokens

  var token: TemplateToken { tokens[index].token }
  var offset: Int { tokens[index].offset }
  var following: TemplateToken { tokens[min(index + 1, tokens.count - 1)].token }

  mutating func advance() { if index < tokens.count - 1 { index += 1 } }

  mutating func skip(_ expected: TemplateToken) -> Bool {
    guard token == expected else { return false }
    advance()
    return true
  }

  mutating func expect(_ expected: TemplateToken) throws(TemplateMistake) {
    guard skip(expected) else { throw mistake("expected \(expected.spoken), found \(token.spoken)") }
  }

  mutating func expectName() throws(TemplateMistake) -> String {
    guard case .name(let name) = token else { throw mistake("expected a name, found \(token.spoken)") }
    advance()
    return name
  }

  func mistake(_ reason: String) -> TemplateMistake { TemplateMistake(offset: offset, reason: reason) }

  mutating func enter() throws(TemplateMistake) {
    depth += 1
    if depth > Self.depthMax { throw mistake("nested more than \(Self.depthMax) deep") }
  }

  mutating func leave() { depth -= 1 }

  /// Counts operands of one level. The tree grows by a level with each; walking it must not exhaust our stack.
  func link(_ chain: inout Int) throws(TemplateMistake) {
    chain += 1
    if chain > Self.chainMax { throw mistake("more than \(Self.chainMax) operands in a row") }
  }

  // MARK: Bodies

  /// Text, prints and tags up to a tag of one of the names in `ends`, whose name is then the current token; up to the
  /// end of the template when there are none.
  mutating func statements(until ends: [String]) throws(TemplateMistake) -> [TemplateStatement] {
    try enter()
    defer { leave() }
    var body: [TemplateStatement] = []
    while true {
      let start = offset
      switch token {
      case .data(let text):
        body.append(TemplateStatement(kind: .data(text), offset: start))
        advance()
      case .variableBegin:
        advance()
        let value = try tuple()
        try expect(.variableEnd)
        body.append(TemplateStatement(kind: .print(value), offset: start))
      case .blockBegin:
        advance()
        if case .name(let name) = token, ends.contains(name) { return body }
        body.append(contentsOf: try statement())
        try expect(.blockEnd)
      default:
        guard ends.isEmpty else {
          let names = ends.map { "'\($0)'" }.joined(separator: " or ")
          throw mistake("the template ends where \(names) is expected")
        }
        return body
      }
    }
  }

  /// The rest of an opening tag, and the body behind it.
  private mutating func body(until ends: [String]) throws(TemplateMistake) -> [TemplateStatement] {
    _ = skip(.symbol(":"))
    try expect(.blockEnd)
    return try statements(until: ends)
  }

  /// The same with the one closing tag taken.
  private mutating func body(upTo end: String) throws(TemplateMistake) -> [TemplateStatement] {
    let body = try body(until: [end])
    advance()
    return body
  }

  private mutating func statement() throws(TemplateMistake) -> [TemplateStatement] {
    let start = offset
    guard case .name(let name) = token else { throw mistake("expected the name of a tag, found \(token.spoken)") }
    advance()
    let kind: TemplateStatement.Kind
    switch name {
    case "for": kind = try loop()
    case "if": kind = try branch()
    case "set": kind = try set()
    case "macro": kind = .macro(try macro())
    case "call": kind = try callBlock()
    case "filter": kind = try filterBlock()
    case "with": kind = try with()
    case "generation": kind = .scope(try body(upTo: "endgeneration"))
    case "print": return try printed(start)
    case "break": kind = .breakLoop
    case "continue": kind = .continueLoop
    case "block", "extends", "include", "import", "from", "autoescape":
      throw TemplateMistake(offset: start, reason: "the tag '\(name)' is not supported")
    default: throw TemplateMistake(offset: start, reason: "unknown tag '\(name)'")
    }
    return [TemplateStatement(kind: kind, offset: start)]
  }

  private mutating func printed(_ start: Int) throws(TemplateMistake) -> [TemplateStatement] {
    var out: [TemplateStatement] = []
    while token != .blockEnd {
      if !out.isEmpty { try expect(.symbol(",")) }
      out.append(TemplateStatement(kind: .print(try expression()), offset: start))
    }
    return out
  }

  private mutating func loop() throws(TemplateMistake) -> TemplateStatement.Kind {
    let target = try assignmentTarget(endsAtIn: true, takesNamespace: false)
    try expect(.name("in"))
    let iterable = try tuple(withConditional: false, endsAt: "recursive")
    var loop = TemplateLoop(
      target: target, iterable: iterable, test: nil, isRecursive: false, body: [], otherwise: [])
    if skip(.name("if")) { loop.test = try expression() }
    loop.isRecursive = skip(.name("recursive"))
    loop.body = try body(until: ["endfor", "else"])
    if skip(.name("else")) {
      loop.otherwise = try body(upTo: "endfor")
    } else {
      advance()
    }
    return .loop(loop)
  }

  private mutating func branch() throws(TemplateMistake) -> TemplateStatement.Kind {
    var cases: [(test: TemplateExpression, body: [TemplateStatement])] = []
    while true {
      let test = try tuple(withConditional: false)
      cases.append((test, try body(until: ["elif", "else", "endif"])))
      if skip(.name("elif")) { continue }
      if skip(.name("else")) { return .branch(cases, otherwise: try body(upTo: "endif")) }
      advance()
      return .branch(cases, otherwise: [])
    }
  }

  private mutating func set() throws(TemplateMistake) -> TemplateStatement.Kind {
    let target = try assignmentTarget(endsAtIn: false, takesNamespace: true)
    if skip(.symbol("=")) { return .set(target: target, value: try tuple()) }
    let filter = try filters(of: nil)
    return .setBlock(target: target, filter: filter, body: try body(upTo: "endset"))
  }

  private mutating func with() throws(TemplateMistake) -> TemplateStatement.Kind {
    var pairs: [(target: TemplateExpression, value: TemplateExpression)] = []
    while token != .blockEnd {
      if !pairs.isEmpty { try expect(.symbol(",")) }
      // A target without parentheses is one name here: the comma parts the pairs.
      let target = try assignmentTarget(endsAtIn: false, takesNamespace: false)
      try expect(.symbol("="))
      pairs.append((target, try expression()))
    }
    return .with(pairs, body: try body(upTo: "endwith"))
  }

  private mutating func macro() throws(TemplateMistake) -> TemplateMacro {
    let nameOffset = offset
    let name = try expectName()
    guard !Self.literals.contains(name) else {
      throw TemplateMistake(offset: nameOffset, reason: "cannot assign to '\(name)'")
    }
    var macro = TemplateMacro(name: name, parameters: [], defaults: [], body: [])
    try signature(&macro)
    macro.body = try body(upTo: "endmacro")
    return macro
  }

  private mutating func signature(_ macro: inout TemplateMacro) throws(TemplateMistake) {
    try expect(.symbol("("))
    while token != .symbol(")") {
      if !macro.parameters.isEmpty { try expect(.symbol(",")) }
      let start = offset
      let name = try expectName()
      guard !Self.literals.contains(name), !macro.parameters.contains(where: { $0.name == name }) else {
        throw TemplateMistake(offset: start, reason: "'\(name)' cannot be a parameter here")
      }
      macro.parameters.append((name, start))
      if skip(.symbol("=")) {
        macro.defaults.append(try expression())
      } else if !macro.defaults.isEmpty {
        throw TemplateMistake(offset: start, reason: "a parameter without a default follows one with a default")
      }
    }
    try expect(.symbol(")"))
  }

  private mutating func callBlock() throws(TemplateMistake) -> TemplateStatement.Kind {
    var macro = TemplateMacro(name: "", parameters: [], defaults: [], body: [])
    if token == .symbol("(") { try signature(&macro) }
    let start = offset
    let call = try expression()
    guard case .call = call.kind else { throw TemplateMistake(offset: start, reason: "expected a call") }
    macro.body = try body(upTo: "endcall")
    return .callBlock(macro, call: call)
  }

  private mutating func filterBlock() throws(TemplateMistake) -> TemplateStatement.Kind {
    guard let filter = try filters(of: nil, startsInline: true) else { throw mistake("expected the name of a filter") }
    return .filterBlock(filter, body: try body(upTo: "endfilter"))
  }

  /// What `set`, `for` and `with` assign to.
  private mutating func assignmentTarget(
    endsAtIn: Bool, takesNamespace: Bool
  ) throws(TemplateMistake) -> TemplateExpression {
    let target = try tuple(isSimple: true, takesNamespace: takesNamespace, endsAt: endsAtIn ? "in" : nil)
    try checkTarget(target)
    return target
  }

  private func checkTarget(_ target: TemplateExpression) throws(TemplateMistake) {
    switch target.kind {
    case .name, .namespaceAttribute: return
    case .tuple(let items): for item in items { try checkTarget(item) }
    default: throw TemplateMistake(offset: target.offset, reason: "cannot assign to this")
    }
  }
}

extension TemplateToken {
  /// For messages.
  var spoken: String {
    switch self {
    case .data: "text"
    case .variableBegin: "'{{'"
    case .variableEnd: "'}}'"
    case .blockBegin: "'{%'"
    case .blockEnd: "'%}'"
    case .name(let name): "'\(name.prefix(40))'"
    case .string: "a string"
    case .integer, .float: "a number"
    case .symbol(let symbol): "'\(symbol)'"
    case .end: "the end of the template"
    }
  }
}
