// SPDX-License-Identifier: Apache-2.0
// The template machine: its memory, and the loop over instructions. Everything lives in the scratch memory given to it;
// strings and lists point there, into the section, or into the input. Spec: specs/template.md §5.

struct TemplateMachine {
  let view: TemplateView
  let stackBase: UnsafeMutablePointer<TemplateValue>
  static let stackCount = 4096
  var top: UnsafeMutablePointer<TemplateValue>
  let calls: UnsafeMutablePointer<TemplateCall>
  static let callsMax = 256
  var callCount = 0
  var callsAllowed: Int
  let output: UnsafeMutablePointer<UInt8>
  let outputLimit: Int
  var outputCount = 0
  let heap: UnsafeMutablePointer<UInt8>
  let heapLimit: Int
  var heapCount = 0
  /// Whether text goes to the end of the heap rather than to the output.
  var writesToHeap = false
  var steps: Int
  /// Levels of values inside values that are being compared or written.
  var nesting = 0
  var input = TemplateValue(.dict)
  var clock: Int = 0
  var frame: UnsafeMutablePointer<TemplateFrameHead>
  var loopDepth = 0
  var pc = 0
  /// Which bytes the template itself wrote, where somebody asks: TemplateTrust.swift.
  var trust: TemplateTrust?
  /// What the next fault is about.
  var detail = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  /// A fault of writing or of counting steps, which need not be looked at after every byte: it stops the run at the
  /// next instruction.
  var pending: TemplateFault?

  static let fixedByteCount =
    stackCount * MemoryLayout<TemplateValue>.stride + callsMax * MemoryLayout<TemplateCall>.stride
  static let scratchByteCountMin = fixedByteCount + 65_536

  /// - Precondition: `scratch` has at least `scratchByteCountMin` bytes and starts at a multiple of 16.
  init(_ view: TemplateView, scratch: UnsafeMutableRawBufferPointer, limits: TemplateLimits) {
    self.view = view
    let base = scratch.baseAddress.unsafelyUnwrapped
    stackBase = base.assumingMemoryBound(to: TemplateValue.self)
    top = stackBase
    let callsAt = base + Self.stackCount * MemoryLayout<TemplateValue>.stride
    calls = callsAt.assumingMemoryBound(to: TemplateCall.self)
    let rest = scratch.count - Self.fixedByteCount
    outputLimit = rest / 4 & ~15
    output = (base + Self.fixedByteCount).assumingMemoryBound(to: UInt8.self)
    heap = output + outputLimit
    heapLimit = rest - outputLimit
    steps = limits.steps
    callsAllowed = min(limits.calls, Self.callsMax)
    frame = base.assumingMemoryBound(to: TemplateFrameHead.self)
  }

  // MARK: Memory

  /// `byteCount` bytes at a multiple of 8, not cleared.
  @inline(never)
  mutating func allocate(_ byteCount: Int) throws(TemplateFault) -> UnsafeMutableRawPointer {
    let start = (heapCount + 7) & ~7
    guard byteCount <= heapLimit - start, start <= heapLimit else { throw .scratchFull }
    heapCount = start + byteCount
    return UnsafeMutableRawPointer(heap + start)
  }

  @inline(never)
  mutating func allocateValues(_ count: Int) throws(TemplateFault) -> UnsafeMutablePointer<TemplateValue> {
    spend(count >> 2)
    return try allocate(count * MemoryLayout<TemplateValue>.stride).assumingMemoryBound(to: TemplateValue.self)
  }

  @inline(never)
  mutating func copyValues(_ from: UnsafePointer<TemplateValue>, to: UnsafeMutablePointer<TemplateValue>, _ count: Int)
  {
    UnsafeMutableRawPointer(to).copyMemory(from: from, byteCount: count &* MemoryLayout<TemplateValue>.stride)
  }

  @inline(never)
  mutating func spend(_ count: Int) {
    steps &-= count
    if steps < 0 { note(.tooManySteps) }
  }

  /// Remembers the first fault.
  @inline(never)
  mutating func note(_ fault: TemplateFault) {
    if pending == nil { pending = fault }
  }

  mutating func push(_ value: TemplateValue) {
    top.initialize(to: value)
    top += 1
  }

  mutating func pop() -> TemplateValue {
    top -= 1
    return top.pointee
  }

  /// A fault that is about `name`.
  @inline(never)
  mutating func fault(_ fault: TemplateFault, _ name: UnsafeBufferPointer<UInt8>) -> TemplateFault {
    detail = name
    return fault
  }

  @inline(never)
  mutating func fault(_ fault: TemplateFault, _ text: StaticString) -> TemplateFault {
    self.fault(fault, UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// What using an undefined value means.
  @inline(never)
  mutating func undefined(_ value: TemplateValue) -> TemplateFault {
    let isUnsafe = value.tag == .undefined && value.kind == UndefinedKind.unsafeAttribute.rawValue
    return fault(isUnsafe ? .unsafeAttribute : .undefined, name(of: value))
  }

  @inline(never)
  mutating func name(of value: TemplateValue) -> UnsafeBufferPointer<UInt8> {
    guard value.tag == .undefined, value.bits != 0 else { return UnsafeBufferPointer(start: nil, count: 0) }
    return value.text
  }

  /// For a value that an operation cannot take.
  @inline(never)
  mutating func wrongType(_ value: TemplateValue, _ operation: StaticString) -> TemplateFault {
    value.isUndefined ? undefined(value) : fault(.wrongType, operation)
  }

  // MARK: Instructions

  /// Makes a frame for `function`, its slots empty.
  mutating func newFrame(
    _ function: Int, parent: UnsafeMutablePointer<TemplateFrameHead>?
  ) throws(TemplateFault) -> UnsafeMutablePointer<TemplateFrameHead> {
    let slotCount = Int(view.functions[function].slotCount)
    let byteCount = TemplateFrameHead.byteCount + slotCount * MemoryLayout<TemplateValue>.stride
    let frame = try allocate(byteCount).assumingMemoryBound(to: TemplateFrameHead.self)
    frame.initialize(to: TemplateFrameHead(function: function, parent: parent))
    for slot in 0..<slotCount { (frame.slots + slot).initialize(to: .missing) }
    return frame
  }

  /// Runs the template of `function` to its end.
  mutating func run(function: Int) throws(TemplateFault) {
    frame = try newFrame(function, parent: nil)
    pc = Int(view.functions[function].codeStart)
    while true {
      let instruction = view.code[pc]
      pc += 1
      steps &-= 1
      if steps < 0 { throw .tooManySteps }
      if let pending { throw pending }
      guard let op = TemplateOp(rawValue: instruction.op) else { throw .corrupt }
      if op == .finish {
        if callCount == 0 { return }
        try returnFromCall()
      } else {
        try execute(op, Int(instruction.a), Int(instruction.b))
      }
    }
  }

  @inline(__always)
  private mutating func execute(_ op: TemplateOp, _ a: Int, _ b: Int) throws(TemplateFault) {
    switch op {
    case .constant: push(constant(b))
    case .pop: top -= 1
    case .dup: push(top[-1])
    case .swap: (top[-1], top[-2]) = (top[-2], top[-1])
    case .rotate: (top[-3], top[-2], top[-1]) = (top[-1], top[-3], top[-2])
    case .load:
      let value = slot(up: a, b & 0xFFFF).pointee
      push(value.tag == .missing ? .undefined(.name, view.string(b >> 16)) : value)
    case .loadRaw: push(slot(up: a, b).pointee)
    case .store: frame.slots[b] = pop()
    case .clear: frame.slots[b] = .missing
    case .resolve: push(resolve(view.string(b)))
    case .attribute: top[-1] = try attribute(top[-1], .string(view.string(b)))
    case .item: try binary { machine, x, y throws(TemplateFault) in try machine.item(x, y) }
    case .slice:
      top -= 3
      top[-1] = try slice(top[-1], top[0], top[1], top[2])
    case .setAttribute: try setAttribute(view.string(b))
    case .not: top[-1] = .bool(!truth(top[-1]))
    case .negate: top[-1] = try negate(top[-1])
    case .plus: guard top[-1].isNumber else { throw wrongType(top[-1], "unary +") }
    case .add, .subtract, .multiply, .divide, .floorDivide, .modulo, .power:
      top -= 1
      top[-1] = try arithmetic(op, top[-1], top[0])
    case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual, .contains, .containsNot:
      top -= 1
      top[-1] = .bool(try comparison(op, top[-1], top[0]))
    case .concat, .list, .tuple, .dict: try collect(op, b)
    case .jump: pc = b
    case .jumpIfFalse: if !truth(pop()) { pc = b }
    case .jumpIfTrue: if truth(pop()) { pc = b }
    case .jumpIfFalseKeep: if truth(top[-1]) { top -= 1 } else { pc = b }
    case .jumpIfTrueKeep: if truth(top[-1]) { pc = b } else { top -= 1 }
    case .jumpIfSet: if pop().tag != .missing { pc = b }
    case .call:
      top -= 1 + a + 2 * b
      try invoke(top[0], top + 1, a, b)
    case .spreadCall: try spreadCall()
    case .filter:
      top -= a
      let value = try filter(b, top, a)
      push(value)
    case .test:
      top -= a
      let result = try test(UInt8(truncatingIfNeeded: b), top[0], top[1])
      push(.bool(result))
    case .iterate: top[-1] = try iterate(top[-1])
    case .next:
      guard top[-1].tag == .iterator else { throw .corrupt }
      if let value = try next(iterator(top[-1])) { push(value) } else { pc = b }
    case .unpack: try unpack(b)
    case .gather: try gather(isEnd: a == 1)
    case .emit: write(pop())
    case .emitConstant:
      let text = view.string(b)
      put(text)
    case .capture: push(TemplateValue(.mark, bits: UInt64(outputCount)))
    case .endCapture: top[-1] = try captured(top[-1])
    case .macro: push(TemplateValue(.macro, bits: UInt64(UInt(bitPattern: frame)), count: b))
    case .finish: break
    case .fail: throw fault(.foreseen, view.string(b))
    }
  }

  @inline(__always)
  private mutating func binary(
    _ body: (inout TemplateMachine, TemplateValue, TemplateValue) throws(TemplateFault) -> TemplateValue
  ) throws(TemplateFault) {
    top -= 1
    top[-1] = try body(&self, top[-1], top[0])
  }

  private mutating func constant(_ index: Int) -> TemplateValue {
    let record = view.constants[index]
    switch TemplateConstantKind(rawValue: record.kind) {
    case .no: return .bool(false)
    case .yes: return .bool(true)
    case .int: return TemplateValue(.int, bits: record.payload)
    case .float: return TemplateValue(.float, bits: record.payload)
    case .string: return .string(view.string(index))
    case .undefined: return .undefined
    default: return .none
    }
  }

  private mutating func slot(up: Int, _ index: Int) -> UnsafeMutablePointer<TemplateValue> {
    var owner = frame
    for _ in 0..<up { owner = owner.pointee.parent.unsafelyUnwrapped }
    return owner.slots + index
  }

  /// The text since a mark, as a string.
  private mutating func captured(_ mark: TemplateValue) throws(TemplateFault) -> TemplateValue {
    guard mark.tag == .mark, mark.bits <= UInt64(outputCount) else { throw .corrupt }
    let start = Int(mark.bits)
    let count = outputCount - start
    guard count <= heapLimit - heapCount else { throw .scratchFull }
    spend(count >> 6)
    let copy = heap + heapCount
    UnsafeMutableRawPointer(copy).copyMemory(from: output + start, byteCount: count)
    trust?.copy(from: output + start, to: copy, count)
    heapCount += count
    outputCount = start
    return .string(copy, count)
  }

  mutating func returnFromCall() throws(TemplateFault) {
    callCount -= 1
    let call = calls[callCount]
    let text = try captured(TemplateValue(.mark, bits: UInt64(call.outputMark)))
    pc = call.returnTo
    frame = call.frame
    loopDepth = call.loopDepth
    push(text)
  }

  private mutating func collect(_ op: TemplateOp, _ count: Int) throws(TemplateFault) {
    switch op {
    case .concat:
      top -= count
      let first = top
      var text = TemplateValue.emptyString
      if count > 0 { text = try concatenated(first, count) }
      push(text)
    case .dict:
      top -= 2 * count
      let first = top
      var dict = try newDict(capacity: count)
      for index in 0..<count { try insert(&dict, first[2 * index], first[2 * index + 1]) }
      push(dict)
    default:
      top -= count
      let items = try allocateValues(count)
      copyValues(top, to: items, count)
      push(.array(items, count, op == .list ? .list : .tuple))
    }
  }

  private mutating func setAttribute(_ name: UnsafeBufferPointer<UInt8>) throws(TemplateFault) {
    top -= 2
    guard top[1].tag == .namespace else { throw fault(.wrongType, name) }
    try set(top[1], .string(name), top[0])
  }
}
