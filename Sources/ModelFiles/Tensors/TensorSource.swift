// SPDX-License-Identifier: Apache-2.0
// What GGUF files, safetensors files and checkpoint folders have in common: named tensors, read row by row.

/// One tensor of a source, as its file describes it. Proven when the source was opened.
public struct TensorInfo: Sendable, Equatable {
  public var name: String
  /// Row-major, slowest dimension first: a matrix is `[rows, columns]`, a scalar `[]`. GGUF's own order is reversed.
  public var shape: [Int]
  public var type: ElementType
  /// Bytes of all elements.
  public var byteCount: Int
  /// From the start of the file that holds it.
  public var byteOffset: Int
  /// Position in the source's list.
  public var index: Int
  /// Which of the source's files holds it: 0 except in a sharded checkpoint.
  public var fileIndex: Int = 0

  public init(
    name: String, shape: [Int], type: ElementType, byteCount: Int, byteOffset: Int, index: Int, fileIndex: Int = 0
  ) {
    (self.name, self.shape, self.type, self.byteCount) = (name, shape, type, byteCount)
    (self.byteOffset, self.index, self.fileIndex) = (byteOffset, index, fileIndex)
  }

  /// Elements of one row: the last dimension, 1 for a scalar.
  public var rowElementCount: Int { shape.last ?? 1 }
  /// Product of all dimensions but the last.
  public var rowCount: Int { shape.dropLast().reduce(1, *) }
  public var elementCount: Int { shape.reduce(1, *) }
  /// Bytes of one row; 0 when the tensor has no elements.
  public var rowByteCount: Int { rowCount == 0 ? 0 : byteCount / rowCount }

  /// `F16 [512, 64]`, for messages.
  public var summary: String { "\(type.name) \(shape)" }
}

/// A model file, or several that are one model.
public protocol TensorSource: AnyObject, Sendable {
  /// The path that messages name.
  var path: String { get }
  var tensorCount: Int { get }
  /// The tensor at `index`, in the file's order. Decoded on each call.
  func tensor(at index: Int) -> TensorInfo
  /// The tensor of this name, compared by bytes.
  func tensor(named name: String) -> TensorInfo?
  /// The bytes of consecutive rows, exactly as they are stored. May be called from several threads at once.
  ///
  /// - Precondition: `tensor` is this source's; `rows` lies in it; `buffer` holds `rows.count · rowByteCount` bytes.
  func read(_ tensor: TensorInfo, rows: Range<Int>, into buffer: UnsafeMutableRawBufferPointer) throws(FileError)
}

extension TensorSource {
  /// All tensors in the file's order, decoded one at a time as they are asked for.
  public var tensors: TensorList { TensorList(source: self) }

  /// All bytes of a tensor.
  public func read(_ tensor: TensorInfo, into buffer: UnsafeMutableRawBufferPointer) throws(FileError) {
    try read(tensor, rows: 0..<tensor.rowCount, into: buffer)
  }

  /// All bytes of a tensor in an array: for small ones.
  public func bytes(of tensor: TensorInfo) throws(FileError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: tensor.byteCount)
    var failure: FileError?
    bytes.withUnsafeMutableBytes { buffer in
      do throws(FileError) { try read(tensor, into: buffer) } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }
}

extension TensorInfo {
  /// Where `rows` lie in the file. Traps on rows that the tensor does not have: the caller's mistake, not the file's.
  func byteRange(rows: Range<Int>) -> Range<Int> {
    precondition(rows.lowerBound >= 0 && rows.upperBound <= rowCount, "rows outside of the tensor")
    let start = byteOffset + rows.lowerBound * rowByteCount
    return start..<start + rows.count * rowByteCount
  }
}

/// The tensors of a source as a collection that stores nothing.
public struct TensorList: RandomAccessCollection, Sendable {
  let source: any TensorSource
  public var startIndex: Int { 0 }
  public var endIndex: Int { source.tensorCount }
  public subscript(index: Int) -> TensorInfo { source.tensor(at: index) }
}
