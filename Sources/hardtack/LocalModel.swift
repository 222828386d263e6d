// SPDX-License-Identifier: Apache-2.0
// A bundle opened on the workstation for verbs that the board does not have.
import Board
import CKernels
import CSystem
import Format
import Foundation
import ModelFiles
import Ops
import Runtime
import Storage
import Text

/// A mapped bundle with its program, and the tokenizer when it has one. The mapping lives until the process ends.
struct LocalModel {
  let path: String
  let program: Program
  let tokenizer: TokenizerView?

  init(path: String) throws {
    self.path = path
    let code = checkBundle(program: "hardtack", path: path)
    if code != 0 { exit(code) }  // which has been explained
    var base: UnsafeRawPointer?
    var byteCount = 0
    do {
      let errno = sys_map_file(path, &base, &byteCount)
      guard errno == 0 else { throw ModelProblem(String(cString: strerror(errno)), code: 5) }
      let view = try BundleView(
        checking: UnsafeRawBufferPointer(start: base, count: byteCount), blake2b: blake2b256)
      program = try Program(checking: view)
      tokenizer = view.head.section(.tokenizer) == nil ? nil : try TokenizerView(checking: view.bytes(of: .tokenizer))
    } catch {
      throw ModelProblem("\(quoted(path)) has changed while it was read: \(error)", code: 5)
    }
  }

  /// The ids of a text, with what the tokenizer puts before it.
  func encode(_ text: UnsafeRawBufferPointer, addSpecial: Bool) throws -> [UInt32] {
    guard let tokenizer else { throw ModelProblem("\(quoted(path)) has no tokenizer", code: 3) }
    let scratch = UnsafeMutableRawBufferPointer.allocate(
      byteCount: tokenizer.encodeScratchByteCount(textByteCount: text.count), alignment: 64)
    defer { scratch.deallocate() }
    var ids = [UInt32](repeating: 0, count: tokenizer.tokenCountMax(textByteCount: text.count))
    do {
      let count = try ids.withUnsafeMutableBufferPointer {
        try tokenizer.encode(
          text, options: EncodeOptions(addSpecial: addSpecial, parseSpecial: false), scratch: scratch, into: $0)
      }
      return Array(ids[0..<count])
    } catch TokenizerError.textNotUTF8(let offset) {
      throw ModelProblem("the text is not UTF-8 at byte \(offset)", code: 3)
    } catch { throw ModelProblem("the text cannot be encoded: \(error)", code: 3) }
  }

  func session(_ options: PlanOptions, isa: String?) throws -> Session {
    var name = isa ?? ""
    let table = name.withUTF8 { kernelTable(named: isa == nil ? nil : UnsafeRawBufferPointer($0)) }
    guard let kernels = table else {
      throw ModelProblem("this processor has no kernels named \(quoted(isa ?? "best"))", code: 4)
    }
    do {
      let plan = try Plan(program, options)
      let arena = mmap(nil, plan.byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
      guard let arena, arena != MAP_FAILED else { throw ModelProblem("no memory for the arena", code: 4) }
      return try Session(
        program, plan, kernels: kernels, arena: UnsafeMutableRawBufferPointer(start: arena, count: plan.byteCount))
    } catch let error as PlanError { throw ModelProblem("there is no such plan: \(error)", code: 4) }
  }
}

/// A problem in prose with its exit code.
struct ModelProblem: Explained {
  let message: String
  let hint: String?
  let code: Int32

  init(_ message: String, code: Int32, hint: String? = nil) {
    self.message = message
    self.code = code
    self.hint = hint
  }
}
