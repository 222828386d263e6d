// SPDX-License-Identifier: Apache-2.0
// From JSON and a compiled template to text: the door of the template machine.

/// What a template is rendered with.
public struct TemplateInput: @unchecked Sendable {
  /// One JSON object: `messages`, `tools`, `add_generation_prompt`, `bos_token`, … UTF-8. `now`, an ISO 8601 time, is
  /// what `strftime_now` sees.
  public var json: UnsafeRawBufferPointer
  /// `bos_token` and `eos_token` where the object has none.
  public var bos: UnsafeBufferPointer<UInt8>?
  public var eos: UnsafeBufferPointer<UInt8>?
  /// Seconds since 1970, where the object has no `now`.
  public var clock: Int

  public init(
    json: UnsafeRawBufferPointer, bos: UnsafeBufferPointer<UInt8>? = nil, eos: UnsafeBufferPointer<UInt8>? = nil,
    clock: Int = 0
  ) {
    self.json = json
    self.bos = bos
    self.eos = eos
    self.clock = clock
  }
}

extension TemplateView {
  /// Scratch memory that takes a conversation of `inputByteCount` bytes of JSON with room to spare. Pages that are not
  /// needed are not touched.
  public static func scratchByteCount(inputByteCount: Int) -> Int {
    (TemplateMachine.scratchByteCountMin + (8 << 20) + 64 * inputByteCount + 4095) & ~4095
  }

  /// Renders `input`, with the template `tool_use` where there is one and tools are given, else with `default`.
  ///
  /// - Parameter scratch: at least 180 KiB, at a multiple of 16; what is there is overwritten.
  /// - Returns: UTF-8 in `scratch`, valid until that is used again.
  /// - Throws: J-40 and up; the detail of an error lies in `scratch`, the section or `input`.
  public func render(
    _ input: TemplateInput, scratch: UnsafeMutableRawBufferPointer, limits: TemplateLimits = TemplateLimits()
  ) throws(TemplateError) -> UnsafeRawBufferPointer {
    try render(input, scratch: scratch, limits: limits, marks: nil)
  }

  /// `marks`: a byte for each byte of the scratch memory behind its fixed part, or nil: TemplateTrust.swift.
  func render(
    _ input: TemplateInput, scratch: UnsafeMutableRawBufferPointer, limits: TemplateLimits,
    marks: UnsafeMutablePointer<UInt8>?
  ) throws(TemplateError) -> UnsafeRawBufferPointer {
    guard scratch.count >= TemplateMachine.scratchByteCountMin,
      UInt(bitPattern: scratch.baseAddress) % 16 == 0
    else {
      throw .scratchTooSmall(have: UInt64(scratch.count), need: UInt64(TemplateMachine.scratchByteCountMin))
    }
    var machine = TemplateMachine(self, input, scratch: scratch, limits: limits, marks: marks)
    var reader = TemplateJSONReader(input.json, machine)
    machine.input = reader.read(&machine)
    if machine.pending == .badValue { throw .inputWrong(offset: UInt64(reader.wrongAt)) }
    machine.complete()
    if !machine.isStopped { machine.run(function: entryFunction(&machine)) }
    if let fault = machine.pending {
      let line = machine.instructionIndex < 0 ? 0 : lines[machine.instructionIndex]
      throw .failed(fault, line: line, detail: TemplateDetail(bytes: UnsafeRawBufferPointer(machine.detail)))
    }
    return UnsafeRawBufferPointer(start: machine.output, count: machine.outputCount)
  }

  private func entryFunction(_ machine: inout TemplateMachine) -> Int {
    var chosen = 0
    let tools = machine.variable(.string("tools"))
    for index in 0..<entryCount {
      let name = machine.text(Int(entries[index].name))
      if name.equals("default"), chosen == 0 { chosen = index }
      if name.equals("tool_use"), tools.tag != .missing, tools.tag != .none { return Int(entries[index].function) }
    }
    return Int(entries[chosen].function)
  }
}

extension TemplateMachine {
  /// Adds the special tokens that the object does not have, and sets the clock by its `now`.
  mutating func complete() {
    let now = lookUp(input, .string("now"))
    if now.tag == .string, case let seconds = seconds(now), seconds != Int.min { clock = seconds }
    let (bosName, eosName) = (TemplateValue.string("bos_token"), TemplateValue.string("eos_token"))
    var all = newDict(capacity: input.count &+ 2)
    if isStopped { return }
    copyValues(input.items, to: all.items, 2 &* input.count)
    all.count = input.count
    if bos.tag == .string, variable(bosName).tag == .missing { insert(&all, bosName, bos) }
    if eos.tag == .string, variable(eosName).tag == .missing { insert(&all, eosName, eos) }
    input = all
  }
}
