// SPDX-License-Identifier: Apache-2.0
// A bundle in memory, opened; sessions over it in arenas of their own.
import CKernels
import CSystem
import Format
import Foundation
import Ops
import Runtime
import Storage

/// Bytes of a bundle at an aligned place, with what the doors gave. The bytes are never freed: views and programs that
/// lead into them are handed about freely here.
package final class OpenBundle: @unchecked Sendable {
  package let bytes: [UInt8]
  private let memory: FencedMemory
  package let view: BundleView
  package let program: Program

  package init(_ bytes: [UInt8]) throws {
    self.bytes = bytes
    memory = FencedMemory(byteCountMax: bytes.count)
    _ = Unmanaged.passRetained(memory)
    view = try BundleView(checking: memory.place(bytes, atEnd: true), blake2b: blake2b256)
    program = try Program(checking: view)
  }

  package convenience init(path: String) throws {
    try self.init([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
  }

  package func name(_ tensor: Tensor) -> String {
    String(decoding: view.name(tensor.nameOffset, tensor.nameByteCount), as: UTF8.self)
  }

  package func tensor(named name: String) -> Tensor? {
    (0..<view.tensorCount).map { view.tensor($0) }.first { self.name($0) == name }
  }

  package func options(
    context: Int = 64, chunk: Int = 16, outputs: Int = 1, kv: ht_kv = HT_KV_F16, threads: Int = 1
  ) -> PlanOptions {
    PlanOptions(context: context, chunk: chunk, outputs: outputs, kv: kv, threads: threads)
  }

  /// Runs `body` with a session in an arena that ends at a forbidden page.
  package func withSession<Result>(
    _ options: PlanOptions, isa: ht_isa? = nil, _ body: (inout Session) throws -> Result
  ) throws -> Result {
    let plan = try Plan(program, options)
    let arena = FencedMemory(byteCountMax: plan.byteCount)
    let kernels = ht_kernels_of(isa ?? availableISAs.last!)!
    return try withExtendedLifetime(arena) {  // the session ends inside
      var session = try Session(program, plan, kernels: kernels, arena: arena.room(plan.byteCount, atEnd: true))
      return try body(&session)
    }
  }

  /// Logits of all rows of `ids`.
  package func logits(_ ids: [UInt32], _ options: PlanOptions, isa: ht_isa? = nil) throws -> [[Float]] {
    try withSession(options, isa: isa) { try $0.logits(ids) }
  }
}

extension Session {
  /// Feeds `ids` and returns the logits of each.
  package mutating func logits(_ ids: [UInt32]) throws -> [[Float]] {
    var rows: [[Float]] = []
    try ids.withUnsafeBufferPointer { try feed($0, firstOutput: 0) { rows.append(Array($1)) } }
    return rows
  }
}

/// Instruction sets that this processor runs, scalar first.
package let availableISAs: [ht_isa] = (0..<UInt32(HT_ISA_COUNT.rawValue)).map { ht_isa(rawValue: $0) }
  .filter { ht_kernels_of($0) != nil && ht_isa_available($0, sys_auxiliary(16)) }

package func isaName(_ isa: ht_isa) -> String { String(cString: ht_isa_name(isa)) }

/// Ids spread over a vocabulary.
package func spreadIDs(_ count: Int, vocab: Int, seed: UInt64 = 1) -> [UInt32] {
  var random = Seeded(seed)
  return (0..<count).map { _ in UInt32(random.below(vocab)) }
}
