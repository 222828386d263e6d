// SPDX-License-Identifier: Apache-2.0
// A bundle as a Swift program has it: packed, opened, asked what it is. Start here; Generator.swift runs it.
import Board
import CKernels
import CSystem
import Format
import Foundation
import ModelFiles
import Ops
import Packager
import Runtime
import Storage
import Tasks
import Text

/// A bundle, mapped and proven. Its bytes stay mapped as long as it lives; generators keep it alive.
///
/// ```swift
/// try Model.pack("SmolLM2.gguf", to: "smollm2.tack")
/// let model = try Model(path: "smollm2.tack")
/// let generator = try Generator(model)
/// for try await piece in generator.complete("The capital of France is", .init(tokenCountMax: 16)) { print(piece) }
/// ```
public final class Model: @unchecked Sendable {
  /// How numbers of weights are kept by ``pack(_:to:weights:)``.
  public enum Weights: Sendable {
    /// Exactly what the source holds.
    case keep
    case f16, q8, q6, q4
  }

  public let path: String
  /// The longest sequence, in tokens.
  public let contextMax: Int
  /// Token ids are 0 ..< this.
  public let vocabularyCount: Int
  /// The first 8 digits of the bundle's identity.
  public let identity: String
  /// Whether ``Generator/answer(_:_:)`` can be asked.
  public var canChat: Bool { template != nil && tokenizer != nil }

  let program: Program
  let tokenizer: TokenizerView?
  let template: TemplateView?
  /// Empty where it was trained for none.
  let taskRecord: UnsafeRawBufferPointer
  let endIDs: Set<UInt32>
  private let base: UnsafeRawPointer
  private let byteCount: Int

  /// Opens the bundle at `path`. Every structure in it is checked here; the weights are not read.
  public init(path: String) throws {
    self.path = path
    var base: UnsafeRawPointer?
    var byteCount = 0
    let errno = sys_map_file(path, &base, &byteCount)
    guard errno == 0, let base else { throw HardtackError("cannot read \(path): \(String(cString: strerror(errno)))") }
    do {
      let file = UnsafeRawBufferPointer(start: base, count: byteCount)
      let view = try BundleView(checking: file, blake2b: blake2b256)
      guard view.head.section(.program) != nil else { throw HardtackError("\(path) has no program") }
      program = try Program(checking: view)
      tokenizer =
        view.head.section(.tokenizer) == nil ? nil : try TokenizerView(checking: view.bytes(of: .tokenizer))
      template = view.head.section(.template) == nil ? nil : try TemplateView(checking: view.bytes(of: .template))
      taskRecord = view.bytes(of: .labels)
      var ends = Set(tokenizer.map { Array($0.endTokens) } ?? [])
      if let list = Manifest(view).value("end_ids") {
        ends.formUnion(String(decoding: list, as: UTF8.self).split { !$0.isNumber }.compactMap { UInt32($0) })
      }
      endIDs = ends
      identity = withUnsafeBytes(of: view.head.identity) { $0.prefix(4).map { String(format: "%02x", $0) }.joined() }
    } catch let error as HardtackError {
      sys_unmap(base, byteCount)
      throw error
    } catch BundleError.compressed {
      sys_unmap(base, byteCount)
      throw HardtackError("\(path) is compressed for shipping", hint: "`hardtack expand` gives the form to run")
    } catch {
      sys_unmap(base, byteCount)
      throw HardtackError("\(path) is refused: \(error)")
    }
    self.base = base
    self.byteCount = byteCount
    contextMax = program.contextMax
    vocabularyCount = program.vocab
  }

  deinit { sys_unmap(base, byteCount) }

  /// Packs a GGUF file or a Hugging Face folder into a bundle, which gets its name when all of it is on disk and its
  /// own reader has accepted it. The same source and weights give the same bytes.
  ///
  /// - Returns: bytes of the bundle.
  @discardableResult
  public static func pack(_ source: String, to target: String, weights: Weights = .keep) throws -> UInt64 {
    var options = PackOptions()
    options.weights =
      switch weights {
      case .keep: .keep
      case .f16: .f16
      case .q8: .q8
      case .q6: .q6
      case .q4: .q4
      }
    options.threads = ProcessInfo.processInfo.activeProcessorCount
    do {
      return try Packager.pack(path: source, target: target, options: options, conformance: makeConformance)
        .fileByteCount
    } catch let error as any Explained { throw HardtackError(error) }
  }

  /// The ids of `text`. Special tokens that it spells out are plain text unless `parsesSpecial`.
  public func tokens(of text: String, addsSpecial: Bool = true, parsesSpecial: Bool = false) throws -> [UInt32] {
    let encoding = EncodeOptions(addSpecial: addsSpecial, parseSpecial: parsesSpecial)
    return try Array(text.utf8).withUnsafeBytes { try encode($0, encoding) }
  }

  func encode(_ text: UnsafeRawBufferPointer, _ options: EncodeOptions) throws -> [UInt32] {
    guard let tokenizer else { throw HardtackError("\(path) has no tokenizer") }
    let scratch = UnsafeMutableRawBufferPointer.allocate(
      byteCount: max(64, tokenizer.encodeScratchByteCount(textByteCount: text.count)), alignment: 64)
    defer { scratch.deallocate() }
    let countMax = tokenizer.tokenCountMax(textByteCount: text.count)
    do {
      return try [UInt32](unsafeUninitializedCapacity: countMax) { room, count in
        let ids = UnsafeMutableBufferPointer(start: room.baseAddress, count: countMax)
        count = try tokenizer.encode(text, options: options, scratch: scratch, into: ids)
      }
    } catch { throw HardtackError("the text cannot be encoded: \(error)") }
  }
}
