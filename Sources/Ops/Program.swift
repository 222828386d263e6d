// SPDX-License-Identifier: Apache-2.0
// A proven program, read in place. `init(checking:)` is the only door; ProgramCheck.swift has the rules.
import Format

/// What can be called. `step` and `encode` run tokens; the others read their results.
public enum EntryKind: UInt32, Sendable {
  case step = 1
  case logits = 2
  case encode = 3
  case tokenLogits = 4
  case sequenceLogits = 5
  case poolerOutput = 6
  case embedding = 7
  case maskLogits = 8

  /// Of the values that it defines.
  public var rows: Value.Rows {
    switch self {
    case .step, .encode, .tokenLogits: .token
    case .logits, .sequenceLogits, .poolerOutput, .embedding, .maskLogits: .output
    }
  }

  /// The entry whose result it reads; nil for those that run tokens.
  public var source: EntryKind? {
    switch self {
    case .step, .encode: nil
    case .logits: .step
    case .tokenLogits, .sequenceLogits, .poolerOutput, .embedding, .maskLogits: .encode
    }
  }
}

/// A contiguous run of ops. 16 bytes on disk.
public struct Entry: Sendable {
  public static let byteCount = 16
  public var kind: EntryKind
  public var firstOp: Int
  public var opCount: Int
  /// Index of the value that the entry gives.
  public var result: UInt32

  public init(kind: EntryKind, firstOp: Int, opCount: Int, result: UInt32) {
    self.kind = kind
    self.firstOp = firstOp
    self.opCount = opCount
    self.result = result
  }
}

/// The shape of one layer's keys and values. 16 bytes on disk.
public struct KVLayer: Sendable {
  public static let byteCount = 16

  /// Whose keys and values a layer holds, and so what a query sees.
  public enum Span: UInt32, Sendable {
    /// The sequence that `step` makes longer: a query sees what is not after it.
    case sequence = 0
    /// A call of `encode`: a query sees all of its own sequence. Every layer of an encoder writes it anew.
    case call = 1
    /// The source that `encode` has read: queries of `step` see all of it.
    case source = 2
  }

  public var headCount: Int
  public var headDim: Int
  /// Positions that a query sees, itself included; 0: all.
  public var window: Int
  public var span: Span

  public init(headCount: Int, headDim: Int, window: Int, span: Span = .sequence) {
    self.headCount = headCount
    self.headDim = headDim
    self.window = window
    self.span = span
  }

  /// Reads a record that has been checked.
  init(trusted table: UnsafeRawBufferPointer, index: Int) {
    let at = index * KVLayer.byteCount
    headCount = Int(table.u32(at))
    headDim = Int(table.u32(at + 4))
    window = Int(table.u32(at + 8))
    span = Span(rawValue: table.u32(at + 12)) ?? .sequence
  }
}

/// A program whose rules (specs/program.md §6) have been proven against its bundle.
public struct Program {
  public static let headerByteCount = 64
  public let bundle: BundleView
  public let entryCount: Int
  public let kvLayerCount: Int
  public let opCount: Int
  /// The longest sequence, in tokens.
  public let contextMax: Int
  public let vocab: Int
  /// Bytes of the token area for each token of a chunk.
  public let tokenByteCount: Int
  /// Bytes of the output area for each output row.
  public let outputByteCount: Int
  /// Sequences of more tokens than this read rope's second tables; 0: there are none.
  public let ropeOriginalContext: Int
  public let valueCount: Int
  let section: UnsafeRawBufferPointer
  let valueTable: UnsafeRawBufferPointer
  /// The weights section: tensors are at their offsets from here.
  public let weights: UnsafeRawPointer

  public init(checking bundle: BundleView) throws(ProgramError) {
    self.bundle = bundle
    section = bundle.bytes(of: .program)
    valueTable = bundle.bytes(of: .values)
    guard section.count >= Program.headerByteCount else {
      throw .sectionByteCount(
        kind: SectionKind.program.rawValue, found: UInt64(section.count), expected: UInt64(Program.headerByteCount))
    }
    entryCount = Int(section.u32(0))
    kvLayerCount = Int(section.u32(4))
    opCount = Int(section.u32(8))
    contextMax = Int(section.u32(12))
    vocab = Int(section.u32(16))
    tokenByteCount = Int(section.u32(20))
    outputByteCount = Int(section.u32(24))
    ropeOriginalContext = Int(section.u32(28))
    valueCount = valueTable.count / Value.byteCount
    // A program without tensors has no weights; no op of it can name one.
    weights = bundle.bytes(of: .weights).baseAddress ?? UnsafeRawPointer(section.baseAddress!)
    try check()
  }

  var entriesAt: Int { Program.headerByteCount }
  var kvLayersAt: Int { entriesAt + entryCount * Entry.byteCount }
  var opsAt: Int { kvLayersAt + kvLayerCount * KVLayer.byteCount }

  public func entry(_ index: Int) -> Entry {
    let at = entriesAt + index * Entry.byteCount
    return Entry(
      kind: EntryKind(rawValue: section.u32(at)) ?? .step, firstOp: Int(section.u32(at + 4)),
      opCount: Int(section.u32(at + 8)), result: section.u32(at + 12))
  }

  /// The entry of that kind, if the program has it.
  public func entry(_ kind: EntryKind) -> Entry? {
    for index in 0..<entryCount where entry(index).kind == kind { return entry(index) }
    return nil
  }

  public func kvLayer(_ index: Int) -> KVLayer {
    KVLayer(trusted: kvLayerTable, index: index)
  }

  var kvLayerTable: UnsafeRawBufferPointer { section.part(kvLayersAt, kvLayerCount * KVLayer.byteCount) }

  @inline(__always) public func op(_ index: Int) -> OpRecord {
    OpRecord(bytes: section.baseAddress! + (opsAt + index * OpRecord.byteCount))
  }

  public func value(_ index: UInt32) -> Value { Value(trusted: valueTable, index: Int(index)) }

  public func tensor(_ index: UInt32) -> Tensor { bundle.tensor(Int(index)) }

  /// Scores of one query that attention keeps: those of the widest layer; in a ring the first and the last panel may be
  /// the same one.
  public func scoreCount(context: Int, chunk: Int) -> Int {
    var most = 16
    for index in 0..<kvLayerCount {
      let layer = kvLayer(index)
      let count = layer.positionCount(context: context, chunk: chunk)
      most = max(most, layer.span == .sequence ? min(count + 16, aligned(context, to: 16)) : count)
    }
    return most
  }

  /// Whether `encode` can be called.
  public var isEncoder: Bool { entry(.encode) != nil }

  /// The largest row of a token or output value, in bytes: what one thread's row scratch must hold.
  public var rowByteCountMax: Int {
    var most = 0
    for index in 0..<valueCount {
      let value = value(UInt32(index))
      most = max(most, aligned(value.columns * 4, to: 64))
    }
    return most
  }
}

/// One op record in place: 64 bytes. The fields from byte 12 on are the op's own.
public struct OpRecord {
  public static let byteCount = 64
  let bytes: UnsafeRawPointer

  @inline(__always) public var opcode: UInt16 { UInt16(littleEndian: bytes.loadUnaligned(as: UInt16.self)) }
  @inline(__always) public var input: UInt32 { u32(4) }
  @inline(__always) public var output: UInt32 { u32(8) }
  @inline(__always) public func u32(_ offset: Int) -> UInt32 {
    UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
  }
  @inline(__always) public func f32(_ offset: Int) -> Float { Float(bitPattern: u32(offset)) }
}
