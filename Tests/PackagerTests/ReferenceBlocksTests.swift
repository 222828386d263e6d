// SPDX-License-Identifier: Apache-2.0
// Blocks of every type with the values that ggml gives them: packed as an embedding table, and read by the board's own
// dequantizer. The data is not part of the repository.
import CKernels
import Format
import Foundation
import ModelFileBuilders
import ModelFiles
import Packager
import Testing
import TestBundles

@Suite("Reference blocks")
struct ReferenceBlocksTests {
  static let folder: String = {
    if let path = ProcessInfo.processInfo.environment["HARDTACK_REFERENCE"], !path.isEmpty { return path }
    return root.deletingLastPathComponent().appendingPathComponent("shared/reference").path
  }()
  static let types = ElementType.allCases.filter {
    $0.isDequantizable && FileManager.default.fileExists(atPath: "\(folder)/quant/\($0.name).safetensors")
  }

  @Test(
    "are what they were in the table of a packed model, to the bit",
    .enabled(if: !types.isEmpty, "reference data absent: set HARDTACK_REFERENCE to its folder"), arguments: types)
  func packedBlocks(type: ElementType) throws {
    let file = try SafetensorsFile(path: "\(Self.folder)/quant/\(type.name).safetensors")
    let raw = try file.bytes(of: try #require(file.tensor(named: "raw")))
    let expected = try file.bytes(of: try #require(file.tensor(named: "values"))).withUnsafeBytes {
      Array($0.bindMemory(to: UInt32.self))
    }
    var model = type.elementsPerBlock == 256 ? TinyLlama.superBlocks : TinyLlama.blocks
    model.vocab = expected.count / model.hidden
    try #require(model.vocab * model.hidden == expected.count)
    let folder = try TemporaryFolder()
    let gguf = model.gguf(type: type) { builder in
      let index = builder.tensors.firstIndex { $0.name == Array("token_embd.weight".utf8) }!
      builder.tensors[index].data = raw
    }
    let bundle = try OpenBundle(try packed(folder.write("model.gguf", gguf)).bytes)
    let table = try #require(bundle.tensor(named: "token_embd.weight"))
    #expect(table.rows == model.vocab && table.columns == model.hidden)
    #expect(table.format.name.description == type.name.lowercased())
    let base = bundle.view.bytes(of: table).baseAddress!.assumingMemoryBound(to: UInt8.self)
    var row = [Float](repeating: 0, count: model.hidden)
    for index in 0..<model.vocab {
      ht_dequantize_row(ht_format(rawValue: UInt32(table.format.rawValue)), base, index, model.hidden, &row)
      let wanted = expected[index * model.hidden..<(index + 1) * model.hidden]
      #expect(row.map(\.bitPattern) == Array(wanted), "row \(index)")
    }
  }

  @Test(
    "types without a format are refused by name, with what to do", arguments: [ElementType.IQ2_XXS, .TQ1_0, .NVFP4])
  func refused(type: ElementType) throws {
    var model = TinyLlama.superBlocks
    model.vocab = 64
    let folder = try TemporaryFolder()
    let path = folder.write("model.gguf", model.gguf(type: type))
    for choice in [WeightChoice.keep, .q8] {
      #expect {
        _ = try packed(path, weights: choice, requantize: choice == .q8)
      } throws: { error in
        guard let refusal = error as? PackError, case .unsupportedType(_, type.name) = refusal else { return false }
        return refusal.message.contains(type.name) && refusal.hint?.contains("--requantize") == true
      }
    }
  }

  @Test(
    "every type that can be read is requantized when it is asked for",
    arguments: ElementType.allCases.filter { $0.isDequantizable && $0.elementsPerBlock > 1 })
  func requantized(type: ElementType) throws {
    let folder = try TemporaryFolder()
    let model = type.elementsPerBlock == 256 ? TinyLlama.superBlocks : TinyLlama.blocks
    let path = folder.write("model.gguf", model.gguf(type: type))
    let report = try packed(path, weights: .q8, requantize: true).report
    #expect(report.tensorErrors.isEmpty == (type == .Q8_0))
    #expect(report.tensorErrors.allSatisfy { $0.format == .q8_0 && $0.relativeError < 0.02 })
  }
}
