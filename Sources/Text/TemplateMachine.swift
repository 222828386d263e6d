// SPDX-License-Identifier: Apache-2.0
// The template machine: its memory, and the loop over instructions. Everything lives in the scratch memory given to it;
// strings and lists point there, into the section, or into the input. Spec: specs/template.md §5.

struct TemplateMachine {
  // What is asked for most comes first: near offsets make short instructions.

  var top: UnsafeMutablePointer<TemplateValue>
  var steps: Int
  /// The first fault. It stops the run at the end of the instruction; until then operations do little, and what they
  /// give means nothing but is well-formed. So nothing need ask after each call, only loops whose work is not free.
  var pending: TemplateFault?
  /// Whether text goes to the end of the heap rather than to the output.
  var writesToHeap = false
  var heapCount = 0
  let heap: UnsafeMutablePointer<UInt8>
  let heapLimit: Int
  /// What a filter, function or method is called with besides its value: so many by position, then so many names and
  /// values.
  var arguments: UnsafeMutablePointer<TemplateValue>
  var argumentCount = 0
  var namedCount = 0
  /// Levels of values inside values that are being compared or written.
  var nesting = 0
  let output: UnsafeMutablePointer<UInt8>
  let outputLimit: Int
  var outputCount = 0
  var frame: UnsafeMutablePointer<TemplateFrameHead>
  var pc = 0
  /// The instruction that runs, or -1.
  var instructionIndex = -1
  /// What the fault is about.
  var detail = UnsafeBufferPointer<UInt8>(start: nil, count: 0)
  let stackBase: UnsafeMutablePointer<TemplateValue>
  let calls: UnsafeMutablePointer<TemplateCall>
  var callCount = 0
  let callsAllowed: Int
  var loopDepth = 0
  var clock: Int
  var input = TemplateValue(.dict)
  let bos: TemplateValue
  let eos: TemplateValue
  /// Which bytes the template itself wrote, where somebody asks: TemplateTrust.swift.
  let marks: UnsafeMutablePointer<UInt8>?
  let view: TemplateView

  static let stackCount = 4096
  static let callsMax = 256
  static let fixedByteCount =
    stackCount * MemoryLayout<TemplateValue>.stride + callsMax * MemoryLayout<TemplateCall>.stride
  static let scratchByteCountMin = fixedByteCount + 65_536

  /// - Precondition: `scratch` has at least `scratchByteCountMin` bytes and starts at a multiple of 16.
  init(
    _ view: TemplateView, _ input: TemplateInput, scratch: UnsafeMutableRawBufferPointer, limits: TemplateLimits,
    marks: UnsafeMutablePointer<UInt8>?
  ) {
    self.view = view
    let base = scratch.baseAddress.unsafelyUnwrapped
    stackBase = base.assumingMemoryBound(to: TemplateValue.self)
    top = stackBase
    arguments = stackBase
    let callsAt = base + Self.stackCount * MemoryLayout<TemplateValue>.stride
    calls = callsAt.assumingMemoryBound(to: TemplateCall.self)
    let rest = scratch.count &- Self.fixedByteCount
    outputLimit = rest / 4 & ~15
    output = (base + Self.fixedByteCount).assumingMemoryBound(to: UInt8.self)
    heap = output + outputLimit
    heapLimit = rest &- outputLimit
    steps = limits.steps
    callsAllowed = min(limits.calls, Self.callsMax)
    frame = base.assumingMemoryBound(to: TemplateFrameHead.self)
    clock = input.clock
    bos = input.bos.map { .string($0) } ?? .missing
    eos = input.eos.map { .string($0) } ?? .missing
    self.marks = marks
  }

  // MARK: Memory

  /// `byteCount` bytes at a multiple of 8, not cleared; nil, and the run stops, where there are not so many.
  @inline(never)
  mutating func allocate(_ byteCount: Int) -> UnsafeMutableRawPointer? {
    let start = (heapCount &+ 7) & ~7
    guard pending == nil, byteCount <= heapLimit &- start else {
      stop(.scratchFull)
      return nil
    }
    heapCount = start &+ byteCount
    return UnsafeMutableRawPointer(heap + start)
  }

  /// Room for `count` values, of which there are fewer than 2³³.
  @inline(never)
  mutating func allocateValues(_ count: Int) -> UnsafeMutablePointer<TemplateValue>? {
    spend(count >> 2)
    return allocate(count &* MemoryLayout<TemplateValue>.stride)?.assumingMemoryBound(to: TemplateValue.self)
  }

  @inline(never)
  mutating func copyValues(_ from: UnsafePointer<TemplateValue>, to: UnsafeMutablePointer<TemplateValue>, _ count: Int)
  {
    UnsafeMutableRawPointer(to).copyMemory(from: from, byteCount: count &* MemoryLayout<TemplateValue>.stride)
  }

  mutating func push(_ value: TemplateValue) {
    top.initialize(to: value)
    top += 1
  }

  mutating func pop() -> TemplateValue {
    top -= 1
    return top.pointee
  }

  // MARK: Faults

  var isStopped: Bool { pending != nil }

  @inline(never)
  mutating func spend(_ count: Int) {
    steps &-= count
    if steps < 0 { stop(.tooManySteps) }
  }

  /// Stops the run because of what `text` is about.
  @inline(never)
  mutating func stop(_ fault: TemplateFault, about text: TemplateValue) {
    if isStopped { return }
    pending = fault
    detail = text.text
  }

  @inline(never)
  mutating func stop(_ fault: TemplateFault) { stop(fault, about: .emptyString) }

  /// `literal` ends with a zero.
  @inline(never)
  private mutating func stop(_ fault: TemplateFault, literal: UnsafePointer<UInt8>) -> TemplateValue {
    var count = 0
    while literal[count] != 0 { count &+= 1 }
    stop(fault, about: .string(literal, count))
    return .undefined
  }

  /// Stops the run. A static string is passed as an address alone, being zero-terminated.
  @inline(__always)
  mutating func fail(_ fault: TemplateFault, _ text: StaticString) -> TemplateValue {
    stop(fault, literal: text.utf8Start)
  }
  @inline(__always)
  mutating func fail(_ fault: TemplateFault, _ text: StaticString) -> Bool {
    _ = stop(fault, literal: text.utf8Start)
    return false
  }
  @inline(__always)
  mutating func fail(_ fault: TemplateFault, _ text: StaticString) -> Int {
    _ = stop(fault, literal: text.utf8Start)
    return 0
  }
  @inline(__always)
  mutating func stop(_ fault: TemplateFault, _ text: StaticString) { _ = stop(fault, literal: text.utf8Start) }

  /// What using an undefined value means.
  @inline(never)
  mutating func useUndefined(_ value: TemplateValue) -> TemplateValue {
    let isUnsafe = value.tag == .undefined && value.kind == UndefinedKind.unsafeAttribute.rawValue
    stop(isUnsafe ? .unsafeAttribute : .undefined, about: name(of: value))
    return .undefined
  }

  @inline(never)
  mutating func name(of value: TemplateValue) -> TemplateValue {
    value.tag == .undefined && value.bits != 0 ? .string(value.text) : .emptyString
  }

  @inline(never)
  private mutating func refuse(_ value: TemplateValue, _ literal: UnsafePointer<UInt8>) -> TemplateValue {
    value.isUndefined ? useUndefined(value) : stop(.wrongType, literal: literal)
  }

  @inline(never)
  mutating func wrongType(_ value: TemplateValue, _ operation: TemplateValue) -> TemplateValue {
    if value.isUndefined { return useUndefined(value) }
    stop(.wrongType, about: operation)
    return .undefined
  }

  /// For a value that an operation cannot take.
  @inline(__always)
  mutating func wrongType(_ value: TemplateValue, _ operation: StaticString) -> TemplateValue {
    refuse(value, operation.utf8Start)
  }

  // MARK: Instructions

  /// A string constant.
  @inline(never)
  mutating func text(_ index: Int) -> TemplateValue {
    let record = view.constants[index]
    return .string(view.text + Int(truncatingIfNeeded: record.payload), Int(record.count))
  }

  /// Makes a frame for `function`, its slots empty.
  mutating func newFrame(
    _ function: Int, parent: UnsafeMutablePointer<TemplateFrameHead>?
  ) -> UnsafeMutablePointer<TemplateFrameHead>? {
    let slotCount = Int(view.functions[function].slotCount)
    let byteCount = TemplateFrameHead.byteCount &+ slotCount &* MemoryLayout<TemplateValue>.stride
    spend(slotCount >> 2)
    guard let frame = allocate(byteCount)?.assumingMemoryBound(to: TemplateFrameHead.self) else { return nil }
    frame.initialize(to: TemplateFrameHead(function: function, parent: parent))
    frame.slots.initialize(repeating: .missing, count: slotCount)
    return frame
  }

  /// Runs the template of `function` to its end, or to the first fault.
  mutating func run(function: Int) {
    guard let first = newFrame(function, parent: nil) else { return }
    frame = first
    pc = Int(view.functions[function].codeStart)
    while !isStopped {
      instructionIndex = pc
      let instruction = view.code[pc]
      pc &+= 1
      spend(1)
      guard let op = TemplateOp(rawValue: instruction.op) else { return stop(.corrupt) }
      if op == .finish {
        if callCount == 0 { return }
        returnFromCall()
      } else {
        execute(op, Int(instruction.a), Int(instruction.b))
      }
    }
  }

  @inline(__always)
  private mutating func execute(_ op: TemplateOp, _ a: Int, _ b: Int) {
    switch op {
    case .constant: push(constant(b))
    case .pop: top -= 1
    case .dup: push(top[-1])
    case .swap: (top[-1], top[-2]) = (top[-2], top[-1])
    case .rotate: (top[-3], top[-2], top[-1]) = (top[-1], top[-3], top[-2])
    case .load:
      let value = slot(up: a, b & 0xFFFF).pointee
      push(value.tag == .missing ? .undefined(.name, text(b >> 16)) : value)
    case .loadRaw: push(slot(up: a, b).pointee)
    case .store: frame.slots[b] = pop()
    case .clear: frame.slots[b] = .missing
    case .resolve: push(resolve(text(b)))
    case .attribute: top[-1] = attribute(top[-1], text(b))
    case .item:
      top -= 1
      top[-1] = item(top[-1], top[0])
    case .slice:
      top -= 3
      top[-1] = slice(top[-1], top[0], top[1], top[2])
    case .setAttribute: setAttribute(text(b))
    case .not: top[-1] = .bool(!truth(top[-1]))
    case .negate: top[-1] = negate(top[-1])
    case .plus: if !top[-1].isNumber { top[-1] = wrongType(top[-1], "unary +") }
    case .add, .subtract, .multiply, .divide, .floorDivide, .modulo, .power:
      top -= 1
      top[-1] = arithmetic(op, top[-1], top[0])
    case .equal, .notEqual, .less, .lessEqual, .greater, .greaterEqual, .contains, .containsNot:
      top -= 1
      top[-1] = .bool(comparison(op, top[-1], top[0]))
    case .concat, .list, .tuple, .dict: collect(op, b)
    case .jump: pc = b
    case .jumpIfFalse: if !truth(pop()) { pc = b }
    case .jumpIfTrue: if truth(pop()) { pc = b }
    case .jumpIfFalseKeep: if truth(top[-1]) { top -= 1 } else { pc = b }
    case .jumpIfTrueKeep: if truth(top[-1]) { pc = b } else { top -= 1 }
    case .jumpIfSet: if pop().tag != .missing { pc = b }
    case .call:
      top -= 1 &+ a &+ 2 &* b
      invoke(top[0], top + 1, a, b)
    case .spreadCall: spreadCall()
    case .filter:
      top -= a
      arguments = top + 1
      argumentCount = a &- 1
      push(filter(b, top[0]))
    case .test:
      top -= a
      push(.bool(test(UInt8(truncatingIfNeeded: b), top[0], top[1])))
    case .iterate: top[-1] = iterate(top[-1])
    case .next:
      guard top[-1].tag == .iterator else { return stop(.corrupt) }
      let item = next(iterator(top[-1]))
      if item.tag == .missing { pc = b } else { push(item) }
    case .unpack: unpack(b)
    case .gather: gather(isEnd: a == 1)
    case .emit: write(pop())
    case .emitConstant: write(text(b))
    case .capture: push(TemplateValue(.mark, bits: UInt64(truncatingIfNeeded: outputCount)))
    case .endCapture:
      let mark = top[-1]
      guard mark.tag == .mark, mark.bits <= UInt64(truncatingIfNeeded: outputCount) else { return stop(.corrupt) }
      top[-1] = captured(mark.integer)
    case .macro: push(TemplateValue(.macro, bits: UInt64(UInt(bitPattern: frame)), count: b))
    case .finish: break
    case .fail: stop(.foreseen, about: text(b))
    }
  }

  private mutating func constant(_ index: Int) -> TemplateValue {
    let record = view.constants[index]
    switch TemplateConstantKind(rawValue: record.kind) {
    case .no: return .bool(false)
    case .yes: return .bool(true)
    case .int: return TemplateValue(.int, bits: record.payload)
    case .float: return TemplateValue(.float, bits: record.payload)
    case .string: return text(index)
    case .undefined: return .undefined
    default: return .none
    }
  }

  private mutating func slot(up: Int, _ index: Int) -> UnsafeMutablePointer<TemplateValue> {
    var owner = frame
    for _ in 0..<up { owner = owner.pointee.parent.unsafelyUnwrapped }
    return owner.slots + index
  }

  /// The text that was printed since the output had `start` bytes, as a string.
  private mutating func captured(_ start: Int) -> TemplateValue {
    let text = begin()
    put(output + start, outputCount &- start)
    outputCount = start
    return end(text)
  }

  mutating func returnFromCall() {
    callCount &-= 1
    let call = calls[callCount]
    pc = call.returnTo
    frame = call.frame
    loopDepth = call.loopDepth
    push(captured(call.outputMark))
  }

  private mutating func collect(_ op: TemplateOp, _ count: Int) {
    switch op {
    case .concat:
      top -= count
      push(count > 0 ? concatenated(top, count) : .emptyString)
    case .dict:
      top -= 2 &* count
      let first = top
      var dict = newDict(capacity: count)
      for index in 0..<count { insert(&dict, first[2 &* index], first[2 &* index &+ 1]) }
      push(dict)
    default:
      top -= count
      push(array(of: top, count, op == .list ? .list : .tuple))
    }
  }

  /// A copy of `count` values as a list or tuple.
  @inline(never)
  mutating func array(of values: UnsafePointer<TemplateValue>, _ count: Int, _ kind: ArrayKind) -> TemplateValue {
    guard let items = allocateValues(count) else { return TemplateValue(.array) }
    copyValues(values, to: items, count)
    return .array(items, count, kind)
  }

  private mutating func setAttribute(_ name: TemplateValue) {
    top -= 2
    guard top[1].tag == .namespace else { return stop(.wrongType, about: name) }
    set(top[1], name, top[0])
  }
}
