// SPDX-License-Identifier: Apache-2.0
// The only door to a mapped bundle: every byte of structure is checked once, then read in place. specs/bundle.md §7.

/// A mapped bundle whose structure has been proven: offsets, sizes, tables. Digests of contents are for `verify`; the
/// program is for `Program(checking:)`, the tokenizer for `TokenizerView(checking:)`.
public struct BundleView {
  public let head: BundleHead
  public let tensorCount: Int
  private let file: UnsafeRawBufferPointer
  private let tensorTable: UnsafeRawBufferPointer

  /// Checks rules B-01 to B-26 of a whole file. The mapping must outlive the value and must not change.
  public init(checking file: UnsafeRawBufferPointer, blake2b: Blake2b256) throws(BundleError) {
    head = try BundleHead(checking: file, blake2b: blake2b)
    self.file = file
    guard head.header.fileByteCount == UInt64(file.count) else {  // B-08
      throw .fileByteCountDiffers(declared: head.header.fileByteCount, actual: UInt64(file.count))
    }
    guard head.isMappable else { throw .compressed }  // B-26
    try BundleView.checkPadding(file, head)
    try BundleView.checkPresence(head)
    let manifest = BundleView.bytes(of: .manifest, file, head)
    try checkManifest(manifest)
    tensorTable = BundleView.bytes(of: .tensors, file, head)
    guard tensorTable.count % Tensor.byteCount == 0, tensorTable.count / Tensor.byteCount <= Limits.tensorCountMax
    else {
      let expected = UInt64(tensorTable.count / Tensor.byteCount * Tensor.byteCount)
      throw .sectionByteCountWrong(
        kind: SectionKind.tensors.rawValue, found: UInt64(tensorTable.count), expected: expected)
    }
    tensorCount = tensorTable.count / Tensor.byteCount
    try BundleView.checkTensors(
      tensorTable, names: BundleView.bytes(of: .names, file, head),
      weightsByteCount: head.section(.weights)?.byteCount ?? 0)
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
    guard let section = head.section(kind) else { return UnsafeRawBufferPointer(rebasing: file[0..<0]) }
    return file.part(Int(section.offset), Int(section.byteCount))
  }

  /// B-16: what lies between sections is zero.
  private static func checkPadding(_ file: UnsafeRawBufferPointer, _ head: BundleHead) throws(BundleError) {
    var end = Header.headByteCount(sectionCount: head.sectionCount)
    for i in 0..<head.sectionCount {
      let section = head.section(i)
      let start = Int(section.offset)
      guard file.part(end, start - end).isZero else { throw .paddingNotZero(offset: UInt64(end)) }
      end = start + Int(section.storedByteCount)
    }
  }

  /// B-17 and B-18: what every bundle has, and page digest lists of the right length.
  private static func checkPresence(_ head: BundleHead) throws(BundleError) {
    guard head.section(.manifest) != nil else { throw .sectionMissing(kind: SectionKind.manifest.rawValue) }
    guard let lists = head.section(.pages) else { throw .sectionMissing(kind: SectionKind.pages.rawValue) }
    var pageCount: UInt64 = 0
    for i in 0..<head.sectionCount where head.section(i).kind != .pages { pageCount += head.section(i).pageCount }
    guard lists.byteCount == 32 * pageCount else {
      throw .sectionByteCountWrong(
        kind: SectionKind.pages.rawValue, found: lists.byteCount, expected: 32 * pageCount)
    }
  }

  /// B-18 and B-21 to B-25: tensors lie in the weights section one after the other, each at the next line.
  private static func checkTensors(
    _ table: UnsafeRawBufferPointer, names: UnsafeRawBufferPointer, weightsByteCount: UInt64
  ) throws(BundleError) {
    var end: UInt64 = 0
    for i in 0..<(table.count / Tensor.byteCount) {
      let start = (end + 63) / 64 * 64
      let tensor = try Tensor(checking: table, index: i, expectedOffset: start, names: names)
      end = start + tensor.byteCount
      guard end <= weightsByteCount else {
        throw .sectionByteCountWrong(
          kind: SectionKind.weights.rawValue, found: weightsByteCount, expected: end)
      }
    }
    guard end == weightsByteCount else {
      throw .sectionByteCountWrong(kind: SectionKind.weights.rawValue, found: weightsByteCount, expected: end)
    }
  }
}
