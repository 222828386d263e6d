// SPDX-License-Identifier: Apache-2.0
// Bytecode in the making: functions with their instructions, the shared constants, and the section's bytes.
import Text

/// A place to jump to, known later.
struct TemplateLabel { fileprivate var index: Int }

/// One function: the template, a macro, the body of a `call`, a recursive loop.
final class TemplateFunctionBuilder {
  struct Instruction {
    var op: TemplateOp
    var a: Int
    var b: Int
    var depth: Int
    var line: Int
  }

  /// What lies on the operand stack between statements.
  enum Held { case iterator, mark }

  let index: Int
  let parent: TemplateFunctionBuilder?
  let nesting: Int
  var nameConstant = 0
  var parameterNames: [String] = []
  var flags: UInt8 = 0
  private(set) var slotCount = 0
  private(set) var code: [Instruction] = []
  private(set) var depth = 0
  private(set) var depthMax = 0
  var line = 1
  var held: [Held] = []
  private var labelTargets: [Int?] = []
  private var labelDepths: [Int?] = []

  init(index: Int, parent: TemplateFunctionBuilder?) {
    self.index = index
    self.parent = parent
    nesting = parent.map { $0.nesting + 1 } ?? 0
  }

  func newSlot() -> Int {
    slotCount += 1
    return slotCount - 1
  }

  func newLabel() -> TemplateLabel {
    labelTargets.append(nil)
    labelDepths.append(nil)
    return TemplateLabel(index: labelTargets.count - 1)
  }

  func place(_ label: TemplateLabel) {
    labelTargets[label.index] = code.count
    if let known = labelDepths[label.index] { depth = known }
    labelDepths[label.index] = depth
  }

  func emit(_ op: TemplateOp, a: Int = 0, b: Int = 0) {
    code.append(Instruction(op: op, a: a, b: b, depth: depth, line: line))
    depth += op.pushes(a: a, b: b) - op.pops(a: a, b: b)
    depthMax = max(depthMax, depth)
  }

  /// A jump; what it leaves on the stack at the target is `depth` after it, or one more for the `Keep` kinds.
  func jump(_ op: TemplateOp, _ label: TemplateLabel) {
    let before = depth
    emit(op, b: label.index)
    labelDepths[label.index] = op == .jumpIfFalseKeep || op == .jumpIfTrueKeep || op == .next ? before : depth
  }

  /// Code behind an unconditional jump starts with the stack that its label had.
  func restore(depth: Int) { self.depth = depth }

  func resolveLabels() {
    for i in code.indices where code[i].op.isJump { code[i].b = labelTargets[code[i].b]! }
  }
}

/// Everything that the templates of one section share.
struct TemplateEmitter {
  private(set) var functions: [TemplateFunctionBuilder] = []
  private(set) var constants: [TemplateConstant] = []
  private var constantIndexes: [TemplateConstant: Int] = [:]

  mutating func newFunction(parent: TemplateFunctionBuilder?) -> TemplateFunctionBuilder {
    let function = TemplateFunctionBuilder(index: functions.count, parent: parent)
    functions.append(function)
    return function
  }

  mutating func constant(_ constant: TemplateConstant) -> Int {
    if let index = constantIndexes[constant] { return index }
    constants.append(constant)
    constantIndexes[constant] = constants.count - 1
    return constants.count - 1
  }

  mutating func string(_ text: String) -> Int { constant(.string(Array(text.utf8))) }

  /// Names that must follow one another: always new.
  mutating func consecutive(_ names: [String]) -> Int {
    let first = constants.count
    for name in names { constants.append(.string(Array(name.utf8))) }
    return first
  }

  /// The first limit that the code is over, or nil.
  func limitBroken() -> String? {
    typealias Layout = TemplateLayout
    if functions.count > Layout.functionsMax { return "more than \(Layout.functionsMax) macros" }
    if constants.count > Layout.constantsMax { return "more than \(Layout.constantsMax) constants" }
    for function in functions {
      if function.slotCount > Layout.slotsMax { return "more than \(Layout.slotsMax) names in a macro" }
      if function.depthMax > Layout.stackMax {
        return "an expression needs more than \(Layout.stackMax) values at once"
      }
      if function.nesting > Layout.nestingMax { return "macros nested more than \(Layout.nestingMax) deep" }
      if function.parameterNames.count > Layout.parametersMax { return "more than \(Layout.parametersMax) parameters" }
    }
    return nil
  }

  /// The section of specs/template.md §3.
  mutating func section(entries: [(name: String, function: Int)]) -> [UInt8] {
    var tables = [[UInt8]](repeating: [], count: TemplateLayout.tableCount)
    for entry in entries {
      tables[TemplateTable.entries.rawValue].put(UInt32(string(entry.name)))
      tables[TemplateTable.entries.rawValue].put(UInt32(entry.function))
    }
    var codeStart = 0
    for function in functions {
      let firstParameter = consecutive(function.parameterNames)
      var record: [UInt8] = []
      record.put(UInt32(codeStart))
      record.put(UInt32(function.code.count))
      record.put(function.parent.map { UInt32($0.index) } ?? TemplateLayout.noParent)
      record.put(UInt32(firstParameter))
      record.put(UInt32(function.nameConstant))
      record.put(UInt16(function.parameterNames.count))
      record.put(UInt16(function.slotCount))
      record.put(UInt16(function.depthMax))
      record += [function.flags, UInt8(function.nesting), 0, 0, 0, 0]
      tables[TemplateTable.functions.rawValue] += record
      for instruction in function.code {
        tables[TemplateTable.code.rawValue] += [instruction.op.rawValue, UInt8(instruction.a)]
        tables[TemplateTable.code.rawValue].put(UInt16(instruction.depth))
        let target = instruction.op.isJump ? instruction.b + codeStart : instruction.b
        tables[TemplateTable.code.rawValue].put(UInt32(target))
        tables[TemplateTable.lines.rawValue].put(UInt16(clamping: instruction.line))
      }
      codeStart += function.code.count
    }
    writeConstants(&tables)
    return frame(tables, entryCount: entries.count)
  }

  private func writeConstants(_ tables: inout [[UInt8]]) {
    for constant in constants {
      var kind = TemplateConstantKind.none
      var count: UInt32 = 0
      var payload: UInt64 = 0
      switch constant {
      case .none: break
      case .undefined: kind = .undefined
      case .bool(let value): kind = value ? .yes : .no
      case .int(let value):
        kind = .int
        payload = UInt64(bitPattern: value)
      case .float(let bits):
        kind = .float
        payload = bits
      case .string(let bytes):
        kind = .string
        count = UInt32(bytes.count)
        payload = UInt64(tables[TemplateTable.text.rawValue].count)
        tables[TemplateTable.text.rawValue] += bytes
      }
      tables[TemplateTable.constants.rawValue] += [kind.rawValue, 0, 0, 0]
      tables[TemplateTable.constants.rawValue].put(count)
      tables[TemplateTable.constants.rawValue].put(payload)
    }
  }

  private func frame(_ tables: [[UInt8]], entryCount: Int) -> [UInt8] {
    var head: [UInt8] = []
    head.put(TemplateLayout.magic)
    head.put(TemplateLayout.version)
    head.put(UInt16(entryCount))
    var body: [UInt8] = []
    var directory: [UInt8] = []
    for table in tables {
      directory.put(UInt32(TemplateLayout.headerByteCount + body.count))
      directory.put(UInt32(table.count))
      body += table
      while body.count % 8 != 0 { body.append(0) }
    }
    head.put(UInt32(TemplateLayout.headerByteCount + body.count))
    head.put(UInt32(0))
    return head + directory + body
  }
}

extension [UInt8] {
  fileprivate mutating func put<Value: FixedWidthInteger>(_ value: Value) {
    Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
  }
}
