// SPDX-License-Identifier: Apache-2.0
// A template section read in place. `init(checking:)` proves every index, jump and stack depth once; the machine then
// runs without checking them. Spec: specs/template.md.

/// Compiled templates over mapped bytes that the view does not own.
public struct TemplateView: @unchecked Sendable {
  let base: UnsafeRawPointer
  public let entryCount: Int
  let functionCount: Int
  let constantCount: Int
  let codeCount: Int
  let entries: UnsafePointer<TemplateEntry>
  let functions: UnsafePointer<TemplateFunction>
  let code: UnsafePointer<TemplateInstruction>
  let lines: UnsafePointer<UInt16>
  let constants: UnsafePointer<TemplateConstantRecord>
  let text: UnsafePointer<UInt8>
  let textByteCount: Int

  /// - Throws: the first broken rule, J-01 to J-17 in that order of checking.
  /// - Complexity: O(bytes). Allocates nothing.
  public init(checking bytes: UnsafeRawBufferPointer) throws(TemplateError) {
    guard let start = bytes.baseAddress, bytes.count >= TemplateLayout.headerByteCount else {
      throw .truncated(have: UInt64(bytes.count), need: UInt64(TemplateLayout.headerByteCount))
    }
    guard UInt(bitPattern: start) % 8 == 0 else {
      throw .misaligned(addressModulo8: UInt8(UInt(bitPattern: start) % 8))
    }
    let frame = try TemplateFrame(base: start, byteCount: bytes.count)
    base = start
    entryCount = frame.count(.entries, TemplateLayout.entryByteCount)
    functionCount = frame.count(.functions, TemplateLayout.functionByteCount)
    codeCount = frame.count(.code, TemplateLayout.instructionByteCount)
    constantCount = frame.count(.constants, TemplateLayout.constantByteCount)
    textByteCount = frame.byteCount(.text)
    entries = (start + frame.offset(.entries)).assumingMemoryBound(to: TemplateEntry.self)
    functions = (start + frame.offset(.functions)).assumingMemoryBound(to: TemplateFunction.self)
    code = (start + frame.offset(.code)).assumingMemoryBound(to: TemplateInstruction.self)
    lines = (start + frame.offset(.lines)).assumingMemoryBound(to: UInt16.self)
    constants = (start + frame.offset(.constants)).assumingMemoryBound(to: TemplateConstantRecord.self)
    text = (start + frame.offset(.text)).assumingMemoryBound(to: UInt8.self)
    try checkTables()
  }

  /// Bytes of a string constant.
  func string(_ index: Int) -> UnsafeBufferPointer<UInt8> {
    let record = constants[index]
    return UnsafeBufferPointer(start: text + Int(record.payload), count: Int(record.count))
  }

  /// The name of a template: `default`, `tool_use`, …
  public func name(ofEntry index: Int) -> UnsafeBufferPointer<UInt8> { string(Int(entries[index].name)) }
}

/// 8 bytes.
struct TemplateEntry: BitwiseCopyable {
  var name: UInt32
  var function: UInt32
}

/// 32 bytes.
struct TemplateFunction: BitwiseCopyable {
  var codeStart: UInt32
  var codeCount: UInt32
  var parent: UInt32
  var firstParameter: UInt32
  var name: UInt32
  var parameterCount: UInt16
  var slotCount: UInt16
  var stackMax: UInt16
  var flags: UInt8
  var nesting: UInt8
  var reserved: UInt32

  /// Slots that a call fills: parameters, then caller, keyword and positional arguments that no parameter takes.
  var boundCount: Int {
    let special =
      flags & (TemplateLayout.catchesCaller | TemplateLayout.catchesKeywords | TemplateLayout.catchesPositional)
    return Int(parameterCount) + special.nonzeroBitCount
  }
}

/// 8 bytes.
struct TemplateInstruction: BitwiseCopyable {
  var op: UInt8
  var a: UInt8
  var depth: UInt16
  var b: UInt32
}

/// 16 bytes.
struct TemplateConstantRecord: BitwiseCopyable {
  var kind: UInt8
  var reserved: (UInt8, UInt8, UInt8)
  var count: UInt32
  var payload: UInt64
}

/// The frame of the section: header and table directory.
struct TemplateFrame {
  let base: UnsafeRawPointer

  private func u16(_ offset: Int) -> UInt16 { base.load(fromByteOffset: offset, as: UInt16.self) }
  private func u32(_ offset: Int) -> UInt32 { base.load(fromByteOffset: offset, as: UInt32.self) }

  func offset(_ table: TemplateTable) -> Int { Int(u32(TemplateLayout.directoryOffset + 8 * table.rawValue)) }
  func byteCount(_ table: TemplateTable) -> Int {
    Int(u32(TemplateLayout.directoryOffset + 8 * table.rawValue + 4))
  }
  func count(_ table: TemplateTable, _ stride: Int) -> Int { byteCount(table) / stride }

  /// Rules J-03 to J-10.
  init(base: UnsafeRawPointer, byteCount: Int) throws(TemplateError) {
    self.base = base
    guard u32(0) == TemplateLayout.magic else { throw .wrongMagic(found: u32(0)) }
    let version = u16(TemplateLayout.versionOffset)
    guard version == TemplateLayout.version else {
      throw .unknownVersion(found: version, known: TemplateLayout.version)
    }
    let stated = UInt64(u32(TemplateLayout.byteCountOffset))
    guard stated == UInt64(byteCount), byteCount <= TemplateLayout.byteCountMax else {
      throw .byteCountWrong(found: UInt64(byteCount), stated: stated)
    }
    guard u32(TemplateLayout.reservedOffset) == 0 else {
      throw .reservedNotZero(offset: UInt32(TemplateLayout.reservedOffset))
    }
    try checkDirectory(byteCount)
    try checkCounts()
  }

  private func checkDirectory(_ sectionByteCount: Int) throws(TemplateError) {
    var end = TemplateLayout.headerByteCount
    for index in 0..<TemplateLayout.tableCount {
      let at = TemplateLayout.directoryOffset + 8 * index
      let found = Int(u32(at))
      guard found == end else {
        throw .tableMisplaced(table: UInt8(index), offset: UInt32(found), expected: UInt32(end))
      }
      let tableEnd = end + Int(u32(at + 4))
      end = (tableEnd + 7) & ~7
      guard end <= sectionByteCount else { throw .truncated(have: UInt64(sectionByteCount), need: UInt64(end)) }
      for offset in tableEnd..<end where base.load(fromByteOffset: offset, as: UInt8.self) != 0 {
        throw .paddingNotZero(offset: UInt32(offset))
      }
    }
    guard end == sectionByteCount else { throw .byteCountWrong(found: UInt64(sectionByteCount), stated: UInt64(end)) }
  }

  private func expect(_ table: TemplateTable, of stride: Int, most: Int) throws(TemplateError) {
    let count = byteCount(table) / stride
    guard count * stride == byteCount(table), count > 0 else {
      throw .tableByteCountWrong(
        table: UInt8(table.rawValue), found: UInt32(byteCount(table)), expected: UInt32(Swift.max(count, 1) * stride))
    }
    guard count <= most else {
      throw .overLimit(table: UInt8(table.rawValue), found: UInt64(count), limit: UInt64(most))
    }
  }

  private func checkCounts() throws(TemplateError) {
    try expect(.entries, of: TemplateLayout.entryByteCount, most: TemplateLayout.entriesMax)
    let entries = Int(u16(TemplateLayout.entryCountOffset)) * TemplateLayout.entryByteCount
    guard byteCount(.entries) == entries else {
      throw .tableByteCountWrong(table: 0, found: UInt32(byteCount(.entries)), expected: UInt32(entries))
    }
    try expect(.functions, of: TemplateLayout.functionByteCount, most: TemplateLayout.functionsMax)
    try expect(.code, of: TemplateLayout.instructionByteCount, most: TemplateLayout.byteCountMax)
    let lines = count(.code, TemplateLayout.instructionByteCount) * TemplateLayout.lineByteCount
    guard byteCount(.lines) == lines else {
      throw .tableByteCountWrong(
        table: UInt8(TemplateTable.lines.rawValue), found: UInt32(byteCount(.lines)), expected: UInt32(lines))
    }
    try expect(.constants, of: TemplateLayout.constantByteCount, most: TemplateLayout.constantsMax)
  }
}
