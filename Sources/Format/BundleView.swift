// SPDX-License-Identifier: Apache-2.0
// The only door to a mapped bundle: every byte of structure is checked once, then read in place. specs/bundle.md §7.

/// A mapped bundle whose structure has been proven: offsets, sizes, tables. Digests of contents are for
/// `verify`; the program is for `Program(checking:)`, the tokenizer for `TokenizerView(checking:)`.
public struct BundleView {
  public let head: BundleHead
  public let tensorCount: Int
  /// Bytes of the names section that the tensors' names take; the names of the values follow (specs/program.md).
  public let tensorNamesByteCount: Int
  private let file: UnsafeRawBufferPointer
  private let tensorTable: UnsafeRawBufferPointer

  /// Checks rules B-01 to B-31 of a whole file. The mapping must outlive the value and must not change; for kernels it
  /// starts at a page boundary.
  public init(checking file: UnsafeRawBufferPointer, blake2b: Blake2b256) throws(BundleError) {
    head = try BundleHead(checking: file, blake2b: blake2b, fileByteCount: UInt64(file.count))
    self.file = file
    try BundleView.checkPadding(file, head)
    guard head.isMappable else { throw .compressed }  // B-20
    try checkManifest(BundleView.bytes(of: .manifest, file, head))
    tensorTable = BundleView.bytes(of: .tensors, file, head)
    tensorCount = tensorTable.count / Tensor.byteCount
    tensorNamesByteCount = try BundleView.checkTensors(
      tensorTable, names: BundleView.bytes(of: .names, file, head),
      weights: BundleView.bytes(of: .weights, file, head))
    if head.section(.values) == nil, let names = head.section(.names) {  // B-30
      guard names.byteCount == UInt64(tensorNamesByteCount) else {
        throw .sectionNotCovered(
          kind: names.kind.rawValue, found: names.byteCount, expected: UInt64(tensorNamesByteCount))
      }
    }
    try checkLicence(BundleView.bytes(of: .licence, file, head))
  }

  /// The bytes of a section; empty when the bundle has none of that kind.
  public func bytes(of kind: SectionKind) -> UnsafeRawBufferPointer { BundleView.bytes(of: kind, file, head) }

  /// Tensor `index`, below `tensorCount`.
  public func tensor(_ index: Int) -> Tensor { Tensor(trusted: tensorTable, index: index) }

  /// The bytes of a tensor, 64-byte aligned.
  public func bytes(of tensor: Tensor) -> UnsafeRawBufferPointer {
    bytes(of: .weights).part(Int(tensor.offset), Int(tensor.byteCount))
  }

  /// A name that a checked record points to.
  public func name(_ offset: UInt32, _ byteCount: UInt32) -> UnsafeRawBufferPointer {
    bytes(of: .names).part(Int(offset), Int(byteCount))
  }

  private static func bytes(
    of kind: SectionKind, _ file: UnsafeRawBufferPointer, _ head: BundleHead
  ) -> UnsafeRawBufferPointer {
    guard let section = head.section(kind) else { return file.part(0, 0) }
    return file.part(Int(section.offset), Int(section.byteCount))
  }

  /// B-19: what lies between sections is zero.
  private static func checkPadding(_ file: UnsafeRawBufferPointer, _ head: BundleHead) throws(BundleError) {
    var end = Header.headByteCount(sectionCount: head.sectionCount)
    for i in 0..<head.sectionCount {
      let section = head.section(i)
      let start = Int(section.offset)
      guard file.part(end, start - end).isZero else { throw .paddingNotZero(offset: UInt64(end)) }
      end = start + Int(section.storedByteCount)
    }
  }

  /// B-22 to B-30: tensors lie in the weights section one after the other, each at the next line, and fill it; their
  /// names lie in the names section one after the other. Returns where the names end.
  private static func checkTensors(
    _ table: UnsafeRawBufferPointer, names: UnsafeRawBufferPointer, weights: UnsafeRawBufferPointer
  ) throws(BundleError) -> Int {
    let limit = UInt64(weights.count)
    var end: UInt64 = 0
    var namesEnd: UInt64 = 0
    for i in 0..<(table.count / Tensor.byteCount) {
      let start = (end + 63) / 64 * 64
      let tensor = try Tensor(checking: table, index: i, expectedOffset: start)
      try checkName(
        names, offset: tensor.nameOffset, byteCount: tensor.nameByteCount, expectedOffset: namesEnd, record: UInt32(i))
      namesEnd += UInt64(tensor.nameByteCount)
      let padding = Int(start - end)
      let paddingStart = Int(end)
      end = start + tensor.byteCount  // far below 2^63: the end before this one is inside the file
      guard end <= limit else { throw .tensorOutOfBounds(index: UInt32(i), end: end, limit: limit) }  // B-28
      guard weights.part(paddingStart, padding).isZero else { throw .tensorPaddingNotZero(index: UInt32(i)) }  // B-29
    }
    guard end == limit else {  // B-30
      throw .sectionNotCovered(kind: SectionKind.weights.rawValue, found: limit, expected: end)
    }
    return Int(namesEnd)
  }
}
