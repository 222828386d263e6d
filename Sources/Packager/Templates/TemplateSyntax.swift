// SPDX-License-Identifier: Apache-2.0
// The template's syntax tree. Every node knows the byte offset that it came from.

import Text

enum TemplateConstant: Hashable {
  case none, undefined
  case bool(Bool)
  case int(Int64)
  /// Bits of a double: `hash` and `==` tell 0.0 from -0.0.
  case float(UInt64)
  case string([UInt8])
}

struct TemplateArguments {
  var positional: [TemplateExpression] = []
  var keywords: [(name: String, value: TemplateExpression)] = []
  /// `*x` and `**x`: one element each, or none.
  var spread: [TemplateExpression] = []
  var namedSpread: [TemplateExpression] = []

  var isSpread: Bool { !spread.isEmpty || !namedSpread.isEmpty }
}

enum TemplateExpressionKind {
  case constant(TemplateConstant)
  case name(String)
  case list([TemplateExpression])
  case tuple([TemplateExpression])
  case dict([(key: TemplateExpression, value: TemplateExpression)])
  case unary(TemplateOp, TemplateExpression)
  case binary(TemplateOp, TemplateExpression, TemplateExpression)
  case and(TemplateExpression, TemplateExpression)
  case or(TemplateExpression, TemplateExpression)
  case compare(TemplateExpression, [(op: TemplateOp, value: TemplateExpression)])
  case concat([TemplateExpression])
  case conditional(test: TemplateExpression, then: TemplateExpression, otherwise: TemplateExpression?)
  case attribute(TemplateExpression, String)
  case item(TemplateExpression, TemplateExpression)
  case slice(TemplateExpression, TemplateExpression?, TemplateExpression?, TemplateExpression?)
  case call(TemplateExpression, TemplateArguments)
  /// Without a value: the body of a filter block.
  case filter(TemplateExpression?, String, TemplateArguments)
  case test(TemplateExpression, String, TemplateArguments)
  /// As a target of `set` alone.
  case namespaceAttribute(String, String)
}

final class TemplateExpression {
  typealias Kind = TemplateExpressionKind
  let kind: TemplateExpressionKind
  let offset: Int

  init(kind: TemplateExpressionKind, offset: Int) {
    self.kind = kind
    self.offset = offset
  }
}

struct TemplateMacro {
  var name: String
  var parameters: [(name: String, offset: Int)]
  /// For the last parameters.
  var defaults: [TemplateExpression]
  var body: [TemplateStatement]
}

struct TemplateLoop {
  var target: TemplateExpression
  var iterable: TemplateExpression
  var test: TemplateExpression?
  var isRecursive: Bool
  var body: [TemplateStatement]
  var otherwise: [TemplateStatement]
}

enum TemplateStatementKind {
  case data([UInt8])
  case print(TemplateExpression)
  case branch([(test: TemplateExpression, body: [TemplateStatement])], otherwise: [TemplateStatement])
  case loop(TemplateLoop)
  case set(target: TemplateExpression, value: TemplateExpression)
  /// The filter's innermost value is missing: the captured text.
  case setBlock(target: TemplateExpression, filter: TemplateExpression?, body: [TemplateStatement])
  case macro(TemplateMacro)
  case callBlock(TemplateMacro, call: TemplateExpression)
  case filterBlock(TemplateExpression, body: [TemplateStatement])
  case with([(target: TemplateExpression, value: TemplateExpression)], body: [TemplateStatement])
  /// `generation`: names set inside stay inside.
  case scope([TemplateStatement])
  case breakLoop
  case continueLoop
}

final class TemplateStatement {
  typealias Kind = TemplateStatementKind
  let kind: TemplateStatementKind
  let offset: Int

  init(kind: TemplateStatementKind, offset: Int) {
    self.kind = kind
    self.offset = offset
  }
}
