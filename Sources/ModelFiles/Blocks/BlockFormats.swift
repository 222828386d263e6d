// SPDX-License-Identifier: Apache-2.0
// Every block format that can be turned into float32: one door, the reference that all packing is judged against.
// The formats themselves lie beside this file, one file a family, each with its layout drawn.

/// Turns stored blocks into float32, to the bit as ggml does: each product and sum rounded once, never fused.
public enum BlockFormats {
  /// Decodes whole blocks.
  ///
  /// - Parameters:
  ///   - blocks: a whole number of blocks of `type`, any alignment.
  ///   - values: `elementsPerBlock` floats a block.
  /// - Returns: false, with nothing written, where `type` is none that ``ElementType/isDequantizable`` says.
  @discardableResult
  public static func dequantize(
    _ type: ElementType, _ blocks: UnsafeRawBufferPointer, into values: UnsafeMutableBufferPointer<Float>
  ) -> Bool {
    guard let decode = decoder(of: type) else { return false }
    let blockCount = blocks.count / type.bytesPerBlock
    precondition(blocks.count % type.bytesPerBlock == 0, "not whole blocks")
    precondition(values.count >= blockCount * type.elementsPerBlock, "no room for the values")
    guard blockCount > 0, let source = blocks.baseAddress, let target = values.baseAddress else { return true }
    for block in 0..<blockCount {
      decode(source + block * type.bytesPerBlock, target + block * type.elementsPerBlock)
    }
    return true
  }

  private typealias Decoder = (UnsafeRawPointer, UnsafeMutablePointer<Float>) -> Void

  private static func decoder(of type: ElementType) -> Decoder? {
    switch type {
    case .F32: { $1.pointee = Float(bitPattern: loadUInt32($0)) }
    case .F16: { $1.pointee = float(half: loadUInt16($0)) }
    case .BF16: { $1.pointee = float(bfloat16: loadUInt16($0)) }
    case .Q4_0: BlockQ4_0.dequantize
    case .Q4_1: BlockQ4_1.dequantize
    case .Q5_0: BlockQ5_0.dequantize
    case .Q5_1: BlockQ5_1.dequantize
    case .Q8_0: BlockQ8_0.dequantize
    case .Q2_K: BlockQ2_K.dequantize
    case .Q3_K: BlockQ3_K.dequantize
    case .Q4_K: BlockQ4_K.dequantize
    case .Q5_K: BlockQ5_K.dequantize
    case .Q6_K: BlockQ6_K.dequantize
    case .IQ4_NL: BlockIQ4_NL.dequantize
    case .IQ4_XS: BlockIQ4_XS.dequantize
    case .MXFP4: BlockMXFP4.dequantize
    default: nil
    }
  }
}

/// The float32 of an IEEE half, exact for every pattern: subnormals stay numbers, NaNs keep their payload.
@inlinable
public func float(half bits: UInt16) -> Float {
  let sign = UInt32(bits & 0x8000) << 16
  let magnitude = UInt32(bits & 0x7FFF) << 13
  if magnitude >= 0x7C00 << 13 { return Float(bitPattern: sign | 0x7F80_0000 | magnitude & 0x007F_FFFF) }
  // The exponents' biases differ by 112: one multiplication moves them, and is exact for subnormals too.
  let value = Float(bitPattern: magnitude) * 0x1p112
  return Float(bitPattern: value.bitPattern | sign)
}

/// The float32 of a bfloat16: its upper half.
@inlinable
public func float(bfloat16 bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

@inline(__always)
func loadUInt16(_ pointer: UnsafeRawPointer, at offset: Int = 0) -> UInt16 {
  UInt16(littleEndian: pointer.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
}

@inline(__always)
func loadUInt32(_ pointer: UnsafeRawPointer, at offset: Int = 0) -> UInt32 {
  UInt32(littleEndian: pointer.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
}

@inline(__always)
func byte(_ pointer: UnsafeRawPointer, _ offset: Int) -> UInt8 {
  pointer.load(fromByteOffset: offset, as: UInt8.self)
}

/// Room for one block's quants on the stack.
@inline(__always)
func withQuants<Quant: BitwiseCopyable>(
  _ count: Int, of _: Quant.Type, _ body: (UnsafeMutablePointer<Quant>) -> Void
) {
  withUnsafeTemporaryAllocation(of: Quant.self, capacity: count) { body($0.baseAddress!) }
}
