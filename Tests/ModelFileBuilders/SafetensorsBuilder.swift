// SPDX-License-Identifier: Apache-2.0
// Writes small safetensors files for tests, from a header given as text or from a list of tensors.
import ModelFiles

/// A safetensors file in the making.
package struct SafetensorsBuilder {
  /// One tensor: its place is chosen by the builder.
  package struct Tensor {
    package var name: String
    package var type: ElementType
    package var shape: [Int]
    package var data: [UInt8]

    package init(_ name: String, _ type: ElementType, _ shape: [Int]) {
      self.name = name
      self.type = type
      self.shape = shape
      let byteCount = type.byteCount(elementCount: shape.reduce(1, *))!
      data = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 53 &+ 1) }
    }
  }

  /// A file of this header text, a number of data bytes, and a header length that may lie.
  package static func file(header: String, dataByteCount: Int = 0, headerByteCount: UInt64? = nil) -> [UInt8] {
    file(header: Array(header.utf8), data: (0..<dataByteCount).map { UInt8(truncatingIfNeeded: $0) }, headerByteCount)
  }

  package static func file(header: [UInt8], data: [UInt8], _ headerByteCount: UInt64? = nil) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.put(headerByteCount ?? UInt64(header.count))
    return bytes + header + data
  }

  package static func file(_ tensors: [Tensor], metadata: [(String, String)] = []) -> [UInt8] {
    var members: [String] = []
    var data: [UInt8] = []
    if !metadata.isEmpty {
      members.append("\"__metadata__\":{" + metadata.map { "\"\($0)\":\"\($1)\"" }.joined(separator: ",") + "}")
    }
    for tensor in tensors {
      let end = data.count + tensor.data.count
      members.append(
        "\"\(tensor.name)\":{\"dtype\":\"\(tensor.type.name)\",\"shape\":\(tensor.shape),"
          + "\"data_offsets\":[\(data.count),\(end)]}")
      data += tensor.data
    }
    var header = Array(("{" + members.joined(separator: ",") + "}").utf8)
    // Writers pad the header with spaces so that the data is aligned.
    header += [UInt8](repeating: 0x20, count: (8 - header.count % 8) % 8)
    return file(header: header, data: data)
  }

  package static func sample() -> [UInt8] {
    file(
      [
        Tensor("model.embed.weight", .F32, [6, 4]), Tensor("model.norm.weight", .BF16, [4]),
        Tensor("lm_head.weight", .F16, [6, 4]), Tensor("empty", .I64, [0, 3]), Tensor("scalar", .F64, []),
        Tensor("packed", .F4, [3, 4]), Tensor("odd \\u0041\\n name", .U8, [3]),
      ], metadata: [("format", "pt"), ("made by", "tests")])
  }
}
