// SPDX-License-Identifier: Apache-2.0
// Writes small GGUF files for tests: well-formed by default, with every field open to being made wrong.
import ModelFiles

/// A GGUF file in the making.
package struct GGUFBuilder {
  package indirect enum Value {
    case uint8(UInt8), int8(Int8), uint16(UInt16), int16(Int16), uint32(UInt32), int32(Int32)
    case uint64(UInt64), int64(Int64), float32(Float), float64(Double), bool(Bool)
    case string(String), bytes([UInt8])
    case array(GGUFValueType, [Value])

    package var type: GGUFValueType {
      switch self {
      case .uint8: .uint8
      case .int8: .int8
      case .uint16: .uint16
      case .int16: .int16
      case .uint32: .uint32
      case .int32: .int32
      case .uint64: .uint64
      case .int64: .int64
      case .float32: .float32
      case .float64: .float64
      case .bool: .bool
      case .string, .bytes: .string
      case .array: .array
      }
    }
  }

  package struct Tensor {
    package var name: [UInt8]
    /// In the file's order, fastest first.
    package var dimensions: [UInt64]
    package var typeNumber: UInt32
    package var data: [UInt8]
    /// Replaces the offset that the writer would choose.
    package var offset: UInt64?
    /// Replaces the number of dimensions.
    package var dimensionCount: UInt32?

    package init(
      _ name: String, _ dimensions: [UInt64], _ type: ElementType = .F32, data: [UInt8]? = nil, offset: UInt64? = nil
    ) {
      self.name = Array(name.utf8)
      self.dimensions = dimensions
      typeNumber = type.ggufNumber!
      let elementCount = dimensions.reduce(1 as UInt64) { $0.multipliedReportingOverflow(by: $1).partialValue }
      let byteCount = elementCount < 1 << 20 ? type.byteCount(elementCount: Int(elementCount)) ?? 0 : 0
      self.data = data ?? (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 37) }
      self.offset = offset
    }
  }

  package var magic = GGUFFile.magic
  package var version: UInt32 = 3
  package var metadata: [(key: [UInt8], value: Value)] = []
  package var tensors: [Tensor] = []
  package var alignment = 32
  /// Replace the counts of the header.
  package var tensorCount: UInt64?
  package var metadataCount: UInt64?
  /// Cuts the file.
  package var byteCount: Int?

  package init() {}

  package mutating func add(_ key: String, _ value: Value) { metadata.append((Array(key.utf8), value)) }

  package func build() -> [UInt8] {
    var bytes = magic
    bytes.put(version)
    bytes.put(tensorCount ?? UInt64(tensors.count))
    bytes.put(metadataCount ?? UInt64(metadata.count))
    for (key, value) in metadata {
      bytes.putString(key)
      bytes.put(value.type.rawValue)
      bytes.put(value)
    }
    var data: [UInt8] = []
    for tensor in tensors {
      data.pad(to: alignment)
      bytes.putString(tensor.name)
      bytes.put(tensor.dimensionCount ?? UInt32(tensor.dimensions.count))
      for size in tensor.dimensions { bytes.put(size) }
      bytes.put(tensor.typeNumber)
      bytes.put(tensor.offset ?? UInt64(data.count))
      data += tensor.data
    }
    if !tensors.isEmpty { bytes.pad(to: alignment) }
    bytes += data
    if let byteCount { bytes.removeLast(bytes.count - byteCount) }
    return bytes
  }

  /// A file with every value type and some tensors, as a valid one to depart from.
  package static func sample() -> GGUFBuilder {
    var builder = GGUFBuilder()
    builder.add("general.architecture", .string("llama"))
    builder.add("llama.block_count", .uint32(2))
    builder.add("test.uint8", .uint8(200))
    builder.add("test.int8", .int8(-3))
    builder.add("test.uint16", .uint16(60_000))
    builder.add("test.int16", .int16(-300))
    builder.add("test.int32", .int32(-70_000))
    builder.add("test.uint64", .uint64(1 << 63))
    builder.add("test.int64", .int64(-1 << 40))
    builder.add("test.float32", .float32(0.5))
    builder.add("test.float64", .float64(1e300))
    builder.add("test.bool", .bool(true))
    builder.add("test.bytes", .bytes([0xFF, 0, 0xC3]))
    builder.add("tokens", .array(.string, [.string("a"), .string(""), .bytes([0xF0, 0x9F]), .string("▁word")]))
    builder.add("scores", .array(.float32, [.float32(-1), .float32(0.25), .float32(7)]))
    builder.add("types", .array(.int32, [.int32(1), .int32(-6), .int32(3)]))
    builder.add("empty", .array(.uint8, []))
    builder.add(
      "nested",
      .array(.array, [.array(.uint16, [.uint16(1), .uint16(2)]), .array(.string, [.string("x")]), .array(.bool, [])]))
    builder.tensors = [
      Tensor("token_embd.weight", [8, 4]), Tensor("blk.0.attn_q.weight", [64, 3], .Q4_0),
      Tensor("scalar", [1], .F16), Tensor("blk.0.ffn.weight", [256, 2, 2], .Q6_K), Tensor("output_norm", [5], .BF16),
    ]
    return builder
  }
}

extension [UInt8] {
  package mutating func put<T: FixedWidthInteger>(_ value: T) {
    self += Swift.withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }

  package mutating func putString(_ text: [UInt8]) {
    put(UInt64(text.count))
    self += text
  }

  package mutating func pad(to alignment: Int) {
    self += [UInt8](repeating: 0, count: (alignment - count % alignment) % alignment)
  }

  package mutating func put(_ value: GGUFBuilder.Value) {
    switch value {
    case .uint8(let value): put(value)
    case .int8(let value): put(value)
    case .uint16(let value): put(value)
    case .int16(let value): put(value)
    case .uint32(let value): put(value)
    case .int32(let value): put(value)
    case .uint64(let value): put(value)
    case .int64(let value): put(value)
    case .float32(let value): put(value.bitPattern)
    case .float64(let value): put(value.bitPattern)
    case .bool(let value): put(UInt8(value ? 1 : 0))
    case .string(let value): putString(Array(value.utf8))
    case .bytes(let value): putString(value)
    case .array(let type, let values):
      put(type.rawValue)
      put(UInt64(values.count))
      for value in values { put(value) }
    }
  }
}
