// SPDX-License-Identifier: Apache-2.0
// What the machine relies on, proven at open: constants, functions, and every instruction's operands and stack depth.

extension TemplateView {
  func checkTables() throws(TemplateError) {
    for index in 0..<constantCount { try check(constant: index) }
    for index in 0..<entryCount {
      let entry = entries[index]
      guard isString(Int(entry.name)), entry.function < functionCount,
        functions[Int(entry.function)].parent == TemplateLayout.noParent
      else { throw .entryWrong(index: UInt32(index)) }
    }
    var codeEnd = 0
    for index in 0..<functionCount { try check(function: index, &codeEnd) }
    guard codeEnd == codeCount else { throw .functionWrong(index: UInt32(functionCount)) }
    for index in 0..<functionCount { try check(codeOf: index) }
  }

  private func isString(_ index: Int) -> Bool {
    index < constantCount && constants[index].kind == TemplateConstantKind.string.rawValue
  }

  /// J-11: a known kind, its unused bytes zero; a string inside the text, which is UTF-8.
  private func check(constant index: Int) throws(TemplateError) {
    let record = constants[index]
    let wrong = TemplateError.constantWrong(index: UInt32(index))
    guard record.reserved.0 | record.reserved.1 | record.reserved.2 == 0,
      let kind = TemplateConstantKind(rawValue: record.kind)
    else { throw wrong }
    switch kind {
    case .none, .no, .yes, .undefined:
      guard record.count == 0, record.payload == 0 else { throw wrong }
    case .int, .float:
      guard record.count == 0 else { throw wrong }
    case .string:
      guard record.payload <= textByteCount, Int(record.count) <= textByteCount - Int(record.payload) else {
        throw wrong
      }
      let count = Int(record.count)
      guard UTF8Bytes.validated(text + Int(record.payload), count) == count else { throw wrong }
    }
  }

  /// J-13: functions cover the code in order; a parent comes before its children; what a call fills fits the slots.
  private func check(function index: Int, _ codeEnd: inout Int) throws(TemplateError) {
    let function = functions[index]
    let wrong = TemplateError.functionWrong(index: UInt32(index))
    guard function.codeStart == codeEnd, function.codeCount > 0, function.codeCount <= codeCount - codeEnd else {
      throw wrong
    }
    codeEnd += Int(function.codeCount)
    guard function.reserved == 0, function.flags & ~TemplateLayout.functionFlagsKnown == 0,
      function.stackMax <= TemplateLayout.stackMax, function.slotCount <= TemplateLayout.slotsMax,
      function.parameterCount <= TemplateLayout.parametersMax, function.boundCount <= function.slotCount,
      isString(Int(function.name))
    else { throw wrong }
    if function.parent == TemplateLayout.noParent {
      guard function.nesting == 0, function.boundCount == 0, function.flags == 0 else { throw wrong }
    } else {
      guard function.parent < index, function.nesting == functions[Int(function.parent)].nesting + 1,
        function.nesting <= TemplateLayout.nestingMax
      else { throw wrong }
    }
    if function.flags & TemplateLayout.isRecursiveLoop != 0 {
      guard function.boundCount == 1, function.parameterCount == 1 else { throw wrong }
    }
    for parameter in 0..<Int(function.parameterCount) {
      guard isString(Int(function.firstParameter) + parameter) else { throw wrong }
    }
  }

  /// J-14 to J-17 over the instructions of one function.
  private func check(codeOf index: Int) throws(TemplateError) {
    let function = functions + index
    let start = Int(function.pointee.codeStart)
    let end = start + Int(function.pointee.codeCount)
    guard code[start].depth == 0 else { throw .stackWrong(index: UInt32(start), found: code[start].depth) }
    for at in start..<end {
      let instruction = code[at]
      guard let op = TemplateOp(rawValue: instruction.op) else {
        throw .unknownOperation(index: UInt32(at), found: instruction.op)
      }
      let a = Int(instruction.a)
      let b = Int(instruction.b)
      guard isOperandRight(op, a, b, index) else { throw .operandWrong(index: UInt32(at)) }
      let depth = Int(instruction.depth)
      let pops = op.pops(a: a, b: b)
      let after = depth - pops + op.pushes(a: a, b: b)
      // `next` looks at the iterator below what it pushes.
      guard depth >= (op == .next ? 1 : pops), max(depth, after) <= function.pointee.stackMax else {
        throw .stackWrong(index: UInt32(at), found: instruction.depth)
      }
      if op.isJump {
        guard b >= start, b < end else { throw .jumpWrong(index: UInt32(at), target: instruction.b) }
        let keeps = op == .jumpIfFalseKeep || op == .jumpIfTrueKeep || op == .next
        guard Int(code[b].depth) == (keeps ? depth : after) else {
          throw .jumpWrong(index: UInt32(at), target: instruction.b)
        }
      }
      if op == .jump { continue }
      if op == .finish {
        guard depth == 0 else { throw .stackWrong(index: UInt32(at), found: instruction.depth) }
        continue
      }
      guard at + 1 < end, Int(code[at + 1].depth) == after else {
        throw .stackWrong(index: UInt32(at), found: instruction.depth)
      }
    }
  }

  /// J-15.
  private func isOperandRight(_ op: TemplateOp, _ a: Int, _ b: Int, _ index: Int) -> Bool {
    switch op {
    case .constant: return b < constantCount && a == 0
    case .resolve, .attribute, .setAttribute, .emitConstant, .fail: return isString(b) && a == 0
    case .store, .clear: return b < functions[index].slotCount && a == 0
    case .load:
      return a <= functions[index].nesting && b & 0xFFFF < functions[ancestor(index, a)].slotCount && isString(b >> 16)
    case .loadRaw: return a <= functions[index].nesting && b < functions[ancestor(index, a)].slotCount
    case .macro: return b < functionCount && a == 0 && functions[b].parent == index
    case .concat, .list, .tuple, .dict, .unpack: return b <= TemplateLayout.stackMax && a == 0
    case .call: return b <= 255
    case .filter: return isFilterRight(a, b)
    case .test:
      guard let test = TemplateTest(rawValue: UInt8(truncatingIfNeeded: b)), b < 256 else { return false }
      return a == 1 + test.argumentCount
    case .gather: return a < 2 && b == 0
    case .jump, .jumpIfFalse, .jumpIfTrue, .jumpIfFalseKeep, .jumpIfTrueKeep, .jumpIfSet, .next: return a == 0
    default: return a == 0 && b == 0
    }
  }

  private func ancestor(_ index: Int, _ up: Int) -> Int {
    var index = index
    for _ in 0..<up { index = Int(functions[index].parent) }
    return index
  }

  private func isFilterRight(_ a: Int, _ b: Int) -> Bool {
    guard b < 1 << 16, a >= 1, let filter = TemplateFilter(rawValue: UInt8(truncatingIfNeeded: b)) else { return false }
    let inner = UInt8(b >> 8)
    switch filter {
    case .map:
      guard let applied = TemplateFilter(rawValue: inner), !applied.isHigher else { return false }
      return a <= 1 + applied.argumentsMax
    case .select, .reject:
      guard let test = TemplateTest(rawValue: inner) else { return false }
      return a == 1 + test.argumentCount
    case .selectattr, .rejectattr:
      guard let test = TemplateTest(rawValue: inner) else { return false }
      return a == 2 + test.argumentCount
    default: return inner == 0 && a <= 1 + filter.argumentsMax
    }
  }
}

extension TemplateTest {
  var argumentCount: Int {
    switch self {
    case .divisibleby, .equal, .greaterEqual, .greater, .contained, .lessEqual, .less, .notEqual, .sameas: 1
    default: 0
    }
  }
}

extension TemplateFilter {
  /// Takes another filter or a test.
  var isHigher: Bool {
    switch self {
    case .map, .select, .reject, .selectattr, .rejectattr, .format: true
    default: false
    }
  }

  var argumentsMax: Int {
    switch self {
    case .tojson, .truncate: 4
    case .dictsort, .indent, .replace, .sort: 3
    case .batch, .default, .int, .join, .mapAttribute, .max, .min, .round, .slice, .sum, .unique: 2
    case .attr, .center, .float, .trim: 1
    case .format: 254
    default: 0
    }
  }
}
